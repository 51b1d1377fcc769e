"""What is asked while a plan is drafted, but for the grid."""

from django import forms

from cases.models import Enabler
from improvement.forms.grid import label_recommendations
from improvement.models import Plan, PlannedMeasure
from improvement.models.plans import RETIRED_ENABLERS
from improvement.plan_templates import plan_templates
from look.forms import DateField

NOTHING, SHEET, WITHOUT = "nothing", "sheet", "without"
AREA = {"class": "up-boxes"}


def _text(label, *, rows=3, required=False, **more):
    return forms.CharField(
        label=label, required=required, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


def _line(label, *, required=False, width="", **more):
    attrs = {"class": f"govuk-input--width-{width}"} if width else {}
    return forms.CharField(label=label, required=required, widget=forms.TextInput(attrs=attrs), **more)


def _number(label, **more):
    widget = forms.TextInput(attrs={"class": "govuk-input--width-10", "inputmode": "decimal"})
    wrong = {"invalid": f"{label} must be a number"}
    return forms.DecimalField(label=label, required=False, widget=widget, error_messages=wrong, **more)


class StartForm(forms.Form):
    """A plan to be started: from what, and with which intervention."""

    title = _line(
        "What the plan is called", required=True, error_messages={"required": "Enter the plan’s title"}
    )
    case = forms.ChoiceField(label="Does it belong to an intervention?", widget=forms.RadioSelect)
    start = forms.ChoiceField(label="Start from", widget=forms.RadioSelect)

    def __init__(self, *args, council, cases, versions, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = {str(one.pk): one for one in cases}
        self.versions = {str(one.pk): one for one in versions}
        self.fields["title"].initial = f"{council.name} improvement plan"
        if self.cases:
            self.fields["case"].choices = [
                *((key, f"Yes: {one.reference}") for key, one in self.cases.items()),
                (WITHOUT, "No: it answers something else, or is the council’s own wish"),
            ]
            self.fields["case"].initial = next(iter(self.cases))
        else:
            del self.fields["case"]
        self.fields["start"].choices = [
            (NOTHING, "Nothing: an empty plan"),
            (SHEET, "A spreadsheet: a plan that you have written already. You upload it next."),
            *((f"template-{one.slug}", f"{one.name}. {one.hint}") for one in plan_templates().values()),
            *(
                (f"version-{key}", f"{one.plan.title}, version {one.number} ({one.plan.reference})")
                for key, one in self.versions.items()
            ),
        ]
        self.fields["start"].initial = NOTHING

    def is_by_sheet(self):
        return self.cleaned_data["start"] == SHEET

    def given(self):
        """Return what `start_plan` takes."""
        kind, _, which = self.cleaned_data["start"].partition("-")
        return {
            "title": self.cleaned_data["title"],
            "case": self.cases.get(self.cleaned_data.get("case", "")),
            "template": which if kind == "template" else None,
            "from_version": self.versions[which] if kind == "version" else None,
        }


class RowForm(forms.Form):
    """Something of a draft as it stands; `shown` are the fields taken from the row as they are."""

    shown = ()
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, row=None, **kwargs):
        super().__init__(*args, **kwargs)
        if row is not None:
            self.initial = {name: getattr(row, name) for name in (*self.shown, "revision")}
        else:
            del self.fields["revision"]


class PlanForm(RowForm):
    shown = ("title", "scale", "months", "sign_off_by")
    title = _line("What the plan is called", required=True)
    scale = forms.ChoiceField(
        label="How status is shown", choices=Plan.Scale.choices, widget=forms.RadioSelect
    )
    months = forms.IntegerField(
        label="How many months one update covers",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-2", "inputmode": "numeric"}),
        error_messages={"invalid": "The months of an update must be a whole number"},
    )
    sign_off_by = _line("Who signs actions off", required=True)


class VersionForm(RowForm):
    shown = ("introduction", "statutory_on")
    introduction = _text("Why we are here", rows=12)
    statutory_on = DateField(
        label="To be sent by",
        required=False,
        help_text="The statutory day, or the one that a letter states: its approval is worked back from it.",
    )


class NewVersionForm(forms.Form):
    change_note = _text("What this version changes", required=True, help_text="In a sentence or two.")


class RecommendationsForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    recommendations = forms.MultipleChoiceField(
        label="What the plan answers", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, plan, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in choices}
        by_source = {}
        for key, one in self.known.items():
            by_source.setdefault(one.source.title, []).append((key, _told(one)))
        self.fields["recommendations"].choices = [
            (key, f"{title}, {words}") for title, ones in by_source.items() for key, words in ones
        ]
        chosen = plan.recommendations.values_list("pk", flat=True)
        self.initial = {"revision": plan.revision, "recommendations": [str(pk) for pk in chosen]}

    def given(self):
        return [self.known[key] for key in self.cleaned_data["recommendations"]]


def _told(one):
    closed = " (closed)" if one.closed_on else ""
    return f"{one.number}: {one.text}{closed}"


class PriorityForm(RowForm):
    shown = ("title", "enabler", "outcome", "lead", "place")
    title = _line("Priority", required=True, error_messages={"required": "Enter the priority’s title"})
    outcome = _text("Outcome: what good looks like", rows=4)
    enabler = forms.ChoiceField(
        label="Enabler of improvement", choices=[("", "None"), *Enabler.choices], required=False
    )
    lead = _line("Post that leads it")
    place = forms.TypedChoiceField(label="Its number", coerce=int)

    def __init__(self, *args, count, row=None, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        if row is None:
            del self.fields["place"]
        else:
            if row.enabler in dict(RETIRED_ENABLERS):
                self.fields["enabler"].choices += [(row.enabler, row.get_enabler_display())]
            self.fields["place"].choices = [(place, place) for place in range(1, count + 1)]


class MeasureForm(RowForm):
    shown = (
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
    name = _line("Measure", required=True, error_messages={"required": "Enter the measure’s name"})
    unit = _line("Unit", width=10, help_text="Such as % or per 10,000.")
    polarity = forms.ChoiceField(
        label="Which way is better?",
        choices=PlannedMeasure.Polarity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select which way is better"},
    )
    baseline = _number("Baseline")
    baseline_on = DateField(label="Date of the baseline", required=False)
    target = _number("Target")
    target_on = DateField(label="Date of the target", required=False)
    tolerance = _number("Tolerance", help_text="How far from the target is still near it.")
    frequency = forms.ChoiceField(label="How often it is read", choices=PlannedMeasure.Frequency.choices)
    benchmark = _line("What it is compared with")
    priority = forms.ChoiceField(label="Priority", required=False)

    def __init__(self, *args, priorities, row=None, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.priorities = {str(one.pk): one for one in priorities}
        self.fields["priority"].choices = [
            ("", "None"),
            *((key, str(one)) for key, one in self.priorities.items()),
        ]
        if row is not None:
            self.initial["priority"] = str(row.priority_id or "")

    def clean_priority(self):
        return self.priorities.get(self.cleaned_data["priority"])


SCORES = [("", "Not scored"), *((number, number) for number in range(1, 6))]


def _score(label):
    return forms.TypedChoiceField(label=label, choices=SCORES, coerce=int, required=False, empty_value=None)


class RiskForm(RowForm):
    shown = ("text", "likelihood", "impact", "mitigation", "owner_post")
    text = _text("Risk", rows=2, required=True, error_messages={"required": "Enter the risk"})
    likelihood = _score("Likelihood, 1 to 5")
    impact = _score("Impact, 1 to 5")
    mitigation = _text("What is done about it")
    owner_post = _line("Post of the owner")


class ActionForm(RowForm):
    """An action whole: what the grid shows of it, and what it has no room for."""

    shown = (
        "text",
        "success",
        "resources",
        "aim",
        "owner_post",
        "owner_body",
        "start_on",
        "due_on",
    )
    KINDS = (
        ("by_measures", "Measures"),
        ("by_audit", "Case audit"),
        ("by_voice", "Voice of children, families and staff"),
    )

    text = _text("Action", rows=4, required=True, error_messages={"required": "Enter what is to be done"})
    success = _text("How we shall know")
    owner_post = _line("The one accountable post")
    owner_body = _line("Whose post it is", help_text="Such as the police. Blank: the council’s own.")
    owner = forms.ChoiceField(
        label="Who reports on it here", required=False, help_text="If the owner signs in to Upstream."
    )
    start_on = DateField(label="Start", required=False)
    due_on = DateField(label="Due", required=False)
    recommendations = forms.MultipleChoiceField(
        label="Recommendations it answers", required=False, widget=forms.CheckboxSelectMultiple
    )
    aim = _line("Aim, where no recommendation asks for it")
    kinds = forms.MultipleChoiceField(
        label="Evidence of impact", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    measures = forms.MultipleChoiceField(
        label="Measures", required=False, widget=forms.CheckboxSelectMultiple
    )
    resources = _text("Resources", rows=2)

    def __init__(self, *args, row, people, recommendations, measures, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        labels = label_recommendations(recommendations)
        self.people = {str(one.pk): one for one in people}
        self.told = {str(one.pk): one for one in recommendations}
        self.measured = {str(one.measure_id): one.measure for one in measures}
        self.fields["owner"].choices = [
            ("", "Nobody"),
            *((key, str(one)) for key, one in self.people.items()),
        ]
        self._choices(
            "recommendations", [(key, f"{labels[one.pk]}. {one.text}") for key, one in self.told.items()]
        )
        self._choices("measures", [(str(one.measure_id), one.name) for one in measures])
        for field in self.fields.values():
            field.optional_is_said = True
        self.initial |= {
            "owner": str(row.owner_id or ""),
            "kinds": [name for name, _ in self.KINDS if getattr(row, name)],
            "recommendations": [str(one.pk) for one in row.recommendations.all()],
            "measures": [str(one.pk) for one in row.measures.all()],
        }

    def _choices(self, name, choices):
        if choices:
            self.fields[name].choices = choices
        else:
            del self.fields[name]

    def given(self):
        """Return what `save_action` takes."""
        given = {name: self.cleaned_data[name] for name in (*self.shown, "revision")}
        given |= {name: name in self.cleaned_data["kinds"] for name, _ in self.KINDS}
        given["owner"] = self.people.get(self.cleaned_data["owner"])
        if "recommendations" in self.fields:
            given["recommendations"] = [self.told[key] for key in self.cleaned_data["recommendations"]]
        if "measures" in self.fields:
            given["measures"] = [self.measured[key] for key in self.cleaned_data["measures"]]
        return given


class RemoveForm(RowForm):
    """Whether to remove something, and of an action that was approved why."""

    note = _line("Why it is no longer needed", required=True)

    def __init__(self, *args, row, asks_why=False, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        if not asks_why:
            del self.fields["note"]


class PutBackForm(forms.Form):
    """Which of the actions that were dropped or merged comes back."""

    action = forms.ChoiceField(
        label="Which action comes back?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the action that comes back"},
    )

    def __init__(self, *args, left_out, **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {str(one.action_id): one.action for one in left_out}
        self.fields["action"].choices = [(str(one.action_id), _left(one)) for one in left_out]

    def clean_action(self):
        return self.known[self.cleaned_data["action"]]


def _left(planned):
    why = planned.action.closed_note
    return f"{planned.priority.place}.{planned.place} {planned.text}" + (f" ({why})" if why else "")


class MergeForm(RowForm):
    into = forms.ChoiceField(label="Merge it with")
    text = _text("What the one action then says", rows=6, required=True)

    def __init__(self, *args, row, others, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.others = {str(one.pk): one for one, _ in others}
        self.fields["into"].choices = [(str(one.pk), f"{number} {one.text[:100]}") for one, number in others]
        self.initial["text"] = row.text

    def clean_into(self):
        return self.others[self.cleaned_data["into"]]
