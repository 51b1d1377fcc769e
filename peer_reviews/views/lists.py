"""The list of reviews, the calendar of on-site weeks, who is to be offered one, and a review that is over."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from accounts.permissions import Ability
from cases.asking import AskView
from look.exports import csv_response
from peer_reviews.actions.past import record_past_review
from peer_reviews.forms.lists import PastReviewForm, ReviewsShown
from peer_reviews.models import PeerReview
from peer_reviews.presenters import lists as shown
from peer_reviews.queries import lists

WEEKS = 26
PER_PAGE = 100


def reviews(request):
    """List the reviews that the viewer may read, by region, stage, kind and year; the same as CSV."""
    viewer = request.viewer
    every = PeerReview.objects.visible_to(viewer)
    years = [day.year for day in every.dates("first_day", "year", order="DESC")]
    form = ReviewsShown(request.GET, regions=lists.regions_listed(viewer), years=years)
    found = list(lists.listed(viewer, **form.chosen()))
    lines = [shown.line(review, viewer.today) for review in found]
    if request.GET.get("format") == "csv":
        return csv_response("peer-reviews", CSV_HEADINGS, map(_csv_row, lines))
    context = {
        "heading": shown.heading_of(found),
        "lines": lines[:PER_PAGE],
        "more": max(0, len(lines) - PER_PAGE),
        "form": form,
        "narrowed": bool(form.chosen()),
        "may_run": viewer.may(Ability.RUN_REVIEWS),
        "sees_due": viewer.may(Ability.SEE_LGA_ONLY),
        "reads_peers": viewer.may(Ability.READ_PEERS),
        "keeps_templates": viewer.may(Ability.MANAGE_REFERENCE_DATA),
    }
    return render(request, "peer_reviews/lists/reviews.html", context)


CSV_HEADINGS = [
    "reference",
    "council",
    "la_code",
    "region",
    "kind",
    "stage",
    "first_day",
    "last_day",
    "manager",
    "next_step",
    "next_due",
]


def _csv_row(line):
    review = line.review
    return (
        review.case.reference,
        review.case.council.name,
        review.case.council.la_code,
        review.region_name or "",
        review.kind.name,
        review.get_stage_display(),
        review.first_day,
        review.last_day,
        review.manager.name if review.manager else "",
        line.next,
        line.next_due,
    )


def calendar(request):
    """Show half a year of weeks with the reviews on site in each."""
    viewer = request.viewer
    mondays = lists.weeks_from(_day(request.GET.get("from"), viewer.today), WEEKS)
    found = lists.on_site_between(viewer, mondays[0], mondays[-1] + timedelta(days=6))
    weeks = shown.weeks(mondays, list(found))
    busy = sum(bool(week.reviews) for week in weeks)
    context = {
        "weeks": weeks,
        "busy": busy,
        "this_week": next((week for week in weeks if week.holds(viewer.today)), None),
        "earlier": mondays[0] - timedelta(weeks=WEEKS),
        "later": mondays[-1] + timedelta(weeks=1),
        "count": WEEKS,
    }
    return render(request, "peer_reviews/lists/calendar.html", context)


def due(request):
    """Show to whom a review is to be offered, of whom none is known, and who declined and why. The LGA's alone."""
    viewer = request.viewer
    if not viewer.may(Ability.SEE_LGA_ONLY):
        raise Http404
    region = request.GET.get("region", "")[:60]
    offers = lists.offers_due(viewer, region=region, on=viewer.today)
    groups = [
        ("Offer due now or within six months", "due", offers.due),
        ("No review on record", "unknown", offers.none_known),
        ("Reviewed within four years", "later", offers.later),
    ]
    context = {
        "overdue": sum(one.due_on <= viewer.today and not one.running for one in offers.due),
        "groups": [
            (
                title,
                anchor,
                [(one, shown.offer_words(one, viewer.today), shown.said_words(one)) for one in rows],
            )
            for title, anchor, rows in groups
        ],
        "declined": offers.declined,
        "may_run": viewer.may(Ability.RUN_REVIEWS),
    }
    return render(request, "peer_reviews/lists/due.html", context)


class PastReview(AskView):
    """Record a review that is over."""

    template = "peer_reviews/lists/past.html"
    title = "Record a review that is over"
    button = "Record it"
    guidance = "Its days and its kind are enough: four years after the last day, the next is to be offered."

    def setup_for(self, request):
        if not request.viewer.may(Ability.RUN_REVIEWS):
            raise PermissionDenied

    def form(self, data=None):
        return PastReviewForm(data, councils=lists.councils_to_record(self.request.viewer))

    def act(self, form):
        review = record_past_review(**form.cleaned_data, **self.by_and_on())
        return f"Recorded: {review.kind}, {review.case.council}"

    def next_page(self):
        return reverse("reviews_due")


def _day(written, otherwise):
    """Return the day written as 2026-11-03; `otherwise`, where it is none that a calendar has room for."""
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return otherwise
    return day if 2001 <= day.year <= 2098 else otherwise
