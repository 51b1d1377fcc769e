"""Forms as the GOV.UK Design System draws them, one template per kind of field: `templates/look/forms/`.

`FORM_RENDERER` names `GovukRenderer`, so every form is drawn so and no form class has to ask for it.
"""

from datetime import date

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class DateParts(forms.Widget):
    """Three boxes: day, month, year. Their names are the field's with `_day`, `_month` and `_year`."""

    template_name = "look/forms/date_parts.html"
    use_fieldset = True
    parts = ("day", "month", "year")

    def value_from_datadict(self, data, files, name):
        return tuple((data.get(f"{name}_{part}") or "").strip() for part in self.parts)

    def value_omitted_from_data(self, data, files, name):
        return not any(f"{name}_{part}" in data for part in self.parts)

    def id_for_label(self, id_, index=None):
        return f"{id_}_day" if id_ else id_

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if isinstance(value, date):
            value = (value.day, value.month, value.year)
        typed = value or ("", "", "")
        context["boxes"] = [
            {
                "name": f"{name}_{part}",
                "id": f"{attrs['id']}_{part}" if attrs and attrs.get("id") else "",
                "label": part.capitalize(),
                "value": typed[place],
                "width": 4 if part == "year" else 2,
            }
            for place, part in enumerate(self.parts)
        ]
        return context


class DateField(forms.Field):
    """A date typed as day, month and year; a month may be its number or its name.

    Cleans to a `date`, or None where nothing was typed and nothing is required.
    """

    widget = DateParts

    def to_python(self, value):
        if value is None or isinstance(value, date):
            return value
        if not any(value):
            return None
        missing = [part for part, typed in zip(DateParts.parts, value, strict=True) if not typed]
        if missing:
            raise forms.ValidationError(
                f"{self.label} must include a {' and a '.join(missing)}", code="incomplete"
            )
        day, month, year = value
        try:
            return date(_four_digits(year), _month(month), int(day))
        except ValueError:
            raise forms.ValidationError(f"{self.label} must be a real date", code="invalid") from None

    def has_changed(self, initial, data):
        try:
            return self.to_python(initial) != self.to_python(data)
        except forms.ValidationError:
            return True


def _month(typed):
    name = typed[:3].lower()
    return MONTHS.index(name) + 1 if name in MONTHS else int(typed)


def _four_digits(typed):
    # Year 26 is a slip for 2026, never the first century.
    if len(typed) != 4:
        raise ValueError(typed)
    return int(typed)


class GovukBoundField(BoundField):
    """A field on its way to a page: which template draws it, its control's class, where its errors are."""

    _control_classes = (
        (forms.CheckboxSelectMultiple, "checkboxes", "govuk-checkboxes__input"),
        (forms.CheckboxInput, "checkbox", "govuk-checkboxes__input"),
        (forms.RadioSelect, "radios", "govuk-radios__input"),
        (forms.Select, "select", "govuk-select"),
        (forms.Textarea, "textarea", "govuk-textarea"),
        (forms.FileInput, "input", "govuk-file-upload"),
        (DateParts, "date", ""),
        (forms.Widget, "input", "govuk-input"),
    )

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        self.kind, self._control_class = next(
            (kind, css) for widget, kind, css in self._control_classes if isinstance(field.widget, widget)
        )
        self._say_what_to_enter()

    def _say_what_to_enter(self):
        """Replace "This field is required" by what to do, which also reads well at the top of the page."""
        if self.field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            self.field.error_messages["required"] = self._what_to_enter(str(self.label))

    def _what_to_enter(self, label):
        if self.kind == "checkbox":
            return f"Tick “{label}”"
        verb = "Select" if self.kind in {"checkboxes", "radios", "select"} else "Enter"
        return f"{verb} {_within_a_sentence(label)}"

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        # The server says what is missing, in a summary that every browser and screen reader shows alike.
        attrs.pop("required", None)
        # A label stays when something is typed; a placeholder doesn't.
        attrs["placeholder"] = False
        if self.kind in {"radios", "checkboxes"}:
            # One radio is neither valid nor invalid; the fieldset is described by the error.
            attrs.pop("aria-invalid", None)
        classes = [self._control_class, widget.attrs.get("class", "")]
        if self.errors and self.kind in {"input", "textarea", "select"}:
            classes.append(f"{self._control_class}--error")
        attrs["class"] = " ".join(filter(None, classes)) or False
        return attrs

    @property
    def template_name(self):
        return self.field.template_name or f"look/forms/{self.kind}.html"

    @property
    def first_input_id(self):
        """Where a link from the error summary leads."""
        if self.kind in {"radios", "checkboxes"}:
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id


def _within_a_sentence(label):
    first, _, _ = label.partition(" ")
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


class GovukRenderer(TemplatesSetting):
    """Draws forms and fields with the templates under `templates/look/forms/`."""

    form_template_name = "look/forms/form.html"
    bound_field_class = GovukBoundField
