-- Who fits a place on a review's team, best first, and how many a conflict keeps away, in one statement: it knows the
-- worth of each fact by heart and says no reasons. Rule: section 6, point 3.
WITH RECURSIVE review AS (
    SELECT r.id, r.kind_id, r.first_day, r.last_day, c.council_id, least(r.first_day, %(on)s) AS begins,
           greatest(r.last_day, %(on)s) AS ends, (r.first_day - interval '3 years')::date AS employed_since
      FROM peer_reviews_peerreview r JOIN cases_case c ON c.id = r.case_id WHERE r.id = %(review)s
), host AS (
    SELECT council_id AS id FROM review
     UNION SELECT council_id FROM peer_reviews_peerreview_joint_with WHERE peerreview_id = %(review)s
), reviewed AS (
    SELECT id FROM host
     UNION SELECT s.predecessor_id FROM councils_succession s JOIN reviewed ON reviewed.id = s.successor_id
), arrangement AS (
    SELECT a.council_id, a.body_id, b.council_id AS body_council
      FROM councils_deliveryarrangement a JOIN councils_deliverybody b ON b.id = a.body_id, review
     WHERE (a.from_on IS NULL OR a.from_on <= review.ends) AND (a.until_on IS NULL OR a.until_on > review.begins)
), employer AS (
    SELECT id FROM reviewed
     UNION SELECT body_council FROM arrangement WHERE council_id IN (SELECT id FROM host) AND body_council IS NOT NULL
     UNION SELECT council_id FROM arrangement WHERE body_council IN (SELECT id FROM host)
), body AS (
    SELECT body_id AS id FROM arrangement WHERE council_id IN (SELECT id FROM host)
     UNION SELECT id FROM councils_deliverybody WHERE council_id IN (SELECT id FROM employer)
), objected AS (
    SELECT o.council_id AS id FROM peer_reviews_objection o JOIN councils_neighbour n ON n.neighbour_id = o.council_id
     WHERE o.review_id = %(review)s AND n.council_id IN (SELECT id FROM host)
       AND n.model_year = (SELECT max(model_year) FROM councils_neighbour m WHERE m.council_id = n.council_id)
), appointed AS (
    SELECT person_id, lower(regexp_replace(btrim(name), '\s+', ' ', 'g')) AS name FROM improvement_appointment
     WHERE council_id IN (SELECT id FROM reviewed) AND role IN ('commissioner', 'dfe-adviser')
), kept_away AS (
    SELECT post.peer_id FROM peer_reviews_peerpost post, review
     WHERE (post.council_id IN (SELECT id FROM employer) OR post.body_id IN (SELECT id FROM body))
       AND (post.until_on IS NULL OR post.until_on > review.employed_since)
     UNION
    SELECT post.peer_id FROM peer_reviews_peerpost post
      LEFT JOIN councils_deliverybody b ON b.id = post.body_id, review
     WHERE coalesce(post.council_id, b.council_id) IN (SELECT id FROM objected)
       AND (post.from_on IS NULL OR post.from_on <= review.ends)
       AND (post.until_on IS NULL OR post.until_on > review.begins)
     UNION
    SELECT tie.peer_id FROM peer_reviews_tie tie, review
     WHERE tie.council_id IN (SELECT id FROM reviewed)
       AND (tie.kind <> 'conflict' OR (tie.from_on IS NULL OR tie.from_on <= review.ends)
                                  AND (tie.until_on IS NULL OR tie.until_on > review.begins))
     UNION
    SELECT p.id FROM peer_reviews_peer p JOIN accounts_grant g ON g.person_id = p.person_id
     WHERE g.role = 'dfe-adviser' AND g.council_id IN (SELECT id FROM reviewed)
     UNION
    SELECT id FROM peer_reviews_peer WHERE person_id IN (SELECT person_id FROM appointed)
        OR lower(regexp_replace(btrim(name), '\s+', ' ', 'g')) IN (SELECT name FROM appointed WHERE name <> '')
), control AS (
    SELECT control FROM councils_politicalcontrol c, review
     WHERE c.council_id = review.council_id AND c.from_on <= %(on)s AND (c.until_on IS NULL OR c.until_on > %(on)s)
), region AS (
    SELECT m.region_id AS id FROM councils_regionmembership m, review
     WHERE m.council_id = review.council_id AND m.scheme = 'lga' AND (m.from_on IS NULL OR m.from_on <= %(on)s)
       AND (m.until_on IS NULL OR m.until_on > %(on)s)
), busy AS (
    SELECT DISTINCT m.peer_id FROM peer_reviews_teammember m JOIN peer_reviews_peerreview r ON r.id = m.review_id, review
     WHERE m.left_on IS NULL AND r.first_day <= review.last_day AND r.last_day >= review.first_day
       AND r.stage NOT IN ('declined', 'cancelled', 'postponed') AND r.id <> review.id
), lately AS (
    SELECT DISTINCT m.peer_id FROM peer_reviews_teammember m JOIN peer_reviews_peerreview r ON r.id = m.review_id, review
     WHERE m.left_on IS NULL AND m.from_on IS NOT NULL AND r.last_day >= review.first_day - 365
       AND r.last_day < review.first_day
), lending AS (
    SELECT DISTINCT m.lent_by_id AS id
      FROM peer_reviews_teammember m JOIN peer_reviews_peerreview r ON r.id = m.review_id, review
     WHERE m.left_on IS NULL AND r.first_day >= date_trunc('quarter', review.first_day)
       AND r.first_day < date_trunc('quarter', review.first_day) + interval '3 months'
       AND r.stage NOT IN ('declined', 'cancelled', 'postponed')
), away AS (
    SELECT DISTINCT a.peer_id FROM peer_reviews_unavailable a, review
     WHERE a.from_on <= review.last_day AND a.until_on > review.first_day
), lent AS (
    SELECT peer_id, sum(days)::float AS days FROM peer_reviews_dayslent
     WHERE withdrawn_on IS NULL AND "on" >= %(year)s AND "on" < %(next_year)s GROUP BY peer_id
), rated AS (
    SELECT peer_id, avg(rating) AS mean FROM peer_reviews_peerfeedback GROUP BY peer_id
), trained AS (
    SELECT peer_id, bool_or(expires_on IS NULL OR expires_on > review.last_day) AS in_date
      FROM peer_reviews_training, review WHERE accreditation GROUP BY peer_id
), matched AS (
    SELECT l.peer_id, count(*) AS number, array_agg(w.name ORDER BY w.name) AS names
      FROM peer_reviews_peer_words l JOIN peer_reviews_peerword w ON w.id = l.peerword_id
     WHERE l.peerword_id = ANY (%(words)s) GROUP BY l.peer_id
), asked AS (
    SELECT peer_id, bool_or(region_id = (SELECT id FROM region)) AS ours FROM peer_reviews_peer_regions GROUP BY peer_id
), post AS (
    SELECT DISTINCT ON (p.peer_id) p.peer_id, p.council_id, p.title FROM peer_reviews_peerpost p, review
     WHERE p.council_id IS NOT NULL AND (p.from_on IS NULL OR p.from_on <= review.first_day)
       AND (p.until_on IS NULL OR p.until_on > review.first_day)
     ORDER BY p.peer_id, p.from_on DESC NULLS LAST, p.id DESC
), ranked AS (
    SELECT p.id, p.name, coalesce(lent.days, 0) AS lent, matched.names, post.title, post.council_id,
           6 * coalesce(matched.number, 0)
           - CASE WHEN away.peer_id IS NOT NULL THEN 30 ELSE 0 END
           - CASE WHEN busy.peer_id IS NOT NULL THEN 30 ELSE 0 END
           + CASE WHEN %(role)s = 'member' AND p.political_group = (SELECT control FROM control) THEN 12 ELSE 0 END
           + CASE WHEN trained.in_date THEN 4 WHEN NOT trained.in_date THEN -6 ELSE 0 END
           + CASE WHEN coalesce(lent.days, 0) = 0 THEN 4 WHEN lent.days <= p.days_a_year / 2.0 THEN 2 ELSE 0 END
           - CASE WHEN coalesce(lent.days, 0) >= p.days_a_year THEN 12 ELSE 0 END
           + CASE WHEN rated.mean >= 3 THEN 3 WHEN rated.mean < 2 THEN -8 ELSE 0 END
           + CASE WHEN asked.ours THEN 3 WHEN asked.ours IS NULL THEN 1 ELSE -4 END
           + CASE WHEN lately.peer_id IS NULL THEN 2 ELSE 0 END
           - CASE WHEN post.council_id IN (SELECT id FROM lending) THEN 5 ELSE 0 END AS fit
      FROM peer_reviews_peer p
      JOIN peer_reviews_peerrole role ON role.peer_id = p.id AND role.role = %(role)s
      LEFT JOIN away ON away.peer_id = p.id
      LEFT JOIN busy ON busy.peer_id = p.id
      LEFT JOIN lately ON lately.peer_id = p.id
      LEFT JOIN lent ON lent.peer_id = p.id
      LEFT JOIN rated ON rated.peer_id = p.id
      LEFT JOIN trained ON trained.peer_id = p.id
      LEFT JOIN matched ON matched.peer_id = p.id
      LEFT JOIN asked ON asked.peer_id = p.id
      LEFT JOIN post ON post.peer_id = p.id
     WHERE (p.left_on IS NULL OR p.left_on > %(on)s) AND p.joined_on <= %(on)s
       AND p.id NOT IN (SELECT peer_id FROM kept_away)
       AND NOT EXISTS (SELECT FROM peer_reviews_teammember m
                        WHERE m.review_id = %(review)s AND m.peer_id = p.id AND (m.left_on IS NULL OR m.refused))
     ORDER BY fit DESC, lent, p.name, p.id LIMIT 21
)
SELECT ranked.id, ranked.name, ranked.fit, ranked.title, c.name, ranked.lent, ranked.names,
       (SELECT count(*) FROM kept_away)
  FROM ranked LEFT JOIN councils_council c ON c.id = ranked.council_id
 ORDER BY ranked.fit DESC, ranked.lent, ranked.name, ranked.id
