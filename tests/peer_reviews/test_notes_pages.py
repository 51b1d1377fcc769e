"""The pages of notes and what a device sends and asks."""

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from peer_reviews.models import Note
from tests.factories import person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return make_review(today=timezone.localdate())


def at(made, name, **more):
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
    answer = send(client, made, entry(), entry(share=False), entry()).json()
    shared, private, other = (taken["pk"] for taken in answer["taken"])
    for name in ("notes", "note_add", "notes_needed", "notes_new", "notes_setup"):
        response = client.get(at(made, name))
        assert response.status_code == 200, name
        assert "no-store" in response["Cache-Control"], name
    for name in ("note", "note_change", "note_share", "note_delete", "note_undo_merge"):
        assert client.get(at(made, name, pk=private)).status_code == 200, name
    assert client.get(at(made, "notes_merge"), {"note": [shared]}).status_code == 302
    assert client.get(at(made, "notes_merge"), {"note": [shared, other]}).status_code == 200
    assert client.get(at(made, "notes_lock")).status_code == 403
    client.force_login(made.manager)
    assert client.get(at(made, "notes_lock")).status_code == 200


def test_what_is_refused_stands_beside_what_was_typed(client, made):
    client.force_login(made.peers[0])
    page = client.post(at(made, "note_add"), typed(share="1", text="Seen: 943 476 5919, and more"))
    assert page.status_code == 200
    assert page.context["form"].errors["text"]
    assert "943 476 5919, and more" in page.content.decode()
    assert not Note.objects.exists()
    empty = client.post(at(made, "note_add"), typed(kind="", source_type="", share="1"))
    assert set(empty.context["form"].errors) == {"kind"}
    assert Note.objects.count() == 0


def test_a_form_sent_twice_makes_one_note(client, made):
    client.force_login(made.peers[0])
    sent = typed(next="1", text="Once\x00 only.\r\nYes.")
    for _ in range(2):
        assert client.post(at(made, "note_add"), sent).status_code == 302
    assert Note.objects.get().text == "Once only.\nYes."


def test_a_hostile_note_is_only_words_on_every_page(client, made):
    client.force_login(made.peers[0])
    hostile = "<script>alert(1)</script>{% now %} \u202e مرحبا " + "x" * 49_000
    note = send(client, made, entry(text=hostile)).json()["taken"][0]
    for address in (at(made, "notes"), at(made, "note_add"), at(made, "note", pk=note["pk"])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    news = client.get(at(made, "notes_new"), {"after": "0-0"}).json()
    assert "&lt;script&gt;" in news["notes"][0]["html"]


def test_the_page_of_a_note_changes_it_and_shows_both_where_it_changed_meanwhile(client, made):
    client.force_login(made.peers[0])
    pk = send(client, made, entry(share=False)).json()["taken"][0]["pk"]
    page = at(made, "note_change", pk=pk)
    change = {key: value for key, value in typed(text="Better words.").items() if key != "key"}
    assert client.post(page, {**change, "revision": 1}).status_code == 302
    both = client.post(page, {**change, "text": "From another tab.", "revision": 1})
    assert both.status_code == 409
    assert "Better words." in both.content.decode()
    assert "From another tab." in both.content.decode()
    assert client.post(at(made, "note_share", pk=pk), {"revision": 2}).status_code == 302
    assert client.post(at(made, "note_delete", pk=pk), {"revision": 3}).status_code == 200
    assert Note.objects.get().shared_at


def test_ticked_notes_are_merged_by_their_page_and_parted_again(client, made):
    client.force_login(made.peers[0])
    taken = send(client, made, entry(text="One."), entry(text="Two.")).json()["taken"]
    pks = [one["pk"] for one in taken]
    asked = client.post(at(made, "notes_merge"), {"note": pks})
    assert asked.status_code == 200
    sent = {"note": pks, "kept": pks[0], "text": "One and two.", f"revision_{pks[0]}": 1}
    assert client.post(at(made, "notes_merge"), {**sent, f"revision_{pks[0]}": 9}).status_code == 409
    assert client.post(at(made, "notes_merge"), sent).status_code == 302
    assert client.get(at(made, "notes")).context["page"].paginator.count == 1
    assert client.post(at(made, "note_undo_merge", pk=pks[0]), {"revision": 2}).status_code == 302
    assert client.get(at(made, "notes")).context["page"].paginator.count == 2


def test_the_list_is_narrowed_by_words_line_kind_source_voice_peer_day_own_and_late(client, made):
    client.force_login(made.peers[0])
    line = made.review.lines.first()
    send(
        client,
        made,
        entry(text="Weekly supervision", line=line.pk),
        entry(text="Private thoughts", share=False, kind="to-test"),
    )
    client.force_login(made.peers[1])
    send(client, made, entry(text="Supervision late", source_type="data", voice="records"))
    Note.objects.filter(voice="records").update(late=True)
    client.force_login(made.peers[0])
    today = timezone.localdate().isoformat()
    wanted = {
        "": 3,
        "q=SUPERVISION": 2,
        "q=supervision weekly": 1,
        f"line={line.pk}": 1,
        "line=0": 2,
        "kind=to-test": 1,
        "source=data": 1,
        "voice=social-workers": 2,
        f"peer={made.members[2].pk}": 1,
        f"day={today}": 3,
        "mine=mine": 2,
        "mine=private": 1,
        "late=on": 1,
        "kind=nonsense&page=x": 3,
    }
    found = {
        asked: client.get(f"{at(made, 'notes')}?{asked}").context["page"].paginator.count for asked in wanted
    }
    assert found == wanted


# What a device sends and asks


def test_a_batch_is_taken_in_the_order_it_was_written_each_note_by_itself(client, made):
    client.force_login(made.peers[0])
    now = timezone.now()
    later = entry(text="Second.", written_at=(now - timedelta(minutes=1)).isoformat())
    earlier = entry(text="First.", written_at=(now - timedelta(minutes=2)).isoformat())
    wrong = [
        entry(text=""),
        entry(key="no-uuid"),
        entry(line=10**6),
        entry(line="1"),
        entry(written_at="yesterday"),
        entry(on=None),
        entry(text=7),
        entry(revision=True),
    ]
    answer = send(client, made, later, *wrong, earlier).json()
    assert [one["key"] for one in answer["taken"]] == [earlier["key"], later["key"]]
    assert [one["field"] for one in answer["refused"]] == [
        "key",
        "line",
        "line",
        "written_at",
        "on",
        "text",
        "revision",
        "text",
    ]
    again = send(client, made, later, earlier).json()
    assert again["taken"] == answer["taken"]
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == ["First.", "Second."]


def test_what_became_stale_comes_back_with_what_it_says(client, made):
    client.force_login(made.peers[0])
    one = entry(text="As sent.")
    send(client, made, one)
    send(client, made, {**one, "text": "Changed.", "revision": 1})
    stale = send(client, made, {**one, "text": "Changed on a tablet.", "revision": 1}).json()["stale"]
    assert [(each["key"], each["revision"], each["text"]) for each in stale] == [(one["key"], 2, "Changed.")]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"notes": 1}', '{"notes": [1]}', "[" * 100_000, "\xff"])
def test_what_is_no_list_of_notes_is_refused(client, made, body):
    client.force_login(made.peers[0])
    answer = client.post(at(made, "notes_send"), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_more_than_fifty_at_once_are_too_many(client, made):
    client.force_login(made.peers[0])
    assert send(client, made, *[entry() for _ in range(51)]).status_code == 413


def test_the_most_that_a_device_may_send_at_once_is_taken(client, made):
    client.force_login(made.peers[0])
    answer = send(client, made, *[entry(text="é" * 30_000) for _ in range(50)])
    assert len(answer.json()["taken"]) == 50


def test_what_is_new_comes_once_and_then_not_again(client, made):
    client.force_login(made.peers[1])
    cursor = client.get(at(made, "notes_new")).json()["cursor"]
    client.force_login(made.peers[0])
    pk = send(client, made, entry(), entry(share=False)).json()["taken"][0]["pk"]
    client.force_login(made.peers[1])
    first = client.get(at(made, "notes_new"), {"after": cursor})
    news = first.json()
    assert [note["pk"] for note in news["notes"]] == [pk]
    assert f'id="note-{pk}"' in news["notes"][0]["html"]
    assert "needed-heading" in news["needed_html"]
    assert news["locked"] is False
    again = client.get(at(made, "notes_new"), {"after": news["cursor"]})
    same = client.get(
        at(made, "notes_new"), {"after": news["cursor"]}, headers={"If-None-Match": again["ETag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    assert client.get(at(made, "notes_new"), {"after": "x"}).status_code == 400


def test_a_device_is_given_what_it_needs_to_write_without_a_connection(client, made):
    client.force_login(made.peers[0])
    setup = client.get(at(made, "notes_setup")).json()
    assert setup["person"] == made.peers[0].pk
    assert [line["title"] for line in setup["lines"]] == ["Line 1", "Line 2", "Line 3"]
    assert setup["send_url"] == at(made, "notes_send")


# How much each asks of the database


def _own_queries(queries):
    return [query["sql"] for query in queries if "peer_reviews_" in query["sql"]]


def test_fifteen_hundred_notes_open_within_twelve_queries_and_news_within_four(client, made):
    now, lines = timezone.now(), list(made.review.lines.all())
    Note.objects.bulk_create(
        Note(
            review=made.review,
            author=made.members[1 + number % 3],
            kind=["strength", "consideration", "to-test"][number % 3],
            line=lines[number % 3],
            text=f"Note {number} " + "words " * 100,
            source_type="interview",
            voice="police",
            on=timezone.localdate(),
            written_at=now - timedelta(seconds=number),
            received_at=now,
            changed_at=now - timedelta(hours=1, seconds=number),
            shared_at=now,
        )
        for number in range(1500)
    )
    client.force_login(made.peers[0])
    client.get(at(made, "notes"))
    for query in ("", "?q=words&page=7", "?line=0"):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(at(made, "notes") + query)
        assert len(asked) <= 12, [one["sql"][:150] for one in asked]
    assert page.status_code == 200
    cursor = client.get(at(made, "notes_new")).json()["cursor"]
    with CaptureQueriesContext(connection) as asked:
        client.get(at(made, "notes_new"), {"after": cursor})
    assert len(_own_queries(asked)) <= 4
    for name in ("notes_needed", "note_add"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(at(made, name)).status_code == 200
        assert len(asked) <= 20, name


# To whom there is nothing


def test_no_page_or_address_of_notes_gives_anything_to_anybody_off_the_team(client, made):
    secret = "Quagga spoke of supervision"
    client.force_login(made.peers[0])
    pk = send(client, made, entry(text=secret)).json()["taken"][0]["pk"]
    gone = made.members[3]
    gone.left_on, gone.left_reason = made.today, "Ill."
    gone.save()
    strangers = [
        made.approver,
        made.contributor,
        made.principal,
        gone.person,
        person_with(Role.NATIONAL_LEAD),
        person_with(Role.ADMINISTRATOR),
        person_with(Role.DFE_ADVISER, council=made.council),
        person_with(Role.COUNCIL_LEADERSHIP, council=made.council),
        make_review(today=made.today).peers[0],
    ]

    def answers():
        for name, more in ADDRESSES:
            address = at(made, name, **({"pk": pk} if more else {}))
            for response in (client.get(address), client.post(address, {"note": [pk], "revision": 1})):
                assert "Quagga" not in response.content.decode()
                yield response.status_code

    for person in strangers:
        client.force_login(person)
        assert set(answers()) <= {403, 404, 405}, person
        assert send(client, made, entry()).status_code == 403
        assert client.get(at(made, "notes_new")).status_code == 403
    client.logout()
    assert set(answers()) <= {302, 401, 405}
    assert send(client, made, entry()).status_code == 401
    made.members[1].until_on = made.today
    made.members[1].save()
    client.force_login(made.peers[0])
    assert set(answers()) <= {403, 404, 405}
    assert Note.objects.count() == 1


ADDRESSES = [
    *((name, False) for name in ("notes", "note_add", "notes_merge", "notes_lock", "notes_needed")),
    *((name, False) for name in ("notes_send", "notes_new", "notes_setup")),
    *((name, True) for name in ("note", "note_change", "note_share", "note_delete", "note_undo_merge")),
]


def test_a_private_note_is_to_the_rest_of_its_team_as_if_it_were_not(client, made):
    client.force_login(made.peers[0])
    pk = send(client, made, entry(share=False, text="Quagga alone.")).json()["taken"][0]["pk"]
    client.force_login(made.peers[1])
    for name, more in ADDRESSES:
        response = client.get(
            at(made, name, **({"pk": pk} if more else {})), {"after": "0-0"} if name == "notes_new" else {}
        )
        assert "Quagga" not in response.content.decode()
        assert not more or response.status_code == 404
    assert client.get(at(made, "notes"), {"q": "Quagga"}).context["page"].paginator.count == 0


def test_notes_are_in_no_admin():
    assert Note not in admin.site._registry
