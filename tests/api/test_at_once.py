"""A thousand changes at once over fifty milestones: none is lost, and none that is sent twice is done twice."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connections
from django.test import Client

from api.models import IdempotentAnswer
from cases.models import DateChange, Milestone
from history.models import Event
from tests.api.conftest import Caller
from tests.factories import MilestoneFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MILESTONES, PROGRAMS = 50, 20
FIRST_DAY = date(2027, 1, 1)
GIVE_UP_AFTER = 200


class Program:
    """One of many at work: it moves every milestone once, in an order of its own, and repeats each post."""

    def __init__(self, number, adviser):
        self.number, self.asked = number, random.Random(number)
        # A client of its own, with the same person's token.
        self.caller = object.__new__(Caller)
        self.caller.client, self.caller.secret = Client(), adviser.secret

    def work(self, milestones):
        order = list(milestones)
        self.asked.shuffle(order)
        try:
            return [self._move(pk, place) for place, pk in enumerate(order)]
        finally:
            connections.close_all()

    def _move(self, pk, place):
        """Move it to a day that no other change names, made to the version that stands; return how often it took."""
        path = f"/api/v1/milestones/{pk}/move/"
        day = FIRST_DAY + timedelta(days=self.number * MILESTONES + place)
        body = {"to": day.isoformat(), "reason": "agreed-dfe"}
        tag = self.caller.get(f"/api/v1/milestones/{pk}/")["ETag"]
        for attempt in range(GIVE_UP_AFTER):
            key = f"{self.number}-{pk}-{attempt}"
            first = self.caller.post(path, body, key=key, etag=tag)
            if first.status_code == 200:
                again = self.caller.post(path, body, key=key, etag=tag)
                assert first.json()["due_on"] == body["to"]
                assert again.content == first.content and again["Idempotency-Replayed"] == "true"
                return attempt + 1
            assert first.status_code == 412, first.content
            tag = first["ETag"]
        raise AssertionError(f"Milestone {pk} could not be moved in {GIVE_UP_AFTER} attempts.")


def test_of_a_thousand_changes_at_once_none_is_lost_and_none_is_done_twice(adviser, milestone):
    made = [milestone, *(MilestoneFactory(case=milestone.case) for _ in range(MILESTONES - 1))]
    promised = {each.pk: each.due_on for each in made}
    programs = [Program(number, adviser) for number in range(PROGRAMS)]
    with ThreadPoolExecutor(PROGRAMS) as pool:
        took = [each for done in pool.map(lambda one: one.work(promised), programs) for each in done]

    changes = MILESTONES * PROGRAMS
    assert len(took) == changes == DateChange.objects.count()
    assert Event.objects.filter(kind="milestone-moved").count() == changes
    assert IdempotentAnswer.objects.count() == changes
    # They did meet: some were refused as stale, and made again to what then stood.
    assert max(took) > 1
    for standing in Milestone.objects.filter(pk__in=promised):
        moves = list(standing.changes.order_by("pk").values_list("old_due_on", "new_due_on"))
        assert standing.revision == 1 + PROGRAMS
        # Each change was made to what the one before had left.
        assert moves[0][0] == promised[standing.pk] and moves[-1][1] == standing.due_on
        assert all(earlier[1] == later[0] for earlier, later in pairwise(moves))
        assert len({new for _, new in moves}) == PROGRAMS
