"""Lessons: what the sector can learn from a review or a council's practice, anonymised and agreed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Ability
from cases.models import Enabler, Journey
from councils.models import Council
from peer_reviews.models.findings import Finding
from peer_reviews.models.peers import PeerWord
from peer_reviews.models.reviews import PeerReview

PERSON = settings.AUTH_USER_MODEL


class LessonQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return what is told to the sector, to whoever signs in; the rest to its council and the LGA's advisers."""
        told = Q(stage=Lesson.Stage.TOLD)
        if viewer.person_id is None and not viewer.is_system:
            return self.none()
        council = viewer.council_filter(Ability.READ_REVIEWS) & ~Q(stage=Lesson.Stage.DRAFT)
        return self.filter(told | council | viewer.council_filter(Ability.RUN_REVIEWS))

    def whose_council_is_known_to(self, viewer):
        """Return those of which the viewer may know whose they are: its council's own people and the LGA's advisers."""
        known = viewer.council_filter(Ability.READ_REVIEWS) | viewer.council_filter(Ability.RUN_REVIEWS)
        return self.visible_to(viewer).filter(known)

    def told(self):
        return self.filter(stage=Lesson.Stage.TOLD)


class Lesson(models.Model):
    """A finding or practice offered to the sector: its text names no council. Whose it was stays between two sides."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "Draft"
        WITH_COUNCIL = "with-council", "With the council, to agree"
        TOLD = "told", "Told to the sector"
        REFUSED = "refused", "The council did not agree"
        WITHDRAWN = "withdrawn", "Withdrawn"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="lessons")
    review = models.ForeignKey(
        PeerReview, null=True, blank=True, on_delete=models.PROTECT, related_name="lessons"
    )
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    text = models.TextField(max_length=8000)
    themes = models.ManyToManyField(PeerWord, related_name="lessons", blank=True)
    enabler = models.CharField(max_length=24, choices=Enabler.choices, blank=True)
    journey = models.CharField("stage of improvement", max_length=16, choices=Journey.choices, blank=True)
    stage = models.CharField(max_length=14, choices=Stage.choices, default=Stage.DRAFT)
    harmless = models.JSONField(
        default=list, blank=True, help_text="Words that would give the council away, confirmed not to here."
    )
    written_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    written_on = models.DateField()
    anonymised_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    anonymised_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    answer_reason = models.TextField(blank=True, max_length=2000)
    told_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["-told_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="lesson_told_once_anonymised_and_agreed",
                condition=~Q(stage="told")
                | Q(anonymised_on__isnull=False, answered_on__isnull=False, told_on__isnull=False),
            )
        ]

    def __str__(self):
        return self.title
