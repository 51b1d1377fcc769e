"""The team of a review: built by whoever runs it, agreed by the council, seen by both and by itself.

404 to whoever may not read of the team, 403 to whoever may read and not do.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import count_of
from peer_reviews.actions import teams as actions
from peer_reviews.forms import teams as forms
from peer_reviews.models import Objection, Peer, PeerReview, TeamMember, TeamRole
from peer_reviews.presenters import teams as shown
from peer_reviews.queries import teams as queries
from peer_reviews.queries.managers import who_may_manage
from peer_reviews.views.finding import review_or_404

ROLES = {value: label for value, label in TeamRole.choices if value != TeamRole.MANAGER}


def review_with_team_or_404(viewer, reference):
    """Return the review whose team the viewer may know: of the council, the LGA or the team. Raises Http404."""
    knows = (
        Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
        | Q(pk__in=PeerReview.objects.run_by(viewer).values("pk"))
        | viewer.council_filter(Ability.READ_REVIEWS, "case__council")
    )
    return review_or_404(viewer, reference, PeerReview.objects.visible_to(viewer).filter(knows))


def team(request, reference):
    """Show the team: who is on it, what waits, and to whoever builds it whom to look for."""
    viewer = request.viewer
    review = review_with_team_or_404(viewer, reference)
    runs = PeerReview.objects.run_by(viewer).filter(pk=review.pk).exists()
    answers = PeerReview.objects.answered_by(viewer).filter(pk=review.pk).exists()
    members = queries.members(review, viewer, with_lga_facts=runs)
    places = queries.places(review)
    built = review.stage in actions.BUILT
    page = shown.team_page(review, members, places, runs=runs, answers=answers, built=built)
    objections = Objection.objects.filter(review=review).select_related("council").order_by("council__name")
    context = {
        "review": review,
        "page": page,
        "runs": runs and built,
        "keeps_days": runs and viewer.may(Ability.KEEP_PEERS),
        "answers": answers,
        "objections": list(objections)
        if runs or viewer.may_at(Ability.READ_REVIEWS, review.case.council)
        else [],
        "may_object": answers and built,
    }
    return render(request, "peer_reviews/teams/team.html", context)


def _role_or_404(role):
    if role not in ROLES:
        raise Http404
    return role


class Suggest(View):
    """Who would fit a place: ranked, with what speaks for and against; whom a conflict keeps away is never there."""

    def get(self, request, reference, role):
        review = review_with_team_or_404(request.viewer, reference)
        _role_or_404(role)
        if not PeerReview.objects.run_by(request.viewer).filter(pk=review.pk).exists():
            raise PermissionDenied
        form = forms.LookForm(request.GET)
        form.is_valid()
        asked = request.GET.get("page", "")
        page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
        found = queries.suggestions(
            review,
            role,
            request.viewer,
            wanted=form.wanted(),
            q=form.cleaned_data.get("q", ""),
            page=page,
        )
        context = {
            "review": review,
            "role": role,
            "role_words": ROLES[role],
            "form": form,
            "found": found,
            "heading": shown.suggest_heading(found, ROLES[role], review),
            "lede": shown.suggest_lede(found, review),
            "built": review.stage in actions.BUILT,
        }
        return render(request, "peer_reviews/teams/suggest.html", context)


class TeamView(AskView):
    """Ask one thing about a review's team. `among`: who may, as a queryset of reviews for a viewer."""

    template = "peer_reviews/teams/ask.html"

    def among(self, viewer):
        return PeerReview.objects.run_by(viewer)

    def setup_for(self, request, reference, **named):
        self.review = review_with_team_or_404(request.viewer, reference)
        self.find(**named)
        if not self.among(request.viewer).filter(pk=self.review.pk).exists():
            raise PermissionDenied

    def find(self):
        """Find what else the page is about. Raises Http404."""

    def next_page(self):
        return reverse("team", args=[self.review.reference])

    def context(self):
        return {"review": self.review}

    def show_both(self, request, current):
        form = self.form_as_it_is_now(request.POST.copy(), current)
        form.is_valid()
        template = "peer_reviews/teams/changed_meanwhile.html"
        return self.ask(form, template, 409, facts=self.facts(current))

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return shown.review_facts(current)


class AddToTeam(TeamView):
    """Put a peer forward for a role. A conflict is asked again here, whoever sends the form."""

    button = "Put forward"
    # The peer stands in a hidden field: what is wrong with them is said at the top.
    asked_as = {"peer": None, "role": None}

    def find(self, role):
        self.role = _role_or_404(role)
        asked = self.request.POST.get("peer") or self.request.GET.get("peer") or ""
        pool = Peer.objects.visible_to(self.request.viewer)
        self.peer = pool.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 12 else None

    @property
    def title(self):
        who = self.peer or "a peer"
        return f"Put {who} forward: {ROLES[self.role].lower()}"

    guidance = "The council then agrees or says why not."

    def next_page(self):
        return reverse("team", args=[self.review.reference])

    def form(self, data=None):
        form = forms.PutForwardForm(data, peers=Peer.objects.visible_to(self.request.viewer))
        form.initial = {"peer": self.peer.pk if self.peer else None}
        return form

    def act(self, form):
        member = actions.put_forward(
            self.review, peer=form.cleaned_data["peer"], role=self.role, **self.by_and_on()
        )
        return f"{member.name} is put forward. The council is asked to agree."


class OfMember(TeamView):
    def find(self, pk):
        members = TeamMember.objects.visible_to(self.request.viewer).select_related(
            "peer", "person", "review__case__council"
        )
        self.member = get_object_or_404(members, pk=pk, review=self.review)

    def context(self):
        return super().context() | {"member": self.member}

    def facts(self, current):
        return shown.member_facts(current)


class StandDown(OfMember):
    button = "Stand down"

    @property
    def title(self):
        return f"Stand {self.member.name} down"

    def form(self, data=None):
        return forms.StandDownForm(data, member=self.member)

    def act(self, form):
        actions.stand_down(self.member, **form.cleaned_data, **self.by_and_on())
        return f"{self.member.name} is no longer on the team."


class GroupOffice(OfMember):
    @property
    def title(self):
        return f"The group office’s agreement to {self.member.name}"

    def form(self, data=None):
        return forms.GroupOfficeForm(data, member=self.member, today=self.request.viewer.today)

    def act(self, form):
        actions.record_group_office(self.member, **form.cleaned_data, **self.by_and_on())
        return "The group office’s agreement is recorded."


class Agree(OfMember):
    button = "Answer"

    def among(self, viewer):
        return PeerReview.objects.answered_by(viewer)

    @property
    def title(self):
        return f"{self.member.name}, {self.member.get_role_display().lower()}"

    @property
    def guidance(self):
        return shown.who_they_are(
            next(
                one
                for one in queries.members(self.review, self.request.viewer, with_lga_facts=False)
                if one.member.pk == self.member.pk
            )
        )

    def form(self, data=None):
        return forms.AgreeForm(data, member=self.member)

    def act(self, form):
        asked = form.cleaned_data
        agrees = asked["agrees"] == forms.AgreeForm.YES
        actions.agree_to(
            self.member,
            agrees=agrees,
            reason=asked["reason"],
            revision=asked["revision"],
            **self.by_and_on(),
        )
        return (
            f"Agreed: {self.member.name}."
            if agrees
            else f"Not agreed: {self.member.name}. The LGA is told why."
        )


class NameManager(TeamView):
    title = "Who manages the review"
    guidance = "They write the report, and read and write the team’s notes while they serve."

    def form(self, data=None):
        people = who_may_manage(self.review, self.request.viewer.today)
        return forms.ManagerForm(data, people=people, held=self.review.manager_id)

    def act(self, form):
        member = actions.name_manager(self.review, **form.cleaned_data, **self.by_and_on())
        return f"{member.name} manages the review."


class Objections(TeamView):
    title = "Rather nobody from a statistical neighbour?"
    guidance = "Tick the councils whose people should not be on the team. The LGA alone reads this."

    def among(self, viewer):
        return PeerReview.objects.answered_by(viewer)

    def form(self, data=None):
        held = Objection.objects.filter(review=self.review).values_list("council", flat=True)
        return forms.ObjectionsForm(data, neighbours=actions.neighbours_of(self.review), held=list(held))

    def act(self, form):
        number = actions.object_to(self.review, **form.cleaned_data, **self.by_and_on())
        return f"Nobody from {count_of(number, 'neighbour')}." if number else "No objection."


class Confirm(TeamView):
    button = "Confirm the team"

    @property
    def title(self):
        return "Confirm the team"

    guidance = "Each begins to serve today: they read the council’s documents and write notes until the final report."

    def form(self, data=None):
        return forms.ConfirmForm(data, review=self.review)

    def act(self, form):
        members = actions.confirm_team(self.review, **form.cleaned_data, **self.by_and_on())
        return f"{count_of(len(members), 'member')} of the team confirmed."
