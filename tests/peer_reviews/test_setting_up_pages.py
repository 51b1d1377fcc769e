"""The pages on which a review is offered, answered, scoped and taken on: who is shown them, and what they do."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from history.models import Event
from peer_reviews.actions import approaches as approach_actions
from peer_reviews.actions.nightly import CLEARED
from peer_reviews.actions.steps import set_steps
from peer_reviews.models import Approach, KindStep, KindTheme, LineOfEnquiry, PeerReview, Stage
from peer_reviews.presenters.reviews import span_words
from tests.factories import TODAY, CouncilFactory, RegionFactory, person_with, viewer_with
from tests.peer_reviews.reviews import make_kind, make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY}T09:00:00+00:00", tick=False):
        yield


def page(name, review):
    return reverse(name, args=[review.case.reference])


def day(name, on):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def people_of(made):
    """Return everybody about a review by what they are to it, and strangers."""
    return {
        "manager": made.manager,
        "principal": made.principal,
        "approver": made.approver,
        "contributor": made.contributor,
        "leadership": person_with(Role.COUNCIL_LEADERSHIP, council=made.council),
        "national": person_with(Role.NATIONAL_LEAD),
        "peer": made.peers[0],
        "dfe": person_with(Role.DFE_ADVISER, council=made.council),
        "other council": person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()),
        "other peer": person_with(Role.PEER, council=CouncilFactory()),
    }


LGA = {"manager", "principal"}
SCOPED = {
    "offer_answer": {"approver"},
    "review_endorse": {"manager", "principal", "approver"},
    "review_organiser": {"manager", "principal", "approver"},
    "scope_agree": {"manager", "principal", "approver"},
    "review_scope": {"manager", "principal", "approver", "contributor"},
    "review_subsidy": LGA,
    "review_days": LGA,
    "review_go_on": LGA,
    "review_postpone": LGA,
    "review_resume": LGA,
    "review_cancel": LGA,
    "ofsted_call": LGA,
}


@pytest.mark.parametrize("name", SCOPED)
def test_who_is_asked_and_who_is_refused_and_who_finds_nothing(client, name):
    made = make_review(stage=Stage.ON_SITE)
    for who, person in people_of(made).items():
        client.force_login(person)
        stranger = who in ("dfe", "other council", "other peer")
        expected = 404 if stranger else 200 if who in SCOPED[name] else 403
        assert client.get(page(name, made.review)).status_code == expected, who
        answer = client.post(page(name, made.review), {}).status_code
        assert answer == expected, who


def test_the_agreement_is_read_by_both_sides_and_the_team_and_by_nobody_else(client):
    made = make_review(stage=Stage.PREPARING, scope="The front door.", subsidy="full")
    PeerReview.objects.update(published_on=TODAY, final_on=TODAY)
    for who, person in people_of(made).items():
        client.force_login(person)
        expected = 404 if who in ("dfe", "other council", "other peer") else 200
        assert client.get(page("agreement", made.review)).status_code == expected, who


def test_an_adviser_offers_and_the_approver_accepts_in_the_browser(client):
    region = RegionFactory()
    council = CouncilFactory(region=region)
    kind = make_kind()
    KindTheme.objects.create(kind=kind, place=1, title="Leadership")
    adviser = person_with(Role.LGA_ADVISER, region=region)
    approver = person_with(Role.COUNCIL_APPROVER, council=council)
    address = reverse("offer_make", args=[council.slug])
    asked = {"kind": kind.pk, "reason": "Four years since the last.", "manager": adviser.pk}
    client.force_login(approver)
    assert client.get(address).status_code == 403
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()))
    assert client.get(address).status_code == 404
    client.force_login(adviser)
    assert client.get(address).status_code == 200
    again = client.post(address, asked, follow=True)
    assert "offered" in again.content.decode()
    refused = client.post(address, asked)
    assert "has a review already" in refused.content.decode()
    assert "confirmed" in refused.context["form"].fields
    assert PeerReview.objects.count() == 1
    client.post(address, {**asked, "confirmed": "on"})
    assert PeerReview.objects.count() == 2
    review = PeerReview.objects.order_by("pk").first()
    client.force_login(approver)
    home = client.get(review.get_absolute_url()).content.decode()
    assert "Answer the offer" in home
    answer = page("offer_answer", review)
    declined = client.post(answer, {"answer": "decline", "reason": "", "revision": 1})
    assert "Enter why the council declines" in declined.content.decode()
    client.post(answer, {"answer": "accept", "revision": 1})
    review.refresh_from_db()
    assert (review.stage, review.answered_by) == (Stage.ACCEPTED, approver)


def scope_of(review, **change):
    lines = list(review.lines.all())
    sent = {"scope": "The front door.", "revision": review.revision, "rows": len(lines) + 2}
    for row, line in enumerate(lines):
        sent |= {
            f"line-{row}-pk": line.pk,
            f"line-{row}-place": row + 1,
            f"line-{row}-title": line.title,
            f"line-{row}-question": line.question,
        }
    return {**sent, **change}


def test_lines_are_added_moved_and_removed_in_one_form_without_a_script(client):
    made = make_review(stage=Stage.ACCEPTED)
    client.force_login(made.manager)
    sent = scope_of(made.review, **{"line-0-remove": "on", "line-2-place": 1, "line-3-title": "Care leavers"})
    client.post(page("review_scope", made.review), sent)
    assert [line.title for line in made.review.lines.all()] == ["Line 3", "Line 2", "Care leavers"]


def test_another_row_is_given_with_all_that_was_typed_and_nothing_saved(client):
    made = make_review(stage=Stage.ACCEPTED)
    client.force_login(made.contributor)
    sent = scope_of(made.review, **{"line-3-title": "Half a line", "more": "1"})
    shown = client.post(page("review_scope", made.review), sent)
    assert "Half a line" in shown.content.decode()
    assert "Line 6" in shown.content.decode()
    assert made.review.lines.count() == 3


def test_the_second_of_two_who_write_the_scope_sees_both_texts(client):
    made = make_review(stage=Stage.ACCEPTED)
    sent = scope_of(made.review, scope="What I typed.")
    PeerReview.objects.update(scope="What another wrote.", revision=2)
    client.force_login(made.contributor)
    shown = client.post(page("review_scope", made.review), sent)
    assert shown.status_code == 409
    assert "What I typed." in shown.content.decode()
    assert "What another wrote." in shown.content.decode()
    again = client.post(page("review_scope", made.review), {**sent, "revision": 2})
    assert again.status_code == 302
    assert PeerReview.objects.get().scope == "What I typed."


@pytest.mark.parametrize("name", ["review_days", "review_postpone", "review_subsidy"])
def test_what_somebody_changed_meanwhile_stands_beside_what_was_typed(client, name):
    made = make_review(stage=Stage.SCOPED)
    client.force_login(made.manager)
    PeerReview.objects.update(revision=5)
    first, last = date(2027, 3, 8), date(2027, 3, 11)
    sent = {**day("first_day", first), **day("last_day", last), "reason": "An election.", "subsidy": "part"}
    shown = client.post(page(name, made.review), {**sent, "revision": 1})
    assert shown.status_code == 409
    assert 'name="revision" value="5"' in shown.content.decode()


def test_a_change_after_both_agreed_says_that_both_are_asked_again(client):
    made = make_review(stage=Stage.ACCEPTED, scope="The front door.")
    for person in (made.manager, made.approver):
        client.force_login(person)
        revision = PeerReview.objects.get().revision
        client.post(page("scope_agree", made.review), {"revision": revision})
    review = PeerReview.objects.get()
    assert review.scope_agreed_by_council == made.approver
    shown = client.post(page("review_scope", made.review), scope_of(review, scope="More."), follow=True)
    assert "both are asked to agree again" in shown.content.decode()
    assert "Neither side has agreed" in shown.content.decode()


def test_going_on_lists_what_is_missing_and_then_is_one_button(client):
    made = make_review(stage=Stage.ACCEPTED)
    client.force_login(made.manager)
    address = page("review_go_on", made.review)
    shown = client.get(address).content.decode()
    assert "The council’s agreement to the scope" in shown
    assert "<form class" not in shown
    fields = {"scope": "All.", "scope_agreed_by_lga": made.manager, "scope_agreed_by_lga_on": TODAY}
    fields |= {"scope_agreed_by_council": made.approver, "scope_agreed_by_council_on": TODAY}
    PeerReview.objects.update(**fields)
    shown = client.get(address).content.decode()
    assert "Go on: scoped" in shown
    sent = {"to": "scoped", "revision": made.review.revision}
    assert "Enter why it goes on without" in client.post(address, sent).content.decode()
    client.post(address, {**sent, "reason": "The leader’s post is vacant."})
    assert PeerReview.objects.get().stage == Stage.SCOPED
    assert "vacant" in client.get(made.review.get_absolute_url()).content.decode()


@pytest.mark.parametrize("stage", [str(stage) for stage in Stage])
def test_every_page_stands_at_every_stage(client, stage):
    fields = {"stage_before": "preparing"} if stage == "postponed" else {}
    if stage == "declined":
        fields = {"answer_reason": "Not now.", "answered_on": TODAY}
    made = make_review(stage=stage, **fields)
    for person in (made.manager, made.approver, made.contributor):
        client.force_login(person)
        assert client.get(made.review.get_absolute_url()).status_code == 200
    client.force_login(made.manager)
    for name in (*SCOPED, "agreement"):
        if name != "offer_answer":
            assert client.get(page(name, made.review)).status_code == 200, name


# --- the page of a review


def test_the_heading_is_the_answer_and_each_side_is_told_its_own_next_thing(client):
    made = make_review(stage=Stage.ON_SITE, region=RegionFactory())
    said = {}
    for who, person in (("peer", made.peers[0]), ("manager", made.manager), ("approver", made.approver)):
        client.force_login(person)
        said[who] = client.get(made.review.get_absolute_url()).content.decode()
    assert f"{made.council}: children’s services peer challenge, on site, day 1 of 3" in said["peer"]
    assert "Write down what you hear" in said["peer"]
    assert "Write down what you hear" not in said["approver"]
    assert "If Ofsted calls" in said["manager"]
    assert "If Ofsted calls" not in said["approver"]


def test_why_an_offer_was_declined_is_read_by_the_council_and_the_lga(client):
    made = make_review(stage=Stage.DECLINED, answer_reason="Ofsted is expected.", answered_on=TODAY)
    for person in (made.approver, made.manager):
        client.force_login(person)
        assert "Ofsted is expected." in client.get(made.review.get_absolute_url()).content.decode()
    for person in (people_of(made)["dfe"], people_of(made)["other council"]):
        client.force_login(person)
        assert client.get(made.review.get_absolute_url()).status_code == 404


def test_of_a_published_review_the_dfe_s_adviser_reads_that_it_is_and_no_more(client):
    made = make_review(
        stage=Stage.CLOSED, scope="Our worries.", final_on=TODAY, published_on=TODAY, answer_reason="Because."
    )
    client.force_login(person_with(Role.DFE_ADVISER, council=made.council))
    shown = client.get(made.review.get_absolute_url()).content.decode()
    assert "published the report" in shown
    for never in ("Our worries.", "Line 1", "Review Manager", "What falls due", "Because."):
        assert never not in shown


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.ON_SITE, Stage.FINAL])
@pytest.mark.parametrize("lines", [3, 12])
def test_the_page_of_a_review_keeps_to_twelve_queries(client, stage, lines):
    kind = make_kind("steps")
    for step in ("position-statement", "on-site", "feedback", "draft", "final")[: 2 if lines == 3 else 5]:
        fields = {"anchor": "first-day", "length": 1, "unit": "weeks", "owes": "lga"}
        KindStep.objects.create(kind=kind, step=step, **fields)
    made = make_review(stage=stage, lines=lines, kind=kind)
    set_steps(made.review, by=made.viewer(made.manager), on=TODAY)
    for person in (made.manager, made.approver, *([made.peers[0]] if stage == Stage.ON_SITE else [])):
        client.force_login(person)
        client.get(made.review.get_absolute_url())
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(made.review.get_absolute_url()).status_code == 200
        assert len(asked) <= 12, [one["sql"][:120] for one in asked]


# --- approaches


def log(council, adviser, **change):
    said = {"network": "political", "office": "leader", "said": "The leader is keen.", **change}
    on = said.pop("on", TODAY)
    return approach_actions.log_approach(council=council, approached_on=on, **said, by=adviser, on=TODAY)


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def council(region):
    return CouncilFactory(region=region)


@pytest.fixture
def adviser(region):
    return viewer_with(Role.LGA_ADVISER, region=region)


def test_an_approach_is_logged_for_the_lga_alone_and_kept_for_two_years(client, council, adviser):
    client.force_login(adviser.person)
    sent = {**day("approached_on", TODAY), "network": "political", "office": "leader", "said": "Keen."}
    client.post(reverse("approach_log", args=[council.slug]), sent)
    made = Approach.objects.get()
    assert (made.said, made.retain_until) == ("Keen.", date(2028, 11, 2))
    assert "Keen." not in str(list(Event.objects.values_list("data", flat=True)))
    assert "Keen." in client.get(reverse("approaches")).content.decode()


def test_approaches_are_hidden_from_councils_the_dfe_and_peers(client, council, adviser):
    made = log(council, adviser)
    addresses = {
        "approaches": [],
        "approach_log": [council.slug],
        "approach_change": [made.pk],
        "approach_delete": [made.pk],
    }
    for role in (Role.COUNCIL_APPROVER, Role.COUNCIL_LEADERSHIP, Role.DFE_ADVISER, Role.PEER):
        client.force_login(person_with(role, council=council))
        for name, args in addresses.items():
            assert client.get(reverse(name, args=args)).status_code == 404, (role, name)
    client.force_login(person_with(Role.NATIONAL_LEAD))
    answers = [client.get(reverse(name, args=args)).status_code for name, args in addresses.items()]
    assert answers == [200, 403, 403, 403]
    client.force_login(person_with(Role.LGA_ADVISER, region=RegionFactory()))
    answers = [client.get(reverse(name, args=args)).status_code for name, args in addresses.items()]
    assert answers == [200, 404, 404, 404]
    assert "The leader is keen." not in client.get(reverse("approaches")).content.decode()


def test_an_approach_is_changed_and_the_second_who_changes_it_sees_both_texts(client, council, adviser):
    made = log(council, adviser)
    client.force_login(adviser.person)
    address = reverse("approach_change", args=[made.pk])
    sent = {
        **day("approached_on", TODAY),
        **day("retain_until", TODAY + timedelta(days=90)),
        "network": "professional",
        "office": "dcs",
        "said": "Not yet.",
        "revision": 1,
    }
    assert client.post(address, sent).status_code == 302
    shown = client.post(address, {**sent, "said": "Mine."})
    assert shown.status_code == 409
    assert "Not yet." in shown.content.decode()
    assert "Mine." in shown.content.decode()


def test_an_approach_deleted_leaves_its_day_and_why_and_no_word_of_it(client, council, adviser):
    made = log(council, adviser)
    client.force_login(adviser.person)
    client.post(reverse("approach_delete", args=[made.pk]), {"reason": "Entered twice", "revision": 1})
    assert not Approach.objects.exists()
    told = Event.objects.get(kind="approach-deleted").data
    assert told == {"approached_on": "2026-11-02", "network": "political", "reason": "Entered twice"}


def test_the_night_deletes_what_is_no_longer_kept(council, adviser):
    kept, old = log(council, adviser), log(council, adviser)
    Approach.objects.filter(pk=old.pk).update(on=TODAY - timedelta(days=800), retain_until=TODAY)
    assert not Approach.objects.visible_to(adviser).filter(pk=old.pk).exists()
    assert approach_actions.delete_expired_approaches in CLEARED
    assert approach_actions.delete_expired_approaches(by=Viewer.system(TODAY), on=TODAY) == 1
    assert list(Approach.objects.all()) == [kept]


def test_the_list_of_approaches_asks_as_much_for_three_as_for_fifty(client, region, adviser):
    asked = []
    client.force_login(adviser.person)
    for number in (3, 47):
        for _ in range(number):
            log(CouncilFactory(region=region), adviser)
        client.get(reverse("approaches"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("approaches"))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 6


def test_a_line_is_numbered_anew_wherever_it_came_from(client):
    made = make_review(stage=Stage.ACCEPTED, lines=0)
    for place in (3, 7):
        LineOfEnquiry.objects.create(review=made.review, place=place, title=f"At {place}")
    client.force_login(made.manager)
    client.post(page("review_scope", made.review), scope_of(made.review, **{"line-0-title": "First"}))
    assert [line.place for line in made.review.lines.all()] == [1, 2]


@pytest.mark.parametrize(
    ("start", "due", "words"),
    [
        (date(2027, 3, 8), date(2027, 3, 8), "On"),
        (date(2027, 3, 8), date(2027, 2, 15), "3 weeks before"),
        (date(2027, 3, 11), date(2027, 8, 11), "5 months after"),
        (date(2027, 3, 11), date(2027, 3, 12), "1 day after"),
    ],
)
def test_a_step_says_how_far_it_is_from_its_day(start, due, words):
    assert span_words(start, due) == words
