"""Every page, full, empty and in error: nothing that axe finds wrong, and no page wider than a narrow screen."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from cases.models import Case, Milestone
from councils.models import Region
from tests.browser.conftest import PASSWORD

FULL = [
    "/",
    "/england/",
    "/england/?show=lowest",
    "/regions/",
    "/regions/demonstration/",
    "/councils/saltmarsh/",
    "/councils/northbridge/",
    "/councils/saltmarsh/history/",
]
EMPTY = [
    "/regions/demonstration/?q=nobody",
    "/england/?grade=not-inspected&framework=tlac&on=2005-01-01",
    "/regions/nowhere/",
    "/councils/thornley/",
    "/regions/demonstration/?on=2010-01-01",
    "/councils/saltmarsh/?on=2010-01-01",
]
IN_ERROR = [
    "/?on=soon",
    "/england/?on=2031-01-01",
    "/regions/?by=hearsay",
    "/regions/demonstration/?on=1066-10-14",
    "/councils/saltmarsh/?on=2026-02-30",
    "/regions/demonstration/?grade=splendid",
    "/regions/atlantis/",
]
NARROW = [*FULL, *EMPTY[:1], *IN_ERROR[:4]]


@pytest.fixture
def empty_region(demonstration):
    return Region.objects.create(slug="nowhere", name="Nowhere", order=99, demonstration=True)


CALCULATOR = "/dates/?day_0_day={}&day_0_month=12&day_0_year=2026&count={}&unit=working-days"
CALCULATED = ["/dates/", CALCULATOR.format(1, 20), CALCULATOR.format(1, 1), CALCULATOR.format(32, "")]
HOW_ONE_SIGNS_IN = ["/accounts/2fa/", "/accounts/password/change/", "/accounts/email/", "/accounts/logout/"]
SIGNED_OUT = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-spent/",
    "/accounts/password/reset/key/done/",
]


def wrong_with(page, addresses, violations):
    """Return {address: what axe finds} for the addresses with anything wrong."""
    found = {}
    for address in addresses:
        page.goto(address)
        if wrong := violations(page):
            found[address] = wrong
    return found


def test_axe_finds_nothing_wrong_with_any_page_full_empty_or_in_error(
    visit, violations, adviser, empty_region
):
    milestone = Milestone.objects.get(label="Written statement published", council__slug="saltmarsh")
    of_milestone = [f"/milestones/{milestone.pk}/", f"/milestones/{milestone.pk}/met/"]
    page = visit(adviser)
    assert wrong_with(page, FULL + of_milestone + EMPTY + IN_ERROR, violations) == {}
    page.goto(of_milestone[1])
    page.get_by_label("Day", exact=True).fill("99")
    page.get_by_role("button", name="Mark as met").click()
    assert page.locator(".govuk-error-summary").count() == 1
    assert violations(page) == []


def test_axe_finds_nothing_wrong_with_what_others_see(visit, violations, approver, peer):
    assert (
        wrong_with(visit(approver), ["/", "/regions/demonstration/", "/councils/saltmarsh/"], violations)
        == {}
    )
    assert wrong_with(visit(peer), ["/", "/england/", "/councils/saltmarsh/"], violations) == {}
    assert wrong_with(visit(), SIGNED_OUT, violations) == {}
    refused = visit()
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        refused.goto(address)
        refused.locator("main form button").click()
        assert refused.locator(".govuk-error-summary").count() == 1
        assert violations(refused) == []


def asked_about(milestones):
    """Return the addresses of the forms: every one that asks about a milestone, and about an episode."""
    stands = milestones.filter(
        council__slug="saltmarsh", closed_on=None, to_confirm=False, due_on__isnull=False
    )
    about = {
        stands.first(): ["met", "move", "pause", "answer", "assign"],
        milestones.filter(pauses__until_on=None, pauses__isnull=False).first(): ["resume"],
        milestones.filter(to_confirm=True, closed_on=None).first(): ["confirm"],
        milestones.filter(outcome="met").first(): ["reopen"],
    }
    episode = Case.objects.filter(
        standing=Case.Standing.UNCONFIRMED, council__memberships__region__demonstration=True
    ).first()
    return [
        *(f"/milestones/{milestone.pk}/{act}/" for milestone, acts in about.items() for act in acts),
        f"/cases/{episode.reference}/confirm/",
    ]


def test_axe_finds_nothing_wrong_with_any_form_empty_or_in_error_nor_is_one_wider_than_a_narrow_screen(
    visit, violations, adviser, demonstration
):
    milestones = Milestone.objects.filter(council__memberships__region=demonstration)
    page = visit(adviser, width=320)
    for address in asked_about(milestones):
        page.goto(address)
        assert page.locator("main form[method=post]").count() == 1, address
        assert violations(page) == [], address
        page.locator("main form[method=post] button").click()
        assert violations(page) == [], f"{address} in error"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    assert wrong_with(page, CALCULATED + HOW_ONE_SIGNS_IN, violations) == {}


def test_a_second_factor_is_set_up_on_pages_that_axe_finds_nothing_wrong_with(
    visit, sign_in, violations, peer
):
    page = visit()
    sign_in(page, peer)
    page.goto("/accounts/2fa/totp/activate/")
    if page.get_by_label("Password").count():
        assert violations(page) == []
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main form button").click()
    assert violations(page) == []
    page.locator("main form button").click()
    assert page.locator(".govuk-error-summary").count() == 1
    assert violations(page) == []
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label("code").fill(code_now(secret))
    page.locator("main form button").click()
    assert violations(page) == []
    codes = ["/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"]
    assert wrong_with(page, [*codes, "/accounts/2fa/totp/deactivate/"], violations) == {}


def code_now(secret):
    """Return the six digits that an authenticator app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


@pytest.mark.parametrize("width", [320, 375])
def test_every_action_of_a_milestone_is_in_sight_on_a_narrow_screen(visit, adviser, width):
    page = visit(adviser, width=width)
    page.goto("/councils/saltmarsh/")
    actions = page.locator(".up-actions a").all()
    assert actions
    for action in actions:
        box = action.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 24


@pytest.mark.parametrize("width", [320, 375])
def test_no_page_is_wider_than_a_narrow_screen_or_one_enlarged_fourfold(visit, adviser, width):
    page = visit(adviser, width=width)
    wide = {}
    for address in NARROW:
        page.goto(address)
        if (across := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[address] = across
    assert wide == {}


def test_words_of_a_stacked_row_keep_their_distance(visit, adviser):
    page = visit(adviser, width=375)
    page.goto("/regions/demonstration/")
    apart = page.locator("#councils ~ .up-scroll td > small").evaluate_all(
        "notes => notes.map(note => getComputedStyle(note, '::before').content)"
    )
    assert set(apart) == {'" "'}
