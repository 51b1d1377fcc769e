"""A principal adviser allocates councils and cases to advisers; the LGA alone sees it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Reallocated, Refused, allocate, assign_case, log_contact
from cases.models import Allocation, Assignment, Milestone
from history.models import Event
from tests.dashboards.conftest import TODAY, in_intervention
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    GrantFactory,
    MilestoneFactory,
    RegionFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
PAGE = "/regions/wolds/allocation/"


@pytest.fixture
def principal(region):
    return person_with(Role.PRINCIPAL_ADVISER, region=region, name="Peregrine Ash")


@pytest.fixture
def linnet(region):
    return person_with(Role.LGA_ADVISER, region=region, name="Linnet Oakes")


@pytest.fixture
def rowan(region):
    return person_with(Role.LGA_ADVISER, region=region, name="Rowan Pike")


@pytest.fixture
def stranger():
    """An adviser of another region."""
    return person_with(Role.LGA_ADVISER, region=RegionFactory(), name="Tamsin Vale")


@pytest.fixture
def by(principal):
    return Viewer.of(principal, TODAY)


def text_of(response):
    return " ".join(response.content.decode().split())


# The actions


def test_a_council_is_allocated_from_a_day_and_the_former_allocation_ends(council, linnet, rowan, by):
    allocate(council=council, person=linnet, by=by, on=TODAY - timedelta(days=9))
    allocate(council=council, person=rowan, by=by, on=TODAY)
    held = Allocation.objects.order_by("from_on").values_list("person__name", "until_on")
    assert list(held) == [("Linnet Oakes", TODAY), ("Rowan Pike", None)]
    assert allocate(council=council, person=None, by=by, on=TODAY) is None
    assert not Allocation.objects.on(TODAY).exists()
    told = Event.objects.filter(kind="council-allocated").order_by("pk").values_list("data", flat=True)
    assert [(each["former"], each["person"]) for each in told] == [
        (None, linnet.pk),
        (linnet.pk, rowan.pk),
        (rowan.pk, None),
    ]


def test_allocating_to_whom_it_is_allocated_changes_nothing(council, linnet, by):
    first = allocate(council=council, person=linnet, by=by, on=TODAY)
    assert allocate(council=council, person=linnet, by=by, on=TODAY) == first
    assert Event.objects.filter(kind="council-allocated").count() == 1


def test_a_council_goes_only_to_an_adviser_whose_role_reaches_it_today(council, stranger, by):
    of_one = person_with(Role.LGA_ADVISER, council=council)
    assert allocate(council=council, person=of_one, by=by, on=TODAY)
    ended = person_with(Role.LGA_ADVISER, council=council, until_on=TODAY)
    gone = person_with(Role.LGA_ADVISER, council=council, is_active=False)
    director = person_with(Role.COUNCIL_APPROVER, council=council)
    for person in (stranger, ended, gone, director):
        with pytest.raises(Refused):
            allocate(council=council, person=person, by=by, on=TODAY)


def test_allocation_brings_no_sight(council, linnet, by):
    allocate(council=council, person=linnet, by=by, on=TODAY)
    milestone = MilestoneFactory(case=CaseFactory(council=council), due_on=TODAY)
    linnet.grants.update(until_on=TODAY)
    assert not Milestone.objects.visible_to(Viewer.of(linnet, TODAY)).filter(pk=milestone.pk).exists()


def test_a_case_goes_to_any_adviser_and_brings_sight_of_it_alone(council, neighbour, stranger, linnet, by):
    case, other = CaseFactory(council=council), CaseFactory(council=neighbour)
    on_case, elsewhere = (MilestoneFactory(case=each, due_on=TODAY) for each in (case, other))
    assign_case(case=case, person=stranger, by=by, on=TODAY)
    seen = Milestone.objects.visible_to(Viewer.of(stranger, TODAY))
    assert on_case in seen and elsewhere not in seen
    assign_case(case=case, person=linnet, by=by, on=TODAY)
    assert on_case not in Milestone.objects.visible_to(Viewer.of(stranger, TODAY))
    assert Assignment.objects.get().person == linnet
    # The same day back again: what held for no whole day is not in the way.
    assign_case(case=case, person=stranger, by=by, on=TODAY)
    assert Assignment.objects.get().person == stranger


def test_a_case_that_is_closed_or_somebody_who_does_not_advise_is_refused(council, linnet, by):
    case = CaseFactory(council=council)
    with pytest.raises(Refused):
        assign_case(case=case, person=person_with(Role.COUNCIL_APPROVER, council=council), by=by, on=TODAY)
    closed = CaseFactory(council=council, standing="closed", closed_on=TODAY)
    with pytest.raises(Refused):
        assign_case(case=closed, person=linnet, by=by, on=TODAY)


def test_only_who_may_allocate_there_does(council, linnet, stranger, by):
    case = CaseFactory(council=council)
    elsewhere = CouncilFactory()
    for viewer, place in ((Viewer.of(linnet, TODAY), council), (by, elsewhere)):
        with pytest.raises(PermissionDenied):
            allocate(council=place, person=linnet, by=viewer, on=TODAY)
    with pytest.raises(PermissionDenied):
        assign_case(case=case, person=linnet, by=Viewer.of(linnet, TODAY), on=TODAY)


def test_who_has_read_of_another_is_refused(council, linnet, rowan, by):
    allocate(council=council, person=linnet, by=by, on=TODAY, instead_of=None)
    with pytest.raises(Reallocated) as refused:
        allocate(council=council, person=rowan, by=by, on=TODAY, instead_of=None)
    assert refused.value.now == linnet


# The page


def sent(page, **chosen):
    """Return what the form of a page sends, with what was chosen by council."""
    data = {field.html_name: field.value() or "" for row in page.context["form"].rows for field in row}
    for name, person in chosen.items():
        slug, _, part = name.partition("__")
        (row,) = [each for each in page.context["form"].rows if each.row.council.slug == slug]
        data[f"{row.prefix}-{part or 'adviser'}"] = str(person.pk) if person else ""
    return data


def test_councils_and_cases_are_saved_together(client, council, neighbour, principal, linnet, stranger):
    case = CaseFactory(council=council)
    client.force_login(principal)
    page = client.get(PAGE)
    assert "2 of 2 councils without an adviser" in text_of(page)
    data = sent(page, saltmarsh=linnet, eastmere=principal, saltmarsh__case_adviser=stranger)
    assert "3 allocations changed." in text_of(client.post(PAGE, data, follow=True))
    assert {each.council: each.person for each in Allocation.objects.on(TODAY)} == {
        council: linnet,
        neighbour: principal,
    }
    assert Assignment.objects.get(case=case).person == stranger
    page = client.get(PAGE)
    assert "Every council has an adviser" in text_of(page)
    assert "Nothing was changed." in text_of(client.post(PAGE, sent(page), follow=True))


def test_only_who_may_be_chosen_is_offered_and_taken(client, council, principal, stranger):
    client.force_login(principal)
    page = client.get(PAGE)
    assert "Tamsin Vale" not in text_of(page)
    response = client.post(PAGE, sent(page, saltmarsh=stranger))
    assert response.status_code == 200
    assert "Select an adviser from the list: Adviser for Saltmarsh" in text_of(response)
    assert not Allocation.objects.exists()


def test_what_somebody_else_changed_is_shown_beside_the_choice_and_nothing_is_lost(
    client, council, neighbour, principal, linnet, rowan, by
):
    client.force_login(principal)
    page = client.get(PAGE)
    allocate(council=council, person=rowan, by=by, on=TODAY)
    response = client.post(PAGE, sent(page, saltmarsh=linnet, eastmere=linnet))
    assert response.status_code == 409
    assert "Changed by somebody else while you were choosing: Adviser for Saltmarsh" in text_of(response)
    assert "It is Rowan Pike now" in text_of(response)
    assert Allocation.objects.get().person == rowan
    again = sent(response)
    assert sorted(again.values()).count(str(linnet.pk)) == 2
    assert client.post(PAGE, again).status_code == 302
    assert {each.person for each in Allocation.objects.on(TODAY)} == {linnet}


def test_a_row_left_alone_follows_what_somebody_else_chose(
    client, council, neighbour, principal, linnet, rowan, by
):
    client.force_login(principal)
    page = client.get(PAGE)
    allocate(council=council, person=rowan, by=by, on=TODAY)
    assert client.post(PAGE, sent(page, eastmere=linnet)).status_code == 302
    assert Allocation.objects.get(council=council).person == rowan


def test_who_no_longer_advises_stays_named_until_replaced(client, council, principal, linnet, by):
    allocate(council=council, person=linnet, by=by, on=TODAY)
    linnet.grants.update(until_on=TODAY)
    client.force_login(principal)
    page = client.get(PAGE)
    assert "Linnet Oakes (advises here no more)" in text_of(page)
    assert client.post(PAGE, sent(page)).status_code == 302
    assert Allocation.objects.get(until_on=None).person == linnet


def test_three_councils_or_thirty_cost_the_same_queries(client, region, principal, by):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE).status_code == 200
        return len(asked)

    def make(count):
        for _ in range(count):
            council = CouncilFactory(region=region)
            adviser = person_with(Role.LGA_ADVISER, council=council)
            allocate(council=council, person=adviser, by=by, on=TODAY)
            assign_case(case=CaseFactory(council=council), person=adviser, by=by, on=TODAY)

    client.force_login(principal)
    make(3)
    few = queries()
    make(27)
    assert queries() == few <= 9


# What the region and My work show


def test_the_region_shows_who_looks_after_which_council_to_the_lga_alone(
    client, council, neighbour, principal, linnet, by
):
    allocate(council=council, person=linnet, by=by, on=TODAY)
    client.force_login(principal)
    page = text_of(client.get("/regions/wolds/"))
    assert "<small>Linnet Oakes</small>" in page and "Allocate councils and cases" in page
    download = b"".join(client.get("/regions/wolds/?format=csv").streaming_content).decode()
    assert "Linnet Oakes" in download
    client.force_login(linnet)
    page = text_of(client.get("/regions/wolds/"))
    assert "<small>Linnet Oakes</small>" in page and "Allocate councils and cases" not in page
    for role in (Role.COUNCIL_APPROVER, Role.DFE_ADVISER):
        client.force_login(person_with(role, council=council))
        page = text_of(client.get("/regions/wolds/"))
        assert "Linnet" not in page and "no adviser" not in page and ">Adviser<" not in page
        page = text_of(client.get("/regions/wolds/?adviser=nobody"))
        assert "Saltmarsh</a>" in page and "Eastmere</a>" in page


def test_the_region_is_narrowed_to_ones_own_councils_another_advisers_or_nobodys(
    client, council, neighbour, principal, linnet, by
):
    def shown(adviser):
        return [
            line.council.name
            for line in client.get(f"/regions/wolds/?adviser={adviser}").context["page"].lines
        ]

    allocate(council=council, person=linnet, by=by, on=TODAY)
    client.force_login(linnet)
    assert shown("me") == ["Saltmarsh"]
    assert shown(linnet.pk) == ["Saltmarsh"]
    assert shown("nobody") == ["Eastmere"]
    assert "My councils" in text_of(client.get("/regions/wolds/"))
    assert client.get("/regions/wolds/?adviser=everybody").status_code == 400


def test_my_work_puts_the_councils_one_looks_after_first(client, council, neighbour, linnet, by):
    in_intervention(neighbour, days_late=30, label="Theirs")
    in_intervention(council, days_late=2, label="Mine")
    allocate(council=council, person=linnet, by=by, on=TODAY)
    client.force_login(linnet)
    response = client.get("/")
    page = text_of(response)
    assert response.context["page"].heading == "1 milestone overdue in your councils"
    assert "You look after <a" in page
    assert page.index("mine</p>") < page.index("Elsewhere: late with others") < page.index("theirs</p>")
    linnet.grants.update(until_on=TODAY)
    GrantFactory(person=linnet, role=Role.LGA_ADVISER, scope="council", council=neighbour)
    page = text_of(client.get("/"))
    assert "theirs</p>" in page and "You look after" not in page


def test_a_follow_up_that_is_due_is_to_do_for_who_wrote_it_and_who_looks_after_the_council(
    client, council, principal, linnet, rowan, by
):
    log_contact(
        council=council,
        contacted_on=TODAY,
        channel="call",
        post="dcs",
        said="Said in confidence",
        nature="fact",
        follow_up_on=TODAY,
        retain_until=TODAY + timedelta(days=90),
        by=Viewer.of(linnet, TODAY),
        on=TODAY,
    )
    told = {}
    allocate(council=council, person=rowan, by=by, on=TODAY)
    for person in (linnet, rowan, principal):
        client.force_login(person)
        page = text_of(client.get("/"))
        told[person] = "Follow up" in page
        assert "Said in confidence" not in page
    assert told == {linnet: True, rowan: True, principal: False}


def test_the_councils_history_tells_the_lga_alone_of_it(client, council, linnet, by):
    allocate(council=council, person=linnet, by=by, on=TODAY)
    assign_case(case=CaseFactory(council=council), person=linnet, by=by, on=TODAY)
    client.force_login(linnet)
    assert "Council allocated" in text_of(client.get("/councils/saltmarsh/history/"))
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    page = text_of(client.get("/councils/saltmarsh/history/"))
    assert "Council allocated" not in page and "Case assigned" not in page


def test_the_day_of_today_is_the_one_that_counts(region, council, principal):
    """A grant that begins tomorrow makes nobody an adviser today."""
    tomorrow = person_with(Role.LGA_ADVISER, region=region, from_on=TODAY + timedelta(days=1))
    assert timezone.localdate() == TODAY
    with pytest.raises(Refused):
        allocate(council=council, person=tomorrow, by=Viewer.of(principal, TODAY), on=TODAY)
