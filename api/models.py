"""What the API remembers: the answers to posts, so that one sent twice is done once."""

from django.conf import settings
from django.db import models


class IdempotentAnswer(models.Model):
    """The answer given to a post under an Idempotency-Key of a person; written in the transaction of the change."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once")]

    def __str__(self):
        return f"{self.person}, {self.key}"
