"""The page on which somebody makes and revokes the tokens by which their programs ask the API."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.actions import live_tokens, make_token, revoke_token
from accounts.forms import TokenForm


@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request):
    """Make a token, whose secret is shown on this one answer and never again; list them; or revoke one."""
    asked = request.POST.get("do", "")
    if asked == "revoke":
        return _revoke(request)
    form, made, secret = TokenForm(request.POST if asked == "make" else None), None, ""
    if form.is_valid():
        try:
            made, secret = make_token(**form.cleaned_data, by=request.viewer, on=request.viewer.today)
            form = TokenForm()
        except ValidationError as refused:
            form.add_error(None, refused.messages)
    tokens = [(each, _mark(each)) for each in live_tokens(request.viewer.person)]
    context = {"form": form, "made": made, "secret": secret, "tokens": tokens}
    response = render(request, "accounts/tokens.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _revoke(request):
    theirs = live_tokens(request.viewer.person).filter(digest__startswith=request.POST.get("token") or "-")
    token = get_object_or_404(theirs[:1])
    revoke_token(token, by=request.viewer, on=request.viewer.today)
    messages.success(request, f"{token.name}: the token is revoked. It opens nothing any more.")
    return redirect("api_tokens")


def _mark(token):
    """Return what tells a token apart in a form: a part of its hash, which opens nothing."""
    return token.digest[:16]
