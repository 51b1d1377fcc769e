"""Forms as people meet them: labels, hints, what is wrong and where."""

from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string

from look.forms import DateField


class Answer(forms.Form):
    said_by = forms.CharField(label="Who said so", help_text="Name and post")
    reason = forms.ChoiceField(
        choices=[("letter", "A letter says so"), ("agreed", "Agreed")], widget=forms.RadioSelect
    )
    met_on = DateField(label="Date met")
    sure = forms.BooleanField(label="I have read the letter")
    note = forms.CharField(widget=forms.Textarea, required=False)


def typed(day="", month="", year=""):
    return {"met_on_day": day, "met_on_month": month, "met_on_year": year}


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", " 3 "])
def test_a_month_may_be_typed_as_a_number_or_a_name(month):
    form = Answer(typed("27", month, "2026"))
    form.full_clean()
    assert form.cleaned_data["met_on"] == date(2026, 3, 27)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("31", "2", "2026"), "Date met must be a real date"),
        (("27", "Marchember2", "26"), "Date met must be a real date"),
        (("x", "2", "2026"), "Date met must be a real date"),
        (("27", "3", ""), "Date met must include a year"),
        (("", "3", ""), "Date met must include a day and a year"),
        (("", "", ""), "Enter date met"),
    ],
)
def test_a_date_that_is_none_is_refused_with_what_to_put_right(parts, message):
    assert Answer(typed(*parts)).errors["met_on"] == [message]


def test_an_optional_date_left_blank_is_none():
    class Optional(forms.Form):
        met_on = DateField(label="Date met", required=False)

    form = Optional(typed())
    assert form.is_valid()
    assert form.cleaned_data["met_on"] is None


def test_what_was_typed_stays_in_its_boxes_when_the_date_is_refused():
    drawn = str(Answer(typed("31", "2", "2026"))["met_on"])
    for value in ("31", "2", "2026"):
        assert f'value="{value}"' in drawn


def test_a_date_known_beforehand_fills_the_boxes():
    drawn = str(Answer(initial={"met_on": date(2026, 3, 27)})["met_on"])
    assert 'name="met_on_day" type="text" inputmode="numeric" value="27"' in drawn


def test_a_date_sent_back_as_it_was_has_not_changed():
    initial = {"met_on": date(2026, 3, 27)}
    assert "met_on" not in Answer(typed("27", "3", "2026"), initial=initial).changed_data
    assert "met_on" in Answer(typed("28", "3", "2026"), initial=initial).changed_data


def test_a_blank_required_field_says_what_to_do():
    errors = Answer({}).errors
    assert errors["said_by"] == ["Enter who said so"]
    assert errors["reason"] == ["Select reason"]
    assert errors["sure"] == ["Tick “I have read the letter”"]


def test_a_form_s_own_words_for_a_blank_field_are_kept():
    class Own(forms.Form):
        name = forms.CharField(error_messages={"required": "Say who told you"})

    assert Own({}).errors["name"] == ["Say who told you"]


def test_a_label_keeps_its_capitals_within_a_sentence():
    class Letter(forms.Form):
        sent_on = DateField(label="DfE letter")

    assert Letter({}).errors["sent_on"] == ["Enter DfE letter"]


def test_every_link_of_the_error_summary_leads_to_an_input_of_the_form():
    form = Answer(typed("31", "2", "2026"))
    summary = render_to_string("look/forms/error_summary.html", {"form": form})
    drawn = str(form)
    targets = [part.split('"')[0] for part in summary.split('href="#')[1:]]
    assert targets == ["id_said_by", "id_reason_0", "id_met_on_day", "id_sure"]
    for target in targets:
        assert f'id="{target}"' in drawn


def test_an_error_that_belongs_to_no_field_stands_in_the_summary():
    form = Answer({})
    form.add_error(None, "Somebody else answered first")
    assert "Somebody else answered first" in render_to_string("look/forms/error_summary.html", {"form": form})


def test_a_control_is_described_by_its_hint_and_its_error():
    drawn = str(Answer({})["said_by"])
    assert 'aria-describedby="id_said_by_helptext id_said_by_error"' in drawn
    drawn = str(Answer({}))
    assert 'id="id_said_by_helptext"' in drawn
    assert 'id="id_said_by_error"' in drawn


def test_a_group_of_radios_is_one_fieldset_with_its_question_as_legend():
    drawn = Answer({})["reason"].as_field_group()
    assert drawn.count("<fieldset") == 1
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_reason_error">' in drawn
    assert 'govuk-fieldset__legend--s">Reason</legend>' in drawn


def test_only_a_field_that_may_stay_blank_is_marked():
    drawn = str(Answer())
    assert "Note (optional)" in drawn
    assert drawn.count("(optional)") == 1


def test_a_page_whose_form_has_errors_says_so_in_its_title():
    assert "<title>Error: " in render_to_string("403.html", {"form": Answer({})})
    assert "Error: " not in render_to_string("403.html", {"form": Answer()})
