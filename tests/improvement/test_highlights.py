"""The highlight report: what it tells a board, on the page and as a PDF of the same words, and who reads it."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions import updates
from improvement.actions.live import go_live
from improvement.documents import HERE, highlight_pdf
from improvement.models import AdviserStatus, Plan, PlanVersion, Reading, Release, SignOff
from improvement.presenters.highlights import cut, paper_of
from improvement.queries.highlights import tell
from improvement.rules.highlights import ActionTold, late, off_track
from improvement.rules.updates import ActionAnswer
from look.typesetting import typeset
from tests.factories import CouncilFactory, person_with
from tests.improvement.conftest import TODAY
from tests.improvement.test_updates import fill_in
from tests.improvement.updates import make_update
from tests.pdf import text_of
from tests.plans import make_plan

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
OFF = {"delivery": "off-track", "reason": "Two managers left", "recovery": "Interim cover from 9 November"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(f"{TODAY.isoformat()}T12:00:00+00:00", tick=False):
        yield


@pytest.fixture
def version(council):
    """Three priorities, each of one action, due on 12, 13 and 14 April; two measures."""
    return make_plan(council, priorities=3, actions=3, measures=2, standing=PlanVersion.Standing.SHARED)


@pytest.fixture
def approver(council):
    return person_with(Role.COUNCIL_APPROVER, council=council)


def address(version, name="highlight_report", period=OCTOBER):
    return reverse(name, args=[version.plan.reference, period])


def paper(update, on=TODAY):
    return paper_of(tell(update, on))


# --- The rules.


def told(delivery="on-track", due_on=date(2026, 12, 1), before="on-track", signed_off=False, **answer):
    return ActionTold(
        key=1,
        number="1.1",
        text="Do it",
        due_on=due_on,
        answer=ActionAnswer(delivery=delivery, **answer) if delivery else None,
        before=ActionAnswer(delivery=before) if before else None,
        signed_off=signed_off,
    )


@pytest.mark.parametrize(
    "action, expected",
    [
        (told("complete", signed_off=True), "B"),
        (told("complete"), "G"),
        (told("on-track"), "G"),
        (told("slipping"), "A"),
        (told("off-track"), "R"),
        (told("slipping", due_on=date(2026, 11, 1)), "R"),
        (told("on-track", due_on=date(2026, 11, 1)), "R"),
        (told("complete", due_on=date(2026, 11, 1)), "G"),
        (told("not-started"), ""),
        (told("not-started", due_on=date(2026, 11, 1)), "R"),
        (told("", before=""), ""),
    ],
)
def test_the_letter_is_never_green_past_its_date_and_blue_once_signed_off_alone(action, expected):
    assert action.letter(TODAY) == expected


def test_an_action_due_today_is_not_late_and_one_due_yesterday_is_by_one_day():
    assert late([told(due_on=TODAY)], TODAY) == []
    (yesterday,) = late([told(due_on=date(2026, 11, 1))], TODAY)
    assert yesterday.days_late(TODAY) == 1


def test_late_with_a_new_date_is_still_told_as_late_this_time():
    assert late([told("slipping", due_on=date(2026, 10, 1), new_due_on=date(2026, 12, 24))], TODAY)


def test_what_is_late_is_not_told_twice_and_off_track_comes_before_slipping():
    slipping, off = told("slipping"), told("off-track")
    assert off_track([slipping, off, told("off-track", due_on=date(2026, 10, 1))], TODAY) == [off, slipping]


def test_what_was_complete_and_is_not_mentioned_is_complete_still():
    assert told("", before="complete").delivery == "complete"
    assert told("", before="on-track").delivery == ""


# --- The paper.


def test_changes_are_told_of_statuses_and_of_dates_moved(version):
    make_update(
        version,
        SEPTEMBER,
        submitted_on=date(2026, 10, 5),
        priorities=[{"delivery": "on-track"}],
        actions=[{"delivery": "slipping"}, {"delivery": "on-track"}, {"delivery": "complete"}],
    )
    update = make_update(
        version,
        OCTOBER,
        submitted_on=TODAY,
        priorities=[{"delivery": "slipping"}],
        actions=[
            {"delivery": "off-track", "new_due_on": date(2026, 12, 18), "date_reason": "Cover"},
            {"delivery": "on-track"},
        ],
    )
    assert [(one.number, one.was, one.now) for one in paper(update).changes] == [
        ("Priority 1", "On track", "Some slippage"),
        ("1.1", "Some slippage", "Off track"),
        ("1.1", "due 12 April 2026", "due 18 December 2026"),
    ]


def test_the_first_update_compares_with_nothing(version):
    update = make_update(version, OCTOBER, submitted_on=TODAY, actions=[{"delivery": "on-track"}])
    one = paper(update)
    assert one.changes == () and "first update" in one.since


def test_late_and_off_track_are_told_with_reason_and_recovery(version):
    update = make_update(
        version, date(2026, 3, 1), submitted_on=date(2026, 4, 13), actions=[OFF, {**OFF, "reason": "No bids"}]
    )
    one = paper(update)
    assert one.heading == "March 2026: 1 action late, 1 off track or slipping"
    (behind,) = one.late
    assert behind.when == "due 12 April 2026, 1 day late"
    assert (behind.reason, behind.recovery) == ("Two managers left", "Interim cover from 9 November")
    assert [line.reason for line in one.off_track] == ["No bids"]


def test_a_submitted_report_says_the_same_a_year_later(version):
    update = make_update(version, date(2026, 3, 1), submitted_on=date(2026, 4, 13), actions=[OFF])
    Reading.objects.create(measure=version.measures.first().measure, on=TODAY, value=80, recorded_on=TODAY)
    assert paper(update, on=date(2026, 4, 13)) == paper(update, on=date(2027, 4, 13))


def test_measures_have_their_direction_of_travel_and_what_is_expected(version):
    first, _ = version.measures.all()
    for day, value in ((date(2026, 8, 31), 70), (date(2026, 9, 30), 92)):
        Reading.objects.create(measure=first.measure, on=day, value=value, recorded_on=TODAY)
    update = make_update(
        version, OCTOBER, submitted_on=TODAY, measures=[None, {"expected_on": date(2026, 12, 4)}]
    )
    one, two = paper(update).measures
    assert (one.figure, one.before, one.stands, one.direction) == ("92%", "70%", "On target", "Improved")
    assert two.figure == "No reading yet"
    assert "expected 4 December 2026" in two.on


def test_a_draft_tells_the_figures_typed_so_far(version):
    update = make_update(
        version, OCTOBER, measures=[{"value": Decimal("71.5"), "reading_on": date(2026, 10, 31)}]
    )
    one = paper(update)
    assert one.is_draft and one.standing.startswith("Draft of 2 November 2026")
    assert (one.measures[0].figure, one.measures[0].on) == ("71.5%", "31 October 2026")


def test_words_stay_and_letters_are_printed_where_the_plan_has_its_own_scale(version):
    update = make_update(version, OCTOBER, submitted_on=TODAY, actions=[OFF, {"delivery": "complete"}])
    assert {line.status.letter for line in paper(update).late} == {""}
    Plan.objects.filter(pk=version.plan_id).update(scale=Plan.Scale.BRAG)
    update.plan.refresh_from_db()
    (first, _unsaid) = paper(update).late
    assert (first.status.letter, first.status.words) == ("R", "Off track")


def test_complete_is_said_to_be_signed_off_or_not(version):
    update = make_update(version, OCTOBER, submitted_on=TODAY, actions=[{"delivery": "complete"}])
    action = update.version.actions.order_by("pk").first().action
    SignOff.objects.create(action=action, state="signed-off", on=date(2026, 10, 30), recorded_on=TODAY)
    assert next(one for one in tell(update, TODAY).actions if one.key == action.pk).signed_off
    SignOff.objects.create(action=action, state="withdrawn", on=date(2026, 10, 31), recorded_on=TODAY)
    assert not next(one for one in tell(update, TODAY).actions if one.key == action.pk).signed_off


def test_a_correction_tells_the_date_before_the_first_revision_moved_it(version):
    moved = {"delivery": "slipping", "new_due_on": date(2026, 12, 18)}
    first = make_update(version, OCTOBER, actions=[moved])
    key = version.actions.order_by("pk").first().action_id
    content = {"priorities": [{"actions": [{"key": key, "due_on": "2026-10-30"}]}]}
    type(first).objects.filter(pk=first.pk).update(
        standing="submitted", submitted_on=TODAY, content=content, digest="x" * 64
    )
    first.refresh_from_db()
    correction = make_update(version, OCTOBER, number=2, corrects=first, submitted_on=TODAY, actions=[moved])
    for update in (first, correction):
        line = next(one for one in paper(update).late if one.number == "1.1")
        assert line.when == "due 30 October 2026, 3 days late; new date 18 December 2026"


def test_a_long_text_is_cut_between_words():
    assert cut("one  two\nthree", 20) == "one two three"
    assert cut("word " * 100, 22) == "word word word word…"
    assert cut("x" * 100, 20) == f"{'x' * 20}…"


@pytest.mark.parametrize("actions", [3, 60])
def test_it_costs_the_same_queries_whatever_the_size(council, actions):
    version = make_plan(
        council, priorities=3, actions=actions, measures=actions, standing=PlanVersion.Standing.SHARED
    )
    for period in (SEPTEMBER, OCTOBER):
        update = make_update(version, period, submitted_on=TODAY, actions=[OFF] * actions)
    update = (
        type(update).objects.select_related("plan__council", "version", "meeting__board").get(pk=update.pk)
    )
    with CaptureQueriesContext(connection) as asked:
        paper(update)
    assert len(asked) <= 12


# --- The PDF.

HOSTILE = {
    "markup": '#panic("stop") $x^2$ *bold* _it_ = Heading `raw` @label <tag> \\ "quotes" [box] //',
    "right to left": "مرحبا بالعالم \u202etxt.exe",
    "emoji": "👍🏽 done 👨‍👩‍👧",
    "no glyph": "中文 \ufffe \x00 \x1b[31m",
    "one long word": "x" * 50_000,
    "long": "many words " * 5_000,
    "lines": "one\n\n\n\ntwo\r\nthree\u2028four",
}


def hostile_paper(version, words):
    Plan.objects.filter(pk=version.plan_id).update(title=words[:150].replace("\x00", ""), scale="brag")
    words = words.replace("\x00", "")
    return paper(
        make_update(
            version,
            OCTOBER,
            submitted_on=TODAY,
            overall=words,
            decisions_needed=words,
            priorities=[{"delivery": "on-track", "text": words}],
            actions=[{"delivery": "off-track", "reason": words, "recovery": words}],
        )
    )


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_are_printed_as_words_or_left_out_and_do_no_harm(version, words):
    pdf = highlight_pdf(hostile_paper(version, words))
    assert b"/StructTreeRoot" in pdf
    shown = text_of(pdf)
    assert "3 actions late" in shown and "Priorities" in shown


def test_markup_is_printed_and_never_obeyed(version):
    shown = _squeezed(text_of(highlight_pdf(hostile_paper(version, HOSTILE["markup"]))))
    assert _squeezed('#panic("stop") $x^2$ *bold* _it_ = Heading') in shown


def test_a_mark_that_turns_words_around_is_left_out(version):
    assert "\u202e" not in text_of(highlight_pdf(hostile_paper(version, "safe \u202etxt.exe")))


def test_controls_reach_no_paper_even_from_where_the_database_does_not_refuse_them():
    assert typeset(HERE / "highlight.typ", {"paper": _plain_paper(overall="nul \x00 bell \x07")}).startswith(
        b"%PDF-"
    )


def _plain_paper(**words):
    texts = "title council plan reference period standing meeting heading counted overall decisions since key"
    empty = dict.fromkeys(texts.split(), "")
    rows = {key: [] for key in ("changes", "late", "off_track", "measures", "priorities")}
    return {**empty, **rows, "title": "Report", "is_draft": False, **words}


def test_the_pdf_is_tagged_for_screen_readers_with_its_language_and_title(version):
    pdf = highlight_pdf(paper(make_update(version, OCTOBER, submitted_on=TODAY, actions=[OFF])))
    assert b"pdfuaid" in pdf and b"/Lang" in pdf
    assert b"Highlight report, October 2026" in pdf
    for tag in (b"/H1", b"/H2", b"/Table", b"/TH"):
        assert re.search(rb"/S\s*" + tag, pdf), tag


def test_the_pdf_says_every_word_that_the_page_says(client, version, approver):
    make_update(version, SEPTEMBER, submitted_on=date(2026, 10, 5), actions=[{"delivery": "on-track"}])
    update = make_update(
        version,
        OCTOBER,
        submitted_on=TODAY,
        overall="Supervision is held weekly.",
        decisions_needed="Agree the new date.",
        actions=[OFF],
    )
    shown = _squeezed(text_of(highlight_pdf(paper(update))))
    page = client_body(client, approver, address(version))
    one = paper(update)
    words = [one.heading, one.overall, one.decisions, one.counted, one.standing]
    words += [text for line in one.late for text in (line.text, line.reason, line.recovery, line.when)]
    words += [text for line in one.changes for text in (line.was, line.now)]
    words += [text for line in one.measures for text in (line.name, line.target)]
    words += [line.title for line in one.priorities]
    for word in words:
        assert _squeezed(word) in shown, word
        assert word in page, word


def _squeezed(text):
    return re.sub(r"\s+", "", text)


def client_body(client, person, where):
    client.force_login(person)
    response = client.get(where)
    assert response.status_code == 200
    return response.content.decode()


# --- Who reads it.


def test_a_draft_is_read_by_the_council_alone_and_marked(client, version, approver, council):
    make_update(version, OCTOBER, actions=[OFF])
    body = client_body(client, approver, address(version))
    assert "Draft of 2 November 2026: not yet approved and submitted" in body
    client.force_login(person_with(Role.LGA_ADVISER, council=council))
    for name in ("highlight_report", "highlight_pdf"):
        assert client.get(address(version, name)).status_code == 404


def test_a_submitted_one_is_read_by_whoever_may_read_the_update(client, version, council, region):
    update = make_update(version, OCTOBER, submitted_on=TODAY, actions=[OFF])
    scrutiny = person_with(Role.SCRUTINY_MEMBER, council=council)
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory(region=region))
    for person in (scrutiny, stranger):
        client.force_login(person)
        assert client.get(address(version)).status_code == 404
    Release.objects.create(council=council, audience="scrutiny", update=update, released_on=TODAY)
    assert "Two managers left" in client_body(client, scrutiny, address(version))
    client.force_login(scrutiny)
    pdf = client.get(address(version, "highlight_pdf"))
    assert pdf["Content-Type"] == "application/pdf"
    assert "highlight-report-2026-10.pdf" in pdf["Content-Disposition"]
    assert "Twomanagersleft" in _squeezed(text_of(pdf.content))


def test_nothing_of_the_adviser_s_is_on_it(client, version, approver):
    update = make_update(version, OCTOBER, submitted_on=TODAY, priorities=[{"delivery": "on-track"}])
    AdviserStatus.objects.create(
        update=update,
        priority=version.priorities.first().priority,
        delivery="off-track",
        note="Weak grip",
        on=TODAY,
    )
    assert "Weak grip" not in client_body(client, approver, address(version))
    assert "Weakgrip" not in _squeezed(text_of(highlight_pdf(paper(update))))


def test_the_latest_revision_is_shown_and_another_by_its_number(client, version, approver):
    first = make_update(version, OCTOBER, submitted_on=TODAY, overall="As first said")
    make_update(version, OCTOBER, number=2, corrects=first, submitted_on=TODAY, overall="As corrected")
    assert "As corrected" in client_body(client, approver, address(version))
    assert "As first said" in client_body(client, approver, f"{address(version)}?number=1")
    for number in ("3", "0", "x", "١", "1" * 30):
        assert client.get(f"{address(version)}?number={number}").status_code == 404


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "0000-01", "2025-10"])
def test_a_period_that_is_none_is_not_found(client, version, approver, period):
    make_update(version, OCTOBER, submitted_on=TODAY)
    client.force_login(approver)
    assert client.get(f"/plans/{version.plan.reference}/updates/{period}/report/").status_code == 404


def test_the_page_costs_no_more_queries_than_it_should(client, version, approver):
    make_update(version, OCTOBER, submitted_on=TODAY, actions=[OFF])
    client.force_login(approver)
    with CaptureQueriesContext(connection) as asked:
        client.get(address(version))
    assert len(asked) <= 18, len(asked)


# --- With the council's own actions, from the opening of an update to its correction.


def test_what_a_council_submits_is_told_to_its_board_and_keeps_being_told_so(version, council, approver):
    """An action past its date is reported late with a new one; the report says both, also once the date has moved."""
    by = Viewer.of(approver, TODAY)
    plan = version.plan
    go_live(version, by=by, on=date(2026, 1, 12))
    updates.open_updates(councils=[council], by=Viewer.system(TODAY), on=TODAY)
    update = plan.updates.latest("period_on")
    late_one = {
        "new_due_on": date(2026, 12, 18),
        "date_reason": "Cover",
        "reason": "No cover",
        "recovery": "Agency",
    }
    fill_in(update, by, on=TODAY, **{**late_one, "delivery": "slipping"})
    before = paper(update)
    assert before.is_draft and before.measures[0].figure == "70%"
    updates.submit_update(update, by=by, on=TODAY)
    update.refresh_from_db()
    told_then = paper(update)
    assert told_then.late == before.late and told_then.late[0].when == (
        "due 12 April 2026, 204 days late; new date 18 December 2026"
    )
    assert told_then.measures == before.measures
    milestone = version.actions.order_by("pk").first().action.milestone
    milestone.refresh_from_db()
    assert milestone.due_on == date(2026, 12, 18), "submitting moved the date"
    assert paper(update, on=date(2027, 2, 1)) == told_then
    correction = updates.correct_update(update, by=by, on=TODAY)
    assert paper(correction).late == told_then.late
