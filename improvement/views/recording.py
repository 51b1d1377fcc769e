"""One intervention's page, and the pages on which an adviser records what the DfE decided about it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from cases.models import Case
from cases.presenters import day_words
from councils.models import Council, DeliveryArrangement
from improvement import actions
from improvement.actions.clauses import ClauseGiven
from improvement.actions.letters import reviews_awaited
from improvement.forms import recording as forms
from improvement.models import Appointment, Clause, CommissionerReport, Decision, Instrument
from improvement.presenters.advice import advice_context
from improvement.presenters.interventions import InterventionPage, conflicts_of
from improvement.queries.interventions import directors_called, life_of, may_record
from inspections.models import Inspection

NEVER_HERE = "Upstream decides nothing."


def intervention(request, reference):
    """One intervention: its stage, what is awaited, and every dated row of it."""
    case = _case_of(request, reference)
    page = InterventionPage(life_of(case, request.viewer), request.viewer.today)
    advice = advice_context(case.council, request.viewer.today, request.viewer)
    context = {"page": page, "case": case, "council": case.council, **advice}
    return render(request, "improvement/interventions/intervention.html", context)


def _case_of(request, reference):
    cases = Case.objects.visible_to(request.viewer).filter(intervention__isnull=False)
    return get_object_or_404(
        cases.exclude(standing=Case.Standing.WITHDRAWN).select_related("council"), reference=reference
    )


class WhereToRecord(View):
    """From wherever a decision is awaited: to the form for it, with the case that runs; else to opening one."""

    def get(self, request, slug):
        council = get_object_or_404(Council, slug=slug)
        running = Case.objects.visible_to(request.viewer).filter(
            council=council, intervention__isnull=False, standing=Case.Standing.OPEN
        )
        case = running.first()
        if case is not None:
            return redirect("decision_record", reference=case.reference)
        return redirect("intervention_open", slug=council.slug)


class Open(AskView):
    """Open an intervention by hand: 403 to whoever records none there, for that there is a council is no secret."""

    template = "improvement/interventions/record.html"
    title = "Open an intervention by hand"
    button = "Open it"
    guidance = (
        "From a visit, a JTAI, a court judgment or a notice. A published inadequate overall opens one by itself. "
        f"The DfE decides whether it intervenes; you record it. {NEVER_HERE}"
    )

    def setup_for(self, request, slug):
        self.council = get_object_or_404(Council, slug=slug)
        if not request.viewer.may_at(Ability.RECORD_INTERVENTION, self.council):
            raise PermissionDenied
        self.case = None

    def form(self, data=None):
        return forms.OpenForm(data, visits=_visits(self.council, self.request.viewer.today))

    def act(self, form):
        self.case = actions.open_by_hand(self.council, **form.answers(), **self.by_and_on())
        return f"{self.council.name}: {self.case.reference} is open."

    def next_page(self):
        if self.case is not None:
            return reverse("intervention", args=[self.case.reference])
        return self.council.get_absolute_url()

    def context(self):
        return {"council": self.council, "about": []}


def _visits(council, on):
    """The focused visits of a council that everybody may know of, latest first."""
    kinds = (Inspection.Kind.FOCUSED_VISIT, Inspection.Kind.TARGETED)
    return Inspection.objects.filter(council=council, kind__in=kinds).known(on).order_by("-known_on", "-pk")


class OfIntervention(AskView):
    """Record one thing about an intervention: 404 to whoever may not see it, 403 to whoever may only read."""

    template = "improvement/interventions/record.html"
    button = "Record it"

    def setup_for(self, request, reference, **named):
        self.case = _case_of(request, reference)
        self.council = self.case.council
        if not may_record(self.case, request.viewer) or self.case.standing == Case.Standing.UNCONFIRMED:
            raise PermissionDenied
        self.find(**named)

    def find(self):
        """Find what else the page is about."""

    def next_page(self):
        return reverse("intervention", args=[self.case.reference])

    def context(self):
        return {"council": self.council, "about": [(self.case.reference, self.next_page())]}

    def done(self, what, day):
        return f"{self.council.name}: {what}, {day_words(day)}, is recorded."


class RecordTrigger(OfIntervention):
    title = "What else brought it about?"
    guidance = f"A visit, a JTAI or a court judgment that joins this case. It changes no stage. {NEVER_HERE}"

    def form(self, data=None):
        return forms.TriggerForm(data, visits=_visits(self.council, self.request.viewer.today))

    def act(self, form):
        made = actions.record_trigger(self.case, **form.cleaned_data, **self.by_and_on())
        return self.done(made.get_kind_display().lower().replace("jtai", "JTAI"), made.on)


class RecordInstrument(OfIntervention):
    title = "A notice or direction"
    guidance = (
        "The DfE issues, revises and replaces it; you record what it says. Its clocks start from the day it was "
        f"issued. {NEVER_HERE}"
    )

    def form(self, data=None):
        held = Instrument.objects.filter(council=self.council, case=self.case, lifted_on=None)
        asked = self.request.GET.get("replaces", "")
        replaces = held.filter(pk=asked).first() if asked.isdecimal() else None
        return forms.InstrumentForm(data, replaceable=held.order_by("-issued_on"), replaces=replaces)

    def act(self, form):
        made = actions.record_instrument(self.council, case=self.case, **form.answers(), **self.by_and_on())
        return self.done(made.get_kind_display().lower(), made.issued_on)


class LiftInstrument(OfIntervention):
    title = "When was it lifted?"
    guidance = (
        "The minister lifts it, by letter. Where another takes its place, go back and record that one as its "
        "replacement: lifting the last one closes the case."
    )

    def find(self, pk):
        held = Instrument.objects.filter(case=self.case).select_related("council", "case")
        self.instrument = get_object_or_404(held, pk=pk)
        name = self.instrument.get_kind_display().lower()
        self.title = (
            f"When was the {name} of {day_words(self.instrument.issued_on) or 'unknown date'} lifted?"
        )

    def form(self, data=None):
        return forms.LiftForm(data)

    def act(self, form):
        made = actions.lift_instrument(self.instrument, **form.cleaned_data, **self.by_and_on())
        return self.done(f"the end of the {made.get_kind_display().lower()}", made.lifted_on)


class RecordClauses(OfIntervention):
    """One clause after another: the form comes back empty, with those recorded below it, until one is done."""

    template = "improvement/interventions/clauses.html"
    button = "Save this clause"

    def find(self, pk):
        held = Instrument.objects.filter(case=self.case).select_related("council", "case", "source")
        self.instrument = get_object_or_404(held, pk=pk)
        self.guidance = f"As the DfE’s {self.instrument.get_kind_display().lower()} prints them. {NEVER_HERE}"
        day = day_words(self.instrument.issued_on)
        self.title = (
            f"Clauses of the {self.instrument.get_kind_display().lower()}{f' of {day}' if day else ''}"
        )

    def form(self, data=None):
        return forms.ClauseForm(data)

    def act(self, form):
        given = [ClauseGiven(**form.cleaned_data)]
        made = actions.record_clauses(self.instrument, items=given, **self.by_and_on())
        self.saved = True
        return f"Clause {made[0].number} is recorded."

    saved = False

    def next_page(self):
        if self.saved:
            return reverse("clauses_record", args=[self.case.reference, self.instrument.pk])
        return super().next_page()

    def context(self):
        page = InterventionPage(life_of(self.case, self.request.viewer), self.request.viewer.today)
        row = next(one for one in page.instruments if one.pk == self.instrument.pk)
        shared = super().context()
        return shared | {"row": row, "case": self.case}


class ChangeClause(OfIntervention):
    title = "Correct this clause"
    button = "Save"
    guidance = f"As the DfE printed it. A date corrected here moves its milestone. {NEVER_HERE}"

    def find(self, pk):
        clauses = Clause.objects.filter(instrument__case=self.case)
        found = clauses.select_related("instrument__council", "instrument__case", "milestone")
        self.clause = get_object_or_404(found, pk=pk)
        self.title = f"Correct clause {self.clause.number}"

    def form(self, data=None):
        return forms.ChangeClauseForm(data, clause=self.clause)

    def act(self, form):
        changed = actions.change_clause(self.clause, **form.cleaned_data, **self.by_and_on())
        return f"Clause {changed.number} is changed."

    def form_as_it_is_now(self, typed, current):
        self.clause = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Number", current.number),
            ("What it says", current.text),
            ("The date it states", day_words(current.due_on) or "None"),
        ]


class RecordAppointment(OfIntervention):
    """Who was appointed. A conflict of interest is shown before it is recorded, and again on the page."""

    title = "An appointment"
    guidance = (
        "The DfE appoints a commissioner and its own adviser; a chair, an improvement adviser or a partner may be "
        f"the council’s choice. You record what the letter says. {NEVER_HERE}"
    )

    def form(self, data=None):
        others = _councils_beside(self.council, self.request.viewer.today)
        return forms.AppointmentForm(data, councils=others)

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.ask(form)
        found = self._conflicts(form)
        if found and form.cleaned_data["conflict_seen"] != " ".join(found):
            typed = request.POST.copy()
            typed["conflict_seen"] = " ".join(found)
            return self.ask(self.form(typed), conflicts=found, button="Record it all the same")
        return super().post(request)

    def _conflicts(self, form):
        given = form.answers()
        one = Appointment(
            **{name: given[name] for name in ("name", "serving_dcs_of", "runs_improvement_partner")}
        )
        return conflicts_of(one, directors_called([one.name], self.request.viewer.today))

    def act(self, form):
        made = actions.record_appointment(self.council, case=self.case, **form.answers(), **self.by_and_on())
        return self.done(f"{made.get_role_display()}’s appointment", made.from_on)


def _councils_beside(council, on):
    """The councils of the day by name; for an invented one the invented."""
    return Council.objects.on(on).filter(demonstration=council.demonstration).order_by("name")


class EndAppointment(OfIntervention):
    title = "When did it end?"
    guidance = f"As the letter of whoever appointed them says. {NEVER_HERE}"

    def find(self, pk):
        held = Appointment.objects.filter(case=self.case).select_related("council", "case")
        self.appointment = get_object_or_404(held, pk=pk)
        role = self.appointment.get_role_display()
        self.title = f"{role} from {day_words(self.appointment.from_on)}: when did it end?"

    def form(self, data=None):
        return forms.EndForm(data)

    def act(self, form):
        made = actions.end_appointment(self.appointment, **form.cleaned_data, **self.by_and_on())
        return self.done(f"the end of the {made.get_role_display()}’s appointment", made.until_on)


class RecordReview(OfIntervention):
    title = "A progress review’s result"
    guidance = (
        "The DfE’s result and its reasons. After “insufficient” its next decision is awaited; “not decided” is a "
        f"review held. {NEVER_HERE}"
    )

    def form(self, data=None):
        return forms.ReviewForm(data, awaited=reviews_awaited(self.case))

    def act(self, form):
        made = actions.record_decision(self.council, case=self.case, **form.cleaned_data, **self.by_and_on())
        return self.done(made.get_kind_display().lower(), made.on)


class RecordDecision(OfIntervention):
    title = "A decision of the DfE"
    guidance = (
        "Of the DfE or its minister, as the letter says. A closing letter closes the case; a progress review’s "
        f"result has a page of its own. {NEVER_HERE}"
    )

    def form(self, data=None):
        return forms.DecisionForm(data)

    def act(self, form):
        made = actions.record_decision(self.council, case=self.case, **form.cleaned_data, **self.by_and_on())
        return self.done(made.get_kind_display().lower(), made.on)

    def context(self):
        review = ("Record a progress review’s result", reverse("review_record", args=[self.case.reference]))
        return super().context() | {"instead": review}


class RecordReport(OfIntervention):
    title = "A commissioner’s report"
    guidance = (
        "Often it is unpublished and not held by the LGA: what is known are its dates, and what the minister "
        f"decided. Give what is known; all of it can be added to. {NEVER_HERE}"
    )

    def find(self, pk):
        held = Appointment.objects.filter(case=self.case, role=Appointment.Role.COMMISSIONER)
        self.appointment = get_object_or_404(held.select_related("council", "case"), pk=pk)

    def form(self, data=None):
        return forms.ReportForm(data, decisions=_decisions(self.case))

    def act(self, form):
        actions.record_report(self.appointment, **form.cleaned_data, **self.by_and_on())
        return f"{self.council.name}: the commissioner’s report is recorded."


def _decisions(case):
    return Decision.objects.filter(case=case).order_by("-on", "-pk")


class ChangeReport(OfIntervention):
    title = "What is known of the commissioner’s report"
    button = "Save"
    guidance = RecordReport.guidance

    def find(self, pk):
        reports = CommissionerReport.objects.filter(appointment__case=self.case)
        found = reports.select_related("appointment__council", "appointment__case", "milestone", "decision")
        self.report = get_object_or_404(found, pk=pk)

    def form(self, data=None):
        return forms.ReportForm(data, decisions=_decisions(self.case), report=self.report)

    def act(self, form):
        actions.change_report(self.report, **form.cleaned_data, **self.by_and_on())
        return f"{self.council.name}: what is known of the report is saved."

    def form_as_it_is_now(self, typed, current):
        self.report = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Stated due", day_words(current.stated_due_on) or "Not stated"),
            ("Sent", day_words(current.sent_on) or "Not known"),
            ("Published", day_words(current.published_on) or "Not known"),
            ("Minister’s decision", current.decision.get_kind_display() if current.decision else "Awaited"),
            ("Note", current.note or "None"),
        ]


class RecordArrangement(OfIntervention):
    title = "Who delivers the services?"
    guidance = (
        "A trust, a company or a partner council, from the day it took over. The council keeps its own grade, plan "
        f"and measures. You record what was decided and arranged. {NEVER_HERE}"
    )

    def form(self, data=None):
        others = _councils_beside(self.council, self.request.viewer.today).exclude(pk=self.council.pk)
        return forms.ArrangementForm(data, councils=others)

    def act(self, form):
        made = actions.record_arrangement(self.council, case=self.case, **form.answers(), **self.by_and_on())
        return self.done(f"delivery by {made.body.name}", made.from_on)


class EndArrangement(OfIntervention):
    title = "When did it end?"
    guidance = f"The first day on which the body no longer delivered the council’s services. {NEVER_HERE}"

    def find(self, pk):
        held = DeliveryArrangement.objects.filter(council=self.council).select_related("body", "council")
        self.arrangement = get_object_or_404(held, pk=pk)
        self.title = f"{self.arrangement.body.name}: when did it end?"

    def form(self, data=None):
        return forms.EndForm(data)

    def act(self, form):
        made = actions.end_arrangement(
            self.arrangement, case=self.case, **form.cleaned_data, **self.by_and_on()
        )
        return self.done(f"the end of delivery by {made.body.name}", made.until_on)


class Correct(OfIntervention):
    """Correct a row as it was written down: what it is, and its letter, stay."""

    button = "Save"
    guidance = (
        "What was written down wrongly. Dates that run from it run from the corrected day, and the change is kept. "
        f"What it is, and its letter, stay. {NEVER_HERE}"
    )
    model = None
    correct = None

    def find(self, pk):
        held = self.model.objects.filter(case=self.case, partial=False).select_related("council", "case")
        self.row = get_object_or_404(held, pk=pk)
        self.title = f"Correct: {self.named(self.row)}"

    def act(self, form):
        changed = type(self).correct(self.row, **form.cleaned_data, **self.by_and_on())
        return f"{self.named(changed)} is corrected."

    def form_as_it_is_now(self, typed, current):
        self.row = current
        typed["revision"] = current.revision
        return self.form(typed)


class CorrectInstrument(Correct):
    model = Instrument
    correct = staticmethod(actions.correct_instrument)

    def named(self, row):
        return f"{row.get_kind_display()} of {day_words(row.issued_on) or 'an unknown day'}"

    def form(self, data=None):
        return forms.CorrectInstrumentForm(data, row=self.row)

    def facts(self, current):
        return [
            ("Issued on", day_words(current.issued_on)),
            ("Strand", current.get_strand_display()),
            ("States that it expires on", day_words(current.expires_on) or "Nothing"),
            ("Detail", current.detail or "None"),
        ]


class CorrectAppointment(Correct):
    model = Appointment
    correct = staticmethod(actions.correct_appointment)

    def named(self, row):
        return f"{row.get_role_display()} from {day_words(row.from_on)}"

    def form(self, data=None):
        councils = _councils_beside(self.council, self.request.viewer.today)
        return forms.CorrectAppointmentForm(data, councils=councils, row=self.row)

    def facts(self, current):
        return [
            ("From", day_words(current.from_on)),
            ("Strand", current.get_strand_display()),
            ("Name", current.name or "None"),
            ("Works for", current.body or "None"),
            ("Terms", current.terms or "None"),
        ]


class CorrectDecision(Correct):
    model = Decision
    correct = staticmethod(actions.correct_decision)

    def named(self, row):
        return f"{row.get_kind_display()}, {day_words(row.on)}"

    def form(self, data=None):
        return forms.CorrectDecisionForm(data, row=self.row)

    def facts(self, current):
        return [
            ("Date", day_words(current.on)),
            ("Strand", current.get_strand_display()),
            ("Reasons", current.reasons or "None"),
        ]
