"""Frameworks, inspections and judgements, and the rows of published files that they rest on."""

from django.db import models
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from cases.models import Source
from councils.models import Council, DatedQuerySet, dates_in_order


class Framework(models.Model):
    """An Ofsted rule book, or one form of it. Forms of ILACS share the family `ilacs`."""

    slug = models.SlugField(unique=True)
    family = models.SlugField(help_text="slac, cp, tlac, sif or ilacs.")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    has_overall = models.BooleanField(default=True, help_text="Whether an overall grade is published.")
    from_on = models.DateField(null=True, blank=True, help_text="First inspection date of this form.")
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [dates_in_order("framework_dates_in_order")]

    def __str__(self):
        return self.name


class JudgementArea(models.Model):
    """An area that a framework form grades. The code is the same across forms where the area is."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="areas")
    code = models.SlugField()
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    is_overall = models.BooleanField(default=False)
    counts_as_key = models.BooleanField(default=True, help_text="A key judgement of the council (not LSCB, not 2.1, 2.2).")
    counts_for_lowest = models.BooleanField(default=True)

    class Meta:
        ordering = ["framework", "order"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="area_once_per_framework")]

    def __str__(self):
        return self.name


class Grade(models.TextChoices):
    OUTSTANDING = "outstanding", "Outstanding"
    GOOD = "good", "Good"
    REQUIRES_IMPROVEMENT = "requires-improvement", "Requires improvement"
    INADEQUATE = "inadequate", "Inadequate"
    NO_CASES = "no-cases", "No cases"


class GradeWord(models.Model):
    """The word a framework form prints for a step: adequate, requires improvement, … to be good."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="grade_words")
    grade = models.CharField(max_length=24, choices=Grade.choices)
    word = models.CharField(max_length=60)
    step = models.PositiveSmallIntegerField(help_text="1 is best; 4 inadequate.")

    class Meta:
        ordering = ["framework", "step"]
        constraints = [models.UniqueConstraint(fields=["framework", "grade"], name="grade_word_once")]


class OfstedFile(models.Model):
    """A published file that has been imported, or the project's own tidy copy of its rows."""

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    layout = models.SlugField()
    is_ofsted = models.BooleanField(help_text="Ofsted's own file; a derived one gives way to it.")
    released_on = models.DateField()
    imported_on = models.DateField()

    def __str__(self):
        return self.name


class SourceRow(models.Model):
    """One inspection as one row of one published file tells it, kept as found."""

    file = models.ForeignKey(OfstedFile, on_delete=models.PROTECT, related_name="rows")
    sheet = models.CharField(max_length=80)
    row = models.PositiveIntegerField(help_text="As a person sees it in the spreadsheet.")
    part = models.SlugField(blank=True, help_text="Which inspection of a row that tells several.")
    precedence = models.PositiveSmallIntegerField(help_text="Lower wins: derived files last, then release, then sheet.")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="source_rows")
    family = models.SlugField()
    kind = models.SlugField()
    area = models.SlugField(blank=True)
    inspected_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    judgements = models.JSONField(default=dict, help_text="area: [grade, word as found, restated]")
    url = models.CharField(max_length=500, blank=True)
    inspection = models.ForeignKey(
        "Inspection", null=True, on_delete=models.SET_NULL, related_name="source_rows"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "sheet", "row", "part"], name="source_row_once"),
        ]


class InspectionQuerySet(models.QuerySet):
    def known(self, on, by="published"):
        """Return the inspections counted as at `on`.

        by="published": those the world knew by that day (inclusive). by="inspected": those begun by that day,
        publication where the first day on site is unknown, whatever has been published since.
        """
        if by == "inspected":
            return self.filter(begun_on__lte=on)
        return self.filter(known_on__lte=on)

    def full(self):
        """Leave out visits and letters, which give no grades."""
        return self.filter(kind__in=Inspection.FULL)

    def latest(self, on, by="published"):
        """Return each council's latest full inspection as at `on`, by the reading `by`.

        Narrow by framework family or overall first; the row number is counted over what is left.
        """
        moment = F("begun_on") if by == "inspected" else F("known_on")
        ranked = self.full().known(on, by).annotate(
            place=Window(
                RowNumber(),
                partition_by=[F("council_id")],
                order_by=[moment.desc(), F("begun_on").desc(), F("pk").desc()],
            )
        )
        return ranked.filter(place=1)


class Inspection(models.Model):
    """One inspection or visit of one council, merged from every row that tells it."""

    class Kind(models.TextChoices):
        FULL = "full", "Inspection"
        STANDARD = "standard", "Standard inspection"
        SHORT = "short", "Short inspection"
        REINSPECTION = "reinspection", "Re-inspection"
        FOCUSED_VISIT = "focused-visit", "Focused visit"
        MONITORING_VISIT = "monitoring-visit", "Monitoring visit"
        TARGETED = "targeted", "Targeted inspection"

    FULL = ("full", "standard", "short", "reinspection")

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="inspections")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    area = models.SlugField(blank=True, help_text="Of a re-inspection of one area.")
    inspected_on = models.DateField(null=True, blank=True, help_text="First day on site.")
    ended_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    known_on = models.DateField(help_text="Publication; where unknown, the release of the file that tells it.")
    begun_on = models.DateField(help_text="First day on site; publication where unknown.")
    source = models.OneToOneField(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="inspection")

    objects = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_on", "-pk"]
        indexes = [models.Index(fields=["council", "known_on"]), models.Index(fields=["council", "begun_on"])]

    def __str__(self):
        return f"{self.council}, {self.framework.short_name}, {self.begun_on}"


class Judgement(models.Model):
    """The grade given for one area in one inspection, and the word the source prints."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="judgements")
    area = models.ForeignKey(JudgementArea, on_delete=models.PROTECT)
    grade = models.CharField(max_length=24, choices=Grade.choices)
    word = models.CharField(max_length=80, help_text="As the source prints it.")
    restated = models.BooleanField(default=False, help_text="Ofsted restated an older word.")
    row = models.ForeignKey(SourceRow, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "area"], name="judgement_once_per_area")]
