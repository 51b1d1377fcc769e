"""People and the dated grants that say what each may see and do."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from accounts.permissions import NAMES, Role, Scope
from councils.models import Council, DatedQuerySet, Region, dates_in_order


class PersonManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, by e-mail. Invited by an administrator; nobody registers themselves."""

    email = models.EmailField("E-mail address", unique=True)
    name = models.CharField(max_length=120)
    post = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the administration pages", default=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = PersonManager()

    class Meta:
        ordering = ["name", "email"]
        verbose_name_plural = "people"

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name


class Grant(models.Model):
    """A role held by a person, from a day until a day, over exactly what its scope names."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=30, choices=[(role.value, NAMES[role]) for role in Role])
    scope = models.CharField(max_length=10, choices=[(scope.value, scope.value.title()) for scope in Scope])
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT)
    council = models.ForeignKey(Council, null=True, blank=True, on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_sets_the_field_of_its_scope",
                condition=(
                    Q(scope=Scope.REGION, region__isnull=False, council__isnull=True)
                    | Q(scope=Scope.COUNCIL, region__isnull=True, council__isnull=False)
                    | Q(scope__in=[Scope.ENGLAND, Scope.SYSTEM], region__isnull=True, council__isnull=True)
                ),
            ),
            models.UniqueConstraint(
                fields=["person", "role", "scope", "region", "council", "from_on"],
                name="grant_once",
                nulls_distinct=False,
            ),
            dates_in_order("grant_dates_in_order"),
        ]

    def __str__(self):
        return f"{NAMES[Role(self.role)]}, {self.council or self.region or self.scope}"


class RolePolicy(models.Model):
    """What an administrator requires of a role."""

    role = models.CharField(max_length=30, unique=True, choices=[(role.value, NAMES[role]) for role in Role])
    second_factor_required = models.BooleanField(
        default=False, help_text="People with this role must set up an authenticator app before they go on."
    )

    class Meta:
        verbose_name_plural = "role policies"

    def __str__(self):
        return NAMES[Role(self.role)]
