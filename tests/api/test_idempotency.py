"""A post that is sent twice is done once, and answered as it was."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.permissions import Role
from api.models import IdempotentAnswer
from cases.models import DateChange, Milestone
from history.models import Event
from improvement.tasks import nightly
from tests.api.conftest import Caller, problem
from tests.api.test_changes import MET, address, etag_of
from tests.factories import person_with

pytestmark = pytest.mark.django_db
MOVED = {"to": "2026-12-01", "reason": "agreed-dfe"}


def test_a_repeated_post_is_answered_again_and_not_done_again(adviser, milestone):
    tag = etag_of(adviser, milestone)
    first = adviser.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1")
    again = adviser.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1")
    assert first.status_code == again.status_code == 200
    assert again.content == first.content and again["ETag"] == first["ETag"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert DateChange.objects.count() == 1
    assert Milestone.objects.get().revision == 2
    assert Event.objects.filter(kind="milestone-moved").count() == 1


def test_a_key_used_for_another_post_is_refused(adviser, milestone):
    tag = etag_of(adviser, milestone)
    adviser.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1")
    told = problem(
        adviser.post(address(milestone, "move/"), {**MOVED, "to": "2026-12-02"}, etag=tag, key="k-1"), 422
    )
    assert "new key" in told["detail"]
    problem(adviser.post(address(milestone, "met/"), MOVED, etag=tag, key="k-1"), 422)


@pytest.mark.parametrize("key", [None, "", "with space", "x" * 256, "naïve"])
def test_a_post_without_a_key_says_so(adviser, milestone, key):
    tag = etag_of(adviser, milestone)
    told = problem(adviser.send("POST", address(milestone, "met/"), MET, etag=tag, key=key), 400)
    assert "Idempotency-Key" in told["detail"]


def test_a_refused_post_keeps_no_answer_and_may_be_corrected_under_its_key(adviser, milestone):
    tag = etag_of(adviser, milestone)
    problem(adviser.post(address(milestone, "met/"), {"met_on": "2026-12-31"}, etag=tag, key="k-1"), 400)
    assert not IdempotentAnswer.objects.exists()
    assert adviser.post(address(milestone, "met/"), MET, etag=tag, key="k-1").status_code == 200


def test_keys_of_two_people_are_their_own(adviser, milestone, client, region):
    other = Caller(client, person_with(Role.LGA_ADVISER, region=region))
    moved = adviser.post(address(milestone, "move/"), MOVED, etag=etag_of(adviser, milestone), key="k-1")
    theirs = other.post(address(milestone, "met/"), MET, etag=moved["ETag"], key="k-1")
    assert theirs.status_code == 200 and theirs.json()["outcome"] == "met"


def test_what_somebody_may_no_longer_see_is_not_answered_again(adviser, milestone):
    tag = etag_of(adviser, milestone)
    adviser.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1")
    adviser.person.grants.all().delete()
    problem(adviser.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1"), 404)


def test_the_night_forgets_answers_that_are_older_than_a_day(adviser):
    for key, hours in (("old", 25), ("young", 23)):
        kept = IdempotentAnswer.objects.create(person=adviser.person, key=key, digest="0" * 64, status=200)
        IdempotentAnswer.objects.filter(pk=kept.pk).update(made_at=timezone.now() - timedelta(hours=hours))
    nightly()
    assert IdempotentAnswer.objects.get().key == "young"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_under_one_key_are_done_once(adviser, milestone):
    tag, begin, answers = etag_of(adviser, milestone), Barrier(4), []

    def post():
        caller = Caller.__new__(Caller)
        caller.client, caller.secret = Client(), adviser.secret
        begin.wait()
        try:
            answers.append(caller.post(address(milestone, "move/"), MOVED, etag=tag, key="k-1"))
        finally:
            connection.close()

    threads = [Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 3
    assert DateChange.objects.count() == 1
