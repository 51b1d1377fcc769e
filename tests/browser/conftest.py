"""Chromium at a live server that shows the demonstration region, with the reference data."""

import contextlib
import json
import os
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, sync_playwright

from accounts.permissions import Role
from accounts.viewer import Viewer
from councils.models import Council, Region
from improvement.demonstration import load_demonstration
from tests.factories import person_with

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "a-password-for-tests-alone"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def queries_beside_playwright():
    """Let tests query: Playwright's loop runs in their thread, and Django would take each query for one inside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


LEADS_ELSEWHERE = """element => {
    const pressed = element.closest("button, input[type=submit], a[href]")
    if (!pressed) return false
    if (pressed.matches("a")) return !pressed.hasAttribute("download") && !pressed.getAttribute("href").startsWith("#")
    return Boolean(pressed.form) && pressed.type == "submit"
}"""


@pytest.fixture(scope="session", autouse=True)
def arrive_where_a_click_leads():
    """Let a click on a link or a form's button return once its page is there.

    Playwright's own returns when the browser has taken the press, and on a busy machine the next line would still
    read the page before. `no_wait_after=True` is for one that a script answers on the page itself.
    """
    click = Locator.click

    def click_and_arrive(self, **options):
        if options.get("no_wait_after") or not self.evaluate(LEADS_ELSEWHERE):
            return click(self, **options)
        with self.page.expect_navigation():
            click(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click_and_arrive)
        yield


@pytest.fixture(scope="session")
def chromium(queries_beside_playwright):
    with sync_playwright() as playwright:
        path = os.environ.get("UPSTREAM_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def told():
    """Where the first test that needs the demonstration leaves a copy of its database for the others."""
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
        yield copy


@pytest.fixture
def demonstration(transactional_db, told, request):
    """The demonstration region with the reference data, told up to today."""
    today = timezone.localdate()
    if told.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        request.getfixturevalue("reference")
        load_demonstration(by=Viewer.system(today), on=today)
        if connection.vendor == "sqlite":
            connection.connection.backup(told)
    else:
        told.backup(connection.connection)  # a hundredth of the time that telling it takes
    return Region.objects.get(demonstration=True)


@pytest.fixture
def adviser(demonstration):
    """The principal adviser of the demonstration region."""
    return with_password(person_with(Role.PRINCIPAL_ADVISER, region=demonstration, name="Peregrine Ash"))


@pytest.fixture
def approver(demonstration):
    """The approver of one of its councils."""
    saltmarsh = Council.objects.get(slug="saltmarsh")
    return with_password(person_with(Role.COUNCIL_APPROVER, council=saltmarsh, name="Ada Fell"))


@pytest.fixture
def peer(demonstration):
    return with_password(person_with(Role.PEER, council=Council.objects.get(slug="holme"), name="Kit Moss"))


def with_password(person):
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def visit(chromium, live_server):
    """Return a function that opens a window: whose, how wide, with scripts or without.

    Whatever a test is about, it fails where a page of its own broke the content security policy.
    """
    contexts, refused = [], []

    def note_refusal(message):
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    def open_window(person=None, *, width=1280, scripts=True):
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
        context.on("console", note_refusal)
        contexts.append(context)
        if person is not None:
            context.add_cookies([_session_of(person, live_server.url)])
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
    assert refused == []


def _session_of(person, url):
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def sign_in():
    """Return a function that signs a person in through the page, as they would."""

    def sign_in_as(page, person):
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")

    return sign_in_as


@pytest.fixture
def violations():
    """Return a function that gives what axe finds wrong with the page shown, in words; `but` leaves a part out."""
    if not AXE.exists():
        pytest.fail("axe-core is not installed: run `make front-end` first")

    def found(page, but=None):
        page.evaluate(AXE.read_text())  # as a developer would: the policy lets no page run it
        looked_at = {"exclude": [[but]]} if but else {"include": [["html"]]}
        result = page.evaluate("part => axe.run(part, {resultTypes: ['violations']})", looked_at)
        return [
            f"{each['id']}: {each['help']}: {json.dumps([node['html'][:160] for node in each['nodes'][:3]])}"
            for each in result["violations"]
        ]

    return found
