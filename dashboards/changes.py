"""What changed in the record since a person last looked, read from the events of what they may see."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Ability
from cases.models import Case, Contact, Milestone, Source
from councils.models import Council
from dashboards.queries import Graded, with_judgements
from history.models import Event
from improvement.models import (
    Intervention,
    PlanVersion,
    Question,
    Release,
    Update,
    between_council_and_lga,
)
from inspections.models import Inspection
from peer_reviews.models import Stage, StepKind
from peer_reviews.queries.home import with_reader

DAYS_WITHOUT_A_LOOK = 7
# What enters the record now may be years old: the first files brought seventeen years of reports and cases.
DAYS_IT_IS_NEWS = 180
READ_AT_MOST = 1000

REPORT = "inspection-added"
MET = "milestone-met"
# A date moves with each of these, where the event says from which day to which.
MOVED = ("milestone-moved", "milestone-resumed", "milestone-corrected")
OPENED = ("case-opened", "intervention-opened")
CASES = (*OPENED, "episode-confirmed", "intervention-joined", "intervention-closed")
CONTACT = "contact-logged"
# Of plans and updates what left the house, and what was said of it. Drafting is no news.
ANSWERED, RELEASED = "plan-answered", "plan-released"
TO_OUTSIDERS = ("plan-sent", ANSWERED)
BETWEEN = ("plan-approved", "plan-shared", "plan-said-ready", "plan-commented")
SUBMITTED, ASKED, REPLIED = "update-submitted", "update-questioned", "question-answered"
OFFERED, STAGE, PUBLISHED = "review-offered", "review-stage-changed", "review-published"
REVIEWS = (OFFERED, STAGE, PUBLISHED)
# What a review's stage tells by itself: of its steps only that the council gave what it was asked for is news besides.
TOLD_BY_STAGE = {step.label for step in StepKind} - {StepKind.POSITION_STATEMENT.label}
EACH_ITS_OWN = (*MOVED, ANSWERED, *REVIEWS)
PLANS = (*TO_OUTSIDERS, *BETWEEN, RELEASED, SUBMITTED, ASKED, REPLIED)


@dataclass
class Change:
    """One event with what it is about: a `Graded` inspection, a milestone, a case, a contact, a version of a plan, an
    update, a question about one, or a peer review."""

    event: Event
    about: object
    council: Council


@dataclass
class Changes:
    """What changed after `since`, the latest first, read at `until`.

    `looked`: whether the person said so on that moment; else it is some days ago. `more`: whether there is more
    than was read.
    """

    since: datetime
    until: datetime
    looked: bool
    changes: list[Change] = field(default_factory=list)
    more: bool = False


def changes(*, viewer):
    """Return the `Changes` that the viewer, a person, may see, their own doings left out. Twelve queries at most.

    Nothing that rests on a restricted source is among them, for named readers too (rules, section 2, point 5).
    """
    # The database's clock stamps events, so it says when the page was made: a server's own may differ.
    reader = Person.objects.filter(pk=viewer.person_id).order_by()
    look, now = reader.values_list("last_look__at", Now()).get()
    found = Changes(
        since=look or now - timedelta(days=DAYS_WITHOUT_A_LOOK), until=now, looked=look is not None
    )
    events = _events(found, viewer)
    found.more = len(events) > READ_AT_MOST
    found.changes = _with_subjects(events[:READ_AT_MOST], viewer)
    return found


def _events(found, viewer):
    """Read the events of the viewer's councils in that time, with the name of whoever did it (`by_name`)."""
    cases = Case.objects.visible_to(viewer).filter(council=OuterRef("pk"))
    councils = Council.objects.filter(viewer.council_filter(Ability.SEE_CASES, "pk") | Q(Exists(cases)))
    told = Event.objects.filter(
        _is_news(viewer),
        at__gt=found.since,
        at__lte=found.until,
        council_code__in=councils.values("la_code"),
    )
    told = told.exclude(by_id=viewer.person_id) if viewer.person_id else told
    if not found.looked:
        # What was entered now about long ago is no news to somebody of whom nothing is known.
        told = told.filter(on__gte=timezone.localdate(found.since))
    restricted = Source.objects.restricted().values("pk")
    name = Person.objects.filter(pk=OuterRef("by_id")).values("name")[:1]
    told = told.exclude(source_id__isnull=False, source_id__in=restricted)
    return list(told.annotate(by_name=Subquery(name))[: READ_AT_MOST + 1])


def _is_news(viewer):
    recent = viewer.today - timedelta(days=DAYS_IT_IS_NEWS)
    reports = Inspection.objects.filter(known_on__gt=recent, known_on__lte=viewer.today)
    long_open = Intervention.objects.filter(began_on__lte=recent)
    return (
        Q(kind__in=[MET, CONTACT, *CASES, *PLANS, *REVIEWS])
        & ~Q(kind__in=OPENED, subject_id__in=long_open.values("case"))
        | Q(kind__in=MOVED, data__has_keys=["old", "new"])
        | Q(kind=REPORT, subject_id__in=reports.values("pk"))
    )


def _with_subjects(events, viewer):
    """Return a `Change` for each event whose subject the viewer sees and that still holds."""
    subjects = {
        "milestone": _found(events, "milestone", _milestones(viewer), "council", "case"),
        "case": _found(events, "case", _interventions(viewer), "council"),
        "contact": _found(events, "contact", Contact.objects.visible_to(viewer), "council"),
        "inspection": _inspections(events),
        "planversion": _found(events, "planversion", _versions(viewer), "plan__council"),
        "update": _found(events, "update", Update.objects.visible_to(viewer), "plan__council"),
        "question": _found(events, "question", Question.objects.visible_to(viewer), "update__plan__council"),
        "peerreview": _found(events, "peerreview", with_reader(viewer), "case__council", "kind"),
    }
    told, seen = [], set()
    for event in events:
        about = subjects.get(event.subject_kind, {}).get(event.subject_id)
        if about is None or not _holds(event, about) or not _told_to(event, about, viewer):
            continue
        # Opened and confirmed, met twice, commented on: once is news, as it stands last. Every move of a date is its
        # own, and every letter about a plan.
        once = (event.subject_kind, event.subject_id, event.kind if event.kind in PLANS else "")
        if event.kind in EACH_ITS_OWN or once not in seen:
            told.append(Change(event, about, _council(about)))
        if event.kind not in EACH_ITS_OWN:
            seen.add(once)
    return told


def _interventions(viewer):
    """The cases whose opening is told. That of a review is told as its offer, to those who read reviews."""
    return Case.objects.visible_to(viewer).filter(kind=Case.Kind.INTERVENTION)


def _milestones(viewer):
    """Those told one by one. Of a plan's actions, and of an update that falls due, its own news tells."""
    return Milestone.objects.visible_to(viewer).filter(of_plan=False, update=None)


def _versions(viewer):
    """The versions that the viewer reads, with `between`: whether they hear what council and LGA say to each other."""
    near = PlanVersion.objects.filter(between_council_and_lga(viewer, "plan"), pk=OuterRef("pk"))
    return PlanVersion.objects.visible_to(viewer).annotate(between=Exists(near)).prefetch_related("replies")


def _told_to(event, about, viewer):
    """Say whether what happened to a version, update or review the viewer reads is theirs to know.

    Rule: section 7.
    """
    if event.kind in BETWEEN:
        return about.between
    if event.kind == RELEASED:
        audience = event.data["audience"]
        return audience in Release.Audience.values and viewer.may(Release.READ_WITH[audience])
    if event.kind in REVIEWS:
        # Who reads what a council has published learns that it did, and nothing of how it came about.
        return about.is_inside or event.kind == PUBLISHED
    return True


def _found(events, kind, visible, *related):
    wanted = {event.subject_id for event in events if event.subject_kind == kind}
    return visible.filter(pk__in=wanted).select_related(*related).in_bulk()


def _inspections(events):
    wanted = {event.subject_id for event in events if event.kind == REPORT}
    rows = with_judgements(Inspection.objects.filter(pk__in=wanted)).select_related("framework", "council")
    return {one.pk: Graded(one, list(one.judgements.all())) for one in rows}


def _holds(event, about):
    """Say whether what the event tells is still so: what was undone since is no news."""
    if event.kind == MET:
        is_told = about.of_review and about.case_id and about.label in TOLD_BY_STAGE
        return about.outcome == Milestone.Outcome.MET and not is_told
    if event.kind == STAGE:
        return event.data.get("after") in Stage.values
    if event.kind in MOVED:
        return event.data["old"] != event.data["new"] and about.outcome != Milestone.Outcome.WITHDRAWN
    if event.kind == ANSWERED:
        said = (event.data["kind"], event.data["dated_on"])
        return any((each.kind, each.dated_on.isoformat()) == said for each in about.replies.all())
    if event.kind in CASES:
        return about.standing != Case.Standing.WITHDRAWN
    return True


def _council(about):
    if isinstance(about, Graded):
        return about.inspection.council
    if isinstance(about, Question):
        return about.update.plan.council
    # A review knows its council by its case.
    return about.plan.council if isinstance(about, PlanVersion | Update) else about.council
