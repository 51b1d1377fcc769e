"""Inspections entered by hand, event by event, from the first call until publication is confirmed.

What is entered is under embargo, or not for publication, until a person confirms its publication or an import of the
same inspection does; never because a day has passed. Rule: section 2, points 5 and 6. Its events say what happened
and never a grade.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.permissions import Ability
from cases.actions import Refused, Stale, withdraw_milestones
from cases.actions.embargo import make_first_reader, may_write_of
from cases.models import Milestone, Source
from history.actions import record_event
from inspections.actions.clocks import keep_receipt_clocks
from inspections.actions.rebuilding import forms_in_use, one_at_a_time, rebuild_inspections
from inspections.models import EnteredInspection, Framework, Grade, GradeWord, Inspection, SourceRow
from inspections.rules import VISITS, form_for
from inspections.signals import outcomes_published

# What happens, in its order, as it is said where two days contradict each other.
IN_ORDER = {
    "notified_on": "The day of notification",
    "inspected_on": "The first day on site",
    "ended_on": "The last day on site",
    "draft_received_on": "The day the draft was received",
    "received_on": "The day the final report was received",
}
OF_THE_ENTRY = (
    "kind",
    "family",
    "notified_on",
    "inspected_on",
    "ended_on",
    "draft_received_on",
    "expected_on",
    "judgements",
    "priority_action",
)
FACTS = frozenset({*OF_THE_ENTRY, "received_on", "never_published", "title", "url"})
GRADED = (*Inspection.FULL, Inspection.Kind.TARGETED)


@transaction.atomic
def enter_inspection(*, council, facts, by, on):
    """Enter an inspection or visit of `council`, under embargo, and return the EnteredInspection.

    `facts`: any of FACTS; `judgements` as {area code: grade}. Whoever enters it becomes its first named reader.
    Receipt of the final report starts its clocks. Raises PermissionDenied or Refused.
    """
    if not by.may_at(Ability.ENTER_INSPECTIONS, council):
        raise PermissionDenied
    one_at_a_time({council.pk})
    entry = EnteredInspection(council=council, entered_on=on, source=Source(council=council))
    _take(entry, facts, on)
    entry.source.save()
    entry.source_id = entry.source.pk
    entry.save()
    make_first_reader(entry.source, by=by, on=on)
    _record("inspection-entered", entry, by=by, on=on)
    return _bring_in_line(entry, by=by, on=on)


@transaction.atomic
def change_inspection(entry, *, facts, by, on, revision):
    """Correct an entry, or enter what happened since; facts not given stay. Its clocks follow. Returns it.

    Raises PermissionDenied, Refused, or Stale where somebody changed it since.
    """
    entry = _locked(entry, by, revision)
    published_by_file = entry.published_on is None and _is_told_by_a_file(entry)
    changed = _take(entry, facts, on)
    entry.source.save()
    _save(entry)
    _record("inspection-entry-changed", entry, by=by, on=on, facts=changed)
    entry = _bring_in_line(entry, by=by, on=on)
    if published_by_file and not _is_told_by_a_file(entry):
        raise Refused(
            "A published file tells of this inspection, and not of one of that kind and day. Withdraw this entry, "
            "and enter the other one under embargo",
            "inspected_on",
        )
    return entry


def _is_told_by_a_file(entry):
    """Say whether a file tells of its inspection: where nobody confirmed publication, that alone published it."""
    return SourceRow.objects.filter(inspection=entry.inspection_id, inspection__isnull=False).exists()


@transaction.atomic
def withdraw_inspection(entry, *, note, by, on, revision):
    """Take back an entry made by mistake, with all that runs from it. What files tell of it stays. Returns it.

    One whose publication was confirmed by mistake, and of which no file tells, is its readers' alone again.
    """
    entry = _locked(entry, by, revision)
    if not note.strip():
        raise Refused("Enter why it is withdrawn", "note")
    entry.withdrawn_on = on
    _save(entry)
    _record("inspection-entry-withdrawn", entry, by=by, on=on, note=note.strip())
    return _bring_in_line(entry, by=by, on=on)


@transaction.atomic
def confirm_publication(entry, *, published_on, url, by, on, revision):
    """Record that the report or letter was published on `published_on`, at `url`: the embargo ends. Returns the entry.

    The inspection joins the record and those rooms that act on a publication hear of it, in this transaction. Once
    published, it corrects the day and the address. Raises PermissionDenied, Refused or Stale.
    """
    entry = _locked(entry, by, revision)
    _refuse_publication(entry, published_on, on)
    entry.published_on, entry.url = published_on, _web_address(url)
    entry.confirmed_on = entry.confirmed_on or on
    source = entry.source
    source.access, source.published_on, source.url = Source.Access.PUBLIC, published_on, entry.url
    source.save()
    _save(entry)
    _record("publication-confirmed", entry, by=by, on=on, published_on=published_on.isoformat())
    return _bring_in_line(entry, by=by, on=on)


def _refuse_publication(entry, published_on, on):
    if entry.source.access == Source.Access.NEVER:
        raise Refused("It is not for publication. Change that first, if it was published after all")
    if not entry.kind:
        raise Refused("Enter what kind of inspection it was before its publication", "kind")
    if entry.inspected_on is None:
        raise Refused("Enter the first day on site before its publication", "inspected_on")
    if published_on is None:
        raise Refused("Enter the day it was published", "published_on")
    if published_on > on:
        raise Refused("The day it was published must be today or earlier", "published_on")
    if published_on < entry.inspected_on:
        raise Refused("The day it was published can’t be before the first day on site", "published_on")


def _bring_in_line(entry, *, by, on):
    """Let everything that rests on an entry follow it, and return the entry as it then is.

    What the world knows is rebuilt, since an import may have told of it first; then the clocks.
    """
    rebuilt = rebuild_inspections({entry.council_id}, by=by, on=on)
    entry = EnteredInspection.objects.select_related("source", "council", "inspection").get(pk=entry.pk)
    keep_receipt_clocks(entry, by=by, on=on)
    if rebuilt.councils or not entry.source.is_restricted:
        outcomes_published.send(EnteredInspection, councils={entry.council_id}, by=by, on=on)
    if entry.withdrawn_on and not Inspection.objects.filter(source=entry.source_id).exists():
        withdraw_milestones(Milestone.objects.filter(source=entry.source_id), by=by, on=on)
        _close(entry.source)
    return entry


def _close(source):
    """Put a source under embargo again: what was withdrawn was not published, and no file tells of it."""
    if not source.is_restricted:
        source.access = Source.Access.EMBARGOED
        source.save(update_fields=["access"])


def _locked(entry, by, revision):
    """Fetch the entry again, its council locked. PermissionDenied where `by` may not act; Stale when changed."""
    one_at_a_time({entry.council_id})
    current = EnteredInspection.objects.select_related("source", "council").get(pk=entry.pk)
    if not may_write_of(current.source, by):
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    if current.withdrawn_on:
        raise Refused("It was withdrawn as entered by mistake")
    return current


def _save(entry):
    entry.revision += 1
    entry.save()


def _record(kind, entry, *, by, on, **data):
    record_event(
        kind,
        by=by,
        on=on,
        subject=entry,
        council_code=entry.council.la_code,
        source_id=entry.source_id,
        data=data,
    )


def _take(entry, facts, on):
    """Set the facts given on an entry and its source, unsaved, refuse what can't be, and name those that changed."""
    unknown = set(facts) - FACTS
    if unknown:
        raise ValueError(f"No facts of an inspection: {sorted(unknown)}")
    before = _told(entry)
    source = entry.source
    for name in OF_THE_ENTRY:
        if name in facts and name != "judgements":
            setattr(entry, name, facts[name])
    entry.kind, entry.family = entry.kind or "", entry.family or "ilacs"
    entry.priority_action = bool(entry.priority_action)
    if "received_on" in facts:
        source.received_on = facts["received_on"]
        source.received_assumed = source.received_on is None
    _refuse_wrong_kind(entry)
    _refuse_wrong_dates(entry, on)
    if "judgements" in facts:
        entry.judgements = {area: [grade] for area, grade in (facts["judgements"] or {}).items() if grade}
    entry.judgements = _judged(entry)
    _set_access(entry, facts)
    source.kind = Source.Kind.VISIT_LETTER if entry.kind in VISITS else Source.Kind.INSPECTION_REPORT
    source.title = _title(entry, facts)
    source.dated_on = entry.inspected_on
    if facts.get("url") is not None and source.is_restricted:
        source.url = _web_address(facts["url"]) if facts["url"] else ""
    return sorted(name for name, value in _told(entry).items() if value != before[name])


def _told(entry):
    source = entry.source
    of_source = {name: getattr(source, name) for name in ("received_on", "title", "url", "access")}
    return {name: getattr(entry, name) for name in OF_THE_ENTRY} | of_source


def _refuse_wrong_kind(entry):
    if entry.kind and entry.kind not in Inspection.Kind.values:
        raise Refused("Choose what kind of inspection or visit it was", "kind")
    if not Framework.objects.filter(family=entry.family).exists():
        raise Refused("Choose the framework", "family")
    if entry.priority_action and entry.kind not in VISITS:
        raise Refused("Only the letter of a visit can ask for priority action", "priority_action")


def _refuse_wrong_dates(entry, on):
    days = {name: getattr(entry, name, None) for name in IN_ORDER} | {"received_on": entry.source.received_on}
    earlier = ""
    for name, words in IN_ORDER.items():
        if days[name] is None:
            continue
        if days[name] > on:
            raise Refused(f"{words} must be today or earlier", name)
        if earlier and days[name] < days[earlier]:
            before = IN_ORDER[earlier]
            raise Refused(f"{words} can’t be before {before[0].lower()}{before[1:]}", name)
        earlier = name
    if entry.expected_on and entry.inspected_on and entry.expected_on < entry.inspected_on:
        raise Refused("The day publication is expected can’t be before the first day on site", "expected_on")
    if entry.inspected_on and form_for(forms_in_use(), entry.family, entry.inspected_on) is None:
        raise Refused(f"{entry.family.upper()} was not in use on that day", "inspected_on")


def _judged(entry):
    """The judgements as a row keeps them, {area: [grade, word, restated]}, with the word of the entry's form."""
    if not entry.judgements:
        return {}
    if entry.kind not in GRADED:
        kind = f"A {Inspection.Kind(entry.kind).label.lower()} gives no grades" if entry.kind else ""
        raise Refused(
            kind or "Choose what kind of inspection it was: not every kind gives grades",
            "judgements" if kind else "kind",
        )
    if entry.inspected_on is None:
        raise Refused(
            "Enter the first day on site: it decides which areas are graded, and in which words",
            "inspected_on",
        )
    form = form_for(forms_in_use(), entry.family, entry.inspected_on)
    framework = Framework.objects.get(slug=form.slug)
    words = dict(GradeWord.objects.filter(framework=framework).values_list("grade", "word"))
    return {
        area: [grade, _word(area, grade, framework, form.areas, words), False]
        for area, (grade, *_) in sorted(entry.judgements.items())
    }


def _word(area, grade, framework, areas, words):
    if area not in areas:
        if area == "overall":
            raise Refused(f"{framework.short_name} gives no overall grade. Leave it empty", "judgements")
        raise Refused(f"{framework.short_name} does not grade this area. Leave it empty", "judgements")
    if grade not in words and grade != Grade.NO_CASES:
        raise Refused("Choose a grade of this framework", "judgements")
    return words.get(grade, Grade.NO_CASES.label)


def _set_access(entry, facts):
    """Set who may know: under embargo, or never for publication, until publication is confirmed."""
    source = entry.source
    if source.pk is None:
        source.access = Source.Access.EMBARGOED
    if "never_published" in facts:
        if facts["never_published"] and not source.is_restricted:
            raise Refused("It is published already", "never_published")
        if source.is_restricted:
            source.access = Source.Access.NEVER if facts["never_published"] else Source.Access.EMBARGOED
    if source.access == Source.Access.NEVER and entry.kind not in VISITS:
        raise Refused("Only the letter of a visit can be not for publication", "never_published")


def _title(entry, facts):
    given = (facts.get("title") or "").strip()
    if len(given) > 200:
        raise Refused("Shorten the title to 200 characters", "title")
    if given or (entry.source.title and "title" not in facts and "kind" not in facts):
        return given or entry.source.title
    kind = Inspection.Kind(entry.kind).label.lower() if entry.kind else "inspection"
    return f"{entry.family.upper()} {kind} {'letter' if entry.kind in VISITS else 'report'}"


def _web_address(url):
    url = (url or "").strip()
    try:
        URLValidator(schemes=["https"])(url)
    except ValidationError:
        raise Refused("Enter the address of the published report, beginning with https://", "url") from None
    if len(url) > 500:
        raise Refused("The address is longer than 500 characters. Enter a shorter one", "url")
    return url
