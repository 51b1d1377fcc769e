-- The facts of a region's page in one statement, a row a council: its latest inspection with its grades, the stage
-- of its intervention, whether a decision is awaited, what is overdue, what comes next, what presses and who looks after it.
-- For today, for inspections as published, and for cases of one strand that a judgement opened; the page does it
-- for any day, either reading and any record.
WITH shown AS (
    SELECT c.id, c.name, c.slug, c.la_code, c.map_q, c.map_r
      FROM councils_council c JOIN councils_regionmembership r ON r.council_id = c.id
     WHERE r.region_id = %(region)s AND r.scheme = 'lga'
       AND (r.from_on IS NULL OR r.from_on <= %(on)s) AND (r.until_on IS NULL OR r.until_on > %(on)s)
       AND (c.from_on IS NULL OR c.from_on <= %(on)s) AND (c.until_on IS NULL OR c.until_on > %(on)s)
), reached AS (
    SELECT r.council_id FROM councils_regionmembership r JOIN councils_council c ON c.id = r.council_id
     WHERE r.scheme = 'lga' AND r.region_id = ANY (%(regions)s)
       AND ((r.from_on IS NULL OR r.from_on <= %(on)s) AND (r.until_on IS NULL OR r.until_on > %(on)s)
            OR r.until_on = c.until_on AND r.until_on <= %(on)s)
), assigned AS (
    SELECT case_id FROM cases_assignment
     WHERE person_id = %(person)s AND from_on <= %(on)s AND (until_on IS NULL OR until_on > %(on)s)
), latest AS (
    SELECT DISTINCT ON (i.council_id) i.*, f.has_overall, f.family, f."order"
      FROM inspections_inspection i JOIN inspections_framework f ON f.id = i.framework_id
     WHERE i.council_id IN (SELECT id FROM shown) AND i.known_on <= %(on)s AND f.family IN ('sif', 'ilacs')
       AND i.kind IN ('full', 'standard', 'short', 'reinspection')
     ORDER BY i.council_id, i.known_on DESC, i.begun_on DESC, i.id DESC
), judged AS (
    SELECT j.inspection_id,
           json_agg(json_build_array(a.code, a.short_name, j.grade, coalesce(w.word, j.word)) ORDER BY a."order")
               AS grades,
           bool_or(a.is_overall) AS overall, bool_or(j.grade = 'inadequate') AS inadequate
      FROM inspections_judgement j
      JOIN latest i ON i.id = j.inspection_id
      JOIN inspections_judgementarea a ON a.id = j.area_id
      LEFT JOIN inspections_gradeword w ON w.framework_id = i.framework_id AND w.grade = j.grade
     GROUP BY j.inspection_id
), seen AS (
    SELECT c.id, c.council_id, c.reference, c.standing FROM cases_case c
     WHERE c.kind = 'intervention' AND c.standing IN ('open', 'unconfirmed')
       AND c.council_id IN (SELECT id FROM shown)
       AND (c.council_id IN (SELECT council_id FROM reached) OR c.id IN (SELECT case_id FROM assigned))
), steps AS (
    SELECT case_id, "on", 1 AS stage FROM improvement_trigger
     WHERE withdrawn_on IS NULL AND "on" <= %(on)s AND case_id IN (SELECT id FROM seen)
    UNION ALL
    SELECT case_id, "on", CASE kind WHEN 'plan-accepted' THEN 3 WHEN 'sufficient' THEN 3 WHEN 'insufficient' THEN 3
                                    WHEN 'keeps-control' THEN 5 WHEN 'partner-council' THEN 6
                                    WHEN 'alternative-delivery' THEN 7 WHEN 'closing-letter' THEN 9 ELSE 10 END
      FROM improvement_decision WHERE "on" <= %(on)s AND case_id IN (SELECT id FROM seen)
    UNION ALL
    SELECT m.case_id, m.met_on, CASE WHEN r.slug LIKE 'progress-review%%' THEN 3 ELSE 2 END
      FROM cases_milestone m JOIN cases_clockrule r ON r.id = m.rule_id
     WHERE m.met_on <= %(on)s AND m.case_id IN (SELECT id FROM seen)
       AND r.slug IN ('action-plan', 'action-plan-visit', 'improvement-plan', 'improvement-plan-notice',
                      'progress-review', 'progress-review-instrument')
    UNION ALL
    SELECT case_id, from_on, 4 FROM improvement_appointment
     WHERE role = 'commissioner' AND from_on <= %(on)s AND case_id IN (SELECT id FROM seen)
    UNION ALL
    SELECT a.case_id, a.until_on, 3 FROM improvement_appointment a
     WHERE a.role = 'commissioner' AND a.until_on <= %(on)s AND a.case_id IN (SELECT id FROM seen)
       AND NOT EXISTS (SELECT FROM improvement_decision d
                        WHERE d.case_id = a.case_id AND d."on" BETWEEN a.from_on AND a.until_on
                          AND d.kind IN ('keeps-control', 'partner-council', 'alternative-delivery'))
       AND NOT EXISTS (SELECT FROM improvement_appointment o
                        WHERE o.case_id = a.case_id AND o.id <> a.id AND o.role = 'commissioner'
                          AND o.from_on <= a.until_on AND (o.until_on IS NULL OR o.until_on > a.until_on))
    UNION ALL
    SELECT i.case_id, i.issued_on, 8
      FROM improvement_instrument i JOIN improvement_instrument b ON b.id = i.replaces_id
     WHERE i.kind = 'notice' AND b.kind = 'direction' AND i.issued_on <= %(on)s
       AND i.case_id IN (SELECT id FROM seen)
    UNION ALL
    SELECT i.case_id, i.lifted_on, CASE WHEN count(o.id) = 0 THEN 9 ELSE 8 END
      FROM improvement_instrument i
      LEFT JOIN improvement_instrument o ON o.case_id = i.case_id AND o.id <> i.id
           AND (o.issued_on IS NULL OR o.issued_on <= i.lifted_on)
           AND (o.lifted_on IS NULL OR o.lifted_on > i.lifted_on)
     WHERE i.lifted_on <= %(on)s AND i.case_id IN (SELECT id FROM seen)
       AND NOT EXISTS (SELECT FROM improvement_instrument n WHERE n.replaces_id = i.id)
     GROUP BY i.id
    HAVING count(o.id) = 0 OR i.kind = 'direction'
       AND NOT bool_or(o.kind = 'direction' AND o.issued_on = i.lifted_on)
    UNION ALL
    SELECT s.id, coalesce(d.from_on, d.recorded_on), CASE b.kind WHEN 'trust' THEN 7 ELSE 6 END
      FROM seen s JOIN improvement_intervention n ON n.case_id = s.id
      JOIN councils_deliveryarrangement d ON d.council_id = s.council_id
      JOIN councils_deliverybody b ON b.id = d.body_id
     WHERE coalesce(d.from_on, d.recorded_on) BETWEEN n.began_on AND %(on)s
), days AS (
    SELECT case_id, "on", max(stage) AS stage FROM steps GROUP BY case_id, "on"
), now AS (
    SELECT DISTINCT ON (case_id) case_id, stage FROM days ORDER BY case_id, "on" DESC
), since AS (
    SELECT now.case_id, now.stage, min(days."on") AS since
      FROM now JOIN days ON days.case_id = now.case_id
       AND days."on" > coalesce((SELECT max("on") FROM days o WHERE o.case_id = now.case_id AND o.stage <> now.stage),
                                '-infinity')
     GROUP BY now.case_id, now.stage
), decided AS (
    SELECT DISTINCT ON (council_id) council_id, kind, "on" FROM improvement_decision
     WHERE "on" <= %(on)s AND council_id IN (SELECT id FROM shown)
     ORDER BY council_id, "on" DESC, id DESC
), appointed AS (
    SELECT council_id, max(from_on) AS "on" FROM improvement_appointment
     WHERE role IN ('commissioner', 'dfe-adviser') AND from_on <= %(on)s
       AND council_id IN (SELECT id FROM shown) GROUP BY council_id
), issued AS (
    SELECT council_id, max(issued_on) AS "on" FROM improvement_instrument
     WHERE issued_on <= %(on)s AND council_id IN (SELECT id FROM shown) GROUP BY council_id
), standing AS (
    SELECT m.*, coalesce(r.slug LIKE 'next-inspection%%', false) AS next_inspection, p.id IS NOT NULL AS paused,
           person.name AS assigned_to,
           CASE WHEN p.id IS NOT NULL OR m.due_on IS NULL THEN NULL
                WHEN m.due_on < %(on)s THEN
                     CASE m.force WHEN 'window' THEN NULL WHEN 'aim' THEN 'offer-due' ELSE 'overdue' END
                WHEN m.force = 'window' AND m.opens_on <= %(on)s THEN NULL
                WHEN m.due_on - %(on)s::date
                     <= (SELECT -days FROM cases_flagrule
                          WHERE level = 'due-soon' AND (from_on IS NULL OR from_on <= %(on)s)
                            AND (until_on IS NULL OR until_on > %(on)s)) THEN 'due-soon' END AS presses
      FROM cases_milestone m
      LEFT JOIN cases_case k ON k.id = m.case_id
      LEFT JOIN cases_clockrule r ON r.id = m.rule_id
      LEFT JOIN accounts_person person ON person.id = m.assignee_id
      LEFT JOIN cases_pause p ON p.milestone_id = m.id AND p.from_on <= %(on)s
           AND (p.until_on IS NULL OR p.until_on > %(on)s)
     WHERE m.council_id IN (SELECT id FROM shown) AND NOT m.to_confirm AND m.entered_on <= %(on)s
       AND (m.closed_on IS NULL OR m.closed_on > %(on)s)
       AND (m.council_id IN (SELECT council_id FROM reached) OR m.case_id IN (SELECT case_id FROM assigned))
       AND (k.id IS NULL OR k.standing NOT IN ('unconfirmed', 'withdrawn') AND k.entered_on <= %(on)s
                            AND (k.closed_on IS NULL OR k.closed_on > %(on)s))
       AND NOT EXISTS (SELECT FROM cases_source o WHERE o.id = m.source_id AND o.access <> 'public')
), owed AS (
    SELECT m.council_id,
           count(*) FILTER (WHERE m.presses = 'overdue' AND m.owes = 'council') AS overdue,
           count(*) FILTER (WHERE m.presses = 'overdue' AND m.owes <> 'council') AS overdue_of_others,
           json_agg(json_build_array(m.presses, m.due_on, m.id, m.label, m.force, m.owes, m.computed_due,
                                     m.stated_due, m.stated_in, m.assigned_to))
               FILTER (WHERE m.presses IS NOT NULL) AS needs,
           (array_agg(json_build_array(m.label, m.due_on) ORDER BY m.due_on, m.id)
               FILTER (WHERE m.due_on >= %(on)s AND NOT m.paused AND NOT m.next_inspection))[1] AS next,
           (array_agg(json_build_array(m.opens_on, m.due_on) ORDER BY m.due_on NULLS LAST, m.id)
               FILTER (WHERE m.next_inspection))[1] AS window
      FROM standing m GROUP BY m.council_id
)
SELECT c.name, c.slug, c.la_code, c.map_q, c.map_r, l.begun_on, l.published_on, j.grades, since.stage, since.since,
       CASE WHEN %(sees_lga_only)s AND c.id IN (SELECT council_id FROM reached) THEN
            decided.kind = 'insufficient' AND (appointed."on" IS NULL OR appointed."on" < decided."on") END
           AS insufficient,
       CASE WHEN %(sees_lga_only)s AND c.id IN (SELECT council_id FROM reached) THEN
            NOT l.has_overall AND NOT j.overall AND j.inadequate
            AND (decided."on" IS NULL OR decided."on" < l.known_on)
            AND (appointed."on" IS NULL OR appointed."on" < l.known_on)
            AND (issued."on" IS NULL OR issued."on" < l.known_on) END AS ungraded,
       coalesce(owed.overdue, 0), coalesce(owed.overdue_of_others, 0), owed.next, owed.window,
       CASE WHEN %(sees_lga_only)s AND c.id IN (SELECT council_id FROM reached) THEN person.name END AS adviser,
       owed.needs
  FROM shown c
  LEFT JOIN latest l ON l.council_id = c.id
  LEFT JOIN judged j ON j.inspection_id = l.id
  LEFT JOIN seen ON seen.council_id = c.id
  LEFT JOIN since ON since.case_id = seen.id
  LEFT JOIN decided ON decided.council_id = c.id
  LEFT JOIN appointed ON appointed.council_id = c.id
  LEFT JOIN issued ON issued.council_id = c.id
  LEFT JOIN owed ON owed.council_id = c.id
  LEFT JOIN cases_allocation a ON a.council_id = c.id AND a.from_on <= %(on)s
       AND (a.until_on IS NULL OR a.until_on > %(on)s)
  LEFT JOIN accounts_person person ON person.id = a.person_id
 ORDER BY c.name, c.la_code
