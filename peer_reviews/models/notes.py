"""Evidence notes of a team, and the counts that stay when they are deleted."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from peer_reviews.models.on_site import Activity, SourceType, Voice
from peer_reviews.models.reviews import FollowsReview, LineOfEnquiry, PeerReview
from peer_reviews.models.teams import TeamMember


class NoteQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the notes of reviews on whose team the viewer is today: those shared, and their own.

        Nobody reads a note by role, an administrator, a national lead and Upstream itself included.
        Rule: section 6, point 4, and section 7.
        """
        serving = TeamMember.objects.serving(viewer)
        return self.filter(
            Q(shared_at__isnull=False) | Q(author__in=serving.values("pk")),
            review__in=serving.values("review"),
        )

    def written_by(self, viewer):
        """Return those that the viewer wrote and may still change, as far as the lock allows."""
        return self.filter(author__in=TeamMember.objects.serving(viewer).values("pk"))

    def standing(self):
        """Leave out those merged into another."""
        return self.filter(merged_into__isnull=True)


class Note(models.Model):
    """An evidence note, non-attributable: whose voice, never whose name. Its words stand in no event and no log.

    `key` is made where it was written, on a device or by the form, so that a note sent twice is taken once.
    """

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Strength"
        CONSIDERATION = "consideration", "Area for consideration"
        TO_TEST = "to-test", "To test"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="notes")
    key = models.UUIDField(default=uuid4, editable=False)
    author = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField("it is", max_length=14, choices=Kind.choices)
    line = models.ForeignKey(
        LineOfEnquiry, null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    text = models.TextField("note", max_length=50_000)
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes"
    )
    source_type = models.CharField("kind of source", max_length=12, choices=SourceType.choices)
    voice = models.CharField("whose voice", max_length=20, choices=Voice.choices)
    on = models.DateField(help_text="The day it tells of.")
    written_at = models.DateTimeField(help_text="By the clock where it was written.")
    received_at = models.DateTimeField(help_text="By Upstream's clock.")
    changed_at = models.DateTimeField(help_text="The last change, by Upstream's clock.")
    shared_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False, help_text="Written before the lock, and arrived after it.")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    text_before = models.TextField(
        blank=True,
        max_length=50_000,
        help_text="What it said before others were merged into it, to undo that.",
    )
    revision = models.PositiveIntegerField(default=1)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["review", "-written_at", "-pk"]
        indexes = [
            models.Index(fields=["review", "-written_at"]),
            models.Index(fields=["review", "changed_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="note_once"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="note_merged_into_another"),
        ]

    def __str__(self):
        return f"Note {self.pk}"


class NoteCount(models.Model):
    """How many notes a review had, by line of enquiry, kind and source: what stays when they are deleted."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="note_counts")
    line = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=14, choices=Note.Kind.choices)
    source_type = models.CharField(max_length=12, choices=SourceType.choices)
    voice = models.CharField(max_length=20, choices=Voice.choices)
    count = models.PositiveIntegerField()

    objects = FollowsReview.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "line", "kind", "source_type", "voice"], name="note_count_once"
            )
        ]

    def __str__(self):
        return f"{self.line}, {self.get_source_type_display()}: {self.count}"


class AuditCount(models.Model):
    """How many cases the team audited and with how many grades it agreed: what stays when they are deleted."""

    review = models.OneToOneField(PeerReview, on_delete=models.CASCADE, related_name="audit_count")
    audited = models.PositiveIntegerField()
    graded_by_council = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()

    objects = FollowsReview.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audited__gte=F("graded_by_council")) & Q(graded_by_council__gte=F("agreed")),
                name="audit_count_adds_up",
            )
        ]

    def __str__(self):
        return f"{self.agreed} of {self.graded_by_council}"
