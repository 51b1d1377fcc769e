"""Lists and single resources: who sees what, narrowed, in pages, as CSV, in a fixed number of queries."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.viewer import Viewer
from cases.actions import flag_overdue
from cases.models import Contact, DateChange, Flag, Owes, Pause, Recommendation, Source
from improvement.models import Intervention, Trigger
from tests.api.conftest import TODAY, problem
from tests.dashboards.conftest import in_intervention, judged
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, SourceFactory

pytestmark = pytest.mark.django_db
MILESTONES = "/api/v1/milestones/"


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_a_milestone_is_told_in_full(adviser, milestone):
    told = adviser.get(f"{MILESTONES}{milestone.pk}/").json()
    assert told == adviser.get(MILESTONES).json()["results"][0]
    assert told["council"] == "9901" and told["council_name"] == "Saltmarsh"
    assert told["case"] == "INT-2026-0901"
    assert told["due_on"] == "2026-11-09"
    assert told["outcome"] == "" and told["met_on"] is None and told["paused"] is False


def test_what_is_out_of_reach_is_in_no_list_and_not_found(adviser, reader, stranger, milestone):
    elsewhere = MilestoneFactory(case=CaseFactory(council=CouncilFactory()))
    assert ids(adviser.get(MILESTONES)) == ids(reader.get(MILESTONES)) == [milestone.pk]
    assert ids(stranger.get(MILESTONES)) == []
    problem(adviser.get(f"{MILESTONES}{elsewhere.pk}/"), 404)
    problem(stranger.get(f"{MILESTONES}{milestone.pk}/"), 404)


def test_what_rests_on_an_embargo_is_left_out(adviser, milestone):
    source = SourceFactory(council=milestone.council, access=Source.Access.EMBARGOED)
    kept_back = MilestoneFactory(case=milestone.case, source=source)
    assert ids(adviser.get(MILESTONES)) == [milestone.pk]
    rows, _ = csv_of(adviser.get(MILESTONES, {"format": "csv"}))
    assert [row["id"] for row in rows] == [str(milestone.pk)]
    problem(adviser.get(f"{MILESTONES}{kept_back.pk}/"), 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "late soon dfe met paused"),
        ({"overdue": "yes"}, "late dfe"),
        ({"overdue": "no"}, "soon met paused"),
        ({"owes": "dfe"}, "dfe"),
        ({"force": "statutory"}, "soon"),
        ({"standing": "open"}, "late soon dfe paused"),
        ({"standing": "closed"}, "met"),
        ({"due_before": "2026-11-09"}, "late dfe met paused"),
        ({"due_after": "2026-11-10"}, "soon"),
        ({"case": "INT-2026-0901"}, "late soon met paused"),
        ({"council": "saltmarsh"}, "late soon met paused"),
        ({"council": "9901"}, "late soon met paused"),
        ({"region": "wolds"}, "late soon dfe met paused"),
        ({"region": "elsewhere"}, ""),
        ({"assignee": "me"}, "soon"),
        ({"overdue": "yes", "owes": "council"}, "late"),
    ],
)
def test_the_list_is_narrowed(adviser, milestone, region, query, found):
    case, neighbour = milestone.case, CaseFactory(council=CouncilFactory(region=region))
    day = {"entered_on": date(2026, 3, 2), "due_on": date(2026, 11, 9)}
    made = {
        "late": milestone,
        "soon": MilestoneFactory(
            case=case, **{**day, "due_on": date(2026, 12, 1)}, force="statutory", assignee=adviser.person
        ),
        "dfe": MilestoneFactory(case=neighbour, owes=Owes.DFE, **day),
        "met": MilestoneFactory(
            case=case, **day, outcome="met", met_on=date(2026, 11, 8), closed_on=date(2026, 11, 8)
        ),
        "paused": MilestoneFactory(case=case, **day),
    }
    Pause.objects.create(milestone=made["paused"], from_on=date(2026, 11, 1), reason="In court")
    assert ids(adviser.get(MILESTONES, query)) == [made[name].pk for name in found.split()]


def test_a_list_as_at_an_earlier_day_tells_the_dates_and_outcomes_of_that_day(adviser, milestone):
    moved = MilestoneFactory(case=milestone.case, due_on=date(2026, 12, 1), entered_on=date(2026, 3, 2))
    DateChange.objects.create(
        milestone=moved,
        old_due_on=date(2026, 10, 1),
        new_due_on=date(2026, 12, 1),
        made_on=date(2026, 10, 20),
        reason="other",
    )
    milestone.outcome, milestone.met_on, milestone.closed_on = "met", date(2026, 11, 1), date(2026, 11, 1)
    milestone.save()
    MilestoneFactory(case=milestone.case, entered_on=TODAY)
    then = {row["id"]: row for row in adviser.get(MILESTONES, {"on": "2026-10-10"}).json()["results"]}
    assert set(then) == {milestone.pk, moved.pk}
    assert then[moved.pk]["due_on"] == "2026-10-01"
    assert then[milestone.pk]["outcome"] == "" and then[milestone.pk]["closed_on"] is None
    assert ids(adviser.get(MILESTONES, {"on": "2026-10-10", "overdue": "yes"})) == [moved.pk]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"due_befor": "2026-11-09"}, "due_befor"),
        ({"owes": "nobody"}, "owes"),
        ({"overdue": "true"}, "overdue"),
        ({"due_before": "9 November"}, "due_before"),
        ({"due_before": "1066-10-14"}, "due_before"),
        ({"on": "2026-11-21"}, "on"),
        ({"page_size": "201"}, "page_size"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "ten"}, "page_size"),
        ({"after": "x"}, "after"),
        ({"after": "1", "before": "9"}, "before"),
        ({"format": "xml"}, "format"),
        ({"format": ""}, "format"),
        ({"owes": ["dfe", "council"]}, "owes"),
        ({"case": "\0"}, "case"),
    ],
)
def test_what_an_address_asks_and_nobody_understands_is_refused_by_name(adviser, query, field):
    told = problem(adviser.get(MILESTONES, query), 400)
    assert [error["field"] for error in told["errors"]] == [field]
    assert told["errors"][0]["detail"]


def test_pages_lead_on_and_back_and_miss_nothing_that_stays(adviser, milestone):
    more = MilestoneFactory.create_batch(6, case=milestone.case)
    every = [milestone.pk, *(each.pk for each in more)]
    first = adviser.get(MILESTONES, {"page_size": "3", "owes": "council"}).json()
    assert [row["id"] for row in first["results"]] == every[:3] and first["previous"] is None
    # One that was shown is gone, and another has come: the next page begins where this one ended.
    more[0].delete()
    second = adviser.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == every[3:6]
    third = adviser.get(second["next"]).json()
    assert [row["id"] for row in third["results"]] == every[6:] and third["next"] is None
    back = adviser.get(third["previous"]).json()
    assert [row["id"] for row in back["results"]] == every[3:6]
    start = adviser.get(back["previous"]).json()
    assert [row["id"] for row in start["results"]] == [every[0], every[2]] and start["previous"] is None


def csv_of(response):
    assert response.status_code == 200 and response.streaming
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text))), text


@pytest.mark.parametrize("asked", [{"query": {"format": "csv"}}, {"accept": "text/csv"}])
def test_csv_holds_every_row_and_not_a_page(adviser, milestone, asked):
    milestone.label = "=1+1"
    milestone.save()
    MilestoneFactory.create_batch(250, case=milestone.case)
    response = adviser.get(MILESTONES, **asked)
    assert response["Content-Type"].startswith("text/csv")
    rows, _ = csv_of(response)
    assert len(rows) == 251
    assert rows[0]["label"] == "'=1+1"
    assert (
        rows[0]["due_on"] == "2026-11-09" and rows[0]["case"] == "INT-2026-0901" and rows[0]["met_on"] == ""
    )
    assert list(rows[0]) == list(adviser.get(MILESTONES).json()["results"][0])


def test_csv_is_narrowed_as_the_list_is(adviser, milestone):
    MilestoneFactory(case=milestone.case, owes=Owes.DFE)
    rows, _ = csv_of(adviser.get(MILESTONES, {"format": "csv", "owes": "dfe"}))
    assert [row["owes"] for row in rows] == ["dfe"]


def test_a_version_that_is_held_already_is_not_sent_again(adviser, milestone):
    path = f"{MILESTONES}{milestone.pk}/"
    first = adviser.get(path)
    again = adviser.get(path, held=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    milestone.council.name = "Saltmarsh and Fen"
    milestone.council.save()
    assert adviser.get(path, held=first["ETag"]).status_code == 200


COUNCILS, INSPECTIONS = "/api/v1/councils/", "/api/v1/inspections/"
INTERVENTIONS, RECOMMENDATIONS = "/api/v1/interventions/", "/api/v1/recommendations/"
FLAGS, CONTACTS, ENGLAND = "/api/v1/flags/", "/api/v1/contacts/", "/api/v1/england/"


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.fixture
def case(milestone):
    """The case of the milestone, as an intervention after an inadequate judgement."""
    inspection = judged(milestone.council)
    Intervention.objects.create(
        case=milestone.case, opened_from="judgement", began_on=date(2026, 6, 1), recorded_on=date(2026, 6, 1)
    )
    Trigger.objects.create(case=milestone.case, inspection=inspection, on=date(2026, 6, 1))
    return milestone.case


def test_a_council_is_told_with_its_judgement_and_within_scope_its_case(adviser, stranger, case):
    told = adviser.get(f"{COUNCILS}saltmarsh/").json()
    assert results(adviser.get(COUNCILS, {"region": "wolds"})) == [told]
    assert (told["code"], told["region"], told["grade"], told["lowest"]) == (
        "9901",
        "wolds",
        "inadequate",
        "inadequate",
    )
    assert told["intervention"] == "open" and told["stage"] == "plan_due" and told["case"] == "INT-2026-0901"
    assert told["overdue"] == 1
    theirs = stranger.get(f"{COUNCILS}saltmarsh/").json()
    assert theirs["grade"] == "inadequate" and theirs["in_scope"] is False
    assert [theirs[name] for name in ("intervention", "stage", "case", "overdue", "awaits")] == [None] * 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "eastmere saltmarsh"),
        ({"grade": "inadequate"}, "saltmarsh"),
        ({"grade": "not-inspected"}, "eastmere"),
        ({"stage": "any"}, "saltmarsh"),
        ({"stage": "plan_due"}, "saltmarsh"),
        ({"overdue": "yes"}, "saltmarsh"),
        ({"overdue": "no"}, "eastmere"),
        ({"under": "ilacs-2023"}, "saltmarsh"),
        ({"q": "EAST"}, "eastmere"),
        ({"on": "2026-05-01", "grade": "inadequate"}, ""),
        ({"on": "2026-05-01", "by": "inspected", "grade": "inadequate"}, "saltmarsh"),
    ],
)
def test_councils_are_narrowed_as_on_the_pages(adviser, client, case, region, query, found):
    CouncilFactory(slug="eastmere", name="Eastmere", region=region)
    listed = results(adviser.get(COUNCILS, {"region": "wolds", **query}))
    assert [row["slug"] for row in listed] == found.split()
    client.force_login(adviser.person)
    page = client.get("/regions/wolds/", query)
    assert {line.council.slug for line in page.context["page"].lines} == set(found.split())


def test_an_inspection_without_an_overall_grade_is_never_given_one(adviser, council):
    inspection = judged(council, overall=None, form="ilacs-2026", published=date(2026, 10, 1))
    told = adviser.get(f"{INSPECTIONS}{inspection.pk}/").json()
    assert told["overall"] is None and told["lowest"] == "inadequate"
    assert {each["area"]: each["grade"] for each in told["judgements"]}["leaders"] == "inadequate"
    assert ids(adviser.get(INSPECTIONS, {"overall": "inadequate"})) == []
    assert ids(adviser.get(INSPECTIONS, {"overall": "none"})) == [inspection.pk]
    assert ids(adviser.get(INSPECTIONS, {"lowest": "inadequate"})) == [inspection.pk]


def test_inspections_are_those_known_on_the_day_and_latest_means_one_a_council(adviser, council):
    first = judged(council, published=date(2022, 6, 1), form="ilacs-2018")
    second = judged(council, published=date(2026, 6, 1))
    assert ids(adviser.get(INSPECTIONS)) == [first.pk, second.pk]
    assert ids(adviser.get(INSPECTIONS, {"latest": "yes"})) == [second.pk]
    assert ids(adviser.get(INSPECTIONS, {"latest": "yes", "on": "2026-05-31"})) == [first.pk]
    assert ids(adviser.get(INSPECTIONS, {"on": "2026-05-31", "by": "inspected"})) == [first.pk, second.pk]
    assert ids(adviser.get(INSPECTIONS, {"form": "ilacs-2018"})) == [first.pk]
    rows, _ = csv_of(adviser.get(INSPECTIONS, {"format": "csv"}))
    assert "leaders: inadequate" in rows[0]["judgements"]


def test_an_inspection_whose_source_is_restricted_is_nowhere(adviser, council):
    inspection = judged(council)
    inspection.source = SourceFactory(council=council, access=Source.Access.NEVER)
    inspection.save()
    assert ids(adviser.get(INSPECTIONS)) == []
    problem(adviser.get(f"{INSPECTIONS}{inspection.pk}/"), 404)


def test_an_intervention_is_told_with_its_stage_per_strand(adviser, stranger, case):
    told = adviser.get(f"{INTERVENTIONS}INT-2026-0901/").json()
    assert results(adviser.get(INTERVENTIONS)) == [told]
    assert told["standing"] == "open" and told["opened_from"] == "judgement"
    assert told["stages"] == [
        {
            "strand": "social-care",
            "stage": "plan_due",
            "words": "Plan due",
            "since": "2026-06-01",
            "precision": "day",
        }
    ]
    assert results(stranger.get(INTERVENTIONS)) == []
    problem(stranger.get(f"{INTERVENTIONS}INT-2026-0901/"), 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"standing": "open"}, 1),
        ({"standing": "closed"}, 0),
        ({"stage": "plan_due"}, 1),
        ({"stage": "ended"}, 0),
        ({"strand": "social-care"}, 1),
        ({"strand": "send"}, 0),
        ({"council": "saltmarsh"}, 1),
        ({"council": "eastmere"}, 0),
        ({"on": "2026-05-31"}, 0),
    ],
)
def test_interventions_are_narrowed(adviser, case, query, found):
    assert len(results(adviser.get(INTERVENTIONS, query))) == found


def test_a_day_before_the_record_began_has_no_stage_and_no_count(adviser, case, region):
    region.record_began_on = date(2026, 7, 1)
    region.save()
    told = results(adviser.get(INTERVENTIONS, {"on": "2026-06-15"}))
    assert told[0]["recorded"] is False and told[0]["stages"] == []
    council = results(adviser.get(COUNCILS, {"on": "2026-06-15", "region": "wolds"}))[0]
    assert council["intervention"] is None and council["overdue"] is None


def test_england_has_the_figures_of_its_page(adviser, stranger, client, case):
    told = adviser.get(ENGLAND).json()
    client.force_login(adviser.person)
    page = client.get("/england/").context["page"]
    assert told["councils"] == page.figures.councils
    assert told["grades"]["inadequate"] == page.figures.grades["inadequate"] == 1
    assert (told["in_intervention"], told["overdue"], told["scope"]) == (1, 1, "Wolds")
    public = stranger.get(ENGLAND).json()
    assert public["grades"] == told["grades"]
    assert (public["in_intervention"], public["overdue"], public["interventions"]) == (None, None, None)
    assert adviser.get(ENGLAND, {"on": "2026-05-01"}).json()["grades"]["inadequate"] == 0


def test_flags_are_those_of_the_milestones_that_are_seen(adviser, stranger, milestone):
    kept_back = MilestoneFactory(
        case=milestone.case,
        due_on=date(2026, 11, 1),
        entered_on=date(2026, 3, 2),
        source=SourceFactory(council=milestone.council, access=Source.Access.EMBARGOED),
    )
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    told = results(adviser.get(FLAGS))
    assert [(row["milestone"], row["level"]) for row in told] == [(milestone.pk, "overdue")]
    assert results(adviser.get(FLAGS, {"standing": "cleared"})) == results(stranger.get(FLAGS)) == []
    assert adviser.get(f"{FLAGS}{told[0]['id']}/").json() == told[0]
    problem(adviser.get(f"{FLAGS}{kept_back.flags.get().pk}/"), 404)


def recommended(council, *, access=Source.Access.PUBLIC, **facts):
    return Recommendation.objects.create(
        council=council,
        source=SourceFactory(council=council, access=access),
        number=1,
        text="Improve plans",
        **{"entered_on": date(2026, 6, 1), **facts},
    )


def test_recommendations_are_told_and_those_under_embargo_left_out(adviser, stranger, council):
    told, closed = recommended(council), recommended(council, outcome="met", closed_on=date(2026, 9, 1))
    kept_back = recommended(council, access=Source.Access.EMBARGOED)
    assert ids(adviser.get(RECOMMENDATIONS)) == [told.pk, closed.pk]
    assert ids(adviser.get(RECOMMENDATIONS, {"standing": "open"})) == [told.pk]
    assert ids(adviser.get(RECOMMENDATIONS, {"standing": "open", "on": "2026-08-31"})) == [told.pk, closed.pk]
    assert ids(stranger.get(RECOMMENDATIONS)) == []
    problem(adviser.get(f"{RECOMMENDATIONS}{kept_back.pk}/"), 404)


def logged(council, **facts):
    return Contact.objects.create(
        council=council,
        **{
            "on": date(2026, 11, 3),
            "channel": "call",
            "post": "dcs",
            "said": "The plan goes to cabinet",
            "nature": "fact",
            "retain_until": date(2029, 1, 1),
            "made_on": date(2026, 11, 3),
            **facts,
        },
    )


def test_contacts_are_the_lgas_alone_while_they_are_kept(adviser, reader, stranger, council):
    contact = logged(council, follow_up_on=date(2026, 11, 19))
    logged(council, on=date(2020, 1, 1), retain_until=TODAY)
    assert ids(adviser.get(CONTACTS)) == [contact.pk]
    assert adviser.get(f"{CONTACTS}{contact.pk}/").json()["said"] == "The plan goes to cabinet"
    assert ids(adviser.get(CONTACTS, {"follow_up": "due"})) == [contact.pk]
    assert ids(adviser.get(CONTACTS, {"since": "2026-11-04"})) == []
    for caller in (reader, stranger):
        problem(caller.get(CONTACTS), 404)
        problem(caller.get(f"{CONTACTS}{contact.pk}/"), 404)


@pytest.mark.parametrize("path", [COUNCILS, INSPECTIONS, INTERVENTIONS, FLAGS, RECOMMENDATIONS, CONTACTS])
def test_every_list_can_be_had_as_csv_with_the_fields_of_a_row(adviser, case, path):
    flag_overdue(by=Viewer.system(TODAY), on=TODAY)
    recommended(case.council)
    logged(case.council)
    rows, _ = csv_of(adviser.get(path, {"format": "csv"}))
    assert rows and set(rows[0]) == set(results(adviser.get(path))[0])


def test_a_list_that_is_reckoned_leads_on_and_back_too(adviser, region):
    for number in range(5):
        CouncilFactory(slug=f"fen-{number}", region=region)
    first = adviser.get(COUNCILS, {"region": "wolds", "page_size": "2"}).json()
    second = adviser.get(first["next"]).json()
    assert [row["slug"] for row in second["results"]] == ["fen-2", "fen-3"]
    assert adviser.get(second["previous"]).json()["results"] == first["results"]
    assert adviser.get(second["next"]).json()["next"] is None


# Who asks, and the tokens beside theirs; their roles.
WHO = 3
BUDGETS = {
    COUNCILS: 9,
    ENGLAND: 8,
    INSPECTIONS: 2,
    INTERVENTIONS: 3,
    MILESTONES: 1,
    FLAGS: 1,
    RECOMMENDATIONS: 1,
    CONTACTS: 1,
}


@pytest.mark.parametrize("path", BUDGETS)
def test_a_list_asks_as_many_queries_for_thirty_rows_as_for_three(adviser, region, path):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert adviser.get(path).status_code == 200
        return [query["sql"] for query in queries]

    def add(number):
        council = CouncilFactory(region=region)
        late = in_intervention(council, days_late=number)
        Flag.objects.create(
            milestone=late, level="overdue", due_on=late.due_on, raised_on=TODAY, raised_in="0" * 32
        )
        recommended(council)
        logged(council)

    for number in range(3):
        add(number)
    asked()  # the first call of a day notes that the token was used
    few = asked()
    for number in range(27):
        add(number)
    many = asked()
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= BUDGETS[path] + WHO, "\n".join(many)
