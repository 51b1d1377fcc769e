"""A client that knows nothing but the papers of the API does a morning's work through it, over HTTP."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from tests.api.client import Api
from tests.factories import MilestoneFactory

DESCRIPTION = Path(__file__).resolve().parent.parent.parent / "docs" / "api" / "openapi.yaml"
LIST, READ = "List milestones", "Read a milestone"
MARK_MET, MOVE = "Mark a milestone met", "Move a milestone's date"


def milestones(api, summary):
    return api.operation("Milestones", summary)


@pytest.mark.django_db(transaction=True)
def test_a_client_written_from_the_papers_alone_does_its_work(live_server, reference, adviser, milestone):
    late = [milestone, *MilestoneFactory.create_batch(2, case=milestone.case, due_on=date(2026, 11, 9))]
    MilestoneFactory(case=milestone.case, due_on=date(2026, 12, 1))
    description = yaml.safe_load(DESCRIPTION.read_text())
    api = Api(live_server.url, description, adviser.secret)
    list_them, read, mark_met = (milestones(api, name) for name in (LIST, READ, MARK_MET))

    # Without a token it is told what to do.
    refused = Api(live_server.url, description).ask(list_them)
    assert (refused.status, refused.media_type) == (401, "application/problem+json")
    assert "token" in refused.body["detail"]

    # It reads what is overdue, two rows at a time.
    rows = list(api.every_row(list_them, overdue="yes", page_size=2))
    assert [row["id"] for row in rows] == [each.pk for each in late]
    first, second = rows[0], rows[1]

    # It marks the first met, gets no answer as far as it knows, and sends it again: done once.
    version = api.ask(read, {"id": first["id"]}).headers["ETag"]
    body = {"met_on": "2026-11-18", "note": "Sent by post"}
    sent = {"If-Match": version, "Idempotency-Key": str(uuid4())}
    done, repeated = (api.ask(mark_met, {"id": first["id"]}, headers=sent, body=body) for _ in range(2))
    assert done.status == repeated.status == 200
    assert done.body == repeated.body and done.headers["ETag"] == repeated.headers["ETag"]
    assert (done.headers["Idempotency-Replayed"], repeated.headers["Idempotency-Replayed"]) == (None, "true")
    assert (done.body["outcome"], done.body["revision"]) == ("met", first["revision"] + 1)

    # A change to the version from before is refused, with how it stands: it is met, and the client lets it be.
    seen = []
    [stale] = api.change(mark_met, {"id": first["id"]}, body, version=version, again=seen.append)
    assert stale.status == 412 and stale.headers["ETag"] == done.headers["ETag"]
    assert seen == [done.body]

    # Somebody moves the second meanwhile. The client looks at that, and marks it met all the same.
    version = api.ask(read, {"id": second["id"]}).headers["ETag"]
    moved = {"to": "2026-12-01", "reason": "agreed-dfe"}
    sent = {"If-Match": version, "Idempotency-Key": str(uuid4())}
    assert api.ask(milestones(api, MOVE), {"id": second["id"]}, headers=sent, body=moved).status == 200

    def still_open(current):
        assert current["due_on"] == "2026-12-01"
        return None if current["outcome"] else body

    answers = api.change(mark_met, {"id": second["id"]}, body, version=version, again=still_open)
    assert [each.status for each in answers] == [412, 200]
    assert answers[-1].body["met_on"] == "2026-11-18"

    # And all of them as a table, with the fields of a row as headings.
    table = api.table(list_them, standing="closed")
    assert table.media_type == "text/csv"
    told = list(csv.DictReader(StringIO(table.body)))
    assert [int(row["id"]) for row in told] == [first["id"], second["id"]]
    assert list(told[0]) == list(description["components"]["schemas"]["MilestoneRow"]["properties"])
