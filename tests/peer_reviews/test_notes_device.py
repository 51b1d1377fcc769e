"""What a device is served for the time without a connection, and what the browser is told when somebody signs out."""

import json
import re

import pytest
from django.urls import reverse

from accounts.permissions import Role
from tests.factories import person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


def precached(worker):
    return json.loads(re.search(r"^const PRECACHE = (.*);$", worker, re.MULTILINE)[1])


def test_the_page_of_a_device_is_the_same_for_everybody_and_names_nobody(client):
    made = make_review()
    signed_out = client.get(reverse("notes_device"))
    client.force_login(made.peers[0])
    signed_in = client.get(reverse("notes_device"))
    assert signed_in.status_code == signed_out.status_code == 200
    assert signed_in.content == signed_out.content
    for word in (
        made.peers[0].name,
        str(made.council),
        made.review.case.reference,
        'csrfmiddlewaretoken" value',
    ):
        assert word not in signed_in.content.decode()


def test_the_worker_keeps_this_page_and_files_alone(client):
    response = client.get(reverse("notes_worker"))
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-store" in response["Cache-Control"]
    worker = response.content.decode()
    assert f'const SHELL = "{reverse("notes_device")}";' in worker
    files = precached(worker)
    assert files and all(url.startswith("/static/") for url in files)
    assert not re.search(r"^(import|export) ", worker, re.MULTILINE)


def test_the_worker_may_answer_for_reviews_alone():
    assert reverse("notes_worker").rpartition("/")[0] + "/" == "/reviews/"


def test_signing_out_clears_what_the_browser_keeps(client):
    client.force_login(person_with(Role.PEER))
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'


def test_signing_out_leaves_what_is_stored_where_somebody_else_has_sealed_notes_there(client):
    client.force_login(person_with(Role.PEER))
    assert client.post(reverse("account_logout"), {"others": "kept"})["Clear-Site-Data"] == '"cache"'


def test_a_device_that_belongs_to_somebody_else_sends_nothing_as_whoever_signed_in_since(client):
    made = make_review()
    mine, theirs = made.peers[:2]
    client.force_login(theirs)
    response = client.post(
        reverse("notes_send", kwargs={"reference": made.review.case.reference}),
        {"person": mine.pk, "notes": []},
        content_type="application/json",
    )
    assert (response.status_code, response.json()["reason"]) == (403, "other-person")
