"""The list of reviews, the calendar, whom to offer one, and what counts as the last."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Milestone
from cases.refusals import Refused
from councils.models import Succession
from peer_reviews.actions.past import record_past_review
from peer_reviews.models import PeerReview, ReviewKind, Stage
from peer_reviews.queries.lists import offers_due
from tests.factories import TODAY, CouncilFactory, RegionFactory, person_with
from tests.peer_reviews.reviews import make_kind, make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NEIGHBOUR = "Neighbouring review"


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def adviser(region):
    return person_with(Role.PRINCIPAL_ADVISER, region=region)


def past(council, adviser, last_day, **more):
    return record_past_review(
        council=council,
        kind=more.pop("kind", None) or make_kind(),
        first_day=last_day - timedelta(days=3),
        last_day=last_day,
        by=Viewer.of(adviser, TODAY),
        on=TODAY,
    )


def offers_of(adviser):
    return offers_due(Viewer.of(adviser, TODAY), on=TODAY)


def test_the_kinds_that_ship_have_themes_a_team_and_steps():
    kinds = list(ReviewKind.objects.exclude(slug="made-for-tests"))
    assert len(kinds) == 10
    for kind in kinds:
        assert kind.themes.exists() and kind.places.filter(role="manager").exists()
        assert {"position-statement", "on-site", "feedback", "draft", "final"} <= set(
            kind.steps.values_list("step", flat=True)
        )


def test_four_years_after_the_last_day_an_offer_is_due_as_an_aim_never_overdue(region, adviser):
    council = CouncilFactory(region=region)
    past(council, adviser, date(2022, 12, 9))
    milestone = Milestone.objects.get(council=council, rule__slug="peer-review-offer")
    assert (milestone.due_on, milestone.force, milestone.owes) == (date(2026, 12, 9), "aim", "lga")
    assert milestone.of_review
    assert milestone not in Milestone.objects.overdue(date(2030, 1, 1))


def test_a_later_review_takes_the_place_of_an_earlier_one(region, adviser):
    council = CouncilFactory(region=region)
    past(council, adviser, date(2022, 12, 9))
    past(council, adviser, date(2024, 3, 1))
    standing = Milestone.objects.filter(council=council, rule__slug="peer-review-offer", closed_on=None)
    assert [milestone.due_on for milestone in standing] == [date(2028, 3, 1)]


def test_a_successor_is_offered_one_four_years_after_its_predecessor_was_reviewed(region, adviser):
    old = CouncilFactory(region=region, until_on=date(2023, 4, 1))
    new = CouncilFactory(region=region, from_on=date(2023, 4, 1))
    Succession.objects.create(predecessor=old, successor=new, on=date(2023, 4, 1))
    past(old, adviser, date(2022, 6, 10))
    due = next(one for one in offers_of(adviser).due if one.council == new)
    assert due.of_predecessor and due.due_on == date(2026, 6, 10)
    assert Milestone.objects.filter(council=new, rule__slug="peer-review-offer").exists()


def test_without_a_review_on_record_there_is_no_milestone_and_the_council_stands_apart(region, adviser):
    council = CouncilFactory(region=region)
    offers = offers_of(adviser)
    assert [one.council for one in offers.none_known] == [council]
    assert not Milestone.objects.filter(council=council).exists()


def test_a_kind_that_answers_no_aim_starts_no_clock(region, adviser):
    council = CouncilFactory(region=region)
    past(council, adviser, date(2022, 12, 9), kind=make_kind("early", counts_for_offer=False))
    assert not Milestone.objects.filter(council=council).exists()
    assert [one.council for one in offers_of(adviser).none_known] == [council]


def test_who_declined_and_why_is_told_to_the_lga_alone(client, region, adviser):
    council = CouncilFactory(region=region)
    made = make_review(
        council,
        region=region,
        stage=Stage.DECLINED,
        answered_on=date(2026, 10, 1),
        answer_reason="An election is near.",
    )
    client.force_login(adviser)
    assert "An election is near." in client.get(reverse("reviews_due")).content.decode()
    for person in (made.approver, *made.peers, person_with(Role.DFE_ADVISER, council=council)):
        client.force_login(person)
        assert client.get(reverse("reviews_due")).status_code == 404


def test_a_region_s_offers_take_the_same_queries_for_three_councils_and_for_thirty(
    client, region, adviser, django_assert_num_queries
):
    for _ in range(3):
        past(CouncilFactory(region=region), adviser, date(2022, 1, 7))
    client.force_login(adviser)
    with django_assert_num_queries(9) as few:
        client.get(reverse("reviews_due"))
    for _ in range(27):
        past(CouncilFactory(region=region), adviser, date(2022, 1, 7))
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(reverse("reviews_due"))


def test_the_list_takes_the_same_queries_for_three_reviews_and_for_thirty(
    client, region, adviser, django_assert_max_num_queries
):
    for _ in range(30):
        make_review(region=region, peers=0)
    client.force_login(adviser)
    with django_assert_max_num_queries(9):
        page = client.get(reverse("reviews")).content.decode()
    assert "30 peer reviews: 30 on site" in page


def test_the_list_is_narrowed_by_stage_kind_region_and_year(client, region, adviser):
    here = make_review(region=region, peers=0)
    make_review(region=region, peers=0, stage=Stage.OFFERED, kind=make_kind("other", name=NEIGHBOUR))
    client.force_login(adviser)
    for narrowed in ({"stage": "on-site"}, {"kind": "made-for-tests"}):
        page = client.get(reverse("reviews"), narrowed).content.decode()
        assert here.review.case.reference in page and page.count("PR-2026-") == 2, narrowed
    assert "No review fits" in client.get(reverse("reviews"), {"stage": "closed"}).content.decode()
    assert client.get(reverse("reviews"), {"year": "nonsense", "region": "x"}).status_code == 200
    csv = b"".join(client.get(reverse("reviews"), {"format": "csv"}).streaming_content).decode()
    assert len(csv.strip().splitlines()) == 3


def test_the_calendar_shows_the_weeks_in_which_a_team_is_on_site(client, region, adviser):
    made = make_review(region=region, peers=0)
    client.force_login(adviser)
    page = client.get(reverse("reviews_calendar"), {"from": TODAY.isoformat()}).content.decode()
    assert made.review.get_absolute_url() in page and "on site in 1 of 26 weeks" in page
    later = client.get(reverse("reviews_calendar"), {"from": "2027-06-01"}).content.decode()
    assert "No team is on site in these 26 weeks" in later
    assert client.get(reverse("reviews_calendar"), {"from": "9999-99-99"}).status_code == 200


def test_a_review_that_is_over_is_recorded_by_whoever_runs_reviews(client, region, adviser):
    council = CouncilFactory(region=region)
    client.force_login(adviser)
    sent = {
        "council": council.pk,
        "kind": make_kind().pk,
        **{
            f"first_day_{part}": value
            for part, value in zip(("day", "month", "year"), (4, 3, 2024), strict=True)
        },
        **{
            f"last_day_{part}": value
            for part, value in zip(("day", "month", "year"), (7, 3, 2024), strict=True)
        },
    }
    assert client.post(reverse("review_past"), sent).status_code == 302
    review = PeerReview.objects.get(case__council=council)
    assert review.from_past and review.stage == Stage.CLOSED
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    assert client.get(reverse("review_past")).status_code == 403


def test_the_same_days_twice_or_days_to_come_are_refused(region, adviser):
    council = CouncilFactory(region=region)
    past(council, adviser, date(2024, 3, 7))
    with pytest.raises(Refused, match="on record already"):
        past(council, adviser, date(2024, 3, 7))
    with pytest.raises(Refused, match="in the past"):
        past(council, adviser, TODAY)
