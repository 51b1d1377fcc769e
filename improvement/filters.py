"""What the lists of interventions, and of plans and what is in them, can be narrowed by."""

import django_filters as filters

from api.filters import Day, ListFilters
from cases.filters import OfCouncils
from cases.models import Case
from improvement.models import (
    ApprovalStep,
    Board,
    BoardDecision,
    BoardMeeting,
    BoardMember,
    Comment,
    Plan,
    PlannedAction,
    PlannedMeasure,
    PlannedPriority,
    PlanVersion,
    Release,
    Reply,
    Risk,
    SignOff,
    Snapshot,
    Strand,
)
from improvement.queries.stages import CLOSED, OPEN, UNCONFIRMED
from improvement.rules.stages import LABELS, Stage

STANDINGS = [
    (OPEN, "Open"),
    (UNCONFIRMED, "To confirm: from published notices and directions alone"),
    (CLOSED, "Closed"),
]
STAGES = [(str(stage), LABELS[stage]) for stage in Stage]


class InterventionFilters(ListFilters):
    on = Day(method="as_asked", help_text="As at this day, today or earlier; today where not given.")
    council = filters.CharFilter(method="as_asked", help_text="The council's DfE code or slug.")
    standing = filters.ChoiceFilter(
        choices=STANDINGS, method="as_asked", help_text="How the case stood that day."
    )
    stage = filters.ChoiceFilter(
        choices=STAGES, method="as_asked", help_text="The stage of one of its strands."
    )
    strand = filters.ChoiceFilter(choices=Strand.choices, method="as_asked")

    class Meta:
        model = Case
        fields = []

    def as_asked(self, queryset, name, value):
        """The rows are reckoned, and narrowed by `chosen`."""
        return queryset

    def chosen(self, rows):
        """Return the rows that are asked for."""
        asked = self.form.cleaned_data
        return [
            row
            for row in rows
            if (not asked["council"] or asked["council"] in (row["council"], row["council_slug"]))
            and (not asked["standing"] or asked["standing"] == row["standing"])
            and (not asked["stage"] or any(each["stage"] == asked["stage"] for each in row["stages"]))
            and (not asked["strand"] or any(each["strand"] == asked["strand"] for each in row["stages"]))
        ]


class PlanFilters(OfCouncils):
    intervention = filters.CharFilter(field_name="case_seen", help_text="The reference of a case.")
    standing = filters.ChoiceFilter(
        choices=PlanVersion.Standing.choices, help_text="How the latest version that you may read stands."
    )

    class Meta:
        model = Plan
        fields = []


class PlanVersionFilters(OfCouncils):
    council_path = "plan__council"

    plan = filters.CharFilter(field_name="plan__reference", help_text="A plan's reference.")
    standing = filters.ChoiceFilter(choices=PlanVersion.Standing.choices, help_text="How it stands.")

    class Meta:
        model = PlanVersion
        fields = []


class OfVersionFilters(OfCouncils):
    """Rows of one version, of one plan's, or of a council's."""

    council_path = "version__plan__council"

    version = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A version's number.")
    plan = filters.CharFilter(field_name="version__plan__reference", help_text="A plan's reference.")


class SnapshotFilters(OfVersionFilters):
    reason = filters.ChoiceFilter(choices=Snapshot.Reason.choices)

    class Meta:
        model = Snapshot
        fields = []


class PlannedPriorityFilters(OfVersionFilters):
    class Meta:
        model = PlannedPriority
        fields = []


class PlannedActionFilters(OfVersionFilters):
    priority = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A planned priority.")
    action = filters.NumberFilter(min_value=1, max_value=2**53, help_text="Its number across versions.")

    class Meta:
        model = PlannedAction
        fields = []


class PlannedMeasureFilters(OfVersionFilters):
    measure = filters.NumberFilter(min_value=1, max_value=2**53, help_text="Its number across versions.")

    class Meta:
        model = PlannedMeasure
        fields = []


class PlanRiskFilters(OfVersionFilters):
    class Meta:
        model = Risk
        fields = []


class ApprovalStepFilters(OfVersionFilters):
    class Meta:
        model = ApprovalStep
        fields = []


class PlanCommentFilters(OfVersionFilters):
    STANDINGS = [("open", "Not settled"), ("settled", "Settled")]

    action = filters.NumberFilter(min_value=1, max_value=2**53, help_text="An action's number.")
    standing = filters.ChoiceFilter(choices=STANDINGS, method="of_standing")

    class Meta:
        model = Comment
        fields = []

    def of_standing(self, queryset, name, value):
        return queryset.filter(answers=None, settled_on__isnull=value == "open")


class PlanReplyFilters(OfVersionFilters):
    kind = filters.ChoiceFilter(choices=Reply.Kind.choices)

    class Meta:
        model = Reply
        fields = []


class ReleaseFilters(OfCouncils):
    STANDINGS = [("in-force", "In force"), ("withdrawn", "Withdrawn")]

    plan = filters.CharFilter(field_name="plan_reference", help_text="A plan's reference.")
    audience = filters.ChoiceFilter(choices=Release.Audience.choices)
    standing = filters.ChoiceFilter(choices=STANDINGS, method="of_standing")

    class Meta:
        model = Release
        fields = []

    def of_standing(self, queryset, name, value):
        return queryset.filter(withdrawn_on__isnull=value == "in-force")


class BoardFilters(OfCouncils):
    council_path = "plan__council"

    plan = filters.CharFilter(field_name="plan__reference", help_text="A plan's reference.")

    class Meta:
        model = Board
        fields = []


class OfBoardFilters(OfCouncils):
    """Rows of one board, or of a council's."""

    council_path = "board__plan__council"

    board = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A board's number.")
    plan = filters.CharFilter(field_name="board__plan__reference", help_text="A plan's reference.")


class BoardMemberFilters(OfBoardFilters):
    class Meta:
        model = BoardMember
        fields = []


class BoardMeetingFilters(OfBoardFilters):
    since = Day(field_name="meets_on", lookup_expr="gte", help_text="Meetings of this day or later.")
    until = Day(field_name="meets_on", lookup_expr="lte", help_text="Meetings of this day or earlier.")

    class Meta:
        model = BoardMeeting
        fields = []


class BoardDecisionFilters(OfCouncils):
    council_path = "meeting__board__plan__council"

    board = filters.NumberFilter(
        field_name="meeting__board", min_value=1, max_value=2**53, help_text="A board's number."
    )
    meeting = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A meeting's number.")
    kind = filters.ChoiceFilter(choices=BoardDecision.Kind.choices)

    class Meta:
        model = BoardDecision
        fields = []


class SignOffFilters(OfCouncils):
    council_path = "action__plan__council"

    plan = filters.CharFilter(field_name="action__plan__reference", help_text="A plan's reference.")
    action = filters.NumberFilter(min_value=1, max_value=2**53, help_text="An action's number.")

    class Meta:
        model = SignOff
        fields = []
