"""The improvement board of a plan: its page, and what its keepers and its chair write down.

404 to whoever may not read the board, 403 to whoever may read it and not write.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import View

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import count_of, day_words
from improvement.actions import boards as actions
from improvement.forms import boards as forms
from improvement.models import Action, BoardDecision, BoardMeeting, BoardMember, Plan, SignOff
from improvement.presenters import boards as shown
from improvement.queries import boards as queries

ONE_DAY = timedelta(days=1)


def plan_and_board(viewer, reference):
    """Return (plan, its board or None) for one who may read the board. Raises Http404."""
    visible = Plan.objects.visible_to(viewer).select_related("council")
    plan = get_object_or_404(visible, reference=reference)
    board = queries.board_of(plan, viewer)
    if board is None and not _reads_boards(viewer, plan):
        raise Http404
    return plan, board


def _reads_boards(viewer, plan):
    """Say whether the viewer would read the plan's board if it had one: of the council or the LGA."""
    if hasattr(plan, "board"):
        return False
    return viewer.may_at(Ability.READ_DRAFTS, plan.council_id) or viewer.may_at(
        Ability.READ_SHARED_PLANS, plan.council_id
    )


class PlanBoard(View):
    """The board: when it next meets, what waits, its meetings, members and what it signed off."""

    def get(self, request, reference):
        viewer = request.viewer
        plan, board = plan_and_board(viewer, reference)
        context = {
            "plan": plan,
            "board": board,
            "may_draft": viewer.may_at(Ability.DRAFT_PLANS, plan.council_id),
        }
        if board is not None:
            context |= self._of(plan, board)
        return render(request, "improvement/boards/board.html", context | {"heading": self._heading(context)})

    def _of(self, plan, board):
        viewer, today = self.request.viewer, self.request.viewer.today
        meetings = list(queries.meetings_of(board))
        challenges = [
            decision
            for meeting in reversed(meetings)
            for decision in meeting.decisions.all()
            if decision.kind == BoardDecision.Kind.CHALLENGE and not decision.answer
        ]
        version = queries.live_version(plan, viewer)
        of, waiting, signed = queries.sign_off_counts(version, viewer) if version else (0, 0, 0)
        return {
            "next": shown.next_meeting(meetings, today),
            "lede": shown.board_lede(meetings, challenges, today),
            "coming": [
                shown.meeting_shown(one, today) for one in reversed(meetings) if one.meets_on >= today
            ],
            "past": [shown.meeting_shown(one, today) for one in meetings if one.meets_on < today],
            "unrecorded": [one for one in meetings if one.held is None and one.meets_on < today],
            "challenges": challenges,
            "members": list(board.members.on(today)),
            "former": [one for one in board.members.all() if one.until_on and one.until_on <= today],
            "version": version,
            "actions_count": of,
            "waiting": waiting,
            "signed": signed,
        }

    def _heading(self, context):
        if context["board"] is None:
            return shown.NO_BOARD
        return shown.board_heading(context["board"], context["next"], self.request.viewer.today)


class OfBoard(AskView):
    """Ask one thing about a plan's board."""

    # Whether the council's drafters alone may, or whoever keeps the board's meetings: its chair too.
    by_drafters = False

    def setup_for(self, request, reference, **named):
        self.plan, self.board = plan_and_board(request.viewer, reference)
        self.find(**named)
        if not self.may():
            raise PermissionDenied

    def find(self):
        if self.board is None:
            raise Http404

    def may(self):
        if self.by_drafters:
            return self.request.viewer.may_at(Ability.DRAFT_PLANS, self.plan.council_id)
        return self.board.may_keep

    def next_page(self):
        return reverse("plan_board", args=[self.plan.reference])

    def context(self):
        pages = ((self.plan.title, "plan"), ("Board", "plan_board"))
        about = [(words, reverse(name, args=[self.plan.reference])) for words, name in pages]
        return {"council": self.plan.council, "about": about}


class KeepBoard(OfBoard):
    by_drafters = True

    @property
    def title(self):
        return "Change the board" if self.board else "Set up the improvement board"

    def find(self):
        pass

    def form(self, data=None):
        return forms.BoardForm(data, board=self.board)

    def act(self, form):
        board = actions.keep_board(self.plan, **form.cleaned_data, **self.by_and_on())
        return (
            f"{board.name}: papers are due {count_of(board.papers_days, 'working day')} before each meeting."
        )

    def form_as_it_is_now(self, typed, current):
        self.board = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("Name", current.name),
            ("Papers due", f"{count_of(current.papers_days, 'working day')} before a meeting"),
        ]


class AddMember(OfBoard):
    by_drafters = True
    title = "Add somebody to the board"
    button = "Add"

    def form(self, data=None):
        today = self.request.viewer.today
        people = queries.who_may_sit(self.plan.council, today)
        return forms.MemberForm(data, people=people, today=today)

    def act(self, form):
        member = actions.add_member(self.board, **form.cleaned_data, **self.by_and_on())
        return f"{forms.member_words(member)} sits on the board from {day_words(member.from_on)}."


class EndMember(OfBoard):
    by_drafters = True
    button = "Save"
    asked_as = {"until_on": "last_on"}

    def find(self, pk):
        super().find()
        members = BoardMember.objects.visible_to(self.request.viewer).filter(board=self.board)
        self.member = get_object_or_404(members, pk=pk)

    @property
    def title(self):
        return f"When does {forms.member_words(self.member)} leave the board?"

    def form(self, data=None):
        return forms.EndMemberForm(data, today=self.request.viewer.today)

    def act(self, form):
        last_on = form.cleaned_data["last_on"]
        actions.end_member(self.member, until_on=last_on + ONE_DAY, **self.by_and_on())
        return f"{forms.member_words(self.member)}: last day {day_words(last_on)}."


class AddMeetings(OfBoard):
    title = "When does the board meet?"
    button = "Add"
    asked_as = {"first_on": "meets_on"}

    def form(self, data=None):
        return forms.MeetingsForm(data)

    def act(self, form):
        asked, chosen = form.cleaned_data, forms.MeetingsForm
        if asked["how"] == chosen.ONCE:
            made = actions.add_meeting(self.board, meets_on=asked["meets_on"], **self.by_and_on())
            return f"Meeting of {day_words(made.meets_on)}: papers due by {day_words(made.papers_due_on)}."
        days = asked["days"]
        if asked["how"] != chosen.LISTED:
            days = actions.days_of_run(asked["meets_on"], asked["how"], asked["count"])
        added = actions.add_meetings(self.board, days=days, **self.by_and_on())
        said = f"{count_of(len(added.meetings), 'meeting')} added."
        if added.there_already:
            said += f" Planned already: {', '.join(map(day_words, added.there_already))}."
        return said


class OfMeeting(OfBoard):
    def find(self, pk):
        super().find()
        meetings = BoardMeeting.objects.visible_to(self.request.viewer).filter(board=self.board)
        self.meeting = get_object_or_404(meetings.select_related("board").prefetch_related("present"), pk=pk)

    def next_page(self):
        return reverse("board_meeting", args=[self.plan.reference, self.meeting.pk])

    def context(self):
        context = super().context()
        context["about"].append((day_words(self.meeting.meets_on), self.next_page()))
        return context

    def form_as_it_is_now(self, typed, current):
        self.meeting = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        held = {True: "Yes", False: "No, it was called off", None: "Not yet said"}[current.held]
        return [
            ("Meets on", day_words(current.meets_on)),
            ("Papers due by", day_words(current.papers_due_on)),
            ("Did the board meet?", held),
            ("Present", ", ".join(forms.member_words(one) for one in current.present.all()) or "Nobody yet"),
            ("Note", current.note),
        ]


class Meeting(View):
    """One meeting: who was present, what was decided and what came of it."""

    def get(self, request, reference, pk):
        plan, board = plan_and_board(request.viewer, reference)
        if board is None:
            raise Http404
        meeting = get_object_or_404(queries.meetings_of(board), pk=pk)
        present = {member.pk for member in meeting.present.all()}
        sitting = list(board.members.on(meeting.meets_on))
        numbers = queries.numbers_of(queries.live_version(plan, request.viewer))
        context = {
            "plan": plan,
            "board": board,
            "meeting": meeting,
            "heading": shown.meeting_heading(meeting, request.viewer.today),
            "has_met": meeting.held is not False and meeting.meets_on <= request.viewer.today,
            "present": [forms.member_words(one) for one in sitting if one.pk in present],
            "absent": [forms.member_words(one) for one in sitting if one.pk not in present],
            "decisions": [(one, numbers.get(one.action_id, "")) for one in meeting.decisions.all()],
        }
        return render(request, "improvement/boards/meeting.html", context)


class ChangeMeeting(OfMeeting):
    title = "Change when the board meets"

    def form(self, data=None):
        return forms.ChangeMeetingForm(data, meeting=self.meeting)

    def act(self, form):
        asked = dict(form.cleaned_data)
        if (
            asked["meets_on"] != self.meeting.meets_on
            and asked["papers_due_on"] == self.meeting.papers_due_on
        ):
            # Moved with its papers' day left as it stood: that day is worked out anew.
            asked["papers_due_on"] = None
        meeting = actions.change_meeting(self.meeting, **asked, **self.by_and_on())
        return f"The board meets on {day_words(meeting.meets_on)}; papers due by {day_words(meeting.papers_due_on)}."


class RecordMeeting(OfMeeting):
    @property
    def title(self):
        return f"The meeting of {day_words(self.meeting.meets_on)}"

    def form(self, data=None):
        members = self.board.members.on(self.meeting.meets_on)
        return forms.RecordMeetingForm(data, meeting=self.meeting, members=members)

    def act(self, form):
        asked = form.cleaned_data | {"held": form.cleaned_data["held"] == forms.RecordMeetingForm.HELD}
        actions.record_meeting(self.meeting, **asked, **self.by_and_on())
        return "Saved."


class AddDecision(OfMeeting):
    title = "What the board decided or asked"

    def form(self, data=None):
        version = queries.live_version(self.plan, self.request.viewer)
        return forms.DecisionForm(data, actions=queries.action_choices(version))

    def act(self, form):
        asked = dict(form.cleaned_data)
        if asked["action"] is not None:
            asked["action"] = Action.objects.get(pk=asked["action"])
        decision = actions.record_board_decision(self.meeting, **asked, **self.by_and_on())
        return f"{decision.get_kind_display()} recorded."


class AnswerChallenge(OfBoard):
    title = "What came of the challenge?"

    def find(self, pk):
        super().find()
        challenges = BoardDecision.objects.visible_to(self.request.viewer).filter(
            meeting__board=self.board, kind=BoardDecision.Kind.CHALLENGE
        )
        self.decision = get_object_or_404(challenges.select_related("meeting__board"), pk=pk)

    @property
    def guidance(self):
        return f"{day_words(self.decision.meeting.meets_on)}: {self.decision.text}"

    def next_page(self):
        return reverse("board_meeting", args=[self.plan.reference, self.decision.meeting_id])

    def form(self, data=None):
        return forms.AnswerForm(data, decision=self.decision)

    def act(self, form):
        actions.answer_challenge(self.decision, **form.cleaned_data, **self.by_and_on())
        return "Answer saved."

    def form_as_it_is_now(self, typed, current):
        self.decision = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Challenge", current.text), ("Answer", current.answer or "None yet")]


class SignOffs(View):
    """The plan's actions with how delivery and sign-off stand, each apart from the other."""

    def get(self, request, reference):
        plan, _ = plan_and_board(request.viewer, reference)
        version = queries.live_version(plan, request.viewer)
        rows = queries.actions_to_sign_off(version, request.viewer) if version else ()
        listed = shown.actions_shown(rows, queries.priorities_of(version))
        context = {
            "plan": plan,
            "version": version,
            "heading": shown.sign_off_heading(listed, plan.sign_off_by),
            "actions": sorted(listed, key=lambda one: not one.waits),
            "may_sign_off": _may_sign_off(plan, request.viewer),
        }
        return render(request, "improvement/boards/sign_offs.html", context)


def _may_sign_off(plan, viewer):
    return actions.may_sign_off_as_chair(plan, viewer) or viewer.may_at(
        Ability.APPROVE_PLANS, plan.council_id
    )


class SignOffAction(OfBoard):
    """Evidenced, signed off, or withdrawn: beside all that was said of the action before."""

    template = "improvement/boards/sign_off.html"

    def find(self, pk):
        version = queries.live_version(self.plan, self.request.viewer)
        if version is None:
            raise Http404
        rows = queries.actions_to_sign_off(version, self.request.viewer)
        listed = shown.actions_shown(rows, queries.priorities_of(version))
        self.shown = next((one for one in listed if one.key == pk), None)
        if self.shown is None:
            raise Http404
        self.action = Action.objects.get(pk=pk)

    def may(self):
        return _may_sign_off(self.plan, self.request.viewer)

    @property
    def title(self):
        return f"Sign off action {self.shown.number}"

    def next_page(self):
        return reverse("board_sign_offs", args=[self.plan.reference])

    def form(self, data=None):
        today = self.request.viewer.today
        meetings = BoardMeeting.objects.visible_to(self.request.viewer).filter(
            board__plan=self.plan, meets_on__lte=today
        )
        meetings = meetings.exclude(held=False).order_by("-meets_on")
        latest = self._said()[-1:]
        return forms.SignOffForm(data, meetings=meetings, seen=latest[0].pk if latest else 0)

    def _said(self):
        said = SignOff.objects.visible_to(self.request.viewer).filter(action=self.action)
        return list(said.select_related("meeting", "by").order_by("pk"))

    def context(self):
        context = super().context()
        context["about"].append(("Sign-off", self.next_page()))
        return context | {"shown": self.shown, "said": self._said(), "plan": self.plan}

    def act(self, form):
        made = actions.sign_off(self.action, **form.cleaned_data, **self.by_and_on())
        return f"Action {self.shown.number}: {made.get_state_display().lower()}."

    def form_as_it_is_now(self, typed, current):
        typed["seen"] = current.pk if current else 0
        return self.form(typed)

    def facts(self, current):
        return [
            ("Action", self.shown.text),
            *((day_words(one.on), f"{one.get_state_display()}. {one.note}") for one in self._said()),
        ]
