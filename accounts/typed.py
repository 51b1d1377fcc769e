"""What somebody typed and sent while signed out, or from a page open too long: given back to them, to send again.

Nothing of it is stored: the page that answers holds it. It is given back only where one of our own pages sent it, so
that no other site can put words into somebody's form.
"""

from django.shortcuts import render
from django.views import csrf

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# What signs in or proves who somebody is is typed again.
NOT_GIVEN_BACK = ("/accounts/", "/admin/", "/api/")


def give_back(request, *, status):
    """Return a page with what was typed, a way to sign in where that is needed, and a button that sends it again."""
    fields = _typed(request)
    context = {
        "fields": fields,
        "texts": [value for _, value in fields if " " in value.strip()],
        "files": bool(request.FILES),
        "signed_out": not request.user.is_authenticated,
    }
    response = render(request, "accounts/typed.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def can_be_given_back(request):
    """Say whether what was sent is a form with something in it, other than one that signs in."""
    if request.method != "POST" or request.content_type not in FORMS:
        return False
    return not request.path.startswith(NOT_GIVEN_BACK) and bool(_typed(request))


def _typed(request):
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]


def csrf_failure(request, reason=""):
    """Answer a form whose token is no longer good, as after signing in again in another window."""
    ours = f"{request.scheme}://{request.get_host()}"
    if can_be_given_back(request) and request.headers.get("Origin") == ours:
        return give_back(request, status=403)
    return csrf.csrf_failure(request, reason)
