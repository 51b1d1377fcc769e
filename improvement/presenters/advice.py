"""The advice on persistent and systemic failure, in words with its evidence."""

from dataclasses import dataclass

from django.utils.formats import date_format

from improvement.queries.advice import advice_on
from improvement.rules.advice import Answer, apart

_ANSWERS = {Answer.YES: "Yes", Answer.NO: "No", Answer.NOT_COMPUTABLE: "Not computable"}


@dataclass(frozen=True)
class AdviceShown:
    """Lines of (name, answer in words, evidence in words), and one sentence that says the whole."""

    heading: str
    lines: list


def advice_context(council, on, viewer):
    """Return what `improvement/advice.html` takes: {"advice": AdviceShown, or None for who may not see it}."""
    advice = advice_on(council, on, viewer)
    return {"advice": advice and shown(advice)}


def shown(advice):
    """Put an `Advice` in words."""
    systemic = advice.systemic
    lines = []
    if advice.persistent:
        lines += _persistent(advice.persistent)
    lines.append(("Systemic", _ANSWERS[systemic.answer], _why_systemic(systemic)))
    return AdviceShown(_heading(advice), lines)


def _heading(advice):
    persistent = advice.persistent
    said = []
    if persistent and persistent.disagree:
        said.append("whether failure is persistent depends on the dates taken")
    elif persistent and persistent.by_publication.answer is Answer.YES:
        said.append("failure is persistent")
    if advice.systemic.answer is Answer.YES:
        said.append("failure is systemic")
    if not said:
        return "Neither persistent nor systemic, as far as the record shows"
    words = " and ".join(said)
    return f"{words[0].upper()}{words[1:]}"


def _persistent(persistent):
    span = f"within {apart_in_years(persistent.months)}"
    for name, basis, day, event in (
        ("by publication", persistent.by_publication, "published_on", "published"),
        ("by inspection", persistent.by_inspection, "inspected_on", "inspected"),
    ):
        yield f"Persistent, {name}", _ANSWERS[basis.answer], _why(basis, day, event, span)


def _why(basis, day, event, span):
    if basis.answer is Answer.NOT_COMPUTABLE:
        return f"{_named(basis.missing[0])} {_lack(basis.missing[0], day)}."
    if basis.first is None:
        return f"No two inadequate overall grades {event}."
    first, second = getattr(basis.first, day), getattr(basis.second, day)
    within = f"{span}" if basis.answer is Answer.YES else f"not {span}"
    return (
        f"Inadequate overall {event} {_day(first)} ({basis.first.framework}) and {_day(second)} "
        f"({basis.second.framework}): {apart(first, second)} apart, {within}."
    )


def _lack(judged, day):
    if judged.overall is None:
        return "has no overall grade"
    return f"has no known day on which it was {'published' if day == 'published_on' else 'inspected'}"


def _named(judged):
    day = judged.published_on or judged.inspected_on
    return f"The inspection {'published' if judged.published_on else 'of'} {_day(day) if day else 'on a day unknown'}"


def _why_systemic(systemic):
    judged = systemic.judged
    if not judged.areas:
        return f"{_named(judged)} ({judged.framework}) grades no key judgement apart."
    grades = "; ".join(f"{name}: {_grade(grade)}" for name, grade in judged.areas.items())
    return f"{_named(judged)} ({judged.framework}). {grades}."


def _grade(grade):
    return grade.replace("-", " ") if grade else "not known"


def apart_in_years(months):
    """Say a number of months in years where it is whole years: "5 years", "18 months"."""
    years, rest = divmod(months, 12)
    return f"{months} months" if rest else f"{years} years"


def _day(day):
    return date_format(day, "j F Y")
