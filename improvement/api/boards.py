"""The improvement board of a plan: who sits on it, when it meets, what it decided, challenged and signed off."""

from collections import defaultdict

from django.db.models import Case, IntegerField, When
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.models import Person
from accounts.permissions import Ability
from api.fields import NUMBER, DayField, TruthField, WordsField, numbers_field, words
from api.finding import hold_at, named
from api.problems import in_fields
from api.rows import Row
from api.views import Adding, Change, Posted, Single
from cases import actions as of_cases
from improvement.actions import boards
from improvement.filters import (
    BoardDecisionFilters,
    BoardFilters,
    BoardMeetingFilters,
    BoardMemberFilters,
    SignOffFilters,
)
from improvement.models import (
    Action,
    Board,
    BoardDecision,
    BoardMeeting,
    BoardMember,
    Plan,
    SignOff,
    chaired_by,
)

NO_BOARD = "There is no such board that you keep."
NO_MEETING = "There is no such meeting of a board that you keep."


class OfBoards:
    tag = "Improvement boards"


class Kept(OfBoards, Adding):
    """A list to which whoever keeps a board adds: its council's drafters, and for meetings its chair."""

    refused = of_cases.Refused
    ability = Ability.DRAFT_PLANS
    by_chair = True

    def may_add(self):
        is_chair = self.by_chair and self.viewer.may(Ability.CHAIR_BOARD) and chaired_by(self.viewer).exists()
        return is_chair or self.viewer.may(self.ability)


class OfOne(OfBoards):
    """What the views of one row of a board share."""

    model = None
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        return self.model.objects.kept_by(self.viewer).filter(**self.kwargs).exists()


def theirs(model, viewer):
    """Return the rows of a board that the viewer sees and keeps."""
    return model.objects.visible_to(viewer).kept_by(viewer)


# Boards


class BoardRow(Row):
    """The board that a plan answers to."""

    id = serializers.IntegerField()
    plan = serializers.CharField(source="plan.reference")
    council = serializers.CharField(
        source="plan.council.la_code", help_text="The council's three-digit DfE code."
    )
    name = serializers.CharField()
    papers_days = serializers.IntegerField(help_text="Working days before a meeting by which papers are due.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class ChangeBoardBody(serializers.Serializer):
    name = WordsField(max_length=160, required=False)
    papers_days = serializers.IntegerField(
        min_value=0,
        max_value=boards.MOST_PAPERS_DAYS,
        required=False,
        help_text="The papers of meetings move too.",
    )


class BoardBody(serializers.Serializer):
    plan = WordsField(max_length=20, help_text="The plan's reference.")
    name = WordsField(max_length=160)
    papers_days = serializers.IntegerField(
        min_value=0, max_value=boards.MOST_PAPERS_DAYS, help_text="Working days before a meeting."
    )


class PlanBoards(Kept):
    about = {
        "get": (
            "List improvement boards",
            "Those of the councils and plans that you work with, or that you chair.",
        ),
        "post": ("Set up a board", "For a plan that you draft and that has none."),
    }
    name = "plan-boards"
    row = answers = BoardRow
    filters = BoardFilters
    asks = BoardBody
    example = {"plan": "PLAN-2026-0003", "name": "Improvement board", "papers_days": 5}
    one = "plan-board"
    by_chair = False

    def queryset(self):
        return Board.objects.visible_to(self.viewer)

    def prepared(self, answers):
        drafted = Plan.objects.filter(self.viewer.council_filter(Ability.DRAFT_PLANS))
        plan = named(drafted, "plan", "There is no such plan that you draft.", reference=answers["plan"])
        return answers | {"plan": plan}

    def add(self, prepared):
        try:
            return boards.keep_board(**prepared, **self.by_and_on()).pk
        except of_cases.Stale:
            raise of_cases.Refused("This plan has a board already: change that", "plan") from None


class OnePlanBoard(OfOne, Single, Change):
    about = {
        "get": ("Read a board", "With the ETag that a change to it asks for."),
        "patch": ("Change a board", "Its name or its papers deadline; what is not sent stays."),
    }
    model = Board
    kind = "plan-board"
    row = BoardRow
    asks = ChangeBoardBody
    example = {"papers_days": 7}

    def queryset(self):
        return Board.objects.visible_to(self.viewer)

    def allowed(self):
        reach = self.viewer.council_filter(Ability.DRAFT_PLANS, "plan__council")
        return Board.objects.filter(reach, **self.kwargs).exists()

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._keep, self.asks))

    def _keep(self, revision, answers):
        board = get_object_or_404(Board.objects.select_related("plan"), **self.kwargs)
        told = {"name": board.name, "papers_days": board.papers_days} | answers
        boards.keep_board(board.plan, **told, revision=revision, **self.by_and_on())


# Members


class BoardMemberRow(Row):
    """Somebody who sits on a board."""

    id = serializers.IntegerField()
    board = serializers.IntegerField(source="board_id")
    name = serializers.CharField()
    post = serializers.CharField()
    body = serializers.CharField(help_text="Empty: the council itself.")
    person = serializers.IntegerField(source="person_id", allow_null=True, help_text="If they sign in.")
    chairs = serializers.BooleanField()
    from_on = serializers.DateField()
    until_on = serializers.DateField(allow_null=True, help_text="The first day on which they sat no longer.")
    revision = serializers.IntegerField(help_text="2 once they have left.")


class BoardMemberBody(serializers.Serializer):
    board = serializers.IntegerField(**NUMBER)
    post = WordsField(max_length=120)
    name = words(120)
    body = words(120, help_text="Empty: the council itself.")
    person = serializers.IntegerField(
        **NUMBER,
        required=False,
        allow_null=True,
        help_text="The number of somebody with a role for the council.",
    )
    chairs = TruthField(required=False)
    from_on = DayField()


class OfMembers:
    model = BoardMember
    row = BoardMemberRow

    def queryset(self):
        left = Case(When(until_on=None, then=1), default=2, output_field=IntegerField())
        return BoardMember.objects.visible_to(self.viewer).annotate(revision=left)


class BoardMembers(OfMembers, Kept):
    about = {
        "get": ("List the members of boards", "Those who have left too."),
        "post": ("Add a member to a board", "A chair who signs in reads the plan from then on."),
    }
    name = "board-members"
    answers = BoardMemberRow
    filters = BoardMemberFilters
    asks = BoardMemberBody
    example = {"board": 4, "post": "Independent chair", "chairs": True, "from_on": "2026-11-03"}
    one = "board-member"
    by_chair = False

    def prepared(self, answers):
        if answers.get("person") is not None:
            answers["person"] = Person(pk=answers["person"])
        return answers | {"board": named(theirs(Board, self.viewer), "board", NO_BOARD, pk=answers["board"])}

    def add(self, prepared):
        return boards.add_member(**prepared, **self.by_and_on()).pk


class OfMember(OfMembers, OfOne):
    kind = "board-member"

    def allowed(self):
        reach = self.viewer.council_filter(Ability.DRAFT_PLANS, "board__plan__council")
        return BoardMember.objects.filter(reach, **self.kwargs).exists()


class OneBoardMember(OfMember, Single):
    about = {"get": ("Read a member of a board", "With the ETag that a change to it asks for.")}


class EndMemberBody(serializers.Serializer):
    until_on = DayField(help_text="The first day on which they sat no longer.")


class EndMember(OfMember, Posted):
    about = {"post": ("Record that a member has left a board", "From a day.")}
    asks = EndMemberBody
    example = {"until_on": "2026-12-01"}

    def act(self, revision, answers):
        hold_at(self.queryset(), self.kwargs["pk"], revision, self.stale)
        member = get_object_or_404(BoardMember.objects.select_related("board"), **self.kwargs)
        boards.end_member(member, **answers, **self.by_and_on())


# Meetings


class BoardMeetingRow(Row):
    """A meeting of a board."""

    id = serializers.IntegerField()
    board = serializers.IntegerField(source="board_id")
    meets_on = serializers.DateField()
    papers_due_on = serializers.DateField()
    held = serializers.BooleanField(allow_null=True, help_text="Null: not yet known.")
    note = serializers.CharField()
    present = serializers.ListField(child=serializers.IntegerField(), help_text="Members who were there.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class BoardMeetingBody(serializers.Serializer):
    board = serializers.IntegerField(**NUMBER)
    meets_on = DayField()
    papers_due_on = DayField(
        required=False, allow_null=True, help_text="The board's working days before it where not given."
    )


class ChangeBoardMeetingBody(serializers.Serializer):
    meets_on = DayField(required=False)
    papers_due_on = DayField(
        required=False,
        allow_null=True,
        help_text="Counted anew from the board's working days where not given.",
    )


class OfMeetings:
    model = BoardMeeting
    row = BoardMeetingRow

    def queryset(self):
        return BoardMeeting.objects.visible_to(self.viewer)

    def completed(self, rows, keys):
        there = defaultdict(list)
        links = BoardMeeting.present.through.objects.filter(boardmeeting__in=keys).order_by("boardmember")
        for meeting, member in links.values_list("boardmeeting", "boardmember"):
            there[meeting].append(member)
        for row, key in zip(rows, keys, strict=True):
            row["present"] = there[key]


class BoardMeetings(OfMeetings, Kept):
    about = {
        "get": ("List the meetings of boards", "With the days by which their papers are due."),
        "post": ("Add a meeting", "Of a board that you keep or chair."),
    }
    name = "board-meetings"
    answers = BoardMeetingRow
    filters = BoardMeetingFilters
    asks = BoardMeetingBody
    example = {"board": 4, "meets_on": "2026-12-10"}
    one = "board-meeting"

    def prepared(self, answers):
        return answers | {"board": named(theirs(Board, self.viewer), "board", NO_BOARD, pk=answers["board"])}

    def add(self, prepared):
        return boards.add_meeting(**prepared, **self.by_and_on()).pk


class OfMeeting(OfMeetings, OfOne):
    kind = "board-meeting"

    def its(self):
        return get_object_or_404(BoardMeeting.objects.select_related("board"), **self.kwargs)


class OneBoardMeeting(OfMeeting, Single, Change):
    about = {
        "get": ("Read a meeting", "With the ETag that a change to it asks for."),
        "patch": ("Move a meeting or its papers", "Until what happened at it is recorded."),
    }
    asks = ChangeBoardMeetingBody
    example = {"meets_on": "2026-12-17"}

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._change, self.asks))

    def _change(self, revision, answers):
        meeting = self.its()
        told = {"meets_on": meeting.meets_on} | answers
        boards.change_meeting(meeting, **told, revision=revision, **self.by_and_on())


class RecordBoardMeetingBody(serializers.Serializer):
    held = TruthField()
    present = numbers_field(required=False, help_text="Members of the board on that day.")
    note = words(4000)


class RecordMeeting(OfMeeting, Posted):
    about = {"post": ("Record whether a meeting was held", "And which members were present.")}
    asks = RecordBoardMeetingBody
    example = {"held": True, "present": []}

    def act(self, revision, answers):
        meeting, asked = self.its(), set(answers.get("present", []))
        present = BoardMember.objects.filter(board=meeting.board, pk__in=asked)
        if len(present) != len(asked):
            raise in_fields(
                [{"field": "present", "detail": "Choose from those who sat on the board that day."}]
            )
        answers["present"] = present
        boards.record_meeting(meeting, **answers, revision=revision, **self.by_and_on())


# Decisions and challenges


class BoardDecisionRow(Row):
    """What a board decided, or the challenge that it made."""

    id = serializers.IntegerField()
    meeting = serializers.IntegerField(source="meeting_id")
    board = serializers.IntegerField(source="meeting.board_id")
    met_on = serializers.DateField(source="meeting.meets_on")
    kind = serializers.ChoiceField(choices=BoardDecision.Kind.choices)
    text = serializers.CharField()
    action = serializers.IntegerField(
        source="action_id", allow_null=True, help_text="The action's number across versions."
    )
    answer = serializers.CharField(help_text="What came of a challenge.")
    answered_on = serializers.DateField(allow_null=True)
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class BoardDecisionBody(serializers.Serializer):
    meeting = serializers.IntegerField(**NUMBER)
    kind = serializers.ChoiceField(choices=BoardDecision.Kind.choices)
    text = WordsField(max_length=4000)
    action = serializers.IntegerField(
        **NUMBER, required=False, allow_null=True, help_text="The action's number across versions."
    )


class OfDecisions:
    model = BoardDecision
    row = BoardDecisionRow

    def queryset(self):
        return BoardDecision.objects.visible_to(self.viewer)


class BoardDecisions(OfDecisions, Kept):
    about = {
        "get": ("List what boards decided and challenged", "At their meetings."),
        "post": ("Record a decision or a challenge", "Of a meeting of a board that you keep or chair."),
    }
    name = "board-decisions"
    answers = BoardDecisionRow
    filters = BoardDecisionFilters
    asks = BoardDecisionBody
    example = {"meeting": 9, "kind": "challenge", "text": "Why is action 2.3 late again?"}
    one = "board-decision"

    def prepared(self, answers):
        kept = theirs(BoardMeeting, self.viewer).select_related("board")
        meeting = named(kept, "meeting", NO_MEETING, pk=answers["meeting"])
        action = answers.pop("action", None)
        if action is not None:
            of_plan = Action.objects.filter(plan=meeting.board.plan_id)
            answers["action"] = named(of_plan, "action", "There is no such action of this plan.", pk=action)
        return answers | {"meeting": meeting}

    def add(self, prepared):
        return boards.record_board_decision(**prepared, **self.by_and_on()).pk


class OfDecision(OfDecisions, OfOne):
    kind = "board-decision"


class OneBoardDecision(OfDecision, Single):
    about = {"get": ("Read a decision or a challenge", "With the ETag that a change to it asks for.")}


class AnswerChallengeBody(serializers.Serializer):
    answer = WordsField(max_length=4000, help_text="What came of it.")


class AnswerChallenge(OfDecision, Posted):
    about = {"post": ("Answer a challenge", "What came of it; it may be answered again.")}
    asks = AnswerChallengeBody
    example = {"answer": "The service has a recovery date."}

    def act(self, revision, answers):
        decision = get_object_or_404(BoardDecision.objects.select_related("meeting__board"), **self.kwargs)
        boards.answer_challenge(decision, **answers, revision=revision, **self.by_and_on())


# Signing off


class SignOffRow(Row):
    """An action evidenced, signed off, or no longer so. The latest of an action stands; none is ever changed."""

    id = serializers.IntegerField()
    action = serializers.IntegerField(source="action_id", help_text="The action's number across versions.")
    plan = serializers.CharField(source="action.plan.reference")
    state = serializers.ChoiceField(choices=SignOff.State.choices)
    on = serializers.DateField()
    meeting = serializers.IntegerField(source="meeting_id", allow_null=True)
    note = serializers.CharField()
    recorded_on = serializers.DateField()


class SignOffBody(serializers.Serializer):
    action = serializers.IntegerField(**NUMBER, help_text="The action's number across versions.")
    state = serializers.ChoiceField(choices=SignOff.State.choices)
    seen = serializers.IntegerField(
        min_value=0,
        max_value=NUMBER["max_value"],
        help_text="The sign-off that stood when you read; 0: none.",
    )
    meeting = serializers.IntegerField(
        **NUMBER, required=False, allow_null=True, help_text="Where a board signs off: the meeting that did."
    )
    note = words(500)


class SignOffs(Kept):
    about = {
        "get": (
            "List sign-offs",
            "Of actions of the plans whose board's work you see; the latest of an action stands.",
        ),
        "post": (
            "Say that an action is evidenced or signed off",
            "As the board's chair, or as the council's approver for whom the plan names.",
        ),
    }
    name = "sign-offs"
    row = answers = SignOffRow
    filters = SignOffFilters
    asks = SignOffBody
    example = {"action": 12, "state": "signed-off", "seen": 0, "meeting": 9}
    one = "sign-off"
    ability = Ability.APPROVE_PLANS

    def queryset(self):
        return SignOff.objects.visible_to(self.viewer)

    def prepared(self, answers):
        seen = Action.objects.visible_to(self.viewer)
        action = named(
            seen, "action", "There is no such action of a plan that you see.", pk=answers["action"]
        )
        meeting = answers.pop("meeting", None)
        if meeting is not None:
            of_plan = BoardMeeting.objects.filter(board__plan=action.plan_id).select_related("board")
            answers["meeting"] = named(
                of_plan, "meeting", "There is no such meeting of its board.", pk=meeting
            )
        return answers | {"action": action}

    def add(self, prepared):
        try:
            return boards.sign_off(**prepared, **self.by_and_on()).pk
        except of_cases.Stale:
            raise of_cases.Refused(
                "Somebody else said meanwhile how this action stands: read its sign-offs again", "seen"
            ) from None


class OneSignOff(OfBoards, Single):
    about = {"get": ("Read a sign-off", "As it was recorded.")}
    kind = "sign-off"
    row = SignOffRow

    def queryset(self):
        return SignOff.objects.visible_to(self.viewer)
