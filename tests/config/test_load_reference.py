"""`manage.py load_reference`: in order, each step for itself, and again without changing anything."""

import pytest
from django.apps import apps
from django.core.management import call_command

from cases.models import SweepRun
from config.management.commands import load_reference
from config.management.commands.load_reference import DEMONSTRATION_STEPS, run, steps
from history.models import Event

pytestmark = pytest.mark.django_db


def load(capsys):
    call_command("load_reference")
    return capsys.readouterr().out.splitlines()


def rows_of_every_table():
    """Return the rows of every table of the project's own apps, but for the runs of the sweep: each is one more."""
    apps_of_ours = ("history", "councils", "accounts", "cases", "inspections", "improvement", "peer_reviews")
    models = [model for app in apps_of_ours for model in apps.get_app_config(app).get_models()]
    models.remove(SweepRun)
    return {model._meta.label: sorted(map(str, model.objects.values_list())) for model in models}


def test_everything_loads_in_order_with_a_line_for_each_step_and_a_second_run_changes_no_row(
    reference, settings, capsys
):
    settings.DEMONSTRATION = True
    printed = load(capsys)
    assert [line.split(":")[0] for line in printed] == [
        "roles",
        "bank holidays",
        "councils",
        "frameworks",
        "rules",
        "advice",
        "peers' words",
        "kinds of review",
        "inspections",
        "events",
        "interventions",
        "demonstration",
        "people",
        "advisers",
        "plans' people",
        "peers",
        "reviews",
        "overdue",
    ]
    before = rows_of_every_table()
    assert before["inspections.Inspection"] and before["accounts.Person"]
    load(capsys)
    after = rows_of_every_table()
    changed = {label: set(before[label]) ^ set(after[label]) for label in before}
    assert {label: rows for label, rows in changed.items() if rows} == {}


def test_outside_demonstration_mode_nothing_is_invented(settings):
    settings.DEMONSTRATION = False
    assert not set(DEMONSTRATION_STEPS) & set(steps())
    settings.DEMONSTRATION = True
    assert set(DEMONSTRATION_STEPS) <= set(steps())


def test_a_step_that_fails_leaves_nothing_of_itself(monkeypatch):
    before = Event.objects.count()
    with pytest.raises(ZeroDivisionError):
        run("tests.config.test_load_reference.half_a_step", by=None, on=None)
    assert Event.objects.count() == before


def half_a_step(*, by, on):
    Event.objects.create(kind="half", on="2026-01-01")
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "done"),
        (True, "done"),
        (False, "left as it was"),
        (3, "added 3"),
        ([1, 2], "added 2"),
        ("so", "so"),
    ],
)
def test_each_step_says_what_it_did(result, words):
    assert load_reference._in_words(result) == words
