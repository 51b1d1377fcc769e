"""What a council has been told by every report, and adding what a peer review's report or a visit's letter tells it."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from cases.models import Recommendation, Source
from tests.factories import CouncilFactory, RecommendationFactory, RegionFactory, SourceFactory, person_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
PEER_REVIEW = {
    "kind": "peer-review",
    "title": "Review of care leavers",
    "dated_on_day": "12",
    "dated_on_month": "10",
    "dated_on_year": "2025",
}


@pytest.fixture
def council():
    return CouncilFactory(region=RegionFactory())


@pytest.fixture
def page(council):
    return reverse("council_recommendations", args=[council.slug])


@pytest.fixture
def approver(client, council):
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    return client


def test_a_peer_reviews_recommendations_are_pasted_checked_and_saved(approver, council, page):
    kept = approver.post(page, PEER_REVIEW)
    source = Source.objects.get(kind="peer-review")
    add = reverse("source_recommendations_add", args=[council.slug, source.pk])
    assert (kept.status_code, kept.url) == (302, add)
    assert (source.title, source.dated_on) == ("Review of care leavers", date(2025, 10, 12))
    checked = approver.post(add, {"way": "list", "pasted": "1. Find homes sooner\n2. Ask young people"})
    assert b"2 recommendations read" in checked.content and add.encode() in checked.content
    rows = {
        "way": "checked",
        "rows": "2",
        "row-0-text": "Find homes sooner",
        "row-1-text": "Ask young people",
    }
    saved = approver.post(add, {**rows, "row-0-framework_reference": "Outcome 4"})
    assert saved.status_code == 302
    told = Recommendation.objects.filter(source=source).values_list("text", "framework_reference")
    assert list(told) == [("Find homes sooner", "Outcome 4"), ("Ask young people", "")]
    shown = approver.get(page).content.decode()
    assert "2 recommendations, 2 open" in shown and "Outcome 4" in shown and "Review of care leavers" in shown


def test_what_is_changed_of_it_leads_back_to_the_councils_page(approver, council, page):
    source = SourceFactory(council=council, kind="peer-review")
    one = RecommendationFactory(council=council, source=source, framework_reference="Outcome 1")
    change = reverse("recommendation_change", args=[one.pk])
    assert b"Outcome 1" in approver.get(change).content
    body = {"text": "Sooner", "paragraph": "", "framework_reference": "Outcome 2", "revision": "1"}
    assert approver.post(change, body).url == f"{page}#source-{source.pk}"
    one.refresh_from_db()
    assert (one.text, one.framework_reference) == ("Sooner", "Outcome 2")


def test_what_is_open_comes_first(approver, council, page):
    for n, (title, closed) in enumerate((("Closed letter", date(2026, 1, 5)), ("Open letter", None))):
        source = SourceFactory(
            council=council, title=title, kind="visit-letter", dated_on=date(2026 - n, 1, 1)
        )
        outcome = "met" if closed else ""
        RecommendationFactory(council=council, source=source, closed_on=closed, outcome=outcome)
    shown = approver.get(page).content.decode()
    assert shown.index("Open letter") < shown.index("Closed letter")


def test_a_mistake_keeps_what_was_typed_and_keeps_no_source(approver, page):
    shown = approver.post(page, {**PEER_REVIEW, "dated_on_year": "2099", "url": "nowhere"}).content.decode()
    assert "Review of care leavers" in shown and "today or earlier" in shown
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("role", "reads", "adds"),
    [(Role.COUNCIL_CONTRIBUTOR, 200, 403), (Role.DFE_ADVISER, 200, 403), (Role.PEER, 404, 404)],
)
def test_readers_read_it_and_strangers_find_nothing(client, council, page, role, reads, adds):
    source = SourceFactory(council=council, kind="peer-review")
    client.force_login(person_with(role, council=council))
    shown = client.get(page)
    assert shown.status_code == reads
    assert b"Add recommendations" not in shown.content
    assert client.post(page, PEER_REVIEW).status_code == adds
    add = reverse("source_recommendations_add", args=[council.slug, source.pk])
    assert client.get(add).status_code == adds


@pytest.mark.parametrize(
    ("role", "reads"),
    [(Role.COUNCIL_APPROVER, True), (Role.COUNCIL_CONTRIBUTOR, True), (Role.DFE_ADVISER, False)],
)
def test_what_an_unpublished_peer_review_recommends_stands_there_for_the_council(
    client, council, page, role, reads
):
    source = SourceFactory(
        council=council, kind="peer-review", access=Source.Access.UNPUBLISHED, published_on=None
    )
    RecommendationFactory(council=council, source=source, text="Write supervision down")
    client.force_login(person_with(role, council=council))
    shown = client.get(page).content.decode()
    assert ("Write supervision down" in shown, "Not published" in shown) == (reads, reads)
    assert reverse("source_recommendations_add", args=[council.slug, source.pk]) not in shown


def test_many_reports_cost_as_many_queries_as_few(approver, council, page, django_assert_max_num_queries):
    for n in range(12):
        source = SourceFactory(council=council, kind="peer-review", title=f"Report {n}")
        RecommendationFactory(council=council, source=source)
    with django_assert_max_num_queries(14):
        assert b"12 recommendations, 12 open" in approver.get(page).content
