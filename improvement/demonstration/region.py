"""An invented region in which every state can be seen, dated around the day it is loaded.

Nothing here attaches to a real council: the region, its seven councils and all that happened to them are made up.
What happened is told through the same actions that people use, each on its own past day.
"""

from datetime import date, timedelta

from django.db import transaction

from accounts.models import Person
from cases.actions import (
    add_recommendations,
    allocate,
    answer,
    appoint,
    log_contact,
    make_next_of_series,
    mark_met,
    move_date,
    pause,
    set_control,
)
from cases.actions.clocks import milestone_event
from cases.models import (
    Allocation,
    Answer,
    Case,
    Contact,
    DateChange,
    Force,
    Milestone,
    Owes,
    Recommendation,
    Source,
)
from cases.rules import add_months
from councils.models import (
    Council,
    DeliveryArrangement,
    DeliveryBody,
    Office,
    PoliticalControl,
    PostHolder,
    Region,
    RegionMembership,
)
from history.actions import record_event, record_events
from improvement.actions import (
    confirm_episode,
    open_interventions,
    record_appointment,
    record_decision,
    record_instrument,
)
from improvement.demonstration import plans
from improvement.models import Appointment, Decision, Instrument, Strand
from inspections.models import Framework, Grade, GradeWord, Inspection, Judgement

REGION = "demonstration"
MONTHS_OF_RECORD = 18
Kind = Council.Kind
O, G, R, I = Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE  # noqa: E741
AREAS = ("leaders", "help_and_protection", "in_care", "care_leavers")

# Name, official name, kind, and its hexagon's column and row.
COUNCILS = (
    ("Saltmarsh", "Saltmarsh County Council", Kind.COUNTY, 1, 2),
    ("Northbridge", "Northbridge City Council", Kind.METROPOLITAN, 0, 3),
    ("Calder Vale", "Calder Vale Council", Kind.UNITARY, 0, 1),
    ("Eastmere", "Eastmere Borough Council", Kind.METROPOLITAN, 0, 2),
    ("Thornley", "Thornley Council", Kind.UNITARY, 1, 3),
    ("Wexcombe", "Wexcombe Council", Kind.UNITARY, 2, 2),
    ("Holme", "Holme County Council", Kind.COUNTY, 1, 1),
)

PERMANENT, INTERIM, VACANT = PostHolder.Terms.PERMANENT, PostHolder.Terms.INTERIM, PostHolder.Terms.VACANT
# Of each council: who holds which post, on what terms, since how many months; the earlier before the later.
POSTS = {
    "Saltmarsh": (
        (Office.DCS, "Marina Fenn", PERMANENT, 50),
        (Office.DCS, "", VACANT, 8),
        (Office.DCS, "Corin Sandpiper", INTERIM, 7),
        (Office.CHIEF_EXECUTIVE, "Tamsin Rushmere", PERMANENT, 31),
        (Office.LEADER, "Godwin Staithe", PERMANENT, 18),
        (Office.LEAD_MEMBER, "Leander Marsh", PERMANENT, 18),
        (Office.PRINCIPAL_SOCIAL_WORKER, "Odette Plover", PERMANENT, 14),
    ),
    "Northbridge": (
        (Office.DCS, "Verity Arkwright", PERMANENT, 10),
        (Office.CHIEF_EXECUTIVE, "Ossian Penstock", INTERIM, 5),
        (Office.LEADER, "Halcyon Brigg", PERMANENT, 30),
        (Office.LEAD_MEMBER, "Sable Lockwood", PERMANENT, 6),
        (Office.PRINCIPAL_SOCIAL_WORKER, "Amory Weir", PERMANENT, 26),
        (Office.PRINCIPAL_SOCIAL_WORKER, "", VACANT, 2),
    ),
    "Calder Vale": (
        (Office.DCS, "Isolde Thwaite", PERMANENT, 40),
        (Office.CHIEF_EXECUTIVE, "Bram Ashworth", PERMANENT, 22),
        (Office.LEADER, "Merrin Clough", PERMANENT, 18),
        (Office.LEAD_MEMBER, "Jory Slack", PERMANENT, 18),
    ),
    "Eastmere": (
        (Office.DCS, "Rowena Tarn", INTERIM, 4),
        (Office.CHIEF_EXECUTIVE, "Lucan Fell", PERMANENT, 60),
        (Office.LEADER, "Petra Gill", PERMANENT, 42),
        (Office.LEAD_MEMBER, "Ansel Beck", PERMANENT, 30),
    ),
    "Thornley": (
        (Office.DCS, "Cressida Vale", PERMANENT, 12),
        (Office.LEADER, "Auberon Heath", PERMANENT, 12),
    ),
    "Wexcombe": (
        (Office.DCS, "Morwenna Coombe", PERMANENT, 33),
        (Office.CHIEF_EXECUTIVE, "Denzil Orchard", PERMANENT, 45),
        (Office.LEAD_MEMBER, "Ivo Pomeroy", PERMANENT, 18),
    ),
    "Holme": (
        (Office.DCS, "Beatrix Wold", PERMANENT, 70),
        (Office.CHIEF_EXECUTIVE, "Caspian Dale", PERMANENT, 28),
        (Office.LEADER, "Elowen Carr", PERMANENT, 30),
        (Office.LEAD_MEMBER, "Fabian Ings", PERMANENT, 30),
        (Office.PRINCIPAL_SOCIAL_WORKER, "Greta Hurst", PERMANENT, 16),
    ),
}
Control = PoliticalControl.Control
# Who runs each council, how many elections of May ago that began, and in how many the next is.
CONTROLS = {
    "Saltmarsh": (Control.NO_OVERALL_CONTROL, "Independent and Green, led by the independents", 1, 3),
    "Northbridge": (Control.LABOUR, "", 5, 1),
    "Calder Vale": (Control.LIBERAL_DEMOCRAT, "", 1, 3),
    "Eastmere": (Control.LABOUR, "", 3, 1),
    "Wexcombe": (Control.CONSERVATIVE, "", 1, 3),
    "Holme": (Control.NO_OVERALL_CONTROL, "Liberal Democrat minority", 2, 2),
}
# What each council's latest inspection report asks of it.
RECOMMENDATIONS = {
    "Saltmarsh": (
        "The stability of the workforce, so that children keep the same social worker.",
        "The timeliness and quality of assessments, and of the plans that follow them.",
        "Management oversight at every level, so that drift is seen and acted on.",
        "The response to children who go missing or are at risk of exploitation.",
        "The sufficiency of homes for children in care close to where they come from.",
        "The quality of supervision, and how it is written down.",
    ),
    "Northbridge": (
        "The capacity and the turnover of the workforce in the assessment teams.",
        "The response to families where concerns do not lessen, before they reach a crisis.",
        "The use of the public law outline, and the time that it takes.",
        "The quality of pathway plans for care leavers.",
        "The accuracy of the information by which leaders judge the quality of practice.",
    ),
    "Calder Vale": (
        "How leaders know the quality of practice, and what they do with what they know.",
        "The timeliness of initial child protection conferences.",
        "The access of care leavers to their health histories.",
    ),
    "Eastmere": ("The consistency of supervision.", "The quality of plans for children in need."),
    "Holme": ("The timeliness of health assessments when children come into care.",),
}
CALL, VIDEO, MEETING = Contact.Channel.CALL, Contact.Channel.VIDEO, Contact.Channel.MEETING
FACT, JUDGEMENT = Contact.Nature.FACT, Contact.Nature.JUDGEMENT
# How many days ago, how, with which post, fact or judgement, what was said, and in how many days to follow up,
# counted from the day it is told.
CONTACTS = {
    "Saltmarsh": (
        (
            64,
            VIDEO,
            Office.DCS,
            FACT,
            "The interim director has met every team. A permanent one is advertised.",
            None,
        ),
        (
            37,
            MEETING,
            Office.CHIEF_EXECUTIVE,
            FACT,
            "The council has set aside money for twelve more posts.",
            None,
        ),
        (
            16,
            CALL,
            Office.DCS,
            JUDGEMENT,
            "The plan is being rewritten by few people. They may need help with what Ofsted asked for.",
            -2,
        ),
        (
            6,
            CALL,
            Office.DCS,
            FACT,
            "The second version of the plan goes to the board before it is sent again.",
            8,
        ),
    ),
    "Northbridge": (
        (
            41,
            CALL,
            Office.DCS,
            FACT,
            "The commissioner has asked for case files; staff have been told why.",
            None,
        ),
        (
            12,
            MEETING,
            Office.LEADER,
            JUDGEMENT,
            "The leader is well informed, and worried about the budget.",
            10,
        ),
    ),
    "Calder Vale": (
        (20, CALL, Office.DCS, FACT, "No letter from the DfE yet. The director will ring when it comes.", 3),
    ),
    "Holme": ((90, VIDEO, Office.DCS, FACT, "Ready to lend reviewers from the spring.", None),),
}

# Who of the demonstration's people looks after which councils; the rest have nobody yet.
ADVISERS = {
    "lga-adviser@example.org": ("Saltmarsh", "Eastmere", "Wexcombe"),
    "principal-adviser@example.org": ("Northbridge", "Calder Vale"),
}


@transaction.atomic
def load_demonstration(*, by, on):
    """Make the demonstration region and tell the story of its councils up to `on`; say in words what was done.

    Loaded once: while the region is there, a second load changes nothing.
    """
    if Region.objects.filter(slug=REGION).exists():
        return "there already"
    councils = _make_region(on)
    record_event("demonstration-loaded", by=by, on=on, data={"councils": len(councils)})
    story = _Story(councils, by, on)
    story.tell()
    return f"{len(councils)} invented councils"


@transaction.atomic
def allocate_advisers(*, by, on):
    """Let the demonstration's advisers look after its councils, once they are there; return how many were allocated.

    A council that somebody has ever looked after is left as it is.
    """
    councils = {council.name: council for council in Council.objects.filter(demonstration=True)}
    people = {person.email: person for person in Person.objects.filter(email__in=ADVISERS)}
    wanted = [
        (councils[name], people[email])
        for email, names in ADVISERS.items()
        for name in names
        if email in people and name in councils
    ]
    known = set(Allocation.objects.values_list("council", flat=True))
    missing = [(council, person) for council, person in wanted if council.pk not in known]
    for council, person in missing:
        allocate(council=council, person=person, by=by, on=on)
    return len(missing)


def _make_region(on):
    """Return {name: council} of the new region, whose record began eighteen months before `on`."""
    began = add_months(on, -MONTHS_OF_RECORD)
    region = Region.objects.create(
        slug=REGION, name="Demonstration", order=100, demonstration=True, record_began_on=began
    )
    councils = {}
    for number, (name, official_name, kind, column, row) in enumerate(COUNCILS, start=1):
        # Thornley is new: it began in a first of April and has not been inspected yet.
        first_day = _first_of_april(began) if name == "Thornley" else None
        councils[name] = Council.objects.create(
            la_code=f"D{number:02}",
            slug=name.lower().replace(" ", "-"),
            name=name,
            official_name=official_name,
            kind=kind,
            from_on=first_day,
            demonstration=True,
            map_q=column,
            map_r=row,
        )
        RegionMembership.objects.create(council=councils[name], region=region, from_on=first_day)
    return councils


def _first_of_april(day):
    """Return the last 1 April on or before `day`."""
    april = date(day.year, 4, 1)
    return april if april <= day else date(day.year - 1, 4, 1)


def _weekday(day):
    """Return `day`, or the Friday before it: nobody publishes, or arrives, at a weekend."""
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _polling_day(year):
    """Return the first Thursday of May, on which councils are elected."""
    first = date(year, 5, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7)


class _Story:
    """What happened to each council, told day by day up to `on`."""

    def __init__(self, councils, by, on):
        self.councils = councils
        self.by = by
        self.on = on
        self.began = add_months(on, -MONTHS_OF_RECORD)

    def tell(self):
        self.saltmarsh(self.councils["Saltmarsh"])
        self.northbridge(self.councils["Northbridge"])
        self.calder_vale(self.councils["Calder Vale"])
        self.eastmere(self.councils["Eastmere"])
        self.thornley(self.councils["Thornley"])
        self.wexcombe(self.councils["Wexcombe"])
        self.holme(self.councils["Holme"])
        for council in self.councils.values():
            self.enter(council, self.on)
            self.people(council)
            self.recommend(council)
            self.contacts(council)

    def ago(self, days):
        return self.on - timedelta(days=days)

    def ahead(self, days):
        return self.on + timedelta(days=days)

    def saltmarsh(self, council):
        """Inadequate this year; its plan is with Ofsted and the DfE, and came back for another version."""
        self.inspect(council, add_months(self.on, -70), 50, G, (G, G, G, R))
        published = _weekday(self.ago(245))
        self.inspect(council, published - timedelta(days=44), 44, I, (I, I, R, R), received_before=6)
        self.enter(council, published)
        report = self.milestone(council, "report-published")
        # Five days late, and it stays recorded as late.
        self.met(report, report.due_on + timedelta(days=5))
        self.met(self.milestone(council, "draft-plan"), report.due_on)
        self.enter(council, add_months(published, 3))
        self.recommend(council)
        plans.saltmarsh(
            council,
            published,
            dfe_on=add_months(published, 3),
            ofsted_on=self.milestone(council, "action-plan").due_on - timedelta(days=1),
            returned_on=self.ago(22),
            resubmit_by=self.ahead(6),
            by=self.by,
            on=self.on,
        )
        self.state(
            council, "statement-published", self.ago(9), "Ofsted’s letter on the action plan", self.ago(60)
        )
        self.asked(council, "statement-published", self.ago(2))

    def northbridge(self, council):
        """Inadequate before its record began; insufficient progress since, and a commissioner at work."""
        published = _weekday(self.began - timedelta(days=60))
        self.inspect(council, published - timedelta(days=50), 50, I, (I, I, I, R))
        # What fell due before this day is to confirm.
        self.enter(council, self.began)
        directed = self.began + timedelta(days=60)
        direction = record_instrument(
            council,
            kind=Instrument.Kind.DIRECTION,
            issued_on=directed,
            stated={"board-chair-report": (add_months(directed, 3), "the direction")},
            by=self.by,
            on=directed,
        )
        for slug in ("action-plan", "improvement-plan"):
            due = self.milestone(council, slug).due_on
            self.met(self.milestone(council, slug), max(due, directed) if slug == "improvement-plan" else due)
        self.met(self.milestone(council, "board-chair-report"), add_months(directed, 3))
        accepted = add_months(directed, 4)
        self.decide(council, Decision.Kind.PLAN_ACCEPTED, accepted)
        record_appointment(
            council, role=Appointment.Role.DFE_ADVISER, from_on=directed, by=self.by, on=directed
        )
        first_review = self.milestone(council, "progress-review-instrument")
        self.met(first_review, first_review.due_on)
        self.enter(council, first_review.due_on)
        revised = self.ago(100)
        second_review = self.milestone(council, "progress-review-instrument")
        self.met(second_review, second_review.due_on - timedelta(days=20))
        self.decide(council, Decision.Kind.INSUFFICIENT, second_review.due_on - timedelta(days=10))
        self.enter(council, second_review.due_on - timedelta(days=10))
        record_instrument(
            council,
            kind=Instrument.Kind.DIRECTION,
            issued_on=revised,
            replaces=direction,
            stated={"board-chair-report": (self.ago(4), "the revised direction")},
            by=self.by,
            on=revised,
        )
        appointed = add_months(self.ahead(12), -3)
        record_appointment(
            council, role=Appointment.Role.COMMISSIONER, from_on=appointed, by=self.by, on=appointed
        )
        self.move(
            council,
            "progress-review-instrument",
            days=28,
            reason=DateChange.Reason.AGREED_WITH_DFE,
            note="The commissioner reports first.",
            made_on=self.ago(30),
        )

    def calder_vale(self, council):
        """Inspected under a form without an overall grade; leaders inadequate, and no word from the DfE yet."""
        self.inspect(council, add_months(self.on, -58), 45, R, (R, R, G, G))
        published = _weekday(self.ago(74))
        ungraded = Framework.objects.filter(family="ilacs", has_overall=False).earliest("from_on")
        inspected = max(published - timedelta(days=133), ungraded.from_on)
        self.inspect(council, inspected, (published - inspected).days, None, (I, R, G, G))
        self.enter(council, published)
        self.met(self.milestone(council, "report-published"), published + timedelta(days=21))

    def eastmere(self, council):
        """Requires improvement, and still in intervention: its direction gave way to a notice."""
        self.inspect(council, add_months(self.on, -85), 60, I, (I, I, R, R))
        self.inspect(council, add_months(self.on, -49), 45, R, (R, R, G, G))
        directed = add_months(self.on, -62)
        direction = self.published_instrument(council, Instrument.Kind.DIRECTION, directed)
        self.enter(council, self.began)
        confirmed = self.began + timedelta(days=10)
        confirm_episode(Case.objects.get(council=council), by=self.by, on=confirmed)
        for _ in range(3):
            review = self.milestone(council, "progress-review-instrument")
            self.met(review, review.due_on)
            self.enter(council, review.due_on)
        # The notice asks for its plan sooner than the three months of the rule.
        record_instrument(
            council,
            kind=Instrument.Kind.NOTICE,
            issued_on=self.ago(52),
            replaces=direction,
            stated={"improvement-plan-notice": (self.ago(30), "the improvement notice")},
            by=self.by,
            on=self.ago(52),
        )
        pause(
            self.milestone(council, "progress-review-instrument"),
            reason="The DfE waits for the next inspection.",
            by=self.by,
            on=self.ago(20),
            revision=self.milestone(council, "progress-review-instrument").revision,
        )

    def thornley(self, council):
        """A new council, not yet inspected; the LGA aims to offer it a peer challenge."""
        self.milestone_by_hand(
            council,
            label="Offer a peer challenge",
            due_on=self.ago(15),
            stated_in="",
            made_on=self.ago(120),
            owes=Owes.LGA,
            force=Force.AIM,
        )

    def wexcombe(self, council):
        """Good, with a published notice to which no end is known: an episode for a person to confirm."""
        self.inspect(council, add_months(self.on, -66), 50, I, (I, R, R, R))
        self.inspect(council, add_months(self.on, -28), 45, G, (G, G, G, R))
        self.published_instrument(council, Instrument.Kind.NOTICE, add_months(self.on, -63))
        body = DeliveryBody.objects.create(
            slug="wexcombe-childrens-trust", name="Wexcombe Children’s Trust", kind=DeliveryBody.Kind.TRUST
        )
        DeliveryArrangement.objects.create(council=council, body=body, from_on=add_months(self.on, -50))
        self.enter(council, self.began)
        plans.wexcombe(council, by=self.by, on=self.on)

    def holme(self, council):
        """Outstanding; the window of its next inspection has passed."""
        self.inspect(council, add_months(self.on, -80), 40, G, (G, G, O, G))
        self.inspect(council, add_months(self.on, -44), 40, O, (O, G, O, O))
        self.enter(council, self.began)

    def people(self, council):
        """Say who holds the posts and who runs the council; what nobody has recorded stays so."""
        for office, name, terms, months in POSTS[council.name]:
            since = self.since(council, months)
            appoint(
                council=council, office=office, name=name, terms=terms, from_on=since, by=self.by, on=self.on
            )
        if council.name in CONTROLS:
            control, detail, ago, ahead = CONTROLS[council.name]
            last = self.on.year if _polling_day(self.on.year) < self.on else self.on.year - 1
            set_control(
                council=council,
                control=control,
                detail=detail,
                from_on=_polling_day(last - ago) + timedelta(days=1),
                next_election_on=_polling_day(last + ahead),
                by=self.by,
                on=self.on,
            )

    def since(self, council, months):
        """Return the first of a month so long ago; of a council that began later, its first day."""
        first = add_months(self.on, -months).replace(day=1)
        return max(first, council.from_on or first)

    def recommend(self, council):
        """Enter what the latest report recommends, on the day it was published; once."""
        if council.name not in RECOMMENDATIONS or Recommendation.objects.filter(council=council).exists():
            return
        latest = Inspection.objects.filter(council=council).order_by("-published_on").first()
        items = [(str(place), text) for place, text in enumerate(RECOMMENDATIONS[council.name], start=1)]
        add_recommendations(latest.source, items=items, by=self.by, on=latest.published_on)

    def contacts(self, council):
        """Log what the adviser was told, and what is to be followed up."""
        for days, channel, post, nature, said, follow_up_in in CONTACTS.get(council.name, ()):
            log_contact(
                council=council,
                contacted_on=self.ago(days),
                channel=channel,
                post=post,
                said=said,
                nature=nature,
                follow_up_on=None if follow_up_in is None else self.ahead(follow_up_in),
                by=self.by,
                on=self.ago(days),
            )

    def enter(self, council, day):
        """Let the nightly work of `day` happen for one council."""
        open_interventions([council.pk], by=self.by, on=day)
        make_next_of_series(by=self.by, on=day)

    def inspect(self, council, inspected_on, days_to_publication, overall, areas, received_before=None):
        """Write down a published inspection. A grade for an area that its form does not have is left out."""
        published_on = _weekday(inspected_on + timedelta(days=days_to_publication))
        forms = Framework.objects.filter(family="ilacs")
        if overall is not None:
            # An overall grade has been given only to what was inspected under the forms that have one.
            last = forms.filter(has_overall=True).latest("from_on")
            inspected_on = min(inspected_on, last.until_on - timedelta(days=1))
        inspected_on = _weekday(inspected_on)
        framework = forms.on(inspected_on).get()
        received_on = published_on - timedelta(days=received_before) if received_before else None
        source = Source.objects.create(
            council=council,
            kind=Source.Kind.INSPECTION_REPORT,
            title="ILACS standard inspection report",
            dated_on=inspected_on,
            received_on=received_on,
            received_assumed=received_on is None,
            published_on=published_on,
        )
        inspection = Inspection.objects.create(
            council=council,
            framework=framework,
            kind=Inspection.Kind.STANDARD,
            inspected_on=inspected_on,
            ended_on=inspected_on + timedelta(days=11),
            published_on=published_on,
            known_on=published_on,
            begun_on=inspected_on,
            source=source,
        )
        self.judge(inspection, {"overall": overall, **dict(zip(AREAS, areas, strict=True))})

    def judge(self, inspection, grades):
        words = dict(GradeWord.objects.filter(framework=inspection.framework).values_list("grade", "word"))
        Judgement.objects.bulk_create(
            Judgement(
                inspection=inspection, area=area, grade=grades[area.code], word=words[grades[area.code]]
            )
            for area in inspection.framework.areas.all()
            if grades.get(area.code)
        )

    def published_instrument(self, council, kind, issued_on):
        """Write down an instrument as the published record would have it, before any case."""
        source = Source.objects.create(
            council=council, kind=kind, title=Instrument.Kind(kind).label, dated_on=issued_on
        )
        return Instrument.objects.create(
            council=council,
            kind=kind,
            issued_on=issued_on,
            strand=Strand.SOCIAL_CARE,
            partial=True,
            source=source,
            source_text="Invented for the demonstration",
            recorded_on=self.began,
        )

    def milestone(self, council, slug):
        """Return the council's open milestone of a rule; of a series the next."""
        return Milestone.objects.filter(council=council, rule__slug=slug, closed_on=None).order_by("due_on")[
            0
        ]

    def met(self, milestone, day):
        mark_met(milestone, met_on=day, by=self.by, on=day, revision=milestone.revision)

    def state(self, council, slug, to, stated_in, made_on):
        milestone = self.milestone(council, slug)
        move_date(
            milestone,
            to=to,
            reason=DateChange.Reason.LETTER,
            stated_in=stated_in,
            by=self.by,
            on=made_on,
            revision=milestone.revision,
        )

    def move(self, council, slug, *, days, reason, note, made_on):
        milestone = self.milestone(council, slug)
        move_date(
            milestone,
            to=milestone.due_on + timedelta(days=days),
            reason=reason,
            note=note,
            by=self.by,
            on=made_on,
            revision=milestone.revision,
        )

    def asked(self, council, slug, day):
        answer(
            self.milestone(council, slug),
            kind=Answer.Kind.ASKED,
            asked_on=day,
            note="Asked the council’s improvement lead.",
            by=self.by,
            on=day,
        )

    def decide(self, council, kind, day):
        record_decision(council, kind=kind, decided_on=day, by=self.by, on=day)

    def milestone_by_hand(
        self, council, *, label, due_on, stated_in, made_on, owes=Owes.COUNCIL, force=Force.AGREED
    ):
        """A milestone that no rule of today makes: what later parts of the product will make by theirs."""
        case = Case.objects.filter(council=council, standing=Case.Standing.OPEN).first()
        milestone = Milestone.objects.create(
            council=council,
            case=case if force != Force.AIM else None,
            label=label,
            owes=owes,
            force=force,
            stated_due=due_on if stated_in else None,
            stated_in=stated_in,
            due_on=due_on,
            entered_on=made_on,
        )
        record_events([milestone_event("milestone-made", milestone, by=self.by, on=made_on)])
