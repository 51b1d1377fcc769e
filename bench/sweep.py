"""The sweep over many open milestones, beside one hand-written statement, and beside a loop over rows."""

from contextlib import contextmanager
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.viewer import Viewer
from bench.filling import a_case_for_each_council, analyse, empty, execute, region_of_councils
from bench.timing import Side, compare
from cases.actions import flag_overdue
from cases.models import Flag, FlagRule, Milestone
from history.actions import record_event

# All that a sweep does, in one statement: clear, raise, and the events of both. It knows the levels by heart and
# only today; `flag_overdue` reads them, and sweeps any day as the record had it then.
STATEMENT = """
WITH due AS (
    SELECT m.id, m.due_on, m.source_id, council.la_code, coalesce(c.reference, '') AS reference,
           CASE WHEN m.due_on <= %(on)s::date - 28 THEN 'long-overdue'
                WHEN m.due_on <= %(on)s::date - 1 THEN 'overdue'
                ELSE 'due-soon' END AS level
      FROM cases_milestone m
      JOIN councils_council council ON council.id = m.council_id
      LEFT JOIN cases_case c ON c.id = m.case_id
     WHERE m.due_on <= %(on)s::date + 14
       AND (m.closed_on IS NULL OR m.closed_on > %(on)s) AND m.entered_on <= %(on)s
       AND NOT m.to_confirm AND m.force IN ('statutory', 'instrument', 'agreed')
       AND (c.id IS NULL OR c.standing NOT IN ('unconfirmed', 'withdrawn') AND c.entered_on <= %(on)s
                            AND (c.closed_on IS NULL OR c.closed_on > %(on)s))
       AND (council.from_on IS NULL OR council.from_on <= %(on)s)
       AND (council.until_on IS NULL OR council.until_on > %(on)s)
       AND NOT EXISTS (SELECT FROM cases_pause p
                        WHERE p.milestone_id = m.id AND (p.from_on IS NULL OR p.from_on <= %(on)s)
                          AND (p.until_on IS NULL OR p.until_on > %(on)s))
), cleared AS (
    UPDATE cases_flag f SET cleared_on = %(on)s, cleared_in = %(run)s
     WHERE f.cleared_on IS NULL
       AND NOT EXISTS (SELECT FROM due
                        WHERE due.id = f.milestone_id AND due.due_on = f.due_on AND due.level = f.level)
    RETURNING f.milestone_id, f.level, f.due_on
), raised AS (
    INSERT INTO cases_flag (milestone_id, level, due_on, raised_on, raised_in)
    -- Counting what was cleared has it done first: one open flag per milestone.
    SELECT id, level, due_on, %(on)s, %(run)s FROM due WHERE (SELECT count(*) FROM cleared) >= 0
    ON CONFLICT (milestone_id) WHERE cleared_on IS NULL DO NOTHING
    RETURNING milestone_id, level, due_on
)
INSERT INTO history_event
    (kind, "on", by_id, council_code, case_reference, subject_kind, subject_id, source_id, data)
SELECT 'flag-raised', %(on)s::date, NULL::bigint, due.la_code, due.reference, 'milestone', due.id, due.source_id,
       jsonb_build_object('level', raised.level, 'due', raised.due_on)
  FROM raised JOIN due ON due.id = raised.milestone_id
 UNION ALL
SELECT 'flag-cleared', %(on)s::date, NULL::bigint, council.la_code, coalesce(c.reference, ''), 'milestone', m.id,
       m.source_id, jsonb_build_object('level', cleared.level, 'due', cleared.due_on)
  FROM cleared
  JOIN cases_milestone m ON m.id = cleared.milestone_id
  JOIN councils_council council ON council.id = m.council_id
  LEFT JOIN cases_case c ON c.id = m.case_id
"""


def compare_all(*, small=False, repeat=None):
    """Return the comparisons with one statement and with a loop, from the same state each time."""
    on = timezone.localdate()
    rows = 2_000 if small else 200_000
    system = Viewer.system(on)
    ours = Side("flag_overdue", lambda: flag_overdue(by=system, on=on), _undone, _left_behind)
    statement = Side(
        "one SQL statement", lambda: execute(STATEMENT, on=on, run=uuid4()), _undone, _left_behind
    )
    loop = Side("a loop over rows", lambda: _loop(system, on), _undone, _left_behind)
    # A tenth for the loop, which takes as long for each row however many there are.
    fill(rows // 10, on)
    looped = compare(_named(rows // 10), ours, loop, repeat=1, warm=False)
    empty()
    fill(rows, on)
    return [compare(_named(rows), ours, statement, repeat=repeat or (2 if small else 11), most=1.5), looped]


def _named(rows):
    return f"Sweep: {rows:,} open milestones, {rows // 10:,} due"


def fill(rows, on):
    """Make so many open milestones of 150 councils, every tenth due, some of them flagged, moved or paused.

    One in twenty of those due has a flag at a lower level; as many flags stand that must go, for their
    milestones aren't due (any longer).
    """
    region_of_councils(150, on)
    a_case_for_each_council(on)
    execute(
        """
        INSERT INTO cases_milestone
            (council_id, case_id, series_no, label, owes, force, started_on, started_by, start_assumed,
             computed_due, stated_in, due_on, entered_on, to_confirm, outcome, outcome_note, revision)
        SELECT c.council_id, CASE WHEN n %% 4 > 0 THEN c.id END, 1, 'Invented milestone ' || n, 'council',
               (ARRAY['statutory', 'instrument', 'agreed'])[1 + n %% 3], %(on)s::date - 300, 'report published',
               false, due, '', due, %(on)s::date - 300, false, '', '', 1
          FROM generate_series(1, %(rows)s) AS n
          JOIN (SELECT id, council_id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_case) AS c
            ON c.place = n %% 150
         CROSS JOIN LATERAL (
               SELECT %(on)s::date + CASE WHEN n %% 10 = 0 THEN 14 - n / 10 %% 75 ELSE 15 + n %% 700 END AS due
         ) AS dated
         ORDER BY n
        """,
        rows=rows,
        on=on,
    )
    execute(
        """
        INSERT INTO cases_flag (milestone_id, level, due_on, raised_on, raised_in)
        SELECT id, 'due-soon', due_on, raised_on, md5('run of ' || raised_on)::uuid
          FROM cases_milestone, LATERAL (SELECT %(on)s::date - 15 - (id / 200 %% 20)::int AS raised_on) AS run
         WHERE id %% 200 = 10 AND due_on < %(on)s OR id %% 200 = 1
        """,
        on=on,
    )
    execute(
        """
        INSERT INTO cases_datechange (milestone_id, old_due_on, new_due_on, reason, note, made_on)
        SELECT id, due_on - 28, due_on, 'agreed-dfe', '', %(on)s::date - 60
          FROM cases_milestone WHERE id %% 20 = 0
        """,
        on=on,
    )
    execute(
        """
        INSERT INTO cases_pause (milestone_id, from_on, reason)
        SELECT id, %(on)s::date - 30, 'Inspectors are on site'
          FROM cases_milestone WHERE id %% 97 = 0 AND id %% 10 > 0
        """,
        on=on,
    )


@contextmanager
def _undone():
    """Run within a transaction that is taken back, on tables without dead rows."""
    analyse()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _left_behind(_):
    """Return how many flags and events there are, and a digest of all that they say but the run's number."""
    flags = "SELECT milestone_id, level, due_on, raised_on, cleared_on FROM cases_flag"
    events = """SELECT kind, "on", by_id, council_code, case_reference, subject_kind, subject_id, source_id, data::text
                  FROM history_event"""
    digest = "SELECT count(*), md5(string_agg(row::text, ';' ORDER BY row::text)) FROM ({}) AS row"
    return {"flags": execute(digest.format(flags)), "events": execute(digest.format(events))}


def _loop(by, on):
    """Sweep as a first version would: one milestone after the other, asking and writing each for itself."""
    rules = list(FlagRule.objects.on(on).order_by("-rank"))
    run = uuid4()
    for milestone in Milestone.objects.open(on).select_related("council", "case").iterator():
        level = _level(milestone, rules, on)
        flag = Flag.objects.raised().filter(milestone=milestone).first() if level else None
        if flag and (flag.level, flag.due_on) == (level, milestone.due_then):
            continue
        if flag:
            _clear(flag, milestone, by, on, run)
        if level:
            raised = Flag.objects.create(
                milestone=milestone, level=level, due_on=milestone.due_then, raised_on=on, raised_in=run
            )
            _tell("flag-raised", raised, milestone, by, on)
    for flag in Flag.objects.raised().select_related("milestone__council", "milestone__case"):
        milestone = Milestone.objects.open(on).filter(pk=flag.milestone_id).first()
        if milestone is None or not _level(milestone, rules, on):
            _clear(flag, flag.milestone, by, on, run)


def _level(milestone, rules, on):
    if not milestone.is_binding or milestone.paused_then or milestone.due_then is None:
        return None
    late = (on - milestone.due_then).days
    return next((rule.level for rule in rules if late >= rule.days), None)


def _clear(flag, milestone, by, on, run):
    flag.cleared_on, flag.cleared_in = on, run
    flag.save(update_fields=["cleared_on", "cleared_in"])
    _tell("flag-cleared", flag, milestone, by, on)


def _tell(kind, flag, milestone, by, on):
    record_event(
        kind,
        by=by,
        on=on,
        subject=milestone,
        council_code=milestone.council.la_code,
        case_reference=milestone.case.reference if milestone.case else "",
        source_id=milestone.source_id,
        data={"level": flag.level, "due": flag.due_on.isoformat()},
    )
