"""Seven enablers of improvement and its stages, as the Isos Partnership found them for the LGA in 2016."""

from django.db import models


class Enabler(models.TextChoices):
    """The seven enablers of improvement (reference, section 3.7)."""

    STRATEGIC_APPROACH = "strategic-approach", "Strategic approach"
    LEADERSHIP = "leadership", "Leadership and governance"
    WORKFORCE = "workforce", "Engaging and supporting the workforce"
    PARTNERS = "partners", "Engaging partners"
    APPARATUS = "supporting-apparatus", "Building the supporting apparatus"
    INNOVATION = "innovation", "Fostering innovation"
    RESOURCES = "resources", "Judicious use of resources"


class Journey(models.TextChoices):
    """How far a council has come, and where it goes next."""

    POOR_TO_FAIR = "poor-to-fair", "Poor to fair"
    FAIR_TO_GOOD = "fair-to-good", "Fair to good"
    GOOD_TO_GREAT = "good-to-great", "Good to great"
