"""Improvement plans: a council's own, in versions, and the way each version takes out of the house.

A priority, an action and a measure keep their identity across versions (`Priority`, `Action`, `Measure`); what a
version says of each is a row of its own (`PlannedPriority`, `PlannedAction`, `PlannedMeasure`). A version that has
been shared or sent never changes, and its `Snapshot` is what left the house, word by word.
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from accounts.permissions import Ability
from cases.models import Case, Document, Enabler, Milestone, Recommendation, Source, answered_by
from councils.models import Council
from improvement.models.releases import Release

PERSON = settings.AUTH_USER_MODEL


# The first plans here were given two words that the research does not have: they stay readable.
RETIRED_ENABLERS = [("practice", "Practice and its quality"), ("data", "Using data and learning")]
ENABLERS = [*Enabler.choices, *RETIRED_ENABLERS]


class PlanQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the plans of which the viewer may read a version, and those of their own council."""
        versions = PlanVersion.objects.visible_to(viewer).values("plan")
        return self.filter(Q(viewer.council_filter(Ability.READ_DRAFTS)) | Q(pk__in=versions))


class Plan(models.Model):
    """A council's improvement plan: with an intervention (`case`) or of the council's own wish."""

    class Scale(models.TextChoices):
        WORDS = "words", "Words: on track, some slippage, off track"
        BRAG = "brag", "Words with blue, red, amber or green"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="plans")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="plans")
    reference = models.CharField(max_length=20, unique=True, help_text="Such as PLAN-2026-0003.")
    title = models.CharField(max_length=160)
    scale = models.CharField(max_length=10, choices=Scale.choices, default=Scale.WORDS)
    months = models.PositiveSmallIntegerField(default=1, help_text="How many months one update covers.")
    update_days = models.PositiveSmallIntegerField(
        default=10,
        db_default=10,
        help_text="Working days after its period by which an update is due, where no board waits for it.",
    )
    sign_off_by = models.CharField(max_length=120, default="The improvement board")
    recommendations = models.ManyToManyField(Recommendation, related_name="plans", blank=True)
    begun_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="First day it was no longer worked to.")
    revision = models.PositiveIntegerField(default=1)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["council", "-begun_on", "-pk"]

    def __str__(self):
        return self.title


class PlanCounter(models.Model):
    """The last number given to a plan in a year. Its row is the lock on the next one."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.year}: {self.last}"


class PlanVersionQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the versions that the viewer may read.

        The council's own people and the national lead read every one; an LGA adviser those shared with the LGA, in
        scope or of a case that they advise; the board's chair those that came to the board; the DfE's adviser those
        sent; scrutiny and improvement partners those that the council released to them. Rule: section 7.
        """
        shared = Q(standing__in=PlanVersion.SHARED)
        reach = Q(viewer.council_filter(Ability.READ_DRAFTS, "plan__council"))
        reach |= shared & Q(viewer.council_filter(Ability.READ_SHARED_PLANS, "plan__council"))
        reach |= Q(standing__in=PlanVersion.SENT_ON) & Q(
            viewer.council_filter(Ability.READ_SENT_PLANS, "plan__council")
        )
        reach |= Q(pk__in=Release.objects.to_reach(viewer).exclude(version=None).values("version"))
        if viewer.person_id:
            reach |= shared & Q(plan__case__in=answered_by(viewer))
            reach |= ~Q(standing=PlanVersion.Standing.DRAFTING) & Q(plan__in=chaired_by(viewer))
        return self.filter(reach)

    def draftable_by(self, viewer):
        """Return those of councils for which the viewer drafts, whatever their standing."""
        return self.filter(viewer.council_filter(Ability.DRAFT_PLANS, "plan__council"))

    def in_work(self):
        """Return those that can still change."""
        return self.filter(standing=PlanVersion.Standing.DRAFTING)

    def approved(self):
        """Return those that the council has approved, whatever came after."""
        return self.filter(approved_on__isnull=False)


def chaired_by(viewer):
    """Return the ids of the plans whose board the viewer chairs today, holding the role of a chair."""
    from improvement.models.boards import BoardMember

    if not viewer.may(Ability.CHAIR_BOARD):
        return BoardMember.objects.none().values("board__plan")
    return (
        BoardMember.objects.on(viewer.today)
        .filter(viewer.council_filter(Ability.CHAIR_BOARD, "board__plan__council"))
        .filter(person=viewer.person_id, chairs=True)
        .values("board__plan")
    )


class PlanVersion(models.Model):
    """One version of a plan, from its draft to what Ofsted and the DfE made of it."""

    class Standing(models.TextChoices):
        DRAFTING = "drafting", "Drafting"
        FOR_APPROVAL = "for-approval", "Sent for approval"
        APPROVED = "approved", "Approved by the council"
        SHARED = "shared", "Shared with the LGA adviser"
        SENT = "sent", "Sent to Ofsted and the DfE"
        ACCEPTED = "accepted", "Accepted"
        RETURNED = "returned", "Returned"

    # What has left the house: to the LGA, and to the government.
    SHARED = (Standing.SHARED, Standing.SENT, Standing.ACCEPTED, Standing.RETURNED)
    SENT_ON = (Standing.SENT, Standing.ACCEPTED, Standing.RETURNED)

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    standing = models.CharField(max_length=20, choices=Standing.choices, default=Standing.DRAFTING)
    made_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    introduction = models.TextField(blank=True, max_length=20000, help_text="Why we are here.")
    change_note = models.TextField(blank=True, max_length=2000, help_text="What this version changes.")
    statutory_on = models.DateField(null=True, blank=True, help_text="The day to work back from.")
    begun_on = models.DateField()
    sent_for_approval_on = models.DateField(null=True, blank=True)
    sent_back_note = models.TextField(blank=True, max_length=2000)
    approved_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(standing__in=["drafting", "for-approval"]),
                name="one_version_in_work",
            ),
            models.CheckConstraint(
                name="plan_version_approved_on_when_approved",
                condition=Q(standing__in=["drafting", "for-approval"], approved_on__isnull=True)
                | (~Q(standing__in=["drafting", "for-approval"]) & Q(approved_on__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.plan}, version {self.number}"

    @property
    def can_change(self):
        return self.standing == self.Standing.DRAFTING


class FollowsVersion(models.QuerySet):
    """Rows read by whoever may read their version."""

    def visible_to(self, viewer):
        return self.filter(version__in=PlanVersion.objects.visible_to(viewer).values("pk"))


class FollowsPlan(models.QuerySet):
    """Rows read by whoever may read some version of their plan."""

    def visible_to(self, viewer):
        return self.filter(plan__in=Plan.objects.visible_to(viewer).values("pk"))


class Priority(models.Model):
    """A priority of a plan, whatever each version calls it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="priorities")

    objects = FollowsPlan.as_manager()

    def __str__(self):
        return f"priority {self.pk}"


class PlannedPriority(models.Model):
    """A priority as a version has it: its title, and the outcome ("what good looks like")."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="priorities")
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, related_name="planned")
    place = models.PositiveSmallIntegerField(help_text="Its number, from 1.")
    title = models.CharField(max_length=200)
    enabler = models.CharField(max_length=20, choices=ENABLERS, blank=True)
    outcome = models.TextField(blank=True, max_length=4000)
    lead = models.CharField(max_length=120, blank=True, help_text="The post that leads it.")
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsVersion.as_manager()

    class Meta:
        ordering = ["version", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "priority"], name="planned_priority_once")]

    def __str__(self):
        return f"{self.place}. {self.title}"


class Measure(models.Model):
    """Something that a plan measures; its readings stay with it across versions."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="measures")

    objects = FollowsPlan.as_manager()

    def __str__(self):
        return f"measure {self.pk}"


class PlannedMeasure(models.Model):
    """A measure as a version has it."""

    class Polarity(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"
        NEUTRAL = "neutral", "Neither"

    class Frequency(models.TextChoices):
        MONTHLY = "monthly", "Every month"
        QUARTERLY = "quarterly", "Every quarter"
        HALF_YEARLY = "half-yearly", "Every six months"
        YEARLY = "yearly", "Every year"

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="measures")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="planned")
    priority = models.ForeignKey(
        PlannedPriority, null=True, blank=True, on_delete=models.SET_NULL, related_name="measures"
    )
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=40, blank=True, help_text="Such as % or per 10,000.")
    baseline = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    baseline_on = models.DateField(null=True, blank=True)
    target = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    target_on = models.DateField(null=True, blank=True)
    tolerance = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    polarity = models.CharField(max_length=10, choices=Polarity.choices, blank=True)
    frequency = models.CharField(max_length=12, choices=Frequency.choices, default=Frequency.MONTHLY)
    benchmark = models.CharField(max_length=200, blank=True, help_text="What it is compared with.")
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsVersion.as_manager()

    class Meta:
        ordering = ["version", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "measure"], name="planned_measure_once")]

    def __str__(self):
        return self.name


class ActionQuerySet(FollowsPlan):
    def reportable_by(self, viewer):
        """Return the actions that the viewer may report on: their council's, or their own as its named owner."""
        reach = Q(viewer.council_filter(Ability.DRAFT_PLANS, "plan__council"))
        if viewer.person_id:
            reach |= Q(pk__in=PlannedAction.objects.owned_by(viewer).values("action"))
        return self.filter(reach)


class Action(models.Model):
    """An action of a plan, whatever each version says of it. Its milestone is made when the plan is live."""

    class Closed(models.TextChoices):
        DROPPED = "dropped", "No longer needed"
        MERGED = "merged", "Merged with another"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="actions")
    milestone = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="action"
    )
    closed_on = models.DateField(null=True, blank=True)
    closed_because = models.CharField(max_length=10, choices=Closed.choices, blank=True)
    closed_note = models.CharField(max_length=500, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="action_closed_with_a_reason",
                condition=Q(closed_on__isnull=True, closed_because="")
                | (Q(closed_on__isnull=False) & ~Q(closed_because="")),
            )
        ]

    def __str__(self):
        return f"action {self.pk}"


class PlannedActionQuerySet(FollowsVersion):
    def visible_to(self, viewer):
        reach = Q(version__in=PlanVersion.objects.visible_to(viewer).values("pk"))
        if viewer.person_id:
            reach |= Q(pk__in=self.owned_by(viewer).values("pk"))
        return self.filter(reach)

    def owned_by(self, viewer):
        """Return those of live versions of which the viewer is the named owner, holding the role there today.

        Live: the latest that the council approved. Whom it names no more reads the action no more.
        """
        if not viewer.person_id:
            return self.model.objects.none()
        later = PlanVersion.objects.approved().filter(
            plan=OuterRef("version__plan"), number__gt=OuterRef("version__number")
        )
        return self.model.objects.filter(
            Q(viewer.council_filter(Ability.REPORT_ACTIONS, "version__plan__council")),
            ~Exists(later),
            owner=viewer.person_id,
            version__approved_on__isnull=False,
        )


class PlannedAction(models.Model):
    """An action as a version has it: one accountable owner, dates, how success will be known, evidence."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="actions")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="planned")
    priority = models.ForeignKey(PlannedPriority, on_delete=models.PROTECT, related_name="actions")
    place = models.PositiveSmallIntegerField(help_text="Its place within the priority, from 1.")
    text = models.TextField(max_length=4000)
    owner_post = models.CharField(max_length=120, blank=True, help_text="The one accountable post.")
    owner_body = models.CharField(max_length=120, blank=True, help_text="Empty: the council itself.")
    owner = models.ForeignKey(
        PERSON,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="If they sign in.",
    )
    start_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    success = models.TextField(blank=True, max_length=2000, help_text="How we shall know.")
    resources = models.TextField(blank=True, max_length=2000)
    aim = models.CharField(max_length=300, blank=True, help_text="Where no recommendation asks for it.")
    by_measures = models.BooleanField(default=False)
    by_audit = models.BooleanField(default=False)
    by_voice = models.BooleanField(default=False)
    recommendations = models.ManyToManyField(Recommendation, related_name="planned_actions", blank=True)
    measures = models.ManyToManyField(Measure, related_name="planned_actions", blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = PlannedActionQuerySet.as_manager()

    class Meta:
        ordering = ["version", "priority__place", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "action"], name="planned_action_once"),
            models.CheckConstraint(
                name="action_dates_in_order",
                condition=Q(start_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("start_on")),
            ),
        ]

    def __str__(self):
        return self.text[:60]


class Risk(models.Model):
    """A risk to the plan as a version has it."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="risks")
    place = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=2000)
    likelihood = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5.")
    impact = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5.")
    mitigation = models.TextField(blank=True, max_length=2000)
    owner_post = models.CharField(max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsVersion.as_manager()

    class Meta:
        ordering = ["version", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                name="risk_scored_from_1_to_5",
                condition=(Q(likelihood__isnull=True) | Q(likelihood__range=(1, 5)))
                & (Q(impact__isnull=True) | Q(impact__range=(1, 5))),
            )
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def score(self):
        return self.likelihood * self.impact if self.likelihood and self.impact else None


class ApprovalStep(models.Model):
    """A dated step of a version's approval within the council, worked back from the statutory date."""

    class Kind(models.TextChoices):
        DCS = "dcs", "Director of children’s services"
        BOARD = "board", "Improvement board"
        SCRUTINY = "scrutiny", "Scrutiny"
        CABINET = "cabinet", "Cabinet or executive"
        CALL_IN = "call-in", "Call-in ends"
        OTHER = "other", "Another step"

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="approval_steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.CharField(max_length=120, blank=True)
    planned_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsVersion.as_manager()

    class Meta:
        ordering = ["version", "planned_on", "pk"]

    def __str__(self):
        return self.label or self.get_kind_display()


class SnapshotQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the snapshots that the viewer may read.

        What was sent, whoever may read the version. What was shared with the LGA, the council and the LGA, the
        board's chair, and those to whom the council released the version; the DfE reads what was sent to it alone.
        """
        sent = Q(reason=Snapshot.Reason.SENT)
        near = between_council_and_lga(viewer, "version__plan") | Q(version__plan__in=chaired_by(viewer))
        released = Release.objects.to_reach(viewer).exclude(audience=Release.Audience.DFE)
        near |= Q(version__in=released.exclude(version=None).values("version"))
        return self.filter(sent | near, version__in=PlanVersion.objects.visible_to(viewer).values("pk"))


class Snapshot(models.Model):
    """A version as it left the house: its content, a reference and the SHA-256 of the content. Append-only.

    `content` is `improvement.rules.plans.as_json` of the document, with the credibility check as it then stood.
    """

    class Reason(models.TextChoices):
        SHARED = "shared", "Shared with the LGA adviser"
        SENT = "sent", "Sent to Ofsted and the DfE"

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="snapshots")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    reference = models.CharField(max_length=40, unique=True, help_text="Such as PLAN-2026-0003-V2-SENT.")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    taken_on = models.DateField()
    taken_at = models.DateTimeField(db_default=Now(), editable=False)
    taken_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["version", "pk"]

    def __str__(self):
        return self.reference


class Handover(models.Model):
    """A snapshot given to somebody outside the council: when, to whom, under which reference. Append-only."""

    class To(models.TextChoices):
        LGA = "lga", "The LGA adviser"
        OFSTED = "ofsted", "Ofsted"
        DFE = "dfe", "The Department for Education"

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="handovers")
    to = models.CharField(max_length=10, choices=To.choices)
    on = models.DateField()
    to_whom = models.CharField(max_length=160, blank=True)
    their_reference = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "to"], name="snapshot_handed_over_once_to_each")
        ]

    def __str__(self):
        return f"{self.snapshot} to {self.get_to_display()}"


class ReplyQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the letters, for whoever may read the version; the adviser's "ready" for the council and the LGA."""
        return self.filter(
            ~Q(kind=Reply.Kind.READY) | between_council_and_lga(viewer, "version__plan"),
            version__in=PlanVersion.objects.visible_to(viewer).values("pk"),
        )


class RepliesThatStand(models.Manager.from_queryset(ReplyQuerySet)):
    """The replies but for those recorded by mistake and withdrawn, which count nowhere."""

    def get_queryset(self):
        return super().get_queryset().filter(withdrawn_on=None)


class Reply(models.Model):
    """What came back about a version: the adviser's "ready", Ofsted's letter, the DfE's response.

    One recorded by mistake stays as it was, withdrawn: `objects` leaves it out, `recorded` holds all.
    """

    class Kind(models.TextChoices):
        READY = "ready", "The LGA adviser says it is ready"
        REFLECTS = "reflects", "Ofsted: the plan reflects the findings"
        DOES_NOT_REFLECT = "does-not-reflect", "Ofsted: the plan does not reflect the findings"
        ACCEPTED = "accepted", "The DfE accepts the plan"
        RETURNED = "returned", "The DfE returns the plan"

    RETURNS = (Kind.DOES_NOT_REFLECT, Kind.RETURNED)

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    dated_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    resubmit_by = models.DateField(null=True, blank=True, help_text="As the letter states.")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, max_length=2000)
    recorded_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RepliesThatStand()
    recorded = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["dated_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "dated_on"], condition=Q(withdrawn_on=None), name="reply_once"
            ),
            models.CheckConstraint(
                name="resubmission_only_where_returned",
                condition=Q(resubmit_by__isnull=True) | Q(kind__in=["does-not-reflect", "returned"]),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.dated_on}"


def between_council_and_lga(viewer, plan):
    """Return the Q of what a council and its LGA advisers say to each other: no chair, DfE or scrutiny reads it.

    `plan` is the path to the plan.
    """
    reach = viewer.council_filter(Ability.READ_DRAFTS, f"{plan}__council")
    reach |= viewer.council_filter(Ability.READ_SHARED_PLANS, f"{plan}__council")
    if viewer.person_id:
        reach |= Q(**{f"{plan}__case__in": answered_by(viewer)})
    return reach


class CommentQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(
            between_council_and_lga(viewer, "version__plan"),
            version__in=PlanVersion.objects.visible_to(viewer).values("pk"),
        )


class Comment(models.Model):
    """A comment on a shared version, anchored to an action where it is about one; or the answer to a comment."""

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="comments")
    action = models.ForeignKey(
        Action, null=True, blank=True, on_delete=models.PROTECT, related_name="comments"
    )
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_on = models.DateField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self):
        return self.text[:60]
