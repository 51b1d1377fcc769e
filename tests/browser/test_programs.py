"""The pages for those who write programs: tokens, and what describes the API."""

import pytest


@pytest.mark.parametrize("width", [320, 1280])
def test_a_token_is_made_shown_once_and_revoked_on_pages_that_axe_finds_nothing_wrong_with(
    visit, violations, adviser, width
):
    page = visit(adviser, width=width)
    states = []

    def look(heading):
        assert page.locator("h1").inner_text() == heading
        assert violations(page) == [], heading
        assert page.evaluate("document.documentElement.scrollWidth") <= width, heading
        states.append(heading)

    page.goto("/accounts/tokens/")
    look("Tokens for your programs")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("link", name="Enter what the token is for").click()
    assert page.evaluate("document.activeElement.name") == "name"
    look("Tokens for your programs")
    page.get_by_label("What is it for?").fill("A_name_without_a_single_place_at_which_it_could_be_broken_off")
    page.get_by_role("button", name="Make a token").click()
    assert len(page.get_by_label("shown this once").input_value()) == 64
    look("Your token is made")
    page.goto("/accounts/tokens/")
    assert page.get_by_label("shown this once").count() == 0
    look("You have 1 token")
    page.get_by_role("button", name="Revoke").click()
    assert "the token is revoked" in page.get_by_role("alert").inner_text()
    look("Tokens for your programs")
    assert len(states) == 5


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_wrong_with_the_page_round_the_description_of_the_api(
    visit, violations, adviser, width
):
    """What the description itself is drawn with is another's, and is left out."""
    page = visit(adviser, width=width)
    page.goto("/api/docs/")
    page.locator("#api-docs .opblock").first.wait_for()
    assert violations(page, but="#api-docs") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Make a token").click()
    page.wait_for_url("**/accounts/tokens/")
