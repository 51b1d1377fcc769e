"""What a team makes of its notes: gathered, agreed, in order, and read by nobody else before its report is final."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.permissions import Role
from cases.models import Milestone
from cases.refusals import Refused, Stale
from history.models import Event
from peer_reviews.actions import findings as actions
from peer_reviews.actions.pre_brief import record_pre_brief
from peer_reviews.models import Activity, Finding, Note, PreBrief, Stage, TeamMember, Wording
from peer_reviews.presenters.reviews import needs, steps_shown
from peer_reviews.queries import findings as queries
from peer_reviews.queries.home import for_page, home_of
from tests.constraints import broken
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
SECRET = "Supervision is rare and seldom reflective"


@pytest.fixture
def made():
    return make_review()


@pytest.fixture
def peer(made):
    return made.viewer(made.peers[0])


@pytest.fixture
def other(made):
    return made.viewer(made.peers[1])


def note_of(
    made, *, activity=None, voice="social-workers", shared=True, author=1, text="Heard it said", **fields
):
    given = {"kind": "consideration", "source_type": "focus-group", "on": TODAY, **fields}
    return Note.objects.create(
        review=made.review,
        author=made.members[author],
        activity=activity,
        voice=voice,
        text=text,
        written_at=NOW,
        received_at=NOW,
        changed_at=NOW,
        shared_at=NOW if shared else None,
        **given,
    )


def activity_of(made, title="Focus group"):
    return Activity.objects.create(
        review=made.review,
        on=TODAY,
        starts_at="09:00",
        ends_at="10:00",
        title=title,
        source_type="focus-group",
        voice="social-workers",
    )


def add(made, by, *, kind="consideration", wording=SECRET, **more):
    return actions.add_finding(made.review, kind=kind, wording=wording, by=by, on=TODAY, now=NOW, **more)


def change(finding, by, *, wording, revision=None, **more):
    return actions.change_finding(
        finding,
        kind=more.pop("kind", finding.kind),
        wording=wording,
        by=by,
        on=TODAY,
        now=NOW,
        revision=revision or finding.revision,
        **more,
    )


def agreed(finding, by):
    return actions.agree_wording(finding, by=by, on=TODAY, revision=finding.revision)


# Gathered and counted


def test_a_finding_rests_on_the_notes_that_were_ticked_and_counts_independent_sources(made, peer):
    one, two = activity_of(made), activity_of(made)
    notes = [
        note_of(made, activity=one, voice="social-workers"),
        note_of(made, activity=one, voice="health"),
        note_of(made, activity=two, voice="social-workers"),
        note_of(made, activity=two, voice="dcs"),
    ]
    finding = add(made, peer, notes=[note.pk for note in notes])
    alone = add(made, peer, notes=[notes[0].pk, notes[2].pk])
    rests = {one.pk: one.rests for one in queries.findings_of(made.review, peer)}
    assert (rests[finding.pk].count, rests[finding.pk].notes) == (2, 4)
    assert rests[finding.pk].is_triangulated
    assert (rests[alone.pk].count, rests[alone.pk].is_triangulated) == (1, False)


def test_two_notes_merged_into_one_count_once_and_are_shown_as_one(made, peer):
    kept, doubled = (
        note_of(made, activity=activity_of(made)),
        note_of(made, activity=activity_of(made), voice="dcs"),
    )
    finding = add(made, peer, notes=[kept.pk, doubled.pk])
    doubled.merged_into = kept
    doubled.save()
    assert queries.sources_of([finding.pk]) == {finding.pk: (1, 1)}
    assert list(queries.notes_of(finding, peer)) == [kept]
    assert list(queries.notes_to_gather(made.review, peer, without=finding)) == []
    actions.gather(finding, remove=[kept.pk], by=peer, on=TODAY)
    assert finding.gathered_set.count() == 0


def test_a_private_note_is_not_gathered_and_another_s_private_note_is_not_known_of(made, peer):
    own = note_of(made, shared=False, author=1)
    others = note_of(made, shared=False, author=2)
    with pytest.raises(Refused, match="still private"):
        add(made, peer, notes=[own.pk])
    with pytest.raises(Refused, match="no longer there"):
        add(made, peer, notes=[others.pk])


def test_a_note_of_another_review_is_not_gathered(made, peer):
    elsewhere = note_of(make_review())
    with pytest.raises(Refused, match="no longer there"):
        add(made, peer, notes=[elsewhere.pk])


def test_counts_are_kept_when_notes_are_deleted(made, peer):
    notes = [
        note_of(made, activity=activity_of(made), voice="health"),
        note_of(made, activity=activity_of(made), voice="dcs"),
    ]
    finding = add(made, peer, notes=[note.pk for note in notes])
    actions.count_sources(made.review)
    Note.objects.all().delete()
    made.review.notes_deleted_on = TODAY
    made.review.save()
    assert actions.count_sources(made.review) == 0
    shown = queries.findings_of(made.review, peer)[0]
    assert (shown.pk, shown.rests.count, shown.rests.notes) == (finding.pk, 2, 2)


def test_what_is_gathered_after_the_lock_is_counted_too(made, peer):
    finding = add(made, peer)
    actions.count_sources(made.review)
    actions.gather(finding, add=[note_of(made).pk], by=peer, on=TODAY)
    finding.refresh_from_db()
    assert (finding.sources, finding.notes_gathered) == (1, 1)


def test_a_recommendation_rests_on_findings_of_its_review_and_nothing_else_does(made, peer):
    finding, strength = add(made, peer), add(made, peer, kind="strength", wording="Children are heard")
    told = add(made, peer, kind="recommendation", wording="Give time", rests_on=[finding.pk, strength.pk])
    assert set(told.rests_on.all()) == {finding, strength}
    with pytest.raises(Refused, match="Only a recommendation"):
        add(made, peer, kind="strength", rests_on=[finding.pk])
    with pytest.raises(Refused, match="still stand"):
        add(made, peer, kind="recommendation", rests_on=[told.pk])
    elsewhere = make_review()
    theirs = add(elsewhere, elsewhere.viewer(elsewhere.peers[0]))
    with pytest.raises(Refused, match="of this review"):
        add(made, peer, kind="recommendation", rests_on=[theirs.pk])


# Worded and agreed


def test_every_wording_stays_with_who_made_it_and_when(made, peer, other):
    finding = add(made, peer, wording="First words")
    change(finding, other, wording="Second words")
    told = [(one.text, one.made_by, one.made_at) for one in queries.wordings_of(finding)]
    assert told == [("First words", made.members[1], NOW), ("Second words", made.members[2], NOW)]


def test_wordings_are_neither_altered_nor_deleted(made, peer):
    add(made, peer)
    with pytest.raises(DatabaseError), transaction.atomic():
        Wording.objects.update(text="Otherwise")
    with pytest.raises(DatabaseError), transaction.atomic():
        Wording.objects.all()._raw_delete("default")


def test_other_words_are_agreed_anew_and_the_same_words_stay_agreed(made, peer, other):
    finding = agreed(add(made, peer), other)
    kept = change(finding, peer, wording=SECRET, severity="high")
    assert kept.agreed_on == TODAY
    assert change(kept, peer, wording="Supervision is rare").agreed_on is None
    assert Wording.objects.filter(finding=finding).count() == 2


def test_agreed_findings_are_those_that_stand_in_order_of_line_and_place(made, peer):
    lines = list(made.review.lines.all())
    none = agreed(add(made, peer, wording="None"), peer)
    second = agreed(add(made, peer, wording="Second", line=lines[1].pk), peer)
    first = agreed(add(made, peer, wording="First", line=lines[0].pk), peer)
    add(made, peer, wording="Not agreed", line=lines[0].pk)
    left_out = agreed(add(made, peer, wording="Left out"), peer)
    actions.drop_finding(left_out, by=peer, on=TODAY, revision=left_out.revision)
    assert queries.agreed_findings(made.review) == [first, second, none]


def test_the_second_of_two_who_change_at_once_is_told(made, peer, other):
    finding = add(made, peer)
    change(finding, peer, wording="Mine", revision=1)
    with pytest.raises(Stale) as stale:
        change(finding, other, wording="Theirs", revision=1)
    assert stale.value.current.wording == "Mine"
    with pytest.raises(Stale):
        actions.agree_wording(finding, by=other, on=TODAY, revision=1)


def test_dissent_stays_readable_once_withdrawn_and_only_its_maker_withdraws_it(made, peer, other):
    finding = agreed(add(made, peer), peer)
    said = actions.dissent(finding, text="I heard the opposite", by=other, on=TODAY)
    with pytest.raises(PermissionDenied):
        actions.withdraw_dissent(said, by=peer, on=TODAY)
    actions.withdraw_dissent(said, by=other, on=TODAY)
    said.refresh_from_db()
    assert (said.text, said.withdrawn_on, said.made_by) == ("I heard the opposite", TODAY, made.members[2])
    assert Finding.objects.get(pk=finding.pk).agreed_on == TODAY
    with pytest.raises(Refused):
        actions.withdraw_dissent(said, by=other, on=TODAY)


def test_what_identifies_a_child_is_refused_wherever_it_is_typed(made, peer):
    born = "The child (DOB 12/03/2014) was not seen"
    finding = add(made, peer)
    for act in (
        lambda: add(made, peer, wording=born),
        lambda: change(finding, peer, wording=born),
        lambda: actions.dissent(finding, text=born, by=peer, on=TODAY),
    ):
        with pytest.raises(Refused, match="date of birth"):
            act()


# In order


def test_a_finding_moves_past_the_one_beside_it_in_its_line_and_no_further(made, peer):
    line = made.review.lines.first()
    a, elsewhere, b, c = (
        add(made, peer, wording=words, line=number)
        for words, number in (("a", line.pk), ("other", None), ("b", line.pk), ("c", line.pk))
    )

    def order():
        return [one.wording for one in queries.findings_of(made.review, peer)]

    assert order() == ["a", "b", "c", "other"]
    actions.move_finding(c, up=True, by=peer, on=TODAY)
    assert order() == ["a", "c", "b", "other"]
    actions.move_finding(a, up=True, by=peer, on=TODAY)
    actions.move_finding(b, up=False, by=peer, on=TODAY)
    actions.move_finding(elsewhere, up=True, by=peer, on=TODAY)
    assert order() == ["a", "c", "b", "other"]
    actions.move_finding(a, up=False, by=peer, on=TODAY)
    assert order() == ["c", "a", "b", "other"]


# At risk


def mark(finding, by, **more):
    return actions.mark_risk(finding, by=by, on=TODAY, revision=finding.revision, **more)


def test_risk_asks_the_lga_to_offer_support_in_words_that_tell_no_finding(made, peer):
    finding = mark(add(made, peer), peer)
    offer = finding.support
    told = (offer.label, offer.owes, offer.force, offer.case, offer.due_on, offer.of_review)
    assert told == (
        "Offer enhanced support",
        "lga",
        "agreed",
        made.review.case,
        TODAY + timedelta(days=10),
        True,
    )
    everything = " ".join(str(getattr(offer, field.name)) for field in Milestone._meta.concrete_fields)
    assert "upervision" not in everything


def test_the_offer_of_support_is_seen_by_the_lga_and_the_council_alone(made, peer):
    offer = mark(add(made, peer), peer).support
    dfe = person_with(Role.DFE_ADVISER, council=made.council)
    partner = person_with(Role.IMPROVEMENT_PARTNER, council=made.council)
    elsewhere = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    seen = [
        Milestone.objects.visible_to(made.viewer(person)).filter(pk=offer.pk).exists()
        for person in (made.manager, made.principal, made.approver, dfe, partner, elsewhere)
    ]
    assert seen == [True, True, True, False, False, False]


@pytest.mark.usefixtures("reference")
def test_the_offer_of_support_stands_on_the_reviews_page_among_what_falls_due(made, peer):
    mark(add(made, peer), peer)
    told = {}
    for person in (made.manager, made.approver, made.peers[1]):
        viewer = made.viewer(person)
        home = home_of(for_page(viewer).get(pk=made.review.pk), viewer)
        rows = [row.label for row in steps_shown(home, TODAY)]
        told[person.name] = (rows, [need.what for need in needs(home, TODAY)].count("Offer enhanced support"))
    assert told == {
        made.manager.name: (["Offer enhanced support"], 1),
        made.approver.name: (["Offer enhanced support"], 0),
        made.peers[1].name: ([], 0),
    }


def test_marking_again_moves_the_day_and_unmarking_withdraws_the_offer(made, peer):
    finding = mark(add(made, peer), peer, days=5)
    moved = mark(finding, peer, days=20)
    offer = moved.support
    assert (offer.pk, offer.due_on) == (finding.support.pk, TODAY + timedelta(days=20))
    assert [change.old_due_on for change in offer.changes.all()] == [TODAY + timedelta(days=5)]
    unmarked = actions.unmark_risk(moved, by=peer, on=TODAY, revision=moved.revision)
    offer.refresh_from_db()
    assert (unmarked.at_risk, unmarked.support, offer.outcome) == (False, None, "withdrawn")


def test_a_strength_puts_nothing_at_risk(made, peer):
    with pytest.raises(Refused, match="strength"):
        mark(add(made, peer, kind="strength"), peer)
    with pytest.raises(Refused, match="strength"):
        change(mark(add(made, peer), peer), peer, wording=SECRET, kind="strength")


def test_leaving_a_finding_out_withdraws_its_offer_and_taking_it_up_again_asks_for_agreement(made, peer):
    finding = agreed(mark(add(made, peer), peer), peer)
    offer = finding.support
    dropped = actions.drop_finding(finding, by=peer, on=TODAY, revision=finding.revision)
    offer.refresh_from_db()
    assert offer.outcome == "withdrawn"
    with pytest.raises(Refused, match="dropped"):
        change(dropped, peer, wording="Again")
    again = actions.take_up_again(dropped, by=peer, on=TODAY, revision=dropped.revision)
    assert (again.dropped_on, again.agreed_on, again.at_risk) == (None, None, False)


# The pre-brief


def brief(made, by, **more):
    given = {"held_at": NOW - timedelta(hours=3), "dcs": True, "chief_executive": True, "leader": True}
    return record_pre_brief(made.review, by=by, on=TODAY, now=NOW, **given | more)


def test_a_pre_brief_says_who_heard_it_and_why_not_all(made, peer):
    with pytest.raises(Refused, match="why not all"):
        brief(made, peer, leader=False)
    held = brief(made, peer, leader=False, why_not_all="The leader was abroad")
    assert queries.pre_brief_of(made.review) == held
    with pytest.raises(Stale):
        brief(made, peer)
    assert brief(made, peer, revision=1).why_not_all == ""


def test_nobody_is_briefed_before_the_team_is_on_site_or_in_time_to_come(made, peer):
    with pytest.raises(Refused, match="must have passed"):
        brief(made, peer, held_at=NOW + timedelta(minutes=1))
    with pytest.raises(Refused, match="first day on site"):
        brief(made, peer, held_at=NOW - timedelta(days=9))
    preparing = make_review(stage=Stage.PREPARING)
    with pytest.raises(Refused, match="once the team is on site"):
        brief(preparing, preparing.viewer(preparing.manager))


def test_the_database_keeps_no_pre_brief_of_some_without_a_reason(made):
    with broken("pre_brief_of_all_three_or_why_not"):
        PreBrief.objects.create(review=made.review, held_at=NOW, dcs=True)


# Who may


def test_only_the_team_writes(made, peer):
    finding = add(made, peer)
    for person in (made.principal, made.approver, made.contributor, person_with(Role.NATIONAL_LEAD)):
        by = made.viewer(person)
        for act in (
            lambda by=by: add(made, by),
            lambda by=by: change(finding, by, wording="No"),
            lambda by=by: agreed(finding, by),
            lambda by=by: actions.dissent(finding, text="No", by=by, on=TODAY),
            lambda by=by: actions.move_finding(finding, up=True, by=by, on=TODAY),
            lambda by=by: mark(finding, by),
            lambda by=by: brief(made, by),
        ):
            with pytest.raises(PermissionDenied):
                act()


def test_nothing_changes_once_the_review_is_cancelled_or_its_report_final(made, peer):
    finding = add(made, peer)
    made.review.stage = Stage.CANCELLED
    made.review.save()
    with pytest.raises(Refused):
        change(finding, peer, wording="Late")
    made.review.stage, made.review.final_on = Stage.FINAL, TODAY
    made.review.save()
    with pytest.raises(Refused, match="final report"):
        add(made, peer)


def test_events_hold_no_word_of_a_finding_nor_of_which_kind_it_is(made, peer, other):
    note = note_of(made, text="They said it plainly")
    finding = mark(agreed(add(made, peer, notes=[note.pk], severity="high"), peer), peer)
    actions.dissent(finding, text="I heard the opposite", by=other, on=TODAY)
    change(Finding.objects.get(pk=finding.pk), peer, wording="Quite other words")
    told = " ".join(
        f"{event.kind} {event.data}" for event in Event.objects.filter(case_reference=made.review.reference)
    )
    for words in ("upervision", "plainly", "opposite", "other words", "consideration", "high"):
        assert words not in told


def test_a_council_s_history_tells_nobody_of_findings_and_the_dfe_of_no_support(client, made, peer):
    finding = mark(add(made, peer), peer)
    actions.unmark_risk(finding, by=peer, on=TODAY, revision=finding.revision)
    for person, told_of_support in (
        (made.approver, True),
        (made.principal, True),
        (person_with(Role.DFE_ADVISER, council=made.council), False),
    ):
        client.force_login(person)
        page = client.get(reverse("council-history", args=[made.council.slug])).content.decode()
        assert "finding" not in page
        assert ("Milestone withdrawn" in page) == told_of_support


# The pages


def answers(client, made, *names, people=None, **more):
    found = {}
    for who, person in (people or {}).items():
        client.force_login(person)
        found[who] = [
            client.get(reverse(name, kwargs={"reference": made.review.reference, **more})).status_code
            for name in names
        ]
    return found


READ = ("finding", "finding_history")
ASKED = (
    "finding_change",
    "finding_gather",
    "finding_agree",
    "finding_dissent",
    "finding_drop",
    "finding_risk",
)


def test_the_team_opens_every_page_of_a_finding_and_nobody_else_any(client, made, peer):
    finding = add(made, peer, notes=[note_of(made).pk])
    people = {
        "writer": made.peers[0],
        "team mate": made.peers[1],
        "manager": made.manager,
        "principal": made.principal,
        "approver": made.approver,
        "national lead": person_with(Role.NATIONAL_LEAD),
        "dfe": person_with(Role.DFE_ADVISER, council=made.council),
        "stranger": person_with(Role.PEER, council=CouncilFactory()),
    }
    on_team = ("writer", "team mate", "manager")
    lists = answers(client, made, "findings", "finding_add", "pre_brief", people=people)
    pages = answers(client, made, *READ, *ASKED, people=people, pk=finding.pk)
    assert lists == {who: [200 if who in on_team else 404] * 3 for who in people}
    assert pages == {who: [200 if who in on_team else 404] * 8 for who in people}


def test_after_the_final_report_the_lga_reads_and_writes_nothing_and_the_peers_are_gone(client, made, peer):
    note = note_of(made, text="Raw and private words")
    finding = add(made, peer, notes=[note.pk])
    actions.count_sources(made.review)
    made.review.stage, made.review.final_on = Stage.FINAL, TODAY
    made.review.save()
    TeamMember.objects.update(until_on=TODAY)
    people = {"manager": made.manager, "principal": made.principal, "lead": person_with(Role.NATIONAL_LEAD)}
    gone = {"peer": made.peers[0], "approver": made.approver}
    assert answers(client, made, *READ, people=people, pk=finding.pk) == {who: [200, 200] for who in people}
    assert answers(client, made, *ASKED, people=people, pk=finding.pk) == {who: [403] * 6 for who in people}
    assert answers(client, made, *READ, *ASKED, people=gone, pk=finding.pk) == {
        who: [404] * 8 for who in gone
    }
    client.force_login(made.principal)
    page = client.get(reverse("finding", args=[made.review.reference, finding.pk])).content.decode()
    assert SECRET in page
    assert "one group’s word, 1 note" in page
    assert "Raw and private words" not in page


def test_notes_ticked_in_their_list_arrive_on_the_page_that_makes_a_finding_of_them(client, made):
    line = made.review.lines.first()
    note = note_of(made, text="Heard it twice", line=line)
    client.force_login(made.peers[0])
    address = reverse("finding_add", args=[made.review.reference])
    page = client.post(address, {"note": [note.pk]})
    assert "Heard it twice" in page.content.decode()
    assert page.context["form"].errors == {}
    assert page.context["form"].initial["line"] == line.pk
    saved = client.post(
        address, {"notes": [note.pk], "kind": "strength", "wording": "Heard", "line": line.pk, "severity": ""}
    )
    finding = Finding.objects.get()
    assert saved.headers["Location"] == reverse("findings", args=[made.review.reference])
    assert list(finding.notes.all()) == [note]


def test_the_page_of_gathering_searches_adds_and_takes_away(client, made, peer):
    line, other_line = made.review.lines.all()[:2]
    finding = add(made, peer, line=line.pk, notes=[note_of(made, text="Gathered before").pk])
    found = note_of(made, text="Supervision was cancelled", line=other_line)
    note_of(made, text="About something else", line=line)
    client.force_login(made.peers[1])
    address = reverse("finding_gather", args=[made.review.reference, finding.pk])
    own_line = client.get(address).content.decode()
    assert "About something else" in own_line and "cancelled" not in own_line
    searched = client.get(address, {"q": "cancelled supervision", "line": ""}).content.decode()
    assert "Supervision was cancelled" in searched and "something else" not in searched
    before = finding.notes.get()
    client.post(address, {"add": [found.pk], "remove": [before.pk]})
    assert list(finding.notes.all()) == [found]


def test_one_who_changes_what_another_changed_meanwhile_sees_both(client, made, peer):
    finding = add(made, peer)
    change(finding, peer, wording="Changed by the first")
    client.force_login(made.peers[1])
    address = reverse("finding_change", args=[made.review.reference, finding.pk])
    typed = {
        "kind": "consideration",
        "wording": "Typed by the second",
        "line": "",
        "severity": "",
        "revision": 1,
    }
    answer = client.post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed by the first" in page and "Typed by the second" in page
    again = client.post(address, typed | {"revision": answer.context["form"]["revision"].value()})
    assert again.status_code == 302
    assert Finding.objects.get().wording == "Typed by the second"


def test_the_list_says_what_is_not_triangulated_and_moves_without_script(client, made, peer):
    first, second = add(made, peer, wording="First said"), add(made, peer, wording="Second said")
    client.force_login(made.peers[0])
    address = reverse("findings", args=[made.review.reference])
    page = client.get(address).content.decode()
    assert "2 findings, 2 not agreed, 2 not triangulated" in page
    moved = client.post(reverse("finding_move", args=[made.review.reference, second.pk]), {"to": "up"})
    assert moved.headers["Location"] == f"{address}#finding-{second.pk}"
    page = client.get(address).content.decode()
    assert page.index("Second said") < page.index("First said")
    client.force_login(made.principal)
    assert client.post(reverse("finding_move", args=[made.review.reference, first.pk])).status_code == 404


def test_history_compares_any_two_wordings_word_by_word(client, made, peer):
    finding = add(made, peer, wording="Supervision is rare")
    finding = change(finding, peer, wording="Supervision is often rare")
    change(finding, peer, wording="Supervision is often good")
    client.force_login(made.peers[0])
    address = reverse("finding_history", args=[made.review.reference, finding.pk])
    latest = client.get(address).context["parts"]
    assert [part[:2] for part in latest if part[0] != "same"] == [("deleted", "rare"), ("inserted", "good")]
    whole = client.get(address, {"before": "1", "after": "2"}).context["parts"]
    assert [part[:2] for part in whole if part[0] != "same"] == [("inserted", "often")]
    assert client.get(address, {"before": "99", "after": "x"}).status_code == 200


def test_marking_a_risk_by_the_page_offers_ten_days_and_unmarking_takes_it_back(client, made, peer):
    finding = add(made, peer)
    client.force_login(made.peers[0])
    address = reverse("finding_risk", args=[made.review.reference, finding.pk])
    assert client.get(address).context["form"]["days"].value() == 10
    client.post(address, {"days": "4", "revision": "1"})
    assert Finding.objects.get().support.due_on == localdate() + timedelta(days=4)
    client.post(address, {"revision": "2"})
    assert Finding.objects.get().support is None


def test_the_pre_brief_is_recorded_by_its_page(client, made):
    client.force_login(made.peers[0])
    address = reverse("pre_brief", args=[made.review.reference])
    day = made.review.first_day
    typed = {
        "held_on_day": day.day,
        "held_on_month": day.month,
        "held_on_year": day.year,
        "time": "9.15",
        "heard": ["dcs", "leader"],
    }
    refused = client.post(address, typed)
    assert "why not all three" in refused.content.decode()
    saved = client.post(address, typed | {"why_not_all": "Not in post"})
    assert saved.status_code == 302
    assert PreBrief.objects.get().held_at.astimezone(UTC) == datetime(2026, 11, 1, 9, 15, tzinfo=UTC)
    told = client.get(reverse("findings", args=[made.review.reference])).content.decode()
    assert "with the director of children’s services and leader. Why not all three: Not in post" in told


def test_sixty_findings_and_fifteen_hundred_notes_take_twelve_queries(client, made, peer):
    activities = [activity_of(made, f"Activity {number}") for number in range(20)]
    voices = ["children", "families", "social-workers", "dcs"]
    notes = Note.objects.bulk_create(
        Note(
            review=made.review,
            author=made.members[1],
            kind="strength",
            text=f"Note {number}",
            activity=activities[number % 20],
            source_type="interview",
            voice=voices[number % 4],
            on=date(2026, 11, 2),
            written_at=NOW,
            received_at=NOW,
            changed_at=NOW,
            shared_at=NOW,
        )
        for number in range(1500)
    )
    for number in range(60):
        line = made.review.lines.all()[number % 3]
        add(
            made,
            peer,
            wording=f"Finding {number}",
            line=line.pk,
            notes=[note.pk for note in notes[number::60]],
        )
    client.force_login(made.peers[0])
    for address, most in (
        (reverse("findings", args=[made.review.reference]), 12),
        (reverse("finding", args=[made.review.reference, Finding.objects.first().pk]), 16),
        (reverse("finding_gather", args=[made.review.reference, Finding.objects.first().pk]), 16),
    ):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            assert client.get(address).status_code == 200
        asked = [query["sql"] for query in queries_made if "SAVEPOINT" not in query["sql"]]
        assert len(asked) <= most, "\n".join(asked)
