"""What the benchmarks run on: invented councils, people, cases and milestones, made by set-based statements."""

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Grant, Person
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer
from councils.models import Region

# Emptied between benchmarks; the reference data stays.
TABLES = (
    "history_event", "cases_flag", "cases_pause", "cases_datechange", "cases_answer", "cases_milestone",
    "improvement_trigger", "improvement_decision", "improvement_appointment", "improvement_instrument",
    "improvement_intervention", "inspections_judgement", "inspections_inspection", "cases_allocation", "cases_case",
    "cases_source", "peer_reviews_peer",
)  # fmt: skip


def execute(sql, **given):
    """Run one statement and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given or None)
        return cursor.fetchall() if cursor.description else []


def prepare():
    """Make the tables and load the reference data, as a first start does."""
    from config.management.commands.load_reference import REFERENCE_STEPS, run

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    on = timezone.localdate()
    for _, path in REFERENCE_STEPS:
        run(path, by=Viewer.system(on), on=on)


def empty():
    """Take away what an earlier benchmark filled in."""
    execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
    execute("DELETE FROM accounts_grant")
    ours = "(SELECT id FROM councils_council WHERE la_code LIKE 'B%')"
    for table in ("regionmembership", "deliveryarrangement", "politicalcontrol", "neighbour"):
        execute(f"DELETE FROM councils_{table} WHERE council_id IN {ours}")
    execute("DELETE FROM councils_deliverybody WHERE slug LIKE 'bench-%'")
    execute(f"DELETE FROM councils_succession WHERE successor_id IN {ours}")
    execute("DELETE FROM councils_council WHERE la_code LIKE 'B%'")
    Region.objects.filter(slug="bench").delete()


def analyse():
    """Bring the planner's statistics in line and take away dead rows, as autovacuum would."""
    execute("VACUUM ANALYZE")


def region_of_councils(number, on):
    """Make a region with so many councils, its record begun two years ago. Return it."""
    region = Region.objects.create(
        slug="bench", name="Estuary", order=90, record_began_on=on.replace(year=on.year - 2, day=1)
    )
    execute(
        """
        INSERT INTO councils_council
            (la_code, slug, name, official_name, kind, demonstration, map_q, map_r)
        SELECT 'B' || lpad(n::text, 4, '0'), 'invented-' || n, 'Invented ' || lpad(n::text, 4, '0'),
               'Invented ' || lpad(n::text, 4, '0') || ' Council', 'unitary', false, n %% 6, n / 6
          FROM generate_series(1, %(number)s) AS n
        """,
        number=number,
    )
    execute(
        """
        INSERT INTO councils_regionmembership (council_id, region_id, scheme)
        SELECT id, %(region)s, 'lga' FROM councils_council WHERE la_code LIKE 'B%%'
        """,
        region=region.pk,
    )
    return region


def principal_adviser(region, on):
    """Return a person who leads the region for the LGA."""
    person, _ = Person.objects.get_or_create(email="estuary@example.org", name="Tamsin Heron")
    Grant.objects.create(
        person=person,
        role=Role.PRINCIPAL_ADVISER,
        scope=Scope.REGION,
        region=region,
        from_on=on.replace(year=on.year - 1, day=1),
    )
    return person


def a_case_for_each_council(on, *, every=1):
    """Open an intervention at every so many-th of the region's councils, a year ago."""
    execute(
        """
        INSERT INTO cases_case (kind, reference, council_id, standing, entered_on, revision)
        SELECT 'intervention', 'INT-' || %(year)s || '-' || right(la_code, 4), id, 'open',
               %(on)s::date - 365, 1
          FROM councils_council
         WHERE la_code LIKE 'B%%' AND right(la_code, 4)::int %% %(every)s = 0
        """,
        on=on,
        year=on.year - 1,
        every=every,
    )
