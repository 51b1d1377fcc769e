"""What the demonstration's people say to each other about its plans, once they are there."""

from django.db import transaction

from accounts.models import Person
from accounts.viewer import Viewer
from improvement.actions import answers, boards, drafting, way_out
from improvement.models import Delivery, Plan, Question, Update

ADVISER, CHAIR, OWNER = "lga-adviser@example.org", "board-chair@example.org", "action-owner@example.org"


@transaction.atomic
def put_people_on_plans(*, by, on):
    """Let the adviser answer Saltmarsh's updates, its chair sit on the board and an owner own an action; say how many.

    Done once, and only where these people and that plan are there.
    """
    people = {person.email: person for person in Person.objects.filter(email__in=(ADVISER, CHAIR, OWNER))}
    plan = Plan.objects.filter(council__slug="saltmarsh", council__demonstration=True).first()
    if len(people) < 3 or plan is None or Question.objects.filter(update__plan=plan).exists():
        return 0
    adviser = Viewer.of(people[ADVISER], on)
    first = plan.board.meetings.first()
    boards.add_member(
        plan.board,
        post="Independent chair",
        name="Briony Wren",
        person=people[CHAIR],
        chairs=True,
        from_on=first.meets_on,
        by=by,
        on=on,
    )
    draft = plan.versions.in_work().first()
    for line in draft.actions.filter(priority__place=2)[:2]:
        drafting.save_action(line, owner=people[OWNER], revision=line.revision, by=by, on=on)
    _answer(plan, adviser, on)
    version = plan.versions.get(number=1)
    action = version.actions.filter(priority__place=2).first().action
    way_out.comment(
        version,
        text="Who chairs the daily meeting when the head of front door is away?",
        action=action,
        by=adviser,
        on=on,
    )
    return len(people)


def _answer(plan, adviser, on):
    """Read each submitted update, and see a priority otherwise where the adviser does."""
    submitted = list(Update.objects.filter(plan=plan, standing=Update.Standing.SUBMITTED))
    for update in submitted:
        answers.read_update(update, by=adviser, on=on)
        for report in update.priority_reports.select_related("priority"):
            theirs = report.delivery
            if report.priority_id == update.version.priorities.get(place=5).priority_id:
                theirs = Delivery.SLIPPING
            answers.give_status(update, priority=report.priority, delivery=theirs, by=adviser, on=on)
    if submitted:
        second = submitted[-1].version.priorities.get(place=2).priority
        answers.ask(
            submitted[-1],
            text="What difference has the new front door made to contacts that come back?",
            priority=second,
            by=adviser,
            on=on,
        )
