"""Notes on a device: the page that opens without a connection, and the worker that brings it. Neither holds data."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from peer_reviews.forms.notes import NewNoteForm
from peer_reviews.presenters.notes import PRIVACY, WORRY

# What the page needs. Scripts ask for one another by the names that they have here.
ASKED_BY_PAGE = ("mark.svg", "build/app.css", "build/app.js", "build/notes.js")
ASKED_BY_SCRIPTS = (
    "build/govuk-frontend.min.js",
    "build/device-store.js",
    "build/notes-outbox.js",
    "build/notes-sign-out.js",
    "build/notes-live.js",
)
WORKER = "build/notes-worker.js"
PAGE = "peer_reviews/notes/device.html"
TEMPLATES = (
    PAGE,
    "base.html",
    "layout/header.html",
    "layout/footer.html",
    "peer_reviews/notes/_choices.html",
    "peer_reviews/notes/_from.html",
)


@login_not_required
@require_safe
@never_cache
def notes_device(request):
    """Show the page that a device fills from what it keeps. It is the same for everybody, signed in or not."""
    nobody = {"user": AnonymousUser(), "viewer": None, "messages": []}
    form = NewNoteForm(lines=[], activities=[])
    return render(request, PAGE, {**nobody, "form": form, "privacy": PRIVACY, "worry_words": WORRY})


@login_not_required
@require_safe
@never_cache
def notes_worker(request):
    """Serve the worker of notes, which is another one as soon as any file that it keeps is."""
    files = [static(name) for name in ASKED_BY_PAGE]
    files += [f"{static('build/')}{Path(name).name}" for name in ASKED_BY_SCRIPTS]
    begins = {"VERSION": _version(), "SHELL": reverse("notes_device"), "PRECACHE": files}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in begins.items()]
    return HttpResponse("\n".join([*lines, _content(WORKER)]), content_type="text/javascript")


@lru_cache(maxsize=1)
def _version():
    digest = hashlib.sha256()
    for name in (*ASKED_BY_PAGE, *ASKED_BY_SCRIPTS, WORKER):
        digest.update(_content(name).encode())
    for name in TEMPLATES:
        digest.update(get_template(name).template.source.encode())
    return digest.hexdigest()[:16]


def _content(name):
    found = finders.find(name)
    return Path(found).read_text(encoding="utf-8") if found else ""
