"""Who sees that there is a review."""

import pytest

from accounts.permissions import Role
from peer_reviews.models import Stage
from tests.factories import CouncilFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


def test_its_council_the_lga_and_its_team_open_a_review_and_nobody_else(client):
    made = make_review()
    adviser = person_with(Role.DFE_ADVISER, council=made.council)
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    readers = [made.manager, made.approver, made.contributor, made.principal, *made.peers]
    answers = []
    for person in [*readers, adviser, stranger]:
        client.force_login(person)
        answers.append(client.get(made.review.get_absolute_url()).status_code)
    assert answers == [200] * len(readers) + [404, 404]


def test_a_peer_sees_nothing_before_the_team_is_confirmed(client):
    made = make_review(stage=Stage.SCOPED)
    client.force_login(made.peers[0])
    assert client.get(made.review.get_absolute_url()).status_code == 404
