"""The findings of a review's team: their list, each one's page, and what the team does to them.

404 to whoever may not read them; 403 to the LGA's readers after the final report, who may read and not write.
"""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.generic import View

from accounts.permissions import Ability
from cases.actions import Refused
from cases.asking import AskView
from cases.presenters import count_of, day_words
from peer_reviews.actions import findings as actions
from peer_reviews.actions.pre_brief import record_pre_brief
from peer_reviews.forms import findings as forms
from peer_reviews.models import Finding, PeerReview, PreBrief
from peer_reviews.models.findings import reviews_with_findings_for
from peer_reviews.presenters import findings as shown
from peer_reviews.queries import findings as queries
from peer_reviews.views.finding import review_or_404

NOTES_A_PAGE = 50


def findings_review_or_404(viewer, reference):
    """Return the review whose findings the viewer may read, with `may_write`. Raises Http404."""
    review = review_or_404(viewer, reference, reviews_with_findings_for(viewer))
    review.may_write = (
        review.final_on is None and PeerReview.objects.of_team(viewer).filter(pk=review.pk).exists()
    )
    return review


class Findings(View):
    """The team's findings by line of enquiry, and what they still want."""

    def get(self, request, reference):
        review = findings_review_or_404(request.viewer, reference)
        found = queries.findings_of(review, request.viewer)
        standing = [one for one in found if one.dropped_on is None]
        brief = queries.pre_brief_of(review)
        context = {
            "review": review,
            "heading": shown.findings_heading(standing),
            "lines": shown.lines_shown(standing),
            "dropped": [shown.finding_shown(one) for one in found if one.dropped_on],
            "not_gathered": queries.notes_not_gathered(review, request.viewer) if review.may_write else 0,
            "pre_brief": shown.pre_brief_words(brief) if brief else "",
            "lede": shown.readers_words(review),
        }
        return render(request, "peer_reviews/findings/findings.html", context)


class FindingPage(View):
    """One finding: its words, on what it rests, who sees it otherwise."""

    def get(self, request, reference, pk):
        review = findings_review_or_404(request.viewer, reference)
        finding = queries.finding_with_all(pk, review, request.viewer)
        if finding is None:
            raise Http404
        finding.dissents = sum(one.withdrawn_on is None for one in finding.dissent.all())
        notes = list(queries.notes_of(finding, request.viewer))
        context = {
            "review": review,
            "finding": finding,
            "shown": shown.finding_shown(finding),
            "notes": notes,
            "dissent": [shown.dissent_shown(one, request.viewer) for one in finding.dissent.all()],
            "wordings": finding.wordings.count(),
            "support": shown.support_words(finding.support) if finding.support else "",
            "writes": review.may_write and finding.dropped_on is None,
            "may_offer": self._may_offer(review, finding),
        }
        return render(request, "peer_reviews/findings/finding.html", context)

    def _may_offer(self, review, finding):
        """Whether it may be offered to the sector as a lesson."""
        ready = review.final_on is not None and finding.agreed_on is not None and finding.dropped_on is None
        return ready and self.request.viewer.may_at(Ability.RUN_REVIEWS, review.case.council_id)


class History(View):
    """What a finding has said, since when and by whom; any two wordings word by word."""

    def get(self, request, reference, pk):
        review = findings_review_or_404(request.viewer, reference)
        finding = get_object_or_404(Finding.objects.visible_to(request.viewer).filter(review=review), pk=pk)
        wordings = shown.wordings_shown(queries.wordings_of(finding))
        latest = len(wordings)
        before = _number(request.GET.get("before"), latest, default=max(latest - 1, 1))
        after = _number(request.GET.get("after"), latest, default=latest)
        context = {
            "review": review,
            "finding": finding,
            "wordings": wordings[::-1],
            "before": before,
            "after": after,
            "parts": shown.compared_shown(wordings[before - 1].words, wordings[after - 1].words)
            if latest > 1
            else (),
        }
        return render(request, "peer_reviews/findings/history.html", context)


def _number(typed, most, *, default):
    return int(typed) if typed and typed.isdecimal() and 1 <= int(typed) <= most else default


class OfFindings(AskView):
    """Ask one thing of a review's team."""

    template = "peer_reviews/findings/ask.html"

    def setup_for(self, request, reference, **named):
        self.review = findings_review_or_404(request.viewer, reference)
        self.find(**named)
        if not self.review.may_write:
            raise PermissionDenied

    def find(self):
        """Find what else the page is about, or raise Http404."""

    def next_page(self):
        return reverse("findings", args=[self.review.case.reference])

    def context(self):
        return {"review": self.review}

    def show_both(self, request, current):
        form = self.form_as_it_is_now(request.POST.copy(), current)
        form.is_valid()
        return self.ask(form, "peer_reviews/findings/changed.html", 409, facts=self.facts(current))

    def _standing(self, without=None):
        others = Finding.objects.standing().filter(review=self.review)
        others = others.exclude(kind=Finding.Kind.RECOMMENDATION).order_by("place", "pk")
        return list(others.exclude(pk=without.pk) if without else others)


class AddFinding(OfFindings):
    """Write a finding, from notes that were ticked in the list of notes or from none."""

    template = "peer_reviews/findings/add.html"
    title = "What did the team find?"
    button = "Save the finding"

    def post(self, request):
        # From the list of notes come the ticks alone: there is nothing to check yet.
        return self.get(request) if "wording" not in request.POST else super().post(request)

    def chosen(self):
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        ticked = [*sent.getlist("note"), *sent.getlist("notes")]
        numbers = {int(number) for number in ticked if number.isdecimal() and len(number) < 19}
        return list(queries.chosen_notes(self.review, self.request.viewer, numbers))

    def form(self, data=None):
        self.notes = self.chosen()
        form = forms.FindingForm(
            data,
            lines=self.review.lines.all(),
            findings=self._standing(),
            notes=[note.pk for note in self.notes],
        )
        lines = {note.line_id for note in self.notes}
        if len(lines) == 1:
            form.initial["line"] = lines.pop() or ""
        return form

    def context(self):
        return super().context() | {"notes": self.notes}

    def act(self, form):
        finding = actions.add_finding(
            self.review, **form.cleaned_data, **self.by_and_on(), now=timezone.now()
        )
        return f"Saved. It rests on {count_of(finding.gathered_set.count(), 'note')}."


class OfFinding(OfFindings):
    """Ask one thing about one finding that stands."""

    standing = True

    def find(self, pk):
        self.finding = queries.finding_with_all(pk, self.review, self.request.viewer)
        if self.finding is None or (self.finding.dropped_on is None) != self.standing:
            raise Http404

    def next_page(self):
        return reverse("finding", args=[self.review.case.reference, self.finding.pk])

    def context(self):
        return super().context() | {"finding": self.finding}

    def form(self, data=None):
        return forms.RevisionForm(data, finding=self.finding)

    def form_as_it_is_now(self, typed, current):
        self.finding = queries.finding_with_all(current.pk, self.review, self.request.viewer)
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        current = self.finding
        return [
            ("It is", current.get_kind_display()),
            ("What the team found", current.wording),
            ("Line of enquiry", current.line or "None in particular"),
            ("How severe it is", current.get_severity_display() or "Not said"),
            ("Wording agreed", day_words(current.agreed_on) or "Not yet"),
            ("Puts the council at risk", "Yes" if current.at_risk else "No"),
        ]


class ChangeFinding(OfFinding):
    title = "Change the finding"

    @property
    def guidance(self):
        return (
            "Its team agreed this wording. Other words are to be agreed anew."
            if self.finding.agreed_on
            else ""
        )

    def form(self, data=None):
        return forms.FindingForm(
            data, lines=self.review.lines.all(), findings=self._standing(self.finding), finding=self.finding
        )

    def act(self, form):
        actions.change_finding(self.finding, **form.cleaned_data, **self.by_and_on(), now=timezone.now())
        return "Saved."


class GatherNotes(OfFinding):
    """Search the team's notes for those on which a finding rests; tick more, or take some away."""

    template = "peer_reviews/findings/gather.html"
    title = "Which notes does it rest on?"

    def context(self):
        viewer, asked = self.request.viewer, self.request.GET.copy()
        # Until another line is asked for, the notes of the finding's own come first to mind.
        asked.setdefault("line", self.finding.line_id or "")
        search = forms.NoteFilterForm(asked, lines=self.review.lines.all())
        found = queries.notes_to_gather(self.review, viewer, without=self.finding, **search.asked())
        return super().context() | {
            "search": search,
            "page": Paginator(found, NOTES_A_PAGE).get_page(asked.get("page")),
            "gathered": list(queries.notes_of(self.finding, viewer)),
            "shown": shown.finding_shown(self.finding),
        }

    def form(self, data=None):
        return forms.GatherForm(data)

    def act(self, form):
        added, removed = form.cleaned_data["add"], form.cleaned_data["remove"]
        actions.gather(self.finding, add=added, remove=removed, **self.by_and_on())
        return f"{count_of(len(added), 'note')} added, {len(removed)} taken away."


class AgreeWording(OfFinding):
    title = "Has the team agreed this wording?"
    button = "The team agrees it"

    def act(self, form):
        actions.agree_wording(self.finding, **self.by_and_on(), revision=form.cleaned_data["revision"])
        return "Agreed. Changing a word makes it to be agreed anew."


class AddDissent(OfFinding):
    title = "Do you see it otherwise?"

    def form(self, data=None):
        return forms.DissentForm(data)

    def act(self, form):
        actions.dissent(self.finding, **form.cleaned_data, **self.by_and_on())
        return "Kept with the finding."


class WithdrawDissent(OfFinding):
    title = "Do you no longer see it otherwise?"
    button = "Withdraw"
    guidance = "What you said stays with the finding, marked as withdrawn."

    def find(self, pk, dissent):
        super().find(pk)
        self.dissent = next((one for one in self.finding.dissent.all() if one.pk == dissent), None)
        if self.dissent is None:
            raise Http404
        if self.dissent.made_by.person_id != self.request.viewer.person_id:
            raise PermissionDenied

    def act(self, form):
        self.dissent.finding = self.finding
        actions.withdraw_dissent(self.dissent, **self.by_and_on())
        return "Withdrawn. It stays readable."


class DropFinding(OfFinding):
    title = "Leave this finding out?"
    button = "Leave it out"
    guidance = "Its words and its history stay; it is told to nobody. You can take it up again."

    def next_page(self):
        return reverse("findings", args=[self.review.case.reference])

    def context(self):
        return super().context() | {"cancel": super().next_page()}

    def act(self, form):
        actions.drop_finding(self.finding, **self.by_and_on(), revision=form.cleaned_data["revision"])
        return "Left out."


class TakeUpAgain(OfFinding):
    standing = False
    title = "Take this finding up again?"
    button = "Take it up again"

    def act(self, form):
        actions.take_up_again(self.finding, **self.by_and_on(), revision=form.cleaned_data["revision"])
        return "It stands again. Its wording is to be agreed."


class MarkRisk(OfFinding):
    """Mark that it puts the council at risk at its next inspection, or that it doesn't after all."""

    @property
    def marks(self):
        """Whether this marks it; what was sent says so itself, for somebody else may have marked it meanwhile."""
        sent = self.request.POST
        return "days" in sent if sent else not self.finding.at_risk

    @property
    def title(self):
        if self.marks:
            return "Does it put the council at risk at its next inspection?"
        return "Does it put nothing at risk after all?"

    @property
    def button(self):
        return "Mark it, and ask for support" if self.marks else "Withdraw the mark"

    @property
    def guidance(self):
        if not self.marks:
            return "The offer of enhanced support is withdrawn with it."
        return (
            "The LGA is then to offer enhanced support by a day that it and the council see. "
            "That says nothing of the finding, which the council hears at the feedback."
        )

    def form(self, data=None):
        asked = forms.RiskForm if self.marks else forms.RevisionForm
        return asked(data, finding=self.finding)

    def act(self, form):
        if not self.marks:
            actions.unmark_risk(self.finding, **form.cleaned_data, **self.by_and_on())
            return "The mark is withdrawn, and with it the offer of support."
        finding = actions.mark_risk(self.finding, **form.cleaned_data, **self.by_and_on())
        return f"Marked. Enhanced support is to be offered by {day_words(finding.support.due_on)}."


@require_POST
def move(request, reference, pk):
    """Put a finding before or after the one beside it, and come back to it."""
    review = findings_review_or_404(request.viewer, reference)
    finding = get_object_or_404(Finding.objects.visible_to(request.viewer).filter(review=review), pk=pk)
    try:
        up = request.POST.get("to") != "down"
        actions.move_finding(finding, up=up, by=request.viewer, on=request.viewer.today)
    except Refused:
        # It was dropped while the list was open: the list shows that.
        return redirect("findings", reference)
    return redirect(f"{reverse('findings', args=[reference])}#finding-{pk}")


class RecordPreBrief(OfFindings):
    title = "Who has heard the feedback first?"
    guidance = (
        "The director of children’s services, the chief executive and the leader hear it in private, "
        "before anybody else."
    )
    asked_as = {"held_at": "time"}

    def find(self):
        self.brief = PreBrief.objects.visible_to(self.request.viewer).filter(review=self.review).first()

    def form(self, data=None):
        return forms.PreBriefForm(data, brief=self.brief, today=self.request.viewer.today)

    def act(self, form):
        brief = record_pre_brief(self.review, **form.asked(), **self.by_and_on(), now=timezone.now())
        return shown.pre_brief_words(brief)

    def form_as_it_is_now(self, typed, current):
        self.brief = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("The pre-brief", shown.pre_brief_words(current))]
