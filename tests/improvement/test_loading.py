"""The published record that ships: what it tells, and what follows from it with the published outcomes."""

import csv
from datetime import date
from time import process_time

import pytest
from django.core.management import CommandError, call_command

from accounts.viewer import Viewer
from cases.models import Case, Source
from councils.models import Council, DeliveryArrangement
from history.models import Event
from improvement import loaders
from improvement.actions import end_arrangement, lift_instrument, open_interventions
from improvement.models import Appointment, Instrument, Intervention
from improvement.queries.stages import stages_on, tally, timeline
from improvement.readers import plain_address, read_compiled
from inspections.loaders import load_inspections

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 29)
SYSTEM = Viewer.system(TODAY)
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
def loaded(reference):
    return loaders.load_events(by=SYSTEM, on=TODAY)


@pytest.fixture
def record(loaded):
    load_inspections(by=SYSTEM, on=TODAY)
    return open_interventions(by=SYSTEM, on=TODAY)


def told(slug):
    """A council's instruments, as short as can be."""
    return [
        (one.kind, one.issued_on, one.lifted_on, one.strand)
        for one in Instrument.objects.filter(council__slug=slug).order_by("issued_on")
    ]


def test_every_row_is_an_instrument_an_appointment_an_arrangement_or_a_council_helping_others(loaded):
    with (loaders.DATA / "events.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    issued = Instrument.objects.exclude(issued_on=None).count()
    ended_only = Instrument.objects.filter(issued_on=None).count()
    assert len(rows) == 87
    assert (issued, ended_only) == (51, 2)
    assert Appointment.objects.count() == 8
    assert loaded.no_episode == 9
    assert sum(bool(row["body"]) for row in rows) == 13


def test_loading_again_changes_nothing(loaded):
    models = (Instrument, Appointment, DeliveryArrangement, Source, Event)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    again = loaders.load_events(by=SYSTEM, on=TODAY)

    assert (again.added, again.changed, again.left) == (0, 0, loaded.added)
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_later_release_that_tells_of_an_end_ends_the_instrument(loaded, tmp_path, monkeypatch):
    for file in loaders.DATA.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "events.csv").open("a", encoding="utf-8") as out:
        out.write("353,Oldham,notice-lifted,2026-05-01,day,to-confirm,,Lifted,,Told,press\n")
    monkeypatch.setattr(loaders, "DATA", tmp_path)

    again = loaders.load_events(by=SYSTEM, on=TODAY)

    assert (again.added, again.changed) == (0, 1)
    assert told("oldham") == [("notice", date(2023, 11, 30), date(2026, 5, 1), "to-confirm")]


def test_what_a_person_has_ended_stays_ended_when_it_is_loaded_again(loaded):
    notice = Instrument.objects.filter(lifted_on=None, kind="notice").first()
    trust = DeliveryArrangement.objects.filter(until_on=None).first()
    lift_instrument(notice, lifted_on=date(2026, 6, 1), by=SYSTEM, on=TODAY)
    end_arrangement(trust, until_on=date(2026, 6, 1), by=SYSTEM, on=TODAY)
    loaders.load_events(by=SYSTEM, on=TODAY)
    notice.refresh_from_db()
    trust.refresh_from_db()
    assert notice.lifted_on == trust.until_on == date(2026, 6, 1)


def test_all_of_it_is_marked_partial_and_keeps_where_it_was_found(loaded):
    for model in (Instrument, Appointment):
        assert not model.objects.filter(partial=False).exists()
        assert not model.objects.filter(source_text="").exists()


def test_an_address_that_is_none_is_kept_as_text_and_never_linked(loaded):
    with (loaders.DATA / "events.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    unlinked = [row for row in rows if not row["url"]]
    assert len(unlinked) == 33
    assert all(row["source"] and not plain_address(row["source"]) for row in unlinked)
    assert not Source.objects.filter(url__contains=" ").exists()
    mirror = Instrument.objects.get(council__slug="croydon", issued_on=date(2018, 5, 8))
    assert "(mirror of GOV.UK)" in mirror.source_text
    assert mirror.source.url == ""


@pytest.mark.parametrize(
    ("slug", "instruments"),
    [
        (
            "hull",
            [
                ("notice", date(2022, 8, 5), None, "to-confirm"),
                ("direction", None, date(2022, 8, 5), "to-confirm"),
            ],
        ),
        (
            "cumbria",
            [
                ("notice", date(2012, 8, 3), date(2014, 1, 7), "to-confirm"),
                ("notice", date(2014, 1, 7), date(2015, 11, 9), "to-confirm"),
                ("direction", date(2015, 11, 9), None, "to-confirm"),
            ],
        ),
        ("west-berkshire", [("notice", None, date(2017, 7, 7), "to-confirm")]),
        ("rochdale", [("notice", date(2013, 4, 30), date(2014, 6, 30), "to-confirm")]),
        (
            "bournemouth-christchurch-and-poole",
            [
                ("direction", date(2022, 4, 30), None, "to-confirm"),
                ("direction", date(2024, 12, 31), None, "send"),
            ],
        ),
    ],
)
def test_instruments_end_as_the_record_says(loaded, slug, instruments):
    assert sorted(told(slug), key=str) == sorted(instruments, key=str)


def test_hulls_notice_replaces_the_direction_known_by_its_end(loaded):
    notice = Instrument.objects.get(council__slug="hull", kind="notice")
    assert (notice.replaces.kind, notice.replaces.issued_on) == ("direction", None)


def test_one_trust_may_serve_several_councils_and_an_arrangement_ends(loaded):
    def serves(body, on):
        held = DeliveryArrangement.objects.on(on).filter(body__slug=body)
        return set(held.values_list("council__slug", flat=True))

    assert serves("achieving-for-children", TODAY) == {
        "kingston-upon-thames",
        "richmond-upon-thames",
        "windsor-and-maidenhead",
    }
    assert serves("northamptonshire-childrens-trust", date(2021, 3, 31)) == {"northamptonshire"}
    assert serves("northamptonshire-childrens-trust", date(2021, 4, 1)) == {
        "north-northamptonshire",
        "west-northamptonshire",
    }
    assert serves("worcestershire-children-first", date(2024, 9, 30)) == {"worcestershire"}
    assert serves("worcestershire-children-first", date(2024, 10, 1)) == set()


def test_an_end_that_was_planned_says_so(loaded):
    doncaster = DeliveryArrangement.objects.get(council__slug="doncaster")
    assert (doncaster.until_on, doncaster.until_precision) == (date(2022, 9, 30), "planned_by")
    assert (doncaster.from_on, doncaster.from_precision) == (date(2014, 10, 31), "month")


def test_the_thirteen_and_the_nineteen(record):
    opened = Case.objects.filter(standing="open").select_related("council")
    assert {case.council.name for case in opened} == INADEQUATE
    counts = tally(stages_on(TODAY, SYSTEM))
    assert counts.sentence == (
        "13 opened from an inadequate judgement; 19 more with a notice or direction to confirm. Not the DfE’s list."
    )
    assert (len(record.opened), len(record.to_confirm)) == (13, 19)


def test_the_nineteen_are_those_of_today_with_an_instrument_and_no_end_in_the_record(record):
    unended = Council.objects.on(TODAY).filter(instruments__isnull=False, instruments__lifted_on=None)
    to_confirm = Council.objects.filter(cases__standing="unconfirmed")
    assert set(to_confirm) == set(unended) - set(Council.objects.filter(cases__standing="open"))


def test_councils_that_helped_others_have_no_episode(record):
    assert not Case.objects.filter(council__slug__in=["camden", "essex", "hackney", "stockport"]).exists()
    assert not Case.objects.filter(council__slug="doncaster").exists()


def test_tamesides_notice_and_directions_belong_to_its_case_and_stand_on_its_timeline(record):
    tameside = Council.objects.get(slug="tameside")
    assert Instrument.objects.filter(council=tameside, case__standing="open").count() == 3
    rows = timeline(tameside, SYSTEM, TODAY)
    assert [(row.when, row.words) for row in rows] == [
        ("September 2024", "Direction issued, replacing the one before"),
        ("March 2024", "Improvement notice ended"),
        ("March 2024", "Direction issued"),
        ("13 February 2024", "Inadequate overall published (ILACS 2023)"),
        ("July 2022", "Improvement notice issued"),
    ]


def test_stages_come_out_of_the_real_record(record):
    stages = stages_on(TODAY, SYSTEM)

    def of(slug):
        return stages[Council.objects.get(slug=slug).pk]

    assert (of("hull").slug, of("hull").since, of("hull").standing) == (
        "stepped_down",
        date(2022, 8, 5),
        "to-confirm",
    )
    assert of("bradford").slug == "alternative_delivery"
    assert (of("halton").slug, of("halton").strand) == ("plan_due", "social-care")
    assert [(one.slug, one.strand) for one in of("bournemouth-christchurch-and-poole").also] == [
        ("plan_due", "send")
    ]
    assert of("camden").slug == "none"


def test_it_is_the_same_whichever_comes_first(reference):
    load_inspections(by=SYSTEM, on=TODAY)
    open_interventions(by=SYSTEM, on=TODAY)
    loaders.load_events(by=SYSTEM, on=TODAY)
    open_interventions(by=SYSTEM, on=TODAY)
    assert Intervention.objects.filter(case__standing="open").count() == 13
    assert Intervention.objects.filter(case__standing="unconfirmed").count() == 19
    assert Instrument.objects.filter(case__standing="open").count() == 10


def test_all_of_england_opens_in_seconds(loaded):
    load_inspections(by=SYSTEM, on=TODAY)
    began = process_time()  # whatever else the machine does meanwhile
    open_interventions(by=SYSTEM, on=TODAY)
    assert process_time() - began < 3


def test_the_tidy_events_are_what_the_compiled_record_says(shared_data):
    compiled = shared_data / "intervention" / "intervention_events_compiled.csv"
    with (loaders.DATA / "events.csv").open(encoding="utf-8", newline="") as lines:
        assert read_compiled(compiled, loaders.bodies_by_name()) == list(csv.DictReader(lines))


def test_a_file_that_is_not_the_record_is_refused(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("name,grade\nSomewhere,Good\n", encoding="utf-8")
    with pytest.raises(CommandError, match="this is not the compiled record"):
        call_command("tidy_events", other)


def test_an_event_that_is_unknown_is_named_with_its_line(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(
        "la_code,council,event,event_date,date_precision,detail,source_url,source_kind\n"
        '909,Cumbria,fined,2012-08-03,day,"First, notice",https://example.org,official\n',
        encoding="utf-8",
    )
    with pytest.raises(CommandError, match="line 2: 'fined'"):
        call_command("tidy_events", other)
