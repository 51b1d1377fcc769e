"""The invented region shows every state, on whatever day it is loaded."""

from datetime import date, timedelta

import pytest

from accounts.demonstration import load_people
from accounts.models import Person
from accounts.viewer import Viewer
from cases.actions import allocate, flag_overdue
from cases.models import Allocation, Case, Contact, DateChange, Flag, Milestone, Owes, Recommendation
from cases.rules import add_months
from councils.models import Council, PoliticalControl, PostHolder, Region
from dashboards.queries import england
from history.models import Event
from improvement import loaders
from improvement.actions import open_interventions
from improvement.demonstration import allocate_advisers, load_demonstration, put_people_on_plans
from improvement.models import Intervention, Plan
from improvement.queries.stages import decisions_awaited, stages_on
from inspections.models import Inspection
from tests.conftest import savepoint

# On one core, so that each day is told once.
pytestmark = pytest.mark.xdist_group("demonstration")

# A weekday before the framework's first years are over, a Sunday, a month's end, and a day long after.
DAYS = [date(2026, 6, 29), date(2026, 11, 22), date(2027, 2, 28), date(2027, 8, 31)]


@pytest.fixture(scope="module")
def on(request):
    return getattr(request, "param", date(2026, 11, 20))


on_many_days = pytest.mark.parametrize("on", DAYS, indirect=True, ids=str)


@pytest.fixture(scope="module")
def told(db_of_module, on):
    """The demonstration as it stands on the day, for all tests about that day."""
    with savepoint():
        load_demonstration(by=Viewer.system(on), on=on)
        yield


@pytest.fixture
def db(told):
    """Undo what a test did, and leave what was told."""
    with savepoint():
        yield


@pytest.fixture
def loaded(db):
    return {council.name: council for council in Council.objects.filter(demonstration=True)}


def overdue(on):
    rows = Milestone.objects.filter(council__demonstration=True).overdue(on).select_related("council")
    return {(m.council.name, m.owes, (on - m.due_on).days) for m in rows}


@on_many_days
def test_every_kind_of_lateness_is_there(loaded, on):
    late = overdue(on)
    assert ("Saltmarsh", Owes.COUNCIL, 9) in late
    assert ("Northbridge", Owes.BOARD_CHAIR, 4) in late
    assert ("Eastmere", Owes.COUNCIL, 30) in late
    coming = Milestone.objects.filter(council__demonstration=True).open(on)
    assert {("Saltmarsh", 6), ("Northbridge", 12)} <= {
        (m.council.name, (m.due_on - on).days) for m in coming.exclude(due_on=None)
    }
    assert coming.filter(force="aim", due_then__lt=on).exists()
    assert coming.filter(force="window", due_then__lt=on).exists()
    assert coming.filter(paused_then=True).exists()
    assert Milestone.objects.filter(council__demonstration=True, to_confirm=True).exists()
    stated = coming.filter(stated_due__isnull=False, computed_due__isnull=False)
    assert any(m.stated_due != m.computed_due for m in stated)


def test_seven_invented_councils_stand_in_a_region_whose_record_began_eighteen_months_before(loaded, on):
    region = Region.objects.get(slug="demonstration")
    assert region.record_began_on == add_months(on, -18)
    assert set(loaded) == {
        "Saltmarsh",
        "Northbridge",
        "Calder Vale",
        "Eastmere",
        "Thornley",
        "Wexcombe",
        "Holme",
    }
    assert Council.objects.in_region(region, on).count() == 7
    assert len({(council.map_q, council.map_r) for council in loaded.values()}) == 7
    assert not Case.objects.filter(entered_on__lt=region.record_began_on).exists()


def test_one_was_met_late_and_one_moved_with_its_reason(loaded):
    assert any(m.met_on > m.due_on for m in Milestone.objects.filter(outcome="met", due_on__isnull=False))
    moved = DateChange.objects.filter(reason="agreed-dfe").get()
    assert moved.new_due_on == moved.old_due_on + timedelta(days=28)
    assert moved.note


@on_many_days
def test_the_stages_are_spread(loaded, on):
    stages = stages_on(on, Viewer.system(on), [council.pk for council in loaded.values()])
    assert {
        name: (stages[council.pk].slug, stages[council.pk].standing) for name, council in loaded.items()
    } == {
        "Saltmarsh": ("plan_with_government", "open"),
        "Northbridge": ("commissioner_review", "open"),
        "Calder Vale": ("none", "none"),
        "Eastmere": ("stepped_down", "open"),
        "Thornley": ("none", "none"),
        "Wexcombe": ("alternative_delivery", "to-confirm"),
        "Holme": ("none", "none"),
    }


def test_earlier_days_show_earlier_stages(loaded, on):
    def slugs(council):
        days = (on - timedelta(days=n) for n in range(0, 540, 15))
        system = Viewer.system(on)
        return {stages_on(day, system, [loaded[council].pk])[loaded[council].pk].slug for day in days}

    assert slugs("Northbridge") == {
        "plan_due",
        "plan_with_government",
        "progress_reviews",
        "commissioner_review",
    }
    assert slugs("Saltmarsh") == {"none", "plan_due", "plan_with_government"}


def test_calder_vale_awaits_the_dfes_decision(loaded, on):
    awaited = decisions_awaited(on, Viewer.system(on), [council.pk for council in loaded.values()])
    assert awaited == {loaded["Calder Vale"].pk: "DfE decision awaited"}
    latest = Inspection.objects.filter(council=loaded["Calder Vale"]).order_by("-known_on").with_grades()[0]
    assert (latest.headline, latest.lowest) == (None, "inadequate")


def test_thornley_is_new_and_not_yet_inspected(loaded, on):
    thornley = loaded["Thornley"]
    assert not thornley.inspections.exists()
    assert (thornley.from_on.day, thornley.from_on.month) == (1, 4)


def test_a_second_load_changes_nothing(loaded, on):
    def record():
        return [
            list(model.objects.values())
            for model in (Council, Case, Intervention, Milestone, Inspection, Event)
        ]

    before = record()
    load_demonstration(by=Viewer.system(on), on=on + timedelta(days=1))
    assert record() == before


def test_the_night_after_it_was_loaded_changes_nothing(loaded, on):
    before = list(Milestone.objects.values())
    assert (
        str(open_interventions(by=Viewer.system(on), on=on)) == "opened 0 joined 0 withdrawn 0 to confirm 0"
    )
    assert list(Milestone.objects.values()) == before


def test_the_sweep_flags_each_level(loaded, on):
    flag_overdue(by=Viewer.system(on), on=on)
    assert set(Flag.objects.values_list("level", flat=True)) == {"due-soon", "overdue", "long-overdue"}


@on_many_days
def test_posts_control_contacts_and_recommendations_are_there_to_be_seen(loaded, on):
    held = PostHolder.objects.on(on)
    assert {"permanent", "interim", "vacant"} <= set(held.values_list("terms", flat=True))
    assert PostHolder.objects.filter(until_on__isnull=False).exists(), "somebody before"
    assert PoliticalControl.objects.on(on).filter(next_election_on__gt=on).exists()
    assert Contact.objects.follow_ups_due(on).exists()
    assert set(Contact.objects.values_list("nature", flat=True)) == {"fact", "judgement"}
    assert Recommendation.objects.open(on).filter(council=loaded["Saltmarsh"]).count() == 6


def test_it_stays_out_of_every_count_of_england(loaded, on):
    loaders.load_events(by=Viewer.system(on), on=on)
    counts = england(on=on, by="published", framework=None, viewer=Viewer.system(on)).interventions
    assert (counts.open, counts.to_confirm) == (0, 0)


def test_nothing_invented_attaches_to_a_real_council(loaded):
    assert not Case.objects.filter(council__demonstration=False).exists()
    assert not Milestone.objects.filter(council__demonstration=False).exists()
    assert not Inspection.objects.filter(council__demonstration=False).exists()
    for model in (PostHolder, PoliticalControl, Contact, Recommendation):
        assert not model.objects.filter(council__demonstration=False).exists(), model


def test_its_advisers_look_after_its_councils_once_and_are_not_put_back(loaded, on):
    by = Viewer.system(on)
    assert allocate_advisers(by=by, on=on) == 0, "nobody is there to be allocated"
    load_people(by=by, on=on)
    assert allocate_advisers(by=by, on=on) == 5
    theirs = Allocation.objects.on(on).filter(person__email="lga-adviser@example.org")
    assert set(theirs.values_list("council__name", flat=True)) == {"Saltmarsh", "Eastmere", "Wexcombe"}
    allocate(council=loaded["Saltmarsh"], person=None, by=by, on=on)
    assert allocate_advisers(by=by, on=on) == 0


@on_many_days
def test_saltmarshs_plan_was_returned_and_its_next_version_and_update_are_in_work(loaded, on):
    plan = Plan.objects.get(council=loaded["Saltmarsh"])
    assert [version.standing for version in plan.versions.all()] == ["returned", "drafting"]
    *submitted, latest = plan.updates.all()
    assert submitted and all(update.standing == "submitted" for update in submitted)
    assert (latest.standing, latest.priority_reports.count()) == ("draft", 3)
    assert latest.due_on >= on, "with the papers of the next board"
    assert Plan.objects.get(council=loaded["Wexcombe"]).case is None


def test_its_people_answer_its_plan_once_they_are_there(loaded, on):
    by = Viewer.system(on)
    assert put_people_on_plans(by=by, on=on) == 0
    load_people(by=by, on=on)
    assert put_people_on_plans(by=by, on=on) == 3
    assert put_people_on_plans(by=by, on=on) == 0, "once"
    chair = Viewer.of(Person.objects.get(email="board-chair@example.org"), on)
    assert Plan.objects.visible_to(chair).count() == 1
