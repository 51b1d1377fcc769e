"""The pages of drafting, but for the grid: a council's plans, a plan, a version to read, and what is asked of each."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import day_words
from councils.models import Council
from improvement.actions import drafting
from improvement.actions.drafting.plans import case_choices, recommendations_to_choose
from improvement.forms import drafting as forms
from improvement.models import Plan, PlanVersion
from improvement.presenters import plans as shown
from improvement.queries.drafting import (
    left_out,
    people_to_own,
    read_draft,
    recommendations_of,
    versions_to_read,
)
from improvement.queries.evidence import evidence_of, pieces_of_evidence
from improvement.queries.plans import read_version

# Who is told that there is no plan to read yet; others, that there is no such page.
READ_PLANS = (Ability.READ_DRAFTS, Ability.READ_SHARED_PLANS, Ability.READ_SENT_PLANS)


def council_plans(request, slug):
    """The plans of a council that the viewer may read, and where they may start one."""
    viewer = request.viewer
    council = get_object_or_404(Council, slug=slug)
    versions = PlanVersion.objects.visible_to(viewer).filter(plan__council=council)
    plans = shown.plans_shown(versions.select_related("plan"))
    if not plans and not any(viewer.may_at(ability, council) for ability in READ_PLANS):
        raise Http404
    may_draft = viewer.may_at(Ability.DRAFT_PLANS, council)
    context = {
        "council": council,
        "plans": plans,
        "heading": shown.plans_heading(plans),
        "may_draft": may_draft,
    }
    return render(request, "improvement/plans/plans.html", context)


def plan(request, reference):
    """A plan: where it stands and what is next, its versions, and the ways to its other pages."""
    viewer = request.viewer
    versions = list(versions_to_read(viewer, reference).order_by("-number"))
    if not versions:
        raise Http404
    latest, about = versions[0], versions[0].plan
    may_draft = viewer.may_at(Ability.DRAFT_PLANS, about.council)
    may_approve = may_draft and viewer.may_at(Ability.APPROVE_PLANS, about.council)
    reads_drafts = may_draft or viewer.may_at(Ability.READ_DRAFTS, about.council)
    answers = len(recommendations_of(about))
    context = {
        "plan": about,
        "council": about.council,
        "version": latest,
        "versions": [shown.version_shown(one) for one in versions],
        "heading": shown.plan_heading(latest),
        "lede": shown.plan_lede(latest),
        "next": shown.next_steps(latest, may_draft=may_draft, may_approve=may_approve, answers=answers),
        "ways": shown.ways(latest, may_draft=may_draft, reads_drafts=reads_drafts, versions=versions),
        "answers": answers,
        "may_draft": may_draft,
    }
    return render(request, "improvement/plans/plan.html", context)


def plan_version(request, reference, number):
    """A version to read and to print, for whoever may."""
    version = get_object_or_404(versions_to_read(request.viewer, reference), number=number)
    document = read_version(version, request.viewer.today)
    drafts = request.viewer.may_at(Ability.DRAFT_PLANS, version.plan.council)
    pieces = pieces_of_evidence(version, request.viewer)
    context = {
        "plan": version.plan,
        "council": version.plan.council,
        "version": version,
        "document": document,
        "heading": shown.document_heading(document),
        "priorities": shown.priorities_shown(
            document, pieces, may_attach=drafts and version.approved_on is not None
        ),
        "measures": shown.measures_shown(document),
        "may_draft": version.can_change and drafts,
    }
    return render(request, "improvement/plans/version.html", context)


class StartPlan(AskView):
    title = "Start a plan"
    button = "Start it"
    guidance = "It is the council’s own until you share it. You choose what it answers next."

    def setup_for(self, request, slug):
        self.council = get_object_or_404(Council, slug=slug)
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.council):
            if request.viewer.may_at(Ability.READ_DRAFTS, self.council):
                raise PermissionDenied
            raise Http404
        self.started = None

    def form(self, data=None):
        viewer = self.request.viewer
        here = Q(plan__council=self.council) | Q(plan__council__successions__successor=self.council)
        versions = PlanVersion.objects.visible_to(viewer).filter(here).select_related("plan")
        return forms.StartForm(
            data,
            council=self.council,
            cases=case_choices(self.council, viewer),
            versions=shown.latest_of_each(versions),
        )

    def act(self, form):
        self.started = drafting.start_plan(self.council, **form.given(), **self.by_and_on())
        self.by_sheet = form.is_by_sheet()
        if self.by_sheet:
            return f"{self.started.plan.reference} is started. Upload its spreadsheet."
        return f"{self.started.plan.reference} is started. Choose what it answers."

    def next_page(self):
        if self.started is None:
            return reverse("council_plans", args=[self.council.slug])
        if self.by_sheet:
            return reverse("plan_sheet", args=[self.started.plan.reference, self.started.number])
        return reverse("plan_recommendations", args=[self.started.plan.reference])

    def context(self):
        plans = ("Plans", reverse("council_plans", args=[self.council.slug]))
        return {"council": self.council, "about": [plans]}


class OfPlan(AskView):
    """Ask something about a plan: 404 to whoever may not read it, 403 to whoever doesn't draft for its council."""

    def setup_for(self, request, reference):
        plans = Plan.objects.visible_to(request.viewer).select_related("council", "case")
        self.plan = get_object_or_404(plans, reference=reference)
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.plan.council):
            raise PermissionDenied

    def next_page(self):
        return reverse("plan", args=[self.plan.reference])

    def context(self):
        return {"council": self.plan.council, "about": [(self.plan.title, self.plan_address())]}

    def plan_address(self):
        return reverse("plan", args=[self.plan.reference])

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)


class ChangePlan(OfPlan):
    title = "Change how the plan works"

    def form(self, data=None):
        return forms.PlanForm(data, row=self.plan)

    def act(self, form):
        drafting.save_plan(self.plan, **form.cleaned_data, **self.by_and_on())
        return "Saved."

    def facts(self, current):
        return [
            ("Title", current.title),
            ("Status", current.get_scale_display()),
            ("Months of an update", current.months),
            ("Signs actions off", current.sign_off_by),
        ]


class ChooseRecommendations(OfPlan):
    title = "What does the plan answer?"
    guidance = "From one report or several. What no report asks for can be an action with an aim of its own."

    def form(self, data=None):
        viewer = self.request.viewer
        choices = recommendations_to_choose(self.plan, viewer, viewer.today).select_related("source")
        return forms.RecommendationsForm(
            data, plan=self.plan, choices=choices.order_by("source__dated_on", "source", "number")
        )

    def act(self, form):
        drafting.choose_recommendations(
            self.plan,
            recommendations=form.given(),
            revision=form.cleaned_data["revision"],
            **self.by_and_on(),
        )
        return "Saved."

    def next_page(self):
        draft = self.plan.versions.in_work().first()
        if draft is None:
            return self.plan_address()
        return reverse("plan_grid", args=[self.plan.reference, draft.number])

    def facts(self, current):
        chosen = recommendations_of(current)
        return [(one.source.title, f"{one.number}: {one.text}") for one in chosen] or [("Answers", "nothing")]


class NewVersion(OfPlan):
    title = "Begin a new version"
    button = "Begin it"
    guidance = "It begins as a copy of the latest. What has been shared or sent stays as it was."

    def form(self, data=None):
        return forms.NewVersionForm(data)

    def act(self, form):
        self.made = drafting.new_version(self.plan, **form.cleaned_data, **self.by_and_on())
        return f"Version {self.made.number} is begun."

    def next_page(self):
        made = getattr(self, "made", None)
        return reverse("plan_grid", args=[self.plan.reference, made.number]) if made else self.plan_address()


class OfVersion(OfPlan):
    """Ask something about a version in work."""

    def setup_for(self, request, reference, number):
        versions = versions_to_read(request.viewer, reference)
        self.version = get_object_or_404(versions, number=number)
        self.plan = self.version.plan
        if not request.viewer.may_at(Ability.DRAFT_PLANS, self.plan.council):
            raise PermissionDenied

    def here(self, *more):
        return [self.plan.reference, self.version.number, *more]

    def context(self):
        version = (f"Version {self.version.number}", reverse("plan_version", args=self.here()))
        return {
            "council": self.plan.council,
            "about": [(self.plan.title, self.plan_address()), version],
            "plan": self.plan,
            "version": self.version,
        }

    def next_page(self):
        return reverse("plan_grid", args=self.here())


class AboutVersion(OfVersion):
    title = "Why we are here"

    def form(self, data=None):
        return forms.VersionForm(data, row=self.version)

    def act(self, form):
        drafting.save_version(self.version, **form.cleaned_data, **self.by_and_on())
        return "Saved."

    def next_page(self):
        return reverse("plan_version", args=self.here())

    def facts(self, current):
        return [
            ("Why we are here", current.introduction),
            ("To be sent by", day_words(current.statutory_on)),
        ]


class AddPriority(OfVersion):
    title = "Add a priority"

    def form(self, data=None):
        return forms.PriorityForm(data, count=0)

    def act(self, form):
        made = drafting.add_priority(self.version, **form.cleaned_data, **self.by_and_on())
        return f"Priority {made.place} added."


class OfRow(OfVersion):
    """Ask something about a row of a draft, found by `rows`; `removal` is the name of the page that removes it."""

    rows = ""
    template = "improvement/plans/row.html"
    removal = ""

    def setup_for(self, request, reference, number, pk):
        super().setup_for(request, reference, number)
        self.row = get_object_or_404(getattr(self.version, self.rows), pk=pk)

    def context(self):
        removal = reverse(self.removal, args=self.here(self.row.pk)) if self.removal else ""
        return super().context() | {"removal": removal, "row": self.row}

    def form_as_it_is_now(self, typed, current):
        self.row = current
        return super().form_as_it_is_now(typed, current)


class ChangePriority(OfRow):
    rows = "priorities"
    title = "Change the priority"
    removal = "plan_priority_remove"

    def form(self, data=None):
        return forms.PriorityForm(data, row=self.row, count=self.version.priorities.count())

    def act(self, form):
        given = dict(form.cleaned_data)
        place = given.pop("place")
        saved = drafting.save_priority(self.row, **given, **self.by_and_on())
        if place != saved.place:
            drafting.move_priority(saved, place=place, **self.by_and_on())
        return f"Priority {place} saved."

    def facts(self, current):
        return [
            ("Priority", current.title),
            ("Outcome", current.outcome),
            ("Enabler", current.get_enabler_display()),
            ("Led by", current.lead),
        ]


class RemoveRow(OfRow):
    button = "Remove it"
    guidance = "It goes from this version. Versions that were shared or sent keep it."

    def form(self, data=None):
        return forms.RemoveForm(data, row=self.row)

    def context(self):
        return super().context() | {"removal": "", "told": str(self.row)}

    def facts(self, current):
        return [("It says now", str(current))]


class RemovePriority(RemoveRow):
    rows = "priorities"
    title = "Remove this priority?"

    def act(self, form):
        drafting.remove_priority(self.row, **form.cleaned_data, **self.by_and_on())
        return "Priority removed."


class Measures(OfVersion):
    """The measures of a draft, and a form for the next."""

    template = "improvement/plans/measures.html"
    title = "Measures"
    button = "Add it"

    def form(self, data=None):
        return forms.MeasureForm(data, priorities=self.version.priorities.all())

    def act(self, form):
        made = drafting.add_measure(self.version, **form.cleaned_data, **self.by_and_on())
        return f"“{made.name}” added."

    def next_page(self):
        return reverse("plan_version_measures", args=self.here())

    def context(self):
        rows = list(self.version.measures.select_related("priority"))
        return super().context() | {"rows": rows, "heading": shown.measures_heading(rows)}


class ChangeMeasure(OfRow):
    rows = "measures"
    title = "Change the measure"
    removal = "plan_measure_remove"

    def form(self, data=None):
        return forms.MeasureForm(data, row=self.row, priorities=self.version.priorities.all())

    def act(self, form):
        saved = drafting.save_measure(self.row, **form.cleaned_data, **self.by_and_on())
        return f"“{saved.name}” saved."

    def next_page(self):
        return reverse("plan_version_measures", args=self.here())

    def facts(self, current):
        return shown.measure_facts(current)


class RemoveMeasure(RemoveRow):
    rows = "measures"
    title = "Remove this measure?"

    def act(self, form):
        drafting.remove_measure(self.row, **form.cleaned_data, **self.by_and_on())
        return "Measure removed."

    def next_page(self):
        return reverse("plan_version_measures", args=self.here())


class Risks(OfVersion):
    """The risks of a draft, and a form for the next."""

    template = "improvement/plans/risks.html"
    title = "Risks"
    button = "Add it"

    def form(self, data=None):
        return forms.RiskForm(data)

    def act(self, form):
        drafting.add_risk(self.version, **form.cleaned_data, **self.by_and_on())
        return "Risk added."

    def next_page(self):
        return reverse("plan_risks", args=self.here())

    def context(self):
        rows = list(self.version.risks.all())
        return super().context() | {"rows": rows, "heading": shown.risks_heading(rows)}


class ChangeRisk(OfRow):
    rows = "risks"
    title = "Change the risk"
    removal = "plan_risk_remove"

    def form(self, data=None):
        return forms.RiskForm(data, row=self.row)

    def act(self, form):
        drafting.save_risk(self.row, **form.cleaned_data, **self.by_and_on())
        return "Risk saved."

    def next_page(self):
        return reverse("plan_risks", args=self.here())

    def facts(self, current):
        return [
            ("Risk", current.text),
            ("Likelihood and impact", f"{current.likelihood or '–'} and {current.impact or '–'}"),
            ("What is done about it", current.mitigation),
            ("Owner", current.owner_post),
        ]


class RemoveRisk(RemoveRow):
    rows = "risks"
    title = "Remove this risk?"

    def act(self, form):
        drafting.remove_risk(self.row, **form.cleaned_data, **self.by_and_on())
        return "Risk removed."

    def next_page(self):
        return reverse("plan_risks", args=self.here())


class OfAction(OfVersion):
    """Ask something about an action of a draft, found by the action's own number (its identity)."""

    template = "improvement/plans/action.html"

    def setup_for(self, request, reference, number, action):
        super().setup_for(request, reference, number)
        self.row = get_object_or_404(self.version.actions.select_related("priority"), action=action)

    def numbered(self):
        """Return (action, its number) of every action of the version, in order."""
        return [
            (planned, f"{number}.{place}")
            for number, (_, actions) in enumerate(read_draft(self.version).priorities, 1)
            for place, planned in enumerate(actions, 1)
        ]

    def context(self):
        return super().context() | {"row": self.row}

    def next_page(self):
        return f"{reverse('plan_grid', args=self.here())}#action-{self.row.action_id}"

    def form_as_it_is_now(self, typed, current):
        self.row = current
        return super().form_as_it_is_now(typed, current)

    def facts(self, current):
        return shown.action_facts(current)


class ChangeAction(OfAction):
    guidance = "Only what is to be done has to be filled in; the rest makes it credible."

    @property
    def title(self):
        return f"Action {self.row.priority.place}.{self.row.place} in full"

    def form(self, data=None):
        viewer = self.request.viewer
        return forms.ActionForm(
            data,
            row=self.row,
            people=people_to_own(self.plan.council, viewer.today),
            recommendations=recommendations_of(self.plan),
            measures=self.version.measures.select_related("measure"),
        )

    def act(self, form):
        drafting.save_action(self.row, **form.given(), **self.by_and_on())
        return "Action saved."

    def context(self):
        return super().context() | {
            "remove": reverse("plan_action_remove", args=self.here(self.row.action_id)),
            "merge": reverse("plan_action_merge", args=self.here(self.row.action_id)),
            "evidence": reverse("action_evidence", args=[self.plan.reference, self.row.action_id]),
            "pieces": len(evidence_of([self.row.action_id], self.request.viewer)[self.row.action_id]),
        }


class RemoveAction(OfAction):
    title = "Remove this action?"
    button = "Remove it"
    guidance = "It goes from this version. Versions that the council has approved keep it."

    def form(self, data=None):
        approved = self.row.action.planned.filter(version__approved_on__isnull=False).exists()
        return forms.RemoveForm(data, row=self.row, asks_why=approved)

    def act(self, form):
        drafting.remove_action(self.row, **form.cleaned_data, **self.by_and_on())
        return "Action removed."

    def next_page(self):
        return reverse("plan_grid", args=self.here())


class PutBackAction(OfVersion):
    """Bring back an action that was dropped or merged since the version before."""

    title = "Put an action back"
    button = "Put it back"
    guidance = "Dropped or merged since the version that this one was made from."

    def form(self, data=None):
        return forms.PutBackForm(data, left_out=left_out(self.version))

    def act(self, form):
        back = drafting.put_back_action(self.version, form.cleaned_data["action"], **self.by_and_on())
        return f"Action {back.priority.place}.{back.place} is back."


class MergeAction(OfAction):
    title = "Merge this action with another"
    button = "Merge them"
    guidance = "The other takes over what it answers, its measures and its kinds of evidence."

    def form(self, data=None):
        others = [(one, number) for one, number in self.numbered() if one.pk != self.row.pk]
        return forms.MergeForm(data, row=self.row, others=others)

    def act(self, form):
        drafting.merge_action(self.row, **form.cleaned_data, **self.by_and_on())
        return "The two actions are one."

    def next_page(self):
        return reverse("plan_grid", args=self.here())
