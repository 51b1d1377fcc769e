-- The milestones of a list of the API, for today, by hand: those of the councils and cases that the person sees, but
-- for what rests on a restricted source.
SELECT m.id, council.la_code AS council, council.name AS council_name, c.reference AS "case", m.label, m.owes, m.force,
       r.slug AS rule, m.series_no, m.started_on, m.started_by, m.start_assumed, m.computed_due, m.stated_due,
       m.stated_in, m.opens_on, m.due_on,
       EXISTS (SELECT FROM cases_pause p
                WHERE p.milestone_id = m.id AND p.from_on <= %(on)s AND (p.until_on IS NULL OR p.until_on > %(on)s))
           AS paused,
       m.to_confirm, m.outcome, m.met_on, m.closed_on, m.outcome_note, person.name AS assignee, m.revision
  FROM cases_milestone m
  JOIN councils_council council ON council.id = m.council_id
  LEFT JOIN cases_case c ON c.id = m.case_id
  LEFT JOIN cases_clockrule r ON r.id = m.rule_id
  LEFT JOIN accounts_person person ON person.id = m.assignee_id
 WHERE m.entered_on <= %(on)s
   AND (coalesce(c.council_id, m.council_id) IN (
            SELECT s.council_id FROM councils_regionmembership s JOIN councils_council e ON e.id = s.council_id
             WHERE s.scheme = 'lga' AND s.region_id = ANY (%(regions)s)
               AND ((s.from_on IS NULL OR s.from_on <= %(on)s) AND (s.until_on IS NULL OR s.until_on > %(on)s)
                    OR s.until_on = e.until_on AND s.until_on <= %(on)s))
        OR c.id IN (SELECT case_id FROM cases_assignment
                     WHERE person_id = %(person)s AND from_on <= %(on)s
                       AND (until_on IS NULL OR until_on > %(on)s)))
   AND NOT EXISTS (SELECT FROM cases_source o WHERE o.id = m.source_id AND o.access <> 'public')
 ORDER BY m.id
