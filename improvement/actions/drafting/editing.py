"""What every edit of a draft shares: the version under its lock, a row as it was read, what was typed, its place."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max

from cases.actions import Refused, Stale
from cases.identifiers import refuse_identifiers
from history.actions import event_of
from improvement.models import PlanVersion


def lock_draft(version, by):
    """Return the version under its lock, where `by` drafts for its council.

    Takes a PlanVersion or its number. Raises PermissionDenied, or Refused where it can no longer change.
    """
    return _draft(_theirs(version, by).select_for_update(of=("self",), no_key=True))


def draft_to_look_at(version, by):
    """Return the version as `lock_draft` does, without its lock: for what writes nothing."""
    return _draft(_theirs(version, by))


def _theirs(version, by):
    theirs = PlanVersion.objects.draftable_by(by).filter(pk=getattr(version, "pk", version))
    return theirs.select_related("plan__council", "plan__case")


def _draft(versions):
    found = versions.first()
    if found is None:
        raise PermissionDenied
    if not found.can_change:
        words = found.get_standing_display().lower()
        raise Refused(f"Version {found.number} is {words}, and can’t change. Begin a new version instead.")
    return found


def lock_row(row, by, revision=None):
    """Return (the row as it is now, its version under lock). Stale where it is not at `revision`, where given."""
    version = lock_draft(row.version_id, by)
    current = type(row).objects.filter(pk=row.pk, version=version).first()
    if current is None:
        raise Refused("Somebody has removed this meanwhile")
    if revision is not None and current.revision != revision:
        raise Stale(current)
    current.version = version
    return current, version


def write(row, given, labels):
    """Set what is `given` (name → value) on the row, and return the names of what that changes.

    `labels` says of each name that may be given what it is, as within a sentence. Raises Refused with the field.
    """
    refuse_identifiers(**{name: value for name, value in given.items() if isinstance(value, str)})
    changed = []
    for name, value in given.items():
        fitting = fitted(row._meta.get_field(name), value, labels[name])
        if getattr(row, name) != fitting:
            setattr(row, name, fitting)
            changed.append(name)
    return changed


def fitted(field, value, label):
    """Return the value as the field keeps it: text without outer spaces, its lines ended alike. Raises Refused."""
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("\x00", "").strip()
        if field.max_length and len(value) > field.max_length:
            raise Refused(f"Shorten {label} to {field.max_length:,} characters or fewer", field.name)
    if field.choices and value and value not in dict(field.choices):
        raise Refused(f"Select {label}", field.name)
    if value in ("", None) and not field.blank:
        raise Refused(f"{'Select' if field.choices else 'Enter'} {label}", field.name)
    if value not in ("", None):
        try:
            field.run_validators(value)
        except ValidationError:
            raise Refused(_out_of_range(field, label), field.name) from None
    return value


def _out_of_range(field, label):
    beginning = label[0].upper() + label[1:]
    if getattr(field, "decimal_places", None):
        return f"{beginning} must be a number with at most nine digits and three decimal places"
    return f"{beginning} is out of range"


def refuse_order(earlier, later, message, field):
    """Raise Refused, naming the field of the later date, where two dates are the wrong way round."""
    if earlier is not None and later is not None and later < earlier:
        raise Refused(message, field)


def save(row):
    row.revision += 1
    row.save()


def next_place(rows):
    """Return the place after the last of `rows`, a queryset."""
    return (rows.aggregate(last=Max("place"))["last"] or 0) + 1


def number_from_one(rows):
    """Give `rows`, in their order, the places 1, 2, 3 …"""
    moved = []
    for place, row in enumerate(rows, 1):
        if row.place != place:
            row.place = place
            moved.append(row)
    if moved:
        type(moved[0]).objects.bulk_update(moved, ["place"])


def put(row, siblings, place):
    """Put `row` among its `siblings` (a queryset that may hold it) at `place`, from 1; beyond the end is the end."""
    others = [one for one in siblings if one.pk != row.pk]
    others.insert(max(0, place - 1), row)
    number_from_one(others)


def move(row, siblings, place, kind, *, by, on, revision):
    """Give a row another place and record that. What it says, and so its revision, stays."""
    current, version = lock_row(row, by, revision)
    put(current, siblings(current), place)
    record(kind, version, current, by, on, place=current.place)
    return current


def record(kind, version, subject, by, on, **data):
    """Record an event of a draft: which fields, never what they say."""
    draft_event(kind, version, subject, by, on, **data).save(force_insert=True)


def draft_event(kind, version, subject, by, on, **data):
    """Return what `record` records, unsaved."""
    plan = version.plan
    return event_of(
        kind,
        by=by,
        on=on,
        subject=subject,
        council_code=plan.council.la_code,
        case_reference=plan.case.reference if plan.case else "",
        data={"plan": plan.reference, "version": version.number, **data},
    )
