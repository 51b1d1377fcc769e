"""How sign-in differs from allauth's default: nobody registers, and a required second factor stays."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils import timezone

from accounts.viewer import Viewer


class InvitedOnlyAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "You may no longer sign in. Ask the administrator who invited you.",
        "email_password_mismatch": "The e-mail address or the password is not right",
        "enter_current_password": "The current password is not right",
        "incorrect_password": "The password is not right",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again.",
        "rate_limited": "Too many attempts. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request):
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Your role requires a second factor, so it can’t be switched off",
        "incorrect_code": "The code is not right. It changes every half minute: enter the one shown now.",
    }

    def can_delete_authenticator(self, authenticator):
        """Refuse to switch off the second factor that a role held today requires."""
        return not Viewer.of(authenticator.user, timezone.localdate()).second_factor_required
