-- The first page of the whole pool: as `peers_found.sql`, with nothing asked but a word of a name, a post or an employer.
WITH found AS (
    SELECT p.id, p.name, p.days_a_year, count(*) OVER () AS total
      FROM peer_reviews_peer p
     WHERE (p.left_on IS NULL OR p.left_on > %(on)s) AND p.joined_on <= %(on)s
       AND (upper(p.name) LIKE upper(%(like)s) OR upper(p.about) LIKE upper(%(like)s)
            OR EXISTS (SELECT FROM peer_reviews_peerpost post
                         LEFT JOIN councils_council c ON c.id = post.council_id
                         LEFT JOIN councils_deliverybody b ON b.id = post.body_id
                        WHERE post.peer_id = p.id AND (post.from_on IS NULL OR post.from_on <= %(on)s)
                          AND (post.until_on IS NULL OR post.until_on > %(on)s)
                          AND (upper(post.title) LIKE upper(%(like)s) OR upper(post.employer) LIKE upper(%(like)s)
                               OR upper(c.name) LIKE upper(%(like)s) OR upper(b.name) LIKE upper(%(like)s))))
     ORDER BY p.name, p.id LIMIT 25
)
SELECT found.id, found.name, post.title, post.employer,
       coalesce((SELECT sum(days) FROM peer_reviews_dayslent
                  WHERE peer_id = found.id AND withdrawn_on IS NULL
                    AND "on" >= %(year)s AND "on" < %(next_year)s), 0)::float,
       found.days_a_year, found.total,
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
