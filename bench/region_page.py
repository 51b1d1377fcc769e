"""A region's page as its principal adviser gets it, beside raw SQL for the same facts and an empty page."""

from pathlib import Path

from django.shortcuts import render
from django.utils import timezone

from accounts.permissions import Ability
from bench.filling import execute
from bench.region_filling import COUNCILS, fill
from bench.region_words import in_words, told
from bench.timing import Side, compare

ADDRESS, BY_HAND = "/regions/bench/", "/bench/regions/bench/"

OF_COUNCILS = (Path(__file__).parent / "region_page.sql").read_text(encoding="utf-8")


def facts(request):
    """Return the facts of the region's page, a tuple a council, by one statement."""
    viewer = request.viewer
    grants = viewer.grants
    return execute(
        OF_COUNCILS,
        on=viewer.today,
        person=viewer.person_id,
        region=execute("SELECT id FROM councils_region WHERE slug = 'bench'")[0][0],
        regions=[grant.region_id for grant in grants],
        sees_lga_only=viewer.may(Ability.SEE_LGA_ONLY),
    )


def page_by_hand(request):
    """Ask for the facts of the region's page, and answer with the frame of a page and nothing in it."""
    found = facts(request)
    response = render(request, "base.html")
    response.facts = found
    return response


def compare_all(*, small=False, repeat=None):
    """Return the comparison of the page with the same facts by hand."""
    on = timezone.localdate()
    client = fill(on)
    ours = Side("region page", lambda: _get(client, ADDRESS), outcome=told)
    by_hand = Side(
        "raw SQL and an empty page",
        lambda: _get(client, BY_HAND),
        outcome=lambda response: in_words(response.facts, on),
    )
    what = f"Region page of {COUNCILS} councils, the whole request"
    return [compare(what, ours, by_hand, repeat=repeat or (2 if small else 60), most=3)]


def _get(client, address):
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return response
