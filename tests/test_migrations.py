"""Migrations: complete, and such as a running service survives."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django_migration_linter import MigrationLinter

OUR_APPS = ["accounts", "api", "cases", "councils", "history", "improvement", "inspections", "peer_reviews"]


@pytest.mark.django_db
def test_no_model_waits_for_its_migration():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.postgres  # what locks a table, and for how long, is PostgreSQL's
@pytest.mark.django_db
def test_no_migration_breaks_the_release_that_still_runs():
    linter = MigrationLinter(settings.BASE_DIR, include_apps=OUR_APPS, no_cache=True, no_output=True)
    linter.lint_all_migrations()
    assert linter.nb_total > 0
    assert not linter.has_errors
