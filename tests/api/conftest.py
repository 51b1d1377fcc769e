"""People who ask the API, and two councils with an open case each. Today is Friday 20 November 2026."""

import json
from datetime import date
from uuid import uuid4

import pytest
import time_machine

from accounts.actions import make_token
from accounts.permissions import Role
from accounts.viewer import Viewer
from tests.factories import CaseFactory, CouncilFactory, MilestoneFactory, RegionFactory, person_with

TODAY = date(2026, 11, 20)
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY} 09:00", tick=False):
        yield


class Caller:
    """A program with a person's token: what it sends are JSON bodies, what it gets are responses."""

    def __init__(self, client, person):
        self.client, self.person = client, person
        viewer = Viewer.of(person, TODAY)
        self.token, self.secret = make_token(name="A spreadsheet", by=viewer, on=TODAY)

    def get(self, path, query=None, **headers):
        return self.client.get(path, query, headers=self._headers(headers))

    def send(self, method, path, body=None, **headers):
        """Send `body` as JSON; `etag=` and `key=` are If-Match and Idempotency-Key."""
        return self.client.generic(
            method,
            path,
            json.dumps(body or {}),
            content_type="application/json",
            headers=self._headers(headers),
        )

    def post(self, path, body=None, *, key="", **headers):
        return self.send("POST", path, body, key=key or str(uuid4()), **headers)

    def _headers(self, more):
        names = {"etag": "If-Match", "key": "Idempotency-Key", "held": "If-None-Match", "accept": "Accept"}
        return {"Authorization": f"Token {self.secret}"} | {
            names[name]: value for name, value in more.items() if value is not None
        }


@pytest.fixture
def region(reference):
    return RegionFactory(slug="wolds", name="Wolds", record_began_on=date(2026, 1, 1))


@pytest.fixture
def council(region):
    return CouncilFactory(slug="saltmarsh", name="Saltmarsh", la_code="9901", region=region)


@pytest.fixture
def milestone(council):
    case = CaseFactory(council=council, reference="INT-2026-0901", entered_on=date(2026, 3, 2))
    return MilestoneFactory(case=case, due_on=date(2026, 11, 9), entered_on=date(2026, 3, 2))


@pytest.fixture
def adviser(client, region):
    return Caller(client, person_with(Role.PRINCIPAL_ADVISER, region=region))


@pytest.fixture
def reader(client, council):
    """Somebody of the council, who reads its milestones and changes none."""
    return Caller(client, person_with(Role.COUNCIL_APPROVER, council=council))


@pytest.fixture
def stranger(client, reference):
    return Caller(client, person_with(Role.PEER, council=CouncilFactory()))


def problem(response, status):
    """Return the problem that the response tells, having checked its form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    told = response.json()
    assert told["status"] == status and told["type"].startswith("urn:problem-type:upstream:")
    assert told["title"] and told["detail"]
    return told
