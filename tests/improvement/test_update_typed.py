"""What was typed on the page of an update's priority outlives being signed out, also where somebody changed it."""

from datetime import date
from html.parser import HTMLParser

import pytest
import time_machine
from django.test import Client

from accounts.permissions import Role
from accounts.viewer import Viewer
from improvement.actions import updates as actions
from improvement.models import ActionReport, PlanVersion, PriorityReport
from tests.factories import CouncilFactory, person_with
from tests.improvement.test_update_pages import at, first, typed
from tests.improvement.test_updates import opened
from tests.plans import make_plan

TODAY = date(2026, 2, 3)
OURS = {"origin": "http://testserver"}
MINE = 'We moved the team.\r\n\r\n"Quoted" & <b>bold</b>'
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(TODAY.isoformat() + "T10:00:00Z", tick=False):
        yield


@pytest.fixture
def council():
    return CouncilFactory(name="Saltmarsh")


@pytest.fixture
def update(council):
    version = make_plan(council, priorities=2, actions=4, measures=2, standing=PlanVersion.Standing.APPROVED)
    return opened(version, TODAY)


@pytest.fixture
def priority(update):
    return first(update)


@pytest.fixture
def colleague(council):
    return {"by": Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), TODAY), "on": TODAY}


class _Hidden(HTMLParser):
    """The hidden fields of a page, as a browser sends them."""

    def __init__(self, html):
        super().__init__()
        self.fields = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "input" and told.get("type") == "hidden":
            # A browser reads a line's end as one sign, and sends it as two.
            self.fields[told["name"]] = (told["value"] or "").replace("\r\n", "\n").replace("\n", "\r\n")


@pytest.fixture
def person(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def send_signed_out(person):
    """Return a function that fills in a page, is signed out, sends it, signs in, and sends what was given back."""
    browser = Client(enforce_csrf_checks=True)

    def send(address, data, *, meanwhile=lambda: None):
        browser.cookies.pop("sessionid", None)
        given = browser.post(address, data | {"csrfmiddlewaretoken": token()}, headers=OURS)
        assert given.status_code == 401
        meanwhile()
        fields = _Hidden(given.content.decode()).fields
        sent = {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}
        assert sent == {name: str(value) for name, value in data.items()}
        browser.force_login(person)
        browser.get(address)
        return browser.post(address, fields | {"csrfmiddlewaretoken": token()}, headers=OURS)

    def token():
        return browser.cookies["csrftoken"].value

    def open_page(address):
        browser.force_login(person)
        return browser.get(address)

    send.open = open_page
    return send


def test_what_was_typed_about_a_priority_is_saved_after_signing_in_again(update, priority, send_signed_out):
    address = at("update_priority", update, priority.key)
    one, two = priority.actions
    data = typed(
        send_signed_out.open(address),
        **{
            f"a{one.key}-delivery": "slipping",
            f"a{one.key}-done": MINE,
            f"a{two.key}-done": "And this",
            "whole-text": "All in all",
        },
    )
    done = send_signed_out(address, data)
    assert done.status_code == 302
    reports = {row.action_id: row for row in ActionReport.objects.filter(update=update)}
    assert (reports[one.key].delivery, reports[one.key].done) == ("slipping", MINE.replace("\r\n", "\n"))
    assert reports[two.key].done == "And this"
    assert PriorityReport.objects.get(update=update).text == "All in all"


def test_what_somebody_changed_meanwhile_is_shown_beside_it_and_both_outlive_signing_out_again(
    update, priority, send_signed_out, colleague
):
    address = at("update_priority", update, priority.key)
    one, two = priority.actions
    mine = {f"a{one.key}-done": MINE, f"a{two.key}-done": "And this"}
    data = typed(send_signed_out.open(address), **mine)

    def change():
        actions.report_action(update, one.key, done="What they wrote", revision=0, **colleague)

    both = send_signed_out(address, data, meanwhile=change)
    html = both.content.decode()
    assert both.status_code == 409
    assert "What they wrote" in html and "&lt;b&gt;bold&lt;/b&gt;" in html and "And this" in html
    assert ActionReport.objects.get(update=update).done == "What they wrote"

    # Signed out once more, on the very page that shows both: what is sent from it is given back, and now saved.
    again = send_signed_out(address, typed(both))
    assert again.status_code == 302
    kept = dict(ActionReport.objects.filter(update=update).values_list("action", "done"))
    assert kept == {one.key: MINE.replace("\r\n", "\n"), two.key: "And this"}
