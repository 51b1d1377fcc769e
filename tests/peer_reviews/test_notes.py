"""Writing, sharing, merging, locking and deleting evidence notes, and who sees which on which day."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.refusals import Refused, Stale
from history.models import Event
from peer_reviews.actions import notes as actions
from peer_reviews.actions.nightly import CLEARED
from peer_reviews.models import (
    Activity,
    AuditCount,
    AuditedCase,
    Finding,
    KeepInTouch,
    Note,
    NoteCount,
    Stage,
    StageChange,
)
from peer_reviews.models.findings import Gathered
from peer_reviews.queries import coverage as covered
from peer_reviews.queries import notes as queries
from peer_reviews.rules.notes import LONDON, cleaned, default_lock_at, is_locked
from tests.conftest import savepoint
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

NOON = datetime.combine(TODAY, time(12), LONDON)
LOCK = datetime.combine(TODAY + timedelta(days=4), time(23, 59), LONDON)


@pytest.fixture(scope="module")
def made_once(db_of_module):
    return make_review(notes_lock_at=LOCK)


@pytest.fixture
def db(made_once):
    """Undo what a test did, and leave the review that is made once."""
    with savepoint():
        yield


@pytest.fixture
def made(db, made_once):
    for row in (made_once.review, *made_once.members):
        row.refresh_from_db()
    return made_once


def write(made, person=None, *, now=NOON, on=TODAY, **given):
    """Write a note, shared unless said otherwise, as the first peer unless as somebody else."""
    person = person or made.peers[0]
    return actions.write(
        made.review,
        **{
            "key": uuid4(),
            "kind": "strength",
            "text": "Supervision happens weekly.",
            "source_type": "focus-group",
            "voice": "social-workers",
            "day": on,
            "written_at": now,
            "share": True,
            **given,
        },
        by=Viewer.of(person, on),
        on=on,
        now=now,
    )


def asked(made, person=None, *, now=NOON, on=TODAY):
    return {"by": Viewer.of(person or made.peers[0], on), "on": on, "now": now}


def seen_by(made, person, on=TODAY):
    return set(Note.objects.visible_to(Viewer.of(person, on)).filter(review=made.review))


def change(made, note, text="Changed.", *, revision=None, **who):
    return actions.change(
        note,
        kind="to-test",
        text=text,
        source_type="interview",
        voice="police",
        revision=note.revision if revision is None else revision,
        **asked(made, **who),
    )


# Writing


def test_a_note_sent_twice_is_taken_once_and_answered_alike(made):
    key = uuid4()
    first, again = write(made, key=key), write(made, key=key, now=NOON + timedelta(hours=1))
    assert (first.pk, first.revision, first.changed_at) == (again.pk, again.revision, again.changed_at)
    assert Note.objects.filter(review=made.review).count() == 1


def test_a_note_whose_answer_was_lost_takes_what_was_typed_since(made):
    key = uuid4()
    write(made, key=key, text="Half of it", share=False)
    note = write(made, key=key, text="Half of it, and the rest", share=False)
    assert (note.text, note.revision) == ("Half of it, and the rest", 2)


def test_a_note_changed_elsewhere_is_stale_and_keeps_what_it_says(made):
    key = uuid4()
    note = write(made, key=key)
    change(made, note, "Changed on the laptop.")
    with pytest.raises(Stale):
        write(made, key=key, text="Typed on the tablet.")
    with pytest.raises(Stale):
        write(made, key=key, text="Typed on the tablet.", revision=1)
    assert Note.objects.get(pk=note.pk).text == "Changed on the laptop."
    assert write(made, key=key, text="Typed on the tablet.", revision=2, share=False).revision == 3


def test_the_key_of_somebody_elses_note_gives_nothing_away(made):
    key = uuid4()
    write(made, made.peers[1], key=key, share=False, text="Private words.")
    with pytest.raises(Refused) as refused:
        write(made, key=key)
    assert refused.value.field == "key"
    assert "Private" not in refused.value.message


def test_source_and_voice_come_from_the_activity_where_nothing_else_is_said(made):
    activity = Activity.objects.create(
        review=made.review,
        on=TODAY,
        starts_at=time(10),
        ends_at=time(11),
        title="Team managers",
        source_type="interview",
        voice="team-managers",
    )
    note = write(made, activity=activity, source_type="", voice="")
    assert (note.source_type, note.voice) == ("interview", "team-managers")
    with pytest.raises(Refused) as refused:
        write(made, source_type="", voice="police")
    assert refused.value.field == "source_type"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  \x00\n "}, "text"),
        ({"text": "x" * 50_001}, "text"),
        ({"text": "Seen: NHS 943 476 5919"}, "text"),
        ({"kind": "good"}, "kind"),
        ({"voice": "Ann Other"}, "voice"),
        ({"day": TODAY + timedelta(days=1)}, "on"),
        ({"day": TODAY - timedelta(days=31)}, "on"),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(made, given, field):
    with pytest.raises(Refused) as refused:
        write(made, **given)
    assert refused.value.field == field
    assert "943" not in refused.value.message


def test_a_line_or_activity_of_another_review_is_refused(made):
    other = make_review()
    with pytest.raises(Refused):
        write(made, line=other.review.lines.first())


def test_any_words_are_kept_but_control_characters():
    hostile = "a\r\nb\tc\x00\x07\ud800\ufffe d \U0001f469‍\U0001f467 مرحبا \u202e"
    assert cleaned(hostile) == "a\nb\tc d \U0001f469‍\U0001f467 مرحبا \u202e"
    assert len(cleaned("\U0001f469" * 50_000)) == 50_000


def test_a_note_of_fifty_thousand_characters_is_taken_in_a_moment(made):
    assert len(write(made, text="9" * 20 + " born on " * 5_553).text) <= 50_000


def test_no_event_tells_of_notes(made):
    before = Event.objects.count()
    note, other = write(made), write(made, made.peers[1])
    change(made, note)
    kept = actions.merge(Note.objects.get(pk=note.pk), [other], text="Both.", revision=2, **asked(made))
    actions.undo_merge(kept, revision=kept.revision, **asked(made))
    assert Event.objects.count() == before


@pytest.mark.parametrize("who", ["approver", "contributor", "principal"])
def test_nobody_off_the_team_writes(made, who):
    with pytest.raises(PermissionDenied):
        write(made, getattr(made, who))


def test_upstream_itself_writes_none(made):
    by = Viewer.system(TODAY)
    with pytest.raises(PermissionDenied):
        actions.write(
            made.review,
            key=uuid4(),
            kind="strength",
            text="x",
            source_type="data",
            voice="records",
            day=TODAY,
            written_at=NOON,
            by=by,
            on=TODAY,
            now=NOON,
        )


def test_a_cancelled_review_takes_no_note(made):
    type(made.review).objects.filter(pk=made.review.pk).update(stage=Stage.CANCELLED)
    with pytest.raises(Refused):
        write(made)


# Changing, sharing, deleting


def test_the_author_alone_changes_shares_and_deletes(made):
    note = write(made, share=False)
    for person in (made.peers[1], made.manager):
        with pytest.raises(PermissionDenied):
            change(made, note, person=person)
        with pytest.raises(PermissionDenied):
            actions.share(note, **asked(made, person))
        with pytest.raises(PermissionDenied):
            actions.delete_own(note, revision=1, **asked(made, person))
    assert change(made, note).revision == 2
    assert actions.share(note, **asked(made)).shared_at == NOON
    assert actions.share(note, **asked(made, now=LOCK)).shared_at == NOON


def test_a_change_on_an_old_revision_is_stale(made):
    note = write(made)
    change(made, note)
    with pytest.raises(Stale):
        change(made, note, revision=1)


def test_a_private_note_can_be_deleted_and_a_shared_one_not(made):
    private, shared = write(made, share=False), write(made)
    actions.delete_own(private, revision=1, **asked(made))
    with pytest.raises(Refused):
        actions.delete_own(shared, revision=1, **asked(made))
    assert seen_by(made, made.peers[0]) == {shared}


# Merging


def test_merged_notes_count_once_and_the_merge_can_be_undone(made):
    first, second, third = write(made), write(made, made.peers[1]), write(made, made.peers[2])
    kept = actions.merge(first, [second], text="Both said it.", revision=1, **asked(made, made.peers[2]))
    # What others were merged into brings them along.
    last = actions.merge(third, [kept], text="All said it.", revision=1, **asked(made, made.peers[1]))
    assert set(Note.objects.standing().filter(review=made.review)) == {third}
    assert set(third.merged.all()) == {first, second}
    actions.undo_merge(last, revision=last.revision, **asked(made))
    assert set(Note.objects.standing().filter(review=made.review)) == {first, second, third}
    assert Note.objects.get(pk=third.pk).text == "Supervision happens weekly."


def test_undoing_a_merge_keeps_what_the_author_wrote_since(made):
    first, second = write(made), write(made, made.peers[1])
    kept = actions.merge(first, [second], text="Both.", revision=1, **asked(made, made.peers[1]))
    kept = change(made, kept, "Since then.")
    actions.undo_merge(kept, revision=kept.revision, **asked(made))
    assert Note.objects.get(pk=first.pk).text == "Since then."


def test_a_private_note_is_not_merged_with_a_shared_one_nor_anybody_elses_at_all(made):
    shared, private = write(made), write(made, share=False)
    with pytest.raises(Refused):
        actions.merge(shared, [private], text="Both.", revision=1, **asked(made))
    with pytest.raises(PermissionDenied):
        actions.merge(private, [shared], text="Both.", revision=1, **asked(made, made.peers[1]))
    with pytest.raises(Refused):
        actions.merge(shared, [private], text="Both.", revision=1, **asked(made, made.peers[1]))


def test_a_note_merged_away_is_changed_no_more(made):
    first, second = write(made), write(made, made.peers[1])
    actions.merge(first, [second], text="Both.", revision=1, **asked(made))
    with pytest.raises(Refused):
        change(made, Note.objects.get(pk=second.pk), person=made.peers[1])


# The lock


@pytest.mark.parametrize(
    ("written", "arrives", "taken"),
    [
        (-timedelta(seconds=1), -timedelta(microseconds=1), "in time"),
        (-timedelta(seconds=1), timedelta(), "late"),
        (-timedelta(hours=9), timedelta(days=1), "late"),
        (timedelta(), timedelta(), "refused"),
        (timedelta(minutes=1), timedelta(hours=1), "refused"),
    ],
)
def test_after_the_lock_only_what_was_written_before_is_taken_and_marked(made, written, arrives, taken):
    given = {"now": LOCK + arrives, "written_at": LOCK + written, "on": (LOCK + arrives).date()}
    if taken == "refused":
        with pytest.raises(Refused):
            write(made, **given)
    else:
        assert write(made, **given).late is (taken == "late")


def test_a_clock_ahead_of_ours_does_not_write_in_the_future(made):
    assert write(made, written_at=NOON + timedelta(hours=5)).written_at == NOON


def test_after_the_lock_nothing_changes_but_the_sharing_of_ones_own(made):
    key = uuid4()
    first, second, private = write(made, key=key), write(made, made.peers[1]), write(made, share=False)
    after = {"now": LOCK, "on": LOCK.date()}
    for refused in (
        lambda: change(made, first, **after),
        lambda: actions.merge(first, [second], text="x", revision=1, **asked(made, **after)),
        lambda: actions.delete_own(private, revision=1, **asked(made, **after)),
        lambda: write(made, key=key, text="Other words.", **after),
    ):
        with pytest.raises(Refused):
            refused()
    assert write(made, key=key, **after).pk == first.pk  # the answer that was lost
    assert actions.share(private, **asked(made, **after)).shared_at == LOCK


def test_only_its_manager_sets_the_lock_within_reason(made):
    moment = LOCK + timedelta(days=1)

    def set_lock(person, lock_at=moment, delete_on=None, now=NOON):
        made.review.refresh_from_db()
        return actions.set_lock(
            made.review,
            lock_at=lock_at,
            delete_on=delete_on,
            revision=made.review.revision,
            **asked(made, person, now=now),
        )

    for person in (made.peers[0], made.principal, made.approver):
        with pytest.raises(PermissionDenied):
            set_lock(person)
    last = made.review.last_day
    for lock_at in (NOON - timedelta(days=1), NOON, LOCK + timedelta(days=60)):
        with pytest.raises(Refused):
            set_lock(made.manager, lock_at)
    for delete_on in (TODAY, moment.date(), last + timedelta(weeks=27)):
        with pytest.raises(Refused):
            set_lock(made.manager, delete_on=delete_on)
    assert set_lock(made.manager, delete_on=last + timedelta(weeks=9)).notes_lock_at == moment
    with pytest.raises(Refused):
        set_lock(made.manager, moment + timedelta(days=3), now=moment)
    assert Event.objects.filter(kind="review-notes-lock-set").count() == 1


def test_notes_lock_by_default_at_the_end_of_the_second_working_day():
    class Weekdays:
        def add_working_days(self, day, count):
            while count:
                day += timedelta(days=1)
                count -= day.weekday() < 5
            return day

    thursday = date(2026, 11, 5)
    assert default_lock_at(thursday, 2, Weekdays()) == datetime(2026, 11, 9, 23, 59, tzinfo=UTC)
    assert not is_locked(None, NOON)


# Deletion


def _over(made, **fields):
    type(made.review).objects.filter(pk=made.review.pk).update(
        **{"stage": Stage.FINAL, "final_on": TODAY, "notes_delete_on": TODAY + timedelta(weeks=6), **fields}
    )


def test_on_their_day_notes_are_counted_and_deleted_and_findings_keep_their_counts(made):
    line = made.review.lines.first()
    first, second = write(made, line=line), write(made, made.peers[1], line=line, voice="police")
    twice = write(made, line=line)
    actions.merge(first, [twice], text="Once.", revision=1, **asked(made))
    write(made, share=False)
    finding = Finding.objects.create(
        review=made.review, kind="strength", place=1, wording="Weekly supervision"
    )
    for note in (first, second):
        Gathered.objects.create(finding=finding, note=note)
    KeepInTouch.objects.create(review=made.review, on=TODAY, said="A word.")
    for number, (council, team) in enumerate([("good", "good"), ("good", "inadequate"), ("", "good")]):
        AuditedCase.objects.create(
            review=made.review,
            reference=f"A{number}",
            council_grade=council,
            team_grade=team,
            audited_on=TODAY,
        )
    _over(made)
    night = TODAY + timedelta(weeks=6)
    system = Viewer.system(night)
    assert actions.delete_notes(by=system, on=night - timedelta(days=1)) == 0
    assert actions.delete_notes(by=system, on=night) == 1
    assert actions.delete_notes(by=system, on=night) == 0
    assert not Note.objects.filter(review=made.review).exists()
    assert not KeepInTouch.objects.filter(review=made.review).exists()
    counts = NoteCount.objects.filter(review=made.review)
    assert sorted(counts.values_list("line", "voice", "count")) == [
        ("Line 1", "police", 1),
        ("Line 1", "social-workers", 1),
    ]
    audit = AuditCount.objects.get(review=made.review)
    assert (audit.audited, audit.graded_by_council, audit.agreed) == (3, 2, 1)
    finding.refresh_from_db()
    assert (finding.notes_gathered, finding.wording) == (2, "Weekly supervision")
    event = Event.objects.get(kind="review-notes-deleted")
    assert event.data == {"notes": 4, "keep_in_touch": 1, "audited": 3, "graded_by_council": 2, "agreed": 1}


def test_a_day_of_deletion_waits_for_the_final_report(made):
    write(made)
    _over(made, stage=Stage.DRAFT_REPORT, final_on=None, notes_delete_on=TODAY)
    assert actions.delete_notes(by=Viewer.system(TODAY), on=TODAY) == 0


def test_the_notes_of_a_cancelled_review_are_deleted_too(made):
    write(made)
    StageChange.objects.create(review=made.review, before="on-site", after=Stage.CANCELLED, on=TODAY)
    _over(made, stage=Stage.CANCELLED, final_on=None, notes_delete_on=None)
    day = TODAY + timedelta(weeks=6)
    assert actions.delete_notes(by=Viewer.system(day), on=day - timedelta(days=1)) == 0
    assert actions.delete_notes(by=Viewer.system(day), on=day) == 1


def test_the_night_counts_at_the_lock_and_deletes_on_its_day(made):
    assert CLEARED.index(actions.lock_counts) < CLEARED.index(actions.delete_notes)
    finding = Finding.objects.create(review=made.review, kind="strength", place=1, wording="Embedded")
    Gathered.objects.create(finding=finding, note=write(made))
    locked_on = LOCK.date()
    assert actions.lock_counts(by=Viewer.system(locked_on), on=locked_on) == 0
    next_day = locked_on + timedelta(days=1)
    assert actions.lock_counts(by=Viewer.system(next_day), on=next_day) == 1
    finding.refresh_from_db()
    assert (finding.sources, finding.notes_gathered) == (1, 1)


def test_nobody_but_the_night_deletes_a_reviews_notes(made):
    with pytest.raises(PermissionDenied):
        actions.delete_notes(by=Viewer.of(made.manager, TODAY), on=TODAY)


# Coverage and what is new


def test_coverage_counts_what_is_shared_and_stands_alone(made):
    line = made.review.lines.first()
    first, second = write(made, line=line), write(made, line=line)
    write(made, line=line, share=False)
    write(made, source_type="data", voice="records")
    actions.merge(first, [second], text="Once.", revision=1, **asked(made))
    viewer = made.viewer(made.peers[1])
    assert [row.total for row in covered.needed(made.review, viewer).rows] == [1, 0, 0]
    whole = covered.coverage(made.review, viewer)
    assert [(row.title, row.total) for row in whole.rows][-1] == ("No line of enquiry", 1)
    assert whole.by_day == {TODAY: {line.pk: 1, None: 1}}
    off = made.viewer(made.approver)
    assert not covered.needed(made.review, off).rows
    assert not covered.coverage(made.review, off).rows


def test_a_finding_on_one_groups_word_is_named(made):
    finding = Finding.objects.create(review=made.review, kind="strength", place=1, wording="Embedded")
    for note in (write(made), write(made)):
        Gathered.objects.create(finding=finding, note=note)
    viewer = made.viewer(made.peers[1])
    assert covered.on_one_group(made.review, viewer) == [finding]
    Gathered.objects.create(finding=finding, note=write(made, source_type="interview", voice="police"))
    assert covered.on_one_group(made.review, viewer) == []


def _follow(made, viewer, cursor, rounds=30):
    """Ask until there is no more; return {number: revision} as a device would hold them, and the cursor."""
    held = {}
    for _ in range(rounds):
        changed, cursor, more = queries.changed_since(made.review, viewer, cursor)
        held |= {note.pk: note.revision for note in changed}
        if not more:
            return held, cursor
    raise AssertionError("It never ends.")


def test_what_is_new_is_told_whole_where_many_have_one_stamp(made):
    viewer = made.viewer(made.peers[1])
    cursor = queries.cursor_now(made.review, viewer)
    author = made.members[1]
    stamps = {"written_at": NOON, "received_at": NOON, "changed_at": NOON, "shared_at": NOON}
    Note.objects.bulk_create(
        Note(
            review=made.review,
            author=author,
            kind="strength",
            text=str(number),
            source_type="data",
            voice="records",
            on=TODAY,
            **stamps,
        )
        for number in range(queries.MOST_NEW * 2 + 7)
    )
    held, cursor = _follow(made, viewer, cursor)
    assert len(held) == queries.MOST_NEW * 2 + 7
    assert _follow(made, viewer, cursor)[1] == cursor


def test_what_was_committed_late_is_still_told(made):
    viewer = made.viewer(made.peers[1])
    write(made, now=NOON)
    cursor = queries.cursor_now(made.review, viewer)
    late = write(made, now=NOON - queries.OVERLAP / 2)
    changed, after, _ = queries.changed_since(made.review, viewer, cursor)
    assert late in changed
    assert after == cursor


def test_what_is_new_never_tells_of_private_notes_and_tells_what_was_merged(made):
    viewer = made.viewer(made.peers[1])
    first, second = write(made), write(made, now=NOON + timedelta(minutes=1))
    cursor = queries.cursor_now(made.review, viewer)
    write(made, share=False, now=NOON + timedelta(minutes=2))
    actions.merge(first, [second], text="Both.", revision=1, **asked(made, now=NOON + timedelta(minutes=3)))
    changed, _, _ = queries.changed_since(made.review, viewer, cursor)
    assert {(note.pk, note.merged_into_id) for note in changed} >= {(first.pk, None), (second.pk, first.pk)}
    assert all(note.shared_at for note in changed)


def test_a_cursor_is_read_as_it_was_given_and_nothing_else_is():
    cursor = queries.Cursor(NOON + timedelta(microseconds=7), 12)
    assert queries.Cursor.of(str(cursor)) == cursor
    for text in ("", "x", "1", "-", "1-2-3", "٣-١", "9" * 30 + "-1", "1-" + "9" * 60):
        with pytest.raises(ValueError, match=r".*"):
            queries.Cursor.of(text)


# Who sees what


def test_nobody_sees_notes_by_role(made):
    write(made)
    national = person_with(Role.NATIONAL_LEAD)
    others = [
        made.approver,
        made.contributor,
        made.principal,
        national,
        person_with(Role.ADMINISTRATOR),
        person_with(Role.DFE_ADVISER, council=made.council),
        person_with(Role.COUNCIL_LEADERSHIP, council=made.council),
        person_with(Role.LGA_ADVISER, council=made.council),
        make_review(council=CouncilFactory()).peers[0],
    ]
    assert [seen_by(made, person) for person in others] == [set()] * len(others)
    assert not Note.objects.visible_to(Viewer.system(TODAY)).exists()
    assert len(seen_by(made, made.manager)) == 1


def test_one_who_stood_down_sees_nothing_of_what_they_wrote(made):
    write(made)
    member = made.members[1]
    member.left_on, member.left_reason = TODAY, "Ill."
    member.save()
    assert seen_by(made, made.peers[0]) == set()


days = st.integers(min_value=-3, max_value=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    served=st.tuples(
        st.one_of(st.none(), days), st.one_of(st.none(), st.integers(min_value=0, max_value=4)), st.booleans()
    ),
    granted=st.tuples(days, st.one_of(st.none(), st.integers(min_value=1, max_value=4))),
    shared=st.booleans(),
    own=st.booleans(),
    looks=days,
)
def test_a_note_is_seen_by_who_serves_that_day_and_a_private_one_by_its_author_alone(
    made, served, granted, shared, own, looks
):
    """By hand: on the team from its confirmation until the final report, not stood down, in a role that serves."""
    from_on, lasts, left = served
    role_from, role_lasts = granted
    day = TODAY + timedelta(days=looks)
    with savepoint():
        reader, writer = made.members[1], made.members[2]
        note = write(made, (reader if own else writer).person, share=shared)
        reader.from_on = None if from_on is None else TODAY + timedelta(days=from_on)
        reader.until_on = (
            None if from_on is None or lasts is None else TODAY + timedelta(days=from_on + lasts)
        )
        reader.left_on, reader.left_reason = (TODAY, "Ill.") if left else (None, "")
        reader.save()
        until = None if role_lasts is None else TODAY + timedelta(days=role_from + role_lasts)
        reader.person.grants.update(from_on=TODAY + timedelta(days=role_from), until_on=until)

        holds_role = looks >= role_from and (role_lasts is None or looks < role_from + role_lasts)
        serves = from_on is not None and looks >= from_on and (lasts is None or looks < from_on + lasts)
        expected = holds_role and serves and not left and (shared or own)
        assert (note in seen_by(made, reader.person, day)) is expected
