"""What a council has released to readers outside those who see its work by role."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Ability
from councils.models import Council


class ReleaseQuerySet(models.QuerySet):
    def to_reach(self, viewer):
        """Return the releases in force today that were made to somebody the viewer is."""
        reach = Q(pk__in=[])
        for audience, ability in Release.READ_WITH.items():
            if viewer.may(ability):
                reach |= Q(audience=audience) & Q(viewer.council_filter(ability))
        return self.filter(reach, withdrawn_on=None, released_on__lte=viewer.today)


class Release(models.Model):
    """A version or an update that the council lets scrutiny, an improvement partner or the DfE read."""

    class Audience(models.TextChoices):
        SCRUTINY = "scrutiny", "Scrutiny"
        PARTNER = "partner", "Improvement partners"
        DFE = "dfe", "DfE adviser or commissioner"

    READ_WITH = {
        Audience.SCRUTINY: Ability.READ_RELEASED_TO_SCRUTINY,
        Audience.PARTNER: Ability.READ_SHARED_WITH_PARTNERS,
        Audience.DFE: Ability.READ_SENT_PLANS,
    }

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="releases")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    version = models.ForeignKey(
        "improvement.PlanVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="releases"
    )
    update = models.ForeignKey(
        "improvement.Update", null=True, blank=True, on_delete=models.PROTECT, related_name="releases"
    )
    released_on = models.DateField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-released_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="release_of_one_thing",
                condition=Q(version__isnull=False, update__isnull=True)
                | Q(version__isnull=True, update__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["audience", "version"], condition=Q(withdrawn_on=None), name="version_released_once"
            ),
            models.UniqueConstraint(
                fields=["audience", "update"], condition=Q(withdrawn_on=None), name="update_released_once"
            ),
        ]

    def __str__(self):
        return f"{self.version or self.update} to {self.get_audience_display()}"
