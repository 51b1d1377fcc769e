"""Many milestones in one region, and the list of them by hand: what the API's list and its CSV are held against."""

from pathlib import Path

from django.test import Client

from bench.filling import a_case_for_each_council, analyse, execute, principal_adviser, region_of_councils

BY_HAND = (Path(__file__).parent / "milestones.sql").read_text(encoding="utf-8")

# A fifth of them met, a fifth set by a rule, some stated by a letter, moved, paused or assigned.
_MILESTONES = """
INSERT INTO cases_milestone
    (council_id, case_id, rule_id, source_id, series_no, label, owes, force, started_on, started_by, start_assumed,
     computed_due, stated_due, stated_in, due_on, entered_on, to_confirm, met_on, closed_on, outcome, outcome_note,
     assignee_id, revision)
SELECT c.council_id, CASE WHEN n %% 4 > 0 THEN c.id END, r.id, s.id, 1 + n / 30,
       coalesce(r.label, 'Invented milestone ' || n), (ARRAY['council', 'dfe', 'ofsted', 'lga'])[1 + n %% 4],
       (ARRAY['statutory', 'instrument', 'agreed'])[1 + n %% 3], %(on)s::date - 300, 'report published', n %% 2 = 0,
       %(on)s::date - 200 + n %% 700, CASE WHEN n %% 6 = 0 THEN %(on)s::date - 190 + n %% 700 END,
       CASE WHEN n %% 6 = 0 THEN 'the direction' ELSE '' END,
       %(on)s::date - CASE WHEN n %% 6 = 0 THEN 190 ELSE 200 END + n %% 700, %(on)s::date - 300, false,
       CASE WHEN n %% 5 = 0 THEN %(on)s::date - 20 END, CASE WHEN n %% 5 = 0 THEN %(on)s::date - 20 END,
       CASE WHEN n %% 5 = 0 THEN 'met' ELSE '' END, CASE WHEN n %% 5 = 0 THEN 'Told by telephone' ELSE '' END,
       CASE WHEN n %% 9 = 0 THEN %(person)s::bigint END, 1 + n %% 3
  FROM generate_series(1, %(rows)s) AS n
  JOIN (SELECT id, council_id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_case
         WHERE council_id IN (SELECT council_id FROM councils_regionmembership
                               WHERE (region_id = %(region)s) = %(inside)s)) AS c
    ON c.place = n %% %(councils)s
  LEFT JOIN cases_clockrule r ON n %% 5 = 1 AND n %% 4 > 0 AND r.slug = 'progress-review'
  LEFT JOIN cases_source s ON s.council_id = c.council_id AND s.access = %(access)s AND n %% 3 = 0
 WHERE %(access)s = 'public' OR s.id IS NOT NULL
 ORDER BY n
"""
_SOURCES = """
INSERT INTO cases_source (council_id, kind, title, received_assumed, url, access, published_on)
SELECT id, 'inspection-report', 'Inspection', true, '', access, CASE access WHEN 'public' THEN %(on)s::date - 310 END
  FROM councils_council CROSS JOIN (VALUES ('public'), ('embargoed')) AS v (access)
 WHERE la_code LIKE 'B%%'
"""
_PAUSES = """
INSERT INTO cases_pause (milestone_id, from_on, reason)
SELECT id, %(on)s::date - 30, 'Inspectors are on site' FROM cases_milestone WHERE id %% 50 = 0 AND closed_on IS NULL
"""
INSIDE, OUTSIDE = 24, 6


def fill(rows, on):
    """Make so many milestones that the principal adviser of a region sees; return their client, signed in.

    Besides a tenth as many in another region, and a thirtieth under embargo, which the adviser must not get.
    """
    region = region_of_councils(INSIDE + OUTSIDE, on)
    execute(
        """
        UPDATE councils_regionmembership SET region_id = (SELECT id FROM councils_region WHERE slug = 'north-west')
         WHERE council_id IN (SELECT id FROM councils_council WHERE la_code > %(last)s AND la_code LIKE 'B%%')
        """,
        last=f"B{INSIDE:04}",
    )
    a_case_for_each_council(on)
    person = principal_adviser(region, on)
    execute(_SOURCES, on=on)
    shared = {"on": on, "region": region.pk, "person": person.pk}
    execute(_MILESTONES, rows=rows, inside=True, councils=INSIDE, access="public", **shared)
    execute(_MILESTONES, rows=rows // 10, inside=False, councils=OUTSIDE, access="public", **shared)
    execute(_MILESTONES, rows=rows // 10, inside=True, councils=INSIDE, access="embargoed", **shared)
    execute(_PAUSES, on=on)
    analyse()
    client = Client()
    client.force_login(person)
    return client


def by_hand(viewer):
    """Return what the list by hand asks of the viewer."""
    return {
        "on": viewer.today,
        "person": viewer.person_id,
        "regions": [grant.region_id for grant in viewer.grants],
    }
