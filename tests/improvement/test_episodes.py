"""A person says whether an episode that the published record alone tells of is open."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.permissions import Role
from cases.actions import Refused
from cases.models import Case, Milestone
from history.models import Event
from improvement.actions import confirm_episode, open_interventions, reject_episode
from tests.factories import RegionFactory, person_with, viewer_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(council, published_notice, system, today):
    published_notice(council, date(2023, 11, 30), detail="Notice of November 2023")
    open_interventions(by=system, on=today)
    return Case.objects.get(council=council)


@pytest.fixture
def adviser(region, today):
    return viewer_with(Role.PRINCIPAL_ADVISER, region=region, today=today)


@pytest.fixture
def sign_in(client, time_machine_today):
    def as_role(role, **reach):
        client.force_login(person_with(role, **reach))
        return client

    return as_role


@pytest.fixture
def time_machine_today(today):
    import time_machine

    with time_machine.travel(f"{today} 12:00+00:00", tick=False):
        yield


def address(case):
    return reverse("episode_confirm", args=[case.reference])


def test_one_that_is_open_counts_from_the_day_and_its_clocks_run(episode, adviser, today):
    confirm_episode(episode, by=adviser, on=today)

    episode.refresh_from_db()
    assert (episode.standing, episode.entered_on) == ("open", today)
    assert episode.intervention.confirmed_on == today
    made = {m.rule.slug: m for m in Milestone.objects.filter(case=episode).select_related("rule")}
    assert made["improvement-plan-notice"].to_confirm
    assert not made["progress-review-instrument"].to_confirm
    assert made["progress-review-instrument"].due_on == date(2026, 11, 30)
    event = Event.objects.get(kind="episode-confirmed")
    assert (event.by_id, event.case_reference) == (adviser.person_id, episode.reference)


def test_one_that_is_not_open_never_counts_and_is_not_made_again(episode, adviser, system, today):
    reject_episode(episode, by=adviser, on=today)
    episode.refresh_from_db()
    assert (episode.standing, episode.closed_on) == ("withdrawn", today)
    assert not Case.objects.open(today).exists()
    assert open_interventions(by=system, on=today).to_confirm == ()


def test_it_is_answered_once(episode, adviser, today):
    confirm_episode(episode, by=adviser, on=today)
    for answer in (confirm_episode, reject_episode):
        with pytest.raises(Refused):
            answer(episode, by=adviser, on=today)


@pytest.mark.parametrize("role", [Role.NATIONAL_LEAD, Role.COUNCIL_APPROVER, Role.DFE_ADVISER])
def test_others_may_not_answer(episode, council, today, role):
    reach = {} if role == Role.NATIONAL_LEAD else {"council": council}
    with pytest.raises(PermissionDenied):
        confirm_episode(episode, by=viewer_with(role, today=today, **reach), on=today)


def test_an_adviser_of_another_region_may_not_answer(episode, today):
    with pytest.raises(PermissionDenied):
        reject_episode(
            episode, by=viewer_with(Role.PRINCIPAL_ADVISER, region=RegionFactory(), today=today), on=today
        )


def test_the_page_shows_what_was_published_and_takes_the_answer(episode, council, region, sign_in, today):
    client = sign_in(Role.PRINCIPAL_ADVISER, region=region)
    page = client.get(address(episode))
    assert page.status_code == 200
    assert "Notice of November 2023" in page.content.decode()

    answered = client.post(address(episode), {"answer": "open"})

    assert (answered.status_code, answered.url) == (302, council.get_absolute_url())
    episode.refresh_from_db()
    assert (episode.standing, episode.entered_on) == ("open", today)


def test_the_page_takes_that_it_is_not_open(episode, region, sign_in):
    sign_in(Role.LGA_ADVISER, region=region).post(address(episode), {"answer": "not-open"})
    episode.refresh_from_db()
    assert episode.standing == "withdrawn"


def test_the_page_asks_again_where_nothing_was_chosen(episode, region, sign_in):
    page = sign_in(Role.PRINCIPAL_ADVISER, region=region).post(address(episode), {})
    assert "Say whether it is open" in page.content.decode()
    episode.refresh_from_db()
    assert episode.standing == "unconfirmed"


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_says_where_it_has_been_answered_already(
    episode, council, adviser, region, sign_in, today, method
):
    confirm_episode(episode, by=adviser, on=today)
    client = sign_in(Role.PRINCIPAL_ADVISER, region=region)
    answered = getattr(client, method)(address(episode), {"answer": "not-open"})
    assert answered.url == council.get_absolute_url()
    episode.refresh_from_db()
    assert episode.standing == "open"


def test_a_stranger_gets_404_and_a_reader_who_may_not_answer_403(episode, council, sign_in):
    assert sign_in(Role.PRINCIPAL_ADVISER, region=RegionFactory()).get(address(episode)).status_code == 404
    assert sign_in(Role.COUNCIL_APPROVER, council=council).get(address(episode)).status_code == 403
    assert sign_in(Role.NATIONAL_LEAD).post(address(episode), {"answer": "open"}).status_code == 403
