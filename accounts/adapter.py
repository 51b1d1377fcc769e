"""How sign-in differs from allauth's default: nobody registers, and a required second factor stays."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils import timezone

from accounts.viewer import Viewer


class InvitedOnlyAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    def can_delete_authenticator(self, authenticator):
        """Refuse to switch off the second factor that a role held today requires."""
        return not Viewer.of(authenticator.user, timezone.localdate()).second_factor_required
