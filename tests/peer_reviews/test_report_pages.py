"""The pages of slides, report, factual accuracy, publication, follow-up and feedback, without script."""

import re
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from pptx import Presentation

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Recommendation
from cases.refusals import Refused
from improvement.actions.drafting.plans import choose_recommendations, recommendations_to_choose
from improvement.models import PlanVersion
from peer_reviews.actions import factual
from peer_reviews.actions import reports as actions
from peer_reviews.actions.report_templates import add_template, end_template
from peer_reviews.models import (
    FactualComment,
    FeedbackSlides,
    Paragraph,
    PeerReview,
    Progress,
    Report,
    ReportTemplate,
    ReviewFeedback,
    Stage,
)
from peer_reviews.queries.report_files import TRIAL_REPORT, template_in_force
from peer_reviews.writers import report_docx, report_template
from tests.factories import TODAY, CouncilFactory, person_with
from tests.peer_reviews.reporting import again, agree_findings, brief, by, drafted, final, given, sent
from tests.peer_reviews.reviews import make_kind, make_review
from tests.plans import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "on_that_day")]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.fixture
def on_that_day():
    with time_machine.travel("2026-11-02T15:30:00+00:00", tick=False):
        yield


@pytest.fixture
def page(client):
    """Open or send a page as a person; return the response."""

    def ask(person, name, made, data=None, **more):
        client.force_login(person)
        address = reverse(name, kwargs={"reference": made.review.case.reference, **more})
        return client.get(address) if data is None else client.post(address, data)

    return ask


def heading(response):
    return re.search(r'<h1 class="up-answer">(.*?)</h1>', response.content.decode(), re.S)[1].strip()


def text_of(response):
    return response.content.decode()


# Slides


def test_the_slides_page_says_that_it_is_first_heard_in_private(page):
    made = make_review()
    agree_findings(made)
    shown = page(made.manager, "slides", made)
    assert heading(shown) == "Feedback: first in private, then to everybody"
    refused = page(made.manager, "slides", made, {"revision": made.review.revision})
    assert "heard it in private" in text_of(refused)
    assert not FeedbackSlides.objects.exists()


def test_the_manager_gives_feedback_and_the_council_downloads_what_was_given(page):
    made = make_review()
    agree_findings(made)
    brief(made)
    before = page(made.approver, "slides", made)
    assert heading(before) == "Feedback has not been given yet"
    assert "know their children" not in text_of(before)
    assert page(made.approver, "slides_pptx", made).status_code == 404
    assert page(made.peers[0], "slides_pptx", made)["Content-Disposition"].endswith('-feedback-draft.pptx"')
    answer = page(made.manager, "slides", made, {"revision": made.review.revision})
    assert answer.status_code == 302
    file = page(made.approver, "slides_pptx", made)
    assert (file["Content-Type"], file["Cache-Control"]) == (PPTX, "private, no-store")
    assert f'{made.review.case.reference}-feedback.pptx"' in file["Content-Disposition"]
    words = [
        shape.text_frame.text
        for slide in Presentation(BytesIO(file.content)).slides
        for shape in slide.shapes
        if shape.has_text_frame
    ]
    assert any("Supervision is not yet regular." in one for one in words)


def test_slides_are_given_by_nobody_else(page):
    made = make_review()
    agree_findings(made)
    brief(made)
    for person in (made.approver, made.peers[0], made.principal):
        assert page(person, "slides", made, {"revision": made.review.revision}).status_code == 403
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    assert page(stranger, "slides", made).status_code == 404


def test_slides_asked_to_be_given_from_a_page_that_is_stale_show_how_it_stands(page):
    made = make_review()
    agree_findings(made)
    brief(made)
    assert page(made.manager, "slides", made, {"revision": 99}).status_code == 409


# The report


def test_the_report_is_begun_edited_and_sent_with_forms_alone(page):
    made = given()
    assert heading(page(made.manager, "report", made)) == "The report can begin"
    assert page(made.manager, "report_begin", made, {}).status_code == 302
    report = Report.objects.get(review=made.review)
    shown = page(made.manager, "report", made)
    assert heading(shown) == f"Version 1 is a draft of {report.paragraphs.count()} paragraphs"
    first = report.paragraphs.order_by("place").first()
    changed = {"kind": "text", "text": "Begun otherwise.", "revision": report.revision}
    answer = page(made.manager, "paragraph_change", made, changed, paragraph=first.key)
    assert answer["Location"].endswith(f"/report/#p-{first.key}")
    report.refresh_from_db()
    page(
        made.manager,
        "paragraph_move",
        made,
        {"where": "down", "revision": report.revision},
        paragraph=first.key,
    )
    assert report.paragraphs.get(key=first.key).place == 2
    report.refresh_from_db()
    added = {"kind": "text", "text": "One more.", "revision": report.revision, "after": first.key}
    page(made.manager, "paragraph_add", made, added)
    assert report.paragraphs.get(text="One more.").place == 3
    report.refresh_from_db()
    assert "Begun otherwise." in text_of(page(made.manager, "paragraph_remove", made, paragraph=first.key))
    page(made.manager, "paragraph_remove", made, {"revision": report.revision}, paragraph=first.key)
    assert not report.paragraphs.filter(key=first.key).exists()
    report.refresh_from_db()
    page(made.manager, "report_title", made, {"title": "Peer challenge", "revision": report.revision})
    report.refresh_from_db()
    due = {"comments_due_on_day": "20", "comments_due_on_month": "11", "comments_due_on_year": "2026"}
    answer = page(made.manager, "report_send", made, {**due, "revision": report.revision})
    assert answer.status_code == 302
    assert (
        heading(page(made.approver, "report", made)) == "Version 1 is with the council until 20 November 2026"
    )


def test_a_stale_paragraph_shows_both_texts_and_may_be_sent_all_the_same(page):
    made, report = drafted()
    first = report.paragraphs.order_by("place").first()
    seen = report.revision
    page(
        made.manager,
        "paragraph_change",
        made,
        {"kind": "text", "text": "A’s", "revision": seen},
        paragraph=first.key,
    )
    again_sent = {"kind": "text", "text": "B’s words", "revision": seen}
    answer = page(made.manager, "paragraph_change", made, again_sent, paragraph=first.key)
    assert answer.status_code == 409
    assert "A’s" in text_of(answer)
    assert "B’s words" in text_of(answer)
    fresh = re.search(r'name="revision" value="(\d+)"', text_of(answer))[1]
    page(made.manager, "paragraph_change", made, {**again_sent, "revision": fresh}, paragraph=first.key)
    assert report.paragraphs.get(key=first.key).text == "B’s words"


def test_what_was_typed_of_a_paragraph_removed_meanwhile_is_not_lost(page):
    made, report = drafted()
    first, seen = report.paragraphs.order_by("place").first(), report.revision
    page(made.manager, "paragraph_remove", made, {"revision": seen}, paragraph=first.key)
    typed = {"kind": "text", "text": "Long in writing", "revision": seen}
    answer = page(made.manager, "paragraph_change", made, typed, paragraph=first.key)
    assert answer.status_code == 409
    assert "Long in writing" in text_of(answer)
    assert "Somebody has removed it" in text_of(answer)


def test_an_identifier_is_refused_beside_what_was_typed(page):
    made, report = drafted()
    typed = {"kind": "text", "text": "DOB 12.03.2014", "revision": report.revision}
    answer = page(made.manager, "paragraph_add", made, typed)
    assert "date of birth" in text_of(answer)
    assert "DOB 12.03.2014" in text_of(answer)


def test_markup_in_a_paragraph_stands_as_it_was_typed(page):
    made, report = drafted()
    hostile = "<script>alert(1)</script> {{ 7 }} {% now %} =1+1 \u202eabc 😀"
    actions.add_paragraph(report, kind="text", text=hostile, revision=report.revision, **by(made))
    shown = text_of(page(made.manager, "report", made))
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


WRITES = ["report_title", "report_send", "report_final", "paragraph_add"]


@pytest.mark.parametrize("name", WRITES)
def test_a_draft_is_written_by_who_runs_the_review_alone(page, name):
    made, _report = drafted()
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    asked = [page(person, name, made).status_code for person in (made.manager, made.principal)]
    refused = [page(person, name, made).status_code for person in (made.peers[0], stranger)]
    # To the council there is no report yet.
    assert (asked, refused, page(made.approver, name, made).status_code) == ([200, 200], [403, 404], 404)


def test_the_council_sees_no_word_of_a_draft(page):
    made, report = drafted()
    shown = page(made.approver, "report", made)
    assert heading(shown) == "The report has not been sent to the council yet"
    assert page(made.approver, "report_docx", made, number=1).status_code == 404
    assert page(made.approver, "report_pdf", made, number=1).status_code == 404
    assert report.paragraphs.first().text not in re.sub(r"<title>.*?</title>", "", text_of(shown))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"stage": Stage.CLOSED, "from_past": True}, "The report is not kept here"),
        ({"stage": Stage.CANCELLED}, "There is no report"),
        ({"stage": Stage.ON_SITE}, "There is no report yet"),
    ],
)
def test_a_review_without_a_report_says_so(page, fields, said):
    made = make_review(**fields)
    assert heading(page(made.manager, "report", made)) == said


# The check of facts


def test_the_council_comments_the_manager_answers_and_the_next_version_shows_both(page):
    made, report = sent()
    paragraph = report.paragraphs.get(kind="strength")
    for text in ("There are 12 teams.", "And 3 more."):
        page(made.contributor, "factual_comment", made, {"text": text}, paragraph=paragraph.key)
    assert paragraph.comments.count() == 2
    comment = paragraph.comments.first()
    changed = {"text": "There are 13 teams.", "revision": comment.revision}
    page(made.contributor, "factual_comment_change", made, changed, pk=comment.pk)
    assert page(made.contributor, "factual_close", made, {}).status_code == 403
    assert page(made.approver, "factual_close", made, {}).status_code == 302
    assert heading(page(made.manager, "report", made)) == "2 of 2 comments to answer"
    for one, (answer, reason) in zip(
        paragraph.comments.all(), [("accepted", ""), ("not-accepted", "The timetable says 12.")], strict=True
    ):
        typed = {"answer": answer, "reason": reason, "revision": one.revision}
        assert page(made.manager, "factual_answer", made, typed, pk=one.pk).status_code == 302
    page(made.manager, "report_begin", made, {})
    shown = text_of(page(made.manager, "report", made))
    assert "There are 13 teams." in shown
    assert "The timetable says 12." in shown
    council = text_of(page(made.approver, "report", made))
    assert "The timetable says 12." in council


def test_a_refusal_without_a_reason_asks_for_it(page):
    made, report = sent()
    comment = factual.comment(report.paragraphs.first(), text="No", **by(made, made.approver))
    factual.close_comments(report, **by(made, made.approver))
    typed = {"answer": "not-accepted", "reason": "", "revision": comment.revision}
    assert "Enter the reason" in text_of(page(made.manager, "factual_answer", made, typed, pk=comment.pk))


def test_two_who_answer_one_comment_see_each_others_words(page):
    made, report = sent()
    comment = factual.comment(report.paragraphs.first(), text="No", **by(made, made.approver))
    factual.close_comments(report, **by(made, made.approver))
    typed = {"answer": "accepted", "reason": "First", "revision": comment.revision}
    page(made.manager, "factual_answer", made, typed, pk=comment.pk)
    answer = page(made.principal, "factual_answer", made, {**typed, "reason": "Second"}, pk=comment.pk)
    assert answer.status_code == 409
    assert "First" in text_of(answer)
    assert "Second" in text_of(answer)


def test_a_comment_is_found_in_its_own_review_alone(page):
    made, report = sent()
    other, _report = sent()
    comment = factual.comment(report.paragraphs.first(), text="No", **by(made, made.approver))
    for name in ("factual_comment_change", "factual_answer"):
        assert page(other.manager, name, other, pk=comment.pk).status_code == 404
    key = report.paragraphs.first().key
    assert page(other.approver, "factual_comment", other, paragraph=key).status_code == 404


def test_what_changed_between_versions_is_shown_word_by_word(page):
    made, report = sent()
    factual.close_comments(report, **by(made, made.approver))
    following = actions.begin_report(again(made).review, **by(made))
    one = following.paragraphs.get(kind="strength")
    actions.change_paragraph(
        following,
        key=one.key,
        kind="strength",
        text="Social workers know most children well.",
        revision=1,
        **by(made),
    )
    shown = page(made.manager, "report_changes", made, number=2)
    assert heading(shown) == "From version 1 to 2: 1 changed"
    told = re.sub(r"<span[^>]*>[^<]*</span>", "", text_of(shown))
    assert "<del>their </del><ins>most </ins>" in told
    assert page(made.approver, "report_changes", made, number=2).status_code == 404
    assert page(made.manager, "report_changes", made, number=1).status_code == 404


# Final, published, read


def test_the_final_report_is_published_by_the_council_and_read_by_the_dfe_from_then_on(page):
    made, _report = final()
    adviser = person_with(Role.DFE_ADVISER, council=made.council)
    assert page(adviser, "report", made).status_code == 404
    assert page(made.manager, "publish", made).status_code == 403
    day = {"published_on_day": "2", "published_on_month": "11", "published_on_year": "2026"}
    typed = {**day, "url": "https://www.example.org/report", "revision": made.review.revision}
    assert page(made.approver, "publish", made, typed).status_code == 302
    shown = page(adviser, "report", made)
    assert heading(shown).startswith("The report is final, and published by the council")
    assert page(adviser, "report_pdf", made, number=2).content.startswith(b"%PDF")
    assert page(adviser, "report_docx", made, number=1).status_code == 404
    assert page(adviser, "review", made).status_code == 200
    for name in ("slides", "slides_pptx", "follow_up", "agreement_pdf"):
        assert page(adviser, name, made).status_code == 404


def test_word_and_pdf_have_their_names_and_types_and_hold_the_text(page):
    made, _report = final()
    file = page(made.approver, "report_docx", made, number=2)
    assert file["Content-Type"] == DOCX
    assert file["Content-Disposition"] == (
        f'attachment; filename="{made.review.case.reference}-report-v2.docx"'
    )
    assert file["Cache-Control"] == "private, no-store"
    assert file["X-Content-Type-Options"] == "nosniff"
    words = "\n".join(one.text for one in Document(BytesIO(file.content)).paragraphs)
    assert "Make sure that supervision is held every month." in words
    pdf = page(made.approver, "report_pdf", made, number=2)
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Cache-Control"] == "private, no-store"


def test_the_agreement_is_downloaded_by_both_sides_and_the_team_alone(page):
    made = make_review(scope="The front door.")
    for name, ending in (("agreement_docx", ".docx"), ("agreement_pdf", ".pdf")):
        for person in (made.manager, made.approver, made.peers[0]):
            file = page(person, name, made)
            assert f'-agreement{ending}"' in file["Content-Disposition"]
        stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
        assert page(stranger, name, made).status_code == 404


def test_a_peer_reads_the_final_report_alone_at_the_follow_up(page):
    made, _report = final()
    peer = made.peers[0]
    assert page(peer, "report", made).status_code == 404
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    shown = page(peer, "report", made)
    assert shown.status_code == 200
    assert f'href="{made.review.get_absolute_url()}"' not in text_of(shown)
    assert page(peer, "report_docx", made, number=2).status_code == 200
    for name in ("review", "slides", "follow_up", "agreement_docx"):
        assert page(peer, name, made).status_code == 404
    assert page(peer, "report_changes", made, number=2).status_code == 404


def test_a_long_report_takes_no_more_queries_than_a_short_one(page, client):
    made, report = drafted()
    Paragraph.objects.bulk_create(
        Paragraph(report=report, place=place, kind="text", text=f"Paragraph {place} of many.")
        for place in range(report.paragraphs.count() + 1, 121)
    )
    actions.send_report(report, revision=report.revision, **by(made))
    paragraphs = list(report.paragraphs.all())
    FactualComment.objects.bulk_create(
        FactualComment(paragraph=paragraphs[number], text=f"Comment {number}", made_on=TODAY)
        for number in range(60)
    )
    for person in (made.manager, made.approver, made.peers[0]):
        page(person, "report", made)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            shown = client.get(reverse("report", kwargs={"reference": made.review.case.reference}))
        assert "Comment 59" in text_of(shown)
        assert len(asked) <= 12, "\n".join(one["sql"][:200] for one in asked)


# The follow-up, and a plan


def test_its_recommendations_can_be_chosen_for_an_improvement_plan():
    made, _report = final()
    version = make_plan(made.council, standing=PlanVersion.Standing.DRAFTING)
    contributor = made.viewer(made.contributor)
    told = Recommendation.objects.filter(source=made.review.source)
    offered = recommendations_to_choose(version.plan, contributor, TODAY)
    assert set(told) <= set(offered)
    choose_recommendations(
        version.plan, recommendations=[*version.plan.recommendations.all(), *told], by=contributor, on=TODAY
    )
    assert set(told) <= set(version.plan.recommendations.all())


def test_the_follow_up_is_recorded_by_pages_and_seen_by_the_council(page):
    made, _report = final()
    PeerReview.objects.filter(pk=made.review.pk).update(stage=Stage.FOLLOW_UP)
    assert heading(page(made.manager, "follow_up", made)) == "2 recommendations: 2 not looked at yet"
    for number, answer in ((1, "done"), (2, "some")):
        typed = {"answer": answer, "text": f"Seen of {number}."}
        assert page(made.manager, "follow_up_progress", made, typed, number=number).status_code == 302
    shown = page(made.approver, "follow_up", made)
    assert heading(shown) == "2 recommendations: 1 done, 1 with some progress"
    assert "Seen of 1." in text_of(shown)
    assert page(made.approver, "follow_up_progress", made, number=1).status_code == 403
    day = {"held_on_day": "2", "held_on_month": "11", "held_on_year": "2026"}
    assert page(made.manager, "follow_up_held", made, day).status_code == 302
    stale = {"answer": "none", "text": "Other", "revision": "9"}
    assert page(made.manager, "follow_up_progress", made, stale, number=1).status_code == 409
    assert Progress.objects.get(recommendation__number=1).answer == "done"


def test_feedback_is_asked_of_the_council_and_the_team_also_after_the_final_report(page):
    made, _report = final()
    typed = {"useful": "4", "well_run": "3", "right_team": "4", "changed": "Much", "better": ""}
    for person in (made.approver, made.peers[0]):
        shown = page(person, "review_feedback", made)
        assert heading(shown) == "What did you think of this review?"
        assert page(person, "review_feedback", made, typed).status_code == 302
    assert ReviewFeedback.objects.filter(review=made.review).count() == 2
    lga = page(made.principal, "review_feedback", made)
    assert text_of(lga).count("Much") == 2
    assert text_of(page(made.approver, "review_feedback", made)).count("What people said") == 0
    assert page(made.principal, "review_feedback", made, typed).status_code == 403
    leader = person_with(Role.COUNCIL_LEADERSHIP, council=made.council)
    stranger = person_with(Role.PEER, council=CouncilFactory())
    assert [page(one, "review_feedback", made).status_code for one in (leader, stranger)] == [403, 404]


# Templates


@pytest.fixture
def lead():
    return person_with(Role.NATIONAL_LEAD)


def upload(content, name):
    return SimpleUploadedFile(name, content)


def test_a_template_is_tried_taken_used_downloaded_and_ended(client, lead, page):
    client.force_login(lead)
    own = report_template()
    typed = {"use": "report", "kind": "", "name": "LGA 2026", "upload": upload(own, "ours.docx")}
    assert client.post(reverse("report_templates_add"), typed).status_code == 302
    template = ReportTemplate.objects.get()
    assert template_in_force("report", make_kind(), TODAY) == template
    assert "LGA 2026" in text_of(client.get(reverse("report_templates")))
    file = client.get(reverse("report_templates_file", args=[template.pk]))
    assert file.content == own
    made, _report = drafted()
    assert page(made.manager, "report_docx", made, number=1).status_code == 200
    client.force_login(lead)
    assert client.post(reverse("report_templates_end", args=[template.pk])).status_code == 302
    assert template_in_force("report", make_kind(), TODAY) is None


@pytest.mark.parametrize(
    ("name", "content", "use", "said"),
    [
        ("ours.pptx", b"PK\x03\x04", "report", "docx"),
        ("ours.docx", b"not a document", "report", "ours.docx"),
        ("ours.docx", None, "report", "could not be written"),
    ],
)
def test_a_template_that_does_not_work_is_refused_with_the_reason(name, content, use, said):
    if content is None:
        document = Document()
        document.add_paragraph("{{ title | nonsense }} {% for %}")
        file = BytesIO()
        document.save(file)
        content = file.getvalue()
    keeper = Viewer.of(person_with(Role.NATIONAL_LEAD), TODAY)
    with pytest.raises(Refused, match=said):
        add_template(use=use, name="", upload=upload(content, name), by=keeper, on=TODAY)
    assert not ReportTemplate.objects.exists()


def test_a_template_reaches_nothing_but_its_words():
    document = Document()
    document.add_paragraph("{{ title.__class__.__mro__[1].__subclasses__() }}")
    file = BytesIO()
    document.save(file)
    keeper = Viewer.of(person_with(Role.NATIONAL_LEAD), TODAY)
    with pytest.raises(Refused, match="could not be written"):
        add_template(use="report", name="", upload=upload(file.getvalue(), "x.docx"), by=keeper, on=TODAY)


def test_the_template_of_a_kind_goes_before_that_of_all_and_the_latest_before_the_earlier(lead):
    keeper, kind = Viewer.of(lead, TODAY), make_kind("small")
    given = {"use": "report", "by": keeper, "on": TODAY}
    of_all = add_template(**given, name="All", upload=upload(report_template(), "a.docx"))
    of_kind = add_template(**given, kind=kind, name="Kind", upload=upload(report_template(), "b.docx"))
    assert template_in_force("report", kind, TODAY) == of_kind
    assert template_in_force("report", make_kind(), TODAY) == of_all
    later = add_template(**given, name="Later", upload=upload(report_template(), "c.docx"))
    assert template_in_force("report", make_kind(), TODAY) == later
    assert not ReportTemplate.objects.filter(pk=of_all.pk).exists()
    end_template(of_kind, by=keeper, on=TODAY)
    assert template_in_force("report", kind, TODAY) == later
    assert report_docx(TRIAL_REPORT, template=later.upload.open("rb")).startswith(b"PK")


def test_templates_are_kept_by_the_national_lead_alone(client, lead):
    council = CouncilFactory()
    people = [
        (lead, 200),
        (person_with(Role.LGA_ADVISER, council=council), 403),
        (person_with(Role.COUNCIL_APPROVER, council=council), 404),
        (person_with(Role.PEER, council=council), 404),
    ]
    for person, status in people:
        client.force_login(person)
        for name in ("report_templates", "report_templates_add"):
            assert client.get(reverse(name)).status_code == status
