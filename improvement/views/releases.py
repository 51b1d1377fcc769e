"""What a council releases to others; and, for everybody, the plans that they may read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused
from cases.asking import AskView
from cases.presenters import count_of
from improvement.actions import releases as actions
from improvement.forms.way_out import ReleaseForm
from improvement.models import Plan
from improvement.queries.releases import plans_to_read, releasable, released_of, releases_of


@require_safe
def plans(request):
    """Every plan that the viewer may read, with the latest version and update of each that they may read."""
    readable = plans_to_read(request.viewer)
    context = {
        "heading": f"{count_of(len(readable), 'plan')} that you may read"
        if readable
        else "No plans to read yet",
        "readable": readable,
    }
    return render(request, "improvement/way_out/plans.html", context)


def _plan_of(request, reference):
    """Return the plan, for those who read all that its council holds of it; 404 for everybody else."""
    theirs = Plan.objects.filter(request.viewer.council_filter(Ability.READ_DRAFTS))
    return get_object_or_404(theirs.select_related("council"), reference=reference)


class Releases(AskView):
    """What is released to whom, since when; and the form for the next."""

    template = "improvement/way_out/releases.html"
    button = "Release it"

    def setup_for(self, request, reference):
        self.plan = _plan_of(request, reference)
        self.may_release = request.viewer.may_at(Ability.APPROVE_PLANS, self.plan.council_id)
        if request.method not in ("GET", "HEAD") and not self.may_release:
            raise PermissionDenied
        versions, updates = releasable(self.plan)
        self.things = {
            **{
                f"version-{one.pk}": (one, f"Version {one.number}, {one.get_standing_display().lower()}")
                for one in versions
            },
            **{f"update-{one.pk}": (one, f"Update for {one.period_on:%B %Y}") for one in updates},
        }

    def form(self, data=None):
        return ReleaseForm(data, things=self.things)

    def act(self, form):
        thing, words = self.things[form.cleaned_data["thing"]]
        made = actions.release(thing, audience=form.cleaned_data["audience"], **self.by_and_on())
        return f"{words}: released to {made.get_audience_display()}."

    def next_page(self):
        return reverse("plan_releases", args=[self.plan.reference])

    def context(self):
        releases = released_of(self.plan)
        in_force = sum(one.withdrawn_on is None for one in releases)
        return {
            "plan": self.plan,
            "council": self.plan.council,
            "title": f"{count_of(in_force, 'release')} of this plan in force"
            if in_force
            else "Nothing of this plan is released",
            "releases": releases,
            "may_release": self.may_release,
            "things": self.things,
        }


class WithdrawRelease(View):
    http_method_names = ["post"]

    def post(self, request, reference, pk):
        plan = _plan_of(request, reference)
        released = get_object_or_404(releases_of(plan), pk=pk)
        try:
            actions.withdraw_release(released, by=request.viewer, on=request.viewer.today)
        except Refused as refused:
            messages.info(request, refused.message)
        else:
            messages.success(request, f"Withdrawn: {released.get_audience_display()} can’t read it any more.")
        return redirect("plan_releases", reference=plan.reference)
