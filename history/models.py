"""The event: what happened, on which day, by whom. Written once, never altered.

An event names its subject loosely (a kind and a number), so that it outlives it.
"""

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One thing that happened. `on` is the day it took effect, `at` the moment it was recorded."""

    kind = models.SlugField(max_length=60)
    on = models.DateField()
    at = models.DateTimeField(db_default=Now(), editable=False)
    by_id = models.BigIntegerField(null=True, help_text="The person; empty when Upstream itself did it.")
    council_code = models.CharField(max_length=8, blank=True)
    case_reference = models.CharField(max_length=20, blank=True)
    subject_kind = models.SlugField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    source_id = models.BigIntegerField(
        null=True, help_text="The letter or report it rests on: under embargo, so is the event."
    )
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["case_reference"]),
            models.Index(fields=["council_code", "on"]),
            # What changed since somebody last looked is a small part of a long table.
            models.Index(fields=["at"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject_kind} {self.subject_id} on {self.on}"
