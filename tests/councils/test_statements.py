"""Statements that are put together once: the statement is kept, never what the database answered."""

import pytest

from councils.models import Council
from councils.statements import put_together_once
from tests.factories import CouncilFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def built():
    return []


@pytest.fixture
def named(built):
    @put_together_once
    def named(name):
        built.append(name)
        return Council.objects.filter(name=name)

    return named


def test_the_database_is_asked_each_time(named):
    assert not named("Wexcombe").exists() and not list(named("Wexcombe"))
    council = CouncilFactory(name="Wexcombe")
    assert list(named("Wexcombe")) == [council]
    council.delete()
    assert not list(named("Wexcombe"))


def test_one_is_built_for_each_set_of_arguments(named, built):
    CouncilFactory(name="Wexcombe")
    for name in ("Wexcombe", "Thornley", "Wexcombe"):
        assert {each.name for each in named(name)} <= {name}
    assert built == ["Wexcombe", "Thornley"]


def test_narrowing_one_leaves_the_kept_one_as_it_was(named):
    CouncilFactory(name="Wexcombe")
    assert not named("Wexcombe").filter(slug="another").exists()
    assert named("Wexcombe").exists()
