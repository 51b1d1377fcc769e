"""The timetable of a review: its pages, what changes it, and the calendar feed of a team member."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from cases.refusals import Refused, Stale
from peer_reviews.actions import timetable as actions
from peer_reviews.calendars import calendar_of, feed_of, member_of
from peer_reviews.forms import on_site as forms
from peer_reviews.models import ENDED, Activity
from peer_reviews.presenters import on_site as shown
from peer_reviews.queries import timetable as queries
from peer_reviews.views.on_site import AskOnSite, found_between, found_of_team


def timetable(request, reference):
    """The timetable by day, today's first; whoever may change it can, by drag, by keys or by form."""
    return _timetable(request, reference, "peer_reviews/on_site/timetable.html")


def timetable_print(request, reference):
    """The timetable on paper: a table for each day, in the order of the calendar."""
    return _timetable(request, reference, "peer_reviews/on_site/timetable_print.html", on_paper=True)


def _timetable(request, reference, template, on_paper=False):
    review, part = found_between(request, reference)
    viewer = request.viewer
    activities = queries.activities_of(review, viewer)
    on_site = queries.days_to_show(review)
    clashes = queries.clashes_of(activities) if part.asks and not on_paper else []
    writes = part.asks and bool(on_site) and review.stage not in ENDED and not on_paper
    days = shown.timetable_days(activities, on_site, clashes, viewer.today, writes=writes)
    context = {
        "review": review,
        "part": part,
        "heading": shown.timetable_heading(activities, clashes),
        "lede": shown.timetable_lede(activities, timezone.localtime().replace(tzinfo=None)),
        "days": sorted(days, key=lambda day: day.iso) if on_paper else days,
        "writes": writes,
        "has_days": bool(on_site),
        "has_activities": bool(activities),
    }
    return render(request, template, context)


class OfTimetable(AskOnSite):
    """Ask one thing about an activity, or about a new one."""

    def find(self, pk):
        rows = Activity.objects.visible_to(self.request.viewer).select_related("review__case__council")
        self.activity = get_object_or_404(rows, pk=pk, review=self.review)

    def may(self):
        return self.part.asks

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("What", current.title),
            ("When", shown.day_and_time(current)),
            ("Where", current.room or "Not said"),
            ("Lead", current.lead.name if current.lead else "Nobody yet"),
            ("Notes", current.note_taker.name if current.note_taker else "Nobody yet"),
            ("Was it held?", current.get_standing_display()),
        ]

    def activity_form(self, data, activity=None):
        return forms.ActivityForm(
            data,
            team=queries.team_of(self.review),
            lines=self.review.lines.all(),
            days=queries.days_of(self.review),
            today=self.request.viewer.today,
            activity=activity,
        )

    def said(self, activity, words):
        """Return the message for the person, with what the activity now clashes with."""
        every = queries.activities_of(self.review, self.request.viewer)
        clashes = [each for each in queries.clashes_of(every) if activity.pk in (each.first, each.second)]
        warning = " It clashes with another: see the timetable." if clashes else ""
        return f"{words}{warning}"


class AddActivity(OfTimetable):
    title = "Add an activity"
    button = "Add it"

    def find(self):
        pass

    def form(self, data=None):
        return self.activity_form(data)

    def act(self, form):
        given = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        activity = actions.add_activity(self.review, **given, **self.by_and_on())
        return self.said(activity, f"{shown.moved_words(activity)}.")


class ChangeActivity(OfTimetable):
    template = "peer_reviews/on_site/activity_change.html"

    @property
    def title(self):
        return f"Change “{self.activity.title}”"

    def form(self, data=None):
        return self.activity_form(data, self.activity)

    def context(self):
        may_remove = actions.may_remove_activities(self.review, self.request.viewer)
        return {**super().context(), "activity": self.activity, "may_remove": may_remove}

    def act(self, form):
        given = {**form.cleaned_data, "revision": form.cleaned_data["revision"] or 0}
        activity = actions.change_activity(self.activity, **given, **self.by_and_on())
        return self.said(activity, f"{shown.moved_words(activity)}.")


class MoveActivity(OfTimetable):
    """Move an activity: by a form, or by the timetable's own script, which asks for JSON."""

    button = "Move it"

    @property
    def title(self):
        return f"Move “{self.activity.title}”"

    @property
    def guidance(self):
        return f"Now: {shown.day_and_time(self.activity)}."

    def form(self, data=None):
        return forms.MoveForm(data, days=queries.days_of(self.review), activity=self.activity)

    def act(self, form):
        activity = actions.move_activity(self.activity, **form.cleaned_data, **self.by_and_on())
        return self.said(activity, f"{shown.moved_words(activity)}.")

    def post(self, request):
        if request.headers.get("Accept") != "application/json":
            return super().post(request)
        form = self.form(request.POST)
        if not form.is_valid():
            words = " ".join(message for messages in form.errors.values() for message in messages)
            return JsonResponse({"message": words}, status=400)
        try:
            words = self.act(form)
        except Refused as refused:
            return JsonResponse({"message": refused.message}, status=400)
        except Stale as stale:
            now = shown.moved_words(stale.current)
            return JsonResponse({"message": f"Not moved: somebody changed it meanwhile. {now}."}, status=409)
        return JsonResponse({"message": words})


class SayIfHeld(OfTimetable):
    @property
    def title(self):
        return f"“{self.activity.title}”: was it held?"

    @property
    def guidance(self):
        return f"{shown.day_and_time(self.activity)}."

    def form(self, data=None):
        return forms.HeldForm(data, activity=self.activity)

    def act(self, form):
        activity = actions.say_if_held(self.activity, **form.cleaned_data, **self.by_and_on())
        return f"“{activity.title}”: {activity.get_standing_display().lower()}."


class RemoveActivity(OfTimetable):
    button = "Take it off"
    guidance = "For what was put in by mistake. What was planned and did not happen stays, with the reason."

    def may(self):
        return actions.may_remove_activities(self.review, self.request.viewer)

    @property
    def title(self):
        return f"Take “{self.activity.title}” off the timetable?"

    def form(self, data=None):
        return forms.AboutRevision(data, about=self.activity)

    def act(self, form):
        title = self.activity.title
        actions.remove_activity(self.activity, **form.cleaned_data, **self.by_and_on())
        return f"“{title}” is off the timetable."


@sensitive_variables("secret", "address")
@require_http_methods(["GET", "HEAD", "POST"])
def peer_feed_make(request, reference):
    """Make a feed, whose address is shown on this one answer and never again; make it anew; or revoke it."""
    review, part = found_of_team(request, reference)
    member = queries.member_of(review, request.viewer)
    if member is None:
        raise Http404
    done = {"by": request.viewer, "on": request.viewer.today, "now": timezone.now()}
    asked, address = request.POST.get("do", ""), ""
    if asked == "revoke":
        if actions.revoke_peer_feed(member, **done):
            messages.success(request, "The calendar feed is revoked: its address shows nothing any more.")
        return redirect("peer_feed_make", reference=review.reference)
    if asked == "make":
        secret = actions.make_peer_feed(member, **done)
        address = request.build_absolute_uri(reverse("peer_feed", args=[secret]))
    context = {"review": review, "part": part, "feed": feed_of(member), "address": address}
    return _unkept(render(request, "peer_reviews/on_site/feed.html", context))


@login_not_required
@require_safe
@sensitive_variables("secret")
def peer_feed(request, secret):
    """The calendar of the member who has this secret, for a program that can't sign in; 404 for any other address."""
    member = member_of(secret, timezone.localdate())
    if member is None:
        raise Http404
    text = calendar_of(member, absolute=request.build_absolute_uri)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="timetable.ics"'
    # Its own address is the secret.
    response["Referrer-Policy"] = "no-referrer"
    return _unkept(response)


def _unkept(response):
    """Let no cache keep the answer."""
    response["Cache-Control"] = "private, no-store"
    return response
