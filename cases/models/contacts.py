"""Contacts of the LGA's advisers with a council, for the LGA alone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.permissions import Ability
from councils.models import Council


class ContactQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return those of councils where the viewer sees what is the LGA's alone, while they are kept.

        One that is no longer kept is not shown, whether or not the night has deleted it yet.
        """
        return self.filter(viewer.council_filter(Ability.SEE_LGA_ONLY), retain_until__gt=viewer.today)

    def changeable_by(self, viewer):
        """Return those of councils where the viewer logs contacts: theirs and their colleagues'."""
        return self.filter(viewer.council_filter(Ability.LOG_CONTACTS))

    def known_on(self, on):
        """Return those written down by `on`."""
        return self.filter(made_on__lte=on)

    def follow_ups_due(self, on):
        """Return those to be followed up on `on` or earlier and, as at `on`, not followed up yet."""
        waiting = Q(followed_up_on__isnull=True) | Q(followed_up_on__gt=on)
        return self.known_on(on).filter(waiting, follow_up_on__lte=on)


class Contact(models.Model):
    """A contact of an LGA adviser with a council, for the LGA alone: posts, not names.

    Kept until `retain_until`, exclusive, and then deleted; so is one deleted before, with its reason. Its words
    never stand in an event or a log.
    """

    class Channel(models.TextChoices):
        CALL = "call", "Telephone"
        VIDEO = "video", "Video call"
        MEETING = "meeting", "Meeting"
        EMAIL = "email", "E-mail"
        VISIT = "visit", "Visit"

    class Nature(models.TextChoices):
        FACT = "fact", "Fact: the council said or showed it"
        JUDGEMENT = "judgement", "Judgement: what I make of it"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="contacts")
    on = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    post = models.CharField(max_length=30, help_text="The office spoken with, as `councils.Office` has it.")
    said = models.TextField("what was said", max_length=4000)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    follow_up_on = models.DateField(null=True, blank=True)
    followed_up_on = models.DateField(null=True, blank=True)
    retain_until = models.DateField(help_text="First day on which it is no longer kept.")
    made_on = models.DateField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["council", "on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(follow_up_on__isnull=True) | Q(follow_up_on__gte=F("on")),
                name="contact_followed_up_after_it",
            ),
            models.CheckConstraint(condition=Q(retain_until__gt=F("on")), name="contact_kept_beyond_its_day"),
        ]

    def __str__(self):
        return f"{self.council}, {self.on}"
