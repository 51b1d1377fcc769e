"""The web edge: the one place where a request meets the clock and the person's grants."""

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.typed import can_be_given_back, give_back
from accounts.viewer import Viewer


class SignedInMiddleware(LoginRequiredMiddleware):
    """Send whoever is not signed in to sign in; what they typed and sent meanwhile is given back, and not lost."""

    def handle_no_permission(self, request, view_func):
        if can_be_given_back(request):
            return give_back(request, status=401)
        return super().handle_no_permission(request, view_func)


class ViewerMiddleware:
    """Put `request.viewer` on every request: the person, today in London, and the grants of today."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.viewer = SimpleLazyObject(lambda: Viewer.of(request.user, timezone.localdate()))
        return self.get_response(request)


class SecondFactorMiddleware:
    """Send people whose role requires a second factor to set one up before anything else.

    They may still set it up, prove who they are, sign out, and be served styles and scripts. The API refuses them
    itself: a program can't follow anybody to a page.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.open_paths = (
            reverse("mfa_activate_totp"),
            reverse("account_reauthenticate"),
            reverse("account_logout"),
            settings.STATIC_URL,
            "/api/v1/",
        )

    def __call__(self, request):
        if request.path.startswith(self.open_paths) or not request.viewer.second_factor_missing:
            return self.get_response(request)
        return redirect("mfa_activate_totp")
