"""The pages of notes and what a device sends and asks."""

import json
import uuid
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from peer_reviews.models import Note
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return make_review(today=timezone.localdate())


def at(made, name, **more):
    from django.urls import reverse

    return reverse(name, kwargs={"reference": made.review.case.reference, **more})


def entry(**given):
    return {
        "key": str(uuid.uuid4()),
        "kind": "strength",
        "line": None,
        "text": "Supervision happens weekly.",
        "activity": None,
        "source_type": "focus-group",
        "voice": "social-workers",
        "on": timezone.localdate().isoformat(),
        "written_at": timezone.now().isoformat(),
        "share": True,
        "revision": None,
        **given,
    }


def send(client, made, *entries):
    return client.post(
        at(made, "notes_send"), json.dumps({"notes": entries}), content_type="application/json"
    )


def typed(**given):
    return {
        "key": str(uuid.uuid4()),
        "kind": "strength",
        "line": "",
        "text": "Supervision happens weekly.",
        "activity": "",
        "source_type": "focus-group",
        "voice": "social-workers",
        **given,
    }


def test_a_form_without_script_saves_a_private_note_and_a_shared_one(client, made):
    client.force_login(made.peers[0])
    page = at(made, "note_add")
    assert client.get(page).status_code == 200
    assert client.post(page, typed(next="1")).status_code == 302
    assert client.post(page, typed(share="1", text="Another.")).status_code == 302
    assert [(note.text, note.shared_at is None) for note in Note.objects.order_by("pk")] == [
        ("Supervision happens weekly.", True),
        ("Another.", False),
    ]


def test_every_page_opens(client, made):
    client.force_login(made.peers[0])
    answer = send(client, made, entry(), entry(share=False)).json()
    assert len(answer["taken"]) == 2, answer
    shared, private = (taken["pk"] for taken in answer["taken"])
    for name in ("notes", "note_add", "notes_needed", "notes_new", "notes_setup"):
        assert client.get(at(made, name)).status_code == 200, name
    for name in ("note", "note_change", "note_share", "note_delete", "note_undo_merge"):
        assert client.get(at(made, name, pk=private)).status_code == 200, name
    assert client.get(at(made, "notes_merge"), {"note": [shared]}).status_code == 302
