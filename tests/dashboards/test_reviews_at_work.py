"""My work, a council's page and the calendar tell of peer reviews to those they are of, and to nobody else."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from accounts.viewer import Viewer
from dashboards.reviews import review_work
from peer_reviews.actions import findings, notes, offers, requests, steps
from peer_reviews.models import Activity, Note, PeerReview, Report, Stage, Tie
from peer_reviews.queries.arisen import conflicts_arisen
from peer_reviews.queries.teams import excluded
from tests.dashboards.conftest import TODAY
from tests.factories import CouncilFactory, MilestoneFactory, person_with
from tests.peer_reviews.reviews import make_review

pytestmark = pytest.mark.django_db


def page_of(client, person, address="/"):
    client.force_login(person)
    response = client.get(address)
    assert response.status_code == 200
    return response.context["page"]


def whats(client, person):
    page = page_of(client, person)
    return [(need.what, need.action) for need in page.needs]


@pytest.fixture
def made(region, council):
    """A review of Saltmarsh that is on site."""
    return make_review(council, region=region, today=TODAY)


def at(made, stage, **fields):
    PeerReview.objects.filter(pk=made.review.pk).update(stage=stage, **fields)


def test_an_approver_is_told_of_an_offer_with_its_reason_and_leads_to_the_answer(client, made):
    at(made, Stage.OFFERED, offer_reason="The last was four years ago.")
    (need,) = page_of(client, made.approver).needs
    assert (need.what, need.action) == ("answer the offer", "Accept or decline")
    assert "The last was four years ago." in need.why
    assert need.url == f"/reviews/{made.review.reference}/answer/"


def test_an_approver_is_told_of_scope_and_team_to_agree_of_comments_due_and_of_publication(client, made):
    at(made, Stage.ACCEPTED, scope="Four lines.")
    made.review.team.update(from_on=None)
    assert whats(client, made.approver)[:2] == [
        ("agree the scope and lines of enquiry", "Read and agree"),
        ("agree the team", "See the team"),
    ]
    at(made, Stage.FACTUAL_ACCURACY)
    report = Report.objects.create(
        review=made.review,
        number=1,
        title="Report",
        begun_on=TODAY,
        stage=Report.Stage.FACTUAL_ACCURACY,
        sent_on=TODAY,
        digest="d" * 64,
        comments_due_on=TODAY + timedelta(days=9),
    )
    page = page_of(client, made.approver)
    assert page.needs[0].action == "Read the draft" and "due 29 November 2026" in page.needs[0].why
    # While it is the council's turn, its manager has nothing to answer.
    assert "Open the report" not in {action for _, action in whats(client, made.manager)}
    Report.objects.filter(pk=report.pk).update(comments_closed_on=TODAY)
    assert "Read the draft" not in {action for _, action in whats(client, made.approver)}
    assert "Open the report" in {action for _, action in whats(client, made.manager)}
    at(made, Stage.FINAL, final_on=TODAY)
    assert ("publish the report, if the council wants to", "Publish") in whats(client, made.approver)


def test_a_contributor_is_told_of_open_requests_and_of_the_position_statement_that_is_due(client, made):
    requests.ask_for(
        made.review, kind="document", text="The last audit.", by=made.viewer(made.manager), on=TODAY
    )
    assert ("answer the team’s requests", "See the requests") in whats(client, made.contributor)
    MilestoneFactory(
        case=made.review.case,
        council=made.council,
        label="Position statement and documents",
        owes="council",
        due_on=TODAY + timedelta(days=2),
        of_review=True,
        assignee=made.contributor,
    )
    page = page_of(client, made.contributor)
    due = next(need for need in page.needs if need.what == "position statement and documents")
    assert (due.action, due.url) == ("Open the review", f"/reviews/{made.review.reference}/room/")


def test_a_peer_is_told_of_today_s_activities_and_of_notes_that_they_have_not_shared(client, made):
    Activity.objects.create(
        review=made.review,
        on=TODAY,
        starts_at="10:15",
        ends_at="11:00",
        title="Social workers",
        source_type="focus-group",
        voice="social-workers",
    )
    now = timezone.now()
    for person in made.peers[:2]:
        notes.write(
            made.review,
            key=uuid4(),
            kind="strength",
            text="Heard twice.",
            source_type="interview",
            voice="dcs",
            day=TODAY,
            written_at=now,
            now=now,
            by=made.viewer(person),
            on=TODAY,
        )
    page = page_of(client, made.peers[0])
    assert page.heading == "Saltmarsh: day 2 of 2 on site"
    assert "1 activity today, the first at 10:15" in page.needs[0].why
    told = [need.what for need in page.needs]
    assert told[1:3] == ["write down what you hear", "1 note of yours not shared"]
    Note.objects.update(shared_at=now)
    told.remove("1 note of yours not shared")
    assert [need.what for need in page_of(client, made.peers[0]).needs] == told


def test_a_manager_is_told_what_is_next_what_locks_and_whom_a_conflict_keeps_away(client, made):
    lock = timezone.make_aware(datetime.combine(TODAY + timedelta(days=1), datetime.min.time()))
    at(made, Stage.ON_SITE, notes_lock_at=lock)
    Tie.objects.create(peer=made.members[2].peer, council=made.council, kind="conflict")
    told = whats(client, made.manager)
    assert told[0] == ("a conflict has arisen with 1 of the team", "See the team")
    assert ("notes lock on Saturday at 00:00", "See the moment") in told
    assert ("give the council its feedback", "Prepare the slides") in told


def test_what_a_review_asks_for_and_its_milestone_are_one_line_with_the_day(client, made):
    due = {"case": made.review.case, "council": made.council, "of_review": True, "owes": "lga"}
    MilestoneFactory(
        label="Feedback to the council", due_on=TODAY + timedelta(days=2), assignee=made.manager, **due
    )
    page = page_of(client, made.manager)
    (need,) = [need for need in page.needs if need.url.endswith("/slides/")]
    assert (need.what, need.action) == ("give the council its feedback", "Prepare the slides")
    assert need.tag.words == "Due in 2 days" and "Due 22 November 2026" in need.why


def test_support_to_offer_after_a_risk_is_the_manager_s_work(client, made):
    by = {"by": made.viewer(made.manager), "on": TODAY}
    finding = findings.add_finding(
        made.review, kind="consideration", wording="Too late.", now=timezone.now(), **by
    )
    findings.mark_risk(finding, days=5, revision=finding.revision, **by)
    page = page_of(client, made.manager)
    need = next(need for need in page.needs if need.what == "offer enhanced support")
    assert need.action == "Open the review" and "Too late" not in need.why


def test_a_principal_adviser_is_told_in_one_line_whom_to_offer_a_review_and_who_declined(
    client, made, region, rules
):
    for number in range(5):
        other = CouncilFactory(region=region, name=f"Council {number}")
        MilestoneFactory(
            council=other,
            case=None,
            rule=rules,
            label="Offer a peer review",
            owes="lga",
            force="aim",
            of_review=True,
            due_on=TODAY + timedelta(days=30 * number - 10),
        )
    at(made, Stage.DECLINED, answered_on=TODAY, answer_reason="Elections.")
    needs = page_of(client, made.principal).needs
    offer = next(need for need in needs if need.action == "Whom to offer one")
    assert offer.what == "a peer review to offer, and 4 more councils due one"
    assert offer.url == "/reviews/due/" and offer.why.startswith("Council 0, Council 1, Council 2 and 2 more")
    declined = next(need for need in needs if need.tag.words == "Declined")
    assert "Elections." in declined.why
    # Offered again, the refusal is no longer what to do something about.
    offers.offer(
        made.council,
        kind=made.review.kind,
        reason="Now.",
        manager=made.manager,
        by=made.viewer(made.manager),
        on=TODAY,
    )
    assert "Declined" not in {need.tag.words for need in page_of(client, made.principal).needs}


@pytest.fixture
def rules(reference):
    from cases.models import ClockRule

    return ClockRule.objects.filter(slug="peer-review-offer").first()


def strangers(made):
    other = CouncilFactory(name="Elsewhere")
    return [
        person_with(Role.DFE_ADVISER, council=made.council),
        person_with(Role.COUNCIL_APPROVER, council=other),
        person_with(Role.PEER, council=other),
        person_with(Role.SCRUTINY_MEMBER, council=made.council),
    ]


def test_the_dfe_another_council_and_a_peer_off_the_team_see_nothing_of_a_review_not_even_a_count(
    client, made
):
    milestone = MilestoneFactory(
        case=made.review.case, council=made.council, label="Draft report", owes="lga", of_review=True,
        due_on=TODAY - timedelta(days=2),
    )  # fmt: skip
    for person in strangers(made):
        page = page_of(client, person)
        assert page.needs == [] and page.reviews.work == review_work(Viewer.of(person, TODAY), None)
        assert page.reviews.work.homes == ()
        assert milestone.pk not in {row.pk for _, row, _ in page.must + page.theirs + page.rest}
        council = client.get("/councils/saltmarsh/")
        assert "Peer reviews</h2>" not in council.content.decode()
        assert made.review.reference not in council.content.decode()


@pytest.mark.parametrize("role", [Role.DFE_ADVISER, Role.NATIONAL_LEAD, Role.ADMINISTRATOR])
def test_nothing_is_asked_of_reviews_for_those_who_have_none_to_do(made, role):
    reach = {"council": made.council} if role == Role.DFE_ADVISER else {}
    viewer = Viewer.of(person_with(role, **reach), TODAY)
    with CaptureQueriesContext(connection) as asked:
        review_work(viewer, None)
    assert len(asked) == 0


@pytest.mark.parametrize("who", ["manager", "approver", "contributor", "principal", "peer"])
def test_what_waits_is_read_in_four_queries_at_most_however_many_reviews(made, region, who):
    from cases.queries import working_calendars

    calendar = working_calendars()["england-and-wales"]
    viewer = Viewer.of(made.peers[0] if who == "peer" else getattr(made, who), TODAY)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            work = review_work(viewer, calendar)
        return len(queries), len(work.homes)

    few, _ = asked()
    for _ in range(4):
        other = make_review(region=region, today=TODAY)
        PeerReview.objects.filter(pk=other.review.pk).update(manager=made.manager)
        other.review.team.filter(role="manager").update(person=made.manager)
    many, homes = asked()
    assert many == few == (4 if who == "manager" else 1)
    assert homes == (5 if who == "manager" else 0 if who == "principal" else 1)


def test_conflicts_of_many_teams_are_those_that_each_team_s_page_tells(made, region):
    others = [make_review(region=region, today=TODAY) for _ in range(3)]
    Tie.objects.create(peer=others[0].members[1].peer, council=others[0].council, kind="inspected")
    others[1].members[1].peer.posts.create(council=others[1].council, title="Before", until_on=TODAY)
    others[1].members[2].peer.posts.create(council=others[1].council, title="Before")
    reviews = [one.review for one in [made, *others]]
    singly = {}
    for review in reviews:
        team = set(review.team.on_team().filter(peer__isnull=False).values_list("peer", flat=True))
        kept = [peer for peer, why in excluded(review, on=TODAY, peers=team).items() if why]
        if kept:
            singly[review.pk] = len(kept)
    assert conflicts_arisen(reviews, on=TODAY) == singly
    assert sorted(singly.values()) == [1, 2]


def test_a_council_s_page_lists_its_reviews_and_offers_what_an_adviser_does_there(client, made):
    for person, offers_one in ((made.principal, True), (made.approver, False)):
        client.force_login(person)
        content = client.get("/councils/saltmarsh/").content.decode()
        assert "Peer reviews</h2>" in content and f"/reviews/{made.review.reference}/" in content
        assert "On site 19 to 22 November 2026" in content
        assert ("Offer a review" in content) is offers_one is ("Log an approach" in content)
    brief = client.get("/councils/saltmarsh/brief/").content.decode()
    assert "Last peer review: Children’s services peer challenge: on site" in brief


def test_a_council_s_reviews_cost_its_page_one_query_and_others_none(client, council, made):
    def asked(person):
        client.force_login(person)
        client.get("/councils/saltmarsh/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/councils/saltmarsh/")
        return [query["sql"] for query in queries if 'FROM "peer_reviews_' in query["sql"].split("WHERE")[0]]

    assert len(asked(made.principal)) == 1
    assert asked(person_with(Role.DFE_ADVISER, council=council)) == []


def test_a_calendar_names_the_review_and_shows_all_the_days_on_site(client, made):
    from icalendar import Calendar

    from accounts.actions import make_calendar_feed

    steps.set_steps(made.review, by=Viewer.system(TODAY), on=TODAY)
    MilestoneFactory(
        case=made.review.case,
        council=made.council,
        label="On site",
        owes="lga",
        due_on=made.review.first_day,
        of_review=True,
    )
    viewer = Viewer.of(made.principal, TODAY)
    address = f"/calendar/{make_calendar_feed(now=timezone.now(), by=viewer, on=TODAY)}.ics"
    events = Calendar.from_ical(client.get(address).content).walk("VEVENT")
    (entry,) = [one for one in events if "on site" in str(one["summary"])]
    assert "Saltmarsh: peer review, on site" in str(entry["summary"])
    assert entry.decoded("dtend") == made.review.last_day + timedelta(days=1)
    assert entry["url"].endswith(f"/reviews/{made.review.reference}/")
