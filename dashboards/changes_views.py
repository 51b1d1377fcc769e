"""My work's first part: saying that one has read what changed."""

from django.core.exceptions import BadRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from accounts.actions import looked


@require_POST
def changes_read(request):
    """Move the person's last look to the moment their page was made, so that what came in since stays news."""
    looked(at=_moment(request.POST.get("until", "")), now=timezone.now(), by=request.viewer)
    return redirect("my-work")


def _moment(text):
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at):
        raise BadRequest("The page to have been read names no moment.")
    return at
