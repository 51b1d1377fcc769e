"""What every record of the DfE's doings has in common: whose case it joins, the letter it rests on, its event."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.permissions import Ability
from cases.actions import start_clocks
from cases.actions.clocks import milestone_event
from cases.identifiers import refuse_identifiers
from cases.models import Case, Milestone, Source
from cases.refusals import Refused, Stale
from history.actions import record_event, record_events
from improvement.actions.clocks import keep_case_clocks
from improvement.actions.record import begin_with_first_row


def case_of(council, by, *, case=None, day=None, until=True):
    """Return the case, locked, that a row of `council` belongs to, or None. PermissionDenied out of reach.

    `case` where the person has chosen it; else the council's open intervention; else the one that had closed after
    `day`, or, with `until`, on it: what was written while it ran belongs to it. Whoever records interventions there
    may, and an adviser who is put on that case. Raises Refused for one that was withdrawn or nobody has confirmed.
    """
    reaches = by.may_at(Ability.RECORD_INTERVENTION, council)
    if case is not None and not reaches and not _advises(case, by):
        raise PermissionDenied
    found = _chosen(case, council) if case is not None else _running(council) or _closed(council, day, until)
    if not reaches and not _advises(found, by):
        raise PermissionDenied
    return found


def locked_row(model, row, by, *related, revision=None):
    """Return a row of a council under its lock, and its case or None. Raises as `case_of` does, and Stale.

    The case is locked first, always, so that of two who act at once one waits and neither waits on the other.
    """
    found = model.objects.select_related("council", "case").get(pk=row.pk)
    case = case_of(found.council, by, case=found.case)
    rows = model.objects.select_related("council", "case", "source", *related)
    locked = rows.select_for_update(of=("self",)).get(pk=row.pk)
    if revision is not None and locked.revision != revision:
        raise Stale(locked)
    return locked, case


def _chosen(case, council):
    found = _interventions(council).filter(pk=case.pk).select_for_update(of=("self",)).first()
    if found is None:
        raise Refused("It is no intervention of this council")
    if found.standing == Case.Standing.WITHDRAWN:
        raise Refused("This case was withdrawn: nothing is recorded on it any more")
    if found.standing == Case.Standing.UNCONFIRMED:
        raise Refused("Say first whether this intervention is open")
    return found


def _running(council):
    return _interventions(council).filter(standing=Case.Standing.OPEN).select_for_update(of=("self",)).first()


def _closed(council, day, until):
    if day is None:
        return None
    after = {"closed_on__gte" if until else "closed_on__gt": day}
    closed = _interventions(council).filter(
        standing=Case.Standing.CLOSED, intervention__began_on__lte=day, **after
    )
    return closed.select_for_update(of=("self",)).order_by("-closed_on").first()


def last_closed(council):
    """Return the council's intervention that closed last, or None."""
    closed = _interventions(council).filter(standing=Case.Standing.CLOSED)
    return closed.order_by("-closed_on", "-pk").first()


def _interventions(council):
    return Case.objects.filter(council=council, kind=Case.Kind.INTERVENTION).select_related("council")


def _advises(case, by):
    return case is not None and Case.objects.answerable_by(by).filter(pk=case.pk).exists()


def refuse_future(day, on, field):
    if day > on:
        raise Refused("The date must be today or earlier", field)


def refuse_wrong_words(**texts):
    """Refuse what looks like an identifier of a child, or a letter's name that is too long, by its field."""
    refuse_identifiers(**texts)
    longest = Source._meta.get_field("title").max_length
    if len(texts.get("letter") or "") > longest:
        raise Refused(f"Shorten the letter’s title to {longest} characters", "letter")


def source_of(council, kind, title, dated_on, *, letter="", url=""):
    """Keep the letter that a row rests on: by the title that a person gave it, else by `title`."""
    return Source.objects.create(
        council=council,
        kind=kind,
        title=letter.strip() or title,
        dated_on=dated_on,
        received_on=dated_on,
        received_assumed=True,
        url=url,
    )


def create_once(model, **values):
    """Create the row; Refused where the same is recorded already."""
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as clash:
        raise Refused("This is recorded already") from clash


def start(case, begins, *, by, on):
    """Start what follows from a row of a case that is open; of one that has closed nothing starts."""
    if case is None or case.standing != Case.Standing.OPEN:
        return
    start_clocks([begins], by=by, on=on)
    keep_case_clocks([case.council_id], by=by, on=on)


def first_row_of(case):
    """Let an intervention begin with its first row, which may have been recorded last."""
    if case is not None:
        begin_with_first_row({case.pk})


def close_case(case, closed_on, *, by, on):
    """Close an open case on `closed_on`; one that has closed already stays as it is."""
    if case.standing != Case.Standing.OPEN:
        return
    case.standing, case.closed_on = Case.Standing.CLOSED, closed_on
    case.revision += 1
    case.save()
    # The plan goes on without it: its actions and updates are the council's own from now on. Rule: section 5, point 1.
    of_plan = Milestone.objects.filter(Q(of_plan=True) | Q(update__isnull=False), case=case, closed_on=None)
    left = Milestone.objects.filter(pk__in=list(of_plan.values_list("pk", flat=True)))
    left.update(case=None, revision=F("revision") + 1)
    tell("intervention-closed", case, by, on, closed_on=closed_on.isoformat())


def supersede(milestones, *, by, on):
    """Close the open ones of `milestones`: what asked for them is no longer in force."""
    for milestone in (
        milestones.filter(closed_on=None).select_related("council", "case").select_for_update(of=("self",))
    ):
        milestone.outcome, milestone.closed_on = Milestone.Outcome.SUPERSEDED, on
        milestone.revision += 1
        milestone.save()
        record_events([milestone_event("milestone-superseded", milestone, by=by, on=on)])


def tell(event, subject, by, on, /, *, case=None, council=None, source=None, **data):
    """Write the event of a row, with its own case, council and source where none is given.

    `data`: days, slugs and numbers alone, never what somebody wrote.
    """
    case = subject if isinstance(subject, Case) else case or getattr(subject, "case", None)
    council = council or subject.council
    source = source or getattr(subject, "source", None)
    record_event(
        event,
        by=by,
        on=on,
        subject=subject,
        council_code=council.la_code,
        case_reference=case.reference if case else "",
        source_id=source.pk if source else None,
        data={key: value for key, value in data.items() if value},
    )


def iso(day):
    return day.isoformat() if day else None
