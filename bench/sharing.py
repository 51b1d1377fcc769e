"""A large plan shared with the LGA's adviser, as its approver's request does it, beside bare SQL for the same rows."""

from contextlib import contextmanager

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant, Person
from accounts.permissions import Role, Scope
from bench.filling import analyse, execute, region_of_councils
from bench.timing import Side, compare
from councils.models import Council
from improvement.models import PlannedAction, PlanVersion
from tests.plans import make_plan

ACTIONS, RECOMMENDATIONS, MEASURES = 120, 40, 30
MOST_SECONDS = 1

# Every row that a document is read from, and no more.
READ = (
    """SELECT * FROM improvement_planversion v JOIN improvement_plan p ON p.id = v.plan_id
        WHERE v.id = %(version)s FOR UPDATE""",
    """SELECT r.* FROM cases_recommendation r JOIN improvement_plan_recommendations c ON c.recommendation_id = r.id
        WHERE c.plan_id = %(plan)s ORDER BY r.number""",
    "SELECT * FROM improvement_plannedpriority WHERE version_id = %(version)s ORDER BY place",
    "SELECT * FROM improvement_plannedaction WHERE version_id = %(version)s ORDER BY priority_id, place",
    """SELECT s.* FROM improvement_plannedaction_recommendations s
        JOIN improvement_plannedaction a ON a.id = s.plannedaction_id WHERE a.version_id = %(version)s""",
    """SELECT s.* FROM improvement_plannedaction_measures s
        JOIN improvement_plannedaction a ON a.id = s.plannedaction_id WHERE a.version_id = %(version)s""",
    "SELECT * FROM improvement_plannedmeasure WHERE version_id = %(version)s ORDER BY place",
    "SELECT * FROM improvement_risk WHERE version_id = %(version)s ORDER BY place",
)
WRITE = """
WITH shared AS (
    UPDATE improvement_planversion SET standing = 'shared', revision = revision + 1 WHERE id = %(version)s
), taken AS (
    INSERT INTO improvement_snapshot (version_id, reason, reference, content, digest, taken_on, taken_by_id)
    VALUES (%(version)s, 'shared', %(reference)s, %(content)s::jsonb, %(digest)s, %(on)s, %(person)s) RETURNING id
), handed AS (
    INSERT INTO improvement_handover (snapshot_id, "to", "on", to_whom, their_reference, note, by_id, recorded_on)
    SELECT id, 'lga', %(on)s, '', '', '', %(person)s, %(on)s FROM taken
)
INSERT INTO history_event
    (kind, "on", by_id, council_code, case_reference, subject_kind, subject_id, source_id, data)
VALUES ('plan-shared', %(on)s, %(person)s, %(council)s, '', 'planversion', %(version)s, NULL, %(data)s::jsonb)
"""


def compare_all(*, small=False, repeat=None):
    """Return the comparison. Raises RuntimeError where sharing takes a second or more of the server's time."""
    on = timezone.localdate()
    version, client, person = fill(on)
    page = reverse("plan_share", args=[version.plan.reference, version.number])
    asked = {"revision": version.revision, "note": ""}
    known = _known(version, person, on, lambda: _post(client, page, asked))
    ours = Side("the request", lambda: _post(client, page, asked), around=_undone, outcome=_left_behind)
    other = Side("bare SQL", lambda: _by_hand(known), around=_undone, outcome=_left_behind)
    found = compare(
        f"Sharing a plan of {ACTIONS} actions and {RECOMMENDATIONS} recommendations, the whole request",
        ours,
        other,
        repeat=repeat or (2 if small else 30),
        note="Bare SQL reads every row of the plan and writes the snapshot, the handover and the event with content "
        "given to it ready made: it makes no document, checks nothing and asks nobody who may.",
    )
    if found.ours_took >= MOST_SECONDS:
        raise RuntimeError(f"Sharing took {found.ours_took:.2f} s, not under {MOST_SECONDS}")
    return [found]


def fill(on):
    """Make a large approved plan, and its approver. Return (version, their client, person)."""
    region_of_councils(1, on)
    council = Council.objects.get(la_code="B0001")
    person, _ = Person.objects.get_or_create(email="approver@example.org", name="Isolde Marsh")
    Grant.objects.create(
        person=person,
        role=Role.COUNCIL_APPROVER,
        scope=Scope.COUNCIL,
        council=council,
        from_on=on.replace(year=on.year - 1, day=1),
    )
    version = make_plan(
        council,
        priorities=7,
        actions=ACTIONS,
        recommendations=RECOMMENDATIONS,
        measures=MEASURES,
        standing=PlanVersion.Standing.APPROVED,
        on=on,
    )
    said = "Strengthen management oversight of assessments in the front door and in each locality. " * 4
    PlannedAction.objects.filter(version=version).update(text=said, success=said, resources=said[:120])
    client = Client()
    client.force_login(person)
    return version, client, person


@contextmanager
def _undone():
    """Run within a transaction that is taken back, on tables without dead rows."""
    analyse()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _post(client, page, asked):
    response = client.post(page, asked)
    if response.status_code != 302:
        raise RuntimeError(f"{page} answered {response.status_code}")


def _known(version, person, on, share):
    """Share once, and return what the statements by hand are given."""
    with _undone():
        share()
        ((reference, content, digest),) = execute(
            "SELECT reference, content::text, digest FROM improvement_snapshot"
        )
        ((data,),) = execute("SELECT data::text FROM history_event WHERE kind = 'plan-shared'")
    return {
        "version": version.pk,
        "plan": version.plan_id,
        "person": person.pk,
        "council": version.plan.council.la_code,
        "on": on,
        "reference": reference,
        "content": content,
        "digest": digest,
        "data": data,
    }


def _by_hand(known):
    with transaction.atomic():
        for statement in READ:
            execute(statement, **known)
        execute(WRITE, **known)


def _left_behind(_):
    """Return all that sharing wrote, but numbers and the time."""
    return {
        "version": execute("SELECT standing, revision FROM improvement_planversion"),
        "snapshots": execute(
            """SELECT version_id, reason, reference, content::text, digest, taken_on, taken_by_id
                 FROM improvement_snapshot"""
        ),
        "handovers": execute(
            """SELECT "to", "on", to_whom, their_reference, note, by_id, recorded_on FROM improvement_handover"""
        ),
        "events": execute(
            """SELECT kind, "on", by_id, council_code, case_reference, subject_kind, subject_id, source_id, data::text
                 FROM history_event"""
        ),
    }
