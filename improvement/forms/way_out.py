"""What is asked on a version's way out."""

from django import forms

from improvement.actions.way_out import OFSTEDS, THE_DFES, Planned
from improvement.models import ApprovalStep, Handover, Release, Reply
from improvement.rules.approval import USUAL
from look.forms import DateField

NOTE = forms.Textarea(attrs={"rows": 4})
USUAL_STEPS = [(kind, ApprovalStep.Kind(kind).label) for kind in USUAL]
RECIPIENTS = (Handover.To.OFSTED, Handover.To.DFE)


class VersionForm(forms.Form):
    """A form about a version, that remembers which revision of it the person has read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.version = version
        self.fields["revision"].initial = version.revision

    def asked(self):
        """Return what the action takes."""
        return self.cleaned_data


class SendBackForm(VersionForm):
    note = forms.CharField(label="What has to change", widget=NOTE, max_length=2000)


class ApproveForm(VersionForm):
    approved_on = DateField(label="The day the council approved it")

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["approved_on"].initial = today


class RouteForm(VersionForm):
    """The steps of the council's own approval. A date left empty is worked back from the day to send it by."""

    statutory_on = DateField(label="The day by which it must be sent")
    steps = forms.MultipleChoiceField(
        label="Steps that this council takes",
        choices=USUAL_STEPS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other = forms.CharField(
        label="Another step", max_length=120, required=False, help_text="For example, full council"
    )
    other_on = DateField(label="Its date", required=False)

    def __init__(self, *args, steps, statutory_on, **kwargs):
        super().__init__(*args, **kwargs)
        planned = {step.kind: step for step in steps if step.done_on is None}
        self.fields["statutory_on"].initial = statutory_on
        for kind, label in USUAL_STEPS:
            self.fields[f"{kind}_on"] = DateField(label=label, required=False)
            self.fields[f"{kind}_on"].optional_is_said = True
        self.fields["steps"].optional_is_said = True
        self.fields["steps"].initial = list(planned) if steps else [kind for kind, _ in USUAL_STEPS]
        other = planned.get(ApprovalStep.Kind.OTHER)
        if other is not None:
            self.fields["other"].initial, self.fields["other_on"].initial = other.label, other.planned_on

    @property
    def dates(self):
        """The boxes for a date of each step."""
        return [self[f"{kind}_on"] for kind, _ in USUAL_STEPS]

    def clean(self):
        answers = super().clean()
        for kind, label in USUAL_STEPS:
            if answers.get(f"{kind}_on") and kind not in answers.get("steps", []):
                self.add_error("steps", f"{label} has a date: tick it, or clear the date")
        if answers.get("other_on") and not answers.get("other"):
            self.add_error("other", "Enter what the other step is, or clear its date")
        if not self.errors and not answers["steps"] and not answers["other"]:
            self.add_error("steps", "Select at least one step")
        return answers

    def asked(self):
        answers = self.cleaned_data
        steps = [
            Planned(kind, answers.get(f"{kind}_on")) for kind, _ in USUAL_STEPS if kind in answers["steps"]
        ]
        if answers["other"]:
            steps.append(Planned(ApprovalStep.Kind.OTHER, answers["other_on"], answers["other"]))
            if answers["other_on"]:
                steps = in_their_order(steps)
        return {
            "statutory_on": answers["statutory_on"],
            "steps": steps,
            "revision": answers["revision"],
        }


def in_their_order(steps):
    """Put a step with a date before the first that has a later one."""
    *usual, other = steps
    place = next(
        (n for n, step in enumerate(usual) if step.planned_on and step.planned_on > other.planned_on),
        len(usual),
    )
    return [*usual[:place], other, *usual[place:]]


class StepForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    done_on = DateField(label="The day it was taken", required=False)
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)

    def __init__(self, *args, step, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = step.revision
        self.fields["done_on"].initial = step.done_on or today
        self.fields["note"].initial = step.note
        if step.done_on:
            self.fields["done_on"].help_text = "Clear it if it was not taken after all"


class ShareForm(VersionForm):
    note = forms.CharField(label="A note to the adviser", widget=NOTE, required=False, max_length=2000)


class SendForm(VersionForm):
    """When it was sent to each, to whom there, under which reference. `waiting`: those not yet sent it."""

    def __init__(self, *args, waiting, **kwargs):
        super().__init__(*args, **kwargs)
        self.waiting = waiting
        for to in waiting:
            named = "Ofsted" if to == Handover.To.OFSTED else "the DfE"
            self.fields[f"{to}_on"] = DateField(label=f"The day it was sent to {named}", required=False)
            self.fields[f"{to}_whom"] = forms.CharField(
                label=f"To whom at {named}",
                max_length=160,
                required=False,
                help_text="A post or an office, not a name",
            )
            self.fields[f"{to}_reference"] = forms.CharField(
                label="Their reference", max_length=80, required=False
            )
            for part in ("on", "whom", "reference"):
                self.fields[f"{to}_{part}"].optional_is_said = True

    @property
    def parts(self):
        """(heading, fields) for each to whom it can be sent."""
        return [
            (to.label, [self[f"{to}_on"], self[f"{to}_whom"], self[f"{to}_reference"]]) for to in self.waiting
        ]

    def clean(self):
        answers = super().clean()
        for to in self.waiting:
            told = answers.get(f"{to}_whom") or answers.get(f"{to}_reference")
            if told and not answers.get(f"{to}_on") and f"{to}_on" not in self.errors:
                self.add_error(f"{to}_on", "Enter the day on which it was sent")
        if not self.errors and not any(answers.get(f"{to}_on") for to in self.waiting):
            self.add_error(
                f"{self.waiting[0]}_on", "Enter the day on which it was sent to at least one of them"
            )
        return answers

    def asked(self):
        answers = self.cleaned_data
        handovers = [
            (to, answers[f"{to}_on"], answers[f"{to}_whom"], answers[f"{to}_reference"])
            for to in self.waiting
            if answers[f"{to}_on"]
        ]
        return {"handovers": handovers, "revision": answers["revision"]}


class LetterForm(VersionForm):
    kind = forms.ChoiceField(
        label="What the letter says",
        choices=[(kind.value, Reply.Kind(kind).label) for kind in (*OFSTEDS, *THE_DFES)],
        widget=forms.RadioSelect,
    )
    dated_on = DateField(label="The date of the letter")
    received_on = DateField(label="The day it came", required=False)
    resubmit_by = DateField(
        label="The day by which it asks for the plan again",
        required=False,
        help_text="Where the letter returns the plan and states one. The statutory date stays as it is.",
    )
    upload = forms.FileField(
        label="The letter, as a file", required=False, help_text="PDF or Word, up to 25 MB"
    )
    url = forms.URLField(label="Or a link to it", required=False, max_length=500, assume_scheme="https")
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)

    def clean(self):
        answers = super().clean()
        if answers.get("upload") and answers.get("url"):
            self.add_error("url", "Give the file or the link, not both")
        return answers


class CommentForm(forms.Form):
    action = forms.TypedChoiceField(label="What it is about", required=False, coerce=int, empty_value=None)
    text = forms.CharField(label="Your comment", widget=NOTE, max_length=4000)

    def __init__(self, *args, actions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["action"].optional_is_said = True
        self.fields["action"].choices = [
            ("", "The plan as a whole"),
            *((one.action_id, f"{one.number} {_in_short(one.text)}") for one in actions),
        ]


class AnswerForm(forms.Form):
    text = forms.CharField(label="Your answer", widget=NOTE, max_length=4000)


class ReadyForm(forms.Form):
    note = forms.CharField(label="Note", widget=NOTE, required=False, max_length=2000)


class ReleaseForm(forms.Form):
    """`things`: {"version-3": (the version, its words)} of what can be released."""

    thing = forms.ChoiceField(label="What is released")
    audience = forms.ChoiceField(label="To whom", choices=Release.Audience.choices, widget=forms.RadioSelect)

    def __init__(self, *args, things, **kwargs):
        super().__init__(*args, **kwargs)
        self.things = things
        self.fields["thing"].choices = [
            ("", "Choose one"),
            *((key, words) for key, (_, words) in things.items()),
        ]


def _in_short(text):
    return text if len(text) <= 70 else f"{text[:69].rstrip()}…"
