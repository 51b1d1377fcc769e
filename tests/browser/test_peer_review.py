"""A whole peer review in Chromium, from the first approach to the closed review, as those about it would do it.

Its manager, three peers, the council's approver and its organiser take their turns, each in a window of their own;
while the team is on site their windows are open at once. Each day is begun by the night's tasks.
"""

import re
from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from pptx import Presentation

from accounts.permissions import Role
from cases.models import Document
from councils.models import PoliticalControl
from improvement.tasks import nightly
from peer_reviews.models import (
    Finding,
    Note,
    NoteCount,
    Peer,
    PeerPost,
    PeerReview,
    PeerRole,
    RoomDocument,
    Stage,
)
from peer_reviews.tasks import nightly as reviews_nightly
from tests.browser.test_answering import fill_day, press, text_of
from tests.factories import (
    CouncilFactory,
    PoliticalControlFactory,
    PostHolderFactory,
    RegionFactory,
    person_with,
)

OFFERED, ACCEPTED, TEAM, PREPARED = date(2026, 1, 12), date(2026, 1, 14), date(2026, 2, 2), date(2026, 3, 31)
FIRST_DAY, LAST_DAY = date(2026, 4, 21), date(2026, 4, 24)
DRAFTED, COMMENTED, FINAL = date(2026, 5, 11), date(2026, 5, 20), date(2026, 6, 15)
PUBLISHED, DELETED = date(2026, 6, 22), date(2026, 7, 27)
FOLLOWED_UP = date(2027, 2, 23)
MANAGER, APPROVER, ORGANISER, DFE = "Wren Calder", "Ada Fell", "Linnet Marsh", "Rowan Tarn"
LEAD, MEMBER, OPERATIONAL = "Avocet Reed", "Bittern Vale", "Curlew Sands"
KEPT_AWAY, ELSEWHERE = "Dunlin Shore", "Plover Heath"
CAUTION = "Supervision is held, and seldom written down."
STRENGTH = "Managers know their children well and can say what changed for them."
RECOMMENDATION = "Agree what a record of supervision holds, and audit ten a month."


class Journey:
    """A council, those who have to do with its review, and the day it is for them."""

    def __init__(self, visit, clock):
        self._visit, self._clock, self._pages = visit, clock, {}
        began = date(2025, 1, 1)
        self.region = RegionFactory(name="Estuary", slug="estuary", record_began_on=began)
        self.council = CouncilFactory(region=self.region, name="Saltmarsh", slug="saltmarsh")
        PostHolderFactory(council=self.council, from_on=began)
        PoliticalControlFactory(
            council=self.council, control=PoliticalControl.Control.INDEPENDENT, from_on=began
        )
        reach = {"council": self.council, "from_on": began}
        self.people = {
            MANAGER: person_with(Role.LGA_ADVISER, region=self.region, from_on=began, name=MANAGER),
            APPROVER: person_with(Role.COUNCIL_APPROVER, name=APPROVER, **reach),
            ORGANISER: person_with(Role.COUNCIL_CONTRIBUTOR, name=ORGANISER, **reach),
            DFE: person_with(Role.DFE_ADVISER, name=DFE, **reach),
        }
        for name, role, place in (
            (LEAD, "lead", "Ashby Moor"),
            (MEMBER, "member", "Brackenford"),
            (OPERATIONAL, "operational", "Coldwater"),
            (KEPT_AWAY, "operational", "Dunmere"),
        ):
            self._pool(name, role, CouncilFactory(name=place), began)
        PeerPost.objects.create(
            peer=Peer.objects.get(name=KEPT_AWAY),
            council=self.council,
            title="Head of service",
            from_on=date(2020, 1, 1),
            until_on=date(2025, 9, 1),
        )
        elsewhere = CouncilFactory(name="Elmstead")
        self.people[ELSEWHERE] = person_with(
            Role.COUNCIL_CONTRIBUTOR, council=elsewhere, from_on=began, name=ELSEWHERE
        )
        self.today = None

    def _pool(self, name, role, council, began):
        person = person_with(Role.PEER, council=council, from_on=began, name=name)
        group = PoliticalControl.Control.INDEPENDENT if role == "member" else ""
        peer = Peer.objects.create(
            name=name, person=person, email=person.email, joined_on=began, political_group=group
        )
        PeerRole.objects.create(peer=peer, role=role)
        PeerPost.objects.create(peer=peer, council=council, title="Assistant director", from_on=began)
        self.people[name] = person

    def day(self, day, hour="09:00"):
        """Let a day begin: whoever was signed in is no longer, and the night's work is done."""
        self.today = day
        self._clock.move_to(f"{day} {hour}")
        for page in self._pages.values():
            page.context.close()
        self._pages = {}
        nightly()
        reviews_nightly()

    def page(self, name, address="", *, width=1280):
        """The window of one of them today; at an address, or at what they see on signing in."""
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._visit(self.people[name], width=width)
            page.clock.set_fixed_time(f"{self.today}T10:00:00")
            address = address or "/"
        if address:
            page.goto(address)
        return page

    def at(self, name, page_name="review", *arguments):
        """The window of one of them at a page of the review."""
        return self.page(name, reverse(page_name, args=[self.review.case.reference, *arguments]))

    @property
    def review(self):
        return PeerReview.objects.select_related("case__council", "kind").get(case__council=self.council)

    def finding(self, wording):
        return Finding.objects.get(review__case__council=self.council, wording=wording)


@pytest.fixture
def journey(chromium, transactional_db, reference, visit, violations):
    with time_machine.travel(f"{OFFERED} 08:00") as clock:
        journey = Journey(visit, clock)
        journey.violations = violations
        yield journey


def follow(page, words):
    """Follow the first link, or what looks like a button, whose name begins with the words."""
    # What is hidden from sight in a link begins with a space in its name.
    name = re.compile(f"^{re.escape(words)}".replace(":", r"\s*:"))
    page.get_by_role("link", name=name).or_(page.locator("a[role=button]", has_text=name)).first.click()


def do_next(page, action):
    """Do what the page of a review lists to do next, by the words of its link."""
    page.locator(".up-needs__action", has_text=action).first.click()


def refused(page, address):
    return page.context.request.get(f"{page.url.split('/reviews')[0]}{address}").status


# What each of them does


def approach_and_offer(journey):
    page = journey.page(MANAGER)
    follow(page, "Peer reviews")
    follow(page, "Whom to offer one")
    follow(page, "Log an approach to Saltmarsh")
    page.get_by_label("Professional: officer to officer").check()
    page.get_by_label("What was said").fill("The director would welcome a look at supervision in the spring.")
    press(page, "Log it")
    assert "would welcome a look" in text_of(page)
    follow(page, "Make an offer")
    page.get_by_label("Kind of review").select_option(label="Children’s services peer challenge")
    page.get_by_label("Why now").fill("Four years since the last, and a new practice model to look at.")
    fill_day(page, "first_day", FIRST_DAY)
    fill_day(page, "last_day", LAST_DAY)
    page.get_by_label("Review manager").select_option(label=MANAGER)
    press(page, "Make the offer")
    assert "offered" in page.locator("h1").inner_text()


def accept_and_endorse(journey):
    page = journey.page(APPROVER)
    follow(page, "Peer reviews")
    follow(page, "Saltmarsh")
    assert "director would welcome" not in text_of(page)
    do_next(page, "Accept or decline")
    page.get_by_label("Accept the offer").check()
    page.get_by_label("who will organise it at the council").select_option(label=ORGANISER)
    press(page, "Send the answer")
    for office in ("Chief executive", "Leader"):
        follow(page, "Endorsements")
        page.get_by_label(office, exact=True).check()
        press(page, "Record it")


def agree_scope(journey):
    page = journey.at(MANAGER)
    do_next(page, "Write them")
    page.get_by_label("Scope", exact=True).fill("Supervision and the front door. Not short breaks.")
    press(page, "Save")
    do_next(page, "Read and agree")
    press(page, "Agree to it")
    council = journey.at(APPROVER)
    do_next(council, "Read and agree")
    press(council, "Agree to it")
    follow(journey.at(MANAGER), "Who pays")
    page.get_by_label("Part subsidised").check()
    page.get_by_label("On what basis").fill("Half, as the council’s last judgement asks for improvement.")
    press(page, "Save")
    do_next(page, "Go on")
    press(page, "Go on: scoped")
    follow(council, "Agreement")
    told = text_of(council)
    for words in ("Part subsidised", "Supervision and the front door", "Front door", "24 April 2026"):
        assert words in told
    follow(page, "Agreement")
    with page.expect_download() as download:
        page.get_by_role("link", name="As a PDF").click(no_wait_after=True)
    assert download.value.path().read_bytes().startswith(b"%PDF")


def build_team(journey):
    page = journey.at(MANAGER)
    do_next(page, "Build the team")
    for role, name in (
        ("Lead peer", LEAD),
        ("Member peer", MEMBER),
        ("Operational peer", OPERATIONAL),
    ):
        follow(page, role)
        told = text_of(page)
        assert name in told
        assert "Free on the days on site" in told
        assert KEPT_AWAY not in told
        if name == MEMBER:
            assert "as the council is run" in told
        page.get_by_role("button", name=f"Put forward {name}").click()
    assert page.get_by_role("link", name="Confirm the team").count() == 0
    follow(page, "Record the group office’s agreement")
    page.get_by_label("Which office agreed").fill("Independent Group office, LGA")
    press(page, "Save")
    council = journey.page(APPROVER)
    do_next(journey.at(APPROVER), "See the team")
    for name in (LEAD, MEMBER, OPERATIONAL):
        follow(council, f"Agree, or say why not: {name}")
        council.get_by_label("Yes", exact=True).check()
        press(council, "Answer")
    page.reload()
    page.get_by_role("button", name="Confirm the team").click()
    press(page, "Confirm the team")
    assert page.locator("h1").inner_text() == "A team of 4, confirmed"
    do_next(journey.at(MANAGER), "Go on")
    press(page, "Go on: preparing")


def prepare(journey):
    page = journey.page(ORGANISER)
    do_next(journey.at(ORGANISER), "Open the room")
    follow(page, "Put a document in the room")
    page.get_by_label("Our position statement, or the last part of it").check()
    page.get_by_label("A file").set_input_files(
        {
            "name": "statement.txt",
            "mimeType": "text/plain",
            "buffer": b"Where Saltmarsh stands, by its director.",
        }
    )
    page.get_by_label("Title").fill("Position statement")
    press(page, "Put it in the room")
    reader = journey.at(LEAD)
    follow(reader, "Documents")
    with reader.expect_download() as download:
        reader.get_by_role("link", name="Position statement").click(no_wait_after=True)
    assert b"Where Saltmarsh stands" in download.value.path().read_bytes()
    page = journey.at(MANAGER, "timetable")
    for what, starts, ends, source, voice, who in (
        ("Focus group of social workers", "09:30", "10:30", "Focus group", "Social workers", LEAD),
        ("Focus group of team managers", "11:00", "12:00", "Focus group", "Team managers", OPERATIONAL),
        ("Talk with the leader", "13:30", "14:30", "Interview", "Elected members", MEMBER),
    ):
        follow(page, "Add an activity")
        page.get_by_label("What", exact=True).fill(what)
        page.get_by_label("From", exact=True).fill(starts)
        page.get_by_label("Until", exact=True).fill(ends)
        page.get_by_label("Kind of source").select_option(label=source)
        page.get_by_label("Whose voice").select_option(label=voice)
        for field in ("Who leads", "Who takes notes"):
            chosen = page.get_by_label(field).locator("option", has_text=who).get_attribute("value")
            page.get_by_label(field).select_option(chosen)
        page.get_by_label("Leadership").check()
        press(page, "Add it")
    assert "3 activities" in page.locator("h1").inner_text()


def note(page, activity, text, *, kind, line="Leadership"):
    """Write a note and share it, as somebody on site does."""
    page.locator("#note-form[data-ready=yes]").wait_for()
    page.get_by_role("radio", name=kind, exact=True).check()
    page.get_by_role("radio", name=line, exact=True).check()
    page.locator("#note-form [name=text]").fill(text)
    if not page.locator("#note-form [name=activity]").is_visible():
        page.locator("#note-form summary").click()
    option = page.locator("#note-form [name=activity] option", has_text=activity).get_attribute("value")
    page.locator("#note-form [name=activity]").select_option(option)
    page.get_by_role("button", name="Share with the team").click(no_wait_after=True)
    page.locator("#shared-notes", has_text=text).wait_for()


def on_site(journey):
    """Four windows at once: what one of the team writes the others see, and the council answers."""
    do_next(journey.at(MANAGER), "Go on")
    press(journey.page(MANAGER), "Go on: on site")
    writer, reader, member = (journey.page(name, width=768) for name in (OPERATIONAL, LEAD, MEMBER))
    for name, page in ((OPERATIONAL, writer), (LEAD, reader), (MEMBER, member)):
        do_next(journey.at(name), "Write a note")
        page.locator("#note-form[data-ready=yes]").wait_for()
    reader.evaluate("window.notReloaded = true")
    note(writer, "team managers", "Team managers hold supervision each month.", kind="Area for consideration")
    reader.locator("#shared-notes", has_text="Team managers hold supervision").wait_for()
    assert reader.evaluate("window.notReloaded")
    note(reader, "social workers", "Supervision is seldom written down.", kind="Area for consideration")
    note(reader, "social workers", "Managers can name what changed for each child.", kind="Strength")
    note(member, "leader", "The leader asks for the audits each quarter.", kind="Strength", line="Front door")
    note(writer, "team managers", "Managers describe their children’s days.", kind="Strength")
    follow(reader, "All notes")
    assert page_heading(reader).startswith("5 notes")
    assert journey.violations(reader) == []
    follow(reader, "What is still needed")
    assert "gaps in the evidence" in page_heading(reader)
    assert journey.violations(reader) == []

    page = journey.at(LEAD)
    follow(page, "Requests")
    follow(page, "Ask the council for something")
    page.get_by_label("A document").check()
    page.get_by_label("In a sentence or two").fill("The supervision policy in force since January.")
    press(page, "Ask for it")
    council = journey.at(ORGANISER)
    do_next(council, "See the requests")
    follow(council, "Answer: The supervision policy")
    council.get_by_label("Yes: here it is").check()
    council.get_by_label("A file, if there is one").set_input_files(
        {"name": "policy.txt", "mimeType": "text/plain", "buffer": b"Supervision is monthly."}
    )
    press(council, "Send the answer")
    page.reload()
    assert "policy" in page.locator("#answered").locator("..").inner_text()

    page = journey.at(OPERATIONAL)
    follow(page, "Audits")
    follow(page, "Record an audited case")
    page.get_by_label("Case reference").fill("AUD-0042")
    page.get_by_role("group", name="The team’s grade").get_by_label("Requires improvement").check()
    page.get_by_role("group", name="The council’s own grade").get_by_label("Good").check()
    press(page, "Save")
    page = journey.at(MANAGER)
    do_next(page, "Record it")
    page.get_by_label("What was said").fill("The team told the director what it heard of supervision so far.")
    press(page, "Save")
    follow(page, "Worried about a child?")
    assert "Corin Sandpiper" in text_of(page)


def page_heading(page):
    return page.locator("h1").inner_text()


def make_findings(journey):
    page = journey.at(MANAGER, "notes")
    tick(page, "Team managers hold supervision", "Supervision is seldom written down")
    page.get_by_role("button", name="Make a finding of those ticked").click()
    page.get_by_label("Area for further consideration").check()
    page.get_by_label("What the team found").fill(CAUTION)
    page.get_by_label("High", exact=True).check()
    press(page, "Save the finding")
    journey.at(LEAD, "notes")
    lead = journey.page(LEAD)
    tick(lead, "Managers can name what changed")
    lead.get_by_role("button", name="Make a finding of those ticked").click()
    lead.get_by_label("Strength", exact=True).check()
    lead.get_by_label("What the team found").fill(STRENGTH)
    press(lead, "Save the finding")
    told = text_of(journey.at(LEAD, "findings"))
    assert "2 independent sources, 2 notes" in told
    assert "Not triangulated: one group’s word, 1 note" in told

    follow(lead, STRENGTH)
    follow(lead, "Add or take away notes")
    lead.get_by_label(re.compile("Managers describe their children’s days")).check()
    press(lead, "Save")
    assert "2 independent sources" in text_of(lead)

    journey.at(MANAGER, "finding_add")
    page.get_by_label("Recommendation", exact=True).check()
    page.get_by_label("What the team found").fill(RECOMMENDATION)
    page.get_by_label(CAUTION).check()
    press(page, "Save the finding")

    member = journey.at(MEMBER, "findings")
    follow(member, CAUTION)
    follow(member, "I see it otherwise")
    member.get_by_label("How you see it").fill("Where I asked, the records were there.")
    press(member, "Save")
    assert "sees it otherwise" in text_of(member)
    follow(member, "It puts the council at risk")
    press(member, "Mark it, and ask for support")
    for wording in (CAUTION, STRENGTH, RECOMMENDATION):
        journey.at(MANAGER, "finding", journey.finding(wording).pk)
        press(page, "The team agrees this wording")
    council = journey.at(APPROVER)
    assert "Offer enhanced support" in text_of(council)
    assert "Supervision is held" not in text_of(council)
    assert "Offer enhanced support" not in text_of(journey.at(OPERATIONAL))
    assert journey.violations(journey.at(MANAGER, "findings")) == []
    do_next(journey.at(MANAGER), "Open it")
    assert CAUTION not in text_of(page)
    assert journey.violations(page) == []


def tick(page, *texts):
    for words in texts:
        page.locator(".up-notes__note", has_text=words).locator("input").check()


def give_feedback(journey):
    page = journey.at(MANAGER, "slides")
    follow(page, "Record when they did")
    page.get_by_label("Time", exact=True).fill("08:30")
    for office in ("Director of children’s services", "Chief executive", "Leader"):
        page.get_by_label(office, exact=True).check()
    press(page, "Save")
    follow(page, "Slides")
    press(page, "Give feedback: freeze the slides")
    council = journey.at(APPROVER)
    follow(council, "Slides")
    with council.expect_download() as download:
        council.get_by_role("link", name="Download them (PowerPoint)").click(no_wait_after=True)
    slides = Presentation(BytesIO(download.value.path().read_bytes())).slides
    words = "\n".join(
        shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame
    )
    for wording in (CAUTION, STRENGTH, RECOMMENDATION):
        assert wording in words
    assert "seldom written down.\n" not in words.replace(CAUTION, "")
    assert "AUD-0042" not in words


def write_report(journey):
    page = journey.at(MANAGER)
    do_next(page, "Begin it")
    follow(page, "Begin it")
    press(page, "Begin it")
    told = text_of(page)
    for wording in (CAUTION, STRENGTH, RECOMMENDATION):
        assert wording in told
    paragraph = page.locator(".up-para--consideration", has_text=CAUTION)
    paragraph.locator("summary").click(no_wait_after=True)
    paragraph.get_by_label("What it says").fill(f"{CAUTION} 40 of 60 records had none.")
    paragraph.get_by_role("button", name="Save").click()
    follow(page, "Send to the council")
    press(page, "Send it")
    assert journey.review.stage == Stage.FACTUAL_ACCURACY


def check_facts(journey):
    page = journey.page(APPROVER)
    do_next(journey.at(APPROVER), "Read the draft")
    paragraph = page.locator(".up-para--consideration", has_text="40 of 60")
    paragraph.locator("summary").click(no_wait_after=True)
    paragraph.get_by_label("What is not right").fill("It was 40 of 80 records.")
    paragraph.get_by_role("button", name="Send the comment").click()
    follow(page, "That is all")
    press(page, "That is all")


def finish_report(journey):
    page = journey.page(MANAGER)
    do_next(journey.at(MANAGER), "Open the report")
    follow(page, "Answer to: It was 40 of 80")
    page.get_by_label("Accepted", exact=True).check()
    press(page, "Save")
    follow(page, "Begin the next version")
    press(page, "Begin it")
    paragraph = page.locator(".up-para--consideration", has_text="40 of 60")
    paragraph.locator("summary").click(no_wait_after=True)
    paragraph.get_by_label("What it says").fill(f"{CAUTION} 40 of 80 records had none.")
    paragraph.get_by_role("button", name="Save").click()
    follow(page, "Make it final")
    press(page, "Make it final")
    assert journey.review.stage == Stage.FINAL
    assert journey.violations(page) == []
    council = journey.page(APPROVER, reverse("council_recommendations", args=["saltmarsh"]))
    assert RECOMMENDATION in text_of(council)


def publish(journey):
    report = reverse("report", args=[journey.review.case.reference])
    for name in (MANAGER, ORGANISER):
        page = journey.page(name, report)
        assert page.get_by_role("link", name="We have published it").count() == 0
        assert refused(page, f"{report}publish/") == 403
    reader = journey.page(DFE)
    assert refused(reader, report) == 404
    page = journey.at(APPROVER)
    do_next(page, "Publish")
    fill_day(page, "published_on", journey.today)
    page.get_by_label("Where it is published").fill("https://www.example.org/peer-challenge")
    press(page, "Record it as published")
    told = text_of(journey.page(DFE, report))
    assert "40 of 80 records" in told
    assert "It was 40 of 80" not in told


def offer_lesson(journey):
    page = journey.at(MANAGER, "findings")
    follow(page, STRENGTH)
    follow(page, "Offer it to the sector as a lesson")
    page.get_by_label("Title", exact=True).fill("Managers who can say what changed")
    page.get_by_label("What others can learn").fill(
        "Managers talked each case through, and could say what changed."
    )
    press(page, "Save as a draft")
    follow(page, "Check it, and send it to the council")
    press(page, "Send it to the council")
    council = journey.page(APPROVER, "/")
    follow(council, "Lessons")
    do_next(council, "Open it")
    follow(council, "Agree or refuse")
    council.get_by_label("Yes, tell the sector").check()
    press(council, "Send the answer")
    reader = journey.page(ELSEWHERE)
    follow(reader, "Lessons")
    reader.get_by_label("Words").fill("what changed")
    press(reader, "Search")
    follow(reader, "Managers who can say what changed")
    assert "Saltmarsh" not in text_of(reader)


def say_how_it_was(journey):
    for name in (APPROVER, LEAD):
        page = journey.at(name, "review_feedback")
        for question in ("Was it useful?", "Was it well run?", "Was the team the right one?"):
            page.get_by_role("group", name=question).get_by_role("radio").last.check()
        press(page, "Save")


def counts_outlive_the_notes(journey):
    assert not Note.objects.exists()
    assert sum(NoteCount.objects.values_list("count", flat=True)) >= 5
    page = journey.at(MANAGER, "finding", journey.finding(CAUTION).pk)
    assert "2 independent sources, 2 notes" in text_of(page)
    assert "Where I asked, the records were there." in text_of(page)


def follow_up(journey):
    page = journey.page(MANAGER)
    do_next(journey.at(MANAGER), "Go on")
    page.get_by_label("Follow-up", exact=True).check()
    press(page, "Go on")
    follow(page, "Follow-up")
    follow(page, "Record what was seen of recommendation 1")
    page.get_by_label("Good progress").check()
    page.get_by_label("What was seen").fill(
        "Ten records a month are audited; nine in ten hold what was agreed."
    )
    press(page, "Save")
    follow(page, "Record when the follow-up was held")
    press(page, "Save")
    follow(journey.at(APPROVER), "Follow-up")
    assert "1 with good progress" in page_heading(journey.page(APPROVER))
    do_next(journey.at(MANAGER), "Go on")
    press(page, "Go on: closed")
    assert "closed" in page_heading(page)


def room_is_empty(journey):
    assert not RoomDocument.objects.exists()
    assert not Document.objects.exists()
    assert "was emptied" in page_heading(journey.at(ORGANISER, "room"))


def test_a_whole_review_from_the_first_approach_to_its_close(journey):
    journey.day(OFFERED)
    approach_and_offer(journey)
    journey.day(ACCEPTED)
    accept_and_endorse(journey)
    agree_scope(journey)
    journey.day(TEAM)
    build_team(journey)
    journey.day(PREPARED)
    prepare(journey)
    journey.day(FIRST_DAY)
    on_site(journey)
    journey.day(LAST_DAY)
    make_findings(journey)
    give_feedback(journey)
    journey.day(DRAFTED)
    write_report(journey)
    journey.day(COMMENTED)
    check_facts(journey)
    journey.day(FINAL)
    finish_report(journey)
    journey.day(PUBLISHED)
    publish(journey)
    offer_lesson(journey)
    say_how_it_was(journey)
    assert Note.objects.count() == 5
    journey.day(DELETED)
    counts_outlive_the_notes(journey)
    journey.day(FOLLOWED_UP)
    follow_up(journey)
    room_is_empty(journey)
