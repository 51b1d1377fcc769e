"""Who delivers a council's services: a trust, a company or a partner council, from a day until a day.

A body may serve several councils, each by its own row; each council keeps its own grade, plan and measures.
"""

from django.db import transaction
from django.utils.text import slugify

from cases.refusals import Refused
from councils.models import Council, DeliveryArrangement, DeliveryBody
from improvement.actions.recording import case_of, create_once, refuse_future, refuse_wrong_words, tell


@transaction.atomic
def record_arrangement(
    council,
    *,
    from_on,
    body=None,
    name="",
    kind="",
    partner=None,
    note="",
    letter="",
    url="",
    case=None,
    by,
    on,
):
    """Record that a body delivers the council's services from `from_on`, and return the arrangement.

    `body`: one that is known; else a new one of `name` and `kind`, or the council `partner` itself. Raises
    PermissionDenied or Refused.
    """
    case = case_of(council, by, case=case, day=from_on, until=False)
    refuse_future(from_on, on, "from_on")
    refuse_wrong_words(name=name, note=note, letter=letter)
    # Two who record the same at once queue here.
    Council.objects.select_for_update(no_key=True).get(pk=council.pk)
    body = body or _body(council, name.strip(), kind, partner)
    if DeliveryArrangement.objects.filter(council=council, body=body, until_on=None).exists():
        raise Refused(f"{body.name} delivers this council’s services already", "body")
    arrangement = create_once(
        DeliveryArrangement,
        council=council,
        body=body,
        from_on=from_on,
        note=note.strip(),
        source_text=_source_text(letter, url),
    )
    tell(
        "arrangement-recorded",
        arrangement,
        by,
        on,
        case=case,
        body=body.slug,
        from_on=from_on.isoformat(),
    )
    return arrangement


@transaction.atomic
def end_arrangement(arrangement, *, until_on, letter="", url="", case=None, by, on):
    """Record the first day on which a body no longer delivered the council's services."""
    found = (
        DeliveryArrangement.objects.select_related("council", "body")
        .select_for_update(of=("self",))
        .get(pk=arrangement.pk)
    )
    case = case_of(found.council, by, case=case)
    refuse_future(until_on, on, "until_on")
    refuse_wrong_words(letter=letter)
    if found.until_on is not None:
        raise Refused("It has ended already")
    if found.from_on is not None and until_on <= found.from_on:
        raise Refused("The end must be after the start", "until_on")
    found.until_on, found.until_precision = until_on, "day"
    ended_by = _source_text(letter, url)
    if ended_by:
        longest = DeliveryArrangement._meta.get_field("source_text").max_length
        found.source_text = "; ".join(filter(None, [found.source_text, f"ended: {ended_by}"]))[:longest]
    found.save(update_fields=["until_on", "until_precision", "source_text"])
    tell(
        "arrangement-ended",
        found,
        by,
        on,
        case=case,
        body=found.body.slug,
        until_on=until_on.isoformat(),
    )
    return found


def _body(council, name, kind, partner):
    if partner is not None:
        if partner.pk == council.pk:
            raise Refused("A council can’t be its own partner", "partner")
        known = DeliveryBody.objects.filter(kind=DeliveryBody.Kind.PARTNER_COUNCIL, council=partner).first()
        return known or _make_body(partner.name, DeliveryBody.Kind.PARTNER_COUNCIL, partner)
    if not name:
        raise Refused("Choose a body, or enter the name of a new one", "body")
    if kind not in DeliveryBody.Kind.values:
        raise Refused("Say what kind of body it is", "kind")
    if DeliveryBody.objects.filter(name__iexact=name).exists():
        raise Refused(f"{name} is known already: choose it from the list", "body")
    return _make_body(name, kind, None)


def _make_body(name, kind, council):
    base = slugify(name)[:40] or "body"
    taken = set(DeliveryBody.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = next(each for each in _slugs(base) if each not in taken)
    return DeliveryBody.objects.create(slug=slug, name=name, kind=kind, council=council)


def _slugs(base):
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _source_text(letter, url):
    return ", ".join(filter(None, [letter.strip(), url]))[:500]
