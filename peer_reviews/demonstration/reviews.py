"""The demonstration's reviews: on site now, offered, at the factual accuracy check, final, and past ones."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.demonstration import EVERYBODY
from accounts.models import Grant, Person
from accounts.viewer import Viewer
from cases.queries import working_calendars
from cases.rules import add_months
from councils.models import Council, Office
from peer_reviews.actions import (
    approaches,
    audits,
    days_lent,
    factual,
    findings,
    keep_in_touch,
    lessons,
    moving,
    notes,
    offers,
    peers,
    pre_brief,
    reports,
    requests,
    room,
    scope,
    teams,
    timetable,
)
from peer_reviews.actions.days import LONDON
from peer_reviews.actions.past import record_past_review
from peer_reviews.demonstration import content
from peer_reviews.models import (
    Approach,
    DaysLent,
    FactualComment,
    Finding,
    Paragraph,
    Peer,
    PeerReview,
    PeerWord,
    ReviewKind,
    Stage,
    TeamMember,
    TeamRole,
)
from peer_reviews.rules.steps import CALENDAR

ADVISER, PRINCIPAL = "lga-adviser", "principal-adviser"
# How long ago the first of what is told happened.
DAYS_TOLD = 550


@transaction.atomic
def load_reviews(*, by, on):
    """Tell the reviews of the demonstration's councils up to `on`; return how many.

    Done once, and only where its people, its pool of peers and its councils are there.
    """
    people = {person.email: person for person in Person.objects.filter(email__in=_ADDRESSES)}
    councils = {council.name: council for council in Council.objects.filter(demonstration=True)}
    told = PeerReview.objects.filter(case__council__demonstration=True).exists()
    if told or len(people) < len(_ADDRESSES) or not Peer.objects.filter(person__in=people.values()).exists():
        return 0
    _hold_roles_since(on - timedelta(days=DAYS_TOLD))
    story = _Story(people, councils, on)
    story.tell()
    return PeerReview.objects.filter(case__council__demonstration=True).count()


_ADDRESSES = {sign_in.email for sign_in in EVERYBODY}


def _hold_roles_since(day):
    """Let the invented people have held their roles since `day`, so that they could do then what is told of them."""
    Grant.objects.filter(person__email__in=_ADDRESSES, from_on__gt=day, until_on=None).update(from_on=day)


class _Story:
    """What happened in each review, each act by whoever does it, on the day it was done."""

    def __init__(self, people, councils, on):
        self.people, self.councils, self.on = people, councils, on
        self.kinds = {kind.slug: kind for kind in ReviewKind.objects.all()}
        self.pool = {peer.name: peer for peer in Peer.objects.select_related("person")}
        self.calendar = working_calendars()[CALENDAR]
        self.viewer = cache(self._viewer)

    def tell(self):
        self.past()
        self.declined()
        self.calder_vale()
        self.wexcombe()
        self.holme()
        self.offered()
        self.approaches()
        self.lessons()

    def _viewer(self, name, day):
        return Viewer.of(self.people[f"{name}@example.org"], day)

    def act(self, name, day):
        """Return who acts and when, for an action: `by` and `on`."""
        return {"by": self.viewer(name, day), "on": day}

    def ago(self, days):
        """Return the working day on or before so many days ago."""
        return self.working_day(self.on - timedelta(days=days))

    def working_day(self, day):
        while not self.calendar.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def on_site(self, first, days):
        """Return the first and the last of so many working days from `first` on."""
        last = first
        for _ in range(days - 1):
            last = self.after(last, 1)
        return first, last

    def after(self, day, working_days):
        return self.calendar.add_working_days(day, working_days)

    def past(self):
        """Reviews of years ago: of some councils the next is due, of one it is later, of the rest none is known."""
        for name, kind, months in (
            ("Saltmarsh", "safeguarding", 50),
            ("Eastmere", "cspc", 47),
            ("Northbridge", "safeguarding", 46),
            ("Calder Vale", "cspc", 22),
        ):
            first, last = self.on_site(self.working_day(add_months(self.on, -months)), 4)
            record_past_review(
                council=self.councils[name],
                kind=self.kinds[kind],
                first_day=first,
                last_day=last,
                **self.act(ADVISER, self.ago(220)),
            )

    def declined(self):
        offered, answered = self.ago(64), self.ago(50)
        review = self.offer("Eastmere", "cspc", "It is nearly four years since the last.", offered)
        offers.answer_offer(
            review,
            accept=False,
            reason="An inspection is expected this winter. Please ask again in the spring.",
            revision=review.revision,
            **self.act("eastmere-approver", answered),
        )

    def offered(self):
        """Saltmarsh has an offer, which waits for its approver."""
        first, last = self.on_site(self.after(self.on, 70), 4)
        self.offer(
            "Saltmarsh",
            "cspc",
            "A year into the plan, peers can say how far practice has come before Ofsted’s next visit.",
            self.ago(5),
            first_day=first,
            last_day=last,
            subsidy=PeerReview.Subsidy.FULL,
            subsidy_basis="Support after inspection.",
        )

    def offer(self, name, kind, reason, day, manager=ADVISER, **more):
        return offers.offer(
            self.councils[name],
            kind=self.kinds[kind],
            reason=reason,
            manager=self.people[f"{manager}@example.org"],
            **more,
            **self.act(manager, day),
        )

    def set_up(self, name, kind, *, first_day, manager, approver, team, days, reason, scope_words):
        """Take a review from its offer to its first day on site; return it. `team`: (peer, role), the lead first."""
        first, last = self.on_site(first_day, days)

        def before(days):
            return self.working_day(first - timedelta(days=days))

        review = self.offer(
            name, kind, reason, before(130), manager, first_day=first, last_day=last, subsidy="full"
        )
        offers.answer_offer(
            review,
            accept=True,
            organiser=self.people[f"{approver}@example.org"],
            revision=review.revision,
            **self.act(approver, before(120)),
        )
        for office in offers.ENDORSING:
            offers.endorse(review, office=office, endorsed_on=before(116), **self.act(approver, before(115)))
        lines = [scope.Line(line.title, line.question, line.pk) for line in review.lines.all()]
        scope.set_scope(
            review,
            scope=scope_words,
            lines=lines,
            revision=self.now(review).revision,
            **self.act(manager, before(110)),
        )
        for who, day in ((manager, before(108)), (approver, before(104))):
            scope.agree_scope(review, revision=self.now(review).revision, **self.act(who, day))
        self.go_on(review, Stage.SCOPED, manager, before(100))
        self.build(review, team, manager, approver, before)
        self.go_on(review, Stage.PREPARING, manager, before(40))
        self.fill_room(review, approver, before(22))
        return review, before

    def build(self, review, team, manager, approver, before):
        for peer, role in team:
            member = teams.put_forward(
                review, peer=self.pool[peer], role=role, **self.act(manager, before(90))
            )
            teams.agree_to(member, agrees=True, revision=member.revision, **self.act(approver, before(80)))
            if role == TeamRole.MEMBER:
                member.refresh_from_db()
                teams.record_group_office(
                    member,
                    agreed_on=before(70),
                    agreed_by="The group’s office at the LGA",
                    revision=member.revision,
                    **self.act(manager, before(70)),
                )
        teams.confirm_team(review, revision=self.now(review).revision, **self.act(manager, before(60)))

    def go_on(self, review, stage, manager, day):
        moving.go_on(review, stage, revision=self.now(review).revision, **self.act(manager, day))

    def now(self, review):
        """Return the review as it stands in the database."""
        return PeerReview.objects.select_related("case__council", "kind").get(pk=review.pk)

    def holme(self):
        """Holme's team came on the last working day: its timetable, what it heard, what it makes of it so far."""
        first = self.working_day(self.on - timedelta(days=1))
        approver = "holme-approver"
        review, before = self.set_up(
            "Holme",
            "cspc",
            first_day=first,
            manager=ADVISER,
            approver=approver,
            team=(
                ("Ruskin Eyot", TeamRole.LEAD),
                ("Councillor Edith Rook", TeamRole.MEMBER),
                ("Piers Teal", TeamRole.OPERATIONAL),
                ("Willow Skerry", TeamRole.AUDITOR),
                ("Jolyon Brack", TeamRole.AUDITOR),
            ),
            days=4,
            reason="The director asked what peers would see before the next inspection.",
            scope_words="Four lines of enquiry. Special educational needs are not looked at: another review did.",
        )
        asked = [
            requests.ask_for(
                review, kind=kind, text=text, due_on=before(2), **self.act(ADVISER, before(days))
            )
            for kind, text, _, days in content.REQUESTS
        ]
        requests.answer(
            asked[0],
            outcome="given",
            answer=content.REQUESTS[0][2],
            revision=asked[0].revision,
            **self.act(approver, before(15)),
        )
        activities = self.plan_days(review, before(8), self.working_day(first - timedelta(days=4)))
        self.go_on(review, Stage.ON_SITE, ADVISER, first)
        self.hold(activities, review, first)
        self.audit(review, self.working_day(first - timedelta(days=4)))
        written = self.write_notes(review, activities)
        self.find(review, written, first)
        keep_in_touch.record_word(
            review,
            on_day=first,
            office=Office.DCS,
            said="How the day went, and that figures asked for in the morning had come. Nothing urgent.",
            **self.act(ADVISER, first),
        )

    def fill_room(self, review, approver, day):
        for name, title, text, is_statement in content.ROOM:
            room.put_in_room(
                review,
                upload=ContentFile(text.encode(), name=name),
                title=title,
                position_statement=is_statement,
                complete=is_statement,
                **self.act(approver, day),
            )

    def plan_days(self, review, planned_on, reading_day):
        """Make the timetable; return {title: activity}."""
        days = [reading_day, *self.on_site_days(review)]
        lines = {line.place: line for line in review.lines.all()}
        made = {}
        for day, begins, ends, title, source, voice, where, lead, of_lines, _ in content.TIMETABLE:
            member = self.member(review, lead)
            made[title] = timetable.add_activity(
                review,
                on_day=days[day],
                starts_at=_time(begins),
                ends_at=_time(ends),
                title=title,
                source_type=source,
                voice=voice,
                room=where,
                lead=member,
                note_taker=member,
                lines=[lines[place] for place in of_lines],
                **self.act(ADVISER, planned_on),
            )
            # Two days have a meeting of the same name: the notes are of the first.
            made.setdefault((title, day), made[title])
        return made

    def on_site_days(self, review):
        review = self.now(review)
        days = [review.first_day]
        while days[-1] < review.last_day:
            days.append(self.after(days[-1], 1))
        return days

    def member(self, review, name):
        return TeamMember.objects.get(review=review, person=self.people[f"{name}@example.org"])

    def hold(self, activities, review, first):
        """Say of what has been that it was held, and who came."""
        for day, _, _, title, _, _, _, lead, _, who_came in content.TIMETABLE:
            if day <= 1:
                activity = activities[title, day]
                activity.refresh_from_db()
                timetable.say_if_held(
                    activity,
                    standing="held",
                    who_came=who_came,
                    revision=activity.revision,
                    **self.act(lead, first),
                )

    def audit(self, review, day):
        lines = {line.place: line for line in review.lines.all()}
        for reference, team_grade, council_grade in content.AUDITS:
            audits.record_audit(
                review,
                reference=reference,
                team_grade=team_grade,
                council_grade=council_grade,
                line=lines[3],
                **self.act(content.WILLOW, day),
            )

    def write_notes(self, review, activities):
        """Write what the team heard, each by its author at its time; return the notes."""
        lines = {line.place: line for line in review.lines.all()}
        written = []
        for number, (author, day, at, kind, line, title, text, shared) in enumerate(content.NOTES):
            activity = next(
                each
                for (name, of_day), each in (
                    (key, one) for key, one in activities.items() if isinstance(key, tuple)
                )
                if of_day == day and title in name
            )
            moment = _moment(activity.on, at)
            note = notes.write(
                self.now(review),
                key=_key(review, number),
                kind=kind,
                line=lines[line],
                text=text,
                activity=activity,
                day=activity.on,
                written_at=moment,
                share=shared,
                now=moment,
                **self.act(author, activity.on),
            )
            written.append(note)
        return written

    def find(self, review, written, day):
        lines = {line.place: line.pk for line in review.lines.all()}
        now = _moment(day, "17:30")
        made = []
        for kind, line, wording, severity, of_notes, agreed in content.FINDINGS:
            finding = findings.add_finding(
                review,
                kind=kind,
                wording=wording,
                line=lines[line],
                severity=severity,
                notes=[note.pk for note in written if note.text.startswith(of_notes)] if of_notes else (),
                rests_on=[made[0].pk] if kind == Finding.Kind.RECOMMENDATION else (),
                now=now,
                **self.act(content.LEAD, day),
            )
            made.append(finding)
            if agreed:
                finding.refresh_from_db()
                findings.agree_wording(finding, revision=finding.revision, **self.act(content.LEAD, day))

    def wexcombe(self):
        """Wexcombe has the draft before it, and some working days left to say which fact is wrong."""
        approver = "wexcombe-approver"
        review, _ = self.set_up(
            "Wexcombe",
            "care-practice",
            first_day=self.ago(38),
            manager=ADVISER,
            approver=approver,
            team=(
                ("Aurelia Garth", TeamRole.LEAD),
                ("Ginevra Holt", TeamRole.OPERATIONAL),
                ("Merrily Oxbow", TeamRole.AUDITOR),
            ),
            days=3,
            reason="The council asked how care leavers fare, a year before its next visit.",
            scope_words="Children in care and care leavers. The front door is not looked at.",
        )
        report = self.report_on(review, content.AT_WEXCOMBE, ADVISER, self.ago(20))
        sent = self.ago(6)
        reports.send_report(report, revision=self.fresh(report).revision, **self.act(ADVISER, sent))
        factual.comment(
            report.paragraphs.filter(kind=Paragraph.Kind.CONSIDERATION).first(),
            text="It was one in four in the last two quarters: the figures are in the room.",
            **self.act(approver, self.after(sent, 2)),
        )

    def calder_vale(self):
        """Calder Vale has its final report, has published nothing, and the team's notes go in a few days."""
        kind = self.kinds["corporate-parenting"]
        # So that what the team noted is deleted some days from now.
        final_on = self.working_day(self.on - timedelta(weeks=kind.keep_notes_weeks) + timedelta(days=5))
        approver = "calder-vale-approver"
        team = (
            ("Thea Marl", TeamRole.LEAD),
            ("Councillor Hal Sedge", TeamRole.MEMBER),
            ("Lowen Tarrant", TeamRole.OPERATIONAL),
        )
        first = self.working_day(final_on - timedelta(days=50))
        review, _ = self.set_up(
            "Calder Vale",
            kind.slug,
            first_day=first,
            manager=PRINCIPAL,
            approver=approver,
            team=team,
            days=2,
            reason="A new lead member asked how the whole council acts as a parent.",
            scope_words="Members as corporate parents, and what every department does.",
        )
        report = self.report_on(review, content.AT_CALDER_VALE, PRINCIPAL, self.after(first, 6))
        sent = self.after(first, 10)
        reports.send_report(report, revision=self.fresh(report).revision, **self.act(PRINCIPAL, sent))
        said = factual.comment(
            report.paragraphs.filter(kind=Paragraph.Kind.CONSIDERATION).first(),
            text="Leisure has known since the summer; housing does not.",
            **self.act(approver, self.after(sent, 3)),
        )
        factual.close_comments(report, **self.act(approver, self.after(sent, 5)))
        factual.answer_comment(
            said,
            answer=FactualComment.Answer.IN_PART,
            reason="Leisure is taken out; the team heard the same of housing from two sides.",
            revision=said.revision,
            **self.act(PRINCIPAL, self.after(sent, 7)),
        )
        final = reports.begin_report(review, **self.act(PRINCIPAL, self.after(sent, 7)))
        reports.make_final(final, revision=self.fresh(final).revision, **self.act(PRINCIPAL, final_on))
        for name, _ in team:
            self.lend(review, self.pool[name], final_on)

    def lend(self, review, peer, day):
        by = self.act(PRINCIPAL, self.working_day(day))
        peers.give_feedback(peer, review=review, rating=4, text="Prepared, kind, and to the point.", **by)
        post = peer.posts.filter(until_on=None).first()
        if post.council_id:
            days_lent.record_days(
                peer,
                council=post.council,
                work=DaysLent.Work.REVIEW,
                review=review,
                lent_on=self.now(review).last_day,
                days=Decimal(3),
                **by,
            )

    def report_on(self, review, told, manager, begun):
        """Be on site, note a little, find, give feedback and begin the report; return it."""
        first, last = self.on_site_days(review)[0], self.on_site_days(review)[-1]
        self.go_on(review, Stage.ON_SITE, manager, first)
        lines = list(review.lines.all())
        written = []
        for number, (kind, wording, _) in enumerate(told):
            moment = _moment(first, f"{10 + number}:15")
            written.append(
                notes.write(
                    self.now(review),
                    key=_key(review, number),
                    kind="strength" if kind == Finding.Kind.STRENGTH else "consideration",
                    line=lines[number % len(lines)],
                    text=f"Heard twice: {wording[:1].lower()}{wording[1:]}",
                    source_type="focus-group" if number % 2 else "interview",
                    voice="social-workers" if number % 2 else "senior-managers",
                    day=first,
                    written_at=moment,
                    share=True,
                    now=moment,
                    **self.act(manager, first),
                )
            )
        for number, (kind, wording, severity) in enumerate(told):
            finding = findings.add_finding(
                review,
                kind=kind,
                wording=wording,
                line=lines[number % len(lines)].pk,
                severity=severity,
                notes=[written[number].pk],
                now=_moment(last, "09:00"),
                **self.act(manager, last),
            )
            findings.agree_wording(finding, revision=finding.revision, **self.act(manager, last))
        pre_brief.record_pre_brief(
            review,
            held_at=_moment(last, "09:30"),
            dcs=True,
            chief_executive=True,
            leader=True,
            now=_moment(last, "10:30"),
            **self.act(manager, last),
        )
        reports.give_slides(review, now=_moment(last, "15:00"), **self.act(manager, last))
        return reports.begin_report(review, **self.act(manager, begun))

    def fresh(self, report):
        report.refresh_from_db()
        return report

    def approaches(self):
        Network = Approach.Network
        for name, network, office, days, said in (
            ("Northbridge", Network.POLITICAL, Office.LEAD_MEMBER, 34, "Open to it after the budget."),
            (
                "Thornley",
                Network.PROFESSIONAL,
                Office.DCS,
                21,
                "A new council: would like to be asked in spring.",
            ),
            (
                "Eastmere",
                Network.PROFESSIONAL,
                Office.CHIEF_EXECUTIVE,
                44,
                "Wants it once the inspection is over.",
            ),
        ):
            approaches.log_approach(
                council=self.councils[name],
                approached_on=self.ago(days),
                network=network,
                office=office,
                said=said,
                **self.act(ADVISER, self.ago(days)),
            )

    def lessons(self):
        """Two things that the sector may learn, each agreed by the council that nobody is told of."""
        words = {word.slug: word.pk for word in PeerWord.objects.all()}
        for number, (council, approver, title, text, themes, enabler) in enumerate(content.LESSONS):
            day = self.ago(12 - 4 * number)
            lesson = lessons.write_lesson(
                self.councils[council],
                title=title,
                text=text,
                themes=[words[slug] for slug in themes.split()],
                enabler=enabler,
                **self.act(ADVISER, day),
            )
            lesson = lessons.send_to_council(lesson, revision=lesson.revision, **self.act(ADVISER, day))
            lessons.answer_lesson(
                lesson, agrees=True, revision=lesson.revision, **self.act(approver, self.after(day, 1))
            )


def _time(text):
    return time.fromisoformat(text)


def _moment(day, text):
    return datetime.combine(day, _time(text), LONDON)


def _key(review, number):
    """The key of a note, which a device would have made."""
    return uuid5(NAMESPACE_URL, f"{review.case.reference}/{number}")
