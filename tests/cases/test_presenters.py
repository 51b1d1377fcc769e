from datetime import date, timedelta

import pytest

from cases.models import Milestone
from cases.presenters import day_words, due_words, owed_words, status

TODAY = date(2026, 11, 2)


def milestone(due=0, **facts):
    due_on = None if due is None else TODAY + timedelta(days=due)
    return Milestone(
        **{"force": "statutory", "owes": "council", "due_on": due_on, "computed_due": due_on} | facts
    )


@pytest.mark.parametrize(
    ("shown", "words", "tag"),
    [
        (milestone(-9), "9 days overdue", "overdue"),
        (milestone(-1), "1 day overdue", "overdue"),
        (milestone(0), "due today", "due"),
        (milestone(6), "due in 6 days", "due"),
        (milestone(14), "due in 14 days", "due"),
        (milestone(15), "due in 15 days", ""),
        (milestone(None), "no date", "quiet"),
        (milestone(-9, force="window"), "window passed", "quiet"),
        (milestone(450, force="window", opens_on=date(2027, 1, 5)), "window opens January 2027", ""),
        (milestone(450, force="window", opens_on=TODAY), "window open until January 2028", ""),
        (milestone(0, force="window", opens_on=TODAY), "window open until November 2026", ""),
        (milestone(-1, force="window", opens_on=date(2026, 1, 5)), "window passed", "quiet"),
        (milestone(9, force="window"), "expected in 9 days", ""),
        (milestone(-9, force="aim"), "offer due", "quiet"),
        (milestone(-9, to_confirm=True), "to confirm", "quiet"),
        (milestone(-3, outcome="met", met_on=TODAY, closed_on=TODAY), "met 3 days late", "done"),
        (milestone(3, outcome="met", met_on=TODAY, closed_on=TODAY), "met", "done"),
        (milestone(-3, force="window", outcome="met", met_on=TODAY, closed_on=TODAY), "met", "done"),
        (milestone(-3, outcome="passed-on", closed_on=TODAY), "passed on to a successor", "quiet"),
    ],
)
def test_a_milestone_says_how_it_stands(shown, words, tag):
    standing = status(shown, TODAY)
    assert (standing.words, standing.tag) == (words, tag)


def test_a_paused_one_says_so_before_it_says_overdue():
    paused = milestone(-9)
    paused.paused_then = True
    assert status(paused, TODAY).words == "paused"


def test_it_is_read_by_the_date_it_had_on_the_day_shown():
    moved = milestone(30)
    moved.due_then = TODAY - timedelta(days=2)
    assert status(moved, TODAY).words == "2 days overdue"


def test_one_met_later_reads_as_overdue_on_the_day_before():
    met = milestone(-3, outcome="met", met_on=TODAY, closed_on=TODAY)
    assert status(met, TODAY - timedelta(days=1)).words == "2 days overdue"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "2 November 2026"),
        ({"due": None}, "No date"),
        ({"opens_on": date(2026, 5, 2)}, "2 May 2026 to 2 November 2026"),
        (
            {"stated_due": TODAY, "stated_in": "the direction", "computed_due": date(2027, 1, 2)},
            "2 November 2026, as the direction states; 2 January 2027 by rule",
        ),
        (
            {"stated_due": date(2026, 10, 1), "computed_due": date(2026, 9, 30)},
            "2 November 2026; 1 October 2026 as a letter states; 30 September by rule",
        ),
    ],
)
def test_a_due_date_says_what_set_it(facts, words):
    assert due_words(milestone(**facts)) == words


@pytest.mark.parametrize(
    ("owes", "words"),
    [
        ("council", "Statutory, owed by the council"),
        ("dfe", "Statutory, owed by the DfE"),
        ("ofsted", "Statutory, owed by Ofsted"),
        ("board-chair", "Statutory, owed by the board chair"),
    ],
)
def test_it_says_who_owes_it(owes, words):
    assert owed_words(milestone(owes=owes)) == words


def test_a_day_is_written_the_british_way():
    assert day_words(date(2026, 11, 6)) == "6 November 2026"
    assert day_words(None) == ""
