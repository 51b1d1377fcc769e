"""A pool of peers with the reviews they went on, a review that wants a team, and one full of notes."""

from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

from accounts.models import Grant, Person
from accounts.permissions import Role, Scope
from bench.filling import analyse, execute, region_of_councils

PEERS, PAST, NOTES, COUNCILS = 5_000, 2_000, 1_500, 150
FEW = {"peers": 300, "past": 60, "notes": 120}


def fill(on, *, small=False):
    """Fill the pool and return what the benchmark asks about.

    `adviser`: who builds the team of `wanted`, a review of a council with a partner, a trust, a predecessor, an
    objection and an appointment of the DfE's; `client`: signed in as one of the team of `noted`, a review that is on.
    """
    size = FEW if small else {"peers": PEERS, "past": PAST, "notes": NOTES}
    region = region_of_councils(COUNCILS, on)
    adviser = _person("pool@example.org", "Orla Fenwick", Role.PRINCIPAL_ADVISER, on, region=region)
    peer = _person("peer@example.org", "Piers Holm", Role.PEER, on)
    known = {
        "on": on,
        "region": region.pk,
        "adviser": adviser.pk,
        "peer": peer.pk,
        "now": timezone.now(),
        **size,
    }
    for statement in (*_POOL, *_REVIEWS, *_ON_SITE):
        execute(statement, **known)
    analyse()
    client = Client()
    client.force_login(peer)
    return SimpleNamespace(
        adviser=adviser, peer=peer, client=client, region=region.pk, wanted=_WANTED, noted=_NOTED, **size
    )


def _person(email, name, role, on, **of):
    person, _ = Person.objects.get_or_create(email=email, name=name)
    Grant.objects.create(
        person=person,
        role=role,
        scope=Scope.REGION if of else Scope.ENGLAND,
        from_on=on.replace(year=on.year - 1, day=1),
        **of,
    )
    return person


_WANTED, _NOTED = "REV-BENCH-WANTED", "REV-BENCH-NOTED"
_COUNCIL = "(SELECT id FROM councils_council WHERE la_code = 'B' || lpad(({})::text, 4, '0'))"

# A peer's number is in how they are called; the order of names is not that of numbers.
_PEERS = """
INSERT INTO peer_reviews_peer
    (id, name, email, person_id, political_group, days_a_year, about, joined_on, left_on, revision)
SELECT n, 'Peer ' || lpad((n * 7919 %% 10007)::text, 5, '0'), '', CASE n WHEN 1 THEN %(peer)s END,
       CASE WHEN n %% 7 = 1
            THEN (ARRAY['labour', 'conservative', 'liberal-democrat', 'green', 'independent'])[1 + n / 7 %% 5]
            ELSE '' END,
       3 + n %% 4, CASE n %% 9 WHEN 0 THEN 'Has led the audit of practice in three councils.' ELSE '' END,
       %(on)s::date - 4000, CASE n %% 25 WHEN 24 THEN %(on)s::date - n %% 300 END, 1
  FROM generate_series(1, %(peers)s) AS n
"""
_ROLES = """
INSERT INTO peer_reviews_peerrole (peer_id, role)
SELECT id, (ARRAY['lead', 'member', 'operational', 'operational', 'auditor', 'health', 'specialist'])[1 + id %% 7]
  FROM peer_reviews_peer
 UNION
SELECT id, 'operational' FROM peer_reviews_peer WHERE id %% 3 = 0
 UNION
SELECT id, 'lead' FROM peer_reviews_peer WHERE id %% 5 = 0
 ORDER BY 1, 2
"""
_WORDS = """
INSERT INTO peer_reviews_peer_words (peer_id, peerword_id)
SELECT DISTINCT p.id, w.id
  FROM peer_reviews_peer p
 CROSS JOIN (VALUES (0), (1), (2), (3)) AS v (which)
  JOIN (SELECT id, kind, row_number() OVER (PARTITION BY kind ORDER BY slug) - 1 AS place,
               count(*) OVER (PARTITION BY kind) AS number FROM peer_reviews_peerword) AS w
    ON w.kind = CASE which WHEN 0 THEN 'sector' ELSE 'expertise' END
       AND w.place = (p.id * (which + 2) + which) %% w.number
    OR w.kind = 'language' AND which = 3 AND p.id %% 6 = 0 AND w.place = p.id %% w.number
"""
_REGIONS = """
INSERT INTO peer_reviews_peer_regions (peer_id, region_id)
SELECT p.id, r.id FROM peer_reviews_peer p
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM councils_region WHERE id <> %(region)s) AS r
    ON p.id %% 4 = 1 AND r.place = 1 + p.id %% 8
 UNION
SELECT id, %(region)s FROM peer_reviews_peer WHERE id %% 4 = 0
"""
_POSTS = f"""
INSERT INTO peer_reviews_peerpost (peer_id, council_id, body_id, employer, title, from_on, until_on)
SELECT p.id, CASE WHEN p.id %% 10 <> 7 THEN {_COUNCIL.format("1 + p.id * 13 %% 150")} END, NULL::bigint,
       CASE p.id %% 10 WHEN 7 THEN 'A consultancy' ELSE '' END,
       (ARRAY['Assistant director', 'Service manager', 'Director of children’s services', 'Lead member',
              'Head of safeguarding'])[1 + p.id %% 5], %(on)s::date - 400 - (p.id %% 900)::int, NULL::date
  FROM peer_reviews_peer p
 UNION ALL
SELECT p.id, {_COUNCIL.format("1 + p.id * 29 %% 150")}, NULL, '', 'Team manager',
       %(on)s::date - 4000, %(on)s::date - 400 - (p.id %% 900)::int
  FROM peer_reviews_peer p WHERE p.id %% 4 <> 3
"""
_TIES = f"""
INSERT INTO peer_reviews_tie (peer_id, council_id, kind, from_on, until_on, note)
SELECT id, {_COUNCIL.format("1 + p.id * 17 %% 150")},
       (ARRAY['conflict', 'inspected', 'dfe-adviser', 'commissioner'])[1 + id / 3 %% 4],
       CASE id / 3 %% 4 WHEN 0 THEN %(on)s::date - 500 END,
       CASE WHEN id / 3 %% 4 = 0 AND id %% 2 = 0 THEN %(on)s::date - 100 END, ''
  FROM peer_reviews_peer p WHERE id %% 3 = 0
"""
_AWAY = """
INSERT INTO peer_reviews_unavailable (peer_id, from_on, until_on, note)
SELECT id, %(on)s::date + (id %% 90)::int - 20, %(on)s::date + (id %% 90)::int - 6, ''
  FROM peer_reviews_peer WHERE id %% 2 = 0
 UNION ALL
SELECT id, %(on)s::date - 300, %(on)s::date - 280, '' FROM peer_reviews_peer WHERE id %% 3 = 0
"""
_TRAINING = """
INSERT INTO peer_reviews_training (peer_id, name, accreditation, "on", expires_on)
SELECT id, 'Accredited peer', true, %(on)s::date - 700 - (id %% 300)::int,
       CASE WHEN id %% 5 <> 0 THEN %(on)s::date + (id %% 500)::int - 60 END
  FROM peer_reviews_peer WHERE id %% 3 <> 1
 UNION ALL
SELECT id, 'Case audit', false, %(on)s::date - 200, NULL FROM peer_reviews_peer WHERE id %% 4 = 0
"""
_POOL = (_PEERS, _ROLES, _WORDS, _REGIONS, _POSTS, _TIES, _AWAY, _TRAINING)

# Numbers 1 to 40 are to come, the rest are over, two days apart; the first of all is the one that wants a team.
_CASES = f"""
INSERT INTO cases_case (kind, reference, council_id, standing, entered_on, closed_on, revision)
SELECT 'peer-review', 'REV-BENCH-' || lpad(n::text, 4, '0'), {_COUNCIL.format("1 + n * 11 %% 150")},
       CASE WHEN n > 40 THEN 'closed' ELSE 'open' END, %(on)s::date - 6000, CASE WHEN n > 40 THEN %(on)s::date END, 1
  FROM generate_series(1, %(past)s + 40) AS n
 UNION ALL
SELECT 'peer-review', '{_WANTED}', {_COUNCIL.format("1")}, 'open', %(on)s::date - 90, NULL, 1
 UNION ALL
SELECT 'peer-review', '{_NOTED}', {_COUNCIL.format("9")}, 'open', %(on)s::date - 90, NULL, 1
"""
_PEER_REVIEWS = f"""
INSERT INTO peer_reviews_peerreview
    (case_id, kind_id, stage, stage_before, from_past, offer_reason, answer_reason, manager_id, subsidy, subsidy_basis,
     scope, first_day, last_day, final_on, published_url, revision)
SELECT c.id, k.id, stage, '', false, '', '', %(adviser)s, '', '', '', first_day, first_day + 3,
       CASE stage WHEN 'closed' THEN first_day + 60 END, '', 1
  FROM (SELECT *, CASE WHEN reference ~ '\\d$' THEN right(reference, 4)::int END AS n FROM cases_case) AS c
  JOIN peer_reviews_reviewkind k ON k.slug = 'cspc'
 CROSS JOIN LATERAL (
    SELECT CASE WHEN n > 40 THEN 'closed' WHEN n IS NOT NULL THEN 'preparing'
                WHEN reference = '{_WANTED}' THEN 'scoped' ELSE 'on-site' END AS stage,
           %(on)s::date + CASE WHEN n > 40 THEN -2 * n WHEN n IS NOT NULL THEN 2 * n
                               WHEN reference = '{_WANTED}' THEN 45 ELSE -1 END AS first_day
 ) AS d
 WHERE c.kind = 'peer-review'
"""
_TEAMS = """
INSERT INTO peer_reviews_teammember
    (review_id, role, peer_id, person_id, lent_by_id, put_forward_on, political_group, group_office_agreed_by,
     council_agreed_on, from_on, until_on, left_reason, refused, revision)
SELECT r.id, (ARRAY['lead', 'member', 'operational', 'operational', 'auditor'])[which], p.id, p.person_id,
       post.council_id, r.first_day - 80, '', '', r.first_day - 50, r.first_day - 40, r.final_on, '', false, 1
  FROM peer_reviews_peerreview r
  JOIN cases_case c ON c.id = r.case_id AND c.reference ~ '\\d$'
 CROSS JOIN generate_series(1, 5) AS which
  JOIN peer_reviews_peer p ON p.id = 2 + (right(c.reference, 4)::int * 37 + which * 1009) %% (%(peers)s - 1)
  LEFT JOIN peer_reviews_peerpost post ON post.peer_id = p.id AND post.until_on IS NULL
 WHERE NOT EXISTS (SELECT FROM peer_reviews_tie t WHERE t.peer_id = p.id AND t.council_id = c.council_id)
   AND NOT EXISTS (SELECT FROM peer_reviews_peerpost o WHERE o.peer_id = p.id AND o.council_id = c.council_id)
    ON CONFLICT DO NOTHING
"""
_FEEDBACK = """
INSERT INTO peer_reviews_peerfeedback (peer_id, review_id, rating, text, given_on)
SELECT m.peer_id, m.review_id, 1 + (m.id * 7 %% 11) %% 4, 'Asked good questions.', r.last_day + 10
  FROM peer_reviews_teammember m JOIN peer_reviews_peerreview r ON r.id = m.review_id
 WHERE r.stage = 'closed' AND m.id %% 3 <> 0
"""
_LENT = """
INSERT INTO peer_reviews_dayslent
    (peer_id, council_id, host_id, work, review_id, "on", days, note, recorded_on, withdrawn_on, revision)
SELECT m.peer_id, m.lent_by_id, c.council_id, 'review', r.id, r.last_day, 1.5 + m.id %% 4, '', r.last_day,
       CASE m.id %% 40 WHEN 0 THEN r.last_day END, 1
  FROM peer_reviews_teammember m
  JOIN peer_reviews_peerreview r ON r.id = m.review_id
  JOIN cases_case c ON c.id = r.case_id
 WHERE r.stage = 'closed' AND m.lent_by_id IS NOT NULL
 UNION ALL
SELECT p.peer_id, p.council_id, NULL, 'mentoring', NULL, %(on)s::date - (p.peer_id %% 500)::int, 1 + p.peer_id %% 3, '',
       %(on)s::date, NULL, 1
  FROM peer_reviews_peerpost p WHERE p.until_on IS NULL AND p.council_id IS NOT NULL AND p.peer_id %% 3 = 1
"""
# The council that wants a team, B0001: what stands around it.
_AROUND = (
    """
    INSERT INTO councils_deliverybody (slug, name, kind, council_id)
    SELECT 'bench-partner', 'Invented 0002', 'partner-council', id FROM councils_council WHERE la_code = 'B0002'
     UNION ALL SELECT 'bench-trust', 'Estuary Children’s Trust', 'trust', NULL
    """,
    """
    INSERT INTO councils_deliveryarrangement
        (council_id, body_id, from_on, from_precision, until_precision, note, source_text)
    SELECT c.id, b.id, %(on)s::date - 900, 'day', 'day', '', ''
      FROM councils_council c, councils_deliverybody b
     WHERE c.la_code = 'B0001' AND b.slug IN ('bench-partner', 'bench-trust')
    """,
    """
    INSERT INTO peer_reviews_peerpost (peer_id, body_id, employer, title, from_on)
    SELECT n, b.id, '', 'Practice lead', %(on)s::date - 700
      FROM generate_series(20, %(peers)s, 100) AS n, councils_deliverybody b WHERE b.slug = 'bench-trust'
    """,
    """
    INSERT INTO councils_succession (predecessor_id, successor_id, "on", note)
    SELECT old.id, new.id, %(on)s::date - 1500, '' FROM councils_council old, councils_council new
     WHERE old.la_code = 'B0003' AND new.la_code = 'B0001'
    """,
    """
    INSERT INTO councils_neighbour (council_id, neighbour_id, model_year, rank)
    SELECT c.id, n.id, 2025, right(n.la_code, 4)::int - 3 FROM councils_council c, councils_council n
     WHERE c.la_code = 'B0001' AND n.la_code BETWEEN 'B0004' AND 'B0013'
    """,
    f"""
    INSERT INTO peer_reviews_objection (review_id, council_id, made_on)
    SELECT r.id, n.id, %(on)s FROM peer_reviews_peerreview r JOIN cases_case k ON k.id = r.case_id, councils_council n
     WHERE k.reference = '{_WANTED}' AND n.la_code IN ('B0004', 'B0006')
    """,
    """
    INSERT INTO councils_politicalcontrol (council_id, control, detail, from_on, revision)
    SELECT id, 'labour', '', %(on)s::date - 800, 1 FROM councils_council WHERE la_code = 'B0001'
    """,
    """
    INSERT INTO improvement_appointment
        (council_id, strand, partial, detail, source_text, recorded_on, role, name, from_on, from_precision)
    SELECT c.id, 'social-care', false, '', '', %(on)s, role, p.name, %(on)s::date - ago, 'day'
      FROM councils_council c, peer_reviews_peer p
      JOIN (VALUES (17, 'commissioner', 900), (24, 'dfe-adviser', 600)) AS v (peer, role, ago) ON v.peer = p.id
     WHERE c.la_code = 'B0001'
    """,
)
_REVIEWS = (_CASES, _PEER_REVIEWS, _TEAMS, _FEEDBACK, _LENT, *_AROUND)

_ON_SITE = (
    f"""
    INSERT INTO peer_reviews_lineofenquiry (review_id, place, title, question)
    SELECT r.id, n, 'Line of enquiry ' || n, '' FROM generate_series(1, 6) AS n, peer_reviews_peerreview r
      JOIN cases_case k ON k.id = r.case_id WHERE k.reference = '{_NOTED}'
    """,
    f"""
    INSERT INTO peer_reviews_teammember
        (review_id, role, peer_id, person_id, put_forward_on, political_group, group_office_agreed_by, from_on,
         left_reason, refused, revision)
    SELECT r.id, 'operational', p.id, p.person_id, %(on)s::date - 60, '', '', %(on)s::date - 30, '', false, 1
      FROM peer_reviews_peerreview r JOIN cases_case k ON k.id = r.case_id, peer_reviews_peer p
     WHERE k.reference = '{_NOTED}' AND p.id IN (1, 2, 4, 5, 7, 8)
    """,
    f"""
    INSERT INTO peer_reviews_activity
        (review_id, "on", starts_at, ends_at, title, source_type, voice, room, standing, who_came, why_not, revision)
    SELECT r.id, %(on)s::date - n %% 2, make_time(8 + n / 2, 0, 0), make_time(8 + n / 2, 45, 0), 'Session ' || n,
           (ARRAY['interview', 'focus-group', 'observation'])[1 + n %% 3],
           (ARRAY['social-workers', 'health', 'members', 'team-managers'])[1 + n %% 4], '', 'planned', '', '', 1
      FROM generate_series(1, 20) AS n, peer_reviews_peerreview r JOIN cases_case k ON k.id = r.case_id
     WHERE k.reference = '{_NOTED}'
    """,
    f"""
    WITH review AS (
        SELECT r.id FROM peer_reviews_peerreview r JOIN cases_case k ON k.id = r.case_id WHERE k.reference = '{_NOTED}'
    ), team AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM peer_reviews_teammember
         WHERE review_id = (SELECT id FROM review)
    ), lines AS (
        SELECT id, place FROM peer_reviews_lineofenquiry WHERE review_id = (SELECT id FROM review)
    ), sessions AS (
        SELECT id, source_type, voice, row_number() OVER (ORDER BY id) - 1 AS place FROM peer_reviews_activity
         WHERE review_id = (SELECT id FROM review)
    )
    INSERT INTO peer_reviews_note
        (review_id, key, author_id, kind, line_id, text, activity_id, source_type, voice, "on", written_at, received_at,
         changed_at, shared_at, late, text_before, revision)
    SELECT review.id, gen_random_uuid(), team.id, (ARRAY['strength', 'consideration', 'to-test'])[1 + n %% 3], lines.id,
           repeat('Supervision of practice is regular and reflective here. ', 4 + n %% 12), sessions.id,
           coalesce(sessions.source_type, 'document'), coalesce(sessions.voice, 'records'), %(on)s::date - n %% 2,
           %(now)s - n * interval '1 minute', %(now)s, %(now)s - n * interval '1 minute',
           CASE WHEN n %% 10 <> 9 THEN %(now)s - n * interval '1 minute' END, false, '', 1
      FROM generate_series(1, %(notes)s) AS n
     CROSS JOIN review
      JOIN team ON team.place = n %% 6
      LEFT JOIN lines ON lines.place = n %% 7
      LEFT JOIN sessions ON sessions.place = n %% 25
    """,
)
