"""Who gets what from every address: one table, walked by role and by own or other council.

The table is written out by hand, not from the table of abilities, so that the one can be wrong about the other.
An address that is not in it fails the tests.
"""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.urls import get_resolver, reverse

from accounts.permissions import Role
from cases.models import Assignment, Case, Source
from improvement.models import Intervention
from inspections.models import EnteredInspection, ImportRun
from tests.conftest import savepoint
from tests.factories import (
    CaseFactory,
    ContactFactory,
    CouncilFactory,
    GrantFactory,
    MilestoneFactory,
    PersonFactory,
    PostHolderFactory,
    RecommendationFactory,
    RegionFactory,
    SourceFactory,
    person_with,
)
from tests.plan_addresses import PLAN_ADDRESSES, STAFF, PlanPlace, plan_rows
from tests.review_addresses import (
    OF_A_DEVICE,
    OF_NO_COUNCIL,
    OF_TEAMS,
    ON_TEAM,
    OPEN_REVIEW_PAGES,
    REVIEW_ADDRESSES,
    ReviewPlace,
    review_rows,
)

pytestmark = pytest.mark.usefixtures("db")

LONG_AGO = date(2000, 1, 1)
NOT_FOUND, REFUSED, SHOWN = 404, 403, 200

ADVISERS = {"lga-adviser", "principal-adviser"}
# The staff of the body that delivers the council's services are its contributors.
COUNCIL_READERS = {"council-contributor", "council-approver", "council-leadership", "shadow-team", STAFF}
READERS = ADVISERS | COUNCIL_READERS | {"dfe-adviser", "national-lead"}
STRANGERS = {"action-owner", "scrutiny-member", "board-chair", "improvement-partner", "peer", "administrator"}
NO_ROLE = "no-role"
ASSIGNED_ADVISER, ASSIGNED_PEER = "assigned-adviser", "assigned-peer"
EVERYBODY = READERS | STRANGERS | {NO_ROLE, ASSIGNED_ADVISER, ASSIGNED_PEER}
SEES_ALL_OF_ENGLAND = {"national-lead"}


@dataclass(frozen=True)
class Address:
    """An address, what its arguments are taken from, and who is shown it of their own and of another council.

    Whoever is not in `shown` is refused (403) where they are in `refused`, else finds nothing (404). Of another
    council: the same for `shown_of_other` and `refused_of_other`. `writes`: it takes POST, with the same answer.
    """

    argument: str = ""
    shown: frozenset = frozenset(EVERYBODY)
    refused: frozenset = frozenset()
    shown_of_other: frozenset = frozenset(EVERYBODY)
    refused_of_other: frozenset = frozenset()
    writes: bool = False

    def expected(self, who, which):
        shown = self.shown if which == "own" else self.shown_of_other
        refused = self.refused if which == "own" else self.refused_of_other
        if who in shown:
            return SHOWN
        return REFUSED if who in refused else NOT_FOUND


PUBLIC = Address()


def public(argument):
    return Address(argument)


def read(argument, *more_readers):
    return Address(
        argument, shown=frozenset(READERS | set(more_readers)), shown_of_other=frozenset(SEES_ALL_OF_ENGLAND)
    )


def written(argument, *, by, seen_by):
    """Only advisers write; who may read is told so, and to a stranger there is nothing."""
    return Address(
        argument,
        shown=frozenset(by),
        refused=frozenset((READERS | seen_by) - by),
        shown_of_other=frozenset(),
        refused_of_other=frozenset(SEES_ALL_OF_ENGLAND),
        writes=True,
    )


def of_the_national_lead(argument="", *, writes=True):
    """Of no council: whoever may not is told so, whichever it is."""
    leads, others = frozenset({"national-lead"}), frozenset(EVERYBODY - {"national-lead"})
    return Address(argument, leads, others, leads, others, writes)


ON_A_CASE = {ASSIGNED_ADVISER, ASSIGNED_PEER}
milestone_form = written("milestone", by=ADVISERS | {ASSIGNED_ADVISER}, seen_by=ON_A_CASE)

# That there is a page is no secret: who runs a council is public, and whoever may not keep it is told so.
people_form = Address(
    shown=frozenset(ADVISERS | {"council-approver"}),
    refused=frozenset(EVERYBODY),
    shown_of_other=frozenset(),
    refused_of_other=frozenset(EVERYBODY),
    writes=True,
)
# The LGA's alone: to councils and the DfE there is no such page.
OF_THE_LGA = ADVISERS | {"national-lead"}
contact_form = Address(
    "contact",
    shown=frozenset(ADVISERS),
    refused=frozenset({"national-lead"}),
    shown_of_other=frozenset(),
    refused_of_other=frozenset({"national-lead"}),
    writes=True,
)

# Everybody reads what is published; of their own council alone these may write what rests on it.
MAY_ENTER = ADVISERS | {"council-approver"}
entry_form = Address(
    "source",
    shown=frozenset(MAY_ENTER),
    refused=frozenset(EVERYBODY),
    shown_of_other=frozenset(),
    refused_of_other=frozenset(EVERYBODY),
    writes=True,
)
# Of what is published nobody names readers any more.
of_an_embargo_alone = Address("source", frozenset(), frozenset(), frozenset(), frozenset(), writes=True)
recommendation_form = written("recommendation", by=MAY_ENTER, seen_by=set())

ADDRESSES = {
    "my-work": PUBLIC,
    "england": PUBLIC,
    "api_docs": PUBLIC,
    "api_tokens": PUBLIC,
    "regions": PUBLIC,
    "region": public("region"),
    "calendar": Address(writes=True),
    # Who looks after which council is the LGA's alone, and the principal adviser's to say.
    "region_allocation": Address(
        "region",
        shown=frozenset({"principal-adviser"}),
        refused=frozenset({"lga-adviser", "national-lead"}),
        shown_of_other=frozenset(),
        refused_of_other=frozenset(SEES_ALL_OF_ENGLAND),
        writes=True,
    ),
    "council": public("council"),
    "council-history": read("council"),
    "council-brief": read("council", *ON_A_CASE),
    "council_people": public("council"),
    "post_holder": replace(people_form, argument="office"),
    "post_correct": replace(people_form, argument="post"),
    "political_control": replace(people_form, argument="council"),
    # Read by all of these, and written by fewer: see tests/cases/test_contacts.py.
    "council_contacts": Address(
        "council", shown=frozenset(OF_THE_LGA), shown_of_other=frozenset(SEES_ALL_OF_ENGLAND)
    ),
    "contact_change": contact_form,
    "contact_followed_up": contact_form,
    "contact_delete": contact_form,
    "due_date": Address(
        shown=frozenset(ADVISERS | {"national-lead"}),
        refused=frozenset(EVERYBODY),
        shown_of_other=frozenset(ADVISERS | {"national-lead"}),
        refused_of_other=frozenset(EVERYBODY),
    ),
    "imports": of_the_national_lead(),
    "import_run": of_the_national_lead("import", writes=False),
    "import_confirm": of_the_national_lead("import"),
    "import_cancel": of_the_national_lead("import"),
    "inspections": PUBLIC,
    "inspection_enter": Address(
        shown=frozenset(MAY_ENTER),
        refused=frozenset(EVERYBODY),
        shown_of_other=frozenset(MAY_ENTER),
        refused_of_other=frozenset(EVERYBODY),
        writes=True,
    ),
    "inspection": public("source"),
    "inspection_change": entry_form,
    "inspection_publication": entry_form,
    "inspection_readers": of_an_embargo_alone,
    "inspection_withdraw": entry_form,
    "recommendations_add": entry_form,
    # Who may read it and not add to it is asked in tests/inspections/test_council_recommendations.py.
    "council_recommendations": read("council"),
    "source_recommendations_add": written("source_of_council", by=MAY_ENTER, seen_by=set()),
    "inspection_milestone_met": written("source_milestone", by=ADVISERS, seen_by=set()),
    "recommendation_change": recommendation_form,
    "recommendation_close": recommendation_form,
    "milestone": read("milestone", *ON_A_CASE),
    "milestone_met": milestone_form,
    "milestone_move": milestone_form,
    "milestone_pause": milestone_form,
    "milestone_resume": milestone_form,
    "milestone_answer": milestone_form,
    "milestone_assign": milestone_form,
    "milestone_confirm": milestone_form,
    "milestone_reopen": milestone_form,
    "case_to_confirm": written("case", by=ADVISERS | {ASSIGNED_ADVISER}, seen_by=ON_A_CASE),
    "episode_confirm": written("case", by=ADVISERS, seen_by=ON_A_CASE),
}

# allauth's own pages. Open to somebody not signed in: these alone. The rest send them to sign in.
OPEN_TO_ALL = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_login_code",
    "mfa_authenticate",
    # A calendar program can't sign in: the address itself is the secret. See tests/dashboards/test_calendar.py.
    "calendar_feed",
    *OPEN_REVIEW_PAGES,
}
OF_ONE_SELF = {
    "changes_read",
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
ARGUMENTS_OF_SIGN_IN = {
    "calendar_feed": ["a-secret-of-nobody"],
    "peer_feed": ["a-secret-of-nobody"],
    "account_confirm_email": ["key"],
    "account_reset_password_from_key": ["1", "set-password"],
}

ADMINISTERED = {
    "administrator": {"accounts_person", "accounts_rolepolicy"},
    "national-lead": {
        "councils_region",
        "councils_council",
        "councils_deliverybody",
        "councils_deliveryarrangement",
        "cases_bankholiday",
        "cases_clockrule",
        "cases_flagrule",
        "cases_retentionrule",
        "improvement_advicerule",
        "inspections_framework",
        "peer_reviews_peerword",
        "peer_reviews_reviewkind",
    },
}


def addresses(resolver=None, namespaces=()):
    """Yield the name of every address of the project, with its namespace."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            more = (entry.namespace,) if entry.namespace else ()
            yield from addresses(entry, namespaces + more)
        else:
            yield ":".join([*namespaces, entry.name or str(entry.pattern)])


def test_every_address_is_in_the_table():
    # The API's are in a table of their own: tests/api/test_matrix.py.
    ours = {name for name in addresses() if not name.startswith(("admin:", "api:"))}
    kept = set(ADDRESSES) | set(PLAN_ADDRESSES) | set(REVIEW_ADDRESSES) | OF_A_DEVICE
    assert ours == kept | OPEN_TO_ALL | OF_ONE_SELF


def test_every_role_is_in_the_table():
    assert {role.value for role in Role} == (READERS | STRANGERS) - {STAFF}


@dataclass
class Place:
    """A council with a case, a milestone of it and, apart, a case that is still to confirm; its director, a contact."""

    region: object
    council: object
    milestone: object
    unconfirmed: object
    holder: object
    contact: object
    run: object
    published: object
    embargoed: object
    plans: PlanPlace
    reviews: ReviewPlace

    @classmethod
    def make(cls):
        region = RegionFactory()
        council = CouncilFactory(region=region)
        case = CaseFactory(council=council, standing=Case.Standing.CLOSED, closed_on=date(2026, 3, 1))
        unconfirmed = CaseFactory(council=council, standing=Case.Standing.UNCONFIRMED)
        for made in (case, unconfirmed):
            Intervention.objects.create(
                case=made, opened_from="record", began_on=LONG_AGO, recorded_on=LONG_AGO
            )
        return cls(
            region,
            council,
            MilestoneFactory(case=case, label=f"A milestone of {council}"),
            unconfirmed,
            PostHolderFactory(council=council),
            ContactFactory(council=council, said=f"What was said at {council}"),
            ImportRun.objects.create(name="Outcomes.ods", sha256="0" * 64, state=ImportRun.State.PREVIEWED),
            recommended(council, Source.Access.PUBLIC),
            recommended(council, Source.Access.EMBARGOED),
            PlanPlace.make(council, case),
            ReviewPlace.make(council, region),
        )

    def open_case(self):
        """Let the case of the milestone be the one that is open, so that pages show it to whoever may see it."""
        Case.objects.filter(pk=self.unconfirmed.pk).update(
            standing=Case.Standing.WITHDRAWN, closed_on=date(2026, 1, 2)
        )
        Case.objects.filter(pk=self.milestone.case_id).update(standing=Case.Standing.OPEN, closed_on=None)

    def argument(self, kind):
        return {
            "": [],
            "region": [self.region.slug],
            "council": [self.council.slug],
            "milestone": [self.milestone.pk],
            "case": [self.unconfirmed.reference],
            "office": [self.council.slug, "dcs"],
            "post": [self.council.slug, "dcs", self.holder.pk],
            "contact": [self.contact.pk],
            "import": [self.run.pk],
            **self.arguments_of(self.published),
        }[kind]

    def arguments_of(self, recommendation):
        """Return the arguments for the report of a recommendation and what rests on it."""
        source = recommendation.source
        return {
            "source": [source.pk],
            "source_of_council": [source.council.slug, source.pk],
            "source_milestone": [source.pk, source.milestones.get().pk],
            "recommendation": [recommendation.pk],
        }


def recommended(council, access):
    """Return the recommendation of an inspection entered by hand, with its report and a milestone of that."""
    source = SourceFactory(council=council, access=access, title=f"Report on {council}, {access}")
    EnteredInspection.objects.create(
        source=source,
        council=council,
        kind="standard",
        inspected_on=date(2026, 5, 12),
        entered_on=date(2026, 5, 12),
    )
    MilestoneFactory(case=None, council=council, source=source, label=f"A milestone of {source}")
    return RecommendationFactory(source=source, text=f"A recommendation of {source}")


@pytest.fixture(scope="module")
def own(db_of_module):
    return Place.make()


@pytest.fixture(scope="module")
def other(db_of_module):
    return Place.make()


@pytest.fixture
def db(db_of_module):
    """Undo what a test did, and leave the places: whoever walks the table finds them as they were made."""
    with savepoint():
        yield


def somebody(who, place):
    """Return a person who holds the role over the place as far as the role can reach, or is put on its cases."""
    if who in (NO_ROLE, ASSIGNED_ADVISER, ASSIGNED_PEER):
        person = PersonFactory()
        if who != NO_ROLE:
            role = Role.LGA_ADVISER if who == ASSIGNED_ADVISER else Role.PEER
            for case in (place.milestone.case, place.unconfirmed):
                Assignment.objects.create(case=case, person=person, role=role, from_on=LONG_AGO)
        return person
    if plans := getattr(place, "plans", None):
        if who == "action-owner":
            return plans.owner
        if who == STAFF:
            return plans.employs(PersonFactory())
    if who == STAFF:
        return person_with(Role.COUNCIL_CONTRIBUTOR, council=place.council, from_on=LONG_AGO)
    if who == "board-chair" and plans:
        return plans.chaired_by(person_with(Role.BOARD_CHAIR, council=place.council, from_on=LONG_AGO))
    if who in ("national-lead", "administrator"):
        return person_with(Role(who), from_on=LONG_AGO)
    if who in ADVISERS:
        return person_with(Role(who), region=place.region, from_on=LONG_AGO)
    return person_with(Role(who), council=place.council, from_on=LONG_AGO)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_address_answers_as_the_table_says(client, own, other, who):
    client.force_login(somebody(who, own))
    wrong = []
    for name, address in ADDRESSES.items():
        for which, place in (("own", own), ("other", other)):
            path = reverse(name, args=place.argument(address.argument))
            expected = address.expected(who, which)
            answers = {"GET": client.get(path).status_code}
            if address.writes:
                # An empty form is asked again; what matters is that it is not taken from who may not.
                answers["POST"] = client.post(path).status_code
            wrong += [
                f"{method} {name} of {which}: {answer}, not {expected}"
                for method, answer in answers.items()
                if answer != expected
            ]
    assert not wrong


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_address_of_plans_answers_as_its_table_says(client, own, other, who):
    person = somebody(who, own)
    client.force_login(person)
    wrong = []
    for name, address in plan_rows():
        for which, place in (("own", own.plans), ("other", other.plans)):
            path = reverse(name, args=place.argument(address.argument))
            sent = {key: person.pk if value == "me" else value for key, value in address.sent.items()}
            for method in address.methods:
                answer = client.get(path) if method == "GET" else client.post(path, sent)
                expected = address.expected(who, which, method)
                if answer.status_code not in expected:
                    wrong.append(
                        f"{method} {path} ({name} of {which}): {answer.status_code}, not {set(expected)}"
                    )
    assert not wrong


def somebody_of_reviews(who, place):
    """Return a person of a role, or of the teams of the place's reviews."""
    if who in OF_TEAMS:
        return place.reviews.people[who]
    person = somebody(who, place)
    if who in (ASSIGNED_ADVISER, ASSIGNED_PEER):
        place.reviews.put_on_cases(person, Role.LGA_ADVISER if who == ASSIGNED_ADVISER else Role.PEER)
    return person


def asked_of_reviews(client, path, method):
    """Return the status of what is answered, and undo what it did: some ask for nothing to be filled in."""
    with savepoint():
        return (client.get(path) if method == "GET" else client.post(path)).status_code


@pytest.mark.parametrize("who", sorted(EVERYBODY | OF_TEAMS))
def test_each_address_of_reviews_answers_as_its_table_says(client, own, other, who):
    client.force_login(somebody_of_reviews(who, own))
    client.raise_request_exception = False
    wrong = []
    for name, address in review_rows():
        for which, place in (("own", own.reviews), ("other", other.reviews)):
            if which == "other" and address.argument in OF_NO_COUNCIL:
                continue
            path = reverse(name, args=place.argument(address.argument))
            for method in address.methods:
                answer = asked_of_reviews(client, path, method)
                expected = address.expected(who, which, method)
                if answer not in expected:
                    about = f"{name} of {address.argument}, {which}"
                    wrong.append(f"{method} {path} ({about}): {answer}, not {set(expected)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", sorted(EVERYBODY | OF_TEAMS))
def test_a_device_is_answered_for_the_team_alone(client, own, other, who):
    client.force_login(somebody_of_reviews(who, own))
    for place in (own.reviews, other.reviews):
        for stage in ("on_site", "final"):
            theirs = who in ON_TEAM and place is own.reviews and stage == "on_site"
            for name in ("notes_new", "notes_setup"):
                path = reverse(name, args=place.argument(stage))
                assert client.get(path).status_code == (SHOWN if theirs else REFUSED), name
            sent = client.post(
                reverse("notes_send", args=place.argument(stage)), {"notes": []}, "application/json"
            )
            assert sent.status_code == (SHOWN if theirs else REFUSED)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_what_is_under_embargo_is_found_by_no_role_at_any_address(client, own, who):
    client.force_login(somebody(who, own))
    found = []
    for name, address in ADDRESSES.items():
        hidden = own.arguments_of(own.embargoed)
        hidden["milestone"] = hidden["source_milestone"][1:]
        if address.argument in hidden:
            path = reverse(name, args=hidden[address.argument])
            answers = {client.get(path).status_code, client.post(path).status_code}
            found += [name] if answers - {NOT_FOUND} else []
    assert not found


def test_nothing_is_shown_to_nobody(client, own):
    for name, address in ADDRESSES.items():
        path = reverse(name, args=own.argument(address.argument))
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 302, name
            assert response.url == f"{reverse('account_login')}?next={path}", name
    for name, address in plan_rows():
        path = reverse(name, args=own.plans.argument(address.argument))
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 302, name
            assert response.url == f"{reverse('account_login')}?next={path}", name
    for name, address in review_rows():
        path = reverse(name, args=own.reviews.argument(address.argument))
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 302, name
            assert response.url == f"{reverse('account_login')}?next={path}", name
    for name in OF_A_DEVICE:
        path = reverse(name, args=own.reviews.argument("on_site"))
        assert {client.get(path).status_code, client.post(path).status_code} <= {401, 405}, name


def test_what_somebody_may_not_do_is_not_done(client, own):
    reader = person_with(Role.COUNCIL_APPROVER, council=own.council, from_on=LONG_AGO)
    client.force_login(reader)
    answer = {"met_on_0": "1", "met_on_1": "3", "met_on_2": "2026", "met_on": "2026-03-01", "revision": 1}
    assert client.post(reverse("milestone_met", args=[own.milestone.pk]), answer).status_code == REFUSED
    own.milestone.refresh_from_db()
    assert own.milestone.met_on is None and own.milestone.revision == 1


@pytest.mark.parametrize("kind", ["ended", "not begun"])
def test_a_role_that_is_not_held_today_shows_no_more_than_no_role(client, own, other, kind):
    dates = {"ended": (LONG_AGO, date(2001, 1, 1)), "not begun": (date(2999, 1, 1), None)}[kind]
    grant = GrantFactory(role=Role.NATIONAL_LEAD, from_on=dates[0], until_on=dates[1])
    client.force_login(grant.person)
    for name, address in ADDRESSES.items():
        path = reverse(name, args=own.argument(address.argument))
        assert client.get(path).status_code == address.expected(NO_ROLE, "own"), name
    for name, address in plan_rows():
        if address.gets:
            path = reverse(name, args=own.plans.argument(address.argument))
            assert client.get(path).status_code in address.expected(NO_ROLE, "own"), name
    for name, address in review_rows():
        if address.gets:
            path = reverse(name, args=own.reviews.argument(address.argument))
            assert client.get(path).status_code in address.expected(NO_ROLE, "own"), name


def test_an_assignment_that_has_ended_shows_nothing(client, own):
    person = PersonFactory()
    Assignment.objects.create(
        case=own.milestone.case,
        person=person,
        role="lga-adviser",
        from_on=LONG_AGO,
        until_on=date(2001, 1, 1),
    )
    client.force_login(person)
    assert client.get(reverse("milestone", args=[own.milestone.pk])).status_code == NOT_FOUND


# What a page that everybody is shown leaves out


PAGES_FOR_ALL = ("my-work", "england", "regions", "region", "council")


def shown_on_pages(client, place):
    """Return the text of every page that everybody is shown, for a place, and of its tables."""
    text = ""
    for name in PAGES_FOR_ALL:
        path = reverse(name, args=place.argument(ADDRESSES[name].argument))
        for query in ({}, {"format": "csv"}):
            response = client.get(path, query)
            assert response.status_code == SHOWN
            content = b"".join(response.streaming_content) if response.streaming else response.content
            text += content.decode()
    return text


@pytest.mark.parametrize("who", sorted(EVERYBODY - SEES_ALL_OF_ENGLAND))
def test_pages_for_all_leave_out_the_milestones_and_cases_of_others(client, own, other, who):
    other.open_case()
    client.force_login(somebody(who, own))
    text = shown_on_pages(client, other)
    assert other.milestone.label not in text
    assert other.contact.said not in text
    assert reverse("milestone", args=[other.milestone.pk]) not in text
    assert other.milestone.case.reference not in text
    assert other.unconfirmed.reference not in text


@pytest.mark.parametrize("who", sorted(READERS))
def test_pages_for_all_show_them_to_whoever_may_see_them(client, own, who):
    own.open_case()
    client.force_login(somebody(who, own))
    assert reverse("milestone", args=[own.milestone.pk]) in shown_on_pages(client, own)


# Sign-in and administration


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL | OF_ONE_SELF))
def test_of_sign_in_only_what_must_be_is_open_to_somebody_not_signed_in(client, name):
    path = reverse(name, args=ARGUMENTS_OF_SIGN_IN.get(name, []))
    response = client.get(path)
    asked_to_sign_in = response.status_code == 302 and response.url.startswith(
        f"{reverse('account_login')}?next="
    )
    assert asked_to_sign_in == (name in OF_ONE_SELF)


def administered():
    """Yield (name, table) of every administration page that takes no argument of a row."""
    for name in addresses():
        if name.startswith("admin:") and name.endswith(("_changelist", "_add")):
            yield name, name.removeprefix("admin:").removesuffix("_changelist").removesuffix("_add")


def test_every_administered_table_is_in_the_table():
    assert {table for _, table in administered()} == set.union(*ADMINISTERED.values())


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_administration_opens_only_what_the_role_keeps(client, own, who):
    client.force_login(somebody(who, own))
    kept = ADMINISTERED.get(who, set())
    assert client.get(reverse("admin:index")).status_code == (SHOWN if kept else REFUSED)
    for name, table in administered():
        status = client.get(reverse(name)).status_code
        never_added = name.endswith("_add") and table in {
            "accounts_rolepolicy",
            "councils_region",
            "inspections_framework",
        }
        assert status == (SHOWN if table in kept and not never_added else REFUSED), name
    for name in ("admin:jsi18n", "admin:password_change", "admin:logout", "admin:autocomplete"):
        if not kept:
            assert client.get(reverse(name)).status_code == REFUSED, name


def test_administration_asks_nobody_to_sign_in_twice(client):
    for name in addresses():
        if name.startswith("admin:") and name.endswith(("_changelist", "_add", ":index")):
            response = client.get(reverse(name))
            assert response.status_code == 302 and "login" in response.url, name
