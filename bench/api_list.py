"""The API's list of a hundred milestones, beside SQL that writes the JSON itself, and beside django-ninja."""

import json
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema

from bench.filling import execute
from bench.many_milestones import BY_HAND, by_hand, fill
from bench.timing import Side, compare
from cases.filters import told_on
from cases.models import Milestone

SIZE = 100
OURS, IN_SQL, IN_NINJA = "/api/v1/milestones/", "/bench/milestones/", "/bench/ninja/milestones/"

# One row more than a page says whether the list goes on.
AS_JSON = f"""
WITH listed AS MATERIALIZED ({BY_HAND} LIMIT {SIZE + 1}), page AS (SELECT * FROM listed ORDER BY id LIMIT {SIZE})
SELECT json_build_object(
           'next', CASE WHEN (SELECT count(*) FROM listed) > {SIZE}
                        THEN %(address)s || '?after=' || (SELECT max(id) FROM page) END,
           'previous', NULL,
           'results', (SELECT json_agg(page ORDER BY id) FROM page))::text
"""


def in_sql(request):
    """Answer with the list as one statement writes it."""
    given = by_hand(request.viewer)
    address = request.build_absolute_uri(OURS)
    return HttpResponse(execute(AS_JSON, **given, address=address)[0][0], content_type="application/json")


ninja = NinjaAPI(urls_namespace="bench", docs_url=None, openapi_url=None)


class MilestoneOut(Schema):
    id: int
    council: str = Field(alias="council.la_code")
    council_name: str = Field(alias="council.name")
    case: str | None = Field(None, alias="case.reference")
    label: str
    owes: str
    force: str
    rule: str | None = Field(None, alias="rule.slug")
    series_no: int
    started_on: date | None
    started_by: str
    start_assumed: bool
    computed_due: date | None
    stated_due: date | None
    stated_in: str
    opens_on: date | None
    due_on: date | None
    paused: bool = Field(alias="paused_then")
    to_confirm: bool
    outcome: str
    met_on: date | None
    closed_on: date | None
    outcome_note: str
    assignee: str | None = Field(None, alias="assignee.name")
    revision: int


class PageOut(Schema):
    next: str | None
    previous: str | None
    results: list[MilestoneOut]


@ninja.get("/milestones/", response=PageOut)
def in_ninja(request):
    """Answer with the list as django-ninja is written: objects, and a schema that reads them."""
    viewer = request.viewer
    seen = Milestone.objects.visible_to(viewer).filter(entered_on__lte=viewer.today)
    told = told_on(seen, viewer.today, viewer.today).select_related("council", "case", "rule", "assignee")
    rows = list(told.order_by("pk")[: SIZE + 1])
    page = rows[:SIZE]
    goes_on = f"{request.build_absolute_uri(OURS)}?after={page[-1].pk}" if len(rows) > SIZE else None
    return {"next": goes_on, "previous": None, "results": page}


def compare_all(*, small=False, repeat=None):
    """Return the comparisons of the API's list with both."""
    rows = 1_000 if small else 20_000
    client = fill(rows, timezone.localdate())
    repeat = repeat or (2 if small else 60)
    what = f"API: {SIZE} milestones of {rows:,}, the whole request"
    sides = [
        Side(name, lambda address=address: client.get(address), outcome=_body)
        for name, address in [
            ("Upstream", OURS),
            ("SQL that writes the JSON", IN_SQL),
            ("django-ninja", IN_NINJA),
        ]
    ]
    ours, sql, other = sides
    return [
        compare(what, ours, sql, repeat=repeat, most=3),
        compare(what, ours, other, repeat=repeat),
    ]


def _body(response):
    body = json.loads(response.content)
    if len(body.get("results", [])) != SIZE:
        raise RuntimeError(f"{response.status_code}: {str(body)[:300]}")
    return body
