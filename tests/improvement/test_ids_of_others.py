"""Numbers of another council’s things, in one’s own addresses and in what is sent, find nothing and do nothing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.actions import Refused
from cases.models import Case, Recommendation, Source
from history.models import Event
from improvement.actions import answers, boards, drafting, evidence, way_out
from improvement.models import (
    Action,
    BoardMeeting,
    Intervention,
    PlannedAction,
    Release,
    Update,
)
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    PersonFactory,
    RecommendationFactory,
    SourceFactory,
    person_with,
)
from tests.plan_addresses import LONG_AGO, PlanPlace, plan_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TODAY = date(2026, 11, 21)


@pytest.fixture
def places():
    return _place(), _place()


def _place():
    council = CouncilFactory()
    case = CaseFactory(council=council, standing=Case.Standing.CLOSED, closed_on=date(2026, 3, 1))
    Intervention.objects.create(case=case, opened_from="record", began_on=LONG_AGO, recorded_on=LONG_AGO)
    return PlanPlace.make(council, case)


@pytest.mark.parametrize("role", [Role.COUNCIL_APPROVER, Role.LGA_ADVISER])
def test_in_an_address(client, places, role):
    own, other = places
    person = person_with(role, council=own.council, from_on=LONG_AGO)
    client.force_login(person)
    told, found = Event.objects.count(), []
    for name, address in plan_rows():
        ours, theirs = own.about.get(address.argument, ()), other.about.get(address.argument, ())
        if (
            len(ours) < 2
            or ours[-1] == theirs[-1]
            or (isinstance(ours[-1], str) and not ours[-1].isdecimal())
        ):
            continue
        path = reverse(name, args=[*ours[:-1], theirs[-1]])
        sent = {key: person.pk if value == "me" else value for key, value in address.sent.items()}
        for answer in (client.get(path), client.post(path, sent)):
            # 405: it takes no such method. 410: a row of the grid that is gone. 403: nothing of the kind is theirs.
            if answer.status_code == 302 and own.plan.reference in answer.url and name == "update_priority":
                continue  # what is submitted is filled in no more: to its page, whatever the number
            if answer.status_code not in (403, 404, 405, 410):
                found.append(f"{path} ({name}): {answer.status_code}")
    assert not found and Event.objects.count() == told


def test_in_what_is_sent(client, places):
    own, other = places
    approver = person_with(Role.COUNCIL_APPROVER, council=own.council, from_on=LONG_AGO)
    adviser = person_with(Role.LGA_ADVISER, council=own.council, from_on=LONG_AGO)
    council, lga = ({"by": Viewer.of(one, TODAY), "on": TODAY} for one in (approver, adviser))
    draft = own.versions["draft"].actions.select_related("version", "priority").first()
    change = {"revision": draft.revision, **council}
    embargoed = RecommendationFactory(
        source=SourceFactory(council=own.council, access=Source.Access.EMBARGOED)
    )
    their_told = Recommendation.objects.filter(council=other.council).first()
    their_action = Action.objects.filter(plan=other.plan).first()
    their_priority = other.versions["draft"].priorities.first()
    their_meeting = BoardMeeting.objects.get(board__plan=other.plan)
    our_meeting = BoardMeeting.objects.get(board__plan=own.plan)
    our_action = Action.objects.get(pk=own.about["action"][-1])
    told = Event.objects.count()
    refused = {
        "a recommendation": lambda: drafting.choose_recommendations(
            own.plan, recommendations=[their_told], revision=own.plan.revision, **council
        ),
        "a recommendation under embargo": lambda: drafting.choose_recommendations(
            own.plan, recommendations=[embargoed], revision=own.plan.revision, **council
        ),
        "what an action answers": lambda: drafting.save_action(draft, recommendations=[their_told], **change),
        "a measure": lambda: drafting.save_action(
            draft, measures=[other.versions["draft"].measures.first().measure], **change
        ),
        "an owner": lambda: drafting.save_action(draft, owner=other.owner, **change),
        "an owner without a role": lambda: drafting.save_action(draft, owner=PersonFactory(), **change),
        "a priority": lambda: drafting.move_action(draft, place=1, priority=their_priority, **council),
        "an action put back": lambda: drafting.put_back_action(
            own.versions["draft"], their_action, **council
        ),
        "a case": lambda: drafting.start_plan(own.council, title="A plan", case=other.case, **council),
        "a version": lambda: drafting.start_plan(
            own.council, title="A plan", from_version=other.versions["draft"], **council
        ),
        "an action commented on": lambda: way_out.comment(
            own.versions["shared"], text="Why?", action=their_action, **lga
        ),
        "a priority asked about": lambda: answers.ask(
            own.updates["submitted"], text="Why?", priority=their_priority.priority, **lga
        ),
        "a priority seen": lambda: answers.give_status(
            own.updates["submitted"], priority=their_priority.priority, delivery="on-track", **lga
        ),
        "an action decided on": lambda: boards.record_board_decision(
            our_meeting, kind="decision", text="Go on", action=their_action, **council
        ),
        "a meeting": lambda: boards.sign_off(our_action, state="evidenced", meeting=their_meeting, **council),
        "an update": lambda: evidence.attach(
            our_action, url="https://example.org/a", kind="audit", update=other.updates["filling"], **council
        ),
        "a version commented on": lambda: way_out.comment(other.versions["shared"], text="Why?", **lga),
        "an update answered": lambda: answers.read_update(other.updates["submitted"], **lga),
    }
    done = []
    for what, act in refused.items():
        try:
            act()
        except (Refused, PermissionDenied):
            continue
        done.append(what)
    assert not done and Event.objects.count() == told
    client.force_login(approver)
    released = Release.objects.count()
    for thing in (f"version-{other.versions['shared'].pk}", f"update-{other.updates['submitted'].pk}"):
        page = reverse("plan_releases", args=[own.plan.reference])
        assert client.post(page, {"thing": thing, "audience": "dfe"}).status_code == 200
    assert Release.objects.count() == released
    assert not PlannedAction.objects.filter(version__plan=own.plan, owner=other.owner).exists()
    assert not Update.objects.filter(plan=own.plan, read__isnull=False).exists()
