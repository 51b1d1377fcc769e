"""Letters and reports, who may read one under embargo, and what they tell a council to do."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.permissions import OF_THE_COUNCIL, Ability
from councils.models import Council, DatedQuerySet


class SourceQuerySet(models.QuerySet):
    def restricted(self):
        """Return those with named readers alone: under embargo, or not for publication."""
        return self.filter(access__in=Source.RESTRICTED)

    def read_in_confidence_by(self, viewer):
        """Return the restricted ones of which the viewer is a named reader today, and still of the side named for.

        Nobody reads them by role. Only the inspection's own page asks this; whatever else reads sources, or what
        rests on them, leaves restricted ones out, for named readers too. Rule: section 2, point 5.
        """
        if viewer.is_system:
            return self.restricted()
        named = EmbargoAccess.objects.on(viewer.today).filter(person=viewer.person_id)
        theirs = {grant.council_id for grant in viewer.grants if grant.role in OF_THE_COUNCIL}
        of_council = named.filter(side=EmbargoAccess.Side.COUNCIL).values("source")
        of_the_lga = named.filter(side=EmbargoAccess.Side.LGA).values("source")
        return self.restricted().filter(
            Q(council__in=theirs, pk__in=of_council)
            | Q(viewer.council_filter(Ability.SEE_LGA_ONLY), pk__in=of_the_lga)
        )


class Source(models.Model):
    """A letter, report, notice or direction: what a date or a demand rests on.

    One that is `RESTRICTED` has named readers (`EmbargoAccess`) and a log of views; its milestones, flags,
    recommendations and events have the same readers. A peer review's report that the council has not published is
    read, with its recommendations, by the council's own people and the LGA's.
    """

    class Access(models.TextChoices):
        PUBLIC = "public", "Published"
        EMBARGOED = "embargoed", "Under embargo"
        NEVER = "not-for-publication", "Not for publication"
        UNPUBLISHED = "unpublished", "Unpublished: the council’s and the LGA’s"

    RESTRICTED = (Access.EMBARGOED, Access.NEVER)

    class Kind(models.TextChoices):
        INSPECTION_REPORT = "inspection-report", "Inspection report"
        VISIT_LETTER = "visit-letter", "Visit letter"
        NOTICE = "notice", "Improvement notice"
        DIRECTION = "direction", "Direction"
        LETTER = "letter", "Letter"
        COURT_JUDGMENT = "court-judgment", "Court judgment"
        PEER_REVIEW = "peer-review", "Peer review report"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=200)
    dated_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    received_assumed = models.BooleanField(
        default=True, help_text="Receipt not known: publication stands in."
    )
    published_on = models.DateField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    access = models.CharField(
        max_length=20, choices=Access.choices, default=Access.PUBLIC, db_default=Access.PUBLIC.value
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], condition=~Q(access="public"), name="source_restricted")]

    def __str__(self):
        return self.title

    @property
    def is_restricted(self):
        return self.access in self.RESTRICTED


def not_restricted(path="source"):
    """Return the Q that leaves out rows resting on a source that the world may not know."""
    return ~Q(**{f"{path}__in": Source.objects.restricted().values("pk")})


class EmbargoAccess(models.Model):
    """A named reader of a restricted source, from a day until a day."""

    class Side(models.TextChoices):
        COUNCIL = "council", "Council"
        LGA = "lga", "LGA"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["side", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "person"], condition=Q(until_on=None), name="embargo_reader_once"
            ),
            # A reader named by mistake may be struck off the same day.
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="embargo_access_dates_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.person} reads {self.source}"


class EmbargoView(models.Model):
    """One look at a restricted source by a named reader. Append-only."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="views")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.person} looked at {self.source}"


class RecommendationQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return those of councils whose cases the viewer sees, but for what rests on a source kept from them."""
        return self.filter(
            viewer.council_filter(Ability.SEE_CASES),
            ~Q(source__access=Source.Access.UNPUBLISHED) | viewer.council_filter(Ability.READ_REVIEWS),
            not_restricted(),
        )

    def in_confidence_to(self, viewer):
        """Return those of sources of which the viewer is a named reader: for the inspection’s own page alone."""
        return self.filter(source__in=Source.objects.read_in_confidence_by(viewer).values("pk"))

    def open(self, on):
        """Return those made known by `on` and not closed by then."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on), entered_on__lte=on)


class Recommendation(models.Model):
    """Something a council has been told to do, by the source that tells it."""

    class Outcome(models.TextChoices):
        MET = "met", "Met"
        SUPERSEDED = "superseded", "Superseded"
        WITHDRAWN = "withdrawn", "Entered by mistake"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="recommendations")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField(help_text="Its place in the source, from 1.")
    paragraph = models.CharField(
        max_length=40, blank=True, help_text="Where the source makes it, such as “12” or “page 4”."
    )
    text = models.TextField(max_length=4000)
    framework_reference = models.CharField(
        max_length=80,
        blank=True,
        db_default="",
        help_text="Of the Children’s Social Care National Framework, such as “Outcome 2”.",
    )
    entered_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="First day it was no longer open.")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    outcome_note = models.TextField(blank=True, max_length=2000)
    revision = models.PositiveIntegerField(default=1)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["council", "source", "number"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="recommendation_once_per_number"),
            models.CheckConstraint(
                name="recommendation_closed_with_an_outcome",
                condition=Q(outcome="", closed_on__isnull=True)
                | (~Q(outcome="") & Q(closed_on__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.text[:60]}"
