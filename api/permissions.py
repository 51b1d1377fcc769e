"""Who is let in at all. What they may see and do is asked of each row and action."""

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission


class SignedIn(BasePermission):
    """Somebody known, who has set up the second factor where a role they hold requires one."""

    def has_permission(self, request, view):
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated("Sign in, or send a token: “Authorization: Token …”.")
        if request.viewer.second_factor_missing:
            raise PermissionDenied(
                "Your role requires a second factor. Sign in on the pages and set up an authenticator app first."
            )
        return True
