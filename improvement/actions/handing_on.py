"""Handing an ended council's things to its successors, with their origin named. A part of `abolition`."""

from django.db.models import Max

from cases.actions import open_case
from cases.actions.clocks import milestone_event
from cases.models import Case, Milestone, Recommendation, Source
from history.actions import record_event, record_events
from improvement.actions.drafting.plans import next_reference
from improvement.actions.recording import tell
from improvement.models import (
    Action,
    Intervention,
    Measure,
    Plan,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PlanVersion,
    Priority,
    Strand,
    Succeeding,
    Trigger,
)
from improvement.queries.succession import latest_planned

RUNNING = (Case.Standing.OPEN, Case.Standing.UNCONFIRMED)


class Hands:
    """What takes and ends things of one predecessor, on one day, by one person."""

    def __init__(self, council, ended_on, *, by, on):
        self.council, self.ended_on, self.by, self.on = council, ended_on, by, on
        self._plans = {}

    def take(self, kind, rows):
        """Give the things of `rows`, all of one kind, to the successors that each names."""
        if kind == "action":
            self._take_actions(rows)
            return
        for row in rows:
            for successor in row.successors.all():
                getattr(self, f"_take_{kind}")(row, successor)
            self._leave(kind, row)

    def end(self, kind, rows):
        for row in rows:
            self._leave(kind, row)

    def _leave(self, kind, row):
        """Close what stays with the predecessor: its cases and milestones are closed already."""
        if kind != "recommendation" or row.recommendation.closed_on is not None:
            return
        one = row.recommendation
        names = " and ".join(each.name for each in row.successors.all())
        one.outcome, one.closed_on = Recommendation.Outcome.SUPERSEDED, self.ended_on
        verb = {
            Succeeding.Fate.PASSED_ON: f"Passed on to {names}",
            Succeeding.Fate.COPIED: f"Copied to {names}",
        }.get(row.fate, "Ended")
        one.outcome_note = f"{verb}: {self.council.name} ended"
        one.revision += 1
        one.save()
        record_event(
            "recommendation-closed",
            by=self.by,
            on=self.on,
            subject=one,
            council_code=self.council.la_code,
            source_id=one.source_id,
            data={"number": one.number, "outcome": str(one.outcome)},
        )

    def _take_case(self, row, successor):
        """Open a case for the successor, its origin named; where one runs there, that is a second thing it is about."""
        case = Case.objects.filter(council=successor, kind=row.case.kind, standing__in=RUNNING).first()
        if case is None:
            case = open_case(row.case.kind, successor, by=self.by, on=self.on)
            Intervention.objects.create(
                case=case,
                opened_from=Intervention.Opened.HAND,
                began_on=self.ended_on,
                recorded_on=self.on,
            )
        Trigger.objects.create(
            case=case,
            kind=Trigger.Kind.SUCCESSION,
            strand=self._strand(row.case),
            detail=f"{self._verb(row)} from {self.council.name}, {row.case.reference}",
            on=self.ended_on,
        )
        tell("intervention-handed-on", case, self.by, self.on, origin=row.case.reference)

    @staticmethod
    def _verb(row):
        return "Copied" if row.fate == Succeeding.Fate.COPIED else "Passed on"

    @staticmethod
    def _strand(case):
        """The strand that the case was about: both where its rows are of both."""
        strands = set(case.triggers.filter(withdrawn_on=None).values_list("strand", flat=True))
        strands |= set(case.instruments.values_list("strand", flat=True))
        known = strands - {Strand.TO_CONFIRM}
        if known == {Strand.SEND}:
            return Strand.SEND
        return Strand.BOTH if Strand.SEND in known or Strand.BOTH in known else Strand.SOCIAL_CARE

    def _take_recommendation(self, row, successor):
        one = row.recommendation
        source = self._source(one.source, successor)
        if source.recommendations.filter(text=one.text, paragraph=one.paragraph).exists():
            return
        last = source.recommendations.aggregate(last=Max("number"))["last"] or 0
        made = Recommendation.objects.create(
            council=successor,
            source=source,
            number=one.number if not source.recommendations.filter(number=one.number).exists() else last + 1,
            paragraph=one.paragraph,
            text=one.text,
            framework_reference=one.framework_reference,
            entered_on=self.on,
        )
        record_event(
            "recommendation-handed-on",
            by=self.by,
            on=self.on,
            subject=made,
            council_code=successor.la_code,
            source_id=source.pk,
            data={"number": made.number, "origin": self.council.la_code},
        )

    def _source(self, source, successor):
        """Return the successor's copy of a source, whose title names the predecessor."""
        title = f"{self.council.name}: {source.title}"[: Source._meta.get_field("title").max_length]
        # A letter by kind, for a report of an inspection follows the inspections of its own council.
        facts = {
            "council": successor,
            "kind": Source.Kind.LETTER,
            "title": title,
            "dated_on": source.dated_on,
        }
        made, _ = Source.objects.get_or_create(
            **facts,
            url=source.url,
            defaults={
                "received_on": source.received_on,
                "received_assumed": source.received_assumed,
                "published_on": source.published_on,
            },
        )
        return made

    def _take_milestone(self, row, successor):
        """Make the successor's own milestone, due as it was; what fell due before is to confirm."""
        one = row.milestone
        made = Milestone.objects.create(
            council=successor,
            case=self._case_of(successor) if one.case_id else None,
            label=one.label,
            owes=one.owes,
            force=one.force,
            started_on=one.started_on,
            started_by=f"{self._verb(row).lower()} from {self.council.name}",
            stated_due=one.stated_due,
            stated_in=one.stated_in,
            opens_on=one.opens_on,
            due_on=one.due_on,
            entered_on=self.on,
            to_confirm=one.due_on is not None and one.due_on < self.on,
        )
        record_events([milestone_event("milestone-made", made, by=self.by, on=self.on)])

    def _case_of(self, successor):
        running = Case.objects.filter(kind=Case.Kind.INTERVENTION, standing__in=RUNNING)
        return running.filter(council=successor).first()

    def _take_actions(self, rows):
        """Draft a plan for each successor from the actions that it takes over, in their order."""
        taken = {row.action_id: row for row in rows}
        for planned in latest_planned(self.council, self.by).filter(action__in=taken):
            for successor in taken[planned.action_id].successors.all():
                self._copy_action(planned, successor)

    def _copy_action(self, planned, successor):
        plan = planned.version.plan
        version = self._plan_for(plan, successor)
        priority = self._priority(version, planned.priority)
        made = PlannedAction.objects.create(
            version=version,
            action=Action.objects.create(plan=version.plan),
            priority=priority,
            place=PlannedAction.objects.filter(priority=priority).count() + 1,
            # Whoever owned it for the predecessor holds no role there any more.
            **{
                name: getattr(planned, name)
                for name in (
                    "text",
                    "owner_post",
                    "owner_body",
                    "start_on",
                    "due_on",
                    "success",
                    "resources",
                    "aim",
                    "by_measures",
                    "by_audit",
                    "by_voice",
                )
            },
        )
        self._link_recommendations(made, planned, successor)
        made.measures.set(
            self._measure(version, priority, planned.version, one) for one in planned.measures.all()
        )
        if not made.recommendations.exists() and not made.aim:
            made.aim = f"Taken over from {self.council.name}"
            made.save(update_fields=["aim"])

    def _plan_for(self, plan, successor):
        """Return the draft that takes what the successor takes over of one plan: made once, while it is in drafting."""
        title = f"{plan.title}, from {self.council.name}"[: Plan._meta.get_field("title").max_length]
        drafts = PlanVersion.objects.in_work().filter(plan__council=successor, plan__title=title, number=1)
        version = drafts.select_related("plan").first()
        if version is not None:
            return version
        made = Plan.objects.create(
            council=successor,
            case=self._case_of(successor) if plan.case_id else None,
            reference=next_reference(self.on.year),
            title=title,
            scale=plan.scale,
            months=plan.months,
            update_days=plan.update_days,
            sign_off_by=plan.sign_off_by,
            begun_on=self.on,
        )
        version = PlanVersion.objects.create(
            plan=made,
            number=1,
            begun_on=self.on,
            change_note=f"From {plan.reference} of {self.council.name}, which ended",
        )
        record_event(
            "plan-handed-on",
            by=self.by,
            on=self.on,
            subject=made,
            council_code=successor.la_code,
            case_reference=made.case.reference if made.case else "",
            data={"reference": made.reference, "origin": plan.reference},
        )
        return version

    @staticmethod
    def _priority(version, old):
        held = version.priorities.filter(title=old.title).first()
        if held is not None:
            return held
        return PlannedPriority.objects.create(
            version=version,
            priority=Priority.objects.create(plan=version.plan),
            place=version.priorities.count() + 1,
            title=old.title,
            enabler=old.enabler,
            outcome=old.outcome,
            lead=old.lead,
        )

    @staticmethod
    def _measure(version, priority, old_version, measure):
        """Return the successor's measure that stands for the predecessor's; its readings stay with the old one."""
        old = old_version.measures.get(measure=measure)
        held = version.measures.filter(name=old.name).first()
        if held is not None:
            return held.measure
        made = Measure.objects.create(plan=version.plan)
        fields = (
            "name",
            "unit",
            "baseline",
            "baseline_on",
            "target",
            "target_on",
            "tolerance",
            "polarity",
            "frequency",
            "benchmark",
        )
        PlannedMeasure.objects.create(
            version=version,
            measure=made,
            priority=priority,
            place=version.measures.count() + 1,
            **{name: getattr(old, name) for name in fields},
        )
        return made

    def _link_recommendations(self, made, planned, successor):
        """Let the action answer the successor's copies of what it answered, where they were handed on too."""
        texts = [one.text for one in planned.recommendations.all()]
        copies = Recommendation.objects.filter(
            council=successor, text__in=texts, source__title__startswith=f"{self.council.name}: "
        )
        made.recommendations.set(copies)
        made.version.plan.recommendations.add(*copies)
