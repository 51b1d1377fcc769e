"""A council that ends: what becomes of each thing it leaves, and its shadow team."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.actions import admit_shadow_team, end_shadow_team
from accounts.models import Grant
from accounts.permissions import Ability, Role
from cases.asking import AskView
from cases.refusals import Refused
from councils.models import Council
from improvement.actions import abolition as actions
from improvement.forms.succession import AdmitForm, EndAccessForm, FatesForm
from improvement.queries import succession as queries

GROUPS = (
    ("case", "Interventions"),
    ("recommendation", "Recommendations"),
    ("action", "Plan actions"),
    ("milestone", "Milestones"),
)


def _council_seen(request, slug):
    """Return a council with successors whose cases the viewer sees: 404 to others, and where there is none."""
    council = get_object_or_404(
        Council.objects.filter(request.viewer.council_filter(Ability.SEE_CASES, "pk")), slug=slug
    )
    ends_on, successors = queries.successors_of(council)
    if not successors:
        raise Http404
    return council, ends_on, successors


def _council_of_shadow_team(request, slug):
    """Return the same, for those of the council and the LGA: whom it lets in is not the DfE's to know. Or 404."""
    seen = _council_seen(request, slug)
    of_them = (Ability.READ_DRAFTS, Ability.READ_SHARED_PLANS)
    if not any(request.viewer.may_at(ability, seen[0]) for ability in of_them):
        raise Http404
    return seen


class SuccessionPage(View):
    """All that a council leaves with what was decided of it, and the choice for each; saved together or in parts.

    404 to whoever may not see the council's cases, 403 to whoever sees them and does not record interventions, 409
    where somebody else has decided meanwhile: then nothing is saved, and nothing typed is lost.
    """

    def dispatch(self, request, slug):
        self.council, *_ = _council_seen(request, slug)
        if not request.viewer.may_at(Ability.RECORD_INTERVENTION, self.council):
            raise PermissionDenied
        self.legacy = queries.legacy_of(self.council, request.viewer)
        return super().dispatch(request)

    def get(self, request):
        return self._ask(FatesForm(self.legacy))

    def post(self, request):
        form = FatesForm(self.legacy, request.POST)
        if not form.is_valid():
            return self._ask(form)
        try:
            made = actions.decide_fates(
                self.council, form.decisions(), by=request.viewer, on=request.viewer.today
            )
        except actions.NotDecided as refused:
            self.legacy = queries.legacy_of(self.council, request.viewer)
            form = FatesForm(self.legacy, request.POST)
            if not form.is_stale:
                form.is_valid()
                form.add_refusals(refused.problems)
            return self._ask(form)
        decided = {
            f"{kind}-{pk}" for row in made for kind in queries.KINDS if (pk := getattr(row, f"{kind}_id"))
        }
        left = sum(one.key not in decided for one in self.legacy.undecided)
        messages.success(request, f"{self.council.name}: {len(made)} decided, {left} still to decide.")
        return redirect(reverse("council_succession", args=[self.council.slug]))

    def _ask(self, form):
        legacy, today = self.legacy, self.request.viewer.today
        context = {
            "council": self.council,
            "legacy": legacy,
            "form": form,
            "heading": _heading(legacy, today),
            "groups": [
                (kind, heading, rows, form.same.get(kind))
                for kind, heading in GROUPS
                if (rows := [row for row in form.rows if row.left.kind == kind])
            ],
            "has_ended": self.council.until_on is not None and self.council.until_on <= today,
            "may_decide": any(row.may_change for row in form.rows),
            "names": " and ".join(one.name for one in legacy.successors),
        }
        return render(
            self.request,
            "improvement/succession/succession.html",
            context,
            status=409 if form.is_stale else 200,
        )


def _heading(legacy, today):
    """The answer: when the council ends, and how much is still to decide."""
    verb = "ended" if legacy.ends_on <= today else "ends"
    to_decide = len(legacy.undecided)
    count = (
        f"{to_decide} thing{'' if to_decide == 1 else 's'} still to decide" if to_decide else "all is decided"
    )
    if not legacy.left:
        count = "nothing is left to decide"
    return f"{legacy.council.name} {verb} on {legacy.ends_on:%-d %B %Y}: {count}"


class Abolish(View):
    """The button by which a person closes the record of a council that has ended, should the night not have done it."""

    http_method_names = ("post",)

    def post(self, request, slug):
        council, *_ = _council_seen(request, slug)
        try:
            done = actions.abolish(council, by=request.viewer, on=request.viewer.today)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            told = "its record is closed" if done else "its record was closed already"
            messages.success(request, f"{council.name} has ended: {told}.")
        return redirect(reverse("council_succession", args=[council.slug]))


class ShadowTeam(View):
    """Who of the successors may read what the council holds, and until when; read by all of the council and the LGA."""

    def get(self, request, slug):
        council, ends_on, successors = _council_of_shadow_team(request, slug)
        context = {
            "council": council,
            "ends_on": ends_on,
            "names": " and ".join(one.name for one in successors),
            "team": queries.shadow_team(council, request.viewer.today),
            "may_admit": request.viewer.may_at(Ability.APPROVE_PLANS, council),
        }
        return render(request, "improvement/succession/shadow_team.html", context)


class _LetsIn(AskView):
    def setup_for(self, request, slug, **named):
        self.council, self.ends_on, self.successors = _council_of_shadow_team(request, slug)
        if not request.viewer.may_at(Ability.APPROVE_PLANS, self.council):
            raise PermissionDenied

    def next_page(self):
        return reverse("shadow_team", args=[self.council.slug])

    def context(self):
        return {"council": self.council, "about": [("Shadow team", self.next_page())]}

    @staticmethod
    def done(action, *args, **given):
        """Call the action; what it refuses of a field becomes that field's error."""
        try:
            return action(*args, **given)
        except ValidationError as error:
            by_field = getattr(error, "message_dict", None)
            field, told = next(iter(by_field.items())) if by_field else ("", error.messages)
            raise Refused(told[0], "" if field == "__all__" else field) from error


class Admit(_LetsIn):
    title = "Let somebody of a successor in"
    guidance = (
        "They read the plans, updates and milestones that your council holds, and change nothing. "
        "What is under embargo they don’t read."
    )
    button = "Let them in"

    def form(self, data=None):
        today = self.request.viewer.today
        people = queries.shadow_candidates(self.council, today)
        return AdmitForm(data, people=people, initial={"from_on": today, "until_on": self.ends_on})

    def act(self, form):
        grant = self.done(admit_shadow_team, self.council, **form.cleaned_data, **self.by_and_on())
        return f"{grant.person.name} reads from {grant.from_on:%-d %B %Y} until {grant.until_on:%-d %B %Y}."


class EndAccess(_LetsIn):
    button = "End access"

    def setup_for(self, request, slug, pk):
        super().setup_for(request, slug)
        team = Grant.objects.filter(council=self.council, role=Role.SHADOW_TEAM)
        self.grant = get_object_or_404(team.select_related("person"), pk=pk)
        self.title = f"End the access of {self.grant.person.name}"

    def form(self, data=None):
        return EndAccessForm(data, initial={"until_on": self.request.viewer.today})

    def act(self, form):
        self.done(end_shadow_team, self.grant, **form.cleaned_data, **self.by_and_on())
        return f"{self.grant.person.name} reads until {form.cleaned_data['until_on']:%-d %B %Y}."
