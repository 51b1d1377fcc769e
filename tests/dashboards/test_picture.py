"""The figures that the published files must give, from the command and from England's page alike."""

import json
import re
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.models import Force, Milestone, Owes
from dashboards.presenters.grades import shown
from dashboards.queries import england
from improvement.actions import open_interventions
from inspections.loaders import load_inspections
from tests.factories import person_with

TODAY = date(2026, 11, 20)
KEYS = [
    "on",
    "by",
    "framework",
    "councils",
    "inspected",
    "not_inspected",
    "outstanding",
    "good",
    "requires_improvement",
    "inadequate",
    "not_graded",
    "in_intervention",
    "overdue",
]
# On, by, framework: councils, inspected, outstanding, good, requires improvement, inadequate, not graded.
PUBLISHED = [
    (("2016-01-21", "published", "sif"), (152, 78, 0, 17, 41, 20, 0)),
    (("2025-03-31", "inspected", None), (153, 153, 36, 67, 31, 19, 0)),
    (("2026-06-29", "published", None), (153, 153, 46, 63, 29, 13, 2)),
]
COUNTED = ["councils", "inspected", "outstanding", "good", "requires_improvement", "inadequate", "not_graded"]
INADEQUATE = {
    "Nottingham",
    "South Tyneside",
    "Liverpool",
    "Isles of Scilly",
    "Swindon",
    "Peterborough",
    "Tameside",
    "Havering",
    "Cheshire East",
    "Halton",
    "Knowsley",
    "Harrow",
    "Devon",
}


@pytest.fixture
def shipped(reference):
    """Every inspection that the project ships, loaded today."""
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        load_inspections(by=Viewer.system(TODAY), on=TODAY)
        yield


def picture(on, by="published", framework=None):
    out = StringIO()
    options = ["--framework", framework] if framework else []
    call_command("picture", "--on", on, "--by", by, "--format", "json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_the_published_figures_are_met_and_england_shows_the_same(shipped, client):
    client.force_login(person_with(Role.NATIONAL_LEAD))
    for (on, by, framework), expected in PUBLISHED:
        counts = picture(on, by, framework)
        assert list(counts) == KEYS
        assert tuple(counts[key] for key in COUNTED) == expected
        assert counts["councils"] == counts["inspected"] + counts["not_inspected"]
        page = client.get("/england/", {"on": on, "by": by, "framework": framework or ""}).content.decode()
        assert shown_on(page) == {
            "outstanding": counts["outstanding"],
            "good": counts["good"],
            "requires-improvement": counts["requires_improvement"],
            "inadequate": counts["inadequate"],
            "not-graded": counts["not_graded"],
            "not-inspected": counts["not_inspected"],
        }
        assert f"{counts['inspected']} of {counts['councils']} inspected" in page


def test_interventions_and_lateness_are_those_that_england_shows_a_national_lead(shipped, client):
    open_interventions(by=Viewer.system(TODAY), on=TODAY)
    client.force_login(person_with(Role.NATIONAL_LEAD))
    counts = picture(TODAY.isoformat())
    assert (counts["in_intervention"], counts["overdue"]) == (13, 0)
    late = Milestone.objects.filter(owes=Owes.COUNCIL, force=Force.AGREED, case__isnull=False).first()
    late.due_on, late.entered_on, late.to_confirm = (
        TODAY - timedelta(days=1),
        TODAY - timedelta(days=2),
        False,
    )
    late.save()
    assert picture(TODAY.isoformat())["overdue"] == 1
    page = client.get("/england/").content.decode()
    assert "13 opened from an inadequate judgement" in page
    assert "1 council milestone</a>" in page


def shown_on(page):
    """Return {slug: count} from the table by grade of England's page."""
    table = page.split('id="grades"')[1].split("</table>")[0]
    rows = re.findall(r'up-grade--([a-z-]+)".*?up-table__number">(?:<a[^>]*>)?(\d+)', table, re.S)
    return {slug: int(count) for slug, count in rows}


def test_the_thirteen_inadequate_councils_are_named(shipped):
    rows = england(on=date(2026, 6, 29), by="published", framework=None, viewer=Viewer.system(TODAY)).rows
    assert {row.council.name for row in rows if row.slug() == "inadequate"} == INADEQUATE


def test_brent_and_somerset_have_no_overall_and_their_lowest_area_stands_beside_it(shipped):
    rows = england(on=date(2026, 6, 29), by="published", framework=None, viewer=Viewer.system(TODAY)).rows
    words = {row.council.name: shown(row.graded) for row in rows if row.slug() == "not-graded"}
    assert set(words) == {"Brent", "Somerset"}
    assert all(
        each.word == "Not graded overall" and each.note.startswith("lowest: ") for each in words.values()
    )


def test_every_count_of_england_is_the_count_of_its_rows(shipped, client):
    client.force_login(person_with(Role.PEER))
    for show in ("overall", "lowest"):
        page = client.get("/england/", {"on": "2026-06-29", "show": show}).content.decode()
        for slug, count in shown_on(page).items():
            filtered = client.get(
                "/england/", {"on": "2026-06-29", "show": show, "grade": slug, "format": "csv"}
            )
            lines = b"".join(filtered.streaming_content).decode().splitlines()
            assert len(lines) - 1 == count, (show, slug)


def test_under_slac_a_reinspection_of_looked_after_services_alone_is_passed_over(shipped):
    counts = picture("2013-10-31", framework="slac")
    grades = ("outstanding", "good", "requires_improvement", "inadequate")
    assert sum(counts[grade] for grade in grades) == counts["inspected"]
    assert counts["not_graded"] == 0


@pytest.mark.django_db
def test_a_day_before_the_record_began_has_no_count_of_interventions_never_nought(reference):
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        counts = picture("2009-06-01")
    assert counts["in_intervention"] is None
    assert counts["overdue"] is None


@pytest.mark.django_db
def test_the_command_says_what_a_day_must_be():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        with pytest.raises(CommandError, match="real date"):
            picture("soon")
        with pytest.raises(CommandError, match="no record of the future"):
            picture("2026-11-21")


def test_in_words_it_says_what_was_counted(shipped):
    out = StringIO()
    call_command("picture", "--on", "2026-06-29", stdout=out)
    text = out.getvalue()
    assert "As at 2026-06-29, SIF and ILACS, published by that day" in text
    assert re.search(r"Inadequate: +13\b", text)
