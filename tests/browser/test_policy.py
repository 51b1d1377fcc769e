"""Every page lives under the content security policy: nothing inline, nothing from elsewhere."""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from accounts.permissions import Role
from tests.browser.conftest import with_password
from tests.factories import person_with

NOT_PAGES = ("/static/", "/accounts/logout/")
DOWNLOADS = (
    "format=",
    ".ics",
    ".csv",
    ".xlsx",
    ".pdf",
    ".json",
    "/docx/",
    "/pptx/",
    "/pdf/",
    "/documents/",
    "/report-templates/own/",
    "/file/",
    "/schema",
)


def walk(page, *starts):
    """Open every page that links lead to from `starts`, one of each kind. Return the names of their addresses."""
    waiting, seen = list(starts), {}
    while waiting:
        path = waiting.pop(0)
        if path.startswith(NOT_PAGES) or any(mark in path for mark in DOWNLOADS):
            continue
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            continue
        if name in seen:
            continue
        response = page.goto(path)
        assert response.ok, f"{path}: {response.status}"
        seen[name] = path
        links = page.evaluate("[...document.links].map(a => [a.origin, a.pathname + a.search])")
        here = page.evaluate("location.origin")
        waiting += [link for origin, link in links if origin == here]
    return seen


def test_every_page_of_an_adviser_and_of_the_second_factor_keeps_to_it(visit, adviser):
    page = visit(adviser)
    seen = walk(page, "/")
    assert {"my-work", "region", "council", "milestone", "milestone_move", "mfa_index"} <= set(seen)
    page.goto("/accounts/2fa/totp/activate/")
    page.get_by_label("Password").fill("a-password-for-tests-alone")
    page.get_by_role("button").last.click()
    square = page.locator("img.up-qr")
    square.wait_for()
    assert square.evaluate("image => image.complete && image.naturalWidth > 0")


@pytest.mark.parametrize("role", [Role.NATIONAL_LEAD, Role.ADMINISTRATOR])
def test_the_administration_keeps_to_it(visit, demonstration, role):
    page = visit(with_password(person_with(role)))
    seen = walk(page, "/admin/")
    assert len([name for name in seen if name.startswith("admin:")]) >= 5


def test_signing_in_and_what_is_refused_keep_to_it(visit):
    page = visit()
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        assert page.goto(path).ok
    assert page.goto("/accounts/password/reset/key/1-no/").status == 200
    page.goto("/nowhere/")


def test_the_policy_is_in_force(chromium, live_server):
    """A script and a style within a page are refused, so that the tests above can fail."""
    page = chromium.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    refused = page.evaluate("""async () => {
        const refused = [];
        addEventListener("securitypolicyviolation", violation => refused.push(violation.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>typed by somebody</p>");
        await new Promise(done => setTimeout(done));
        return [window.ran === true, ...refused.sort()];
    }""")
    page.close()
    assert refused == [False, "script-src-elem", "style-src-attr"]
