"""The peer review of a council, from the offer to its close; its scope, its steps, and what was said on the way."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.permissions import Ability
from cases.models import Case, Milestone, Source
from councils.models import Council, Office
from peer_reviews.models.kinds import KindTheme, ReviewKind, StepKind

PERSON = settings.AUTH_USER_MODEL


class Stage(models.TextChoices):
    """Where a review has got to. Rule: section 6, point 1."""

    OFFERED = "offered", "Offered"
    DECLINED = "declined", "Declined"
    ACCEPTED = "accepted", "Accepted"
    SCOPED = "scoped", "Scoped"
    TEAM_CONFIRMED = "team-confirmed", "Team confirmed"
    PREPARING = "preparing", "Preparing"
    ON_SITE = "on-site", "On site"
    FEEDBACK_GIVEN = "feedback-given", "Feedback given"
    DRAFT_REPORT = "draft-report", "Draft report"
    FACTUAL_ACCURACY = "factual-accuracy", "Factual accuracy check"
    FINAL = "final", "Final report"
    ACTION_PLAN = "action-plan", "Action plan"
    FOLLOW_UP = "follow-up", "Follow-up"
    CLOSED = "closed", "Closed"
    POSTPONED = "postponed", "Postponed"
    CANCELLED = "cancelled", "Cancelled"


ENDED = (Stage.DECLINED, Stage.CLOSED, Stage.CANCELLED)


def of_team(viewer, path="team"):
    """Return the Q of rows whose team (at `path`) the viewer is of today: from its confirmation to the final report."""
    return Q(
        **{
            f"{path}__person": viewer.person_id or 0,
            f"{path}__from_on__lte": viewer.today,
        }
    ) & (Q(**{f"{path}__until_on__isnull": True}) | Q(**{f"{path}__until_on__gt": viewer.today}))


class PeerReviewQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the reviews that the viewer may read, but for the team's notes.

        Those of councils where they read reviews, those whose case they were put on as an adviser, published ones
        where they read those, and those on whose team they are. A peer reads by serving alone. Rule: section 7.
        """
        from peer_reviews.models.teams import TeamMember

        advised = Case.objects.answerable_by(viewer).filter(kind=Case.Kind.PEER_REVIEW)
        joint = PeerReview.joint_with.through.objects.filter(viewer.council_filter(Ability.READ_REVIEWS))
        published = viewer.council_filter(Ability.READ_PUBLISHED_REVIEWS, "case__council")
        reach = (
            viewer.council_filter(Ability.READ_REVIEWS, "case__council")
            | Q(case__in=advised.values("pk"))
            | Q(pk__in=joint.values("peerreview"))
            | published & Q(published_on__lte=viewer.today)
        )
        if viewer.person_id:
            reach |= Q(pk__in=TeamMember.objects.serving(viewer).values("review"))
        return self.filter(reach)

    def run_by(self, viewer):
        """Return those that the viewer runs: an adviser whose role reaches the council, or who is put on the case."""
        from peer_reviews.models.teams import TeamMember

        advised = Case.objects.answerable_by(viewer).filter(kind=Case.Kind.PEER_REVIEW)
        reach = viewer.council_filter(Ability.RUN_REVIEWS, "case__council") | Q(case__in=advised.values("pk"))
        managed = TeamMember.objects.serving(viewer).filter(role="manager")
        return self.filter(reach | Q(pk__in=managed.values("review")))

    def of_team(self, viewer):
        """Return those on whose team the viewer is today: who writes and reads its notes. Nobody is by role."""
        from peer_reviews.models.teams import TeamMember

        if viewer.is_system:
            return self
        return self.filter(pk__in=TeamMember.objects.serving(viewer).values("review"))

    def answered_by(self, viewer):
        """Return those for whose council the viewer accepts, agrees and publishes."""
        return self.filter(viewer.council_filter(Ability.ANSWER_REVIEWS, "case__council"))

    def prepared_by(self, viewer):
        """Return those for whose council the viewer gives the team what it asks for."""
        return self.filter(viewer.council_filter(Ability.PREPARE_REVIEWS, "case__council"))

    def running(self):
        return self.exclude(stage__in=ENDED)


class PeerReview(models.Model):
    """A peer review of a council, with its case. Each date is a day in London; `notes_lock_at` a moment."""

    class Subsidy(models.TextChoices):
        FULL = "full", "Fully subsidised"
        PART = "part", "Part subsidised"
        COST = "cost", "At full cost"

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="review")
    kind = models.ForeignKey(ReviewKind, on_delete=models.PROTECT, related_name="reviews")
    joint_with = models.ManyToManyField(
        Council, related_name="joint_reviews", blank=True, help_text="Other councils that it reviews too."
    )
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.OFFERED)
    stage_before = models.CharField(
        max_length=20, choices=Stage.choices, blank=True, help_text="Where it goes on, once postponed."
    )
    from_past = models.BooleanField(default=False, help_text="Recorded afterwards: a review that is over.")
    offered_on = models.DateField(null=True, blank=True)
    offered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    offer_reason = models.TextField(
        blank=True, max_length=2000, help_text="Why now, in words for the council."
    )
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answer_reason = models.TextField(blank=True, max_length=2000)
    manager = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="managed_reviews"
    )
    organiser = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="organised_reviews"
    )
    subsidy = models.CharField(max_length=10, choices=Subsidy.choices, blank=True)
    subsidy_basis = models.TextField(blank=True, max_length=2000)
    scope = models.TextField(blank=True, max_length=4000, help_text="What it looks at, and what it doesn't.")
    first_day = models.DateField(null=True, blank=True, help_text="First day on site.")
    last_day = models.DateField(null=True, blank=True, help_text="Last day on site.")
    scope_agreed_by_council = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    scope_agreed_by_council_on = models.DateField(null=True, blank=True)
    scope_agreed_by_lga = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    scope_agreed_by_lga_on = models.DateField(null=True, blank=True)
    notes_lock_at = models.DateTimeField(null=True, blank=True)
    notes_delete_on = models.DateField(null=True, blank=True)
    notes_deleted_on = models.DateField(null=True, blank=True)
    draft_sent_on = models.DateField(null=True, blank=True)
    final_on = models.DateField(null=True, blank=True)
    source = models.OneToOneField(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="peer_review"
    )
    published_on = models.DateField(null=True, blank=True, help_text="By the council alone.")
    published_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    published_url = models.URLField(max_length=500, blank=True)
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by"
    )
    room_emptied_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = PeerReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["stage", "first_day"])]
        constraints = [
            models.CheckConstraint(
                name="review_days_in_order",
                condition=Q(first_day__isnull=True, last_day__isnull=True)
                | Q(first_day__isnull=False, last_day__gte=F("first_day")),
            ),
            models.CheckConstraint(
                name="review_postponed_from_a_stage",
                condition=Q(stage="postponed") & ~Q(stage_before="")
                | ~Q(stage="postponed") & Q(stage_before=""),
            ),
            models.CheckConstraint(
                name="review_declined_with_a_reason",
                condition=~Q(stage="declined") | (~Q(answer_reason="") & Q(answered_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="review_scope_agreed_with_its_day",
                condition=Q(scope_agreed_by_council_on__isnull=True, scope_agreed_by_council__isnull=True)
                | Q(scope_agreed_by_council_on__isnull=False, scope_agreed_by_council__isnull=False),
            ),
            models.CheckConstraint(
                name="review_scope_agreed_by_lga_with_its_day",
                condition=Q(scope_agreed_by_lga_on__isnull=True, scope_agreed_by_lga__isnull=True)
                | Q(scope_agreed_by_lga_on__isnull=False, scope_agreed_by_lga__isnull=False),
            ),
            models.CheckConstraint(
                name="review_published_once_final",
                condition=Q(published_on__isnull=True)
                | Q(final_on__isnull=False, published_on__gte=F("final_on")),
            ),
        ]

    def __str__(self):
        return f"{self.case}, {self.kind}"

    def get_absolute_url(self):
        return f"/reviews/{self.case.reference}/"

    @property
    def council(self):
        return self.case.council

    @property
    def reference(self):
        return self.case.reference


class FollowsReview(models.QuerySet):
    """Rows seen by whoever may read their review."""

    def visible_to(self, viewer):
        return self.filter(review__in=PeerReview.objects.visible_to(viewer).values("pk"))


class OfTeam(models.QuerySet):
    """Rows of the team alone: seen by whoever is on the team of their review today, and by nobody else."""

    def visible_to(self, viewer):
        return self.filter(review__in=PeerReview.objects.of_team(viewer).values("pk"))


class BetweenTeamAndCouncil(models.QuerySet):
    """Rows seen by the review's team, by whoever runs it, and by the council's own people who may read reviews."""

    def visible_to(self, viewer):
        reviews = PeerReview.objects.visible_to(viewer)
        theirs = (
            Q(pk__in=PeerReview.objects.of_team(viewer).values("pk"))
            | Q(pk__in=PeerReview.objects.run_by(viewer).values("pk"))
            | viewer.council_filter(Ability.READ_REVIEWS, "case__council")
        )
        return self.filter(review__in=reviews.filter(theirs).values("pk"))


class StageChange(models.Model):
    """A review went from one stage to another on a day. Append-only."""

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="stage_changes")
    before = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    after = models.CharField(max_length=20, choices=Stage.choices)
    on = models.DateField()
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, max_length=2000)

    objects = FollowsReview.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.review}: {self.get_after_display()}, {self.on}"


class Endorsement(models.Model):
    """The chief executive or the leader has endorsed the review."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="endorsements")
    office = models.CharField(max_length=30, choices=Office.choices)
    on = models.DateField()
    recorded_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")

    objects = FollowsReview.as_manager()

    class Meta:
        ordering = ["office"]
        constraints = [models.UniqueConstraint(fields=["review", "office"], name="endorsement_once")]

    def __str__(self):
        return f"{self.get_office_display()}, {self.on}"


class LineOfEnquiry(models.Model):
    """A key line of enquiry of one review, agreed by both sides with its scope."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    question = models.TextField(blank=True, max_length=1000)
    theme = models.ForeignKey(KindTheme, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = FollowsReview.as_manager()

    class Meta:
        ordering = ["review", "place"]
        constraints = [models.UniqueConstraint(fields=["review", "place"], name="line_of_enquiry_once")]

    def __str__(self):
        return self.title


class Step(models.Model):
    """A step of a review that falls due, with its milestone."""

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20, choices=StepKind.choices)
    milestone = models.OneToOneField(Milestone, on_delete=models.PROTECT, related_name="review_step")

    objects = FollowsReview.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "step"], name="review_step_once")]

    def __str__(self):
        return f"{self.review}: {self.get_step_display()}"


class OfstedCall(models.Model):
    """Ofsted called in the on-site week: whether the review stopped, and who agreed. Rule: section 6, point 1."""

    class Answer(models.TextChoices):
        STOP = "stop", "Stop the review"
        CONTINUE = "continue", "Continue"
        HAND_OVER = "hand-over", "Stop, and hand over what was found"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="ofsted_calls")
    called_on = models.DateField()
    answer = models.CharField(max_length=10, choices=Answer.choices)
    agreed_by = models.CharField(max_length=200, help_text="The posts that agreed, not names.")
    note = models.TextField(blank=True, max_length=2000)
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()

    objects = BetweenTeamAndCouncil.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.review}, {self.called_on}: {self.get_answer_display()}"


class ApproachQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return those of councils where the viewer sees what is the LGA's alone, while they are kept."""
        return self.filter(viewer.council_filter(Ability.SEE_LGA_ONLY), retain_until__gt=viewer.today)

    def changeable_by(self, viewer):
        return self.filter(viewer.council_filter(Ability.RUN_REVIEWS))


class Approach(models.Model):
    """An approach to a council about a review, for the LGA alone: posts, not names. Deleted when its time is over."""

    class Network(models.TextChoices):
        POLITICAL = "political", "Political: member to member"
        PROFESSIONAL = "professional", "Professional: officer to officer"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="approaches")
    on = models.DateField()
    network = models.CharField(max_length=14, choices=Network.choices)
    office = models.CharField("to which post", max_length=30, choices=Office.choices)
    said = models.TextField("what was said", max_length=4000)
    retain_until = models.DateField(help_text="First day on which it is no longer kept.")
    made_on = models.DateField()
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = ApproachQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(retain_until__gt=F("on")), name="approach_kept_beyond_its_day")
        ]

    def __str__(self):
        return f"{self.council}, {self.on}"


class ReviewFeedback(models.Model):
    """What the council, or somebody of the team, thought of the review, once it is over."""

    class Side(models.TextChoices):
        COUNCIL = "council", "The council"
        TEAM = "team", "The team"

    class Rating(models.IntegerChoices):
        NOT_AT_ALL = 1, "Not at all"
        A_LITTLE = 2, "A little"
        MOSTLY = 3, "Mostly"
        FULLY = 4, "Fully"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="feedback")
    side = models.CharField(max_length=8, choices=Side.choices)
    useful = models.PositiveSmallIntegerField("it was useful", choices=Rating.choices)
    well_run = models.PositiveSmallIntegerField("it was well run", choices=Rating.choices)
    right_team = models.PositiveSmallIntegerField("the team was the right one", choices=Rating.choices)
    changed = models.TextField("what has changed because of it", blank=True, max_length=4000)
    better = models.TextField("what would have made it better", blank=True, max_length=4000)
    given_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "given_by"], name="review_feedback_once")]

    def __str__(self):
        return f"{self.review}: {self.get_side_display()}"
