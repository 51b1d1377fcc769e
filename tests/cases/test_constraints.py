"""What the database itself refuses, each tried."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import (
    Allocation,
    Answer,
    Assignment,
    BankHoliday,
    Case,
    ClockRule,
    Contact,
    DateChange,
    EmbargoAccess,
    EmbargoView,
    Flag,
    FlagRule,
    Milestone,
    Pause,
    Recommendation,
    ReferenceCounter,
    RetentionRule,
    Source,
)
from tests.factories import (
    TODAY,
    CaseFactory,
    ClockRuleFactory,
    CouncilFactory,
    MilestoneFactory,
    PersonFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refused(make, *args, **kwargs):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(*args, **kwargs)


def test_a_bank_holiday_stands_once_in_a_calendar():
    day = {"on": TODAY.replace(year=2040), "name": "x"}
    BankHoliday.objects.create(**day)
    refused(BankHoliday.objects.create, **day)
    BankHoliday.objects.create(**day, calendar="scotland")


@pytest.mark.parametrize("from_on", [None, TODAY])
def test_a_clock_rule_stands_once_from_a_day(from_on):
    ClockRuleFactory(slug="x", from_on=from_on)
    refused(ClockRuleFactory, slug="x", from_on=from_on)


def test_rules_cannot_end_before_they_begin():
    refused(ClockRuleFactory, from_on=TODAY, until_on=TODAY)
    refused(FlagRule.objects.create, level="overdue", rank=1, days=1, from_on=TODAY, until_on=TODAY)


def test_a_flag_rule_stands_once_from_a_day():
    FlagRule.objects.all().delete()
    FlagRule.objects.create(level="overdue", rank=1, days=1)
    refused(FlagRule.objects.create, level="overdue", rank=1, days=2)


@pytest.mark.parametrize(
    ("standing", "closed_on"),
    [("open", TODAY), ("unconfirmed", TODAY), ("closed", None), ("withdrawn", None)],
)
def test_a_case_has_a_closing_day_exactly_when_it_is_closed(standing, closed_on):
    refused(CaseFactory, standing=standing, closed_on=closed_on)


def test_a_council_has_one_running_intervention():
    council = CouncilFactory()
    CaseFactory(council=council, standing=Case.Standing.UNCONFIRMED)
    refused(CaseFactory, council=council)
    CaseFactory(council=council, standing=Case.Standing.CLOSED, closed_on=TODAY)


def test_a_reference_names_one_case_and_a_counter_counts_one_year():
    CaseFactory(reference="INT-2040-0001")
    refused(CaseFactory, reference="INT-2040-0001")
    ReferenceCounter.objects.create(kind="intervention", year=2040)
    refused(ReferenceCounter.objects.create, kind="intervention", year=2040)


def test_an_assignment_is_made_once_and_ends_after_it_begins():
    facts = {"case": CaseFactory(), "person": PersonFactory(), "role": "lga-adviser", "from_on": TODAY}
    refused(Assignment.objects.create, **facts, until_on=TODAY)
    Assignment.objects.create(**facts)
    refused(Assignment.objects.create, **facts)


@pytest.mark.parametrize("with_source", [True, False])
def test_a_rule_makes_one_milestone_of_a_case_and_its_source(with_source):
    case, rule = CaseFactory(), ClockRuleFactory()
    source = SourceFactory(council=case.council) if with_source else None
    MilestoneFactory(case=case, rule=rule, source=source)
    refused(MilestoneFactory, case=case, rule=rule, source=source)
    MilestoneFactory(case=case, rule=rule, source=source, series_no=2)


@pytest.mark.parametrize("with_source", [True, False])
def test_a_rule_makes_one_milestone_of_a_council_without_a_case_and_its_source(with_source):
    council, rule = CouncilFactory(), ClockRuleFactory()
    source = SourceFactory(council=council) if with_source else None
    MilestoneFactory(case=None, council=council, rule=rule, source=source)
    refused(MilestoneFactory, case=None, council=council, rule=rule, source=source)


@pytest.mark.parametrize(
    "facts",
    [
        {"outcome": "withdrawn", "closed_on": None},
        {"outcome": "", "closed_on": TODAY},
        {"outcome": "met", "closed_on": TODAY, "met_on": None},
        {"outcome": "withdrawn", "closed_on": TODAY, "met_on": TODAY},
        {"opens_on": TODAY + DAY, "due_on": TODAY},
    ],
)
def test_a_milestone_closes_with_an_outcome_is_met_on_a_day_and_opens_before_it_closes(facts):
    refused(MilestoneFactory, **facts)


def test_a_milestone_has_one_open_pause_which_ends_after_it_begins():
    facts = {"milestone": MilestoneFactory(), "from_on": TODAY, "reason": "x"}
    refused(Pause.objects.create, **facts, until_on=TODAY - DAY)
    Pause.objects.create(**facts)
    refused(Pause.objects.create, **facts)


def test_asked_has_its_day_and_not_known_has_none():
    facts = {"milestone": MilestoneFactory(), "made_on": TODAY}
    refused(Answer.objects.create, **facts, kind="asked")
    refused(Answer.objects.create, **facts, kind="not-known", asked_on=TODAY)


def test_a_milestone_has_one_open_flag_and_a_cleared_one_says_when_and_by_which_run():
    facts = {"level": "overdue", "due_on": TODAY, "raised_on": TODAY}
    milestone = MilestoneFactory()
    refused(Flag.objects.create, milestone=milestone, raised_in=uuid4(), cleared_on=TODAY, **facts)
    Flag.objects.create(milestone=milestone, raised_in=uuid4(), **facts)
    refused(Flag.objects.create, milestone=milestone, raised_in=uuid4(), **facts)
    Flag.objects.create(milestone=milestone, raised_in=uuid4(), cleared_on=TODAY, cleared_in=uuid4(), **facts)


def change_of_date():
    return DateChange.objects.create(
        milestone=MilestoneFactory(), new_due_on=TODAY, made_on=TODAY, reason="correction"
    )


def answer_given():
    return Answer.objects.create(milestone=MilestoneFactory(), kind="not-known", made_on=TODAY)


@pytest.mark.parametrize("make", [change_of_date, answer_given])
def test_changes_of_date_and_answers_can_neither_be_altered_nor_deleted(make):
    row = make()
    rows = type(row).objects.filter(pk=row.pk)
    for attempt in (lambda: rows.update(note="x"), lambda: rows._raw_delete("default"), row.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert rows.get().note == ""


def test_a_milestone_with_a_history_cannot_be_deleted():
    from django.db.models import ProtectedError

    change = change_of_date()
    with pytest.raises(ProtectedError):
        change.milestone.delete()
    assert Milestone.objects.filter(pk=change.milestone_id).exists()


def test_a_rule_with_milestones_cannot_be_deleted():
    from django.db.models import ProtectedError

    rule = ClockRuleFactory()
    MilestoneFactory(rule=rule)
    with pytest.raises(ProtectedError):
        rule.delete()
    assert ClockRule.objects.filter(pk=rule.pk).exists()


# What people enter


def reader(source, person, **fields):
    return EmbargoAccess.objects.create(
        **{"source": source, "person": person, "side": "council", "from_on": TODAY} | fields
    )


def test_a_reader_is_named_once_at_a_time_and_not_struck_off_before():
    source, person = SourceFactory(access=Source.Access.EMBARGOED), PersonFactory()
    reader(source, person, until_on=TODAY)
    reader(source, person)
    refused(reader, source, person)
    refused(reader, source, PersonFactory(), until_on=TODAY - DAY)


def test_the_log_of_views_is_neither_altered_nor_deleted():
    view = EmbargoView.objects.create(source=SourceFactory(), person=PersonFactory())
    other = PersonFactory()
    for change in (
        lambda: EmbargoView.objects.filter(pk=view.pk).update(person=other),
        lambda: EmbargoView.objects.filter(pk=view.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def recommendation(source, **fields):
    return Recommendation.objects.create(
        **{"council": source.council, "source": source, "number": 1, "text": "x", "entered_on": TODAY}
        | fields
    )


def test_a_source_makes_each_recommendation_once():
    source = SourceFactory()
    recommendation(source)
    recommendation(SourceFactory())
    refused(recommendation, source)


@pytest.mark.parametrize(("outcome", "closed_on"), [("met", None), ("", TODAY)])
def test_a_recommendation_closes_with_its_outcome(outcome, closed_on):
    refused(recommendation, SourceFactory(), outcome=outcome, closed_on=closed_on)


@pytest.mark.parametrize("wrong", [{"follow_up_on": TODAY - DAY}, {"retain_until": TODAY}])
def test_a_contact_is_kept_and_followed_up_after_its_day(wrong):
    contact = {"council": CouncilFactory(), "on": TODAY, "channel": "call", "post": "dcs", "said": "x"}
    contact |= {"nature": "fact", "made_on": TODAY, "retain_until": TODAY + DAY, "follow_up_on": TODAY}
    Contact.objects.create(**contact)
    refused(Contact.objects.create, **contact | wrong)


def test_notes_of_a_kind_are_kept_by_one_rule_from_a_day():
    RetentionRule.objects.create(kind="x", months=24)
    refused(RetentionRule.objects.create, kind="x", months=12)
    refused(RetentionRule.objects.create, kind="y", months=12, from_on=TODAY, until_on=TODAY)


def test_one_adviser_looks_after_a_council_and_not_backwards():
    allocated = {"council": CouncilFactory(), "person": PersonFactory(), "from_on": TODAY}
    Allocation.objects.create(**allocated)
    refused(Allocation.objects.create, **allocated)
    refused(Allocation.objects.create, **allocated, until_on=TODAY - DAY)
