"""What a team keeps to itself is found nowhere by anybody else: no page, file, feed, list, search, event, log, mail.

Words that occur nowhere else are put where a team writes, and every address of the site is read as each of those who
may not read them.
"""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
import structlog
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import make_token
from accounts.models import Grant
from accounts.permissions import Role, Scope
from accounts.viewer import Viewer
from history.models import Event
from peer_reviews.actions import audits, findings, keep_in_touch, notes, worries
from peer_reviews.actions.approaches import log_approach
from peer_reviews.models import (
    Approach,
    Finding,
    Lesson,
    Note,
    Paragraph,
    PeerReview,
    Report,
    Stage,
    TeamMember,
)
from tests.api.test_matrix import ROUTES
from tests.conftest import savepoint
from tests.factories import CouncilFactory, PersonFactory, RegionFactory, person_with
from tests.pdf import text_of
from tests.peer_reviews.reviews import make_review
from tests.review_addresses import (
    MANAGER,
    OF_A_DEVICE,
    PEER,
    PUT_FORWARD,
    STOOD_DOWN,
    finding_on,
    note_on,
    report_on,
    review_rows,
)
from tests.test_permission_matrix import ADDRESSES, ASSIGNED_ADVISER, Place, administered, somebody_of_reviews

pytestmark = pytest.mark.usefixtures("db")

# Notes, the daily word, audits and worries; what a finding says, and says no longer; a draft; an approach.
RAW, FOUND, DRAFTED, APPROACHED = "Zinnobergrund", "Quaggapfad", "Lindwurmweg", "Wombatsteg"
CASE = "ZX-77120"
LGA = {"lga-adviser", "principal-adviser", "national-lead"}
RUNS = {"lga-adviser", "principal-adviser", ASSIGNED_ADVISER}
OTHER_PEER = "peer-of-another-team"
OFF_THE_TEAM = [
    "council-approver",
    "council-contributor",
    "council-leadership",
    "principal-adviser",
    "dfe-adviser",
    "national-lead",
    "administrator",
    "scrutiny-member",
    ASSIGNED_ADVISER,
    OTHER_PEER,
    PUT_FORWARD,
    STOOD_DOWN,
]
AFTERWARDS = ["council-approver", "principal-adviser", "dfe-adviser", "national-lead", MANAGER, PEER]
OF_FINDINGS = {"findings", "finding", "finding_history"}
VERSIONS = {"draft_version", "sent_version"}
SEARCHED = {"lessons", "peers", "reviews", "my-work"}


@pytest.fixture(scope="module")
def written(db_of_module):
    """A council and its reviews, with words of the team’s own written by its peer, and what was logged meanwhile."""
    place = Place.make()
    with structlog.testing.capture_logs() as logged:
        _write(place.reviews)
    place.logged = str(logged)
    return place


@pytest.fixture
def db(written):
    with savepoint():
        yield


def _write(place):
    now, today = timezone.now(), timezone.localdate()
    review, person = place.reviews["on_site"], place.people[PEER]
    by = {"by": Viewer.of(person, today), "on": today}
    for shared in (True, False):
        note = notes.write(
            review,
            key=uuid4(),
            kind="strength",
            text=f"{RAW} was said",
            source_type="interview",
            voice="social-workers",
            day=today,
            written_at=now,
            share=shared,
            now=now,
            **by,
        )
        place.about["note" if shared else "private_note"][-1] = note.pk
    finding = findings.add_finding(
        review,
        kind="consideration",
        wording=f"{FOUND} at first",
        notes=[place.about["note"][-1]],
        now=now,
        **by,
    )
    findings.change_finding(
        finding, kind="consideration", wording=f"{FOUND} at last", revision=finding.revision, now=now, **by
    )
    finding = Finding.objects.get(pk=finding.pk)
    finding = findings.agree_wording(finding, revision=finding.revision, **by)
    dissent = findings.dissent(finding, text=f"{FOUND} seen otherwise", **by)
    place.about["finding"][-1] = finding.pk
    place.about["dissent"][-2:] = [finding.pk, dissent.pk if dissent else place.about["dissent"][-1]]
    word = keep_in_touch.record_word(review, on_day=today, said=f"{RAW} was told", **by)
    audited = audits.record_audit(review, reference=CASE, team_grade="good", **by)
    worry = worries.record_worry(review, told_at=now, case_reference=CASE, now=now, **by)
    for name, row in (("word", word), ("audited", audited), ("worry", worry)):
        place.about[name][-1] = row.pk
    adviser = Viewer.of(person_with(Role.LGA_ADVISER, council=place.council), today)
    approach = log_approach(
        council=place.council,
        approached_on=today,
        network="professional",
        office="dcs",
        said=f"{APPROACHED} was said",
        by=adviser,
        on=today,
    )
    place.about["approach"] = [approach.pk]
    Paragraph.objects.filter(report__review=place.reviews["draft"]).update(text=f"{DRAFTED} is written")


def words_of(response):
    """Return what an answer says, of a file what a reader of it sees."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    elif content[:4] == b"%PDF":
        return text_of(content)
    return f"{content.decode(errors='replace')} {dict(response.headers)}"


def pages(place):
    """Yield (name, path) of every address that is read: pages, files, lists as CSV, what a device asks, the admin's."""
    for name, address in ADDRESSES.items():
        yield name, reverse(name, args=place.argument(address.argument))
    for name, address in review_rows():
        # A file takes long to write, and each version's is written of what its page shows.
        if (
            not name.startswith("report_")
            or address.argument in VERSIONS
            or "_version" not in address.argument
        ):
            yield name, reverse(name, args=place.reviews.argument(address.argument))
    for name in OF_A_DEVICE:
        yield name, reverse(name, args=place.reviews.argument("on_site"))
    for name in ("reviews", "england", "regions", "inspections", "days_lent", "lessons"):
        yield name, f"{reverse(name)}?format=csv"
    for name in SEARCHED:
        for word in (RAW, FOUND):
            yield name, f"{reverse(name)}?q={word}"
    yield "admin", reverse("admin:index")
    for name, _table in administered():
        yield name, reverse(name)


def by_program(place):
    """Yield (name, path) of the API's lists, as JSON and as CSV, and of what a review has."""
    here = place.reviews
    single = {
        "review": here.argument("on_site"),
        "note": here.about["note"][-1:],
        "finding": here.about["finding"][-1:],
        "team-member": here.about["member"][-1:],
        "peer": here.about["peer"],
        "council": [place.council.slug],
    }
    for (method, name), route in ROUTES.items():
        if method == "GET" and route.argument == "":
            yield name, reverse(f"api:{name}")
            yield name, f"{reverse(f'api:{name}')}?format=csv"
        elif method == "GET" and name in single:
            yield name, reverse(f"api:{name}", args=single[name])


def everything(client, place, person):
    """Yield (name, path, words) of every address as `person` is answered."""
    client.force_login(person)
    for name, path in pages(place):
        yield name, path, words_of(client.get(path))
    client.logout()
    today = timezone.localdate()
    _, secret = make_token(name="A program", by=Viewer.of(person, today), on=today)
    for name, path in by_program(place):
        yield name, path, words_of(client.get(path, headers={"Authorization": f"Token {secret}"}))


def reader(who, place):
    if who == OTHER_PEER:
        return make_review(peers=1, today=timezone.localdate()).peers[0]
    return somebody_of_reviews(who, place)


def found_by(client, place, who, may):
    """Return the addresses at which somebody finds words that `may(name, word)` does not let them read there."""
    with structlog.testing.capture_logs() as logged:
        found = {
            (word, path)
            for name, path, words in everything(client, place, reader(who, place))
            for word in (RAW, FOUND, DRAFTED, APPROACHED, CASE)
            if word in words and not may(name, word, path)
        }
    assert not [word for word in (RAW, FOUND, DRAFTED, APPROACHED, CASE) if word in str(logged)]
    return found


def searched(path):
    """Whether the words are in the address: a search shows what was looked for."""
    return "?q=" in path


@pytest.mark.parametrize("who", OFF_THE_TEAM)
def test_nobody_off_the_team_finds_its_words_at_any_address(client, written, caplog, who):
    def may(name, word, path):
        if word == APPROACHED:
            return who in LGA
        return searched(path) or (word == DRAFTED and who in RUNS)

    assert found_by(client, written, who, may) == set()
    assert RAW not in caplog.text and FOUND not in caplog.text


@pytest.mark.parametrize("who", AFTERWARDS)
def test_after_the_final_report_no_one_finds_notes_and_the_lga_alone_findings(client, written, caplog, who):
    today = timezone.localdate()
    on_site = written.reviews.reviews["on_site"]
    TeamMember.objects.filter(review=on_site, from_on__isnull=False).update(until_on=today)
    PeerReview.objects.filter(pk=on_site.pk).update(stage=Stage.FINAL, final_on=today)
    report_on(on_site, 1, "final", text="What the council is told")

    def may(name, word, path):
        if word == APPROACHED:
            return who in LGA
        if word == DRAFTED:
            # The other review is not final: its team and whoever runs it read its draft.
            return who in RUNS | {MANAGER, PEER}
        return searched(path) or (word == FOUND and who in LGA and name in OF_FINDINGS)

    assert found_by(client, written, who, may) == set()
    assert RAW not in caplog.text and FOUND not in caplog.text


def test_its_own_peer_finds_them(client, written):
    """What the others don't find is there to be found."""
    found = {
        (name, word)
        for name, _path, words in everything(client, written, written.reviews.people[PEER])
        for word in (RAW, FOUND, DRAFTED, CASE)
        if word in words
    }
    for name in ("notes", "note", "note_add", "keep_in_touch"):
        assert (name, RAW) in found
    assert {("audits", CASE), ("worry", CASE), ("finding", FOUND), ("slides", FOUND)} <= found
    assert {("report", DRAFTED), ("report_docx", DRAFTED)} <= found


def test_no_event_log_or_e_mail_holds_a_word_of_them(written):
    told = json.dumps(list(Event.objects.values()), default=str)
    mails = "".join(f"{one.subject}{one.body}{one.alternatives}" for one in mail.outbox)
    for word in (RAW, FOUND, APPROACHED):
        assert word not in told and word not in written.logged and word not in mails


# By any combination


ROLES = [
    None,
    Role.COUNCIL_APPROVER,
    Role.COUNCIL_LEADERSHIP,
    Role.SCRUTINY_MEMBER,
    Role.LGA_ADVISER,
    Role.PRINCIPAL_ADVISER,
    Role.NATIONAL_LEAD,
    Role.DFE_ADVISER,
    Role.ADMINISTRATOR,
    Role.PEER,
]
days = st.integers(min_value=-3, max_value=3)
SERVES = {Role.PEER, Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}
READS = {
    Role.COUNCIL_APPROVER,
    Role.COUNCIL_LEADERSHIP,
    Role.LGA_ADVISER,
    Role.PRINCIPAL_ADVISER,
    Role.NATIONAL_LEAD,
}
ADVISES = {Role.LGA_ADVISER, Role.PRINCIPAL_ADVISER}


def holder(role, where, council, region):
    """Return a person of a role that reaches the council (`where` is "there") or another one."""
    person = PersonFactory()
    if role is None:
        return person
    scope, reach = Scope.COUNCIL, {"council": council if where == "there" else CouncilFactory()}
    if role == Role.PRINCIPAL_ADVISER:
        scope, reach = Scope.REGION, {"region": region if where == "there" else RegionFactory()}
    if role in (Role.NATIONAL_LEAD, Role.ADMINISTRATOR):
        scope, reach = (Scope.ENGLAND if role == Role.NATIONAL_LEAD else Scope.SYSTEM), {}
    Grant.objects.create(
        person=person, role=role, scope=scope, from_on=timezone.localdate() - timedelta(days=99), **reach
    )
    return person


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    role=st.sampled_from(ROLES),
    where=st.sampled_from(["there", "elsewhere"]),
    on_team=st.booleans(),
    place_on_team=st.sampled_from(["manager", "operational"]),
    from_on=st.one_of(st.none(), days),
    lasts=st.one_of(st.none(), st.integers(min_value=0, max_value=4)),
    left=st.booleans(),
    shared=st.booleans(),
    own=st.booleans(),
    final=st.one_of(st.none(), days),
    published=st.booleans(),
    stage=st.sampled_from(["draft", "factual-accuracy", "final"]),
    at_follow_up=st.booleans(),
    lesson=st.sampled_from(["draft", "with-council", "told", "refused", "withdrawn"]),
    kept=days,
)
def test_each_sees_what_the_rule_read_aloud_lets_them_see(
    written, role, where, on_team, place_on_team, from_on, lasts, left, shared, own, final, published, stage,
    at_follow_up, lesson, kept,
):  # fmt: skip
    """Notes by serving that day alone, findings then or for the LGA once final, reports by how far they have gone."""
    today = timezone.localdate()

    def day(number):
        return None if number is None else today + timedelta(days=number)

    with savepoint():
        place = written.reviews
        council, region = place.council, written.region
        made = make_review(council, region=region, peers=1, today=today)
        review, person = made.review, holder(role, where, council, region)
        is_final = final is not None and final <= 0
        is_published = published and is_final
        PeerReview.objects.filter(pk=review.pk).update(
            stage=Stage.FOLLOW_UP if at_follow_up else Stage.FINAL if is_final else Stage.ON_SITE,
            final_on=day(final),
            published_on=today if is_published else None,
        )
        until = None if from_on is None or lasts is None else from_on + lasts
        if on_team and place_on_team == "manager":
            TeamMember.objects.filter(review=review, role="manager").update(
                person=person, from_on=day(from_on), until_on=day(until), **_left(left, today)
            )
        elif on_team:
            TeamMember.objects.filter(review=review).exclude(role="manager").update(
                person=person, from_on=day(from_on), until_on=day(until), **_left(left, today)
            )
        author = (
            person if own and on_team else (made.manager if place_on_team != "manager" else made.peers[0])
        )
        note = note_on(review, author, shared=shared)
        finding = finding_on(review)
        paragraph = report_on(review, 1, stage)
        told = {"anonymised_on": today, "answered_on": today, "told_on": today} if lesson == "told" else {}
        learned = Lesson.objects.create(
            council=council, title="A", text="B", stage=lesson, written_on=today, **told
        )
        approach = Approach.objects.create(
            council=council,
            on=today - timedelta(days=9),
            network="political",
            office="leader",
            said="C",
            retain_until=day(kept),
            made_on=today,
        )

        reaches = where == "there" or role == Role.NATIONAL_LEAD
        serves = (
            on_team
            and role in SERVES
            and not left
            and from_on is not None
            and from_on <= 0
            and (until is None or until > 0)
        )
        reads, advises = role in READS and reaches, role in ADVISES and reaches
        lga = advises or role == Role.NATIONAL_LEAD
        runs = advises or (serves and place_on_team == "manager")
        dfe = role == Role.DFE_ADVISER and reaches and is_published
        was_on_team = on_team and role in SERVES and not left and from_on is not None and from_on <= 0
        viewer = Viewer.of(person, today)

        def sees(model, row):
            return model.objects.visible_to(viewer).filter(pk=row.pk).exists()

        assert sees(Note, note) == (serves and (shared or author == person))
        assert sees(Finding, finding) == (serves or (lga and is_final))
        assert sees(PeerReview, review) == (reads or runs or serves or dfe)
        gone_out = {"draft": False, "factual-accuracy": reads, "final": reads or dfe}[stage]
        # Of those who served, a peer alone comes back at the follow-up, and to the report alone.
        returns = stage == "final" and at_follow_up and was_on_team and role == Role.PEER
        assert sees(Report, paragraph.report) == (runs or serves or gone_out or returns)
        learns = lesson == "told" or (reads and lesson != "draft") or advises
        assert sees(Lesson, learned) == learns
        assert sees(Approach, approach) == (lga and kept > 0)


def _left(left, today):
    return {"left_on": today, "left_reason": "Ill."} if left else {"left_on": None, "left_reason": ""}
