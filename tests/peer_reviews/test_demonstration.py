"""The demonstration's reviews: told by the real actions on any day, once, and of invented councils alone."""

from datetime import date

import pytest

from accounts.demonstration import load_people
from accounts.models import Person
from accounts.viewer import Viewer
from cases.models import Milestone
from councils.models import RegionMembership
from peer_reviews.demonstration import load_pool, load_reviews
from peer_reviews.models import (
    Approach,
    Finding,
    Lesson,
    Note,
    Peer,
    PeerReview,
    Request,
    RoomDocument,
    Stage,
)
from peer_reviews.queries.lists import offers_due
from tests.factories import CouncilFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

COUNCILS = ("Saltmarsh", "Northbridge", "Calder Vale", "Eastmere", "Thornley", "Wexcombe", "Holme")
# A Sunday, and a working day after a bank holiday.
DAYS = [date(2026, 11, 22), date(2026, 12, 29)]


def load(on):
    region = RegionFactory(
        slug="demonstration", name="Demonstration", demonstration=True, record_began_on=date(2025, 1, 1)
    )
    for number, name in enumerate(COUNCILS, 1):
        council = CouncilFactory(
            name=name, slug=name.lower().replace(" ", "-"), la_code=f"D{number:02}", demonstration=True
        )
        RegionMembership.objects.filter(council=council).delete()
        RegionMembership.objects.create(council=council, region=region)
    by = Viewer.system(on)
    load_people(by=by, on=on)
    return load_pool(by=by, on=on), load_reviews(by=by, on=on)


def as_person(name, on):
    return Viewer.of(Person.objects.get(email=f"{name}@example.org"), on)


@pytest.mark.parametrize("on", DAYS)
def test_every_state_is_there_on_whatever_day_it_is_loaded(on, settings):
    settings.DEMONSTRATION = True
    pool, reviews = load(on)
    assert (pool, reviews) == (31, 9)
    by_council = {
        review.case.council.name: review
        for review in PeerReview.objects.filter(from_past=False).select_related("case__council")
    }
    assert {name: review.stage for name, review in by_council.items()} == {
        "Eastmere": Stage.DECLINED,
        "Calder Vale": Stage.FINAL,
        "Wexcombe": Stage.FACTUAL_ACCURACY,
        "Holme": Stage.ON_SITE,
        "Saltmarsh": Stage.OFFERED,
    }
    holme = by_council["Holme"]
    assert holme.first_day < on <= holme.last_day and holme.notes_lock_at.date() > on
    assert by_council["Wexcombe"].reports.get(number=1).comments_due_on > on
    final = by_council["Calder Vale"]
    assert final.published_on is None and final.source.recommendations.count() == 2
    assert 0 < (final.notes_delete_on - on).days <= 10
    offers = offers_due(as_person("lga-adviser", on), on=on)
    assert {one.council.name for one in offers.due} >= {"Saltmarsh", "Eastmere", "Northbridge"}
    assert "Calder Vale" in {one.council.name for one in offers.later}
    assert "Thornley" in {one.council.name for one in offers.none_known}
    assert [review.case.council.name for review in offers.declined] == ["Eastmere"]


def test_the_signed_in_peer_reads_what_the_team_shares_and_nobody_of_the_council_does(settings):
    settings.DEMONSTRATION = True
    on = DAYS[0]
    load(on)
    peer = as_person("peer", on)
    seen = Note.objects.visible_to(peer)
    assert seen.count() >= 20 and seen.filter(shared_at=None).count() == 2
    assert Note.objects.filter(review__stage=Stage.ON_SITE, shared_at=None).exclude(pk__in=seen).count() == 2
    findings = Finding.objects.visible_to(peer)
    assert findings.filter(agreed_on__isnull=False).count() == 1 < findings.count()
    for name in ("holme-approver", "council-approver", "dfe-adviser", "national-lead"):
        assert not Note.objects.visible_to(as_person(name, on)).exists()
    approver = as_person("holme-approver", on)
    assert Request.objects.visible_to(approver).filter(outcome="").count() == 1
    assert RoomDocument.objects.visible_to(approver).count() == 3
    assert not PeerReview.objects.visible_to(as_person("dfe-adviser", on)).exists()
    assert Lesson.objects.filter(stage=Lesson.Stage.TOLD).count() == 2 and Approach.objects.count() == 3


def test_loaded_again_it_adds_nothing_and_says_so(settings):
    settings.DEMONSTRATION = True
    on = DAYS[0]
    load(on)
    before = PeerReview.objects.count(), Peer.objects.count(), Milestone.objects.count()
    by = Viewer.system(on)
    assert (load_pool(by=by, on=on), load_reviews(by=by, on=on)) == (0, 0)
    assert (PeerReview.objects.count(), Peer.objects.count(), Milestone.objects.count()) == before


def test_without_its_people_and_councils_nothing_is_told(settings):
    settings.DEMONSTRATION = True
    by = Viewer.system(DAYS[0])
    assert (load_pool(by=by, on=DAYS[0]), load_reviews(by=by, on=DAYS[0])) == (0, 0)
