"""The page on which a principal adviser allocates a region's councils and cases."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import NotAllocated, allocate_all
from cases.presenters import count_of
from councils.models import Council, Region
from dashboards.allocation import allocated_in
from dashboards.allocation_forms import AllocationForm


class RegionAllocation(View):
    """Ask for every council of a region who looks after it and who is on its case, and save them together.

    404 to whoever sees nothing of the LGA's there, 403 to whoever may only read it, 409 where somebody else has
    changed what was chosen: then nothing is saved, and nothing chosen is lost.
    """

    def dispatch(self, request, slug):
        self.region = get_object_or_404(Region, slug=slug)
        self.allocated = allocated_in(self.region, viewer=request.viewer)
        if not self.allocated:
            raise PermissionDenied if self._sees_it() else Http404
        return super().dispatch(request)

    def _sees_it(self):
        reach = self.request.viewer.council_filter(Ability.SEE_LGA_ONLY, "pk")
        return Council.objects.in_region(self.region, self.request.viewer.today).filter(reach).exists()

    def get(self, request):
        return self._ask(AllocationForm(self.allocated))

    def post(self, request):
        form = AllocationForm(self.allocated, request.POST)
        if not form.is_valid():
            return self._ask(form)
        wanted = form.wanted()
        try:
            allocate_all(wanted, by=request.viewer, on=request.viewer.today)
        except NotAllocated as refused:
            # Read anew, the form knows what is stale.
            self.allocated = allocated_in(self.region, viewer=request.viewer)
            return self._ask(AllocationForm(self.allocated, request.POST, refused.problems))
        said = f"{count_of(len(wanted), 'allocation')} changed." if wanted else "Nothing was changed."
        messages.success(request, said)
        return redirect(self.region.get_absolute_url())

    def _ask(self, form):
        without = sum(row.adviser is None for row in self.allocated)
        context = {"region": self.region, "form": form, "councils": len(self.allocated), "without": without}
        return render(
            self.request, "dashboards/allocation.html", context, status=409 if form.is_stale else 200
        )
