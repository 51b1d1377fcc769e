"""Pages about inspections that people enter: under embargo for their named readers, published for everybody."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

import cases.actions
from accounts.permissions import Ability
from cases.actions import Refused, Stale
from cases.actions.embargo import keeps, may_write_of, people_to_name
from cases.actions.recommendations import MOST_AT_ONCE
from cases.models import EmbargoAccess, Milestone, Recommendation, Source
from cases.presenters import day_words
from cases.views import Met
from councils.models import Council
from inspections import actions, forms, queries
from inspections.forms import councils_where
from inspections.presenters import InspectionPage, problem_words
from inspections.readers.recommendations import read_pasted, read_spreadsheet

# A message may be read on whatever page comes next, so it never says what was done to which inspection.
SAVED = "Saved."
SHOWS_IT = (200, 409)


def inspections(request):
    """Where one enters an inspection, or finds one under embargo by its council and a day. Lists none."""
    viewer = request.viewer
    known = councils_where(viewer, Ability.SEE_CASES)
    asked = any(name.startswith("find-") for name in request.GET)
    find = forms.FindForm(request.GET if asked else None, councils=known)
    if asked and find.is_valid():
        found = queries.findable(viewer, find.cleaned_data["council"], find.cleaned_data["day"])
        if found:
            return redirect("inspection", found[-1].pk)
    context = {
        "form": find,
        "not_found": asked and find.is_valid(),
        "may_find": viewer.may(Ability.SEE_CASES),
        "enter": _choose_council(viewer) if viewer.may(Ability.ENTER_INSPECTIONS) else None,
    }
    return render(request, "inspections/inspections.html", context)


def _choose_council(viewer, data=None):
    return forms.CouncilForm(data, councils=councils_where(viewer, Ability.ENTER_INSPECTIONS))


class Enter(View):
    """Enter an inspection of one council, from the first call on."""

    def dispatch(self, request):
        if not request.viewer.may(Ability.ENTER_INSPECTIONS):
            raise PermissionDenied
        self.council = self._council()
        if self.council is None:
            return render(request, "inspections/choose.html", {"form": _choose_council(request.viewer)})
        response = super().dispatch(request)
        response["Cache-Control"] = "no-store"
        return response

    def _council(self):
        """The council asked about, the only one there is to choose, or None: which one has to be asked."""
        theirs = councils_where(self.request.viewer, Ability.ENTER_INSPECTIONS)
        if slug := self.request.GET.get("council"):
            council = get_object_or_404(Council.objects.on(self.request.viewer.today), slug=slug)
            if not theirs.filter(pk=council.pk).exists():
                raise PermissionDenied
            return council
        only = list(theirs[:2])
        return only[0] if len(only) == 1 else None

    def get(self, request):
        return self._ask(forms.InspectionForm(today=request.viewer.today))

    def post(self, request):
        form = forms.InspectionForm(request.POST, today=request.viewer.today)
        if not form.is_valid():
            return self._ask(form)
        try:
            entry = actions.enter_inspection(
                council=self.council, facts=form.facts(), by=request.viewer, on=request.viewer.today
            )
        except Refused as refused:
            form.add_refusal(refused)
            return self._ask(form)
        messages.success(request, SAVED)
        return redirect("inspection", entry.source_id)

    def _ask(self, form):
        context = {"form": form, "council": self.council, "cancel": reverse("inspections")}
        return render(self.request, "inspections/enter.html", context)


def in_confidence(request, source, respond):
    """Answer about `source`. Under embargo each look is logged, and the answer is kept by nothing on its way."""
    if not source.is_restricted:
        return respond()
    if request.method in ("GET", "HEAD"):
        cases.actions.log_view(source, by=request.viewer)
    response = respond()
    if request.method == "POST" and response.status_code in SHOWS_IT and _is_still_read(source, request):
        # A form that is sent back shows as much as the page does.
        cases.actions.log_view(source, by=request.viewer)
    response["Cache-Control"] = "no-store"
    return response


def _is_still_read(source, request):
    """Say whether it is still under embargo, and this person its reader: both may have changed meanwhile."""
    return Source.objects.read_in_confidence_by(request.viewer).filter(pk=source.pk).exists()


def sides_kept_by(viewer, council):
    """Return the sides whose readers the viewer names and strikes."""
    return [side for side in EmbargoAccess.Side if keeps(viewer, side, council)]


class OfInspection(View):
    """A page about one inspection: 404 for whoever may not know of it, 403 for whoever may only read it."""

    def dispatch(self, request, pk, **named):
        self.find(pk)
        if not self.allowed():
            raise PermissionDenied
        # Whether it is under embargo counts as it was asked, not as it is once its publication is confirmed.
        return in_confidence(request, self.source, lambda: View.dispatch(self, request, **named))

    def find(self, pk):
        """Read the inspection as it is now."""
        found = queries.inspection_page(pk, self.request.viewer)
        if found is None or not self.about(found):
            raise Http404
        in_scope = self.request.viewer.may_at(Ability.SEE_CASES, found.council)
        self.page = InspectionPage(found, today=self.request.viewer.today, in_scope=in_scope)
        self.source, self.entry, self.council = found.source, found.entry, found.source.council

    def about(self, found):
        """Say whether this page is one that such an inspection has."""
        return True

    def allowed(self):
        """Say whether the viewer may do what this page is for."""
        return self.page.found.may_change

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def render(self, template, status=200, **context):
        context = {"page": self.page, "cancel": self.address(), **context}
        return render(self.request, template, context, status=status)

    def address(self):
        return reverse("inspection", args=[self.source.pk])

    def done(self):
        messages.success(self.request, SAVED)
        return redirect(self.address())


class Shown(OfInspection):
    """One inspection: facts and judgements; milestones, recommendations and readers for whom they are."""

    def allowed(self):
        return True

    def get(self, request):
        return self.render(
            "inspections/inspection.html",
            may_enter=self.page.found.may_change,
            kept_sides=sides_kept_by(request.viewer, self.council) if self.page.found.readers else [],
            own_address=request.build_absolute_uri(request.path),
        )


class Asking:
    """Ask one thing and do it: what is refused stands beside its field, what has become stale beside what was typed."""

    button = "Save"

    def act(self, form):
        """Call the action with what the valid `form` says."""
        raise NotImplementedError

    def get(self, request):
        return self.ask(self.form())

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.ask(form)
        try:
            self.act(form)
        except Refused as refused:
            form.add_refusal(refused)
            return self.ask(form)
        except Stale:
            return self.show_both()
        return self.done()


class EntryFormView(Asking, OfInspection):
    """Ask one thing about an entry and do it: 409 with both texts when it has changed."""

    form_class = None
    template = ""
    title = ""

    def about(self, found):
        return found.entry is not None

    def form(self, data=None):
        return self.form_class(data, entry=self.entry)

    def ask(self, form, template="", status=200, **more):
        return self.render(
            template or self.template, form=form, title=self.title, button=self.button, status=status, **more
        )

    def show_both(self):
        """Show what was typed beside what it has become; sending it again is then a decision."""
        self.find(self.source.pk)
        typed = self.request.POST.copy()
        typed["revision"] = self.entry.revision
        again = self.form(typed)
        again.is_valid()
        typed = forms.typed_into(again)
        return self.ask(again, template="inspections/stale.html", status=409, typed=typed)


class Change(EntryFormView):
    template = "inspections/change.html"
    title = "What has happened since?"

    def form(self, data=None):
        return forms.InspectionForm(data, today=self.request.viewer.today, entry=self.entry)

    def act(self, form):
        revision = form.cleaned_data["revision"]
        actions.change_inspection(self.entry, facts=form.facts(), revision=revision, **self.by_and_on())


class Publication(EntryFormView):
    """Confirm that it is published: the embargo ends. Published, correct the day or the address."""

    form_class = forms.PublicationForm
    template = "inspections/publication.html"

    @property
    def title(self):
        return "Has it been published?" if self.source.is_restricted else "Correct its publication"

    @property
    def button(self):
        return "Confirm publication" if self.source.is_restricted else "Save"

    def act(self, form):
        actions.confirm_publication(self.entry, **form.cleaned_data, **self.by_and_on())


class Withdraw(EntryFormView):
    form_class = forms.WithdrawForm
    template = "inspections/withdraw.html"
    title = "Entered by mistake?"
    button = "Withdraw it"

    def done(self):
        """Withdrawn, it may be its readers' alone again."""
        if queries.inspection_page(self.source.pk, self.request.viewer) is not None:
            return super().done()
        messages.success(self.request, SAVED)
        return redirect("inspections")

    def act(self, form):
        actions.withdraw_inspection(self.entry, **form.cleaned_data, **self.by_and_on())


class Readers(OfInspection):
    """Who may read an inspection under embargo: each side kept by its own."""

    def about(self, found):
        return found.source.is_restricted

    def get(self, request):
        return self._ask(self._form())

    def post(self, request):
        return self._strike(request) if "strike" in request.POST else self._name(request)

    def _name(self, request):
        form = self._form(request.POST)
        if form.is_valid():
            try:
                cases.actions.name_reader(self.source, person=form.cleaned_data["person"], **self.by_and_on())
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return self._done()
        return self._ask(form)

    def _strike(self, request):
        typed = request.POST["strike"]
        reader = get_object_or_404(self.source.readers, pk=typed if typed.isdecimal() else 0)
        oneself = reader.person_id == request.viewer.person_id
        if oneself and "sure" not in request.POST:
            return self._ask(self._form(), oneself=reader)
        try:
            cases.actions.strike_reader(self.source, person=reader.person, **self.by_and_on())
        except Refused as refused:
            return self._ask(self._form(), refused=refused.message)
        if oneself:
            # Whoever strikes themselves off has nothing more to see of it.
            messages.success(request, SAVED)
            return redirect("inspections")
        return self._done()

    def _done(self):
        messages.success(self.request, SAVED)
        return redirect("inspection_readers", self.source.pk)

    def _form(self, data=None):
        return forms.ReaderForm(data, people=people_to_name(self.source, by=self.request.viewer))

    def _ask(self, form, refused="", oneself=None):
        kept = sides_kept_by(self.request.viewer, self.council)
        return self.render(
            "inspections/readers.html", form=form, kept_sides=kept, refused=refused, oneself=oneself
        )


class AddingRecommendations:
    """Add what a report recommends: one typed, a list pasted or a spreadsheet, the last two checked first.

    The view that it is part of knows the source, renders, and says where to go when it is done.
    """

    def get(self, request):
        return self._ask()

    def post(self, request):
        way = {
            "one": self._one,
            "list": self._list,
            "spreadsheet": self._spreadsheet,
            "checked": self._checked,
        }
        return way.get(request.POST.get("way"), self.get)(request)

    def _one(self, request):
        form = forms.RecommendationForm(request.POST)
        if form.is_valid():
            items = [tuple(form.cleaned_data[name] for name in ("paragraph", "text", "framework_reference"))]
            return self._save(items, form, lambda: self._ask(one=form))
        return self._ask(one=form)

    def _list(self, request):
        form = forms.PastedForm(request.POST)
        if not form.is_valid():
            return self._ask(pasted=form)
        items = read_pasted(form.cleaned_data["pasted"])
        if not items:
            form.add_error("pasted", "No recommendation was found in it: paste one or more")
            return self._ask(pasted=form)
        return self._check(items)

    def _spreadsheet(self, request):
        form = forms.SpreadsheetForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._ask(spreadsheet=form)
        items, problems = read_spreadsheet(form.cleaned_data["spreadsheet"])
        for problem in problems:
            form.add_error("spreadsheet", problem_words(problem))
        return self._ask(spreadsheet=form) if problems else self._check(items)

    def _checked(self, request):
        form = forms.CheckedForm(data=request.POST)
        if not form.is_valid():
            return self._preview(form)
        return self._save(form.items(), form, lambda: self._preview(form))

    def _check(self, items):
        return self._preview(forms.CheckedForm(items[:MOST_AT_ONCE]), read=len(items))

    def _save(self, items, form, ask):
        try:
            cases.actions.add_recommendations(self.source, items=items, **self.by_and_on())
        except Refused as refused:
            form.add_refusal(refused)
            return ask()
        return self.done()

    def _preview(self, form, problems=(), read=None):
        return self.render(
            "inspections/recommendations_checked.html",
            form=form,
            problems=problems,
            read=read,
            again=self.request.path,
        )

    def _ask(self, one=None, pasted=None, spreadsheet=None):
        asked = {
            "one": one or forms.RecommendationForm(),
            "pasted": pasted or forms.PastedForm(),
            "spreadsheet": spreadsheet or forms.SpreadsheetForm(),
        }
        sent = next((form for form in (one, pasted, spreadsheet) if form is not None), None)
        return self.render("inspections/recommendations_add.html", form=sent, **asked)


class AddRecommendations(AddingRecommendations, OfInspection):
    """Add what the report of an inspection recommends."""


def has_page(source):
    """Say whether a source is the report of an inspection, which has a page of its own."""
    return hasattr(source, "inspection") or hasattr(source, "entry")


def readable_recommendations(viewer):
    """Return what the viewer may see anywhere: of published sources within scope, and in confidence."""
    in_confidence = Recommendation.objects.in_confidence_to(viewer).values("pk")
    visible = Recommendation.objects.visible_to(viewer).values("pk")
    return Recommendation.objects.filter(Q(pk__in=visible) | Q(pk__in=in_confidence))


class RecommendationFormView(Asking, View):
    """Ask one thing about a recommendation and do it; as for a page of its inspection, under embargo or not."""

    title = ""

    def dispatch(self, request, pk):
        self.find(pk)
        if not may_write_of(self.source, request.viewer):
            raise PermissionDenied
        return in_confidence(request, self.source, lambda: View.dispatch(self, request))

    def find(self, pk):
        """Read the recommendation as it is now."""
        self.recommendation = get_object_or_404(
            readable_recommendations(self.request.viewer).select_related("council", "source"), pk=pk
        )
        self.source = self.recommendation.source

    def done(self):
        messages.success(self.request, SAVED)
        return redirect(self.address())

    def form(self, data=None):
        return self.form_class(data, recommendation=self.recommendation)

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def address(self):
        if not has_page(self.source):
            slug = self.recommendation.council.slug
            return f"{reverse('council_recommendations', args=[slug])}#source-{self.source.pk}"
        return f"{reverse('inspection', args=[self.source.pk])}#recommendations"

    def ask(self, form, template="inspections/recommendation_form.html", status=200):
        context = {
            "form": form,
            "recommendation": self.recommendation,
            "closed": day_words(self.recommendation.closed_on),
            "title": self.title,
            "button": self.button,
            "cancel": self.address(),
        }
        return render(self.request, template, context, status=status)

    def show_both(self):
        """Show what was typed beside what it has become; sending it again is then a decision."""
        self.find(self.recommendation.pk)
        typed = self.request.POST.copy()
        typed["revision"] = self.recommendation.revision
        again = self.form(typed)
        again.is_valid()
        return self.ask(again, template="inspections/recommendation_stale.html", status=409)


class ChangeRecommendation(RecommendationFormView):
    form_class = forms.RecommendationChangeForm
    title = "Change the recommendation"

    def act(self, form):
        cases.actions.change_recommendation(self.recommendation, **form.cleaned_data, **self.by_and_on())


class CloseRecommendation(RecommendationFormView):
    """Close it; or, where it is closed, let it stand again."""

    @property
    def closes(self):
        """What the form that was sent asked: closed by somebody else meanwhile, it must not become the contrary."""
        return self.recommendation.closed_on is None or "outcome" in self.request.POST

    @property
    def form_class(self):
        return forms.CloseForm if self.closes else forms.ReopenForm

    @property
    def title(self):
        return "Close the recommendation" if self.closes else "Let it stand again"

    @property
    def button(self):
        return "Close it" if self.closes else "Reopen it"

    def act(self, form):
        act = cases.actions.close_recommendation if self.closes else cases.actions.reopen_recommendation
        act(self.recommendation, **form.cleaned_data, **self.by_and_on())


class MilestoneMet(Met):
    """Mark a milestone as met from its inspection's page, where one under embargo can be marked at all."""

    heading = "inspections/_milestone_heading.html"

    def dispatch(self, request, pk, milestone):
        found = queries.inspection_page(pk, request.viewer)
        if found is None:
            raise Http404
        self.source = found.source
        return in_confidence(request, self.source, lambda: Met.dispatch(self, request, milestone))

    def find(self, request, pk):
        milestones = (
            Milestone.objects.readable_by(request.viewer)
            .filter(source=self.source)
            .as_at(request.viewer.today)
            .select_related("council", "case", "rule", "source", "assignee")
        )
        return get_object_or_404(milestones, pk=pk)

    def act(self, shown, answers):
        super().act(shown, answers)
        return SAVED

    def _next_page(self):
        return f"{reverse('inspection', args=[self.source.pk])}#milestones"
