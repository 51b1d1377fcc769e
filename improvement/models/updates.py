"""Updates: a council's report on its plan for one period, what its adviser makes of it, readings and evidence."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.permissions import Ability
from cases.models import Document, Milestone, answered_by
from improvement.models.boards import BoardMeeting
from improvement.models.plans import (
    Action,
    Measure,
    Plan,
    PlannedAction,
    PlanVersion,
    Priority,
    between_council_and_lga,
    chaired_by,
)
from improvement.models.releases import Release

PERSON = settings.AUTH_USER_MODEL


class Delivery(models.TextChoices):
    """How an action stands, and a priority as a whole. Apart from sign-off, and from impact."""

    NOT_STARTED = "not-started", "Not started"
    ON_TRACK = "on-track", "On track"
    SLIPPING = "slipping", "Some slippage"
    OFF_TRACK = "off-track", "Off track"
    COMPLETE = "complete", "Reported complete"


class Impact(models.TextChoices):
    NO_EVIDENCE = "no-evidence", "No evidence yet"
    EARLY_SIGNS = "early-signs", "Early signs"
    SUSTAINED = "sustained", "Sustained"


class UpdateQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the updates that the viewer may read: the council's own all, others what was submitted.

        The DfE's adviser, scrutiny and partners read those that the council released to them. Rule: section 7.
        """
        submitted = Q(standing=Update.Standing.SUBMITTED)
        reach = Q(viewer.council_filter(Ability.READ_DRAFTS, "plan__council"))
        reach |= submitted & Q(viewer.council_filter(Ability.READ_SHARED_PLANS, "plan__council"))
        reach |= submitted & Q(pk__in=Release.objects.to_reach(viewer).exclude(update=None).values("update"))
        if viewer.person_id:
            reach |= submitted & Q(plan__case__in=answered_by(viewer))
            reach |= submitted & Q(plan__in=chaired_by(viewer))
        return self.filter(reach)

    def answerable_by(self, viewer):
        """Return the submitted ones to which the viewer may answer as the LGA's adviser."""
        reach = Q(viewer.council_filter(Ability.ANSWER_PLANS, "plan__council"))
        if viewer.person_id:
            reach |= Q(plan__case__in=answered_by(viewer))
        return self.filter(reach, standing=Update.Standing.SUBMITTED)

    def latest_revisions(self):
        """Leave out those that a submitted correction has replaced."""
        corrected = Update.objects.filter(corrects=OuterRef("pk"), standing=Update.Standing.SUBMITTED)
        return self.filter(~Exists(corrected))


class Update(models.Model):
    """A council's report on its plan for one period. Once submitted it never changes: a correction is a new one."""

    class Standing(models.TextChoices):
        DRAFT = "draft", "Being filled in"
        FOR_APPROVAL = "for-approval", "Sent for approval"
        SUBMITTED = "submitted", "Submitted"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="updates")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="updates")
    period_on = models.DateField(help_text="The first day of the period.")
    number = models.PositiveSmallIntegerField(default=1, help_text="1; a correction counts on.")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    standing = models.CharField(max_length=20, choices=Standing.choices, default=Standing.DRAFT)
    meeting = models.ForeignKey(
        BoardMeeting, null=True, blank=True, on_delete=models.PROTECT, related_name="updates"
    )
    milestone = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="update"
    )
    due_on = models.DateField()
    opened_on = models.DateField()
    overall = models.TextField(blank=True, max_length=8000)
    decisions_needed = models.TextField(blank=True, max_length=4000)
    sent_back_note = models.TextField(blank=True, max_length=2000)
    submitted_on = models.DateField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    content = models.JSONField(null=True, blank=True, help_text="What was submitted.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the content.")
    revision = models.PositiveIntegerField(default=1)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "period_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "period_on", "number"], name="update_once"),
            models.UniqueConstraint(
                fields=["plan", "period_on"], condition=~Q(standing="submitted"), name="one_update_in_work"
            ),
            models.CheckConstraint(
                name="update_submitted_whole",
                condition=Q(standing="submitted", submitted_on__isnull=False, content__isnull=False)
                & ~Q(digest="")
                | (~Q(standing="submitted") & Q(submitted_on__isnull=True, content__isnull=True, digest="")),
            ),
        ]

    def __str__(self):
        return f"{self.plan}, {self.period_on:%B %Y}"


class FollowsUpdate(models.QuerySet):
    """Rows read by whoever may read their update."""

    def visible_to(self, viewer):
        return self.filter(update__in=Update.objects.visible_to(viewer).values("pk"))


class PriorityReport(models.Model):
    """What an update says of a priority as a whole: the council's own status, and in words."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="priority_reports")
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, related_name="reports")
    delivery = models.CharField(max_length=12, choices=Delivery.choices, blank=True)
    text = models.TextField(blank=True, max_length=4000)
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsUpdate.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "priority"], name="priority_report_once")]

    def __str__(self):
        return f"{self.update}, {self.priority}"


class ActionReportQuerySet(FollowsUpdate):
    def visible_to(self, viewer):
        reach = Q(update__in=Update.objects.visible_to(viewer).values("pk"))
        if viewer.person_id:
            reach |= Q(action__in=PlannedAction.objects.owned_by(viewer).values("action"))
        return self.filter(reach)


class ActionReport(models.Model):
    """What an update says of an action. Off track or slipping needs a reason and a recovery."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="action_reports")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="reports")
    delivery = models.CharField(max_length=12, choices=Delivery.choices, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    impact = models.CharField(max_length=12, choices=Impact.choices, blank=True)
    done = models.TextField(blank=True, max_length=4000, help_text="What was done.")
    difference = models.TextField(blank=True, max_length=4000, help_text="What difference it has made.")
    reason = models.TextField(blank=True, max_length=2000)
    recovery = models.TextField(blank=True, max_length=2000)
    new_due_on = models.DateField(null=True, blank=True)
    date_reason = models.TextField(blank=True, max_length=2000)
    unchanged = models.BooleanField(default=False, help_text="Answered by “no change”.")
    reported_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    by_sheet = models.CharField(max_length=160, blank=True, help_text="Who filled the return sheet, if one.")
    revision = models.PositiveIntegerField(default=1)

    objects = ActionReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["update", "action"], name="action_report_once"),
            models.CheckConstraint(
                name="percent_up_to_100", condition=Q(percent__isnull=True) | Q(percent__lte=100)
            ),
        ]

    def __str__(self):
        return f"{self.update}, {self.action}"


class MeasureReport(models.Model):
    """An update's answer about a measure: a reading, or not yet available and when it is expected."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="measure_reports")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="reports")
    value = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    reading_on = models.DateField(null=True, blank=True, help_text="The day that the figure describes.")
    expected_on = models.DateField(null=True, blank=True, help_text="Not yet available: expected on.")
    note = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsUpdate.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["update", "measure"], name="measure_report_once"),
            models.CheckConstraint(
                name="a_reading_or_when_it_is_expected",
                condition=Q(value__isnull=True) | Q(expected_on__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.update}, {self.measure}"


class ReadingQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return readings of submitted updates that the viewer may read, and all of the council's own.

        What the council held on the day it submitted an update goes with that update: nothing leaves by itself.
        """
        updates = Update.objects.visible_to(viewer).filter(standing=Update.Standing.SUBMITTED)
        carried = updates.filter(plan=OuterRef("measure__plan"), submitted_on__gte=OuterRef("recorded_on"))
        return self.filter(
            Q(viewer.council_filter(Ability.READ_DRAFTS, "measure__plan__council"))
            | Q(update__in=updates.values("pk"))
            | Exists(carried)
        )

    def standing(self):
        """Leave out those that a later reading of the same day restated."""
        later = Reading.objects.filter(restates=OuterRef("pk"))
        return self.filter(~Exists(later))


class Reading(models.Model):
    """A measure's figure for a day. Append-only: a restated figure is a new reading with its own date."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="readings")
    on = models.DateField(help_text="The day that the figure describes.")
    value = models.DecimalField(max_digits=12, decimal_places=3)
    update = models.ForeignKey(
        Update, null=True, blank=True, on_delete=models.PROTECT, related_name="readings"
    )
    restates = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="restated_by"
    )
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["measure", "on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "on"], condition=Q(restates=None), name="first_reading_once_a_day"
            )
        ]

    def __str__(self):
        return f"{self.value} on {self.on}"


class AnswerQuerySet(models.QuerySet):
    """What the adviser asked or said of an update: read by the council and the LGA alone."""

    def visible_to(self, viewer):
        return self.filter(
            between_council_and_lga(viewer, "update__plan"),
            update__in=Update.objects.visible_to(viewer).values("pk"),
        )


class Question(models.Model):
    """Something that the adviser asks about a submitted update, and the council's answer."""

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="questions")
    priority = models.ForeignKey(Priority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    asked_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    answer = models.TextField(blank=True, max_length=4000)
    answered_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["asked_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="answered_on_when_answered",
                condition=Q(answer="", answered_on__isnull=True)
                | (~Q(answer="") & Q(answered_on__isnull=False)),
            )
        ]

    def __str__(self):
        return self.text[:60]


class AdviserStatus(models.Model):
    """The LGA adviser's own view of a priority for a period, beside the council's. For the LGA and the council."""

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="adviser_statuses")
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, related_name="adviser_statuses")
    delivery = models.CharField(max_length=12, choices=Delivery.choices)
    note = models.TextField(blank=True, max_length=4000)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    revision = models.PositiveIntegerField(default=1)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "priority"], name="adviser_status_once")]

    def __str__(self):
        return f"{self.update}, {self.priority}: {self.get_delivery_display()}"


class UpdateRead(models.Model):
    """That the adviser has read an update."""

    update = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="read")
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()

    def __str__(self):
        return f"{self.update}, read {self.on}"


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return evidence that the viewer may read: the council's own all; else that of an update they may read.

        What is attached outside any update is read, with a version that they may read, by the LGA's advisers and the
        board's chair; by the DfE, scrutiny and partners with an update released to them that was submitted after it:
        no version takes with it what was attached later. An action's owner reads their own action's. Rule: section 7.
        """
        updates = Update.objects.visible_to(viewer)
        reach = Q(viewer.council_filter(Ability.READ_DRAFTS, "action__plan__council"))
        reach |= Q(update__in=updates.values("pk"))
        carried = updates.filter(
            plan=OuterRef("action__plan"),
            standing=Update.Standing.SUBMITTED,
            submitted_on__gte=OuterRef("attached_on"),
        )
        near = between_council_and_lga(viewer, "action__plan")
        if viewer.person_id:
            near |= Q(action__plan__in=chaired_by(viewer))
        versions = PlanVersion.objects.visible_to(viewer).values("pk")
        planned = Q(action__in=PlannedAction.objects.filter(version__in=versions).values("action"))
        reach |= Q(update=None) & (near & planned | Exists(carried))
        if viewer.person_id:
            reach |= Q(action__in=PlannedAction.objects.owned_by(viewer).values("action"))
        return self.filter(reach)


class Evidence(models.Model):
    """A document or link that shows what an action has done: by a measure, an audit or somebody's voice."""

    class Kind(models.TextChoices):
        MEASURES = "measures", "Measures"
        AUDIT = "audit", "Case audit"
        VOICE = "voice", "Voice of children, families and staff"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="evidence")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="evidence")
    update = models.ForeignKey(
        Update, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=500, blank=True)
    attached_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    attached_on = models.DateField()
    removed_on = models.DateField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["action", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "document"], condition=Q(removed_on=None), name="evidence_once"
            )
        ]

    def __str__(self):
        return f"{self.document} for {self.action}"
