"""Regions, councils, their names and codes, succession, and who delivers their services.

Every dated row holds from `from_on` (first day) until `until_on` (exclusive: the first day it no longer
holds).
"""

from datetime import date

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce


class DatedQuerySet(models.QuerySet):
    """Rows that hold from a day until a day. Empty means since ever, or still."""

    def on(self, day):
        """Return the rows that held on `day`."""
        return self.filter(held_on(day))


def held_on(day, prefix=""):
    """Return the Q for rows in force on `day`: `from_on` inclusive, `until_on` exclusive."""
    return (Q(**{f"{prefix}from_on__isnull": True}) | Q(**{f"{prefix}from_on__lte": day})) & (
        Q(**{f"{prefix}until_on__isnull": True}) | Q(**{f"{prefix}until_on__gt": day})
    )


def dates_in_order(name):
    """Return the constraint that a row can't end before it begins."""
    return models.CheckConstraint(
        condition=Q(from_on__isnull=True) | Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name=name
    )


def since():
    """Return the expression for a unique constraint in which two empty `from_on` are the same day.

    SQLite has no NULLS NOT DISTINCT.
    """
    return Coalesce("from_on", Value(date.min))


class Region(models.Model):
    """A region of the LGA and ADCS scheme, or the demonstration region."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    demonstration = models.BooleanField(default=False)
    record_began_on = models.DateField(
        null=True,
        blank=True,
        help_text="First day for which interventions and overdue milestones can be counted.",
    )

    class Meta:
        ordering = ["order", "name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/regions/{self.slug}/"


class CouncilQuerySet(DatedQuerySet):
    def real(self):
        """Leave out the demonstration's invented councils."""
        return self.filter(demonstration=False)

    def in_region(self, region, day):
        """Return the councils whose membership of `region` held on `day`."""
        members = RegionMembership.objects.on(day).filter(region=region, scheme=RegionMembership.LGA)
        return self.filter(pk__in=members.values("council"))


class Council(models.Model):
    """An English authority with children's services duties, keyed on its DfE three-digit code."""

    class Kind(models.TextChoices):
        COUNTY = "county", "County"
        UNITARY = "unitary", "Unitary"
        METROPOLITAN = "metropolitan", "Metropolitan district"
        LONDON_BOROUGH = "london-borough", "London borough"

    la_code = models.CharField(max_length=8, unique=True)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    official_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    from_on = models.DateField(null=True, blank=True, help_text="First day; empty: before our data begins.")
    until_on = models.DateField(null=True, blank=True, help_text="First day it no longer existed.")
    demonstration = models.BooleanField(default=False)
    map_q = models.SmallIntegerField(null=True, blank=True, help_text="Hexagon column, odd-r.")
    map_r = models.SmallIntegerField(null=True, blank=True, help_text="Hexagon row, odd-r, from the bottom.")

    objects = CouncilQuerySet.as_manager()

    class Meta:
        ordering = ["name", "la_code"]
        constraints = [dates_in_order("council_dates_in_order")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/councils/{self.slug}/"

    def existed_on(self, day):
        """Say whether the council existed on `day`, as `Council.objects.on` does for many."""
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )


class CouncilCode(models.Model):
    """A code by which a published file names a council; GSS codes change while the council does not."""

    class Scheme(models.TextChoices):
        GSS = "gss", "ONS (GSS)"
        OFSTED = "ofsted", "Ofsted URN"

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    code = models.CharField(max_length=12)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="council_code_is_of_one_council"),
            dates_in_order("council_code_dates_in_order"),
        ]

    def __str__(self):
        return self.code


class CouncilName(models.Model):
    """A name that published files use for a council, compared without case or surrounding space."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="names")
    alias = models.CharField(max_length=120)
    folded = models.CharField(max_length=120, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["council", "folded"], name="council_name_once")]

    def __str__(self):
        return self.alias


class MembershipQuerySet(DatedQuerySet):
    def on_or_last(self, day):
        """Return the memberships that held on `day`, and the last ones of councils that had ended by then."""
        return self.filter(held_on(day) | Q(until_on=F("council__until_on"), until_on__lte=day))


class RegionMembership(models.Model):
    """A council in a region, by a scheme of regions: the LGA's nine, or another body's."""

    LGA = "lga"

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="memberships")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="memberships")
    scheme = models.SlugField(default=LGA, help_text="lga: the nine LGA and ADCS regions.")
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council", "scheme"],
                condition=Q(until_on=None),
                name="council_in_one_region_at_a_time",
            ),
            models.UniqueConstraint("council", "scheme", since(), name="membership_once"),
            dates_in_order("membership_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.council} in {self.region}"


class Succession(models.Model):
    """On `on`, `successor` took over from `predecessor`, wholly or in part. Many to many."""

    predecessor = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="inheritances")
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_of_another"),
        ]

    def __str__(self):
        return f"{self.predecessor} to {self.successor}"


class Neighbour(models.Model):
    """One of a council's ten statistical neighbours, by the DfE's model of a year. Rank 1 is the closest."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="neighbours")
    neighbour = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="neighbour_of")
    model_year = models.PositiveSmallIntegerField()
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["model_year", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["council", "model_year", "rank"], name="neighbour_once_per_rank"),
            models.UniqueConstraint(fields=["council", "model_year", "neighbour"], name="neighbour_once"),
            models.CheckConstraint(condition=~Q(council=F("neighbour")), name="neighbour_is_another"),
        ]

    def __str__(self):
        return f"{self.council}, {self.rank}: {self.neighbour}"


class DeliveryBody(models.Model):
    """A trust, company or partner council that delivers children's services for one or more councils."""

    class Kind(models.TextChoices):
        TRUST = "trust", "Children's trust or company"
        PARTNER_COUNCIL = "partner-council", "Partner council"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    council = models.ForeignKey(
        Council,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="The council, where the body is one.",
    )

    def __str__(self):
        return self.name


class DeliveryArrangement(models.Model):
    """Who delivers a council's services. No row on a day means in-house. The council keeps its own grade."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="arrangements")
    body = models.ForeignKey(DeliveryBody, on_delete=models.PROTECT, related_name="arrangements")
    from_on = models.DateField(null=True, blank=True, help_text="Empty: already so when first recorded.")
    from_precision = models.CharField(max_length=20, default="day")
    until_on = models.DateField(null=True, blank=True)
    until_precision = models.CharField(max_length=20, default="day")
    recorded_on = models.DateField(null=True, blank=True, help_text="A day on which it was known to hold.")
    note = models.CharField(max_length=300, blank=True)
    source_text = models.CharField(max_length=500, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("council", "body", since(), name="arrangement_once"),
            dates_in_order("arrangement_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.body} for {self.council}"


class Office(models.TextChoices):
    """The posts of a council that the field deals with."""

    DCS = "dcs", "Director of children’s services"
    CHIEF_EXECUTIVE = "chief-executive", "Chief executive"
    LEADER = "leader", "Leader"
    LEAD_MEMBER = "lead-member", "Lead member for children"
    PRINCIPAL_SOCIAL_WORKER = "principal-social-worker", "Principal social worker"


class PostHolder(models.Model):
    """Who holds a post of a council, from a day until a day; or that it is vacant."""

    class Terms(models.TextChoices):
        PERMANENT = "permanent", "Permanent"
        INTERIM = "interim", "Interim"
        VACANT = "vacant", "Vacant"

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="post_holders")
    office = models.CharField("post", max_length=30, choices=Office.choices)
    name = models.CharField(max_length=120, blank=True, help_text="Empty where the post is vacant.")
    terms = models.CharField(max_length=10, choices=Terms.choices)
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True, help_text="First day it no longer held.")
    revision = models.PositiveIntegerField(default=1)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["council", "office", "-from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "office"], condition=Q(until_on=None), name="one_holder_of_a_post"
            ),
            models.UniqueConstraint(fields=["council", "office", "from_on"], name="post_holder_once"),
            models.CheckConstraint(
                name="post_named_unless_vacant",
                condition=Q(terms="vacant", name="") | (~Q(terms="vacant") & ~Q(name="")),
            ),
            dates_in_order("post_holder_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.get_office_display()}: {self.name or self.get_terms_display()}"


class PoliticalControl(models.Model):
    """Which party or parties run a council, from a day until a day."""

    class Control(models.TextChoices):
        CONSERVATIVE = "conservative", "Conservative"
        GREEN = "green", "Green"
        LABOUR = "labour", "Labour"
        LIBERAL_DEMOCRAT = "liberal-democrat", "Liberal Democrat"
        REFORM_UK = "reform-uk", "Reform UK"
        INDEPENDENT = "independent", "Independent or local party"
        NO_OVERALL_CONTROL = "no-overall-control", "No overall control"

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="controls")
    control = models.CharField(max_length=20, choices=Control.choices)
    detail = models.CharField(
        max_length=160, blank=True, help_text="Such as who leads a joint administration."
    )
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True, help_text="First day it no longer held.")
    next_election_on = models.DateField("next election", null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["council", "-from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["council"], condition=Q(until_on=None), name="one_control_of_a_council"
            ),
            models.UniqueConstraint(fields=["council", "from_on"], name="control_once"),
            dates_in_order("control_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.council}: {self.get_control_display()}"
