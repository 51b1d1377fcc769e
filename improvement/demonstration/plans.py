"""The demonstration’s plans: Saltmarsh’s, which Ofsted returned, and Wexcombe’s, which nobody asked for."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from cases.models import Case, Enabler, Recommendation
from cases.rules import add_months
from improvement.actions import boards, drafting, evidence, updates, way_out
from improvement.actions.measures import restate_reading
from improvement.models import BoardDecision, Delivery, Handover, Impact, Reading, Reply, Update
from improvement.queries.updates import read_asked


@dataclass(frozen=True)
class Line:
    """An action: what, whose post, how many months from publication until it is due, which recommendations it serves.

    `goes`: "well", or what went wrong and what is done about it. `measures`: places in the plan's list, from 1.
    """

    text: str
    owner: str
    months: int
    serves: tuple[int, ...] = ()
    success: str = ""
    body: str = ""
    aim: str = ""
    measures: tuple[int, ...] = ()
    audit: bool = True
    voice: bool = False
    done: str = "Going as planned."
    wrong: str = ""
    recovery: str = ""


@dataclass(frozen=True)
class Theme:
    title: str
    enabler: str
    outcome: str
    lead: str
    lines: tuple[Line, ...] = field(default=())


AD_PRACTICE, AD_CARE = "Assistant director, practice", "Assistant director, children in care"
WORKFORCE, FRONT_DOOR, QUALITY = "Head of workforce", "Head of front door", "Head of quality assurance"

SALTMARSH = (
    Theme(
        "Leadership and oversight",
        Enabler.LEADERSHIP,
        "Leaders know the quality of practice week by week and act on what they see.",
        "Director of children’s services",
        (
            Line(
                "Hold a weekly performance meeting, with exceptions reported to the chief executive",
                "Director of children’s services",
                4,
                (3,),
                "Every exception has an owner and a date within a week",
                measures=(1,),
                done="Held every week since it began; minutes go to the chief executive.",
            ),
            Line(
                "Agree a threshold for escalation between team, service and director",
                AD_PRACTICE,
                5,
                (3,),
                "Escalations are answered within two working days",
                done="Agreed by the leadership team and in use.",
            ),
            Line(
                "Bring the voice of children and families to every board meeting",
                QUALITY,
                14,
                (),
                "Each meeting opens with what children and families said",
                aim="The board hears children and families before it hears figures",
                voice=True,
                done="The children in care council opened the last meeting.",
            ),
            Line(
                "Report the quality of supervision to the board each quarter",
                "Principal social worker",
                9,
                (6,),
                "Nine in ten records of supervision are reflective",
                measures=(2,),
                done="First report made; the second comes to the next meeting.",
            ),
        ),
    ),
    Theme(
        "Front door and thresholds",
        Enabler.APPARATUS,
        "Children get the right help at the first time of asking.",
        FRONT_DOOR,
        (
            Line(
                "Bring police and health into the front door as one team",
                FRONT_DOOR,
                8,
                (2, 4),
                "Decisions are made within one working day with all three partners",
                body="Saltmarsh Constabulary",
                measures=(3,),
                done="Health moved in; police share a desk two days a week.",
                wrong="The constabulary’s vetting of two officers takes longer than planned.",
                recovery="Two detectives sit with the team three days a week until vetting ends.",
            ),
            Line(
                "Rewrite the threshold document with schools and partners",
                FRONT_DOOR,
                6,
                (2,),
                "Fewer contacts come back within twelve months",
                measures=(3,),
                done="Published, and taught in every cluster of schools.",
            ),
            Line(
                "Review every contact that ends without further action",
                QUALITY,
                12,
                (2,),
                "Nine in ten are found right on audit",
                done="A sample each week; what is found goes back to the team.",
            ),
            Line(
                "Respond the same day to each child reported missing",
                FRONT_DOOR,
                10,
                (4,),
                "A conversation on return within 72 hours",
                measures=(4,),
                voice=True,
                done="A duty worker is named for each day.",
            ),
        ),
    ),
    Theme(
        "Quality of practice",
        Enabler.APPARATUS,
        "Assessments are timely and say what life is like for the child; plans change something.",
        AD_PRACTICE,
        (
            Line(
                "Train every social worker in one practice model",
                "Principal social worker",
                13,
                (2, 6),
                "All are trained within the year",
                done="Half of the workforce has been trained.",
            ),
            Line(
                "Audit with moderation, twelve teams a month",
                QUALITY,
                11,
                (2, 3),
                "Moderators agree with nine in ten grades",
                measures=(5,),
                done="Moderation began; agreement grows.",
            ),
            Line(
                "Clear the assessments that are past 45 working days",
                AD_PRACTICE,
                7,
                (2,),
                "None is open beyond 45 working days without a manager’s reason",
                measures=(1,),
                done="From the highest number of the year to a fifth of it.",
            ),
            Line(
                "Review each plan that has run for two years or longer",
                AD_PRACTICE,
                10,
                (2, 3),
                "Each has been decided on by a senior manager",
                done="Two thirds reviewed.",
                wrong="The reviewing officers’ post is vacant and two are on leave.",
                recovery="Two officers are borrowed from a neighbouring council until spring.",
            ),
        ),
    ),
    Theme(
        "Workforce",
        Enabler.WORKFORCE,
        "Children keep the same social worker.",
        WORKFORCE,
        (
            Line(
                "Convert agency posts by an offer to each worker in post",
                WORKFORCE,
                12,
                (1,),
                "Agency workers fall below one in ten",
                measures=(6,),
                done="Eleven have accepted.",
                wrong="Neighbouring councils raised their rates in the summer.",
                recovery="A retention payment is before the cabinet next month.",
            ),
            Line(
                "Open an academy for newly qualified social workers",
                WORKFORCE,
                9,
                (1, 6),
                "Twenty start each September",
                done="The first group has started.",
            ),
            Line(
                "Hold caseloads at eighteen on average",
                AD_PRACTICE,
                14,
                (1,),
                "No worker holds more than twenty-two",
                measures=(7,),
                done="Average falls month by month.",
            ),
        ),
    ),
    Theme(
        "Homes and care",
        Enabler.RESOURCES,
        "Children in care live close to where they come from.",
        AD_CARE,
        (
            Line(
                "Recruit thirty fostering households",
                AD_CARE,
                15,
                (5,),
                "Nine in ten children live within twenty miles",
                done="Nine approved, six in assessment.",
                voice=True,
            ),
            Line(
                "Open two small homes with a partner",
                AD_CARE,
                14,
                (5,),
                "Both are registered",
                body="Saltmarsh Homes Partnership",
                done="The first site is bought.",
            ),
            Line(
                "Offer every care leaver a home with a tenancy of their own",
                AD_CARE,
                12,
                (5,),
                "Nineteen in twenty live in suitable homes",
                body="Saltmarsh Housing",
                voice=True,
                done="The protocol with housing is signed.",
            ),
        ),
    ),
)

# Name, unit, place of its priority, baseline, target, tolerance, polarity, and its figures, the oldest first.
MEASURES = (
    ("Assessments within 45 working days", "%", 1, 61, 88, 4, "higher", (63, 66, 70, 73, 78, 80, 82)),
    (
        "Records of supervision that are reflective",
        "%",
        1,
        38,
        90,
        5,
        "higher",
        (41, 44, 52, 57, 63, 66, 70),
    ),
    ("Contacts that come back within 12 months", "%", 2, 31, 20, 2, "lower", (31, 30, 28, 27, 25, 24, 23)),
    ("Conversations on return within 72 hours", "%", 2, 48, 90, 5, "higher", (50, 47, 55, 61, 60, 66, 71)),
    ("Audits on which moderators agree", "%", 3, 55, 90, 5, "higher", (58, 61, 64, 70, 74, 77, 79)),
    ("Social workers from agencies", "%", 4, 32, 10, 2, "lower", (33, 34, 32, 31, 33, 31, 30)),
    (
        "Average caseload",
        "cases",
        4,
        24,
        18,
        1,
        "lower",
        ("23.6", "23.1", "22.4", "21.7", "21", "20.4", "20"),
    ),
)

RISKS = (
    ("Agency workers leave before permanent ones arrive", 4, 4, "Notice of eight weeks; a bank of own staff"),
    ("Partners’ vetting delays one team at the front door", 3, 3, "Days shared until it ends"),
    ("The budget of next year does not carry the academy", 2, 4, "Agreed with finance as invest to save"),
)

MEMBERS = (
    ("Director of children’s services", "Corin Sandpiper", ""),
    ("Chief executive", "Tamsin Rushmere", ""),
    ("Lead member for children", "Leander Marsh", ""),
    ("Detective superintendent", "", "Saltmarsh Constabulary"),
    ("Chief nurse", "", "Saltmarsh Integrated Care Board"),
    ("Children’s improvement adviser", "Linnet Oakes", "Local Government Association"),
)
WEXCOMBE = (
    Theme(
        "Care leavers",
        Enabler.PARTNERS,
        "Every care leaver has a home, a job or a course, and somebody to ring.",
        "Assistant director, care",
        (
            Line(
                "Agree a local offer with housing, health and the college",
                "Assistant director, care",
                5,
                aim="A joined-up offer to care leavers, asked for by the care leavers’ forum",
                success="Each partner has signed it",
                voice=True,
            ),
            Line(
                "Keep in touch with every care leaver each month",
                "Head of leaving care",
                8,
                aim="Nobody is lost after twenty-one",
                success="Nineteen in twenty in touch",
            ),
        ),
    ),
)


class PlanStory:
    """A council's plan, told day by day. `day`: when what is told happened; it begins on `published`."""

    def __init__(self, council, published, *, by, on):
        self.council, self.published, self.by, self.on = council, published, by, on

    def at(self, day):
        return {"by": self.by, "on": day}

    def drafted(self, title, themes, *, case=None, day):
        """Draft the first version and return it."""
        told = list(
            Recommendation.objects.open(day)
            .filter(council=self.council)
            .order_by("source__dated_on", "number")
        )
        version = drafting.start_plan(
            self.council, title=title, case=case, recommendations=told if case else (), **self.at(day)
        )
        measured = []
        for theme in themes:
            self._add(version, theme, told, measured, day)
        return version

    def _add(self, version, theme, told, measured, day):
        priority = drafting.add_priority(
            version,
            title=theme.title,
            enabler=theme.enabler,
            outcome=theme.outcome,
            lead=theme.lead,
            **self.at(day),
        )
        if version.plan.case:
            for name, unit, place, baseline, target, tolerance, polarity, _ in MEASURES:
                if place == priority.place:
                    measured.append(
                        drafting.add_measure(
                            version,
                            name=name,
                            priority=priority,
                            unit=unit,
                            baseline=Decimal(baseline),
                            baseline_on=self.published,
                            target=Decimal(target),
                            target_on=add_months(self.published, 18),
                            tolerance=Decimal(tolerance),
                            polarity=polarity,
                            **self.at(day),
                        ).measure
                    )
        for line in theme.lines:
            drafting.add_action(
                version,
                priority=priority,
                text=line.text,
                owner_post=line.owner,
                owner_body=line.body,
                start_on=day,
                due_on=add_months(self.published, line.months),
                success=line.success,
                resources="" if line.body else "Within the service’s budget",
                aim=line.aim,
                by_measures=bool(line.measures),
                by_audit=line.audit,
                by_voice=line.voice,
                recommendations=[told[place - 1] for place in line.serves],
                measures=[measured[place - 1] for place in line.measures if place <= len(measured)],
                **self.at(day),
            )

    def boards(self, plan, *, first_on, every_days):
        """Set the board up with its members, and let it meet from `first_on` on."""
        board = boards.keep_board(
            plan, name=f"{self.council.name} improvement board", papers_days=5, **self.at(first_on)
        )
        members = [
            boards.add_member(board, post=post, name=name, body=body, from_on=first_on, **self.at(first_on))
            for post, name, body in MEMBERS
        ]
        days = []
        while first_on <= self.on + timedelta(days=100):
            days.append(first_on)
            first_on += timedelta(days=every_days)
        boards.add_meetings(board, days=days, **self.at(days[0]))
        for place, meeting in enumerate(board.meetings.filter(meets_on__lte=self.on)):
            boards.record_meeting(
                meeting,
                held=True,
                present=members if place % 2 else members[:-1],
                revision=meeting.revision,
                **self.at(meeting.meets_on),
            )
        return board

    def update(self, update, place, *, day, until=None, submit=True):
        """Answer an update as things stood on `day`: the first `until` priorities, or all; submit it then."""
        lines = {line.text: line for theme in SALTMARSH for line in theme.lines}
        asked = read_asked(update, day)
        for priority in asked.priorities[:until]:
            self._report(update, priority, lines, place, day)
        if not submit:
            return
        update.refresh_from_db()
        updates.write_overall(
            update,
            overall="Pace is good where partners are in place. The workforce remains the risk to everything else.",
            decisions_needed="Agree the retention payment before the next round of recruitment."
            * (place % 2),
            revision=update.revision,
            **self.at(day),
        )
        updates.send_update_for_approval(update, **self.at(day))
        updates.submit_update(update, **self.at(day))

    def _report(self, update, priority, lines, place, day):
        worst = Delivery.ON_TRACK
        for action in priority.actions:
            said = self._said(lines[action.text], action, place, day)
            if said["delivery"] in (Delivery.SLIPPING, Delivery.OFF_TRACK):
                worst = Delivery.SLIPPING
            updates.report_action(update, action.key, revision=action.revision, **said, **self.at(day))
        for measure in priority.measures:
            figures = next(figures for name, *_, figures in MEASURES if name == measure.name)
            updates.report_measure(
                update,
                measure.key,
                value=Decimal(figures[min(place, len(figures) - 1)]),
                revision=measure.revision,
                **self.at(day),
            )
        updates.report_priority(
            update,
            priority.key,
            delivery=worst,
            text="Behind where a partner is." if worst == Delivery.SLIPPING else "",
            revision=priority.revision,
            **self.at(day),
        )

    def _said(self, line, action, place, day):
        if action.due_on <= day + timedelta(days=20) and not line.wrong:
            return {
                "delivery": Delivery.COMPLETE,
                "impact": Impact.EARLY_SIGNS,
                "done": line.done,
                "difference": "Managers see drift sooner, and say so in supervision.",
            }
        said = {
            "delivery": Delivery.ON_TRACK,
            "percent": min(20 + 12 * place, 90),
            "impact": Impact.EARLY_SIGNS if place > 2 else Impact.NO_EVIDENCE,
            "done": line.done,
        }
        if line.wrong and place >= 1:
            said |= {"delivery": Delivery.SLIPPING, "reason": line.wrong, "recovery": line.recovery}
        if action.due_on < day + timedelta(days=20):
            said |= {
                "delivery": Delivery.OFF_TRACK,
                "reason": line.wrong or "It took longer than planned.",
                "recovery": line.recovery or "The lead reports to the board each month until it is done.",
                "new_due_on": day + timedelta(days=75),
                "date_reason": "Agreed by the board.",
            }
        if action.asks_difference:
            said["difference"] = "Workers say that they know what is expected of them."
        return said


def saltmarsh(council, published, *, dfe_on, ofsted_on, returned_on, resubmit_by, by, on):
    """Tell the plan of Saltmarsh: approved, shared, sent, returned by Ofsted, and its next version in work."""
    story = PlanStory(council, published, by=by, on=on)
    drafted_on, approved_on = published + timedelta(days=30), dfe_on - timedelta(days=6)
    case = Case.objects.get(council=council, standing=Case.Standing.OPEN)
    version = story.drafted("Saltmarsh children’s improvement plan", SALTMARSH, case=case, day=drafted_on)
    for text, likelihood, impact, mitigation in RISKS:
        drafting.add_risk(
            version,
            text=text,
            likelihood=likelihood,
            impact=impact,
            mitigation=mitigation,
            **story.at(drafted_on),
        )
    # Six weeks apart, with the papers of the next due within days.
    last, first = on + timedelta(days=11), on + timedelta(days=11)
    while first - timedelta(days=42) > drafted_on:
        first -= timedelta(days=42)
    board = story.boards(version.plan, first_on=first, every_days=42)
    way_out.plan_route(version, **story.at(drafted_on))
    way_out.send_for_approval(version, **story.at(approved_on - timedelta(days=3)))
    way_out.approve(version, **story.at(approved_on))
    way_out.share(version, **story.at(approved_on))
    handovers = [
        (Handover.To.DFE, dfe_on, "The regional lead of the Department for Education", ""),
        (Handover.To.OFSTED, ofsted_on, "His Majesty’s Chief Inspector", ""),
    ]
    way_out.send(version, handovers=handovers, **story.at(max(dfe_on, ofsted_on)))
    _report_since(story, version.plan, council)
    meeting = board.meetings.filter(meets_on__lt=last).last()
    boards.record_board_decision(
        meeting,
        kind=BoardDecision.Kind.CHALLENGE,
        text="What difference has the front door made to children who come back within a year?",
        **story.at(meeting.meets_on),
    )
    boards.record_board_decision(
        meeting,
        kind=BoardDecision.Kind.DECISION,
        text="Bring the retention payment to the next meeting with its cost.",
        **story.at(meeting.meets_on),
    )
    way_out.record_reply(
        version,
        kind=Reply.Kind.DOES_NOT_REFLECT,
        dated_on=returned_on,
        resubmit_by=resubmit_by,
        note="The plan says little about children who go missing.",
        **story.at(returned_on),
    )
    second = drafting.new_version(
        version.plan, change_note="What Ofsted’s letter asks about children who go missing.", **story.at(on)
    )
    priority = second.priorities.get(place=2)
    drafting.add_action(
        second,
        priority=priority,
        text="Map where children go when they are missing, with the police, and act on it each month",
        owner_post=FRONT_DOOR,
        owner_body="Saltmarsh Constabulary",
        due_on=add_months(on, 4),
        success="Fewer children go missing a second time",
        recommendations=list(version.plan.recommendations.filter(number=4)),
        **story.at(on),
    )


def _report_since(story, plan, council):
    """Submit the updates of the periods that have ended, all but the last, of which three sections are filled in."""
    updates.open_updates(councils=[council], **story.at(story.on))
    opened = list(Update.objects.filter(plan=plan).order_by("period_on"))
    for place, update in enumerate(opened):
        is_last = place == len(opened) - 1
        ended = add_months(update.period_on, plan.months)
        day = story.on if is_last else min(ended + timedelta(days=11), story.on - timedelta(days=1))
        story.update(update, place, day=day, until=3 if is_last else None, submit=not is_last)
    reading = Reading.objects.filter(measure__plan=plan).order_by("on", "pk").first()
    if reading is not None:
        restate_reading(
            reading,
            value=reading.value - 2,
            note="Counted anew without those handed to another council.",
            **story.at(story.on),
        )
    action = plan.actions.first()
    evidence.attach(
        action,
        url="https://saltmarsh.example.org/board/terms-of-reference",
        title="Terms of the weekly performance meeting",
        kind="audit",
        **story.at(story.on),
    )


def wexcombe(council, *, by, on):
    """Tell a plan of the council's own wish: approved, shared with the LGA, and nobody outside accepts it."""
    story = PlanStory(council, on, by=by, on=on)
    day = on - timedelta(days=25)
    version = story.drafted("Wexcombe care leavers’ plan", WEXCOMBE, day=day)
    way_out.send_for_approval(version, **story.at(day))
    way_out.approve(version, **story.at(day + timedelta(days=4)))
    way_out.share(version, **story.at(day + timedelta(days=4)))
