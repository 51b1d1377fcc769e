"""Recording what the DfE decided, as its letter or notice says: by whoever may on the intervention's own page.

The DfE decides; an LGA adviser records.
"""

from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import DayField, TruthField, WordsField
from api.finding import MOST, named
from api.idempotency import done_once
from api.problems import Problem, in_fields
from api.rows import Row
from api.views import NOT_HERE, Added, Change, Listing, Posted, Replaced, Single, address_of, refusal
from cases.models import Case, Milestone, Owes
from cases.refusals import Refused, Stale
from councils.models import Council
from improvement import actions
from improvement.actions.clauses import ClauseGiven
from improvement.api.answers import told_of
from improvement.api.interventions import InterventionRow, Interventions, row_of
from improvement.models import (
    Appointment,
    Clause,
    CommissionerReport,
    Decision,
    Instrument,
    Precision,
    Strand,
    Trigger,
)
from improvement.queries.interventions import may_record
from improvement.queries.stages import episodes_on
from improvement.update_filters import Unfiltered

REVISION = "Goes up with every change."


def words(most, **how):
    return WordsField(max_length=most, required=False, default="", allow_blank=True, **how)


def day(**how):
    return DayField(required=False, allow_null=True, default=None, **how)


def strand():
    return serializers.ChoiceField(choices=Strand.choices, required=False, default=Strand.SOCIAL_CARE.value)


class LetterBody(serializers.Serializer):
    """What every record rests on: the title and the address of its letter."""

    letter = words(200, help_text="The title of the letter or notice.")
    url = serializers.URLField(max_length=500, required=False, default="", allow_blank=True)


class DatedBody(LetterBody):
    strand = strand()
    precision = serializers.ChoiceField(
        choices=Precision.choices,
        required=False,
        default=Precision.DAY.value,
        help_text="How exact the day is; one that is not is given as the last it can mean.",
    )
    detail = words(300)


# --- opened


class OpenBody(LetterBody):
    council = WordsField(max_length=50, help_text="The council's DfE code or slug.")
    kind = serializers.ChoiceField(choices=Trigger.Kind.choices, help_text="What brought it about.")
    on_day = DayField(help_text="The day of the visit's letter, the judgment or the notice.")
    strand = strand()
    detail = words(300)
    instrument = serializers.ChoiceField(
        choices=Instrument.Kind.choices,
        required=False,
        default=Instrument.Kind.NOTICE.value,
        help_text="Of the kind `notice`: which it is.",
    )
    priority = TruthField(
        required=False, default=False, help_text="Whether the letter asks for priority action."
    )


class InterventionsToo(Interventions):
    """The list of interventions, to which one may be added by hand."""

    about = Interventions.about | {
        "post": (
            "Open an intervention by hand",
            "From a visit, a JTAI, a court judgment or a notice. A published inadequate overall opens one by itself. "
            "The DfE decides whether it intervenes; you record it.",
        )
    }
    asks = OpenBody
    answers = InterventionRow
    example = {"council": "9901", "kind": "notice", "on_day": "2026-11-03", "letter": "Improvement notice"}

    def post(self, request):
        if not self.viewer.may(Ability.RECORD_INTERVENTION):
            raise Problem(403, "not-allowed", "You may read interventions, but not open any.")
        try:
            answers = self.body_of(self.asks)
            council = self._council(answers.pop("council"))
            return done_once(request, lambda: self._open(council, answers))
        except Refused as refused:
            raise refusal(refused) from None

    def _council(self, code):
        theirs = Council.objects.filter(self.viewer.council_filter(Ability.RECORD_INTERVENTION, "pk"))
        council = theirs.filter(la_code=code).first() or theirs.filter(slug=code).first()
        if council is None:
            nothing = "There is no such council where you record interventions."
            raise in_fields([{"field": "council", "detail": nothing}])
        return council

    def _open(self, council, answers):
        case = actions.open_by_hand(council, **answers, **self.by_and_on())
        found = episodes_on(self.viewer.today, self.viewer)
        told = next(row_of(each) for each in found if each.reference == case.reference)
        location = address_of(self.request, "intervention", case.reference)
        return self.json(told, status=201, headers={"Location": location})


# --- what the views of its rows share


class OfCase:
    """Rows of one intervention: read by whoever sees it, written by whoever records there."""

    tag = "Interventions"
    model = None
    refused, stale = Refused, Stale
    filters = Unfiltered

    def case(self):
        """Return the intervention of the address. Raises Problem (404)."""
        seen = Case.objects.visible_to(self.viewer).filter(intervention__isnull=False)
        seen = seen.exclude(standing=Case.Standing.WITHDRAWN).select_related("council")
        case = seen.filter(reference=self.kwargs["reference"]).first()
        if case is None:
            raise Problem(404, "not-found", NOT_HERE)
        return case

    def queryset(self):
        return self.model.objects.filter(case=self.case())

    def allowed(self):
        return may_record(self.case(), self.viewer)

    def its(self):
        """Return the row of the address. Raises Problem (404)."""
        row = self.queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Problem(404, "not-found", NOT_HERE)
        return row

    def found(self):
        return told_of(self.row, self.queryset().filter(pk=self.its().pk))

    def named_in_case(self, queryset, field, pk):
        """Return the row that a body names by its number, of this case; None where it names none."""
        if pk is None:
            return None
        return named(queryset, field, "There is no such row of this intervention.", pk=pk)


class AddedToCase(OfCase, Listing, Added):
    """The rows of a kind, to which one may be added."""

    address = ""

    def get(self, request, **kwargs):
        self.case()
        return super().get(request, **kwargs)

    def found(self):
        return self.case()

    def act(self, answers):
        return self.record(self.case(), answers)

    def record(self, case, answers):
        """Call the action and return the row."""
        raise NotImplementedError

    def made_row(self, made):
        return told_of(self.answers, self.queryset().filter(pk=made.pk))

    def location(self, made):
        return address_of(self.request, self.address, self.kwargs["reference"], made.pk)


class Corrected(OfCase, Single, Change):
    """One row, read and corrected: what is not sent stays."""

    held_as = {}

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self.act, self.asks))

    def act(self, revision, answers):
        held = self.its()
        told = {name: getattr(held, self.held_as.get(name, name)) for name in self.asks().fields} | answers
        self.correct(held, **told, revision=revision, **self.by_and_on())


# --- notices and directions


class InstrumentRow(Row):
    """A notice or direction, from its day until it is lifted."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Instrument.Kind.choices)
    strand = serializers.ChoiceField(choices=Strand.choices)
    issued_on = serializers.DateField(allow_null=True)
    issued_precision = serializers.ChoiceField(choices=Precision.choices)
    expires_on = serializers.DateField(allow_null=True, help_text="As it states; it ends nothing by itself.")
    lifted_on = serializers.DateField(allow_null=True, help_text="The first day it was no longer in force.")
    replaces = serializers.IntegerField(source="replaces_id", allow_null=True)
    detail = serializers.CharField()
    source = serializers.IntegerField(source="source_id", allow_null=True)
    recorded_on = serializers.DateField()
    revision = serializers.IntegerField(help_text=REVISION)


class InstrumentBody(DatedBody):
    kind = serializers.ChoiceField(choices=Instrument.Kind.choices)
    issued_on = DayField()
    expires_on = day(help_text="As it states.")
    replaces = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, allow_null=True, default=None
    )


class Instruments(AddedToCase):
    about = {
        "get": ("List notices and directions", "Of one intervention."),
        "post": ("Record a notice or direction", "It joins this intervention and starts what runs from it."),
    }
    name = "instruments"
    model, address = Instrument, "instrument"
    row = answers = InstrumentRow
    asks = InstrumentBody
    example = {"kind": "notice", "issued_on": "2026-11-03", "letter": "Improvement notice"}

    def record(self, case, answers):
        answers["replaces"] = self.named_in_case(self.queryset(), "replaces", answers["replaces"])
        return actions.record_instrument(case.council, **answers, case=case, **self.by_and_on())


class CorrectInstrumentBody(serializers.Serializer):
    issued_on = DayField(required=False)
    strand = serializers.ChoiceField(choices=Strand.choices, required=False)
    expires_on = DayField(required=False, allow_null=True)
    detail = WordsField(max_length=300, required=False, allow_blank=True)


class OneInstrument(Corrected):
    about = {
        "get": ("Read a notice or direction", "With the ETag that a change asks for."),
        "patch": ("Correct a notice or direction", "What was written down wrongly; what is not sent stays."),
    }
    kind, model, row = "instrument", Instrument, InstrumentRow
    asks = CorrectInstrumentBody
    example = {"detail": "Of 3 November"}
    correct = staticmethod(actions.correct_instrument)


class LiftBody(LetterBody):
    lifted_on = DayField(help_text="The first day it was no longer in force, today or earlier.")


class Lift(OfCase, Posted):
    about = {
        "post": (
            "Lift a notice or direction",
            "The end of an intervention’s last one closes the intervention.",
        )
    }
    kind, model, row = "instrument", Instrument, InstrumentRow
    asks = LiftBody
    example = {"lifted_on": "2026-11-03", "letter": "Letter of the minister"}

    def act(self, revision, answers):
        actions.lift_instrument(self.its(), **answers, revision=revision, **self.by_and_on())


class ClauseRow(Row):
    """A clause of a notice or direction."""

    id = serializers.IntegerField()
    instrument = serializers.IntegerField(source="instrument_id")
    number = serializers.CharField(help_text="As printed, such as 3(b).")
    text = serializers.CharField()
    due_on = serializers.DateField(allow_null=True, help_text="As it states.")
    milestone = serializers.IntegerField(source="milestone_id", allow_null=True)
    recommendation = serializers.IntegerField(source="recommendation_id", allow_null=True)
    revision = serializers.IntegerField(help_text=REVISION)


class ClauseBody(serializers.Serializer):
    number = WordsField(max_length=20)
    text = WordsField(max_length=4000)
    due_on = day(help_text="As it states.")
    owes = serializers.ChoiceField(choices=Owes.choices, required=False, default=Owes.COUNCIL.value)
    recommend = TruthField(
        required=False, default=False, help_text="Whether it becomes a recommendation, for plans to answer."
    )


class AddClauseBody(ClauseBody):
    instrument = serializers.IntegerField(min_value=1, max_value=MOST)


class OfClauses:
    model = Clause

    def queryset(self):
        return Clause.objects.filter(instrument__case=self.case()).select_related("instrument")


class Clauses(OfClauses, AddedToCase):
    about = {
        "get": ("List the clauses of notices and directions", "Of one intervention."),
        "post": ("Record a clause", "One that states a date has a milestone on it."),
    }
    name, address = "clauses", "clause"
    row = answers = ClauseRow
    asks = AddClauseBody
    example = {"instrument": 12, "number": "3(b)", "text": "Send a plan.", "due_on": "2026-12-01"}

    def record(self, case, answers):
        of_case = Instrument.objects.filter(case=case)
        instrument = self.named_in_case(of_case, "instrument", answers.pop("instrument"))
        (made,) = actions.record_clauses(instrument, items=[ClauseGiven(**answers)], **self.by_and_on())
        return made


class OneClause(OfClauses, OfCase, Single, Replaced):
    about = {
        "get": ("Read a clause", "With the ETag that a change asks for."),
        "put": ("Correct a clause", "All of it; its milestone follows. A recommendation keeps its words."),
    }
    kind, row = "clause", ClauseRow
    asks = ClauseBody
    example = {"number": "3(b)", "text": "Send a plan.", "due_on": "2026-12-08"}

    def act(self, revision, answers):
        actions.change_clause(self.its(), **answers, revision=revision, **self.by_and_on())


# --- appointments


class AppointmentRow(Row):
    """Somebody appointed, from a day until a day."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Appointment.Role.choices)
    strand = serializers.ChoiceField(choices=Strand.choices)
    name = serializers.CharField()
    body = serializers.CharField(help_text="Whom they work for.")
    terms = serializers.CharField()
    serving_dcs_of = serializers.CharField(
        source="serving_dcs_of.la_code", allow_null=True, help_text="The council whose director they are."
    )
    runs_improvement_partner = serializers.BooleanField()
    from_on = serializers.DateField()
    from_precision = serializers.ChoiceField(choices=Precision.choices)
    until_on = serializers.DateField(allow_null=True, help_text="The first day on which it no longer held.")
    access_from_on = serializers.DateField(allow_null=True)
    access_until_on = serializers.DateField(allow_null=True)
    source = serializers.IntegerField(source="source_id", allow_null=True)
    recorded_on = serializers.DateField()
    revision = serializers.IntegerField(help_text=REVISION)


SERVES = {"max_length": 50, "help_text": "The DfE code or slug of the council whose director they are."}


class AppointmentBody(DatedBody):
    role = serializers.ChoiceField(choices=Appointment.Role.choices)
    from_on = DayField()
    name = words(120)
    body = words(120, help_text="Whom they work for.")
    terms = words(4000)
    serving_dcs_of = WordsField(required=False, allow_null=True, default=None, **SERVES)
    runs_improvement_partner = TruthField(required=False, default=False)
    access_from_on = day()
    access_until_on = day()


def council_of(code):
    """Return the council that a body names by code or slug: who runs a council is public."""
    if code is None:
        return None
    council = Council.objects.filter(la_code=code).first() or Council.objects.filter(slug=code).first()
    if council is None:
        raise in_fields([{"field": "serving_dcs_of", "detail": "There is no such council."}])
    return council


class Appointments(AddedToCase):
    about = {
        "get": ("List appointments", "Of one intervention."),
        "post": ("Record an appointment", "A commissioner’s starts the clock of the first report."),
    }
    name = "appointments"
    model, address = Appointment, "appointment"
    row = answers = AppointmentRow
    asks = AppointmentBody
    example = {"role": "commissioner", "from_on": "2026-11-03", "letter": "Terms of reference"}

    def record(self, case, answers):
        answers["serving_dcs_of"] = council_of(answers["serving_dcs_of"])
        return actions.record_appointment(case.council, **answers, case=case, **self.by_and_on())


class CorrectAppointmentBody(serializers.Serializer):
    from_on = DayField(required=False)
    strand = serializers.ChoiceField(choices=Strand.choices, required=False)
    name = WordsField(max_length=120, required=False, allow_blank=True)
    body = WordsField(max_length=120, required=False, allow_blank=True)
    terms = WordsField(max_length=4000, required=False, allow_blank=True)
    serving_dcs_of = WordsField(required=False, allow_null=True, **SERVES)
    runs_improvement_partner = TruthField(required=False)
    access_from_on = DayField(required=False, allow_null=True)
    access_until_on = DayField(required=False, allow_null=True)


class OneAppointment(Corrected):
    about = {
        "get": ("Read an appointment", "With the ETag that a change asks for."),
        "patch": ("Correct an appointment", "What was written down wrongly; what is not sent stays."),
    }
    kind, model, row = "appointment", Appointment, AppointmentRow
    asks = CorrectAppointmentBody
    example = {"terms": "Two days a week."}
    correct = staticmethod(actions.correct_appointment)

    def act(self, revision, answers):
        if "serving_dcs_of" in answers:
            answers["serving_dcs_of"] = council_of(answers["serving_dcs_of"])
        super().act(revision, answers)


class EndBody(LetterBody):
    until_on = DayField(help_text="The first day on which it no longer held, today or earlier.")


class End(OfCase, Posted):
    about = {"post": ("End an appointment", "From the first day on which it no longer held.")}
    kind, model, row = "appointment", Appointment, AppointmentRow
    asks = EndBody
    example = {"until_on": "2026-11-18"}

    def act(self, revision, answers):
        actions.end_appointment(self.its(), **answers, revision=revision, **self.by_and_on())


# --- decisions


class DecisionRow(Row):
    """A decision of the DfE or its minister, as its letter says."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Decision.Kind.choices)
    strand = serializers.ChoiceField(choices=Strand.choices)
    decided_on = serializers.DateField(source="on")
    precision = serializers.ChoiceField(choices=Precision.choices)
    reasons = serializers.CharField()
    source = serializers.IntegerField(source="source_id", allow_null=True)
    recorded_on = serializers.DateField()
    revision = serializers.IntegerField(help_text=REVISION)


class DecisionBody(DatedBody):
    kind = serializers.ChoiceField(choices=Decision.Kind.choices)
    decided_on = DayField()
    reasons = words(4000)
    answers = serializers.IntegerField(
        min_value=1,
        max_value=MOST,
        required=False,
        allow_null=True,
        default=None,
        help_text="The milestone of the review that it answers; left out: as the rule says.",
    )


class Decisions(AddedToCase):
    about = {
        "get": ("List decisions", "Of one intervention."),
        "post": (
            "Record a decision",
            "The result of a review marks the review met; a closing letter closes the intervention.",
        ),
    }
    name = "decisions"
    model, address = Decision, "decision"
    row = answers = DecisionRow
    asks = DecisionBody
    example = {"kind": "insufficient", "decided_on": "2026-11-03", "reasons": "Too slow."}

    def record(self, case, answers):
        awaited = Milestone.objects.filter(case=case)
        answers["answers"] = self.named_in_case(awaited, "answers", answers["answers"])
        return actions.record_decision(case.council, **answers, case=case, **self.by_and_on())


class CorrectDecisionBody(serializers.Serializer):
    decided_on = DayField(required=False)
    strand = serializers.ChoiceField(choices=Strand.choices, required=False)
    reasons = WordsField(max_length=4000, required=False, allow_blank=True)


class OneDecision(Corrected):
    about = {
        "get": ("Read a decision", "With the ETag that a change asks for."),
        "patch": ("Correct a decision", "What was written down wrongly; what is not sent stays."),
    }
    kind, model, row = "decision", Decision, DecisionRow
    asks = CorrectDecisionBody
    example = {"reasons": "Progress is too slow."}
    held_as = {"decided_on": "on"}
    correct = staticmethod(actions.correct_decision)


# --- a commissioner's reports


class ReportRow(Row):
    """What is known of a commissioner's report: its dates, and what the minister decided."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id")
    stated_due_on = serializers.DateField(allow_null=True)
    sent_on = serializers.DateField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)
    url = serializers.CharField()
    decision = serializers.IntegerField(source="decision_id", allow_null=True)
    note = serializers.CharField()
    milestone = serializers.IntegerField(source="milestone_id", allow_null=True)
    recorded_on = serializers.DateField()
    revision = serializers.IntegerField(help_text=REVISION)


class ReportBody(serializers.Serializer):
    stated_due_on = day()
    stated_in = words(200, help_text="The letter that states the day it is due.")
    sent_on = day()
    published_on = day()
    url = serializers.URLField(max_length=500, required=False, default="", allow_blank=True)
    decision = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, allow_null=True, default=None
    )
    note = words(2000)


class AddReportBody(ReportBody):
    appointment = serializers.IntegerField(min_value=1, max_value=MOST, help_text="A commissioner's.")


class OfReports:
    model = CommissionerReport

    def queryset(self):
        reports = CommissionerReport.objects.filter(appointment__case=self.case())
        return reports.select_related("appointment")

    def decided(self, answers):
        decisions = Decision.objects.filter(case=self.case())
        answers["decision"] = self.named_in_case(decisions, "decision", answers["decision"])
        return answers


class Reports(OfReports, AddedToCase):
    about = {
        "get": ("List commissioners’ reports", "Of one intervention: their dates, not the reports."),
        "post": ("Record a commissioner’s report", "Stated due, sent, published, decided on: what is known."),
    }
    name, address = "reports", "report"
    row = answers = ReportRow
    asks = AddReportBody
    example = {"appointment": 12, "sent_on": "2026-11-18"}

    def record(self, case, answers):
        commissioners = Appointment.objects.filter(case=case)
        appointment = self.named_in_case(commissioners, "appointment", answers.pop("appointment"))
        return actions.record_report(appointment, **self.decided(answers), **self.by_and_on())


class OneReport(OfReports, OfCase, Single, Replaced):
    about = {
        "get": ("Read what is known of a commissioner’s report", "With the ETag that a change asks for."),
        "put": ("Save what is known of a commissioner’s report", "All of it: what is left out is empty."),
    }
    kind, row = "report", ReportRow
    asks = ReportBody
    example = {"sent_on": "2026-11-18"}

    def act(self, revision, answers):
        actions.change_report(self.its(), **self.decided(answers), revision=revision, **self.by_and_on())
