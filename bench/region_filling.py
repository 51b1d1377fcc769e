"""A region with a year of its record: inspections, interventions at every stage, milestones late, near and far."""

from django.test import Client

from bench.filling import a_case_for_each_council, analyse, execute, principal_adviser, region_of_councils

COUNCILS = 24


def fill(on):
    """Make the region with its record and return the client of its principal adviser, signed in.

    Of its 24 councils six are in intervention, each at another stage, with eight milestones each; the others have
    the window of their next inspection and one offer of the LGA's.
    """
    region = region_of_councils(COUNCILS, on)
    a_case_for_each_council(on, every=4)
    for statement in _STATEMENTS:
        execute(statement, on=on)
    person = principal_adviser(region, on)
    execute(_ALLOCATIONS, on=on, person=person.pk)
    analyse()
    client = Client()
    client.force_login(person)
    return client


# Of a council with number n in its code: the last by ILACS, every eighth by the framework without an overall
# grade; before it one by ILACS and one by SIF.
_INSPECTIONS = """
INSERT INTO inspections_inspection
    (kind, area, inspected_on, published_on, known_on, begun_on, council_id, framework_id)
SELECT 'standard', '', begun, begun + 45, begun + 45, begun, c.id, f.id
  FROM (SELECT id, right(la_code, 4)::int AS n FROM councils_council WHERE la_code LIKE 'B%%') AS c
 CROSS JOIN (VALUES ('ilacs-2023', 0), ('ilacs-2018', 1300), ('sif', 2900)) AS v (framework, earlier)
  JOIN inspections_framework f
    ON f.slug = CASE WHEN n %% 8 = 3 AND earlier = 0 THEN 'ilacs-2026' ELSE framework END
 CROSS JOIN LATERAL (SELECT %(on)s::date - earlier - CASE WHEN n %% 4 = 0 THEN 420 ELSE 60 + n * 37 END AS begun) AS d
"""
_JUDGEMENTS = """
INSERT INTO inspections_judgement (inspection_id, area_id, grade, word, restated)
SELECT i.id, a.id, g.grade, initcap(replace(g.grade, '-', ' ')), false
  FROM inspections_inspection i
  JOIN councils_council c ON c.id = i.council_id
  JOIN inspections_framework f ON f.id = i.framework_id
  JOIN inspections_judgementarea a ON a.framework_id = i.framework_id
 CROSS JOIN LATERAL (
    SELECT CASE WHEN right(c.la_code, 4)::int %% 4 = 0 AND i.begun_on > %(on)s::date - 900
                     AND a."order" < 3 OR f.slug = 'ilacs-2026' AND right(c.la_code, 4)::int = 11 AND a."order" = 2
                THEN 'inadequate'
                ELSE (ARRAY['good', 'requires-improvement', 'good', 'outstanding'])[
                        1 + (right(c.la_code, 4)::int + a."order" * (a."order" / 4)) %% 4] END AS grade
 ) AS g
"""
_INTERVENTIONS = """
WITH cases AS (
    INSERT INTO improvement_intervention (case_id, opened_from, began_on, recorded_on)
    SELECT id, 'judgement', entered_on - 10, entered_on FROM cases_case RETURNING case_id, began_on
)
INSERT INTO improvement_trigger (case_id, inspection_id, "on")
SELECT cases.case_id, i.id, began_on
  FROM cases JOIN cases_case c ON c.id = cases.case_id
  JOIN LATERAL (SELECT id FROM inspections_inspection WHERE council_id = c.council_id
                 ORDER BY known_on DESC LIMIT 1) AS i ON true
"""
# Cases by number: 1 plan due, 2 plan sent, 3 insufficient progress, 4 a commissioner, 5 stepped down, 6 reviews.
_RECORD = """
WITH numbered AS (
    SELECT id AS case_id, council_id, row_number() OVER (ORDER BY reference) AS number FROM cases_case
), decisions AS (
    INSERT INTO improvement_decision
        (case_id, council_id, strand, partial, detail, source_text, recorded_on, kind, "on", precision)
    SELECT case_id, council_id, 'social-care', false, '', '', %(on)s, kind, %(on)s::date - ago, 'day'
      FROM numbered JOIN (VALUES (3, 'plan-accepted', 230), (3, 'insufficient', 40), (4, 'plan-accepted', 240),
                                 (5, 'plan-accepted', 250), (5, 'sufficient', 120), (6, 'plan-accepted', 220),
                                 (6, 'sufficient', 60)) AS v (number, kind, ago) USING (number)
), appointments AS (
    INSERT INTO improvement_appointment
        (case_id, council_id, strand, partial, detail, source_text, recorded_on, role, from_on, from_precision)
    SELECT case_id, council_id, 'social-care', false, '', '', %(on)s, role, %(on)s::date - ago, 'day'
      FROM numbered JOIN (VALUES (3, 'dfe-adviser', 300), (4, 'commissioner', 70), (5, 'board-chair', 280))
            AS v (number, role, ago) USING (number)
), directions AS (
    INSERT INTO improvement_instrument
        (case_id, council_id, strand, partial, detail, source_text, recorded_on, kind, issued_on, issued_precision,
         lifted_on, lifted_precision)
    SELECT case_id, council_id, 'social-care', false, '', '', %(on)s, 'direction', %(on)s::date - 290, 'day',
           CASE number WHEN 5 THEN %(on)s::date - 30 END, 'day'
      FROM numbered WHERE number IN (4, 5, 6) RETURNING id, case_id, council_id, lifted_on
)
INSERT INTO improvement_instrument
    (case_id, council_id, strand, partial, detail, source_text, recorded_on, kind, issued_on, issued_precision,
     lifted_precision, replaces_id)
SELECT case_id, council_id, 'social-care', false, '', '', %(on)s, 'notice', lifted_on, 'day', 'day', id
  FROM directions WHERE lifted_on IS NOT NULL
"""
_COLUMNS_OF_MILESTONES = """
INSERT INTO cases_milestone
    (council_id, case_id, rule_id, series_no, label, owes, force, started_on, started_by, start_assumed, computed_due,
     stated_due, stated_in, opens_on, due_on, entered_on, to_confirm, met_on, closed_on, outcome, outcome_note,
     revision)
"""
# The first ones met, the others late, due soon or later, by the number of their council.
_MILESTONES_OF_CASES = (
    _COLUMNS_OF_MILESTONES
    + """
SELECT c.council_id, c.id, r.id, v.series, r.label, r.owes, r.force, c.entered_on, 'report published', false,
       d.due, CASE WHEN r.owes = 'board-chair' THEN d.due + 7 END,
       CASE WHEN r.owes = 'board-chair' THEN 'the direction' ELSE '' END, NULL,
       CASE WHEN r.owes = 'board-chair' THEN d.due + 7 ELSE d.due END,
       c.entered_on, false, d.met, d.met, CASE WHEN d.met IS NULL THEN '' ELSE 'met' END, '', 1
  FROM (SELECT *, row_number() OVER (ORDER BY reference) AS number FROM cases_case) AS c
 CROSS JOIN (VALUES ('report-published', 1, -340), ('action-plan', 1, -260), ('improvement-plan', 1, -270),
                    ('statement-published', 1, -12), ('board-chair-report', 1, 3), ('progress-review', 1, -190),
                    ('progress-review', 2, -3), ('progress-review', 3, 170), ('commissioner-report', 1, 25),
                    ('first-monitoring-visit', 1, 60), ('check-6-months', 1, 9), ('check-12-months', 1, 190))
        AS v (slug, series, ahead)
  JOIN cases_clockrule r ON r.slug = v.slug
 CROSS JOIN LATERAL (
    SELECT %(on)s::date + ahead + (number * 5)::int AS due,
           CASE WHEN ahead < -30 AND NOT (number = 1 AND v.slug IN ('action-plan', 'improvement-plan'))
                     AND NOT (number < 3 AND v.slug = 'progress-review')
                THEN %(on)s::date + ahead - 4 END AS met
 ) AS d
"""
)
_OTHER_MILESTONES = (
    _COLUMNS_OF_MILESTONES
    + """
SELECT c.id, NULL::bigint, r.id, 1, r.label, r.owes, r.force, i.begun_on, 'first day on site', false,
       i.begun_on + 1276, NULL::date, '', i.begun_on + 915, i.begun_on + 1276, i.known_on, false,
       NULL::date, NULL::date, '', '', 1
  FROM councils_council c
  JOIN cases_clockrule r ON r.slug = 'next-inspection'
  JOIN LATERAL (SELECT * FROM inspections_inspection
                 WHERE council_id = c.id ORDER BY known_on DESC LIMIT 1) AS i ON true
 WHERE c.la_code LIKE 'B%%'
 UNION ALL
SELECT c.id, NULL, NULL, 1, 'Support offer agreed', 'lga', CASE n %% 3 WHEN 0 THEN 'aim' ELSE 'agreed' END,
       %(on)s::date - 60, 'call', false, %(on)s::date - 9 + n * 4, NULL, '', NULL, %(on)s::date - 9 + n * 4,
       %(on)s::date - 60, false, NULL, NULL, '', '', 1
  FROM (SELECT id, la_code, right(la_code, 4)::int AS n FROM councils_council WHERE la_code LIKE 'B%%') AS c
 WHERE n %% 4 > 0
"""
)
# One in seven was moved, one in eleven is paused.
_CHANGES = """
WITH moved AS (
    INSERT INTO cases_datechange (milestone_id, old_due_on, new_due_on, reason, note, made_on)
    SELECT id, due_on - 28, due_on, 'agreed-dfe', '', %(on)s::date - 50 FROM cases_milestone WHERE id %% 7 = 0
)
INSERT INTO cases_pause (milestone_id, from_on, reason)
SELECT id, %(on)s::date - 20, 'Inspectors are on site'
  FROM cases_milestone WHERE id %% 11 = 0 AND closed_on IS NULL
"""
# Two of three are looked after by somebody.
_ALLOCATIONS = """
INSERT INTO cases_allocation (council_id, person_id, from_on)
SELECT id, %(person)s, %(on)s::date - 100 FROM councils_council
 WHERE la_code LIKE 'B%%' AND right(la_code, 4)::int %% 3 > 0
"""
_STATEMENTS = (
    _INSPECTIONS,
    _JUDGEMENTS,
    _INTERVENTIONS,
    _RECORD,
    _MILESTONES_OF_CASES,
    _OTHER_MILESTONES,
    _CHANGES,
)
