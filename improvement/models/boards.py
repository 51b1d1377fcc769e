"""The improvement board of a plan: who sits on it, when it meets, what it decided and challenged."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Ability
from councils.models import DatedQuerySet, dates_in_order
from improvement.models.plans import Action, Plan, between_council_and_lga, chaired_by

PERSON = settings.AUTH_USER_MODEL


def round_the_board(viewer, plan):
    """Return the Q of what a board says and does: read by the council, the LGA that reads its plan, and its chair.

    `plan` is the path to the plan. What left the house for the DfE, scrutiny or partners is the plan. Rule: section 7.
    """
    reach = between_council_and_lga(viewer, plan)
    if viewer.person_id:
        reach |= Q(**{f"{plan}__in": chaired_by(viewer)})
    return reach & Q(**{f"{plan}__in": Plan.objects.visible_to(viewer).values("pk")})


class BoardQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(round_the_board(viewer, "plan"))

    def kept_by(self, viewer):
        """Return the boards whose meetings the viewer may write of: the council's drafters and the board's chair."""
        return self.filter(kept_by(viewer, "plan"))


def kept_by(viewer, plan):
    """Return the Q of what the viewer may write of a board: the council's drafters and the board's own chair."""
    reach = Q(viewer.council_filter(Ability.DRAFT_PLANS, f"{plan}__council"))
    if viewer.person_id:
        reach |= Q(**{f"{plan}__in": chaired_by(viewer)})
    return reach


class Board(models.Model):
    """The improvement board that a plan answers to."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="board")
    name = models.CharField(max_length=160, default="Improvement board")
    papers_days = models.PositiveSmallIntegerField(
        default=5, help_text="Working days before a meeting by which papers are due."
    )
    revision = models.PositiveIntegerField(default=1)

    objects = BoardQuerySet.as_manager()

    def __str__(self):
        return self.name


class FollowsBoard(models.QuerySet):
    """Rows read with their board: see `round_the_board`."""

    def visible_to(self, viewer):
        return self.filter(round_the_board(viewer, "board__plan"))

    def kept_by(self, viewer):
        """Return those that the viewer may write: the council's drafters and the board's own chair."""
        return self.filter(kept_by(viewer, "board__plan"))


class BoardMemberQuerySet(DatedQuerySet, FollowsBoard):
    pass


class BoardMember(models.Model):
    """Somebody who sits on a board, from a day until a day; LGA people and the DfE's among them."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=120, blank=True)
    post = models.CharField(max_length=120)
    body = models.CharField(max_length=120, blank=True, help_text="Empty: the council itself.")
    person = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chairs = models.BooleanField(default=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = BoardMemberQuerySet.as_manager()

    class Meta:
        ordering = ["board", "-chairs", "pk"]
        constraints = [dates_in_order("board_member_dates_in_order")]

    def __str__(self):
        return self.name or self.post


class BoardMeeting(models.Model):
    """A meeting of a board, and the day by which its papers are due."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="meetings")
    meets_on = models.DateField()
    papers_due_on = models.DateField()
    held = models.BooleanField(null=True, blank=True, help_text="Empty: not yet known.")
    note = models.TextField(blank=True, max_length=4000)
    present = models.ManyToManyField(BoardMember, related_name="meetings", blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = FollowsBoard.as_manager()

    class Meta:
        ordering = ["board", "meets_on"]
        constraints = [
            models.UniqueConstraint(fields=["board", "meets_on"], name="board_meets_once_a_day"),
            models.CheckConstraint(
                name="papers_before_the_meeting", condition=Q(papers_due_on__lte=models.F("meets_on"))
            ),
        ]

    def __str__(self):
        return f"{self.board}, {self.meets_on}"


class BoardDecisionQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(round_the_board(viewer, "meeting__board__plan"))

    def kept_by(self, viewer):
        return self.filter(kept_by(viewer, "meeting__board__plan"))


class BoardDecision(models.Model):
    """What a board decided, or the challenge it made, at a meeting."""

    class Kind(models.TextChoices):
        DECISION = "decision", "Decision"
        CHALLENGE = "challenge", "Challenge"

    meeting = models.ForeignKey(BoardMeeting, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(max_length=4000)
    action = models.ForeignKey(Action, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True, max_length=4000, help_text="What came of it.")
    answered_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()
    revision = models.PositiveIntegerField(default=1)

    objects = BoardDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "pk"]

    def __str__(self):
        return self.text[:60]


class SignOffQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(round_the_board(viewer, "action__plan"))


class SignOff(models.Model):
    """An action evidenced or signed off by the board, or by whom the plan names. The latest stands. Append-only."""

    class State(models.TextChoices):
        EVIDENCED = "evidenced", "Evidenced"
        SIGNED_OFF = "signed-off", "Signed off"
        WITHDRAWN = "withdrawn", "Sign-off withdrawn"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="sign_offs")
    state = models.CharField(max_length=12, choices=State.choices)
    on = models.DateField()
    meeting = models.ForeignKey(
        BoardMeeting, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["action", "on", "pk"]

    def __str__(self):
        return f"{self.get_state_display()}, {self.on}"
