"""Two hundred saves of one action by four people at once: no text is lost, and each conflict shows both texts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from history.models import Event
from improvement.models import PlannedAction
from tests.factories import CouncilFactory, person_with
from tests.plans import make_plan

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PEOPLE, SAVES = 4, 50
GIVE_UP_AFTER = 500


class Writer:
    """Somebody who writes into one action again and again, and decides for their own text where another came first."""

    def __init__(self, number, version, key):
        self.number, self.client = number, Client()
        self.person = person_with(Role.COUNCIL_CONTRIBUTOR, council=version.plan.council)
        self.client.force_login(self.person)
        self.address = reverse("plan_grid_row", args=[version.plan.reference, version.number, key])
        self.revision = 1
        self.saved, self.refused = {}, []

    def work(self):
        try:
            for place in range(SAVES):
                self._save(f"Writer {self.number}, text {place}")
        finally:
            connections.close_all()
        return self

    def _save(self, text):
        for _ in range(GIVE_UP_AFTER):
            body = {"person": self.person.pk, "revision": self.revision, "text": text}
            answer = self.client.post(self.address, body)
            told = answer.json()
            self.revision = told["revision"]
            if answer.status_code == 200:
                self.saved[self.revision] = text
                return
            assert answer.status_code == 409, answer.content
            [both] = told["both"]
            assert both["mine"] == text
            self.refused.append((self.revision, both["theirs"]))
        raise AssertionError(f"“{text}” could not be saved in {GIVE_UP_AFTER} attempts.")


def test_of_two_hundred_saves_of_one_action_by_four_at_once_no_text_is_lost():
    version = make_plan(CouncilFactory())
    action = version.actions.first()
    writers = [Writer(number, version, action.action_id) for number in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as pool:
        done = list(pool.map(Writer.work, writers))

    saved = {revision: text for writer in done for revision, text in writer.saved.items()}
    saves = PEOPLE * SAVES
    # Every save has a revision of its own: none was laid over another unseen.
    assert sorted(saved) == list(range(2, saves + 2))
    assert set(saved.values()) == {f"Writer {n}, text {k}" for n in range(PEOPLE) for k in range(SAVES)}
    standing = PlannedAction.objects.get(pk=action.pk)
    assert (standing.revision, standing.text) == (saves + 1, saved[saves + 1])
    assert Event.objects.filter(kind="draft-action-saved").count() == saves
    # They did meet; and each who came second was shown, beside their own, what then stood.
    refused = [each for writer in done for each in writer.refused]
    assert refused and all(saved[revision] == theirs for revision, theirs in refused)
