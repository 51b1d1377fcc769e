"""A page printed: the answer and the evidence in columns, without the tools and the addresses of Upstream's own."""

import pytest

A4_WITHIN_MARGINS = 680


@pytest.mark.parametrize(
    ("address", "table"),
    [("/regions/demonstration/", "councils"), ("/councils/saltmarsh/", "milestones")],
)
def test_a_table_keeps_its_columns_on_paper_and_leaves_out_what_one_presses(visit, adviser, address, table):
    page = visit(adviser, width=A4_WITHIN_MARGINS)
    page.goto(address)
    page.emulate_media(media="print")
    rows = page.locator(f"section:has(> #{table}) table")
    displayed = rows.locator("thead, tbody th, tbody td:first-of-type").evaluate_all(
        "parts => parts.map(part => getComputedStyle(part).display)"
    )
    assert set(displayed) == {"table-header-group", "table-cell"}
    assert page.get_by_text("Written statement published" if table == "milestones" else "Saltmarsh").count()
    for pressed in ("Filter", "Mark met", "Download CSV", "Date calculator", "Sign out"):
        assert not page.get_by_text(pressed).locator("visible=true").count(), pressed
    printed = page.locator("a[href^='/']").evaluate_all(
        "links => links.map(link => getComputedStyle(link, '::after').content).filter(it => it.includes('/'))"
    )
    assert printed == []
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WITHIN_MARGINS
