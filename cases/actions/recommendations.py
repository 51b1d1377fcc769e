"""Recommendations: what a report or letter tells a council to do, added, corrected, closed and opened again.

Of a source under embargo its named readers alone may do so. No words of one stand in an event.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from cases.actions.embargo import may_write_of
from cases.actions.milestones import Refused, Stale
from cases.models import Recommendation, Source
from history.actions import record_event

MOST_AT_ONCE = 200


@transaction.atomic
def add_recommendations(source, *, items, by, on):
    """Add `items`, each (paragraph, text), with the numbers after the last, and return them. All or none.

    An item may say, third, to which outcome of the national framework it belongs, such as "Outcome 2".
    """
    source = _locked_source(source, by)
    return write_recommendations(source, items, by=by, on=on)


@transaction.atomic
def write_recommendations(source, items, *, by, on):
    """Add `items` as `add_recommendations` does. A part of the action that knows the source is `by`'s to write on."""
    items = [
        (paragraph.strip(), text.strip(), "".join(framework).strip()) for paragraph, text, *framework in items
    ]
    _refuse_wrong(items)
    last = source.recommendations.aggregate(last=Max("number"))["last"] or 0
    added = [
        Recommendation.objects.create(
            council_id=source.council_id,
            source=source,
            number=number,
            paragraph=paragraph,
            text=text,
            framework_reference=framework,
            entered_on=on,
        )
        for number, (paragraph, text, framework) in enumerate(items, last + 1)
    ]
    record_event(
        "recommendations-added",
        by=by,
        on=on,
        subject=source,
        council_code=source.council.la_code,
        source_id=source.pk,
        data={"numbers": [one.number for one in added]},
    )
    return added


def _refuse_wrong(items):
    if not items:
        raise Refused("Enter at least one recommendation", "items")
    if len(items) > MOST_AT_ONCE:
        raise Refused(f"These are {len(items)}. Add at most {MOST_AT_ONCE} at once", "items")
    for place, (paragraph, text, framework) in enumerate(items, 1):
        _refuse_wrong_words(paragraph, text, framework, f"Recommendation {place}", field="items")


def _refuse_wrong_words(paragraph, text, framework, named, *, field=""):
    words = ("paragraph", "text", "framework_reference")
    longest = {name: Recommendation._meta.get_field(name).max_length for name in words}
    if not text:
        raise Refused(f"{named} has no words. Enter what the council is told to do", field or "text")
    if len(text) > longest["text"]:
        raise Refused(
            f"{named} is {len(text):,} characters long. Shorten it to {longest['text']:,}", field or "text"
        )
    if len(paragraph) > longest["paragraph"]:
        raise Refused(
            f"{named}: the paragraph must be {longest['paragraph']} characters or fewer, such as 12",
            field or "paragraph",
        )
    if len(framework) > longest["framework_reference"]:
        raise Refused(
            f"{named}: the national framework’s outcome must be {longest['framework_reference']} characters or "
            "fewer, such as Outcome 2",
            field or "framework_reference",
        )


@transaction.atomic
def change_recommendation(recommendation, *, paragraph, text, framework_reference=None, by, on, revision):
    """Correct its words, its paragraph or its outcome of the national framework; None: that stays.

    Raises Stale where somebody changed it since.
    """
    recommendation = _locked(recommendation, by, revision)
    paragraph, text = paragraph.strip(), text.strip()
    framework = recommendation.framework_reference if framework_reference is None else framework_reference
    framework = framework.strip()
    _refuse_wrong_words(paragraph, text, framework, "The recommendation")
    recommendation.paragraph, recommendation.text = paragraph, text
    recommendation.framework_reference = framework
    return _save("recommendation-changed", recommendation, by=by, on=on)


@transaction.atomic
def close_recommendation(recommendation, *, outcome, note, by, on, revision):
    """Close it from `on`: met, superseded or entered by mistake, with a note that says by what or why."""
    recommendation = _locked(recommendation, by, revision)
    if recommendation.outcome:
        raise Refused(f"It is closed already: {recommendation.get_outcome_display().lower()}")
    if outcome not in Recommendation.Outcome.values:
        raise Refused("Choose why it is closed", "outcome")
    recommendation.outcome, recommendation.closed_on = outcome, on
    recommendation.outcome_note = _note(note, "Enter a note that says how it is known")
    return _save("recommendation-closed", recommendation, by=by, on=on, outcome=str(outcome))


@transaction.atomic
def reopen_recommendation(recommendation, *, note, by, on, revision):
    """Open one again that was closed by mistake; the note says why, in its history."""
    recommendation = _locked(recommendation, by, revision)
    if not recommendation.outcome:
        raise Refused("It is open")
    note, undone = _note(note, "Enter why it is opened again"), recommendation.outcome
    recommendation.outcome, recommendation.closed_on, recommendation.outcome_note = "", None, ""
    return _save("recommendation-reopened", recommendation, by=by, on=on, undone=undone, note=note)


def _note(note, missing):
    note = note.strip()
    if not note:
        raise Refused(missing, "note")
    if len(note) > 2000:
        raise Refused("Shorten the note to 2,000 characters", "note")
    return note


def _locked_source(source, by):
    source = Source.objects.select_related("council").select_for_update(of=("self",)).get(pk=source.pk)
    if not may_write_of(source, by):
        raise PermissionDenied
    return source


def _locked(recommendation, by, revision):
    current = (
        Recommendation.objects.select_related("source", "council")
        .select_for_update(of=("self",))
        .get(pk=recommendation.pk)
    )
    if not may_write_of(current.source, by):
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    return current


def _save(kind, recommendation, *, by, on, **data):
    recommendation.revision += 1
    recommendation.save()
    record_event(
        kind,
        by=by,
        on=on,
        subject=recommendation,
        council_code=recommendation.council.la_code,
        source_id=recommendation.source_id,
        data={"number": recommendation.number, **data},
    )
    return recommendation
