"""What the pages say, on which day, and to whom: the adviser, the council and the stranger."""

import csv
import re
from datetime import date, timedelta
from io import StringIO

import pytest

from accounts.permissions import Role
from cases.models import Case, Force, Owes
from councils.models import Region, Succession
from improvement.models import Instrument, Intervention
from tests.dashboards.conftest import TODAY, in_intervention, judged
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def adviser(client, region):
    person = person_with(Role.PRINCIPAL_ADVISER, region=region)
    client.force_login(person)
    return person


def text(response):
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def plain(response):
    """The words of a page, without its marks."""
    return re.sub(r"<[^>]+>", "", text(response))


def heading(response):
    return response.content.decode().split('<h1 class="up-answer">')[1].split("</h1>")[0]


def rows_of(response):
    return list(csv.DictReader(StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def sign_in_as(client, role, **reach):
    person = person_with(role, **reach)
    client.force_login(person)
    return person


# The region


def test_a_region_answers_first_and_lists_what_needs_doing_with_the_reason(
    client, adviser, council, neighbour
):
    in_intervention(council)
    MilestoneFactory(
        case__council=neighbour, owes=Owes.BOARD_CHAIR, force=Force.INSTRUMENT, due_on=date(2026, 11, 16)
    )
    page = client.get("/regions/wolds/")
    assert heading(page) == "2 councils, 1 in intervention"
    words = text(page)
    assert "1 council milestone</a> is overdue, and" in words
    assert "1 owed by the board chair</a>" in words
    assert "9 days overdue" in words
    assert "Saltmarsh</a>: written statement published" in words
    assert "Agreed, owed by the council. Due 11 November 2026." in words


def test_what_others_owe_stands_beside_the_count_and_not_in_it(client, adviser, council):
    in_intervention(council, owes=Owes.DFE)
    row = rows_of(client.get("/regions/wolds/?format=csv"))[0]
    assert (row["Overdue, owed by the council"], row["Overdue, owed by others"]) == ("0", "1")


def test_filters_leave_the_rows_that_fit_and_their_counts_agree(client, adviser, council, neighbour):
    in_intervention(council)
    judged(neighbour, overall="good", leaders="good")

    def names(query):
        return [row["Council"] for row in rows_of(client.get(f"/regions/wolds/?format=csv&{query}"))]

    assert names("grade=inadequate") == ["Saltmarsh"]
    assert names("grade=good") == ["Eastmere"]
    assert names("stage=any") == ["Saltmarsh"]
    assert names("stage=plan_due") == ["Saltmarsh"]
    assert names("stage=ended") == []
    assert names("overdue=yes") == ["Saltmarsh"]
    assert names("overdue=no") == ["Eastmere"]
    assert names("q=EAST") == ["Eastmere"]
    assert names("sort=name") == ["Eastmere", "Saltmarsh"]
    assert names("sort=-name") == ["Saltmarsh", "Eastmere"]
    assert names("") == ["Saltmarsh", "Eastmere"], "the most pressing first"


def test_an_overdue_filter_lists_only_councils_whose_lateness_the_reader_may_know(
    client, region, council, neighbour
):
    in_intervention(council, days_late=-60)
    in_intervention(neighbour)
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    for page in ("/regions/wolds/", "/england/"):
        found = rows_of(client.get(f"{page}?format=csv&table=councils&overdue=no"))
        assert [row["Council"] for row in found] == ["Saltmarsh"]
        assert rows_of(client.get(f"{page}?format=csv&table=councils&overdue=yes")) == []


def test_no_filter_on_what_is_overdue_answers_for_a_day_before_the_record_began(client, adviser, council):
    in_intervention(council)
    for asked in ("yes", "no"):
        assert rows_of(client.get(f"/regions/wolds/?format=csv&on=2025-12-31&overdue={asked}")) == []


def test_a_region_says_how_many_dates_the_reader_has_to_confirm_in_it(client, adviser, council, neighbour):
    several_to_confirm(council)
    several_to_confirm(neighbour)
    words = text(client.get("/regions/wolds/"))
    assert 'href="/#confirm">6 dates from before the record began</a> to confirm' in words
    assert len([row for row in rows_of(client.get("/?format=csv")) if row["Part"] == "To confirm"]) == 6
    assert "from before the record began" not in text(client.get("/regions/wolds/?on=2026-05-31"))
    for role, reach in [(Role.NATIONAL_LEAD, {}), (Role.COUNCIL_APPROVER, {"council": council})]:
        sign_in_as(client, role, **reach)
        assert "from before the record began" not in text(client.get("/regions/wolds/"))


def test_nothing_found_says_so_and_offers_the_way_back(client, adviser, council):
    assert "No council here fits that." in text(client.get("/regions/wolds/?q=zzz"))


def test_a_council_without_an_overall_is_said_not_graded_with_its_lowest_area_beside_it(
    client, adviser, council
):
    judged(council, overall=None, form="ilacs-2026", published=date(2026, 6, 10))
    words = text(client.get("/regions/wolds/"))
    assert "Not graded overall" in words
    assert "lowest: inadequate (leaders)" in words
    assert rows_of(client.get("/regions/wolds/?format=csv&grade=not-graded"))[0]["Beside it"].startswith(
        "lowest:"
    )
    assert rows_of(client.get("/regions/wolds/?format=csv&grade=inadequate")) == []
    assert len(rows_of(client.get("/regions/wolds/?format=csv&grade=inadequate&show=lowest"))) == 1


def test_only_the_lga_sees_that_a_decision_is_awaited(client, region, council):
    judged(council, overall=None, form="ilacs-2026", published=date(2026, 6, 10))
    pages = ["/regions/wolds/", "/councils/saltmarsh/", "/", "/regions/wolds/?format=csv"]
    sign_in_as(client, Role.PRINCIPAL_ADVISER, region=region)
    for page in pages[:3]:
        assert "decision awaited" in client.get(page).content.decode().lower(), page
    for role in (Role.COUNCIL_APPROVER, Role.DFE_ADVISER):
        sign_in_as(client, role, council=council)
        for page in pages:
            response = client.get(page)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            assert "awaited" not in body.decode().lower(), (role, page)


# Who sees what


@pytest.mark.parametrize("page", ["/regions/wolds/", "/councils/saltmarsh/", "/england/", "/regions/"])
def test_a_stranger_sees_what_is_public_and_no_case(client, council, neighbour, page):
    milestone = in_intervention(council)
    sign_in_as(client, Role.COUNCIL_APPROVER, council=CouncilFactory(region=RegionFactory()))
    words = text(client.get(page))
    assert "nadequate" in words
    assert milestone.label.lower() not in words.lower()
    assert milestone.case.reference not in words
    assert "Plan due since" not in words
    assert "1 overdue" not in words


def test_a_stranger_downloads_no_milestone_and_no_case(client, council):
    milestone = in_intervention(council)
    sign_in_as(client, Role.COUNCIL_APPROVER, council=CouncilFactory(region=RegionFactory()))
    assert rows_of(client.get("/councils/saltmarsh/?format=csv&table=milestones")) == []
    assert rows_of(client.get("/councils/saltmarsh/?format=csv&table=intervention")) == []
    for page in ("/england/?table=councils&", "/england/?table=stages&", "/regions/wolds/?"):
        rows = rows_of(client.get(f"{page}format=csv"))
        assert milestone.label not in str(rows)
        assert "Plan due" not in str(rows)


def test_council_people_see_their_own_council_counted_and_their_neighbour_not(client, council, neighbour):
    in_intervention(council)
    in_intervention(neighbour, label="Improvement plan sent to the DfE")
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    page = client.get("/regions/wolds/")
    assert heading(page) == "2 councils, 2 inadequate", (
        "no total from which the neighbour's could be subtracted"
    )
    assert "You see this for Saltmarsh." in text(page)
    assert "1 council milestone</a> is overdue" in text(page)
    assert "improvement plan sent to the DfE" not in text(page)
    assert "1 council milestone</a> is overdue" in text(client.get("/england/"))
    by_name = {row["Council"]: row for row in rows_of(client.get("/regions/wolds/?format=csv"))}
    assert by_name["Saltmarsh"]["Overdue, owed by the council"] == "1"
    assert by_name["Eastmere"]["Overdue, owed by the council"] == ""
    assert by_name["Eastmere"]["Intervention"] == by_name["Eastmere"]["Next milestone"] == ""
    england = {row["Council"]: row for row in rows_of(client.get("/england/?format=csv&table=councils"))}
    assert england["Saltmarsh"]["Intervention"] == "Plan due"
    assert england["Eastmere"]["Intervention"] == ""


def test_england_counts_interventions_within_scope_and_names_it(client, region, council):
    in_intervention(council)
    elsewhere = RegionFactory(name="Fens", record_began_on=date(2026, 1, 1))
    in_intervention(CouncilFactory(region=elsewhere))
    sign_in_as(client, Role.PRINCIPAL_ADVISER, region=region)
    words = plain(client.get("/england/"))
    assert (
        "In Wolds: 1 opened from an inadequate judgement; 0 more with a notice or direction to confirm."
        in words
    )
    assert "Not the DfE’s list." in words
    sign_in_as(client, Role.NATIONAL_LEAD)
    assert "In England: 2 opened from an inadequate judgement" in plain(client.get("/england/"))


def test_the_demonstration_is_outside_every_count_of_england(client, council):
    sign_in_as(client, Role.NATIONAL_LEAD)
    before = rows_of(client.get("/england/?format=csv&table=grades"))
    invented = RegionFactory(slug="demo", name="Demo", demonstration=True, record_began_on=date(2026, 1, 1))
    in_intervention(CouncilFactory(region=invented, demonstration=True))
    assert rows_of(client.get("/england/?format=csv&table=grades")) == before
    assert "No council milestone is overdue" in text(client.get("/england/"))
    assert heading(client.get("/regions/demo/")) == "1 council, 1 in intervention"


def test_the_history_of_a_council_is_for_those_who_see_its_cases(client, council, neighbour):
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    assert client.get("/councils/saltmarsh/history/").status_code == 200
    assert client.get("/councils/eastmere/history/").status_code == 404


def test_every_page_asks_who_is_looking(client, council):
    for page in ["/", "/england/", "/regions/", "/regions/wolds/", "/councils/saltmarsh/"]:
        response = client.get(page)
        assert response.status_code == 302, page
        assert response["Location"].startswith("/accounts/login/")


# As at a day


def test_a_past_day_is_shown_as_it_was(client, adviser, council):
    milestone = in_intervention(council)
    judged(council, overall="good", leaders="good", published=date(2024, 3, 1))
    then = client.get("/regions/wolds/?on=2026-05-31")
    assert heading(then) == "1 council, 0 in intervention"
    assert rows_of(client.get("/regions/wolds/?on=2026-05-31&format=csv"))[0]["Grade"] == "Good"
    assert milestone.label not in text(then)


def test_by_inspection_counts_what_was_begun_by_the_day_and_published_since(client, adviser, council):
    judged(council, overall="good", leaders="good", published=date(2026, 10, 1))
    row = rows_of(client.get("/regions/wolds/?on=2026-09-01&by=inspected&format=csv"))[0]
    assert row["Grade"] == "Good"
    row = rows_of(client.get("/regions/wolds/?on=2026-09-01&format=csv"))[0]
    assert row["Grade"] == "Not yet inspected"


@pytest.mark.parametrize("page", ["/regions/wolds/", "/england/", "/councils/saltmarsh/"])
def test_a_day_before_the_record_began_says_so_and_never_nought(client, adviser, council, page):
    in_intervention(council)
    words = text(client.get(f"{page}?on=2025-12-31"))
    assert "not recorded before 1 January 2026" in words
    assert "in intervention</h1>" not in words
    assert "No council milestone is overdue" not in words
    if "regions" in page:
        row = rows_of(client.get(f"{page}?on=2025-12-31&format=csv"))[0]
        assert row["Overdue, owed by the council"] == row["Overdue, owed by others"] == "not recorded"


def test_the_downloads_of_england_tell_what_is_not_recorded_from_what_is_out_of_scope(client, council):
    near = CouncilFactory(slug="near", name="Near", region=Region.objects.get(slug="north-west"))
    Region.objects.exclude(slug="wolds").update(record_began_on=date(2026, 1, 1))
    sign_in_as(client, Role.COUNCIL_CONTRIBUTOR, council=near)

    def row(table, name, day):
        rows = rows_of(client.get(f"/england/?format=csv&table={table}&on={day}"))
        return next(row for row in rows if name in row.values())

    assert row("regions", "North West", "2025-12-31")["Overdue"] == "not recorded"
    assert row("regions", "North West", "2025-12-31")["In intervention"] == "not recorded"
    assert row("regions", "North West", "2026-06-01")["Overdue"] == "0"
    assert row("regions", "London", "2025-12-31")["Overdue"] == ""
    assert row("councils", "Near", "2025-12-31")["Overdue, owed by the council"] == "not recorded"
    assert row("councils", "Near", "2026-06-01")["Overdue, owed by the council"] == "0"


def test_a_past_day_is_kept_by_the_way_to_the_demonstration(client, adviser, council):
    RegionFactory(slug="invented", demonstration=True)
    assert 'href="/regions/invented/?on=2026-06-01"' in text(client.get("/regions/?on=2026-06-01"))


@pytest.mark.parametrize("page", ["/", "/regions/wolds/", "/regions/", "/england/", "/councils/saltmarsh/"])
@pytest.mark.parametrize(
    ("query", "message", "kept"),
    [
        ("on=last+week", "real date", 'value="last week"'),
        ("on=2026-13-40", "real date", 'value="2026-13-40"'),
        ("on=2030-01-01", "no record of the future", 'value="2030-01-01"'),
        ("on=0001-01-01", "2000 or later", 'value="0001-01-01"'),
        ("by=hearsay", "Select a valid choice", "hearsay"),
        ("on=%00", "", ""),
    ],
)
def test_a_day_that_cannot_be_read_is_said_and_kept_as_typed(
    client, adviser, council, page, query, message, kept
):
    response = client.get(f"{page}?{query}")
    assert response.status_code == 400
    words = response.content.decode()
    assert "There is a problem" in words
    assert message in words
    assert kept in words


def test_what_a_filter_cannot_read_is_said_and_filters_nothing(client, adviser, council):
    response = client.get("/regions/wolds/?grade=splendid&sort=%3B&show=x&stage=y&overdue=z")
    assert response.status_code == 400
    assert "Saltmarsh" in response.content.decode()


def test_an_unknown_table_is_refused_in_words(client, adviser, council):
    response = client.get("/england/?format=csv&table=secrets")
    assert response.status_code == 400
    assert b"no such table" in response.content


# One council


def test_a_council_shows_each_framework_apart_with_its_own_words_and_the_boards_grade_apart(
    client, adviser, council
):
    judged(council, overall="requires-improvement", form="sif", published=date(2015, 5, 1))
    judged(council, overall="requires-improvement", published=date(2024, 5, 1))
    words = text(client.get("/councils/saltmarsh/"))
    first, second = (words.index(name) for name in ("(form of 2023)", "(single inspection framework)"))
    assert "Requires improvement to be good" in words[first:second]
    assert "Requires improvement</span>" in words[second:]


def test_a_successor_shows_its_predecessors_record_as_theirs(client, adviser, region, council):
    old = CouncilFactory(name="Old Shire", slug="old-shire", until_on=date(2023, 4, 1))
    judged(old, published=date(2020, 5, 1))
    Succession.objects.create(predecessor=old, successor=council, on=date(2023, 4, 1))
    page = client.get("/councils/saltmarsh/")
    assert heading(page) == "Saltmarsh: not yet inspected"
    assert "Predecessor Old Shire:" in text(page)
    assert "Took over from" in text(page)
    assert "Followed by" in text(client.get("/councils/old-shire/"))


def test_a_grade_that_ofsted_restated_is_marked_with_the_word_that_its_file_prints(client, adviser, council):
    inspection = judged(council, overall="requires-improvement", form="sif", published=date(2015, 5, 1))
    inspection.judgements.filter(area__is_overall=True).update(restated=True, word="Improving")
    assert "restated by Ofsted as “Improving”" in text(client.get("/councils/saltmarsh/"))


def test_an_adviser_is_offered_each_answer_and_a_reader_none(client, adviser, council):
    milestone = in_intervention(council)
    waiting = MilestoneFactory(
        case=milestone.case, label="An older one", to_confirm=True, due_on=date(2025, 1, 1)
    )
    words = text(client.get("/councils/saltmarsh/"))
    for step in ("met", "answer", "move", "pause", "assign"):
        assert f'href="/milestones/{milestone.pk}/{step}/"' in words
    assert f'href="/milestones/{waiting.pk}/confirm/"' in words
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    words = text(client.get("/councils/saltmarsh/"))
    assert milestone.label in words
    assert f'href="/milestones/{milestone.pk}/met/"' not in words


def test_notices_are_public_and_the_episode_to_confirm_is_not(client, adviser, council):
    case = CaseFactory(council=council, standing=Case.Standing.UNCONFIRMED)
    Intervention.objects.create(
        case=case,
        opened_from=Intervention.Opened.RECORD,
        began_on=date(2024, 2, 1),
        recorded_on=date(2026, 1, 1),
    )
    Instrument.objects.create(
        council=council, case=case, kind="notice", issued_on=date(2024, 2, 1), recorded_on=date(2026, 1, 1)
    )
    words = text(client.get("/councils/saltmarsh/"))
    assert "Improvement notice issued" in words
    assert "nobody has said that it is open" in words
    assert "0 in intervention" in heading(client.get("/regions/wolds/"))
    sign_in_as(client, Role.PEER, council=CouncilFactory())
    words = text(client.get("/councils/saltmarsh/"))
    assert "Improvement notice issued" in words
    assert case.reference not in words


def test_an_unknown_council_or_region_is_not_found(client, adviser):
    assert client.get("/councils/atlantis/").status_code == 404
    assert client.get("/regions/atlantis/").status_code == 404


@pytest.mark.parametrize("table", ["judgements", "visits", "intervention", "milestones"])
def test_each_table_of_a_council_can_be_downloaded(client, adviser, council, table):
    in_intervention(council)
    rows = rows_of(client.get(f"/councils/saltmarsh/?format=csv&table={table}"))
    assert bool(rows) == (table != "visits")


def test_a_council_name_that_looks_like_a_formula_is_downloaded_as_text(client, adviser, council):
    council.name = "=HYPERLINK(1)"
    council.save()
    assert rows_of(client.get("/regions/wolds/?format=csv"))[0]["Council"] == "'=HYPERLINK(1)"


# My work


def test_my_work_answers_first_and_puts_the_most_urgent_first(client, adviser, council):
    late = in_intervention(council)
    MilestoneFactory(
        case=late.case, label="Plan resubmission", due_on=TODAY + timedelta(days=6), assignee=adviser
    )
    page = client.get("/")
    assert heading(page) == "1 milestone overdue, 1 due in the next 14 days"
    words = text(page)
    assert words.index("9 days overdue") < words.index("Due in 6 days")
    assert "Assigned to you." in words


def test_a_principal_adviser_is_told_two_working_days_after_it_fell_overdue(client, adviser, council):
    in_intervention(council, days_late=2)
    page = client.get("/")
    assert heading(page) == "Nothing of yours is late"
    assert "1 more</a> is late and with others" in text(page)
    assert "Reaches you on 23 November 2026 unless it is met." in text(page)
    assert heading(client.get("/?on=2026-11-19")) == "Nothing of yours is late"
    assert heading(client.get("/?on=2026-11-18")).startswith("Nothing is late. Next: Saltmarsh")


def test_all_that_is_late_with_others_is_listed_where_its_number_leads(client, region, council):
    case = in_intervention(council, days_late=1).case
    for days in range(1, 12):
        MilestoneFactory(case=case, label=f"Late {days}", due_on=TODAY - timedelta(days=days))
    MilestoneFactory(case=case, label="Ahead", due_on=TODAY + timedelta(days=90))
    sign_in_as(client, Role.LGA_ADVISER, region=region)
    page = text(client.get("/"))
    assert 'href="#coming">12 more</a> are late and with others' in page
    assert all(f"late {days}<" in page or f"late {days} " in page for days in range(1, 12))
    assert "1 more come later" in page


def test_my_work_never_says_that_nothing_is_late_where_something_is_late_with_others(
    client, region, council, neighbour
):
    in_intervention(council, days_late=3)
    assigned = in_intervention(neighbour, days_late=-6)
    person = sign_in_as(client, Role.LGA_ADVISER, region=region)
    assert heading(client.get("/")) == "Nothing of yours is late. Next: Eastmere, written statement published"
    assigned.assignee = person
    assigned.save()
    assert heading(client.get("/")) == "Nothing of yours is late, 1 milestone due in the next 14 days"


def test_the_national_lead_is_told_of_what_is_28_days_overdue_and_of_nothing_less(client, council, neighbour):
    in_intervention(council, days_late=28)
    in_intervention(neighbour, days_late=27)
    sign_in_as(client, Role.NATIONAL_LEAD)
    page = client.get("/")
    assert heading(page) == "1 milestone overdue"
    assert "Late with others, and coming" in text(page)


def test_council_people_are_told_of_what_their_own_council_owes(client, council, neighbour):
    in_intervention(council, days_late=1)
    in_intervention(neighbour, days_late=40)
    sign_in_as(client, Role.COUNCIL_CONTRIBUTOR, council=council)
    page = client.get("/")
    assert heading(page) == "1 milestone overdue"
    assert "Eastmere" not in text(page)


def test_when_nothing_is_late_the_heading_says_what_comes_next(client, adviser, council):
    case = in_intervention(council).case
    case.milestones.update(due_on=TODAY + timedelta(days=40), label="Progress review 2")
    assert heading(client.get("/")) == "Nothing is late. Next: Saltmarsh, progress review 2"


def test_what_is_to_confirm_is_asked_of_those_who_may_answer_and_counted_nowhere(client, adviser, council):
    case = in_intervention(council, days_late=-60).case
    MilestoneFactory(case=case, label="An older one", to_confirm=True, due_on=date(2025, 1, 1))
    page = client.get("/")
    assert heading(page).startswith("Nothing is late")
    assert "Saltmarsh</a>: an older one" in text(page)
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    assert "an older one" not in text(client.get("/"))


def several_to_confirm(council):
    """Let a council's case have three dates to confirm beside one that is coming; return the case."""
    case = in_intervention(council, days_late=-60).case
    for day in (date(2025, 3, 1), date(2024, 6, 14), date(2025, 1, 1)):
        MilestoneFactory(case=case, label=f"Due {day}", to_confirm=True, due_on=day)
    return case


def test_what_one_case_has_to_confirm_is_one_line_of_work_with_one_action(
    client, adviser, council, neighbour
):
    case = several_to_confirm(council)
    single = MilestoneFactory(
        case=in_intervention(neighbour).case, label="An older one", to_confirm=True, due_on=date(2025, 1, 1)
    )
    page = text(client.get("/"))
    assert "Saltmarsh</a>: 3 dates from before the record began (the first 14 June 2024)" in page
    assert f'href="/cases/{case.reference}/to-confirm/?next=/">Answer them<' in page
    assert f'href="/milestones/{single.pk}/confirm/"' in page
    assert "Due 2024-06-14" not in page
    waiting = [row for row in rows_of(client.get("/?format=csv")) if row["Part"] == "To confirm"]
    assert [row["Milestone"] for row in waiting] == [
        "An older one",
        "Due 2024-06-14",
        "Due 2025-01-01",
        "Due 2025-03-01",
    ]


def test_work_comes_first_then_what_is_coming_then_what_is_to_confirm(client, adviser, council):
    several_to_confirm(council)
    page = text(client.get("/"))
    assert page.index('id="must"') < page.index('id="coming"') < page.index('id="confirm"')


def test_a_council_with_several_to_confirm_offers_to_answer_them_together(client, adviser, council):
    case = several_to_confirm(council)
    together = f'href="/cases/{case.reference}/to-confirm/"'
    assert f"{together}>answer all 3</a>" in text(client.get("/councils/saltmarsh/"))
    assert together not in text(client.get("/councils/saltmarsh/?on=2026-11-01"))
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    assert together not in text(client.get("/councils/saltmarsh/"))


def test_a_council_with_one_to_confirm_offers_its_own_form_alone(client, adviser, council):
    case = several_to_confirm(council)
    case.milestones.filter(to_confirm=True, due_on__gte=date(2025, 1, 1)).update(to_confirm=False)
    page = text(client.get("/councils/saltmarsh/"))
    assert "/to-confirm/" not in page and "/confirm/" in page


def test_the_date_calculator_is_offered_at_the_foot_to_those_who_may_use_it(client, adviser, council):
    assert 'href="/dates/"' in text(client.get("/"))
    sign_in_as(client, Role.COUNCIL_APPROVER, council=council)
    assert 'href="/dates/"' not in text(client.get("/"))


@pytest.mark.parametrize("role", [Role.PEER, Role.BOARD_CHAIR, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR])
def test_a_role_that_no_milestone_waits_for_is_led_to_what_it_may_read(client, council, role):
    in_intervention(council)
    sign_in_as(client, role, **({} if role == Role.ADMINISTRATOR else {"council": council}))
    page = client.get("/")
    assert heading(page) == "Nothing here waits for you"
    assert 'href="/england/"' in text(page)
    assert "written statement" not in text(page)


def test_a_paused_milestone_is_hidden_from_work_and_counts(client, adviser, council):
    milestone = in_intervention(council)
    milestone.pauses.create(from_on=TODAY, reason="An inspection is in progress")
    assert heading(client.get("/")).startswith("Nothing is late")
    assert rows_of(client.get("/regions/wolds/?format=csv"))[0]["Overdue, owed by the council"] == "0"
