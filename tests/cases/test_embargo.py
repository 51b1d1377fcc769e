"""Named readers of an outcome under embargo: who names whom, who is struck off, and the log of looks."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Grant
from accounts.permissions import Role
from cases.actions import Refused, log_view, name_reader, strike_reader
from cases.actions.embargo import people_to_name
from cases.models import EmbargoView, Source
from history.models import Event
from tests.factories import CouncilFactory, GrantFactory, SourceFactory, person_with
from tests.inspections.entered import RECEIVED, around_a_council

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def around():
    return around_a_council()


@pytest.fixture
def source(around):
    """An outcome under embargo, which the approver reads."""
    source = SourceFactory(council=around.council, access=Source.Access.EMBARGOED)
    source.readers.create(person=around.people["approver"], side="council", from_on=RECEIVED)
    return source


@pytest.fixture
def name(around, source):
    def name(who, *, by="approver"):
        return name_reader(source, person=around.people[who], by=around.viewer(by), on=RECEIVED)

    return name


@pytest.fixture
def reads(around, source):
    def reads(who, today=RECEIVED):
        theirs = Source.objects.read_in_confidence_by(around.viewer(who, today))
        return theirs.filter(pk=source.pk).exists()

    return reads


def test_nobody_reads_it_by_role(around, reads):
    assert [who for who in around.people if reads(who)] == ["approver"]


@pytest.mark.parametrize("who", ["leader", "contributor"])
def test_the_approver_names_the_councils_own(name, reads, who):
    assert name(who).side == "council"
    assert reads(who)


def test_the_approver_tells_the_regions_principal_adviser_who_names_the_lgas(name, reads):
    with pytest.raises(Refused, match="principal adviser names the LGA’s readers"):
        name("adviser")
    assert name("principal").side == "lga"
    for who in ("adviser", "lead"):
        assert name(who, by="principal").side == "lga"
        assert reads(who)


def test_the_principal_adviser_names_no_other_of_the_council_than_its_approver(around, name):
    name("principal")
    around.join("deputy", Role.COUNCIL_APPROVER)
    assert name("deputy", by="principal").side == "council"
    with pytest.raises(Refused, match="The council’s approver names the council’s readers"):
        name("leader", by="principal")


def test_an_adviser_who_reads_it_tells_those_who_keep_either_side_and_nobody_else(around, name, source):
    source.readers.create(person=around.people["adviser"], side="lga", from_on=RECEIVED)
    source.readers.filter(side="council").delete()
    assert name("principal", by="adviser").side == "lga"
    assert name("approver", by="adviser").side == "council"
    for who in ("lead", "leader"):
        with pytest.raises(Refused):
            name(who, by="adviser")


@pytest.mark.parametrize("who", ["dfe", "stranger", "neighbour", "scrutiny", "administrator"])
def test_who_has_nothing_to_do_with_it_can_not_be_named(around, name, who):
    around.join("stranger", Role.LGA_ADVISER, council=CouncilFactory())
    around.join("neighbour", Role.COUNCIL_APPROVER, council=CouncilFactory())
    around.join("scrutiny", Role.SCRUTINY_MEMBER)
    around.people["administrator"] = person_with(Role.ADMINISTRATOR)
    with pytest.raises(Refused) as refused:
        name(who)
    assert refused.value.field == "person"


@pytest.mark.parametrize("by", ["leader", "principal", "adviser", "lead", "dfe"])
def test_who_is_no_named_reader_names_nobody(name, by):
    with pytest.raises(PermissionDenied):
        name("contributor", by=by)


def test_a_reader_without_the_ability_names_nobody(name):
    name("leader")
    with pytest.raises(PermissionDenied):
        name("contributor", by="leader")


def test_nobody_is_named_twice_and_nobody_for_what_is_published(name, source):
    name("leader")
    with pytest.raises(Refused, match="already"):
        name("leader")
    Source.objects.update(access="public")
    with pytest.raises(Refused, match="published"):
        name("contributor")


def test_a_form_offers_those_who_can_be_named(around, name, source):
    named = {person.pk for person in people_to_name(source, by=around.viewer("approver"))}
    assert named == {around.people[who].pk for who in ("leader", "contributor", "principal")}
    name("principal")
    named = {person.pk for person in people_to_name(source, by=around.viewer("principal"))}
    assert named == {around.people[who].pk for who in ("adviser", "lead")}
    assert people_to_name(source, by=around.viewer("leader")) == []


def test_struck_off_they_read_it_no_more_the_same_day(around, name, reads, source):
    name("leader")
    strike_reader(source, person=around.people["leader"], by=around.viewer("approver"), on=RECEIVED)
    assert not reads("leader")


def test_each_side_strikes_its_own(around, name, source):
    name("principal")
    name("leader")
    for who, by in (("principal", "approver"), ("leader", "principal")):
        with pytest.raises(PermissionDenied):
            strike_reader(source, person=around.people[who], by=around.viewer(by), on=RECEIVED)


def test_the_last_who_can_name_others_is_not_struck_off(around, name, source, reads):
    name("leader")
    strike = {"person": around.people["approver"], "by": around.viewer("approver"), "on": RECEIVED}
    with pytest.raises(Refused, match="nobody could open it"):
        strike_reader(source, **strike)
    name("principal")
    strike_reader(source, **strike)
    assert not reads("approver")


def test_sight_ends_with_the_grant(around, name, reads):
    name("leader")
    Grant.objects.filter(person=around.people["leader"]).update(until_on=RECEIVED + DAY)
    assert reads("leader")
    assert not reads("leader", RECEIVED + DAY)


def test_every_look_of_a_named_reader_is_written_down_with_no_event(around, source):
    before = Event.objects.count()
    log_view(source, by=around.viewer("approver"))
    log_view(source, by=around.viewer("approver"))
    with pytest.raises(PermissionDenied):
        log_view(source, by=around.viewer("principal"))
    assert list(EmbargoView.objects.values_list("person", flat=True)) == [around.people["approver"].pk] * 2
    assert Event.objects.count() == before


def test_what_happens_to_readers_rests_on_the_source(around, name, source):
    GrantFactory(
        person=around.people["leader"], role=Role.COUNCIL_CONTRIBUTOR, scope="council", council=around.council
    )
    name("leader")
    strike_reader(source, person=around.people["leader"], by=around.viewer("approver"), on=RECEIVED)
    events = Event.objects.filter(kind__in=["reader-named", "reader-struck"])
    assert list(events.values_list("source_id", flat=True)) == [source.pk] * 2
