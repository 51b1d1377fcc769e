"""What is asked while a plan is drafted."""

from accounts.models import Grant, Person
from accounts.permissions import Role

OWNING = (Role.ACTION_OWNER, Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_APPROVER)


def people_to_own(council, on):
    """Return the people who may be named as the owner of an action of the council's plans on `on`."""
    grants = Grant.objects.in_force(on).filter(council=council, role__in=OWNING)
    return Person.objects.filter(is_active=True, pk__in=grants.values("person"))
