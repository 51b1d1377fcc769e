"""The pool of peers: who they are, where they work and worked, what they know, when they can go, and where not."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.permissions import Ability
from councils.models import Council, DatedQuerySet, DeliveryBody, PoliticalControl, dates_in_order, since
from peer_reviews.models.kinds import TeamRole

PERSON = settings.AUTH_USER_MODEL


class PeerWord(models.Model):
    """A word by which peers are found: an expertise, a sector, a language."""

    class Kind(models.TextChoices):
        EXPERTISE = "expertise", "Expertise"
        SECTOR = "sector", "Sector"
        LANGUAGE = "language", "Language"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    slug = models.SlugField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="peer_word_once")]

    def __str__(self):
        return self.name


class PeerQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the pool to the LGA's advisers, and to a peer themselves alone."""
        if viewer.may(Ability.READ_PEERS):
            return self
        return self.filter(person=viewer.person_id or 0)

    def in_pool(self, on):
        """Return those in the pool on `on`."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on), joined_on__lte=on)


class Peer(models.Model):
    """Somebody of the pool: an officer, a lead member or a specialist whom a council lends.

    `roles` they may take are rows of `PeerRole`; where they work, dated rows of `PeerPost`.
    """

    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail address", blank=True)
    person = models.OneToOneField(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="peer"
    )
    political_group = models.CharField(
        max_length=20,
        blank=True,
        choices=[one for one in PoliticalControl.Control.choices if one[0] != "no-overall-control"],
        help_text="Of a member peer.",
    )
    words = models.ManyToManyField(PeerWord, related_name="peers", blank=True)
    regions = models.ManyToManyField(
        "councils.Region", related_name="+", blank=True, help_text="Where they will go; none: anywhere."
    )
    days_a_year = models.PositiveSmallIntegerField(default=5, help_text="Days for which they may be asked.")
    about = models.TextField(blank=True, max_length=2000, help_text="In their own words.")
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True, help_text="First day they were no longer in the pool.")
    revision = models.PositiveIntegerField(default=1)

    objects = PeerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="peer_left_after_joining",
            ),
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="peer_once_by_email"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/peers/{self.pk}/"


class PeerRole(models.Model):
    """A role on a team that a peer may take."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=[one for one in TeamRole.choices if one[0] != "manager"])

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["peer", "role"], name="peer_role_once")]

    def __str__(self):
        return self.get_role_display()


class PeerPost(models.Model):
    """Where a peer works or worked: a council, a delivery body or another employer, from a day until a day."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="posts")
    council = models.ForeignKey(Council, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(DeliveryBody, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    employer = models.CharField(max_length=120, blank=True, help_text="Where it is neither.")
    title = models.CharField("post", max_length=120, blank=True)
    from_on = models.DateField("from", null=True, blank=True)
    until_on = models.DateField("until", null=True, blank=True, help_text="First day it was no longer held.")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["peer", F("from_on").desc(nulls_last=True)]
        constraints = [
            models.CheckConstraint(
                name="peer_post_of_one_employer",
                condition=Q(council__isnull=False, body__isnull=True, employer="")
                | Q(council__isnull=True, body__isnull=False, employer="")
                | Q(council__isnull=True, body__isnull=True) & ~Q(employer=""),
            ),
            dates_in_order("peer_post_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.title or 'Works'} at {self.council or self.body or self.employer}"


class Tie(models.Model):
    """What keeps a peer from a council: a declared conflict, or what they did there for Ofsted or the DfE."""

    class Kind(models.TextChoices):
        CONFLICT = "conflict", "A conflict of interest that they declared"
        INSPECTED = "inspected", "Inspected it for Ofsted"
        DFE_ADVISER = "dfe-adviser", "The DfE’s adviser there"
        COMMISSIONER = "commissioner", "A commissioner there"

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="ties")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    from_on = models.DateField("from", null=True, blank=True)
    until_on = models.DateField(
        "until", null=True, blank=True, help_text="Of a declared conflict: first day it no longer holds."
    )
    note = models.CharField(max_length=300, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("peer", "council", "kind", since(), name="tie_once"),
            dates_in_order("tie_dates_in_order"),
        ]

    def __str__(self):
        return f"{self.peer}, {self.council}: {self.get_kind_display()}"


class Unavailable(models.Model):
    """When a peer can't go."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="unavailable")
    from_on = models.DateField("from")
    until_on = models.DateField("until", help_text="First day they can go again.")
    note = models.CharField(max_length=120, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["from_on"]
        constraints = [dates_in_order("unavailable_dates_in_order")]

    def __str__(self):
        return f"{self.peer}: {self.from_on} to {self.until_on}"


class Training(models.Model):
    """Training that a peer has had, or an accreditation, and when it ends."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="training")
    name = models.CharField(max_length=120)
    accreditation = models.BooleanField(default=False)
    on = models.DateField()
    expires_on = models.DateField(null=True, blank=True, help_text="First day on which it no longer counts.")

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("on")),
                name="training_ends_after_it",
            )
        ]

    def __str__(self):
        return f"{self.name}, {self.on}"


class PeerFeedback(models.Model):
    """What a review manager thought of a peer on a review, for the LGA alone."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="feedback")
    review = models.ForeignKey("PeerReview", on_delete=models.PROTECT, related_name="+")
    rating = models.PositiveSmallIntegerField(help_text="1 (not again) to 4 (ask again soon).")
    text = models.TextField(blank=True, max_length=2000)
    given_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField()

    class Meta:
        ordering = ["-given_on"]
        constraints = [
            models.UniqueConstraint(fields=["peer", "review"], name="peer_feedback_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=4), name="peer_feedback_of_four"),
        ]

    def __str__(self):
        return f"{self.peer} on {self.review}: {self.rating}"


class DaysLentQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self if viewer.may(Ability.READ_PEERS) else self.none()


class DaysLent(models.Model):
    """Days that a council lent a peer for, to be compensated: totalled by council and financial year."""

    class Work(models.TextChoices):
        REVIEW = "review", "A peer review"
        MENTORING = "mentoring", "Mentoring"
        AUDIT = "audit", "Case audit"

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="days_lent")
    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, related_name="days_lent", help_text="The one that lends."
    )
    host = models.ForeignKey(Council, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    work = models.CharField(max_length=10, choices=Work.choices)
    review = models.ForeignKey(
        "PeerReview", null=True, blank=True, on_delete=models.PROTECT, related_name="days_lent"
    )
    on = models.DateField(help_text="The last of the days.")
    days = models.DecimalField(max_digits=4, decimal_places=1)
    note = models.CharField(max_length=200, blank=True)
    recorded_on = models.DateField()
    recorded_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_on = models.DateField(null=True, blank=True, help_text="Recorded by mistake.")
    revision = models.PositiveIntegerField(default=1)

    objects = DaysLentQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["council", "on"])]
        constraints = [
            models.CheckConstraint(condition=Q(days__gt=0), name="days_lent_some"),
            models.CheckConstraint(
                condition=Q(work="review", review__isnull=False) | ~Q(work="review"),
                name="days_lent_of_a_review",
            ),
            models.UniqueConstraint(
                fields=["peer", "review"],
                condition=Q(review__isnull=False, withdrawn_on__isnull=True),
                name="days_lent_once_per_review",
            ),
        ]

    def __str__(self):
        return f"{self.council}: {self.days}, {self.on}"
