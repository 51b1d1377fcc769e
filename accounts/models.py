"""People and the dated grants that say what each may see and do."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Lower
from knox.models import AbstractAuthToken

from accounts.permissions import NAMES, OF_A_BODY, SCOPES, Role, Scope
from councils.models import (
    Council,
    DatedQuerySet,
    DeliveryArrangement,
    DeliveryBody,
    Region,
    dates_in_order,
)


class PersonManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        """Make a person, e-mail in lower case; without a password they can't sign in until they set one.

        People are made by `accounts.actions.invite`, which also records it and sends the link.
        """
        person = self.model(email=email.lower(), **fields)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in, by e-mail. Invited by an administrator; nobody registers themselves.

    What a person may do follows from grants alone: Django's own permissions, staff and superuser are not
    used.
    """

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    post = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(
        "may sign in",
        default=True,
        help_text="Untick instead of deleting: what they did stays in the history.",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = PersonManager()

    class Meta:
        ordering = ["name", "email"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="person_email_in_lower_case")
        ]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name


class GrantQuerySet(DatedQuerySet):
    def in_force(self, day):
        """Return those held on `day`; that of a delivery body's staff, while it then delivers for the council."""
        delivers = DeliveryArrangement.objects.on(day).filter(
            council=OuterRef("council"), body=OuterRef("body")
        )
        return self.on(day).filter(Q(body=None) | Exists(delivers))


class Grant(models.Model):
    """A role held by a person, from a day until a day, over exactly what its scope names."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(role.value, NAMES[role]) for role in Role])
    scope = models.CharField(max_length=10, choices=[(scope.value, scope.label) for scope in Scope])
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT)
    council = models.ForeignKey(Council, null=True, blank=True, on_delete=models.PROTECT)
    body = models.ForeignKey(
        DeliveryBody,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="The trust or other body they work for: the role holds while it delivers for the council.",
    )
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True, help_text="First day it is no longer held.")

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["role", "from_on"]
        constraints = [
            models.CheckConstraint(
                name="grant_sets_the_field_of_its_scope",
                condition=(
                    Q(scope=Scope.REGION.value, region__isnull=False, council__isnull=True)
                    | Q(scope=Scope.COUNCIL.value, region__isnull=True, council__isnull=False)
                    | Q(
                        scope__in=[Scope.ENGLAND.value, Scope.SYSTEM.value],
                        region__isnull=True,
                        council__isnull=True,
                    )
                ),
            ),
            models.UniqueConstraint(
                "person",
                "role",
                "scope",
                # An empty region or council equals an empty one; SQLite has no NULLS NOT DISTINCT.
                Coalesce("region", 0, output_field=models.BigIntegerField()),
                Coalesce("council", 0, output_field=models.BigIntegerField()),
                "from_on",
                name="grant_once",
            ),
            dates_in_order("grant_dates_in_order"),
        ]

    def __str__(self):
        return f"{NAMES[Role(self.role)]}, {self.council or self.region or Scope(self.scope).label}"

    def clean(self):
        """Raise ValidationError where the role can't have the scope or the body, or the scope names nothing."""
        if self.role and self.scope and Scope(self.scope) not in SCOPES[Role(self.role)]:
            allowed = " or ".join(sorted(scope.label for scope in SCOPES[Role(self.role)]))
            raise ValidationError({"scope": f"{NAMES[Role(self.role)]} is a role for {allowed}."})
        if self.scope == Scope.REGION and not self.region_id:
            raise ValidationError({"region": "Choose the region."})
        if self.scope == Scope.COUNCIL and not self.council_id:
            raise ValidationError({"council": "Choose the council."})
        if self.body_id:
            self._clean_body()

    def _clean_body(self):
        if self.role not in OF_A_BODY:
            allowed = " or ".join(sorted(NAMES[role] for role in OF_A_BODY))
            raise ValidationError({"body": f"Staff of a delivery body may be {allowed}."})
        delivers = DeliveryArrangement.objects.filter(council=self.council_id, body=self.body_id)
        if not delivers.exists():
            raise ValidationError(
                {"body": "No arrangement is on record by which it delivers for the council."}
            )


class RolePolicy(models.Model):
    """What an administrator requires of a role."""

    role = models.CharField(max_length=30, unique=True, choices=[(role.value, NAMES[role]) for role in Role])
    second_factor_required = models.BooleanField(
        default=False, help_text="People with this role must set up an authenticator app before they go on."
    )

    class Meta:
        ordering = ["role"]
        verbose_name_plural = "role policies"

    def __str__(self):
        return NAMES[Role(self.role)]


class LastLook(models.Model):
    """When a person last said that they had read what changed: My work opens with what changed since."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="last_look")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.person}, {self.at}"


class CalendarFeed(models.Model):
    """The secret address of a person's calendar: only its hash is kept, so it can be shown once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at=None), name="one_calendar_feed_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.made_at}"


class ApiToken(AbstractAuthToken):
    """A secret by which a program of a person's asks the API. Only its hash is kept, so it can be shown once."""

    name = models.CharField(max_length=80, help_text="What it is for.")
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self):
        return f"{self.user}, {self.name}"
