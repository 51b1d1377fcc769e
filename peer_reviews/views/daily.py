"""Pages of the team alone: the daily word with the director, the cases audited, and worries about a child."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from cases.presenters import day_words
from peer_reviews.actions import audits as audit_actions
from peer_reviews.actions import keep_in_touch as word_actions
from peer_reviews.actions import worries as worry_actions
from peer_reviews.forms import on_site as forms
from peer_reviews.models import AuditedCase, KeepInTouch, Worry
from peer_reviews.presenters import on_site as shown
from peer_reviews.queries import audits as audit_queries
from peer_reviews.queries import keep_in_touch as queries
from peer_reviews.views.on_site import AskOnSite, found_of_team


class OfTeamAlone(AskOnSite):
    find_review = staticmethod(found_of_team)

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)


def keep_in_touch(request, reference):
    """What was said to the director day by day; today's is asked for while the team is on site."""
    review, part = found_of_team(request, reference)
    viewer = request.viewer
    said = queries.said_in(review, viewer)
    waits = queries.waits_today(review, viewer)
    context = {
        "review": review,
        "part": part,
        "heading": shown.word_heading(said, waits, viewer.today),
        "waits": waits,
        "said": said,
        "today": viewer.today,
    }
    return render(request, "peer_reviews/on_site/keep_in_touch.html", context)


class RecordWord(OfTeamAlone):
    back, back_words = "keep_in_touch", "Keep in touch"
    title = "Record a word with the director"
    guidance = "For the team alone, and deleted with its notes."

    def form(self, data=None):
        return forms.WordForm(data, today=self.request.viewer.today)

    def act(self, form):
        given = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        word = word_actions.record_word(self.review, **given, **self.by_and_on())
        return f"What was said on {day_words(word.on)} is recorded."


class ChangeWord(OfTeamAlone):
    back, back_words = "keep_in_touch", "Keep in touch"

    @property
    def title(self):
        return f"Change what was said on {day_words(self.word.on)}"

    def find(self, pk):
        rows = KeepInTouch.objects.visible_to(self.request.viewer).select_related("review__case__council")
        self.word = get_object_or_404(rows, pk=pk, review=self.review)

    def form(self, data=None):
        return forms.WordForm(data, today=self.request.viewer.today, word=self.word)

    def act(self, form):
        word = word_actions.change_word(self.word, **form.cleaned_data, **self.by_and_on())
        return f"What was said on {day_words(word.on)} is changed."

    def facts(self, current):
        return [
            ("Day", day_words(current.on)),
            ("With", current.get_office_display()),
            ("Said", current.said),
        ]


def audits(request, reference):
    """The cases that the team audited, by reference alone: how many, and whether the council's own grades agree."""
    review, part = found_of_team(request, reference)
    cases = audit_queries.audited_of(review, request.viewer)
    tally = audit_queries.tally_of(cases)
    context = {
        "review": review,
        "part": part,
        "heading": shown.tally_heading(tally),
        "lede": shown.tally_words(tally),
        "cases": [(one, *shown.agreement(one)) for one in cases],
    }
    return render(request, "peer_reviews/on_site/audits.html", context)


class RecordAudit(OfTeamAlone):
    back, back_words = "audits", "Audits"
    title = "Record an audited case"
    guidance = "The reference alone says which case it is. What you found goes into a note."

    def form(self, data=None):
        return forms.AuditForm(data, lines=self.review.lines.all())

    def act(self, form):
        given = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        audited = audit_actions.record_audit(self.review, **given, **self.by_and_on())
        return f"{audited.reference} is recorded: {shown.agreement(audited)[0].lower()}."


class OfAudit(OfTeamAlone):
    back, back_words = "audits", "Audits"

    def find(self, pk):
        rows = AuditedCase.objects.visible_to(self.request.viewer).select_related("review__case__council")
        self.audited = get_object_or_404(rows, pk=pk, review=self.review)

    def facts(self, current):
        return [
            ("Case", current.reference),
            ("The team’s grade", current.get_team_grade_display()),
            ("The council’s own grade", current.get_council_grade_display() or "None"),
        ]


class ChangeAudit(OfAudit):
    template = "peer_reviews/on_site/audit_change.html"

    @property
    def title(self):
        return f"Change {self.audited.reference}"

    def form(self, data=None):
        return forms.AuditForm(data, lines=self.review.lines.all(), audited=self.audited)

    def context(self):
        return {**super().context(), "audited": self.audited}

    def act(self, form):
        given = {**form.cleaned_data, "revision": form.cleaned_data["revision"] or 0}
        audited = audit_actions.change_audit(self.audited, **given, **self.by_and_on())
        return f"{audited.reference} is changed."


class RemoveAudit(OfAudit):
    button = "Delete it"

    @property
    def title(self):
        return f"Delete {self.audited.reference} from the tally?"

    def form(self, data=None):
        return forms.AboutRevision(data, about=self.audited)

    def act(self, form):
        audit_actions.remove_audit(self.audited, **form.cleaned_data, **self.by_and_on())
        return f"{self.audited.reference} is deleted."


class Worried(OfTeamAlone):
    """Tell the director in person, now. What is recorded after that: when, to whom, which case; no word about it."""

    back, back_words = "worry", "Worried about a child?"
    template = "peer_reviews/on_site/worry.html"
    title = "Worried about a child? Tell the director in person now"
    button = "Record that I told them"
    asked_as = {"told_at": "told_time"}

    def form(self, data=None):
        return forms.WorryForm(data, today=self.request.viewer.today)

    def context(self):
        viewer = self.request.viewer
        return {
            **super().context(),
            "director": shown.director_words(queries.director_of(self.review, viewer.today)),
            "worries": queries.worries_of(self.review, viewer),
        }

    def act(self, form):
        told = {**form.answers(), "now": timezone.now(), **self.by_and_on()}
        worry = worry_actions.record_worry(self.review, **told)
        return f"It is recorded that you told the {worry.get_told_to_display().lower()}."


class WorryAcknowledged(OfTeamAlone):
    back, back_words = "worry", "Worried about a child?"
    title = "Did whoever you told acknowledge it?"
    button = "Yes, it was acknowledged"

    def find(self, pk):
        rows = Worry.objects.visible_to(self.request.viewer).select_related("review__case__council")
        self.worry = get_object_or_404(rows, pk=pk, review=self.review)

    @property
    def guidance(self):
        at = timezone.localtime(self.worry.told_at)
        return f"Case {self.worry.case_reference}, told on {day_words(at.date())} at {at:%H:%M}."

    def form(self, data=None):
        return forms.Nothing(data)

    def act(self, form):
        worry_actions.acknowledge_worry(self.worry, now=timezone.now(), **self.by_and_on())
        return "It is recorded as acknowledged."
