"""The page on which a person says whether a recorded episode is open."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused
from cases.models import Case
from improvement.actions import confirm_episode, reject_episode
from improvement.forms.interventions import EpisodeForm
from improvement.queries.stages import timeline


class ConfirmEpisode(View):
    """Ask whether an episode that published notices and directions alone tell of is open.

    404 for whoever may not see the case, 403 for whoever may see it and not answer.
    """

    def dispatch(self, request, reference):
        self.case = get_object_or_404(
            Case.objects.visible_to(request.viewer).select_related("council"),
            reference=reference,
            intervention__isnull=False,
        )
        if not request.viewer.may_at(Ability.CONFIRM_EPISODES, self.case.council_id):
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        if self.case.standing != Case.Standing.UNCONFIRMED:
            return self._answered_already()
        return self._ask(EpisodeForm())

    def post(self, request):
        form = EpisodeForm(request.POST)
        if not form.is_valid():
            return self._ask(form)
        is_open = form.cleaned_data["answer"] == EpisodeForm.OPEN
        act = confirm_episode if is_open else reject_episode
        try:
            act(self.case, by=request.viewer, on=request.viewer.today)
        except Refused:
            return self._answered_already()
        words = "counts as open from today" if is_open else "does not count; its rows stay on the timeline"
        messages.success(request, f"{self.case.council.name}: {self.case.reference} {words}.")
        return redirect(self.case.council.get_absolute_url())

    def _ask(self, form):
        on = self.request.viewer.today
        rows = [
            row
            for row in timeline(self.case.council, self.request.viewer, on)
            if row.case_reference == self.case.reference
        ]
        context = {"case": self.case, "form": form, "rows": rows}
        return render(self.request, "improvement/episode_confirm.html", context)

    def _answered_already(self):
        messages.info(self.request, f"{self.case.reference} has been answered already.")
        return redirect(self.case.council.get_absolute_url())
