"""Coverage, credibility and comparison: what any reader of a version may ask of it. 404 for whoever may not read it."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from improvement.models import Plan, PlanVersion, Snapshot
from improvement.presenters import checks as shown
from improvement.queries.checks import checks_recorded, late_and_complete, versions_to_check
from improvement.queries.plans import read_version
from improvement.rules.comparing import compare
from improvement.rules.coverage import coverage
from improvement.rules.credibility import check, from_json
from improvement.rules.plans import from_json as document_from_json

# From this many actions on, the columns of the matrix stand closer together on paper.
MANY_ACTIONS = 60


class OfVersion(View):
    """A page about one version."""

    def dispatch(self, request, reference, number, **rest):
        versions = versions_to_check(request.viewer, reference)
        self.version = get_object_or_404(versions, number=number)
        return super().dispatch(request, **rest)

    def show(self, template, page, **context):
        context |= {"version": self.version, "plan": self.version.plan, "page": page}
        return render(self.request, template, context)


class Coverage(OfVersion):
    """The coverage matrix: as a table, or with `?as=list` as a list."""

    def get(self, request):
        document = read_version(self.version, request.viewer.today)
        late, complete = late_and_complete(self.version, request.viewer)
        found = coverage(document, late=late, complete=complete)
        here = (self.version.plan.reference, self.version.number)
        return self.show(
            "improvement/checks/coverage.html",
            "coverage",
            heading=shown.coverage_heading(found),
            lede=shown.coverage_lede(found),
            found=found,
            rows=shown.matrix_rows(found),
            priorities=shown.matrix_actions(document, found),
            as_list=request.GET.get("as") == "list",
            is_dense=len(found.actions) > MANY_ACTIONS,
            mend=reverse("plan_grid", args=here) if self.version.may_draft else "",
        )


class Check(OfVersion):
    """The credibility check as it stands, and as it was recorded when the version was shared and sent.

    Advice, for the council and the LGA alone: to other readers of the version there is no such page.
    """

    def get(self, request):
        if not self.version.shows_advice:
            raise Http404
        points = check(read_version(self.version, request.viewer.today))
        recorded = [
            (snapshot, shown.check_heading(from_json(snapshot.content["check"])))
            for snapshot in checks_recorded(self.version)
        ]
        return self.show(
            "improvement/checks/check.html",
            "check",
            heading=shown.check_heading(points),
            failing=shown.points_shown(points, self.version),
            holding=[point for point in points if point.holds],
            recorded=recorded,
        )


class Compare(OfVersion):
    """A version beside another, which comes first; `?before=` and `?after=` name snapshots of them instead."""

    def get(self, request, other):
        viewer = request.viewer
        earlier = get_object_or_404(
            PlanVersion.objects.visible_to(viewer), plan=self.version.plan, number=other
        )
        before = self._document(earlier, request.GET.get("before"))
        after = self._document(self.version, request.GET.get("after"))
        comparison = compare(before, after)
        of_plan, groups = shown.comparison_shown(comparison, before, after)
        choices = _choices(viewer, self.version.plan)
        return self.show(
            "improvement/checks/compare.html",
            "compare",
            heading=shown.comparison_heading(comparison),
            earlier=earlier,
            of_plan=of_plan,
            groups=groups,
            choices=choices,
            chosen_before=request.GET.get("before") or str(earlier.number),
            chosen_after=request.GET.get("after") or str(self.version.number),
            names=dict(choices),
        )

    def _document(self, version, snapshot):
        if not snapshot:
            return read_version(version, self.request.viewer.today)
        taken = get_object_or_404(
            Snapshot.objects.visible_to(self.request.viewer), version=version, reference=snapshot
        )
        return document_from_json(taken.content)


class ChooseVersions(View):
    """Go where two versions or snapshots are compared: those asked for, else the latest and the one before."""

    def get(self, request, reference):
        plan = get_object_or_404(Plan.objects.visible_to(request.viewer), reference=reference)
        versions = {one.number: one for one in plan.versions.visible_to(request.viewer)}
        if not versions:
            raise Http404
        numbers = sorted(versions)
        before = request.GET.get("before") or str(numbers[max(len(numbers) - 2, 0)])
        after = request.GET.get("after") or str(numbers[-1])
        sides = {"before": self._side(before, plan), "after": self._side(after, plan)}
        page = reverse("plan_compare", args=[reference, sides["after"][0], sides["before"][0]])
        asked = "&".join(f"{side}={taken}" for side, (_, taken) in sides.items() if taken)
        return redirect(f"{page}?{asked}" if asked else page)

    def _side(self, chosen, plan):
        """Return (the version's number, the snapshot's reference or "")."""
        if chosen.isdecimal() and len(chosen) < 6:
            return int(chosen), ""
        snapshots = Snapshot.objects.visible_to(self.request.viewer).filter(version__plan=plan)
        taken = get_object_or_404(snapshots.select_related("version"), reference=chosen)
        return taken.version.number, taken.reference


def _choices(viewer, plan):
    """Return [(value, words)] of what can be compared: each version, and each snapshot that left the house."""
    versions = plan.versions.visible_to(viewer).order_by("-number")
    snapshots_read = Snapshot.objects.visible_to(viewer).filter(version__in=versions.values("pk"))
    taken = snapshots_read.defer("content").order_by("-pk")
    snapshots = {}
    for one in taken:
        snapshots.setdefault(one.version_id, []).append(one)
    choices = []
    for version in versions:
        standing = version.get_standing_display()
        choices.append(
            (str(version.number), f"Version {version.number}: {standing[:1].lower()}{standing[1:]}")
        )
        choices += [
            (one.reference, f"Version {version.number} as it left: {one.reference}")
            for one in snapshots.get(version.pk, ())
        ]
    return choices
