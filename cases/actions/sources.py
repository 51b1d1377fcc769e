"""Keeping a report or letter that was published, so that what it recommends can be written down with it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.permissions import Ability
from cases.identifiers import refuse_identifiers
from cases.models import Source
from cases.refusals import Refused
from councils.models import Council
from history.actions import record_event

# A report of an inspection is entered with its inspection, under embargo or not.
KINDS = [kind for kind in Source.Kind if kind != Source.Kind.INSPECTION_REPORT]
LONGEST_TITLE = Source._meta.get_field("title").max_length
LONGEST_URL = Source._meta.get_field("url").max_length
_is_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def keep_source(council, *, kind, title, dated_on, url="", by, on):
    """Keep a published report or letter about a council, and return the Source. For whoever enters inspections there.

    `kind`: one of `KINDS`. One of the same kind, day and title is refused: its recommendations are added to it.
    Raises PermissionDenied or Refused.
    """
    if not by.may_at(Ability.ENTER_INSPECTIONS, council):
        raise PermissionDenied
    title, url = " ".join(title.split()), url.strip()
    _refuse_wrong(kind, title, dated_on, url, on)
    # Two who keep the same at once queue here.
    Council.objects.select_for_update(no_key=True).get(pk=council.pk)
    same = Source.objects.filter(council=council, kind=kind, dated_on=dated_on, title__iexact=title)
    if same.filter(access=Source.Access.PUBLIC).exists():
        raise Refused("It is on record already: add the recommendations to it", "title")
    source = Source.objects.create(
        council=council,
        kind=kind,
        title=title,
        dated_on=dated_on,
        received_on=dated_on,
        published_on=dated_on,
        url=url,
    )
    record_event(
        "source-kept",
        by=by,
        on=on,
        subject=source,
        council_code=council.la_code,
        source_id=source.pk,
        data={"kind": str(kind), "dated_on": dated_on.isoformat()},
    )
    return source


def _refuse_wrong(kind, title, dated_on, url, on):
    if kind not in KINDS:
        raise Refused("Select what kind of report or letter it is", "kind")
    if not title:
        raise Refused("Enter its title", "title")
    if len(title) > LONGEST_TITLE:
        raise Refused(f"The title must be {LONGEST_TITLE} characters or fewer", "title")
    if dated_on > on:
        raise Refused("Its date must be today or earlier", "dated_on")
    refuse_identifiers(title=title, url=url)
    try:
        if url:
            _is_address(url)
    except ValidationError:
        raise Refused("Enter a whole web address, such as https://www.example.org/report", "url") from None
    if len(url) > LONGEST_URL:
        raise Refused(f"The address must be {LONGEST_URL} characters or fewer", "url")
