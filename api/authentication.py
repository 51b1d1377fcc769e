"""Who asks: somebody signed in on the pages, or a program with a person's token. Either way `request.viewer`."""

import re

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.actions import note_use_of_token
from accounts.viewer import Viewer

WELL_FORMED = re.compile(rb"[A-Za-z0-9]{15,128}")


class ByToken(TokenAuthentication):
    """`Authorization: Token …`: a secret that a person made for a program. It reaches what the person reaches."""

    def authenticate(self, request):
        found = super().authenticate(request)
        if found:
            person, token = found
            # The middleware's viewer was made for nobody: there is no session.
            request._request.viewer = Viewer.of(person, timezone.localdate())
            note_use_of_token(token, on=request._request.viewer.today)
        return found

    def authenticate_credentials(self, token):
        if not WELL_FORMED.fullmatch(token):
            raise AuthenticationFailed("This token is not one of ours.")
        return super().authenticate_credentials(token)


class BySession(SessionAuthentication):
    """The session of the pages. What changes something needs the CSRF token too, as a form does."""
