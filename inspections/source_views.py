"""What a council has been told to do by every published report and letter, and adding what another one tells it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused
from cases.actions.embargo import may_write_of
from cases.actions.sources import keep_source
from cases.models import Recommendation, Source
from cases.presenters import count_of
from councils.models import Council
from inspections import forms
from inspections.views import SAVED, AddingRecommendations, has_page

# Kept for what they recommend, so they are shown before anything of them is written down.
KEPT_FOR_THIS = (Source.Kind.VISIT_LETTER, Source.Kind.COURT_JUDGMENT, Source.Kind.PEER_REVIEW)


def council_for(viewer, slug):
    """Return the council whose cases the viewer sees, or raise Http404."""
    return get_object_or_404(
        Council.objects.filter(viewer.council_filter(Ability.SEE_CASES, "pk")), slug=slug
    )


def told_by(council, viewer):
    """Return the reports and letters about a council that the viewer may read, the latest first.

    They are published, or final reports of peer reviews that the council has not published.
    """
    waiting = Count("recommendations", filter=Q(recommendations__closed_on=None))
    told = Exists(Recommendation.objects.filter(source=OuterRef("pk")))
    open_first = Recommendation.objects.order_by("source", "outcome", "number")
    unpublished = Q(access=Source.Access.UNPUBLISHED) & viewer.council_filter(Ability.READ_REVIEWS)
    return (
        Source.objects.filter(Q(access=Source.Access.PUBLIC) | unpublished, council=council)
        .filter(told | Q(kind__in=KEPT_FOR_THIS))
        .annotate(waiting=waiting)
        .select_related("inspection", "entry")
        .prefetch_related(Prefetch("recommendations", queryset=open_first, to_attr="told"))
        .order_by("-dated_on", "-pk")
    )


class CouncilRecommendations(View):
    """By source, what is open first; and a form for whoever may add what another report tells the council."""

    def dispatch(self, request, slug):
        self.council = council_for(request.viewer, slug)
        self.may_add = request.viewer.may_at(Ability.ENTER_INSPECTIONS, self.council)
        return super().dispatch(request)

    def get(self, request):
        return self.ask(forms.SourceForm() if self.may_add else None)

    def post(self, request):
        if not self.may_add:
            raise PermissionDenied
        form = forms.SourceForm(request.POST)
        if not form.is_valid():
            return self.ask(form)
        try:
            source = keep_source(
                self.council, **form.cleaned_data, by=request.viewer, on=request.viewer.today
            )
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
            return self.ask(form)
        return redirect("source_recommendations_add", self.council.slug, source.pk)

    def ask(self, form):
        sources = sorted(told_by(self.council, self.request.viewer), key=lambda source: not source.waiting)
        for source in sources:
            source.page = has_page(source)
            source.is_published = source.access == Source.Access.PUBLIC
        waiting = sum(source.waiting for source in sources)
        told = sum(len(source.told) for source in sources)
        heading = (
            f"{count_of(told, 'recommendation')}, {waiting} open"
            if told
            else "No recommendation is on record"
        )
        context = {
            "council": self.council,
            "heading": heading,
            "sources": sources,
            "form": form,
            "may_add": self.may_add,
        }
        return render(self.request, "inspections/council_recommendations.html", context)


class AddToSource(AddingRecommendations, View):
    """Add what a published report or letter recommends: one typed, a list pasted or a spreadsheet."""

    def dispatch(self, request, slug, pk):
        self.council = council_for(request.viewer, slug)
        self.source = get_object_or_404(Source, council=self.council, access=Source.Access.PUBLIC, pk=pk)
        if not may_write_of(self.source, request.viewer):
            raise PermissionDenied
        return super().dispatch(request)

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def address(self):
        return f"{reverse('council_recommendations', args=[self.council.slug])}#source-{self.source.pk}"

    def render(self, template, status=200, **context):
        page = {"council": self.council, "name": self.source.title, "source": self.source}
        return render(
            self.request, template, {"page": page, "cancel": self.address(), **context}, status=status
        )

    def done(self):
        messages.success(self.request, SAVED)
        return redirect(self.address())
