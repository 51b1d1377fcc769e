"""The page on which somebody makes or revokes their calendar feed, and the feed itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import make_calendar_feed, revoke_calendar_feed
from accounts.permissions import Ability
from dashboards.calendars import calendar_of, feed_of, viewer_of


@sensitive_variables("secret", "address")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request):
    """Make a feed, whose address is shown on this one answer and never again; make it anew; or revoke it."""
    asked = request.POST.get("do", "")
    done = {"by": request.viewer, "on": request.viewer.today, "now": timezone.now()}
    address = ""
    if asked == "revoke":
        if revoke_calendar_feed(**done):
            messages.success(request, "The calendar feed is revoked: its address shows nothing any more.")
        return redirect("calendar")
    if asked == "make":
        secret = make_calendar_feed(**done)
        address = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
    context = {
        "feed": feed_of(request.viewer.person_id),
        "address": address,
        "of_the_lga": request.viewer.may(Ability.SEE_LGA_ONLY),
    }
    return _unkept(render(request, "dashboards/calendar.html", context))


@login_not_required
@require_safe
@sensitive_variables("secret")
def calendar_feed(request, secret):
    """The calendar of whoever has this secret, for a program that can't sign in; 404 for any other address."""
    viewer = viewer_of(secret, timezone.localdate())
    if viewer is None:
        raise Http404
    text = calendar_of(viewer, absolute=request.build_absolute_uri)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="upstream.ics"'
    # Its own address is the secret. The page that makes it keeps ours: without it a browser can't send its forms.
    response["Referrer-Policy"] = "no-referrer"
    return _unkept(response)


def _unkept(response):
    """Let no cache keep the answer."""
    response["Cache-Control"] = "private, no-store"
    return response
