"""The pages of a council that ends, who sees them, and the shadow team."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import admit_shadow_team, end_shadow_team
from accounts.models import Grant
from accounts.permissions import Ability, Role
from accounts.viewer import Viewer
from cases.models import Case, Recommendation
from councils.models import RegionMembership, Succession
from history.models import Event
from improvement.actions.abolition import decide_fate
from improvement.models import Intervention, PlanVersion, Succeeding
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    MilestoneFactory,
    RecommendationFactory,
    RegionFactory,
    SourceFactory,
    person_with,
    viewer_with,
)
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
ENDS = TODAY + timedelta(days=90)


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def old(region):
    council = CouncilFactory(name="Oldshire", slug="oldshire", la_code="9A1", region=region, until_on=ENDS)
    RegionMembership.objects.filter(council=council).update(until_on=ENDS)
    return council


@pytest.fixture
def successors(old, region):
    made = [
        CouncilFactory(name=name, region=region, from_on=ENDS) for name in ("East Oldshire", "West Oldshire")
    ]
    for one in made:
        Succession.objects.create(predecessor=old, successor=one, on=ENDS)
    return made


@pytest.fixture
def things(old, successors):
    case = CaseFactory(council=old, entered_on=date(2026, 5, 1))
    Intervention.objects.create(
        case=case, opened_from="hand", began_on=date(2026, 5, 1), recorded_on=date(2026, 5, 1)
    )
    source = SourceFactory(council=old)
    return case, [RecommendationFactory(source=source, number=n) for n in (1, 2, 3)]


@pytest.fixture
def adviser(client, region, old):
    person = person_with(Role.PRINCIPAL_ADVISER, region=region)
    client.force_login(person)
    return person


PAGE = "/councils/oldshire/succession/"


def chosen(kind, thing, fate, to=(), seen="0", note=""):
    key = f"{kind}-{thing.pk}"
    return {
        "thing": [key],
        f"{key}-fate": fate,
        f"{key}-successors": [each.pk for each in to],
        f"{key}-seen": seen,
        f"{key}-note": note,
    }


def together(*choices):
    merged = {}
    for one in choices:
        for name, value in one.items():
            merged[name] = merged.get(name, []) + value if name == "thing" else value
    return merged


def text(answer):
    return " ".join(answer.content.decode().split())


def test_it_lists_all_that_is_left_and_saves_a_part(client, adviser, things, successors):
    case, (first, second, third) = things
    page = text(client.get(PAGE))
    assert f"Oldshire ends on {ENDS:%-d %B %Y}: 4 things still to decide" in page
    assert case.reference in page and first.text in page and third.text in page
    sent = together(
        chosen("case", case, "passed-on", successors),
        chosen("recommendation", first, "ended", note="Done before the end"),
        chosen("recommendation", second, ""),
    )
    answer = client.post(PAGE, sent, follow=True)
    assert "Oldshire: 2 decided, 2 still to decide." in text(answer)
    assert "Passed to a successor: East Oldshire and West Oldshire" in text(answer)
    assert {row.fate for row in Succeeding.objects.all()} == {"passed-on", "ended"}
    assert Event.objects.filter(kind="succession-decided", council_code="9A1").count() == 2


def test_what_is_wrong_stands_by_its_row_and_nothing_typed_is_lost_or_saved(
    client, adviser, things, successors
):
    case, (first, *_) = things
    sent = together(
        chosen("case", case, "passed-on", note="To the east alone"),
        chosen("recommendation", first, "ended"),
    )
    answer = client.post(PAGE, sent)
    page = text(answer)
    assert answer.status_code == 200
    assert f"Choose to which successor: {case.reference}" in page
    assert 'value="To the east alone"' in page
    assert not Succeeding.objects.exists()
    assert "Decide of at least one thing" in text(client.post(PAGE, {}))


def test_one_choice_for_all_of_a_kind_leaves_what_is_decided_or_chosen_otherwise(
    client, adviser, things, successors
):
    case, (first, second, third) = things
    viewer = Viewer.of(adviser, TODAY)
    decide_fate(case.council, key=f"recommendation-{first.pk}", fate="awaiting", by=viewer, on=TODAY)
    sent = together(
        chosen("case", case, ""),
        chosen("recommendation", first, "", seen=str(Succeeding.objects.get().pk)),
        chosen("recommendation", second, "ended"),
        chosen("recommendation", third, ""),
    )
    wrong = client.post(PAGE, sent | {"all-recommendation-fate": "passed-on"})
    assert "Choose to which successor: all recommendations still to decide" in text(wrong)
    assert Succeeding.objects.count() == 1
    every = {
        "all-recommendation-fate": "passed-on",
        "all-recommendation-successors": [one.pk for one in successors],
    }
    answer = client.post(PAGE, sent | every, follow=True)
    assert "Oldshire: 2 decided, 1 still to decide." in text(answer)
    fates = dict(Succeeding.objects.values_list("recommendation", "fate"))
    assert fates == {first.pk: "awaiting", second.pk: "ended", third.pk: "passed-on"}
    assert Succeeding.objects.get(recommendation=third).successors.count() == 2


def test_a_decision_made_meanwhile_is_told_and_can_be_overruled(client, adviser, things, successors):
    case, _ = things
    viewer = Viewer.of(adviser, TODAY)
    made = decide_fate(
        case.council, key=f"case-{case.pk}", fate="awaiting", note="Letter sent", by=viewer, on=TODAY
    )
    answer = client.post(PAGE, chosen("case", case, "passed-on", successors[:1], note="Mine"))
    page = text(answer)
    assert answer.status_code == 409
    assert "Somebody else decided this" in page and "Letter sent" in page and 'value="Mine"' in page
    assert Succeeding.objects.count() == 1
    assert f'name="case-{case.pk}-seen" value="{made.pk}"' in page
    client.post(PAGE, chosen("case", case, "passed-on", successors[:1], seen=str(made.pk)))
    assert Succeeding.objects.latest("pk").fate == "passed-on"


def test_the_button_closes_the_record_of_a_council_that_has_ended(client, adviser, things, successors, old):
    case, _ = things
    assert "Close its record" not in text(client.get(PAGE))
    old.until_on = TODAY
    old.save()
    RegionMembership.objects.filter(council=old).update(until_on=TODAY)
    assert "Close its record now" in text(client.get(PAGE))
    answer = client.post(PAGE + "close/", follow=True)
    assert "Oldshire has ended: its record is closed." in text(answer)
    case.refresh_from_db()
    assert case.standing == "closed"
    assert "Close its record" not in text(client.get(PAGE))
    assert client.get(PAGE + "close/").status_code == 405


def test_the_regions_page_says_that_it_has_ended(client, adviser, things, successors, old, region):
    assert "Oldshire ended" not in text(client.get(region.get_absolute_url()))
    old.until_on = TODAY
    old.save()
    RegionMembership.objects.filter(council=old).update(until_on=TODAY)
    page = text(client.get(region.get_absolute_url()))
    assert "; Oldshire ended</h1>" in page
    assert f"Oldshire ended on {TODAY:%-d %B %Y}" in page
    assert "East Oldshire and West Oldshire took over" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.COUNCIL_APPROVER, 403),
        (Role.COUNCIL_CONTRIBUTOR, 403),
        (Role.DFE_ADVISER, 403),
        (Role.SHADOW_TEAM, 403),
        (Role.LGA_ADVISER, 200),
        (Role.SCRUTINY_MEMBER, 404),
        (Role.PEER, 404),
    ],
)
def test_who_decides(client, things, old, role, status):
    client.force_login(person_with(role, council=old))
    assert client.get(PAGE).status_code == status
    assert client.post(PAGE, {}).status_code == status


def test_strangers_and_councils_that_go_on_have_no_such_page(client, things, region):
    client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=RegionFactory()))
    assert client.get(PAGE).status_code == 404
    client.force_login(person_with(Role.PRINCIPAL_ADVISER, region=region))
    going_on = CouncilFactory(region=region)
    assert client.get(f"/councils/{going_on.slug}/succession/").status_code == 404


def test_it_asks_as_many_queries_for_three_things_as_for_thirty(client, adviser, things, old):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE).status_code == 200
        return len(asked)

    few = queries()
    source = SourceFactory(council=old)
    RecommendationFactory.create_batch(27, source=source)
    for _ in range(10):
        MilestoneFactory(case=things[0], council=old, due_on=ENDS)
    make_plan(old, standing="shared", on=TODAY)
    assert queries() <= few + 3  # the plan's rows, in their own three


def test_what_rests_on_a_source_under_embargo_is_left_out(client, adviser, things, old):
    source = SourceFactory(council=old, access="embargoed", published_on=None)
    RecommendationFactory(source=source, text="Nobody may read this yet")
    assert "Nobody may read this yet" not in text(client.get(PAGE))


# The shadow team.


@pytest.fixture
def approver(old):
    return viewer_with(Role.COUNCIL_APPROVER, council=old, today=TODAY)


@pytest.fixture
def newcomer(successors):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=successors[0], name="Wren Calloway")


def sees(person, council, day):
    return Viewer.of(person, day).may_at(Ability.SEE_CASES, council)


def test_a_shadow_team_reads_what_the_council_holds_from_its_day_until_its_day(
    old, things, approver, newcomer
):
    version = make_plan(old, on=TODAY)
    grant = admit_shadow_team(
        old,
        person=newcomer,
        from_on=TODAY + timedelta(days=7),
        until_on=TODAY + timedelta(days=30),
        by=approver,
        on=TODAY,
    )
    assert (grant.role, grant.council) == (Role.SHADOW_TEAM, old)
    days = {6: False, 7: True, 29: True, 30: False}
    assert {n: sees(newcomer, old, TODAY + timedelta(days=n)) for n in days} == days
    inside = Viewer.of(newcomer, TODAY + timedelta(days=7))
    assert PlanVersion.objects.visible_to(inside).filter(pk=version.pk).exists()
    assert Case.objects.visible_to(inside).filter(council=old).exists()
    for ability in (
        Ability.DRAFT_PLANS,
        Ability.APPROVE_PLANS,
        Ability.RECORD_INTERVENTION,
        Ability.SEE_LGA_ONLY,
    ):
        assert not inside.may_at(ability, old)
    source = SourceFactory(council=old, access="embargoed", published_on=None)
    hidden = RecommendationFactory(source=source)
    assert not Recommendation.objects.visible_to(inside).filter(pk=hidden.pk).exists()


def test_without_an_end_it_ends_with_the_council(old, approver, newcomer):
    assert admit_shadow_team(old, person=newcomer, by=approver, on=TODAY).until_on == ENDS
    assert sees(newcomer, old, ENDS - timedelta(days=1)) and not sees(newcomer, old, ENDS)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"until_on": ENDS + timedelta(days=1)}, "until_on"),
        ({"until_on": TODAY}, "until_on"),
        ({"from_on": TODAY - timedelta(days=1)}, "from_on"),
    ],
)
def test_days_beyond_the_councils_own_are_refused(old, approver, newcomer, given, field):
    with pytest.raises(ValidationError) as refused:
        admit_shadow_team(old, person=newcomer, by=approver, on=TODAY, **given)
    assert set(refused.value.message_dict) == {field}


def test_only_people_of_a_successor_are_let_in_and_each_once(old, approver, newcomer, region):
    stranger = person_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory(region=region))
    of_the_region = person_with(Role.PRINCIPAL_ADVISER, region=region)
    for person in (stranger, of_the_region):
        with pytest.raises(ValidationError, match="role at a successor"):
            admit_shadow_team(old, person=person, by=approver, on=TODAY)
    admit_shadow_team(old, person=newcomer, by=approver, on=TODAY)
    with pytest.raises(ValidationError, match="already"):
        admit_shadow_team(old, person=newcomer, by=approver, on=TODAY)


@pytest.mark.parametrize("role", [Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_LEADERSHIP, Role.LGA_ADVISER])
def test_only_its_approver_lets_them_in_and_ends_it(old, approver, newcomer, role):
    other = viewer_with(role, council=old, today=TODAY)
    with pytest.raises(PermissionDenied):
        admit_shadow_team(old, person=newcomer, by=other, on=TODAY)
    grant = admit_shadow_team(old, person=newcomer, by=approver, on=TODAY)
    with pytest.raises(PermissionDenied):
        end_shadow_team(grant, until_on=TODAY, by=other, on=TODAY)
    with pytest.raises(PermissionDenied):
        end_shadow_team(Grant.objects.get(person=approver.person), until_on=TODAY, by=approver, on=TODAY)


def test_an_end_today_takes_back_what_has_not_begun_and_ends_the_rest(old, approver, newcomer):
    grant = admit_shadow_team(old, person=newcomer, by=approver, on=TODAY)
    end_shadow_team(grant, until_on=TODAY + timedelta(days=2), by=approver, on=TODAY)
    assert Grant.objects.get(pk=grant.pk).until_on == TODAY + timedelta(days=2)
    end_shadow_team(grant, until_on=TODAY, by=approver, on=TODAY)
    assert not Grant.objects.filter(pk=grant.pk).exists()
    kinds = list(Event.objects.filter(council_code="9A1").values_list("kind", flat=True))
    assert sorted(kinds) == ["role-ended", "role-ended", "role-granted"]


def test_the_pages_of_the_shadow_team(client, old, approver, newcomer):
    client.force_login(approver.person)
    page = "/councils/oldshire/shadow-team/"
    assert "Nobody of East Oldshire and West Oldshire reads here" in text(client.get(page))
    sent = {
        "person": newcomer.pk,
        **{
            f"from_on_{part}": value
            for part, value in zip(
                ("day", "month", "year"), (TODAY.day, TODAY.month, TODAY.year), strict=True
            )
        },
        "until_on_day": "1",
        "until_on_month": "1",
        "until_on_year": "2999",
    }
    wrong = text(client.post(page + "admit/", sent))
    assert f"Access must end by {ENDS:%-d %B %Y}" in wrong
    sent |= {"until_on_day": ENDS.day, "until_on_month": ENDS.month, "until_on_year": ENDS.year}
    assert "Wren Calloway reads from" in text(client.post(page + "admit/", sent, follow=True))
    grant = Grant.objects.get(role=Role.SHADOW_TEAM)
    tomorrow = TODAY + timedelta(days=1)
    sent = {"until_on_day": tomorrow.day, "until_on_month": tomorrow.month, "until_on_year": tomorrow.year}
    answer = client.post(f"{page}{grant.pk}/end/", sent, follow=True)
    assert "Wren Calloway reads until" in text(answer)
    for role, status in (
        (Role.LGA_ADVISER, 200),
        (Role.COUNCIL_LEADERSHIP, 200),
        (Role.SCRUTINY_MEMBER, 404),
    ):
        client.force_login(person_with(role, council=old))
        assert client.get(page).status_code == status
        assert client.get(page + "admit/").status_code == (403 if status == 200 else 404)
