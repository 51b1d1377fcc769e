-- A page of peers narrowed by role, expertise, region, days free and days left: each with the post they hold,
-- their roles and words, and the days lent this financial year.
WITH lent AS (
    SELECT peer_id, sum(days) AS days FROM peer_reviews_dayslent
     WHERE withdrawn_on IS NULL AND "on" >= %(year)s AND "on" < %(next_year)s GROUP BY peer_id
), asked AS (
    SELECT peer_id, bool_or(region_id = %(region)s) AS ours FROM peer_reviews_peer_regions GROUP BY peer_id
), found AS (
    SELECT p.id, p.name, p.days_a_year, coalesce(lent.days, 0)::float AS lent, count(*) OVER () AS total
      FROM peer_reviews_peer p
      JOIN peer_reviews_peerrole role ON role.peer_id = p.id AND role.role = %(role)s
      JOIN peer_reviews_peer_words word ON word.peer_id = p.id AND word.peerword_id = %(word)s
      LEFT JOIN asked ON asked.peer_id = p.id
      LEFT JOIN lent ON lent.peer_id = p.id
     WHERE (p.left_on IS NULL OR p.left_on > %(on)s) AND p.joined_on <= %(on)s
       AND coalesce(asked.ours, true) AND coalesce(lent.days, 0) < p.days_a_year
       AND NOT EXISTS (SELECT FROM peer_reviews_unavailable a
                        WHERE a.peer_id = p.id AND a.from_on <= %(last)s AND a.until_on > %(first)s)
       AND NOT EXISTS (SELECT FROM peer_reviews_teammember m JOIN peer_reviews_peerreview r ON r.id = m.review_id
                        WHERE m.peer_id = p.id AND m.left_on IS NULL AND r.first_day <= %(last)s
                          AND r.last_day >= %(first)s AND r.stage NOT IN ('declined', 'cancelled', 'postponed'))
     ORDER BY p.name, p.id LIMIT 25
)
SELECT found.id, found.name, post.title, post.employer, found.lent, found.days_a_year, found.total,
       (SELECT array_agg(role ORDER BY id) FROM peer_reviews_peerrole WHERE peer_id = found.id),
       (SELECT array_agg(w.name ORDER BY w.kind, w.name)
          FROM peer_reviews_peer_words l JOIN peer_reviews_peerword w ON w.id = l.peerword_id
         WHERE l.peer_id = found.id)
  FROM found
  LEFT JOIN LATERAL (
    SELECT post.title, coalesce(c.name, b.name, post.employer) AS employer
      FROM peer_reviews_peerpost post
      LEFT JOIN councils_council c ON c.id = post.council_id
      LEFT JOIN councils_deliverybody b ON b.id = post.body_id
     WHERE post.peer_id = found.id AND (post.from_on IS NULL OR post.from_on <= %(on)s)
       AND (post.until_on IS NULL OR post.until_on > %(on)s)
     ORDER BY post.from_on DESC NULLS LAST, post.id DESC LIMIT 1
  ) AS post ON true
 ORDER BY found.name, found.id
