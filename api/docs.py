"""The page that describes the API: drawn in the browser from the description, with files of ours alone."""

from django.shortcuts import render


def api_docs(request):
    """The description, for people who are signed in; a request can be tried from it, as oneself."""
    return render(request, "api/docs.html")
