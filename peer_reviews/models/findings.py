"""Findings: what the team makes of its notes, in words that it agrees, with the dissent kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Ability
from cases.models import Milestone
from peer_reviews.models.notes import Note
from peer_reviews.models.reviews import LineOfEnquiry, OfTeam, PeerReview
from peer_reviews.models.teams import TeamMember

PERSON = settings.AUTH_USER_MODEL


def reviews_with_findings_for(viewer):
    """Return the reviews of whose team the viewer is and, once final, those where they read for the LGA too.

    The council reads findings as the feedback and the report give them, never here.
    """
    of_team = PeerReview.objects.of_team(viewer)
    of_the_lga = Q(viewer.council_filter(Ability.SEE_LGA_ONLY, "case__council"), final_on__lte=viewer.today)
    return PeerReview.objects.filter(Q(pk__in=of_team.values("pk")) | of_the_lga)


class FindingQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return those of the reviews whose findings the viewer may read: see `reviews_with_findings_for`."""
        return self.filter(review__in=reviews_with_findings_for(viewer).values("pk"))

    def standing(self):
        return self.filter(dropped_on__isnull=True)


class Finding(models.Model):
    """A strength, an area for consideration or a recommendation. `wording` is the latest of its `Wording`s.

    `sources` and `notes_gathered` are counted when notes lock, and stay when they are deleted.
    """

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Strength"
        CONSIDERATION = "consideration", "Area for further consideration"
        RECOMMENDATION = "recommendation", "Recommendation"

    class Severity(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    line = models.ForeignKey(
        LineOfEnquiry, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    place = models.PositiveSmallIntegerField()
    wording = models.TextField(max_length=4000)
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    at_risk = models.BooleanField("puts the council at risk at its next inspection", default=False)
    support = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="risk_finding"
    )
    rests_on = models.ManyToManyField("self", symmetrical=False, related_name="leads_to", blank=True)
    notes = models.ManyToManyField(Note, through="Gathered", related_name="findings")
    sources = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Independent ones, at the lock."
    )
    notes_gathered = models.PositiveSmallIntegerField(null=True, blank=True)
    agreed_on = models.DateField(null=True, blank=True, help_text="The day the team agreed its wording.")
    dropped_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["review", "place", "pk"]

    def __str__(self):
        return self.wording[:60]


class Gathered(models.Model):
    """A note that a finding rests on."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE)
    note = models.ForeignKey(Note, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "note"], name="note_gathered_once")]

    def __str__(self):
        return f"{self.note_id} in {self.finding_id}"


class Wording(models.Model):
    """What a finding said, since when and by whom. Append-only."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="wordings")
    text = models.TextField(max_length=4000)
    made_by = models.ForeignKey(TeamMember, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.text[:60]


class Dissent(models.Model):
    """Somebody of the team sees it otherwise. Kept with the finding, withdrawn or not."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="dissent")
    text = models.TextField(max_length=2000)
    made_by = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.text[:60]


class PreBrief(models.Model):
    """Feedback heard in private and first by the director, chief executive and leader. Rule: section 6, point 6."""

    review = models.OneToOneField(PeerReview, on_delete=models.PROTECT, related_name="pre_brief")
    held_at = models.DateTimeField()
    dcs = models.BooleanField("director of children’s services", default=False)
    chief_executive = models.BooleanField("chief executive", default=False)
    leader = models.BooleanField("leader", default=False)
    why_not_all = models.CharField("why not all three", max_length=300, blank=True)
    recorded_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = OfTeam.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pre_brief_of_all_three_or_why_not",
                condition=Q(dcs=True, chief_executive=True, leader=True) | ~Q(why_not_all=""),
            )
        ]

    def __str__(self):
        return f"{self.review}, {self.held_at}"
