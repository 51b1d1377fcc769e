"""Taking a review on: its days, its next stage, putting it off and taking it up again, cancelling, a call by Ofsted."""

from cases.presenters import day_words
from peer_reviews.actions import calls, moving
from peer_reviews.forms import moving as forms
from peer_reviews.models import PeerReview, Stage
from peer_reviews.presenters.reviews import days_words, page_of_review
from peer_reviews.rules.readiness import DONE_ELSEWHERE, lacking, next_stages
from peer_reviews.rules.stages import IN_ORDER
from peer_reviews.views.setting_up import AboutReview, AsksToConfirm


class SetDays(AsksToConfirm, AboutReview):
    title = "When is the review on site?"
    guidance = "Working days, both included. What falls due moves with them, and when notes lock."

    def form(self, data=None):
        return forms.DaysForm(data, review=self.review)

    def act(self, form):
        review = moving.set_days(self.review, **form.cleaned_data, **self.by_and_on())
        return f"On site {days_words(review)}."


class GoOn(AboutReview):
    """The next stage: what is still missing, or one button."""

    template = "peer_reviews/set_up/go_on.html"

    def setup_for(self, request, reference):
        super().setup_for(request, reference)
        today = request.viewer.today
        self.stages = next_stages(self.review.stage)
        self.to = self.stages[0] if self.stages else self._next()
        # Where there is a choice, what each asks for is its own; none of them asks for more than a reason.
        asked = [self.to] if len(self.stages) == 1 else []
        standing = moving.standing_of(self.review)
        self.lacks = [lack for stage in asked for lack in lacking(standing, stage, today)]
        self.must = [lack for lack in self.lacks if not lack.may_be_explained]
        self.explained = [lack for lack in self.lacks if lack.may_be_explained]

    def _next(self):
        stage = self.review.stage
        if stage not in IN_ORDER or stage == IN_ORDER[-1]:
            return None
        return IN_ORDER[IN_ORDER.index(stage) + 1]

    @property
    def title(self):
        if self.to is None:
            return f"The review is {self.review.get_stage_display().lower()}"
        if len(self.stages) > 1:
            return "What comes next?"
        if not self.stages or self.must:
            return f"Before it becomes {Stage(self.to).label.lower()}, something is missing"
        return f"{Stage(self.review.stage).label}: go on to {Stage(self.to).label.lower()}?"

    @property
    def button(self):
        if len(self.stages) == 1:
            return f"Go on: {Stage(self.to).label.lower()}"
        return "Go on"

    def form(self, data=None):
        asks_why = bool(self.explained) or len(self.stages) > 1
        return forms.GoOnForm(
            data, review=self.review, stages=self.stages or [self.review.stage], asks_why=asks_why
        )

    def act(self, form):
        review = moving.go_on(self.review, **form.cleaned_data, **self.by_and_on())
        return f"The review is {review.get_stage_display().lower()} now."

    def context(self):
        shown = [(lack.words, page_of_review(lack.page, self.review)) for lack in self.must]
        elsewhere = DONE_ELSEWHERE.get(self.to) if not self.stages else None
        if elsewhere:
            shown = [(elsewhere[1], page_of_review(elsewhere[0], self.review))]
        return {
            **super().context(),
            "missing": shown,
            "explained": [lack.words for lack in self.explained],
            "may_go": bool(self.stages) and not self.must,
        }


class Postpone(AboutReview):
    title = "Postpone the review"
    button = "Postpone it"
    guidance = "What it still owes is paused until it is resumed, with new days."

    def form(self, data=None):
        return forms.ReasonForm(data, review=self.review)

    def act(self, form):
        moving.postpone(self.review, **form.cleaned_data, **self.by_and_on())
        return "The review is postponed. What it owes is paused."


class Resume(AsksToConfirm, AboutReview):
    button = "Resume it"

    @property
    def asks_for_days(self):
        return moving.asks_for_days(self.review.stage_before or self.review.stage)

    @property
    def title(self):
        return "Resume: when is it on site now?" if self.asks_for_days else "Resume the review"

    def form(self, data=None):
        return forms.ResumeForm(data, review=self.review, asks_for_days=self.asks_for_days)

    def act(self, form):
        review = moving.resume(self.review, **form.cleaned_data, **self.by_and_on())
        stage = review.get_stage_display().lower()
        days = f", on site {days_words(review)}" if self.asks_for_days else ""
        return f"The review is resumed: {stage}{days}."


class Cancel(AboutReview):
    title = "Cancel the review"
    button = "Cancel it for good"
    guidance = (
        "What it still owes is withdrawn, and its team no longer reads its notes. It can’t be taken up again."
    )

    def form(self, data=None):
        return forms.ReasonForm(data, review=self.review)

    def act(self, form):
        moving.cancel(self.review, **form.cleaned_data, **self.by_and_on())
        return "The review is cancelled."


class RecordCall(AboutReview):
    title = "Ofsted has called"
    button = "Record it"
    guidance = (
        "Agree with the director of children’s services and the lead peer whether to stop, continue, or hand over. "
        "Posts, not names."
    )

    def form(self, data=None):
        return forms.CallForm(data, review=self.review, today=self.request.viewer.today)

    def act(self, form):
        call = calls.record_ofsted_call(self.review, **form.cleaned_data, **self.by_and_on())
        now = PeerReview.objects.visible_to(self.request.viewer).filter(pk=self.review.pk).first()
        stage = f" The review is {now.get_stage_display().lower()} now." if now else ""
        return f"Recorded: Ofsted called on {day_words(call.called_on)}.{stage}"
