"""Frameworks, inspections and judgements, and the rows of published files that they rest on."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When, Window
from django.db.models.functions import RowNumber

from cases.models import Source
from councils.models import Council, DatedQuerySet, dates_in_order


class Framework(models.Model):
    """An Ofsted rule book, or one form of it. Forms of ILACS share the family `ilacs`."""

    slug = models.SlugField(unique=True)
    family = models.SlugField(help_text="slac, cp, tlac, sif or ilacs.")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    has_overall = models.BooleanField(default=True, help_text="Whether an overall grade is published.")
    from_on = models.DateField(null=True, blank=True, help_text="First inspection date of this form.")
    until_on = models.DateField(null=True, blank=True)
    inspected_within = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days that two rows may differ in the first day on site and tell of one full inspection. "
        "Empty, with the next two: only rows that agree on publication do.",
    )
    published_within = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days that they may differ in publication."
    )
    published_after_inspection = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days that one’s publication may come after the other’s first day on site.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [
            dates_in_order("framework_dates_in_order"),
            models.CheckConstraint(
                name="framework_matches_by_all_or_none",
                condition=Q(
                    inspected_within__isnull=True,
                    published_within__isnull=True,
                    published_after_inspection__isnull=True,
                )
                | Q(
                    inspected_within__isnull=False,
                    published_within__isnull=False,
                    published_after_inspection__isnull=False,
                ),
            ),
        ]

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
    counts_as_key = models.BooleanField(
        default=True, help_text="A key judgement of the council (not LSCB, not 2.1, 2.2)."
    )
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

    def __str__(self):
        return self.word


class OfstedFile(models.Model):
    """A published file whose rows are in the record, known by its content."""

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    is_ofsted = models.BooleanField(help_text="Ofsted's own file; a derived one gives way to it.")
    released_on = models.DateField()
    imported_on = models.DateField()

    def __str__(self):
        return self.name


class SourceRow(models.Model):
    """One inspection as one row of one published file tells it, kept as found."""

    class Layout(models.TextChoices):
        HISTORY = "history", "Inspection history"
        POSITION = "position", "Position at a day"
        IN_YEAR = "in_year", "Inspections and visits of a year"
        WIDE = "wide", "History, one row a council"
        LATEST = "latest", "Latest outcomes, read from reports"

    file = models.ForeignKey(OfstedFile, on_delete=models.PROTECT, related_name="rows")
    sheet = models.TextField()
    row = models.PositiveIntegerField(help_text="As a person sees it in the spreadsheet.")
    part = models.SlugField(blank=True, help_text="Which inspection of a row that tells several.")
    layout = models.CharField(max_length=20, choices=Layout.choices)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="source_rows")
    council_name = models.TextField(help_text="As the file has it.")
    family = models.SlugField()
    kind = models.SlugField()
    area = models.SlugField(blank=True)
    inspected_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    judgements = models.JSONField(default=dict, help_text="area: [grade, word as found, restated]")
    url = models.TextField(blank=True)
    inspection = models.ForeignKey(
        "Inspection", null=True, on_delete=models.SET_NULL, related_name="source_rows"
    )

    class Meta:
        ordering = ["file", "sheet", "row", "part"]
        constraints = [
            models.UniqueConstraint(fields=["file", "sheet", "row", "part"], name="source_row_once"),
        ]

    def __str__(self):
        return f"{self.sheet}, row {self.row}"


# The areas whose grade is the council's overall. SLAC has two overalls: the one for safeguarding counts, the
# one for looked after children stands beside it.
HEADLINE_AREAS = ("overall", "safeguarding_overall")
# The families that "any framework" means.
COUNTED_TOGETHER = ("sif", "ilacs")

FROM_WORST = ("inadequate", "requires-improvement", "good", "outstanding")


def _newest_first(by):
    """The order in which the latest comes first: by publication, or as `by` says by the first day on site."""
    moments = ("begun_on", "known_on") if by == "inspected" else ("known_on", "begun_on")
    return [F(field).desc() for field in (*moments, "pk")]


class InspectionQuerySet(models.QuerySet):
    def known(self, on, by="published", *, today=None):
        """Return the inspections counted as at `on` (inclusive).

        by="published": those the world knew by that day. by="inspected": those begun by that day, publication
        where the first day on site is unknown, and published by `today` (by now, where it is not given).
        """
        if by == "inspected":
            published = Q(known_on__lte=today) if today else Q()
            return self.filter(published, begun_on__lte=on)
        return self.filter(known_on__lte=on)

    def full(self):
        """Leave out visits and letters, which give no grades, and targeted inspections of one service."""
        return self.filter(kind__in=Inspection.FULL)

    def counted(self, framework=None):
        """Return the inspections that a count by `framework` looks at.

        A family's slug (slac, cp, tlac, sif, ilacs), or None for SIF and ILACS together. Under SLAC,
        re-inspections of looked after services alone are passed over; TLAC has targeted inspections only.
        """
        if framework is None:
            return self.full().filter(framework__family__in=COUNTED_TOGETHER)
        if framework == "tlac":
            return self.filter(framework__family="tlac")
        if framework == "slac":
            return self.full().filter(framework__family="slac").exclude(area="looked-after")
        return self.full().filter(framework__family=framework)

    def newest_first(self, by="published"):
        """Order inspections of one council so that the first is its latest, by the reading `by`."""
        return self.order_by(*_newest_first(by))

    def latest(self, on, by="published", framework=None, *, today=None):
        """Return each council's latest inspection as at `on`, by the reading `by`, of those `counted`.

        Narrow the queryset before, to choose among fewer; a filter after it chooses among the latest.
        """
        ranked = (
            self.counted(framework)
            .known(on, by, today=today)
            .annotate(place=Window(RowNumber(), partition_by=[F("council_id")], order_by=_newest_first(by)))
        )
        # Its own query: Django would apply a later filter before the rows are numbered.
        return self.model.objects.filter(pk__in=ranked.filter(place=1).values("pk"))

    def with_grades(self):
        """Annotate `headline`, the published overall grade or None, and `lowest`, the lowest of its areas.

        None of the two is ever computed from the other.
        """
        judgements = Judgement.objects.filter(inspection=OuterRef("pk"))
        step = Case(
            *(When(grade=grade, then=place) for place, grade in enumerate(FROM_WORST)),
            output_field=models.IntegerField(),
        )
        return self.annotate(
            headline=Subquery(judgements.filter(area__code__in=HEADLINE_AREAS).values("grade")[:1]),
            lowest=Subquery(
                judgements.filter(area__counts_for_lowest=True, grade__in=FROM_WORST)
                .order_by(step)
                .values("grade")[:1]
            ),
        )


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
    known_on = models.DateField(
        help_text="Publication; where unknown, the release of the file that tells it."
    )
    begun_on = models.DateField(help_text="First day on site; publication where unknown.")
    source = models.OneToOneField(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="inspection"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_on", "-pk"]
        indexes = [models.Index(fields=["council", "known_on"]), models.Index(fields=["council", "begun_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "framework", "kind", "area", "begun_on"], name="inspection_once"
            ),
            models.CheckConstraint(
                name="inspection_begun_when_inspected",
                # NULL passes a check, so what must be there is said.
                condition=Q(inspected_on__isnull=False, inspected_on=F("begun_on"))
                | Q(inspected_on__isnull=True, published_on__isnull=False, published_on=F("begun_on")),
            ),
            models.CheckConstraint(
                name="inspection_known_when_published",
                condition=Q(published_on__isnull=True) | Q(published_on=F("known_on")),
            ),
            models.CheckConstraint(
                name="inspection_ends_after_it_begins",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("begun_on")),
            ),
        ]

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

    def __str__(self):
        return self.word


class EnteredInspection(models.Model):
    """One inspection or visit as people enter it, event by event, from the first call on.

    Its source holds who may know (`Source.access`), the day the final report or letter was received, which alone
    starts clocks, and its publication. Once published, by a person's word or by an import of the same inspection,
    it is one of the rows that its `inspection` is rebuilt from.
    """

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="entry")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="entered_inspections")
    family = models.SlugField(default="ilacs", help_text="The framework: slac, cp, tlac, sif or ilacs.")
    kind = models.SlugField(help_text="As `Inspection.Kind`.")
    notified_on = models.DateField(null=True, blank=True)
    inspected_on = models.DateField("first day on site", null=True, blank=True)
    ended_on = models.DateField("last day on site", null=True, blank=True)
    draft_received_on = models.DateField("draft received for factual accuracy", null=True, blank=True)
    expected_on = models.DateField("publication expected", null=True, blank=True)
    judgements = models.JSONField(default=dict, blank=True, help_text="area: [grade, word, restated]")
    priority_action = models.BooleanField(
        default=False, help_text="A visit's letter asks for priority action."
    )
    entered_on = models.DateField()
    published_on = models.DateField(
        null=True,
        blank=True,
        help_text="As whoever confirmed publication by hand said; an import's own rows say it.",
    )
    url = models.URLField(max_length=500, blank=True, help_text="The published report, as said with it.")
    confirmed_on = models.DateField(
        null=True, blank=True, help_text="The day publication was confirmed here."
    )
    withdrawn_on = models.DateField(
        null=True, blank=True, help_text="Entered by mistake: counts for nothing."
    )
    inspection = models.ForeignKey(Inspection, null=True, on_delete=models.SET_NULL, related_name="entries")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="entered_inspection_ends_after_it_begins",
                condition=Q(ended_on__isnull=True)
                | Q(inspected_on__isnull=True)
                | Q(ended_on__gte=F("inspected_on")),
            ),
        ]

    def __str__(self):
        return f"{self.kind}, {self.inspected_on or self.notified_on}"


class ImportRunQuerySet(models.QuerySet):
    def waiting(self):
        """Return those with a step that a worker can do now, the oldest first."""
        return self.filter(state__in=ImportRun.WAITING).order_by("pk")

    def finished(self):
        """Return those to which nothing more happens."""
        return self.filter(state__in=ImportRun.FINISHED)


class ImportRun(models.Model):
    """One upload of a published file, from its preview to its result. The state is here; tasks only wake it.

    uploaded → previewed → confirmed → reading → rebuilding → done; or refused, or cancelled.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Waiting to be read"
        PREVIEWED = "previewed", "Ready to confirm"
        CONFIRMED = "confirmed", "Waiting to be imported"
        READING = "reading", "Keeping its rows"
        REBUILDING = "rebuilding", "Bringing the record in line"
        DONE = "done", "Imported"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Not imported"

    IMPORTING = (State.CONFIRMED, State.READING, State.REBUILDING)
    WAITING = (State.UPLOADED, *IMPORTING)
    FINISHED = (State.DONE, State.REFUSED, State.CANCELLED)

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    upload = models.FileField(upload_to="imports/", blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UPLOADED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    alive_at = models.DateTimeField(null=True, help_text="Last sign of the worker that has it in hand.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often its next step was begun.")
    finished_at = models.DateTimeField(null=True)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_in_all = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(
        default=0, help_text="Of those kept: new to the record or changed."
    )
    released_on = models.DateField(null=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    consequences = models.JSONField(default=list)
    problem = models.TextField(blank=True, help_text="Why it was refused, in words for the person.")
    revision = models.PositiveIntegerField(default=1)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.name


class ImportLine(models.Model):
    """What became of one row or sheet of a file: in the preview, or in the import."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    preview = models.BooleanField()
    order = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    sheet = models.TextField()
    row = models.PositiveIntegerField(null=True)
    message = models.TextField()

    class Meta:
        ordering = ["run", "preview", "order"]

    def __str__(self):
        return f"{self.outcome}: {self.sheet}, row {self.row}"
