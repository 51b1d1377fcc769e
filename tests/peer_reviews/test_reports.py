"""Slides and report: from the agreed findings to the final version, and who reads what on the way."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Milestone, Recommendation, Source
from cases.refusals import Refused, Stale
from history.models import Event
from peer_reviews.actions import factual
from peer_reviews.actions import reports as actions
from peer_reviews.actions.feedback import say_feedback
from peer_reviews.actions.follow_up import hold_follow_up, record_progress
from peer_reviews.actions.publication import publish
from peer_reviews.models import (
    FactualComment,
    FeedbackSlides,
    Finding,
    KindStep,
    Note,
    Paragraph,
    PeerReview,
    Progress,
    Report,
    ReviewFeedback,
    Stage,
    TeamMember,
)
from peer_reviews.queries.feedback import all_feedback
from peer_reviews.queries.report_content import (
    agreement_content,
    report_content,
    slides_content,
    what_we_did,
)
from peer_reviews.rules.report_text import digest_of
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reporting import NOW, again, agree_findings, brief, by, drafted, final, given, sent
from tests.peer_reviews.reviews import make_kind, make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def texts(report):
    return list(report.paragraphs.order_by("place").values_list("kind", "text"))


# Slides


def test_feedback_is_refused_until_it_was_heard_in_private():
    made = make_review()
    agree_findings(made)
    with pytest.raises(Refused, match="heard it in private"):
        actions.give_slides(made.review, now=NOW, **by(made))
    brief(made)
    actions.give_slides(made.review, now=NOW, **by(made))
    assert again(made).review.stage == Stage.FEEDBACK_GIVEN


def test_feedback_without_an_agreed_finding_is_refused():
    made = make_review()
    brief(made)
    Finding.objects.create(review=made.review, kind="strength", place=1, wording="Not agreed yet")
    with pytest.raises(Refused, match="agreed no finding"):
        actions.give_slides(made.review, now=NOW, **by(made))


def test_slides_hold_exactly_the_agreed_words_in_the_order_of_the_lines():
    made = make_review()
    agree_findings(made)
    Finding.objects.create(review=made.review, kind="strength", place=9, wording="Not agreed")
    content = slides_content(made.review, TODAY)
    assert [slide["title"] for slide in content["slides"]][2:] == [
        "Line 1: strengths",
        "Line 1: areas for further consideration",
        "Recommendations",
        "Next steps",
    ]
    said = [bullet["text"] for slide in content["slides"] for bullet in slide["bullets"]]
    assert "Supervision is not yet regular." in said
    assert "Not agreed" not in said


def test_many_findings_go_on_to_a_further_slide():
    made = make_review()
    for place in range(11):
        Finding.objects.create(
            review=made.review, kind="strength", place=place, wording=f"Strength {place}", agreed_on=TODAY
        )
    titles = [slide["title"] for slide in slides_content(made.review, TODAY)["slides"]]
    assert [title for title in titles if "strengths" in title] == [
        f"Across the review: strengths ({number} of 3)" for number in (1, 2, 3)
    ]


def test_what_the_team_did_counts_activities_people_documents_and_cases():
    made = make_review()
    for number, (source, voice, came) in enumerate(
        [
            ("interview", "dcs", "1 director"),
            ("focus-group", "social-workers", "8 social workers, 2 managers"),
            ("focus-group", "children", ""),
        ]
    ):
        made.review.activities.create(
            on=TODAY,
            starts_at=f"{9 + number}:00",
            ends_at=f"{9 + number}:45",
            title="A meeting",
            source_type=source,
            voice=voice,
            who_came=came,
            standing="held",
        )
    for reference, council, team in [
        ("A1", "good", "good"),
        ("A2", "good", "inadequate"),
        ("A3", "", "good"),
    ]:
        made.review.audited.create(
            reference=reference, council_grade=council, team_grade=team, audited_on=TODAY
        )
    assert what_we_did(made.review) == [
        "3 activities held: 1 interview and 2 focus groups.",
        "We heard children and young people, social workers and the director of children’s services.",
        "11 people met, as the timetable counts them: somebody may have come twice.",
        "3 cases audited; the team agreed with the council’s own grade in 1 of 2.",
    ]


def test_the_slides_are_frozen_as_given_with_their_file():
    made = given()
    slides = FeedbackSlides.objects.get(review=made.review)
    with slides.upload.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == slides.digest
    Finding.objects.filter(review=made.review).update(wording="Said otherwise later")
    slides.refresh_from_db()
    assert "Social workers know their children well." in str(slides.content)
    with pytest.raises(DatabaseError), transaction.atomic():
        FeedbackSlides.objects.filter(pk=slides.pk).update(content={})
    with pytest.raises(Refused, match="given already"):
        actions.give_slides(made.review, now=NOW, **by(made))


def test_only_a_manager_on_the_team_gives_feedback():
    made = make_review()
    agree_findings(made)
    brief(made)
    for person in (made.approver, made.principal, made.peers[0]):
        with pytest.raises(PermissionDenied):
            actions.give_slides(made.review, now=NOW, **by(made, person))


def test_the_council_reads_slides_once_they_are_given_and_others_never():
    made = given()
    adviser = person_with(Role.DFE_ADVISER, council=made.council)
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    seen = {
        person.pk: FeedbackSlides.objects.visible_to(made.viewer(person)).exists()
        for person in (made.manager, made.approver, made.contributor, made.peers[0], adviser, stranger)
    }
    assert list(seen.values()) == [True] * 4 + [False] * 2


# Begun


def test_a_report_begins_with_the_agreed_findings_in_their_order():
    made, report = drafted()
    assert made.review.stage == Stage.DRAFT_REPORT
    told = texts(report)
    assert told[0] == ("heading", "Introduction")
    start = told.index(("heading", "Line 1"))
    assert told[start:] == [
        ("heading", "Line 1"),
        ("strength", "Social workers know their children well."),
        ("consideration", "Supervision is not yet regular."),
        ("heading", "Recommendations"),
        ("text", "We recommend that the council should:"),
        ("recommendation", "Make sure that supervision is held every month."),
        ("recommendation", "Ask families what has changed."),
        *told[-3:],
    ]
    assert told[-3] == ("heading", "Next steps")


def test_its_introduction_names_roles_and_no_person():
    made, report = drafted()
    said = " ".join(text for _, text in texts(report))
    assert "a lead peer, two operational peers and the LGA’s review manager" in said
    for person in (made.manager, *made.peers):
        assert person.name not in said


@pytest.mark.parametrize(("sources", "is_said"), [(2, True), (1, False)])
def test_it_says_that_findings_rest_on_two_sources_only_where_they_do(sources, is_said):
    made = given()
    Finding.objects.filter(review=made.review).update(sources=2, notes_gathered=2)
    Finding.objects.filter(review=made.review, kind="consideration").update(sources=sources)
    report = actions.begin_report(made.review, **by(made))
    assert report.paragraphs.filter(text__contains="two independent sources").exists() == is_said


def test_a_kind_that_ends_in_a_letter_begins_and_ends_as_one():
    _made, report = drafted(kind=make_kind("letters", letter=True))
    told = texts(report)
    assert told[0][1] == "Dear director of children’s services"
    assert told[-1][1].startswith("Yours sincerely")
    assert "letter to" in report.title


def test_a_report_begins_once_and_after_feedback():
    made = make_review()
    with pytest.raises(Refused, match="once feedback was given"):
        actions.begin_report(made.review, **by(made))
    made, _report = drafted()
    with pytest.raises(Refused, match="draft already"):
        actions.begin_report(made.review, **by(made))


def test_only_who_runs_the_review_writes_its_report():
    made, report = drafted()
    for person in (made.approver, made.contributor, made.peers[0]):
        with pytest.raises(PermissionDenied):
            actions.add_paragraph(report, kind="text", text="Mine", revision=1, **by(made, person))


# Written


def test_a_paragraph_is_added_below_another_moved_changed_and_removed():
    made, report = drafted()
    first, second = report.paragraphs.order_by("place")[:2]
    added = actions.add_paragraph(
        report, kind="text", text="Between", after=first.key, revision=report.revision, **by(made)
    )
    report.refresh_from_db()
    assert [one.key for one in report.paragraphs.order_by("place")[:3]] == [first.key, added.key, second.key]
    report = actions.move_paragraph(report, key=added.key, up=True, revision=report.revision, **by(made))
    assert report.paragraphs.order_by("place").first().key == added.key
    actions.change_paragraph(
        report, key=added.key, kind="heading", text="A heading", revision=report.revision, **by(made)
    )
    report.refresh_from_db()
    assert texts(report)[0] == ("heading", "A heading")
    report = actions.remove_paragraph(report, key=added.key, revision=report.revision, **by(made))
    assert report.paragraphs.order_by("place").first().key == first.key


def test_the_first_moved_up_and_the_last_moved_down_stay():
    made, report = drafted()
    before = texts(report)
    ends = report.paragraphs.order_by("place")
    actions.move_paragraph(report, key=ends.first().key, up=True, revision=report.revision, **by(made))
    actions.move_paragraph(report, key=ends.last().key, up=False, revision=report.revision, **by(made))
    assert texts(report) == before


def test_the_second_of_two_who_change_a_report_is_refused_as_stale():
    made, report = drafted()
    seen, key = report.revision, report.paragraphs.first().key
    actions.change_paragraph(report, key=key, kind="text", text="First", revision=seen, **by(made))
    with pytest.raises(Stale):
        actions.change_paragraph(report, key=key, kind="text", text="Second", revision=seen, **by(made))
    assert Paragraph.objects.get(report=report, key=key).text == "First"


def test_a_paragraph_removed_while_somebody_wrote_it_is_put_back_when_they_say_so():
    made, report = drafted()
    seen, key = report.revision, report.paragraphs.first().key
    report = actions.remove_paragraph(report, key=key, revision=seen, **by(made))
    with pytest.raises(Stale):
        actions.change_paragraph(report, key=key, kind="text", text="Written", revision=seen, **by(made))
    actions.change_paragraph(
        report, key=key, kind="text", text="Written", revision=report.revision, **by(made)
    )
    assert texts(report)[-1] == ("text", "Written")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("text", "  ", "Enter what"),
        ("nonsense", "Words", "Select what"),
        ("recommendation", "x" * 4001, "4,000"),
        ("heading", "x" * 201, "200"),
        ("text", "NHS number 943 476 5919", "NHS number"),
    ],
)
def test_a_paragraph_that_cannot_stand_is_refused(kind, text, said):
    made, report = drafted()
    with pytest.raises(Refused, match=said):
        actions.add_paragraph(report, kind=kind, text=text, revision=report.revision, **by(made))


# Sent


def test_sending_freezes_the_version_with_the_digest_of_its_text():
    made, report = sent()
    assert made.review.stage == Stage.FACTUAL_ACCURACY
    assert made.review.draft_sent_on == TODAY
    assert report.digest == digest_of(report.title, report.paragraphs.order_by("place"))
    with pytest.raises(Refused, match="never changes"):
        actions.add_paragraph(report, kind="text", text="Late", revision=report.revision, **by(made))
    with pytest.raises(DatabaseError), transaction.atomic():
        report.paragraphs.update(text="Altered")
    with pytest.raises(DatabaseError), transaction.atomic():
        report.paragraphs.first().delete()
    for altered in (
        {"title": "Another"},
        {"digest": "0" * 64},
        {"stage": "draft", "digest": "", "sent_on": None},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**altered)


def test_the_council_has_ten_working_days_or_what_its_kind_says():
    _made, report = sent()
    assert report.comments_due_on == date(2026, 11, 16)
    kind = make_kind("quick")
    KindStep.objects.create(
        kind=kind, step="factual-accuracy", anchor="draft-sent", length=5, unit="working-days", owes="council"
    )
    _made, report = sent(kind=kind)
    assert report.comments_due_on == date(2026, 11, 9)


def test_sending_meets_the_draft_and_sets_the_day_for_comments():
    kind = make_kind("with-steps")
    for step, anchor, length, owes in [
        ("draft", "last-day", 4, "lga"),
        ("factual-accuracy", "draft-sent", 2, "council"),
        ("action-plan", "final", 8, "council"),
    ]:
        KindStep.objects.create(kind=kind, step=step, anchor=anchor, length=length, unit="weeks", owes=owes)
    made, report = drafted(kind=kind)
    actions.steps.set_steps(made.review, **by(made))
    actions.send_report(report, revision=report.revision, **by(made))
    standing = dict(made.review.steps.values_list("step", "milestone__outcome"))
    assert standing == {"draft": "met", "factual-accuracy": ""}
    due = made.review.steps.get(step="factual-accuracy").milestone.due_on
    assert due == TODAY + timedelta(weeks=2)
    factual.close_comments(report, **by(made, made.approver))
    made = again(made)
    assert made.review.steps.get(step="factual-accuracy").milestone.outcome == "met"
    last = actions.begin_report(made.review, **by(made))
    actions.make_final(last, revision=last.revision, **by(made))
    assert made.review.steps.get(step="action-plan").milestone.due_on == TODAY + timedelta(weeks=8)


# Factual accuracy


def test_the_councils_people_comment_several_times_and_its_leadership_does_not():
    made, report = sent()
    paragraph = report.paragraphs.filter(kind="strength").get()
    for person in (made.approver, made.contributor):
        factual.comment(paragraph, text="There are 12 teams.", **by(made, person))
    assert paragraph.comments.count() == 2
    leader = person_with(Role.COUNCIL_LEADERSHIP, council=made.council)
    for person in (leader, made.manager, made.peers[0]):
        with pytest.raises(PermissionDenied):
            factual.comment(paragraph, text="Mine", **by(made, person))


def test_nobody_comments_on_a_draft_or_once_comments_are_closed():
    made, report = drafted()
    with pytest.raises(PermissionDenied):
        factual.comment(report.paragraphs.first(), text="Early", **by(made, made.approver))
    made, report = sent()
    factual.close_comments(report, **by(made, made.approver))
    with pytest.raises(Refused, match="closed"):
        factual.comment(report.paragraphs.first(), text="Late", **by(made, made.approver))


def test_the_manager_closes_comments_only_after_their_day():
    made, report = sent()
    with pytest.raises(Refused, match="16 November 2026"):
        factual.close_comments(report, **by(made))
    with pytest.raises(PermissionDenied):
        factual.close_comments(report, **by(made, made.contributor))
    later = Viewer.of(made.manager, report.comments_due_on + timedelta(days=1))
    report = factual.close_comments(report, by=later, on=later.today)
    assert report.comments_closed_on == date(2026, 11, 17)


def commented(*said):
    made, report = sent()
    paragraph = report.paragraphs.filter(kind="strength").get()
    comments = [factual.comment(paragraph, text=text, **by(made, made.contributor)) for text in said]
    factual.close_comments(report, **by(made, made.approver))
    return again(made), report, comments


def answered(made, comment, answer, reason=""):
    return factual.answer_comment(
        comment, answer=answer, reason=reason, revision=comment.revision, **by(made)
    )


def test_what_is_not_accepted_needs_a_reason():
    made, _report, [comment] = commented("Not so")
    for answer in ("in-part", "not-accepted"):
        with pytest.raises(Refused, match="reason"):
            answered(made, comment, answer)
    assert answered(made, comment, "accepted").answer == "accepted"


def test_a_comment_is_answered_after_the_round_by_who_runs_the_review():
    made, report = sent()
    comment = factual.comment(report.paragraphs.first(), text="Not so", **by(made, made.contributor))
    with pytest.raises(Refused, match="not finished"):
        answered(made, comment, "accepted")
    factual.close_comments(report, **by(made, made.approver))
    with pytest.raises(PermissionDenied):
        factual.answer_comment(comment, answer="accepted", reason="", revision=1, **by(made, made.approver))
    answered(made, comment, "accepted")
    with pytest.raises(Stale):
        answered(made, comment, "accepted")


def test_the_next_version_keeps_each_paragraphs_identity_and_is_a_draft():
    made, report, _comments = commented("Not so")
    following = actions.begin_report(made.review, **by(made))
    assert following.number == 2
    assert following.stage == Report.Stage.DRAFT
    keys = [list(one.paragraphs.order_by("place").values_list("key", "text")) for one in (report, following)]
    assert keys[0] == keys[1]


def test_a_report_is_final_only_when_every_comment_is_answered():
    made, _report, comments = commented("One", "Two")
    following = actions.begin_report(made.review, **by(made))
    answered(made, comments[0], "accepted")
    with pytest.raises(Refused, match="1 comment of the council is not answered"):
        actions.make_final(following, revision=1, **by(made))
    answered(made, comments[1], "not-accepted", "The timetable says otherwise.")
    assert actions.make_final(following, revision=1, **by(made)).stage == Report.Stage.FINAL


def test_a_kind_with_a_check_of_facts_has_no_final_report_without_it():
    kind = make_kind("checked")
    KindStep.objects.create(
        kind=kind, step="factual-accuracy", anchor="draft-sent", length=2, unit="weeks", owes="council"
    )
    made, report = drafted(kind=kind)
    with pytest.raises(Refused, match="not seen it"):
        actions.make_final(report, revision=report.revision, **by(made))
    made, report = drafted()
    assert actions.make_final(report, revision=report.revision, **by(made)).stage == Report.Stage.FINAL


# Final


def test_the_final_reports_recommendations_become_the_councils():
    made, report = final()
    source = made.review.source
    assert (source.kind, source.access) == (Source.Kind.PEER_REVIEW, Source.Access.UNPUBLISHED)
    told = Recommendation.objects.filter(source=source)
    assert list(told.values_list("number", "text")) == [
        (1, "Make sure that supervision is held every month."),
        (2, "Ask families what has changed."),
    ]
    assert {one.council for one in told} == {made.council}
    assert made.review.final_on == TODAY
    assert made.review.notes_delete_on == TODAY + timedelta(weeks=6)
    assert report.number == 2


def test_the_council_and_the_lga_read_them_and_the_dfe_after_publication_alone():
    made, _report = final()
    adviser = person_with(Role.DFE_ADVISER, council=made.council)

    def reads(person):
        return (
            Recommendation.objects.visible_to(made.viewer(person)).filter(source=made.review.source).count()
        )

    assert [reads(person) for person in (made.approver, made.principal, adviser)] == [2, 2, 0]
    publish(
        made.review,
        published_on=TODAY,
        url="https://www.example.org/report",
        revision=made.review.revision,
        **by(made, made.approver),
    )
    assert reads(adviser) == 2


def test_the_teams_service_ends_with_the_final_report_and_with_it_the_sight_of_notes():
    made, _report = final()
    Note.objects.create(
        review=made.review,
        author=made.members[1],
        kind="strength",
        text="A note",
        written_at=NOW,
        received_at=NOW,
        changed_at=NOW,
        shared_at=NOW,
        on=TODAY,
        source_type="interview",
        voice="families",
    )
    for person in (made.manager, *made.peers):
        assert not Note.objects.visible_to(made.viewer(person)).exists()
    assert not TeamMember.objects.filter(review=made.review, until_on=None).exists()


def test_the_clock_of_the_next_offer_starts_from_the_last_day_on_site():
    made, _report = final()
    offer = Milestone.objects.get(council=made.council, rule__slug="peer-review-offer")
    assert offer.due_on == date(2030, 11, 4)
    assert offer.of_review
    adviser = person_with(Role.DFE_ADVISER, council=made.council)
    assert not Milestone.objects.visible_to(made.viewer(adviser)).filter(pk=offer.pk).exists()
    assert Milestone.objects.visible_to(made.viewer(made.approver)).filter(pk=offer.pk).exists()


def test_a_second_review_of_a_council_moves_the_clock_on():
    made, _report = final()
    later, _report = final(council=made.council, today=TODAY + timedelta(days=400))
    offers = Milestone.objects.filter(council=made.council, rule__slug="peer-review-offer")
    assert list(offers.order_by("due_on").values_list("outcome", flat=True)) == ["superseded", ""]
    assert later.review.last_day > made.review.last_day


def test_a_kind_that_does_not_count_starts_no_clock():
    made, _report = final(kind=make_kind("small", counts_for_offer=False))
    assert not Milestone.objects.filter(council=made.council, rule__slug="peer-review-offer").exists()


def test_no_words_of_a_report_stand_in_an_event():
    made, _report = final()
    told = str(list(Event.objects.filter(case_reference=made.review.case.reference).values_list("data")))
    assert "supervision" not in told.lower()


# Published


def published(made, person=None, **given):
    asked = {
        "published_on": TODAY,
        "url": "https://www.example.org/report",
        "revision": made.review.revision,
        **given,
    }
    return publish(made.review, **asked, **by(made, person or made.approver))


def test_only_the_councils_approver_publishes():
    made, _report = final()
    leader = person_with(Role.COUNCIL_LEADERSHIP, council=made.council)
    for person in (made.manager, made.principal, made.contributor, leader):
        with pytest.raises(PermissionDenied):
            published(made, person)
    review = published(made)
    source = Source.objects.get(pk=review.source_id)
    assert (source.access, source.published_on, source.url) == (
        "public",
        TODAY,
        "https://www.example.org/report",
    )
    with pytest.raises(Refused, match="already"):
        published(again(made))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://www.example.org/report"}, "https"),
        ({"url": "https://somebody:secret@example.org/"}, "https"),
        ({"url": "javascript:alert(1)"}, "https"),
        ({"published_on": TODAY + timedelta(days=1)}, "today or earlier"),
        ({"published_on": TODAY - timedelta(days=1)}, "final since"),
    ],
)
def test_a_publication_that_cannot_be_is_refused(given, said):
    made, _report = final()
    with pytest.raises(Refused, match=said):
        published(made, **given)


def test_nothing_is_published_before_it_is_final():
    made, _report = sent()
    with pytest.raises(Refused, match="no final report"):
        published(made)


# Who reads which version


def people(made):
    return {
        "manager": made.manager,
        "principal": made.principal,
        "peer": made.peers[0],
        "approver": made.approver,
        "contributor": made.contributor,
        "leader": person_with(Role.COUNCIL_LEADERSHIP, council=made.council),
        "lead": person_with(Role.NATIONAL_LEAD),
        "dfe": person_with(Role.DFE_ADVISER, council=made.council),
        "administrator": person_with(Role.ADMINISTRATOR),
        "stranger": person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()),
    }


def read_by(made, everybody):
    return {
        name: sorted(
            Report.objects.visible_to(made.viewer(person))
            .filter(review=made.review)
            .values_list("number", flat=True)
        )
        for name, person in everybody.items()
    }


NOBODY = {"dfe": [], "administrator": [], "stranger": []}
COUNCIL = ("approver", "contributor", "leader")


def test_a_draft_is_read_by_the_team_and_who_runs_the_review():
    made, _report = drafted()
    read = read_by(made, people(made))
    assert read == {
        **NOBODY,
        **{name: [1] for name in ("manager", "principal", "peer")},
        **{name: [] for name in (*COUNCIL, "lead")},
    }


def test_the_council_reads_it_from_sending_and_no_later_draft():
    made, report = sent()
    everybody = people(made)
    assert read_by(made, everybody) == {
        **NOBODY,
        **{name: [1] for name in ("manager", "principal", "peer", *COUNCIL, "lead")},
    }
    factual.close_comments(report, **by(made, made.approver))
    actions.begin_report(again(made).review, **by(made))
    read = read_by(made, everybody)
    assert [read["manager"], read["peer"], read["approver"], read["lead"]] == [[1, 2], [1, 2], [1], [1]]


def test_a_peer_reads_nothing_after_the_final_report_and_the_final_one_at_the_follow_up():
    made, _report = final()
    everybody = people(made)
    read = read_by(made, everybody)
    assert (read["peer"], read["approver"], read["dfe"]) == ([], [1, 2], [])
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    assert read_by(made, everybody)["peer"] == [2]
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.CLOSED)
    assert read_by(made, everybody)["peer"] == []


def test_a_former_peer_whose_role_has_ended_reads_nothing_at_the_follow_up():
    made, _report = final()
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    made.peers[0].grants.update(until_on=TODAY)
    assert not Report.objects.visible_to(made.viewer(made.peers[0])).exists()


def test_the_team_of_a_review_that_follows_reads_the_final_report_that_it_follows():
    made, _report = final()
    following = make_review(council=made.council, stage=Stage.PREPARING)
    peer = following.viewer(following.peers[0])
    assert not Report.objects.visible_to(peer).filter(review=made.review).exists()
    PeerReview.objects.filter(pk=following.review.pk).update(follows=made.review)
    assert [one.number for one in Report.objects.visible_to(peer).filter(review=made.review)] == [2]


def test_the_dfes_adviser_reads_the_final_version_alone_once_it_is_published():
    made, _report = final()
    published(made)
    assert read_by(made, people(made))["dfe"] == [2]


def test_comments_are_read_by_the_team_the_lga_and_the_council_and_never_by_the_dfe():
    made, _report, comments = commented("Not so")
    answered(made, comments[0], "accepted")
    last = actions.begin_report(made.review, **by(made))
    actions.make_final(last, revision=1, **by(made))
    made = again(made)
    published(made)
    read = {
        name
        for name, person in people(made).items()
        if FactualComment.objects.visible_to(made.viewer(person)).exists()
    }
    assert read == {"manager", "principal", "lead", *COUNCIL}


# Follow-up


def at_follow_up():
    made, _report = final()
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    made = again(made)
    return made, list(made.review.source.recommendations.all())


def test_the_follow_up_records_progress_of_each_recommendation_and_meets_its_step():
    kind = make_kind("followed")
    KindStep.objects.create(kind=kind, step="follow-up", anchor="final", length=12, unit="months", owes="lga")
    made, _report = final(kind=kind)
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    made = again(made)
    one, two = made.review.source.recommendations.all()
    record_progress(made.review, one, answer="good", text="Held monthly since spring.", **by(made))
    with pytest.raises(Refused, match="recommendation 2"):
        hold_follow_up(made.review, held_on=TODAY, **by(made))
    record_progress(made.review, two, answer="none", text="Not begun.", **by(made))
    hold_follow_up(made.review, held_on=TODAY, **by(made))
    assert made.review.steps.get(step="follow-up").milestone.outcome == "met"


def test_progress_is_written_by_the_lga_alone_read_by_the_council_and_not_by_peers_or_the_dfe():
    made, [one, _two] = at_follow_up()
    for person in (made.approver, made.peers[0]):
        with pytest.raises(PermissionDenied):
            record_progress(made.review, one, answer="good", text="So", **by(made, person))
    record_progress(made.review, one, answer="good", text="So", **by(made))
    published(made)
    adviser = person_with(Role.DFE_ADVISER, council=made.council)
    seen = [
        Progress.objects.visible_to(made.viewer(person)).exists()
        for person in (made.approver, made.principal, made.peers[0], adviser)
    ]
    assert seen == [True, True, False, False]


def test_progress_changed_meanwhile_is_stale_and_anothers_recommendation_refused():
    made, [one, _two] = at_follow_up()
    first = record_progress(made.review, one, answer="some", text="So", **by(made))
    record_progress(made.review, one, answer="good", text="So", revision=first.revision, **by(made))
    with pytest.raises(Stale):
        record_progress(made.review, one, answer="none", text="So", revision=1, **by(made))
    other, [of_another, _] = at_follow_up()
    with pytest.raises(Refused, match="this review’s"):
        record_progress(made.review, of_another, answer="none", text="So", **by(made))
    assert other.review.pk != made.review.pk


# What people thought of it


def said(made, person, **given):
    asked = {"useful": 4, "well_run": 3, "right_team": 4, "changed": "Much", **given}
    return say_feedback(made.review, **asked, **by(made, person))


def test_council_and_team_say_what_they_thought_and_the_lga_alone_reads_it():
    made, _report = final()
    assert said(made, made.approver).side == ReviewFeedback.Side.COUNCIL
    assert said(made, made.peers[0]).side == ReviewFeedback.Side.TEAM
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    leader = person_with(Role.COUNCIL_LEADERSHIP, council=made.council)
    for person in (stranger, leader, made.principal):
        with pytest.raises(PermissionDenied):
            said(made, person)
    read = [
        len(all_feedback(made.review, made.viewer(person)))
        for person in (made.manager, made.principal, made.approver, made.peers[0])
    ]
    assert read == [2, 2, 0, 0]


def test_feedback_is_said_once_and_changed_by_its_revision():
    made = given()
    first = said(made, made.approver)
    with pytest.raises(Stale):
        said(made, made.approver)
    assert said(made, made.approver, useful=1, revision=first.revision).useful == 1
    assert ReviewFeedback.objects.filter(review=made.review).count() == 1


def test_nobody_is_asked_before_feedback_was_given():
    made = make_review()
    with pytest.raises(Refused, match="once the team"):
        said(made, made.approver)


# Content


def test_a_reports_content_holds_exactly_its_text():
    _made, report = drafted()
    content = report_content(report)
    assert [(one["kind"], one["text"]) for one in content["paragraphs"]] == texts(report)
    assert content["language"] == "en-GB"


def test_the_agreements_content_holds_the_scope_the_lines_and_the_days():
    made = make_review(scope="The front door, and not adoption.")
    content = agreement_content(made.review)
    assert content["scope"] == "The front door, and not adoption."
    assert [line["title"] for line in content["lines"]] == ["Line 1", "Line 2", "Line 3"]
    assert (content["first_day"], content["last_day"]) == ("1 November 2026", "4 November 2026")
