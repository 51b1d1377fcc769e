"""Make the row by which an administrator requires a second factor of a role."""

from accounts.models import RolePolicy
from accounts.permissions import Role


def load_role_policies(*, by, on):
    """Make the policy of each role where it is missing; what an administrator has required stays."""
    held = set(RolePolicy.objects.values_list("role", flat=True))
    new = [RolePolicy(role=role) for role in Role if role not in held]
    RolePolicy.objects.bulk_create(new, ignore_conflicts=True)
    return f"added {len(new)} left {len(held)}"
