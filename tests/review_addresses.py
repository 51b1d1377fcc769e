"""Who gets what from every address of peer reviews.

Written by hand from section 7 of the rules, not from the table of abilities, with a council that has a review at each
stage that matters. `tests/test_permission_matrix.py` walks it.
"""

from dataclasses import dataclass
from datetime import time, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.permissions import Role
from cases.models import Assignment, Document, Recommendation
from peer_reviews.models import (
    Activity,
    Approach,
    AuditedCase,
    DaysLent,
    FeedbackSlides,
    Finding,
    KeepInTouch,
    Lesson,
    Note,
    Paragraph,
    PeerReview,
    Report,
    ReportTemplate,
    Request,
    RoomDocument,
    Stage,
    TeamMember,
    Worry,
)
from peer_reviews.models.findings import Dissent, Gathered, Wording
from peer_reviews.models.reports import FactualComment
from tests.factories import CouncilFactory, SourceFactory, person_with
from tests.peer_reviews.reviews import make_peer, make_review
from tests.plan_addresses import (
    ADVISERS,
    APPROVER,
    ASSIGNED_ADVISER,
    ASSIGNED_PEER,
    COUNCIL,
    DFE,
    DRAFTERS,
    GOES_ON,
    GONE_ON,
    LEAD,
    LONG_AGO,
    STAFF,
    PlanAddress,
    asked,
    both,
    seen,
)

# Of the team, besides the roles. The manager and the peers have their roles elsewhere: what they see, they see by
# serving on the review.
MANAGER, PEER = "review-manager", "peer-of-the-team"
PUT_FORWARD, STOOD_DOWN, FORMER = "peer-put-forward", "peer-stood-down", "peer-after-the-final-report"
ON_TEAM = {MANAGER, PEER}
OF_TEAMS = ON_TEAM | {PUT_FORWARD, STOOD_DOWN, FORMER}

READS = COUNCIL | ADVISERS | LEAD
LGA = ADVISERS | LEAD
# While the team serves, and once the report is final.
RUNS, RUNS_AFTER = ADVISERS | {ASSIGNED_ADVISER, MANAGER}, ADVISERS | {ASSIGNED_ADVISER}
INSIDE, AFTER = READS | RUNS | {PEER}, READS | RUNS_AFTER
WORKS = RUNS | {PEER}
# Wherever it is: the manager advises another council.
ANY_ADVISER = ADVISERS | {MANAGER}
POOL = ANY_ADVISER | LEAD
NOBODY = frozenset()

EVERYBODY = frozenset(
    {role.value for role in Role} | {STAFF, "no-role", ASSIGNED_ADVISER, ASSIGNED_PEER} | OF_TEAMS
)
# What these name is of no council: asked of their own alone.
OF_NO_COUNCIL = {"", "peer", "post", "tie", "away", "trained", "lent", "use", "template", "told"}


def of_all(argument=""):
    return PlanAddress(argument, EVERYBODY)


def anywhere(by, refused=NOBODY, *, writes=True):
    by = frozenset(by)
    return PlanAddress("", by, by if writes else None, frozenset(refused))


def of_team(argument="on_site", **more):
    """The team's alone: to everybody else, whatever their role, there is nothing."""
    return seen(argument, ON_TEAM, **more)


def asked_of_team(argument="on_site", **more):
    return asked(argument, ON_TEAM, NOBODY, **more)


def asked_on(argument, by, seen_by=frozenset(INSIDE), **more):
    return asked(argument, by, seen_by, **more)


def of_finding(argument="finding", final="final_finding", **more):
    """Written by the team; once the report is final, the LGA reads it and writes nothing."""
    return (asked(argument, ON_TEAM, NOBODY, **more), asked(final, NOBODY, LGA, **more))


def of_own_note():
    """A shared note is its author's to change; of one not shared, nobody else knows."""
    return (asked("note", {PEER}, ON_TEAM), asked("private_note", {PEER}, NOBODY))


def of_draft(argument="draft"):
    """A draft is written by whoever runs the review; the council reads none, nor does the national lead."""
    return asked(argument, RUNS, WORKS)


def of_peer(*, by_self=False, argument="peer"):
    """The LGA keeps the pool; a peer reads of themselves."""
    own = {PEER} if by_self else NOBODY
    return PlanAddress(
        argument, frozenset(ANY_ADVISER | own), frozenset(ANY_ADVISER | own), frozenset(POOL | {PEER})
    )


REVIEW_ADDRESSES = {
    # Lists. Each shows what its reader may read.
    "reviews": of_all(),
    "reviews_calendar": of_all(),
    "reviews_due": anywhere(POOL, writes=False),
    "review_past": anywhere(ANY_ADVISER, EVERYBODY),
    # Approaches: the LGA's alone.
    "approaches": anywhere(POOL, writes=False),
    "approach_log": asked("council", ADVISERS, LEAD),
    "approach_change": asked("approach", ADVISERS, LEAD),
    "approach_delete": asked("approach", ADVISERS, LEAD),
    # The offer, and how a review goes on.
    "offer_make": asked("council", ADVISERS, READS),
    "review": (
        seen("offered", AFTER),
        seen("on_site", INSIDE),
        seen("final", AFTER),
        seen("published", AFTER | DFE),
        seen("follow_up", AFTER),
    ),
    "agreement": (seen("on_site", INSIDE), seen("published", AFTER)),
    "agreement_docx": (seen("on_site", INSIDE), seen("published", AFTER)),
    "agreement_pdf": seen("on_site", INSIDE),
    "offer_answer": asked("offered", APPROVER, AFTER),
    "review_endorse": asked_on("on_site", RUNS | APPROVER),
    "review_organiser": asked_on("on_site", RUNS | APPROVER),
    "scope_agree": asked_on("on_site", RUNS | APPROVER),
    "review_scope": asked_on("on_site", RUNS | DRAFTERS),
    **{
        name: (asked_on("on_site", RUNS), asked("published", RUNS_AFTER, AFTER | DFE))
        for name in (
            "review_subsidy",
            "review_days",
            "review_go_on",
            "review_postpone",
            "review_resume",
            "review_cancel",
            "ofsted_call",
        )
    },
    # The team.
    "team": (seen("on_site", INSIDE), seen("published", AFTER)),
    "team_suggest": PlanAddress(
        "role", frozenset(RUNS), None, frozenset(INSIDE), refused_of_other=frozenset(LEAD)
    ),
    "team_add": asked_on("role", RUNS),
    "team_manager": asked_on("on_site", RUNS),
    "team_confirm": asked_on("on_site", RUNS),
    "team_stand_down": asked_on("member", RUNS),
    "team_group_office": asked_on("member", RUNS),
    "team_agree": asked_on("member", APPROVER),
    "team_objections": asked_on("on_site", APPROVER),
    # Between the team and the council.
    "room": (seen("on_site", INSIDE), seen("published", AFTER)),
    "room_add": asked_on("on_site", DRAFTERS),
    "room_remove": asked_on("room", DRAFTERS | RUNS),
    "requests": (seen("on_site", INSIDE), seen("published", AFTER)),
    "request_make": asked_on("on_site", WORKS),
    "request_answer": asked_on("request", DRAFTERS),
    "request_withdraw": asked_on("request", WORKS),
    "timetable": (seen("on_site", INSIDE), seen("published", AFTER)),
    "timetable_print": seen("on_site", INSIDE),
    "activity_add": asked_on("on_site", WORKS),
    "activity_change": asked_on("activity", WORKS),
    "activity_move": asked_on("activity", WORKS),
    "activity_held": asked_on("activity", WORKS),
    # Notes may rest on it by now, and of those the team alone knows.
    "activity_remove": asked_on("activity", ON_TEAM),
    # The team's alone.
    "peer_feed_make": asked_of_team(gets=False, answers=frozenset({200, GONE_ON})),
    "keep_in_touch": of_team(),
    "keep_in_touch_add": asked_of_team(),
    "keep_in_touch_change": asked_of_team("word"),
    "audits": of_team(),
    "audit_add": asked_of_team(),
    "audit_change": asked_of_team("audited"),
    "audit_remove": asked_of_team("audited"),
    "worry": asked_of_team(),
    "worry_acknowledged": asked_of_team("worry"),
    "notes": (of_team(), seen("final", NOBODY)),
    "note_add": (asked_of_team(), asked("final", NOBODY, NOBODY)),
    "notes_merge": asked_of_team(**GOES_ON),
    "notes_needed": (of_team(), seen("final", NOBODY)),
    "notes_lock": asked("on_site", {MANAGER}, ON_TEAM),
    "note": (of_team("note"), seen("private_note", {PEER}), seen("final_note", NOBODY)),
    "note_change": of_own_note(),
    "note_share": of_own_note(),
    "note_delete": of_own_note(),
    "note_undo_merge": asked_of_team("note"),
    "pre_brief": of_finding("on_site", "final"),
    "findings": (of_team(), seen("final", LGA)),
    "finding_add": of_finding("on_site", "final"),
    "finding": (of_team("finding"), seen("final_finding", LGA)),
    "finding_history": (of_team("finding"), seen("final_finding", LGA)),
    "finding_change": of_finding(),
    "finding_gather": of_finding(),
    "finding_agree": of_finding(),
    "finding_dissent": of_finding(),
    "finding_dissent_withdraw": asked("dissent", {PEER}, ON_TEAM),
    "finding_drop": of_finding(),
    "finding_take_up": asked_of_team("dropped"),
    "finding_risk": of_finding(),
    "finding_move": of_finding(gets=False, answers=frozenset({GONE_ON})),
    # What leaves the team.
    "slides": (
        both("on_site", INSIDE, {MANAGER}),
        seen("draft", INSIDE),
        seen("published", AFTER),
    ),
    "slides_pptx": (seen("on_site", ON_TEAM), seen("draft", INSIDE)),
    "report": (
        seen("on_site", INSIDE),
        seen("draft", INSIDE),
        seen("final", AFTER),
        seen("published", AFTER | DFE),
        seen("follow_up", AFTER | {FORMER}),
    ),
    **{
        name: (
            seen("draft_version", WORKS),
            seen("sent_version", INSIDE),
            seen("final_sent_version", AFTER),
            seen("final_version", AFTER),
            seen("published_sent_version", AFTER),
            seen("published_version", AFTER | DFE),
            seen("follow_up_version", AFTER | {FORMER}),
        )
        for name in ("report_docx", "report_pdf")
    },
    "report_changes": (seen("final_version", AFTER), seen("published_version", AFTER)),
    "report_begin": (
        asked_on("on_site", RUNS),
        asked("published", RUNS_AFTER, AFTER | DFE),
    ),
    **{
        name: (of_draft(), asked_on("sent", RUNS), asked("published", RUNS_AFTER, AFTER | DFE))
        for name in ("report_title", "report_send", "report_final", "paragraph_add")
    },
    **{
        name: (of_draft("draft_paragraph"), asked_on("sent_paragraph", RUNS))
        for name in ("paragraph_change", "paragraph_move", "paragraph_remove")
    },
    "factual_comment": (
        asked("draft_paragraph", NOBODY, WORKS),
        asked_on("sent_paragraph", DRAFTERS),
        asked("published_paragraph", DRAFTERS, AFTER | DFE),
    ),
    "factual_comment_change": asked_on("comment", DRAFTERS),
    "factual_answer": asked_on("comment", RUNS),
    "factual_close": (asked("draft", RUNS, WORKS), asked_on("sent", RUNS | APPROVER)),
    "publish": (
        asked("draft", NOBODY, WORKS),
        asked_on("sent", APPROVER),
        asked("published", APPROVER, AFTER | DFE),
    ),
    "follow_up": (seen("on_site", INSIDE), seen("follow_up", AFTER), seen("published", AFTER)),
    "follow_up_held": asked("follow_up", RUNS_AFTER, AFTER),
    "follow_up_progress": asked("recommended", RUNS_AFTER, AFTER),
    "review_feedback": (
        both("on_site", ON_TEAM | DRAFTERS | LGA, ON_TEAM | DRAFTERS, seen_by=frozenset(INSIDE)),
        both(
            "follow_up",
            {FORMER, MANAGER} | DRAFTERS | LGA,
            {FORMER, MANAGER} | DRAFTERS,
            seen_by=frozenset(AFTER),
        ),
    ),
    "report_templates": anywhere(LEAD, ANY_ADVISER, writes=False),
    "report_templates_add": anywhere(LEAD, ANY_ADVISER),
    "report_templates_own": PlanAddress("use", frozenset(LEAD), None, frozenset(ANY_ADVISER)),
    "report_templates_file": PlanAddress("template", frozenset(LEAD), None, frozenset(ANY_ADVISER)),
    "report_templates_end": PlanAddress("template", frozenset(LEAD), frozenset(LEAD), frozenset(ANY_ADVISER)),
    # The pool of peers, which is of no council.
    "peers": anywhere(POOL, writes=False),
    "peer_add": anywhere(ANY_ADVISER, LEAD),
    "peers_import": anywhere(ANY_ADVISER, LEAD),
    "days_lent": anywhere(POOL, writes=False),
    "days_lent_csv": anywhere(POOL, writes=False),
    "days_lent_withdraw": PlanAddress(
        "lent", frozenset(ANY_ADVISER), frozenset(ANY_ADVISER), frozenset(LEAD)
    ),
    "peer": PlanAddress("peer", frozenset(POOL | {PEER})),
    **{
        name: of_peer()
        for name in (
            "peer_change",
            "peer_link",
            "peer_left",
            "peer_post_add",
            "peer_training_add",
            "peer_feedback",
            "days_lent_record",
        )
    },
    "peer_post_end": of_peer(argument="post"),
    "peer_tie_add": of_peer(by_self=True),
    "peer_tie_end": of_peer(argument="tie"),
    "peer_tie_take_back": of_peer(argument="tie"),
    "peer_unavailable_add": of_peer(by_self=True),
    "peer_unavailable_remove": of_peer(by_self=True, argument="away"),
    "peer_training_remove": of_peer(argument="trained"),
    # Lessons: a council's until it agrees, and then the sector's.
    "lessons": of_all(),
    "lesson_write": anywhere(ANY_ADVISER, EVERYBODY),
    "lesson": (of_all("told"), seen("with_council", READS), PlanAddress("drafted", frozenset(ADVISERS))),
    "lesson_change": (
        asked("with_council", ADVISERS, READS),
        PlanAddress("drafted", frozenset(ADVISERS), frozenset(ADVISERS)),
        PlanAddress("told", frozenset(ADVISERS), frozenset(ADVISERS), EVERYBODY),
    ),
    "lesson_anonymised": PlanAddress("drafted", frozenset(ADVISERS), frozenset(ADVISERS)),
    "lesson_answer": (
        asked("with_council", APPROVER, READS),
        PlanAddress("drafted", NOBODY, NOBODY, frozenset(ADVISERS)),
    ),
    "lesson_withdraw": asked("with_council", ADVISERS | APPROVER, READS),
}

# Asked by a device, in JSON: whoever is not on the team is told so, whether or not there is such a review.
OF_A_DEVICE = {"notes_send", "notes_new", "notes_setup"}
# Without data, or by a secret that is the address itself: see test_notes_device.py and test_timetable.py.
OPEN_REVIEW_PAGES = {"notes_device", "notes_worker", "peer_feed"}


def review_rows():
    """Yield (name, PlanAddress) of each address and each kind of thing that it can be about."""
    for name, about in REVIEW_ADDRESSES.items():
        for one in about if isinstance(about, tuple) else (about,):
            yield name, one


@dataclass
class ReviewPlace:
    """What a council has of reviews: one offered, one on site, one in each state of its report, and what is in them.

    One manager and one peer serve on all of them, until the final report of those that have one.
    """

    council: object
    people: dict
    reviews: dict
    about: dict

    @classmethod
    def make(cls, council, region):
        """Return the place with all that the pages are about."""
        made, today = cls.begin(council, region), timezone.localdate()
        _notes_and_findings(made, today)
        _between(made, today)
        _reports(made, today)
        _of_the_lga(made, today)
        return made

    @classmethod
    def begin(cls, council, region, stages=None):
        """Return the place with its people and its reviews alone, those of `stages` by name."""
        today = timezone.localdate()
        people = {
            who: person_with(
                Role.LGA_ADVISER if who == MANAGER else Role.PEER,
                council=CouncilFactory(),
                from_on=LONG_AGO,
                name=f"{who} of {council}",
            )
            for who in sorted(OF_TEAMS)
        }
        made = cls(council, people, {}, {})
        made.peer_of = {
            who: make_peer(person.name, person=person) for who, person in people.items() if who != MANAGER
        }
        for name, stage in (stages or STAGES).items():
            made.reviews[name] = _review(made, region, stage, today)
        return made

    def of_the_api(self):
        """Return the arguments of the API's addresses: of the review on site, and a note and a finding of its team."""
        _notes_and_findings(self, timezone.localdate())
        last = {"note": "note", "finding": "finding", "team-member": "member"}
        return {
            "review": [self.reviews["on_site"].reference],
            "peer": [self.peer_of[PEER].pk],
            **{name: self.about[kind][-1:] for name, kind in last.items()},
        }

    def argument(self, kind):
        """Return the arguments of an address about a thing of a kind."""
        simple = {"": [], "council": [self.council.slug], "use": ["report"]}
        if kind in simple:
            return simple[kind]
        return [self.reviews[kind].reference] if kind in self.reviews else self.about[kind]

    def put_on_cases(self, person, role):
        """Put a person on the case of every review by assignment."""
        for review in self.reviews.values():
            Assignment.objects.create(case=review.case, person=person, role=role, from_on=LONG_AGO)


STAGES = {
    "offered": Stage.OFFERED,
    "on_site": Stage.ON_SITE,
    "draft": Stage.DRAFT_REPORT,
    "sent": Stage.FACTUAL_ACCURACY,
    "final": Stage.FINAL,
    "published": Stage.ACTION_PLAN,
    "follow_up": Stage.FOLLOW_UP,
}
OVER = ("final", "published", "follow_up")


def _review(place, region, stage, today):
    before = {"stage_before": Stage.ACCEPTED} if stage == Stage.POSTPONED else {}
    made = make_review(place.council, region=region, stage=stage, peers=0, today=today, **before)
    review, manager = made.review, place.people[MANAGER]
    over = stage in [STAGES[name] for name in OVER]
    review.manager = manager
    if over:
        review.final_on = today - timedelta(days=10)
        review.published_on = today if stage == STAGES["published"] else None
    review.save()
    serves = stage != Stage.OFFERED
    dates = {
        "put_forward_on": today - timedelta(days=60),
        "from_on": today - timedelta(days=30) if serves else None,
        "until_on": today - timedelta(days=10) if over else None,
    }
    made.members[0].delete()
    if not serves:
        return review
    TeamMember.objects.create(review=review, role="manager", person=manager, **dates)
    on_it = [(FORMER, {})] if over else [(PEER, {}), (STOOD_DOWN, {"left_on": today, "left_reason": "Ill."})]
    if stage == Stage.ON_SITE:
        on_it.append((PUT_FORWARD, {"from_on": None}))
    for who, more in on_it:
        peer = place.peer_of[who]
        lent_by = peer.posts.get().council
        given = {**dates, **more}
        TeamMember.objects.create(
            review=review, role="operational", peer=peer, person=place.people[who], lent_by=lent_by, **given
        )
    return review


def member_of(review, person):
    return review.team.get(person=person)


def note_on(review, author, text="What was heard", *, shared=True, **more):
    """Return a note of a review by somebody of its team."""
    at = timezone.now()
    given = {"written_at": at, "received_at": at, "changed_at": at, "shared_at": at if shared else None}
    return Note.objects.create(
        review=review,
        author=member_of(review, author),
        kind="strength",
        text=text,
        source_type="interview",
        voice="social-workers",
        on=timezone.localdate(),
        line=review.lines.first(),
        **{**given, **more},
    )


def finding_on(review, wording="What was found", **more):
    """Return a finding of a review in its first line, with its words and a dissent."""
    finding = Finding.objects.create(
        review=review, kind="consideration", line=review.lines.first(), place=1, wording=wording, **more
    )
    member = review.team.filter(role="operational").first()
    Wording.objects.create(finding=finding, text=wording, made_by=member, made_at=timezone.now())
    return finding


def _notes_and_findings(place, today):
    on_site, final = place.reviews["on_site"], place.reviews["final"]
    peer = place.people[PEER]
    here, then = [on_site.reference], [final.reference]
    note, private = note_on(on_site, peer), note_on(on_site, peer, shared=False)
    gone = note_on(final, place.people[FORMER])
    finding, after = finding_on(on_site), finding_on(final, agreed_on=today)
    dropped = finding_on(on_site, dropped_on=today)
    Gathered.objects.create(finding=finding, note=note)
    dissent = Dissent.objects.create(
        finding=finding, text="I see it otherwise", made_by=member_of(on_site, peer), made_on=today
    )
    place.about |= {
        "note": [*here, note.pk],
        "private_note": [*here, private.pk],
        "final_note": [*then, gone.pk],
        "finding": [*here, finding.pk],
        "final_finding": [*then, after.pk],
        "dropped": [*here, dropped.pk],
        "dissent": [*here, finding.pk, dissent.pk],
        "role": [*here, "operational"],
        "member": [*here, member_of(on_site, place.people[PUT_FORWARD]).pk],
    }


def _between(place, today):
    review, peer = place.reviews["on_site"], place.people[PEER]
    member, here = member_of(review, peer), [review.reference]
    document = Document.objects.create(
        council=place.council, title="A paper", url="https://example.org/paper", given_on=today
    )
    rows = {
        "room": RoomDocument.objects.create(review=review, document=document),
        "request": Request.objects.create(review=review, kind="document", text="A paper", asked_on=today),
        "activity": Activity.objects.create(
            review=review,
            on=today,
            starts_at=time(9),
            ends_at=time(10),
            title="A focus group",
            source_type="focus-group",
            voice="social-workers",
            lead=member,
        ),
        "word": KeepInTouch.objects.create(review=review, on=today, said="What was said", made_by=peer),
        "audited": AuditedCase.objects.create(
            review=review, reference="C-1001", team_grade="good", auditor=member, audited_on=today
        ),
        "worry": Worry.objects.create(
            review=review, told_at=timezone.now(), case_reference="C-1002", told_by=peer
        ),
    }
    place.about |= {name: [*here, row.pk] for name, row in rows.items()}
    place.about["paper"] = [document.pk]


def report_on(review, number, stage, text="A paragraph", **more):
    """Return the paragraph of a version of a review's report."""
    day = timezone.localdate()
    report = Report.objects.create(review=review, number=number, title="A report", begun_on=day, **more)
    paragraph = Paragraph.objects.create(report=report, place=1, kind="text", text=text)
    if stage != Report.Stage.DRAFT:
        Report.objects.filter(pk=report.pk).update(stage=stage, sent_on=day, digest="0" * 64)
    return paragraph


def _reports(place, today):
    reviews, about = place.reviews, place.about
    draft = report_on(reviews["draft"], 1, "draft")
    sent = report_on(reviews["sent"], 1, "factual-accuracy", comments_due_on=today + timedelta(days=9))
    comment = FactualComment.objects.create(paragraph=sent, text="Not so", made_on=today)
    for name, paragraph in (("draft", draft), ("sent", sent)):
        about |= {
            f"{name}_version": [reviews[name].reference, 1],
            f"{name}_paragraph": [reviews[name].reference, paragraph.key],
        }
    about["comment"] = [reviews["sent"].reference, comment.pk]
    for name in OVER:
        report_on(reviews[name], 1, "factual-accuracy")
        last = report_on(reviews[name], 2, "final")
        about |= {
            f"{name}_sent_version": [reviews[name].reference, 1],
            f"{name}_version": [reviews[name].reference, 2],
            f"{name}_paragraph": [reviews[name].reference, last.key],
        }
        source = SourceFactory(council=place.council, title=f"Report of {name} of {place.council}")
        Recommendation.objects.create(
            council=place.council, source=source, number=1, text="Do it", entered_on=today
        )
        PeerReview.objects.filter(pk=reviews[name].pk).update(source=source)
    about["recommended"] = [reviews["follow_up"].reference, 1]
    for name in ("draft", "published"):
        slides = FeedbackSlides(
            review=reviews[name],
            content={"title": "Feedback", "council": "", "date": "", "slides": []},
            digest="0" * 64,
            given_at=timezone.now(),
        )
        slides.upload.save("slides.pptx", ContentFile(b"slides"), save=False)
        slides.save()


def _of_the_lga(place, today):
    council, peer = place.council, place.peer_of[PEER]
    approach = Approach.objects.create(
        council=council,
        on=today,
        network="professional",
        office="dcs",
        said="What was said",
        retain_until=today + timedelta(days=100),
        made_on=today,
    )
    # One whose time is over: nothing is written with it.
    template = ReportTemplate(
        use="report", name="A template", digest="0" * 64, from_on=LONG_AGO, until_on=today
    )
    template.upload.save("template.docx", ContentFile(b"template"), save=False)
    template.save()
    lent = DaysLent.objects.create(
        peer=peer, council=peer.posts.get().council, work="audit", on=today, days=2, recorded_on=today
    )
    said = {"council": council, "title": "A lesson", "text": "What others can learn", "written_on": today}
    agreed = {"anonymised_on": today, "answered_on": today, "told_on": today}
    lessons = {
        "drafted": Lesson.objects.create(stage="draft", **said),
        "with_council": Lesson.objects.create(stage="with-council", **said),
        "told": Lesson.objects.create(stage="told", **agreed, **said),
    }
    rows = {
        "post": peer.posts.get(),
        "tie": peer.ties.create(council=CouncilFactory(), kind="conflict"),
        "away": peer.unavailable.create(from_on=today, until_on=today + timedelta(days=3)),
        "trained": peer.training.create(name="Reviewing", on=today),
    }
    place.about |= {
        "approach": [approach.pk],
        "template": [template.pk],
        "lent": [lent.pk],
        "peer": [peer.pk],
        **{name: [lesson.pk] for name, lesson in lessons.items()},
        **{name: [peer.pk, row.pk] for name, row in rows.items()},
    }
