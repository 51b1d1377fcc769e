"""What is asked about an inspection entered by hand, its readers, its publication and its recommendations."""

from django import forms

from cases.actions.recommendations import MOST_AT_ONCE
from cases.actions.sources import KINDS as OF_SOURCES
from cases.actions.sources import LONGEST_TITLE, LONGEST_URL
from cases.models import Recommendation
from cases.presenters import day_words
from councils.models import Council
from inspections.actions.runs import FILE_ENDINGS
from inspections.models import Framework, Inspection
from look.forms import DateField

FAMILY = "ilacs"
KINDS = (
    Inspection.Kind.STANDARD,
    Inspection.Kind.SHORT,
    Inspection.Kind.FOCUSED_VISIT,
    Inspection.Kind.MONITORING_VISIT,
)
NOTE = forms.Textarea(attrs={"rows": 3})
WORDS = forms.Textarea(attrs={"rows": 5})


class CouncilForm(forms.Form):
    """Whose inspection it is: one of the councils where the person enters them."""

    council = forms.ModelChoiceField(
        label="Council",
        queryset=None,
        to_field_name="slug",
        empty_label="",
        error_messages={"required": "Select a council"},
    )

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils
        if len(councils) == 1:
            self.fields["council"].empty_label = None


class FindForm(CouncilForm):
    """The council and a day by which a named reader finds an inspection under embargo."""

    prefix = "find"
    day = DateField(
        label="A day that you know",
        help_text="The first day on site, or the day of the call.",
        error_messages={"required": "Enter a day that you know"},
    )


def framework_of(family, day):
    """Return the framework form that grades an inspection of `day`, with its areas and words; None where none was."""
    return Framework.objects.filter(family=family).on(day).prefetch_related("areas", "grade_words").last()


class InspectionForm(forms.Form):
    """The events, outcome and publication of one inspection or visit, as far as they are known.

    The areas asked about are those of the form that the first day on site belongs to; of the day of the call, or
    today, while that is not known. Where a day typed turns out to need other areas than those shown, the page
    asks again, with what was typed.
    """

    kind = forms.ChoiceField(
        label="What kind is it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of inspection or visit it is"},
    )
    notified_on = DateField(label="Notified", help_text="The day of the call.", required=False)
    inspected_on = DateField(label="First day on site", required=False)
    ended_on = DateField(label="Last day on site", required=False)
    draft_received_on = DateField(label="Draft received for factual accuracy", required=False)
    received_on = DateField(
        label="Final report or letter received", help_text="Only this starts the clocks.", required=False
    )
    expected_on = DateField(
        label="Publication expected", help_text="Nothing happens when it passes.", required=False
    )
    priority_action = forms.BooleanField(
        label="The letter of the visit asks for priority action", required=False
    )
    never_published = forms.BooleanField(
        label="This letter will not be published",
        help_text="Such as that of a first monitoring visit. It keeps its named readers.",
        required=False,
    )
    graded_under = forms.CharField(widget=forms.HiddenInput, required=False)

    EVENTS = ("notified_on", "inspected_on", "ended_on", "draft_received_on", "received_on", "expected_on")

    def __init__(self, data=None, *, today, entry=None):
        self.today, self.entry = today, entry
        self.family = entry.family if entry else FAMILY
        self.shown_under = data.get("graded_under", "") if data is not None else ""
        super().__init__(data, initial=_facts_of(entry) if entry else None)
        self.framework = self._framework()
        self._ask_for_kind()
        self._ask_for_grades()
        if entry:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=entry.revision)
        # In the order of the page, which is that of the summary of errors.
        self.order_fields(["kind", *self.EVENTS[:-1], *(field.name for field in self.grades)])
        for field in self.fields.values():
            # Said once for the whole page: all but the kind and one date may come later.
            field.optional_is_said = True

    def _framework(self):
        """The framework form of the day typed, else of the day on record, else of today."""
        asked = framework_of(self.family, self._day_asked())
        return asked or framework_of(self.family, self.today)

    def _day_asked(self):
        for name in ("inspected_on", "notified_on"):
            if day := self._day(name):
                return day
        return self.today

    def _day(self, name):
        if not self.is_bound:
            return self.initial.get(name)
        field = self.fields[name]
        try:
            return field.clean(field.widget.value_from_datadict(self.data, {}, name))
        except forms.ValidationError:
            return None

    def _ask_for_kind(self):
        kinds = list(KINDS)
        if self.entry and self.entry.kind not in kinds:
            kinds.append(Inspection.Kind(self.entry.kind))
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def _ask_for_grades(self):
        self.areas = list(self.framework.areas.all())
        words = [("", "Not given yet")]
        words += [(each.grade, each.word) for each in self.framework.grade_words.all()]
        for area in self.areas:
            self.fields[grade_field(area.code)] = forms.ChoiceField(
                label=area.name, choices=words, required=False
            )
        # What is sent back says under which form the grades now shown were asked for.
        self.initial["graded_under"] = self.framework.slug
        if self.is_bound:
            self.data = self.data.copy()
            self.data["graded_under"] = self.framework.slug

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(name) for name in self.EVENTS[:-1]):
            self.add_error("notified_on", "Enter one date at least, such as that of the call")
        if framework_of(self.family, self._day_asked()) is None:
            self.add_error("inspected_on", "On this day there was no such inspection: check the year")
        if self._grades_were_asked_otherwise():
            self.add_error(self._first_grade(), self._asked_otherwise())
        return cleaned

    def _grades_were_asked_otherwise(self):
        """Say whether grades were typed for the areas of another form than the one that the day belongs to."""
        if not self.is_bound or self.shown_under in ("", self.framework.slug) or not self._typed():
            return False
        return self._areas_shown() != {area.code for area in self.areas}

    def _areas_shown(self):
        return set(Framework.objects.filter(slug=self.shown_under).values_list("areas__code", flat=True))

    def _typed(self):
        """The codes of the areas for which a grade was typed, whether or not this form has them."""
        start = grade_field("")
        return {
            name.removeprefix(start) for name, value in self.data.items() if name.startswith(start) and value
        }

    def _first_grade(self):
        return grade_field(self.areas[0].code)

    def _asked_otherwise(self):
        day = day_words(self._day_asked())
        words = f"An inspection of {day} is graded under {self.framework.short_name}: check the grades and save again"
        if "overall" in self._typed() and not self.framework.has_overall:
            words += ". It has no overall grade, so the one you chose is left out"
        return words

    def judgements(self):
        """Return {area: grade} of what was chosen."""
        chosen = {area.code: self.cleaned_data.get(grade_field(area.code)) for area in self.areas}
        return {code: grade for code, grade in chosen.items() if grade}

    def facts(self):
        """Return what the actions take, of a valid form."""
        names = ("kind", *self.EVENTS, "priority_action", "never_published")
        return {name: self.cleaned_data[name] for name in names} | {
            "family": self.family,
            "judgements": self.judgements(),
        }

    def add_refusal(self, refused):
        """Put what the action refused beside its field."""
        field = self._first_grade() if refused.field == "judgements" else refused.field
        self.add_error(field if field in self.fields else None, refused.message)

    # How the page is laid out.

    @property
    def dates(self):
        return [self[name] for name in self.EVENTS[:-1]]

    @property
    def grading_words(self):
        """Say which areas are offered, and that others may be."""
        overall = "" if self.framework.has_overall else ", which gives no overall grade"
        return (
            f"An inspection of {day_words(self._day_asked())} is graded under {self.framework.short_name}{overall}. "
            "If the first day on site asks for other areas, you are shown them before anything is saved. "
            "A visit gives no grades."
        )

    @property
    def grades(self):
        return [self[grade_field(area.code)] for area in self.areas]


def grade_field(code):
    return f"grade_{code}"


def _facts_of(entry):
    source = entry.source
    facts = {name: getattr(entry, name) for name in InspectionForm.EVENTS if name != "received_on"}
    return {
        **facts,
        "kind": entry.kind,
        "received_on": source.received_on,
        "priority_action": entry.priority_action,
        "never_published": source.access == source.Access.NEVER,
        **{grade_field(code): judged[0] for code, judged in entry.judgements.items()},
    }


def typed_into(form):
    """Return (what was asked, what was typed) in words, for where it can no longer be saved."""
    rows = []
    for field in form.visible_fields():
        value = field.value()
        if isinstance(value, tuple):
            value = " ".join(value).strip()
        elif value in (True, False):
            value = "yes" if value else ""
        choices = dict(getattr(field.field, "choices", ()))
        rows.append((field.label, choices.get(value, value)))
    return [(label, words) for label, words in rows if words]


class EntryForm(forms.Form):
    """A form about an entry, that remembers which revision of it the person has read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, entry):
        told = {
            "revision": entry.revision,
            "published_on": entry.source.published_on,
            "url": entry.source.url,
        }
        super().__init__(data, initial=told)

    def add_refusal(self, refused):
        """Put what the action refused beside its field."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class PublicationForm(EntryForm):
    published_on = DateField(label="The day it was published")
    url = forms.URLField(
        label="Where it is published",
        help_text="The address of the report or letter on Ofsted’s site.",
        max_length=500,
        assume_scheme="https",
        error_messages={
            "invalid": "Enter a whole address, such as https://files.ofsted.gov.uk/v1/file/50000000"
        },
    )


class WithdrawForm(EntryForm):
    note = forms.CharField(label="Why it is withdrawn", widget=NOTE, max_length=2000)


class ReaderForm(forms.Form):
    """The person to be named as a reader."""

    person = forms.ChoiceField(label="Person", error_messages={"required": "Select who is to read it"})

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        named = [(pk, ", ".join(filter(None, [each.name, each.post]))) for pk, each in self.people.items()]
        self.fields["person"].choices = [("", ""), *named]

    def clean_person(self):
        return self.people[self.cleaned_data["person"]]

    def add_refusal(self, refused):
        self.add_error("person", refused.message)


class RecommendationForm(forms.Form):
    """One recommendation as it is typed."""

    paragraph = forms.CharField(
        label="Paragraph",
        help_text="Where the report makes it, such as 12 or page 4.",
        max_length=Recommendation._meta.get_field("paragraph").max_length,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    text = forms.CharField(
        label="Recommendation",
        widget=WORDS,
        max_length=Recommendation._meta.get_field("text").max_length,
        error_messages={"required": "Enter the recommendation"},
    )
    framework_reference = forms.CharField(
        label="National framework",
        help_text="The outcome or enabler that it belongs to, such as Outcome 2.",
        max_length=Recommendation._meta.get_field("framework_reference").max_length,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )

    def add_refusal(self, refused):
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class RecommendationChangeForm(RecommendationForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, recommendation):
        names = ("paragraph", "text", "framework_reference", "revision")
        told = {name: getattr(recommendation, name) for name in names}
        super().__init__(data, initial=told)


class CloseForm(forms.Form):
    """How a recommendation ended."""

    outcome = forms.ChoiceField(
        label="What became of it?",
        choices=Recommendation.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what became of it"},
    )
    note = forms.CharField(
        label="How it is known", widget=NOTE, max_length=2000, help_text="Or what took its place."
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, recommendation):
        super().__init__(data, initial={"revision": recommendation.revision})

    def add_refusal(self, refused):
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class ReopenForm(CloseForm):
    """Why a recommendation that was closed stands again."""

    outcome = None
    note = forms.CharField(label="Why it stands again", widget=NOTE, max_length=2000)


class SourceForm(forms.Form):
    """Another published report or letter, to write down what it recommends."""

    kind = forms.ChoiceField(
        label="What is it?",
        choices=[("", ""), *((kind.value, kind.label) for kind in OF_SOURCES)],
        error_messages={"required": "Select what kind of report or letter it is"},
    )
    title = forms.CharField(
        label="Its title", max_length=LONGEST_TITLE, error_messages={"required": "Enter its title"}
    )
    dated_on = DateField(label="The date that it bears", error_messages={"required": "Enter its date"})
    url = forms.CharField(
        label="Where it is published", max_length=LONGEST_URL, required=False, help_text="A web address."
    )


class PastedForm(forms.Form):
    pasted = forms.CharField(
        label="The list",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One after another, with or without their numbers.",
    )


class SpreadsheetForm(forms.Form):
    spreadsheet = forms.FileField(
        label="The file",
        help_text="An .xlsx, .ods or .csv file with the columns “Paragraph” and “Recommendation”.",
        widget=forms.FileInput(attrs={"accept": ",".join(FILE_ENDINGS)}),
        error_messages={"required": "Choose the file", "empty": "The file is empty: choose another"},
    )

    def clean_spreadsheet(self):
        spreadsheet = self.cleaned_data["spreadsheet"]
        if not spreadsheet.name.lower().endswith(FILE_ENDINGS):
            raise forms.ValidationError("Choose a file that ends in .xlsx, .ods or .csv")
        return spreadsheet


class CheckedRow(RecommendationForm):
    """One recommendation as it was read from a list, to be corrected or left out; `number` is its place there."""

    def __init__(self, *args, number, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["text"].required = False
        self.fields["text"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["paragraph"].help_text = self.fields["framework_reference"].help_text = ""
        for field in self.fields.values():
            field.optional_is_said = True

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("paragraph") and not cleaned.get("text") and "text" not in self.errors:
            self.add_error(
                "text", f"Enter recommendation {self.number}, or clear its paragraph to leave it out"
            )
        return cleaned

    @property
    def item(self):
        return tuple(self.cleaned_data[name] for name in ("paragraph", "text", "framework_reference"))


class CheckedForm:
    """The recommendations read from a list or spreadsheet, a `CheckedRow` each, sent as one.

    Drawn like a form: it has errors, and fields by iteration.
    """

    def __init__(self, items=(), *, data=None):
        if data is None:
            self.rows = [
                CheckedRow(prefix=f"row-{at}", number=at + 1, initial={"paragraph": paragraph, "text": text})
                for at, (paragraph, text) in enumerate(items)
            ]
        else:
            self.rows = [
                CheckedRow(data, prefix=f"row-{at}", number=at + 1) for at in range(self._sent(data))
            ]
        self.non_field_errors = []
        if data is not None and self.is_valid() and not self.items():
            self.non_field_errors.append("Enter one recommendation at least, or go back")

    def _sent(self, data):
        rows = data.get("rows", "")
        return min(int(rows), MOST_AT_ONCE) if rows.isdecimal() else 0

    def __iter__(self):
        return (field for row in self.rows for field in row)

    @property
    def errors(self):
        return [*self.non_field_errors, *(row.errors for row in self.rows if row.errors)]

    def is_valid(self):
        return not self.errors

    def items(self):
        """Return (paragraph, text) of every row that was not emptied."""
        return [row.item for row in self.rows if row.item[1]]

    def add_refusal(self, refused):
        self.non_field_errors.append(refused.message)


def councils_where(viewer, ability):
    """Return the councils of today where the viewer holds `ability`, by name."""
    return Council.objects.on(viewer.today).filter(viewer.council_filter(ability, "pk")).order_by("name")
