"""What an LGA adviser writes down of a contact with a council, for the LGA alone, and how it goes again.

The words of a contact stand in its row and nowhere else: events name the day, the channel and, of one that is
deleted, the reason.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.actions.milestones import Refused, Stale
from cases.models import Contact, RetentionRule
from cases.rules import add_months
from councils.models import Office
from history.actions import event_of, record_event, record_events

KIND = "contact"
AT_RETENTION_DATE = "retention date"


def kept_until(contacted_on):
    """Return the first day on which a contact of that day is no longer kept, and after how many months.

    None where no rule says so.
    """
    rule = RetentionRule.objects.on(contacted_on).filter(kind=KIND).order_by("-from_on").first()
    return (add_months(contacted_on, rule.months), rule.months) if rule else None


@transaction.atomic
def log_contact(
    *, council, contacted_on, channel, post, said, nature, follow_up_on=None, retain_until=None, by, on
):
    """Write down a contact on `contacted_on` and return the Contact.

    `channel` and `nature` are those of `Contact`, `post` an `Office`. Without `retain_until` (exclusive) it is
    kept as long as the rule says. Raises Refused and PermissionDenied.
    """
    if not by.may_at(Ability.LOG_CONTACTS, council):
        raise PermissionDenied
    contact = Contact(council=council, made_on=on, made_by_id=by.person_id)
    _write(contact, on, contacted_on, channel, post, said, nature, follow_up_on, retain_until)
    contact.save()
    _record("contact-logged", contact, by, on)
    return contact


@transaction.atomic
def change_contact(
    contact,
    *,
    contacted_on,
    channel,
    post,
    said,
    nature,
    follow_up_on=None,
    retain_until=None,
    by,
    on,
    revision,
):
    """Change what was written down, or how long it is kept. Takes what `log_contact` takes.

    A follow-up that moves to another day is to be done again. Raises Refused, Stale and PermissionDenied.
    """
    contact = _locked(contact, by, revision)
    if follow_up_on != contact.follow_up_on:
        contact.followed_up_on = None
    _write(contact, on, contacted_on, channel, post, said, nature, follow_up_on, retain_until)
    _save(contact)
    _record("contact-changed", contact, by, on)
    return contact


@transaction.atomic
def followed_up(contact, *, by, on, revision):
    """Record that what was to be followed up has been, today. Raises Refused, Stale and PermissionDenied."""
    contact = _locked(contact, by, revision)
    if contact.follow_up_on is None:
        raise Refused("It has no day to follow up on")
    if contact.followed_up_on is not None:
        raise Refused("It has been followed up already")
    contact.followed_up_on = on
    _save(contact)
    _record("contact-followed-up", contact, by, on)
    return contact


@transaction.atomic
def delete_contact(contact, *, reason, by, on, revision):
    """Delete it before its time. The day, the channel and the reason stay in the history, its words don't."""
    contact = _locked(contact, by, revision)
    reason = reason.strip()
    if not reason:
        raise Refused("Enter why it is deleted", "reason")
    _record("contact-deleted", contact, by, on, reason=reason)
    contact.delete()


@transaction.atomic
def delete_expired_contacts(*, by, on):
    """Delete the contacts that are no longer kept on `on`, and return how many. Upstream itself does it."""
    if not by.is_system:
        raise PermissionDenied
    expired = Contact.objects.filter(retain_until__lte=on).select_related("council")
    contacts = list(expired.select_for_update(of=("self",)))
    record_events(
        _event("contact-deleted", contact, by, on, reason=AT_RETENTION_DATE) for contact in contacts
    )
    Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).delete()
    return len(contacts)


def _locked(contact, by, revision):
    """Fetch the row again under its lock. PermissionDenied where `by` may not act; Stale when changed."""
    theirs = Contact.objects.visible_to(by).changeable_by(by).filter(pk=contact.pk)
    current = theirs.select_related("council").select_for_update(of=("self",)).first()
    if current is None:
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    return current


def _write(contact, on, contacted_on, channel, post, said, nature, follow_up_on, retain_until):
    """Set what was given on `contact`, where it can be so."""
    _refuse_unknown(channel, Contact.Channel, "channel", "Select how you were in contact")
    _refuse_unknown(post, Office, "post", "Select the post you were in contact with")
    _refuse_unknown(nature, Contact.Nature, "nature", "Select fact or judgement")
    if not said.strip():
        raise Refused("Enter what was said", "said")
    if contacted_on > on:
        raise Refused("The date must be today or earlier", "contacted_on")
    if follow_up_on is not None and follow_up_on < contacted_on:
        raise Refused("The day to follow up must not be before the contact", "follow_up_on")
    contact.on, contact.channel, contact.post = contacted_on, channel, post
    contact.said, contact.nature, contact.follow_up_on = said.strip(), nature, follow_up_on
    contact.retain_until = _retention(contacted_on, retain_until, on)


def _refuse_unknown(value, choices, field, message):
    if value not in choices.values:
        raise Refused(message, field)


def _retention(contacted_on, retain_until, on):
    """Return until when it is kept: as asked, else as the rule says, and never a day that has come already."""
    by_rule = kept_until(contacted_on) if retain_until is None else None
    if retain_until is None and by_rule is None:
        raise Refused("Enter until when it is kept: no rule says so", "retain_until")
    until = retain_until or by_rule[0]
    if until <= on:
        raise Refused("Keep it until a day after today, or do not write it down", "retain_until")
    return until


def _save(contact):
    contact.revision += 1
    contact.save()


def _record(kind, contact, by, on, **data):
    record_event(kind, by=by, on=on, subject=contact, **_told(contact, data))


def _event(kind, contact, by, on, **data):
    return event_of(kind, by=by, on=on, subject=contact, **_told(contact, data))


def _told(contact, data):
    told = {"contacted_on": contact.on.isoformat(), "channel": contact.channel, **data}
    return {"council_code": contact.council.la_code, "data": told}
