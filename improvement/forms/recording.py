"""What is asked about what the DfE decided: always with its date, and the letter that says so."""

from django import forms

from cases.models import Owes
from cases.presenters import day_words
from councils.models import Council, DeliveryBody
from improvement.actions.by_hand import BY_HAND
from improvement.actions.letters import REVIEWS
from improvement.models import Appointment, Decision, Instrument, Strand, Trigger
from inspections.models import Inspection
from look.forms import DateField

NOTE = forms.Textarea(attrs={"rows": 3})
WORDS = forms.Textarea(attrs={"rows": 6})
# Those whom the field appoints to a case; LGA advisers are put on it by allocation.
ROLES = [role for role in Appointment.Role if role != Appointment.Role.LGA_ADVISER]
DECISIONS = [kind for kind in Decision.Kind if kind not in REVIEWS]
REVIEW_WORDS = {
    Decision.Kind.SUFFICIENT: "Sufficient progress",
    Decision.Kind.INSUFFICIENT: "Insufficient progress",
    Decision.Kind.NOT_DECIDED: "Not decided",
}


def _radios(label, choices, missing, **more):
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
        **more,
    )


class LetterForm(forms.Form):
    """The letter that something rests on: its title, its address, or both. Comes last on each form."""

    letter = forms.CharField(
        label="Title of the letter",
        max_length=200,
        required=False,
        help_text="Such as “Letter to the leader, 3 August 2026”. Give its title or its address.",
    )
    url = forms.URLField(
        label="Its address", required=False, assume_scheme="https", help_text="Where it is published."
    )
    letter_asked = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name not in ("letter", "url")] + ["letter", "url"])
        for name in ("letter", "url"):
            self.fields[name].optional_is_said = True

    def clean(self):
        given = super().clean()
        if (
            self.letter_asked
            and not given.get("letter")
            and not given.get("url")
            and "url" not in self.errors
        ):
            self.add_error("letter", "Enter the title of the letter, or its address")
        return given


class WithStrand(LetterForm):
    strand = _radios("Strand", [], "Select the strand")
    field_order = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["strand"].choices = Strand.choices
        self.fields["strand"].initial = Strand.SOCIAL_CARE


class TriggerForm(WithStrand):
    """What brought the DfE in. `visits`: those on record that it may be."""

    kind = _radios("What is it?", [], "Select what it is opened from")
    on_day = DateField(label="Its date", error_messages={"required": "Enter its date"})
    inspection = forms.ModelChoiceField(
        label="Which visit on record is it?",
        queryset=Inspection.objects.none(),
        required=False,
        empty_label="None of these",
        help_text="Its dates then stand with this case.",
    )
    priority = forms.BooleanField(
        label="The letter asks for priority action",
        required=False,
        help_text="Of a visit or a JTAI that is not on record: starts the clocks of its plan.",
    )
    detail = forms.CharField(label="Detail", max_length=300, required=False)

    KINDS = [kind for kind in BY_HAND if kind != Trigger.Kind.NOTICE]

    def __init__(self, *args, visits, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(str(kind), kind.label) for kind in self.KINDS]
        if visits:
            self.fields["inspection"].queryset = visits
            self.fields["inspection"].label_from_instance = _visit_words
        else:
            del self.fields["inspection"]
        self.order_fields(
            ["kind", "instrument", "on_day", "strand", "inspection", "priority", "detail", "letter", "url"]
        )


class OpenForm(TriggerForm):
    """The same with a notice or direction, which opens a case as what it is."""

    instrument = _radios("Of a notice or direction: which?", Instrument.Kind.choices, "", required=False)
    KINDS = list(BY_HAND)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["instrument"].optional_is_said = True

    def clean(self):
        given = super().clean()
        if given.get("kind") == Trigger.Kind.NOTICE and not given.get("instrument"):
            self.add_error("instrument", "Select improvement notice or direction")
        return given

    def answers(self):
        """Return what `open_by_hand` takes."""
        given = dict(self.cleaned_data)
        given["instrument"] = given["instrument"] or Instrument.Kind.NOTICE
        return given


def _visit_words(visit):
    day = day_words(visit.inspected_on or visit.published_on)
    return f"{visit.get_kind_display()}, {day}" if day else visit.get_kind_display()


class InstrumentForm(WithStrand):
    """A notice or direction. `replaceable`: those of the case in force, one of which it may replace."""

    kind = _radios("What was issued?", Instrument.Kind.choices, "Select improvement notice or direction")
    issued_on = DateField(label="Issued on", error_messages={"required": "Enter the day it was issued"})
    replaces = forms.ModelChoiceField(
        label="Does it revise or replace one in force?",
        queryset=Instrument.objects.none(),
        required=False,
        empty_label="No",
        help_text="That one ends on the day this is issued. One of the same kind is a revision.",
    )
    expires_on = DateField(
        label="States that it expires on", required=False, help_text="It ends nothing by itself."
    )
    plan_due_on = DateField(
        label="States that the plan is due on", required=False, help_text="Of a first improvement notice."
    )
    chair_report_due_on = DateField(
        label="States that the board’s chair reports on", required=False, help_text="Of a direction."
    )
    detail = forms.CharField(label="Detail", max_length=300, required=False)

    def __init__(self, *args, replaceable, replaces=None, strand=None, **kwargs):
        super().__init__(*args, **kwargs)
        if replaceable:
            field = self.fields["replaces"]
            field.queryset, field.initial = replaceable, replaces
            field.label_from_instance = _instrument_words
        else:
            del self.fields["replaces"]
        self.fields["kind"].initial = replaces.kind if replaces else None
        if replaces and replaces.strand != Strand.TO_CONFIRM:
            self.fields["strand"].initial = replaces.strand
        order = [
            "kind",
            "issued_on",
            "replaces",
            "strand",
            "expires_on",
            "plan_due_on",
            "chair_report_due_on",
        ]
        self.order_fields([*order, "detail", "letter", "url"])

    def clean(self):
        given = super().clean()
        kind, before = given.get("kind"), given.get("replaces")
        if given.get("plan_due_on") and kind == Instrument.Kind.DIRECTION:
            self.add_error("plan_due_on", "Record this date with the clause of the direction that states it")
        elif given.get("plan_due_on") and before is not None and before.kind == kind:
            self.add_error(
                "plan_due_on", "Record this date with the clause of the revised notice that states it"
            )
        if given.get("chair_report_due_on") and kind == Instrument.Kind.NOTICE:
            self.add_error(
                "chair_report_due_on", "Record this date with the clause of the notice that states it"
            )
        return given

    def answers(self):
        """Return what `record_instrument` takes."""
        given = dict(self.cleaned_data)
        name = f"the {Instrument.Kind(given['kind']).label.lower()}"
        dated = {
            "improvement-plan-notice": given.pop("plan_due_on"),
            "board-chair-report": given.pop("chair_report_due_on"),
        }
        return given | {"stated": {rule: (day, name) for rule, day in dated.items() if day}}


def _instrument_words(instrument):
    day = day_words(instrument.issued_on)
    return f"{instrument.get_kind_display()} of {day}" if day else instrument.get_kind_display()


class LiftForm(LetterForm):
    lifted_on = DateField(label="Lifted on", error_messages={"required": "Enter the day it was lifted"})


class ClauseForm(forms.Form):
    """One clause of a notice or direction, as printed."""

    number = forms.CharField(
        label="Number of the clause",
        max_length=20,
        help_text="As printed, such as 3(b).",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
        error_messages={"required": "Enter the number of the clause as printed, such as 3(b)"},
    )
    text = forms.CharField(
        label="What it says",
        max_length=4000,
        widget=WORDS,
        error_messages={"required": "Enter what the clause says"},
    )
    due_on = DateField(
        label="The date it states",
        required=False,
        help_text="Becomes a milestone on that day, for as long as the notice or direction is in force.",
    )
    owes = forms.ChoiceField(label="Who must do it", choices=Owes.choices, initial=Owes.COUNCIL)
    recommend = forms.BooleanField(
        label="Make it a recommendation",
        required=False,
        help_text="Then a plan can answer it, and its coverage is shown.",
    )


class ChangeClauseForm(ClauseForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, clause, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {
            "number": clause.number,
            "text": clause.text,
            "due_on": clause.due_on,
            "owes": clause.milestone.owes if clause.milestone else Owes.COUNCIL,
            "revision": clause.revision,
        }
        if clause.recommendation_id:
            del self.fields["recommend"]


class AppointmentForm(WithStrand):
    """Who was appointed, as what, on what terms. `conflict_seen` comes back with the conflict that was shown."""

    role = _radios(
        "Appointed as", [(str(role), role.label) for role in ROLES], "Select what they are appointed as"
    )
    from_on = DateField(label="From", error_messages={"required": "Enter the first day of the appointment"})
    name = forms.CharField(label="Name", max_length=120, required=False)
    body = forms.CharField(label="Works for", max_length=120, required=False)
    serving_dcs_of = forms.ModelChoiceField(
        label="Serving director of children’s services of",
        queryset=Council.objects.none(),
        required=False,
        empty_label="No council",
        help_text="Shown as a conflict of interest.",
    )
    runs_improvement_partner = forms.BooleanField(
        label="Runs the improvement partner", required=False, help_text="Shown as a conflict of interest."
    )
    terms = forms.CharField(
        label="Terms", max_length=4000, required=False, widget=NOTE, help_text="As the letter gives them."
    )
    access_from_on = DateField(
        label="May sign in here from",
        required=False,
        help_text="Written down here alone: an administrator gives the access.",
    )
    access_until_on = DateField(label="First day without access", required=False)
    conflict_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["serving_dcs_of"].queryset = councils
        order = ["role", "from_on", "strand", "name", "body", "serving_dcs_of", "runs_improvement_partner"]
        self.order_fields([*order, "terms", "access_from_on", "access_until_on", "letter", "url"])

    def answers(self):
        """Return what `record_appointment` takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "conflict_seen"}


class EndForm(LetterForm):
    until_on = DateField(
        label="Ended on",
        help_text="The first day on which it no longer held.",
        error_messages={"required": "Enter the day it ended"},
    )


class ReviewForm(WithStrand):
    """A progress review's result. `awaited`: the reviews of the case that nobody has answered for."""

    kind = _radios(
        "What does the DfE say of progress?",
        [(str(kind), words) for kind, words in REVIEW_WORDS.items()],
        "Select what the DfE says of progress",
    )
    decided_on = DateField(label="Date of the review’s result", error_messages={"required": "Enter its date"})
    reasons = forms.CharField(
        label="The DfE’s reasons",
        max_length=4000,
        widget=WORDS,
        error_messages={"required": "Enter the DfE’s reasons, or that it gives none"},
    )
    answers = forms.ModelChoiceField(
        label="Which review is it?",
        queryset=None,
        required=False,
        empty_label="The one its date belongs to",
        help_text="That milestone is marked met, and the next one is made.",
    )

    def __init__(self, *args, awaited, **kwargs):
        super().__init__(*args, **kwargs)
        if awaited:
            self.fields["answers"].queryset = awaited
            self.fields["answers"].label_from_instance = _review_words
        else:
            del self.fields["answers"]
        self.order_fields(["kind", "decided_on", "reasons", "answers", "strand", "letter", "url"])


def _review_words(milestone):
    return f"{milestone.label}, due {day_words(milestone.due_on)}"


class DecisionForm(WithStrand):
    """Any other decision of the DfE or its minister."""

    kind = _radios(
        "What was decided?", [(str(kind), kind.label) for kind in DECISIONS], "Select what was decided"
    )
    decided_on = DateField(label="Date of the decision", error_messages={"required": "Enter its date"})
    reasons = forms.CharField(label="Reasons given", max_length=4000, required=False, widget=WORDS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "decided_on", "reasons", "strand", "letter", "url"])


class ReportForm(forms.Form):
    """What is known of a commissioner's report. `decisions`: those of the case, one of which may answer it."""

    stated_due_on = DateField(
        label="Stated due", required=False, help_text="As the direction or the commissioner’s terms state it."
    )
    stated_in = forms.CharField(
        label="Which letter states it?", max_length=200, required=False, help_text="Such as “the direction”."
    )
    sent_on = DateField(
        label="Sent to the Secretary of State on", required=False, help_text="Marks its milestone as met."
    )
    published_on = DateField(label="Published on", required=False, help_text="Many never are.")
    url = forms.URLField(label="Address of the published report", required=False, assume_scheme="https")
    decision = forms.ModelChoiceField(
        label="The minister’s decision on it",
        queryset=Decision.objects.none(),
        required=False,
        empty_label="Awaited",
    )
    note = forms.CharField(label="Note", max_length=2000, required=False, widget=NOTE)

    def __init__(self, *args, decisions, report=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].queryset = decisions
        self.fields["decision"].label_from_instance = _decision_words
        if not decisions:
            self.fields["decision"].help_text = "Record the decision first: then it can be chosen here."
        for field in self.fields.values():
            field.optional_is_said = True
        if report is not None:
            names = ("stated_due_on", "sent_on", "published_on", "url", "decision", "note", "revision")
            self.initial = {name: getattr(report, name) for name in names}
            self.initial["stated_in"] = report.milestone.stated_in if report.milestone else ""
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


def _decision_words(decision):
    return f"{decision.get_kind_display()}, {day_words(decision.on)}"


class ArrangementForm(LetterForm):
    """Who delivers the services: a body that is known, a council as partner, or a new trust or company."""

    from_on = DateField(label="From", error_messages={"required": "Enter the first day of the arrangement"})
    body = forms.ModelChoiceField(
        label="A body that is known",
        queryset=DeliveryBody.objects.order_by("name"),
        required=False,
        empty_label="None of these",
        help_text="One may serve several councils; each keeps its own grade and plan.",
    )
    partner = forms.ModelChoiceField(
        label="Or a council as partner",
        queryset=Council.objects.none(),
        required=False,
        empty_label="No council",
    )
    name = forms.CharField(label="Or the name of a new trust or company", max_length=120, required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = councils
        self.order_fields(["from_on", "body", "partner", "name", "note", "letter", "url"])
        for name in ("body", "partner", "name"):
            self.fields[name].optional_is_said = True

    def clean(self):
        given = super().clean()
        chosen = [name for name in ("body", "partner", "name") if given.get(name)]
        if not chosen:
            self.add_error("body", "Choose a body or a council, or enter the name of a new trust or company")
        elif len(chosen) > 1:
            self.add_error(chosen[1], "Give one of the three alone")
        return given

    def answers(self):
        """Return what `record_arrangement` takes."""
        kind = DeliveryBody.Kind.TRUST if self.cleaned_data["name"] else ""
        return self.cleaned_data | {"kind": kind}


class Corrects:
    """A form about a row as it stands: no letter is asked for again, and what it is stays."""

    letter_asked = False
    stays = ()
    taken_from = {}

    def correct(self, row):
        """Fill the form with `row`, and leave out what stays."""
        for name in ("letter", "url", *self.stays):
            self.fields.pop(name, None)
        names = [name for name in self.fields if name not in self.taken_from]
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)
        self.initial = {name: getattr(row, name) for name in names if hasattr(row, name)}
        self.initial |= {name: getattr(row, of_row) for name, of_row in self.taken_from.items()}
        self.initial["revision"] = row.revision


class CorrectInstrumentForm(Corrects, InstrumentForm):
    stays = ("kind", "replaces", "plan_due_on", "chair_report_due_on")

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, replaceable=None, **kwargs)
        self.correct(row)


class CorrectAppointmentForm(Corrects, AppointmentForm):
    stays = ("role", "conflict_seen")

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.correct(row)


class CorrectDecisionForm(Corrects, DecisionForm):
    stays = ("kind",)
    taken_from = {"decided_on": "on"}

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.correct(row)
