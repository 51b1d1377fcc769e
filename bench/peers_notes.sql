-- A page of a review's notes for one of its team: those shared and their own, with line, session, author and how many
-- are merged into each; how many there are, which days they tell of, and who is on the team.
WITH serving AS (
    SELECT id, review_id FROM peer_reviews_teammember
     WHERE person_id = %(person)s AND from_on <= %(on)s AND (until_on IS NULL OR until_on > %(on)s) AND left_on IS NULL
), review AS (
    SELECT r.id FROM peer_reviews_peerreview r JOIN cases_case c ON c.id = r.case_id
     WHERE c.reference = %(reference)s AND r.id IN (SELECT review_id FROM serving)
), seen AS (
    SELECT n.id, n.written_at, n."on" FROM peer_reviews_note n
     WHERE n.review_id = (SELECT id FROM review) AND n.merged_into_id IS NULL
       AND (n.shared_at IS NOT NULL OR n.author_id IN (SELECT id FROM serving))
), page AS (
    SELECT id FROM seen ORDER BY written_at DESC, id DESC LIMIT 50
)
SELECT n.id, n.kind, l.title, left(n.text, 600), n.source_type, n.voice, a.starts_at, n.written_at,
       coalesce(p.name, person.name),
       (SELECT count(*) FROM peer_reviews_note o WHERE o.merged_into_id = n.id),
       (SELECT count(*) FROM seen), (SELECT array_agg(DISTINCT "on") FROM seen),
       (SELECT array_agg(title ORDER BY place) FROM peer_reviews_lineofenquiry WHERE review_id = n.review_id)
  FROM page JOIN peer_reviews_note n ON n.id = page.id
  JOIN peer_reviews_teammember m ON m.id = n.author_id
  LEFT JOIN peer_reviews_peer p ON p.id = m.peer_id
  LEFT JOIN accounts_person person ON person.id = m.person_id
  LEFT JOIN peer_reviews_lineofenquiry l ON l.id = n.line_id
  LEFT JOIN peer_reviews_activity a ON a.id = n.activity_id
 ORDER BY n.written_at DESC, n.id DESC
