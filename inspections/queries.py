"""What the page of one inspection reads, and how a named reader finds it. A fixed number of queries each."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.permissions import Ability
from cases.actions.embargo import may_write_of
from cases.models import EmbargoAccess, EmbargoView, Flag, Milestone, Recommendation, Source
from inspections.actions import forms_in_use
from inspections.models import EnteredInspection, Framework, Inspection, JudgementArea
from inspections.rules import form_for

# How many looks the page lists; the log itself keeps every one.
VIEWS_SHOWN = 100


@dataclass(frozen=True)
class Told:
    """One judgement as the page shows it: its area, the grade, and the word of its form."""

    area: JudgementArea
    grade: str
    word: str


@dataclass
class InspectionPage:
    """One inspection or visit as its own page shows it to one viewer.

    `entry` is None where it was imported alone, `inspection` where the world doesn't know of it yet. Of one under
    embargo, and of one that was, its named readers, while they have to do with the council, see who else reads it
    (`readers`) and who looked (`views`).
    `milestones` each have `raised`, their open flags, `due_then`, `paused_then` and `answerable`.
    """

    source: Source
    entry: EnteredInspection | None
    inspection: Inspection | None
    form: Framework | None
    judgements: list[Told]
    milestones: list[Milestone]
    recommendations: list[Recommendation]
    readers: list[EmbargoAccess]
    views: list[EmbargoView]
    may_change: bool

    @property
    def council(self):
        return self.source.council

    @property
    def in_confidence(self):
        return self.source.is_restricted


def inspection_page(source_pk, viewer):
    """Return the `InspectionPage` of a report or letter that the viewer may see, or None where there is none.

    A published one is everybody's; a restricted one is its named readers'. Milestones and recommendations of a
    published one are shown within the viewer's scope.
    """
    source = _source(source_pk, viewer)
    if source is None:
        return None
    entry, inspection = source.told_by
    form = inspection.framework if inspection else _form(entry)
    in_confidence = source.is_restricted
    readers = list(source.readers.on(viewer.today).select_related("person", "named_by"))
    named = any(reader.person_id == viewer.person_id for reader in readers)
    reads = in_confidence or (named and viewer.may_at(Ability.SEE_CASES, source.council_id))
    return InspectionPage(
        source=source,
        entry=entry,
        inspection=inspection,
        form=form,
        judgements=_judgements(entry, inspection, form),
        milestones=_milestones(source, viewer),
        recommendations=_recommendations(source, viewer),
        readers=readers if reads else [],
        views=list(source.views.select_related("person")[:VIEWS_SHOWN]) if reads else [],
        may_change=may_write_of(source, viewer),
    )


def findable(viewer, council, day):
    """Return the sources under embargo at `council` that the viewer may read and of which `day` is a day.

    For a named reader who knows which: first day on site, notification, any day of the entry's. One query.
    """
    days = ("notified_on", "inspected_on", "ended_on", "draft_received_on", "expected_on")
    of_the_entry = Q()
    for name in days:
        of_the_entry |= Q(**{f"entry__{name}": day})
    return list(
        Source.objects.read_in_confidence_by(viewer)
        .filter(of_the_entry | Q(received_on=day), council=council, entry__withdrawn_on=None)
        .exclude(entry=None)
        .select_related("entry", "council")
        .order_by("pk")
    )


def _source(source_pk, viewer):
    """Fetch it with its entry and its inspection (`told_by`); None where neither tells of it."""
    theirs = Source.objects.read_in_confidence_by(viewer).values("pk")
    source = (
        Source.objects.filter(Q(access=Source.Access.PUBLIC) | Q(pk__in=theirs), pk=source_pk)
        .filter(Q(entry__isnull=False) | Q(inspection__isnull=False))
        .select_related("council", "entry", "inspection__framework")
        .first()
    )
    if source is not None:
        source.told_by = (getattr(source, "entry", None), getattr(source, "inspection", None))
    return source


def _form(entry):
    if entry.inspected_on is None:
        return None
    form = form_for(forms_in_use(), entry.family, entry.inspected_on)
    return Framework.objects.get(slug=form.slug) if form else None


def _judgements(entry, inspection, form):
    """The judgements in the framework's order: as merged, once the world knows; before, as entered."""
    if form is None:
        return []
    if inspection is not None:
        found = {one.area_id: (one.grade, one.word) for one in inspection.judgements.all()}
        areas = [(area, found.get(area.pk)) for area in form.areas.all()]
    else:
        areas = [(area, entry.judgements.get(area.code)) for area in form.areas.all()]
    return [Told(area, told[0], told[1]) for area, told in areas if told is not None]


def _within_sight(rows, source, viewer):
    """Those of rows that rest on `source` which the viewer may see on its own page."""
    return rows.in_confidence_to(viewer) if source.is_restricted else rows.visible_to(viewer)


def _milestones(source, viewer):
    milestones = _within_sight(Milestone.objects.filter(source=source), source, viewer)
    answerable = Milestone.objects.answerable_by(viewer).filter(pk=OuterRef("pk"))
    return list(
        milestones.exclude(outcome=Milestone.Outcome.WITHDRAWN)
        .as_at(viewer.today)
        .annotate(answerable=Exists(answerable))
        .select_related("council", "case", "rule", "assignee")
        .prefetch_related(Prefetch("flags", Flag.objects.raised(), to_attr="raised"))
        .order_by("due_on", "pk")
    )


def _recommendations(source, viewer):
    recommendations = _within_sight(Recommendation.objects.filter(source=source), source, viewer)
    return list(recommendations.select_related("council", "source").order_by("number"))
