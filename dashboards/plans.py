"""What of plans and updates waits for a viewer, and where a council's plan stands."""

from dataclasses import dataclass
from datetime import date

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from accounts.permissions import Ability
from councils.models import Council
from improvement.models import (
    ActionReport,
    Comment,
    Handover,
    PlannedAction,
    PlanVersion,
    Question,
    Reply,
    Update,
    UpdateRead,
)
from improvement.queries.releases import Readable, plans_to_read
from improvement.queries.updates import read_asked, reportable_updates
from improvement.rules.updates import UpdateAsked

Standing, Stands = PlanVersion.Standing, Update.Standing

# What may wait for somebody, the most pressing first.
TO_APPROVE, UPDATE_TO_APPROVE, RETURNED, FILL_IN, REPORT = (
    "version-to-approve",
    "update-to-approve",
    "version-returned",
    "update-to-fill-in",
    "own-actions",
)
QUESTIONS, COMMENTS, WITH_APPROVER, UNREAD, SHARED = (
    "questions",
    "comments",
    "update-with-approver",
    "update-unread",
    "version-shared",
)
ORDER = (
    TO_APPROVE,
    UPDATE_TO_APPROVE,
    RETURNED,
    FILL_IN,
    REPORT,
    QUESTIONS,
    COMMENTS,
    UNREAD,
    SHARED,
    WITH_APPROVER,
)


@dataclass(frozen=True)
class Waiting:
    """One thing of a plan that waits for the viewer.

    `day`: when it is due, or since when it waits; `count`: of how many it is; `milestone`: the one that it meets.
    """

    kind: str
    council: Council
    reference: str
    title: str
    number: int
    period_on: date | None
    months: int
    day: date | None
    count: int
    milestone: int | None
    update: int | None


@dataclass(frozen=True)
class PlanWork:
    """What of plans waits for a viewer, the most pressing first; `asked`: the first update to fill in, as far as it is.

    `readable`: the plans that somebody reads who sees no council's work, or the DfE's adviser.
    """

    waiting: tuple[Waiting, ...] = ()
    update: Update | None = None
    asked: UpdateAsked | None = None
    readable: tuple[Readable, ...] = ()


def plan_work(viewer):
    """Return the `PlanWork` of a viewer, today. One query for all that waits; nine more for an update to fill in;
    three for plans that are theirs to read. Nothing is asked that no role of theirs would be told.
    """
    waiting = _waiting(viewer)
    first = next((one for one in waiting if one.kind == FILL_IN), None)
    update = asked = None
    if first is not None:
        update = Update.objects.select_related("plan", "version", "meeting").get(pk=first.update)
        asked = read_asked(update, viewer.today)
    reads = any(viewer.may(ability) for ability in _READS_ALONE)
    return PlanWork(waiting, update, asked, tuple(plans_to_read(viewer)) if reads else ())


_READS_ALONE = (
    Ability.CHAIR_BOARD,
    Ability.READ_RELEASED_TO_SCRUTINY,
    Ability.READ_SHARED_WITH_PARTNERS,
    Ability.READ_SENT_PLANS,
)


def _waiting(viewer):
    parts = []
    if viewer.may(Ability.DRAFT_PLANS):
        parts += _of_drafters(viewer)
    if viewer.may(Ability.ANSWER_PLANS):
        parts += _of_advisers(viewer)
    if viewer.may(Ability.REPORT_ACTIONS):
        parts.append(_of_owner(viewer))
    if not parts:
        return ()
    first, *others = parts
    rows = first.union(*others, all=True) if others else first
    found = [
        Waiting(kind, Council(pk=pk, name=name, slug=slug), *rest) for kind, pk, name, slug, *rest in rows
    ]
    return tuple(
        sorted(found, key=lambda one: (ORDER.index(one.kind), one.day or date.max, one.council.name))
    )


def _of_drafters(viewer):
    drafts = viewer.council_filter(Ability.DRAFT_PLANS, "plan__council")
    approves = viewer.council_filter(Ability.APPROVE_PLANS, "plan__council")
    updates = _worked_to(Update.objects.filter(drafts), viewer)
    versions = _worked_to(PlanVersion.objects.filter(drafts), viewer)
    later = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    returned = versions.filter(~Exists(later), standing=Standing.RETURNED)
    questions = Question.objects.filter(update__plan=OuterRef("plan"), answered_on=None)
    sent = updates.filter(standing=Stands.FOR_APPROVAL)
    parts = [
        _update(FILL_IN, updates.filter(standing=Stands.DRAFT)),
        _update(
            QUESTIONS,
            _latest_submitted(updates).filter(Exists(questions)),
            count=_count(questions, "update__plan"),
        ),
        _version(COMMENTS, versions.filter(Exists(_unanswered())), count=_count(_unanswered(), "version")),
        _version(RETURNED, returned),
        _update(WITH_APPROVER, sent.exclude(approves)),
    ]
    if viewer.may(Ability.APPROVE_PLANS):
        to_approve = versions.filter(approves, standing=Standing.FOR_APPROVAL)
        parts += [
            _version(TO_APPROVE, to_approve, day=F("sent_for_approval_on")),
            _update(UPDATE_TO_APPROVE, sent.filter(approves)),
        ]
    return parts


def _of_advisers(viewer):
    answered = Update.objects.answerable_by(viewer).latest_revisions()
    unread = ~Exists(UpdateRead.objects.filter(update=OuterRef("pk")))
    reach = viewer.council_filter(Ability.ANSWER_PLANS, "plan__council")
    later = PlanVersion.objects.filter(
        plan=OuterRef("plan"), number__gt=OuterRef("number"), standing__in=PlanVersion.SHARED
    )
    ready = Reply.objects.filter(version=OuterRef("pk"), kind=Reply.Kind.READY)
    shared = PlanVersion.objects.filter(reach, ~Exists(later), ~Exists(ready), standing=Standing.SHARED)
    said = Comment.objects.filter(version=OuterRef("pk"), answers=None)
    handed = Handover.objects.filter(snapshot__version=OuterRef("pk"), to=Handover.To.LGA).order_by("on")
    return [
        _update(UNREAD, _worked_to(answered.filter(unread), viewer), day=F("submitted_on")),
        _version(
            SHARED,
            _worked_to(shared, viewer),
            day=Subquery(handed.values("on")[:1]),
            count=_count(said, "version"),
        ),
    ]


def _of_owner(viewer):
    """The updates in which the viewer reports on actions of their own, where they don't draft the whole."""
    drafts = viewer.council_filter(Ability.DRAFT_PLANS, "plan__council")
    told = ActionReport.objects.filter(update=OuterRef(OuterRef("pk")), action=OuterRef("action")).exclude(
        delivery=""
    )
    owned = PlannedAction.objects.owned_by(viewer).filter(~Exists(told), version=OuterRef("version"))
    updates = _worked_to(reportable_updates(viewer), viewer).select_related(None).exclude(drafts)
    return _update(REPORT, updates.filter(Exists(owned)), count=_count(owned, "version"))


def _worked_to(rows, viewer):
    return rows.filter(Q(plan__closed_on=None) | Q(plan__closed_on__gt=viewer.today))


def _latest_submitted(updates):
    later = Update.objects.filter(plan=OuterRef("plan"), standing=Stands.SUBMITTED).order_by(
        "-period_on", "-number"
    )
    return updates.filter(pk=Subquery(later.values("pk")[:1]))


def _unanswered():
    """The comments on a version (an outer reference) that nobody has settled where the last word is the LGA's."""
    last = Comment.objects.filter(answers=OuterRef("pk")).order_by("-made_at", "-pk")
    told = Comment.objects.filter(version=OuterRef("pk"), answers=None, settled_on=None)
    return told.annotate(
        last_by=Coalesce(Subquery(last.values("by")[:1]), F("by"), output_field=BigIntegerField())
    ).filter(last_by=F("by"))


def _count(rows, of):
    return Coalesce(Subquery(rows.order_by().values(of).annotate(n=Count("pk")).values("n")), 0)


def _update(kind, updates, *, day=None, count=None):
    return _rows(
        kind,
        updates,
        number=F("number"),
        period_on=F("period_on"),
        months=F("plan__months"),
        day=day or F("due_on"),
        count=count,
        milestone=F("milestone"),
        update=F("pk"),
    )


def _version(kind, versions, *, day=None, count=None):
    nothing = Cast(Value(None), IntegerField())
    no_day = Cast(Value(None), DateField())
    return _rows(
        kind,
        versions,
        number=F("number"),
        period_on=no_day,
        months=Value(1),
        day=day or no_day,
        count=count,
        milestone=nothing,
        update=nothing,
    )


def _rows(kind, rows, *, count, **columns):
    told = {f"told_{name}": column for name, column in columns.items()}
    return (
        rows.order_by()
        .annotate(
            told_kind=Value(kind, output_field=CharField()),
            told_count=count if count is not None else Value(1),
            **told,
        )
        .values_list(
            "told_kind",
            "plan__council",
            "plan__council__name",
            "plan__council__slug",
            "plan__reference",
            "plan__title",
            "told_number",
            "told_period_on",
            "told_months",
            "told_day",
            "told_count",
            "told_milestone",
            "told_update",
        )
    )


def plans_of(council, viewer):
    """Return the latest version that the viewer may read of each plan that a council works to, the newest plan first.

    Each with its plan, and `update_on` and `update_stands`: the latest update that they may read. One query.
    """
    readable = PlanVersion.objects.visible_to(viewer)
    later = readable.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    update = Update.objects.visible_to(viewer).filter(plan=OuterRef("plan")).order_by("-period_on", "-number")
    versions = _worked_to(readable, viewer).filter(~Exists(later), plan__council=council)
    return list(
        versions.select_related("plan")
        .annotate(
            update_on=Subquery(update.values("period_on")[:1]),
            update_stands=Subquery(update.values("standing")[:1]),
            update_due=Subquery(update.values("due_on")[:1]),
        )
        .order_by("-plan__begun_on", "-plan")
        .defer("introduction")
    )
