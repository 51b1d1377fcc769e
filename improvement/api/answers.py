"""The adviser's answer to a submitted update, and the council's reply: read by the council and the LGA alone."""

from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import WordsField
from api.problems import Problem, in_fields
from api.rows import Row, as_dicts
from api.views import NOT_HERE, Added, Change, Listing, Posted, Replaced, Single, address_of
from cases.actions import Refused, Stale
from improvement.actions import answers as actions
from improvement.api.updates import REVISION, NothingBody
from improvement.models import (
    Action,
    AdviserStatus,
    Delivery,
    PlannedPriority,
    Priority,
    Question,
    Update,
    UpdateRead,
    between_council_and_lga,
)
from improvement.update_filters import QuestionFilters, StatusFilters


class QuestionRow(Row):
    """Something that the adviser asks about an update, and the council's answer."""

    id = serializers.IntegerField()
    update = serializers.IntegerField(source="update_id")
    priority = serializers.IntegerField(source="priority_id", allow_null=True)
    action = serializers.IntegerField(source="action_id", allow_null=True)
    text = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.name", allow_null=True)
    asked_on = serializers.DateField()
    answer = serializers.CharField()
    answered_by = serializers.CharField(source="answered_by.name", allow_null=True)
    answered_on = serializers.DateField(allow_null=True)
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class StatusRow(Row):
    """The adviser's own view of a priority in a period, beside the council's."""

    update = serializers.IntegerField(source="update_id")
    priority = serializers.IntegerField(source="priority_id")
    delivery = serializers.ChoiceField(choices=[("", "Nothing said"), *Delivery.choices])
    note = serializers.CharField()
    given_by = serializers.CharField(source="by.name", allow_null=True)
    given_on = serializers.DateField(source="on", allow_null=True)
    revision = serializers.IntegerField(help_text=REVISION)


class ReadRow(Row):
    """Whether the adviser has read an update."""

    update = serializers.IntegerField()
    read_on = serializers.DateField(allow_null=True, help_text="Null: not yet.")
    read_by = serializers.CharField(allow_null=True)


class BetweenBoth:
    """What is said of an update between council and LGA: nothing of it is there for anybody else."""

    tag = "Updates"
    refused, stale = Refused, Stale

    def update(self):
        """Return the update of the address. Raises Problem (404)."""
        seen = Update.objects.visible_to(self.viewer).filter(between_council_and_lga(self.viewer, "plan"))
        update = seen.select_related("plan", "version").filter(pk=self.kwargs["pk"]).first()
        if update is None:
            raise Problem(404, "not-found", NOT_HERE)
        return update

    def allowed(self):
        return Update.objects.answerable_by(self.viewer).filter(pk=self.kwargs["pk"]).exists()


class QuestionBody(serializers.Serializer):
    text = WordsField(max_length=4000)
    priority = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, allow_null=True, default=None
    )
    action = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, allow_null=True, default=None
    )


class Questions(BetweenBoth, Listing, Added):
    about = {
        "get": (
            "List the questions about an update",
            "What the adviser asked, and what the council answered.",
        ),
        "post": ("Ask about an update", "Of a priority, an action, or of the whole: for the LGA’s adviser."),
    }
    name = "questions"
    row = answers = QuestionRow
    filters = QuestionFilters
    asks = QuestionBody
    example = {"text": "What is the waiting time now?"}

    def queryset(self):
        return Question.objects.visible_to(self.viewer).filter(update=self.update())

    def found(self):
        return self.update()

    def act(self, answers):
        plan = self.update().plan_id
        about = {
            "priority": _of_plan(Priority, plan, answers.pop("priority"), "priority"),
            "action": _of_plan(Action, plan, answers.pop("action"), "action"),
        }
        return actions.ask(self.update(), **answers, **about, **self.by_and_on())

    def made_row(self, made):
        return told_of(QuestionRow, Question.objects.filter(pk=made.pk))

    def location(self, made):
        return address_of(self.request, "question", made.update_id, made.pk)


def _of_plan(model, plan, key, field):
    """Return what the body names by its number; None where it names nothing."""
    if key is None:
        return None
    found = model.objects.filter(plan=plan, pk=key).first()
    if found is None:
        raise in_fields([{"field": field, "detail": f"There is no such {field} in this plan."}])
    return found


def told_of(row, queryset):
    """Return the one of a queryset as a dict of the fields of `row`."""
    columns = row.columns()
    return as_dicts(columns, queryset.values_list(*columns.values()))[0]


class OfQuestion(BetweenBoth):
    kind, key, row = "question", "question", QuestionRow

    def queryset(self):
        return Question.objects.visible_to(self.viewer)

    def found(self):
        columns = self.row.columns()
        seen = self.queryset().filter(pk=self.kwargs["question"], update=self.kwargs["pk"])
        rows = as_dicts(columns, seen.values_list(*columns.values()))
        if not rows:
            raise Problem(404, "not-found", NOT_HERE)
        return rows[0]


class OneQuestion(OfQuestion, Single):
    about = {"get": ("Read a question about an update", "With the ETag that an answer to it asks for.")}


class AnswerBody(serializers.Serializer):
    text = WordsField(max_length=4000)


class Answer(OfQuestion, Posted):
    about = {"post": ("Answer a question about an update", "For the council; again to answer it anew.")}
    asks = AnswerBody
    example = {"text": "Twelve working days."}

    def allowed(self):
        return self.viewer.may_at(Ability.DRAFT_PLANS, self.update().plan.council_id)

    def act(self, revision, answers):
        question = Question(pk=self.kwargs["question"])
        actions.answer_question(question, **answers, revision=revision, **self.by_and_on())


class Statuses(BetweenBoth, Listing):
    about = {
        "get": (
            "List the adviser’s statuses of an update",
            "The adviser’s own view of each priority, where one was given.",
        )
    }
    name = "statuses"
    row = StatusRow
    filters = StatusFilters

    def queryset(self):
        return AdviserStatus.objects.visible_to(self.viewer).filter(update=self.update())


class StatusBody(serializers.Serializer):
    delivery = serializers.ChoiceField(choices=Delivery.choices)
    note = WordsField(max_length=4000, required=False, default="", allow_blank=True)


class OneStatus(BetweenBoth, Single, Replaced, Change):
    about = {
        "get": ("Read the adviser’s status of a priority", "With the ETag that a change asks for."),
        "put": ("Give the adviser’s status of a priority", "The adviser’s own view, beside the council’s."),
    }
    kind, row = "adviser-status", StatusRow
    asks = StatusBody
    example = {"delivery": "slipping", "note": "Two of four posts are still vacant."}

    @property
    def named(self):
        return f"{self.kwargs['pk']}.{self.kwargs['priority']}"

    def found(self):
        update, priority = self.update(), self.kwargs["priority"]
        columns = self.row.columns()
        given = AdviserStatus.objects.visible_to(self.viewer).filter(update=update, priority=priority)
        rows = as_dicts(columns, given.values_list(*columns.values()))
        if rows:
            return rows[0]
        if not PlannedPriority.objects.filter(version=update.version_id, priority=priority).exists():
            raise Problem(404, "not-found", NOT_HERE)
        nothing = {"delivery": "", "note": "", "given_by": None, "given_on": None, "revision": 0}
        return {"update": update.pk, "priority": priority, **nothing}

    def act(self, revision, answers):
        priority = Priority(pk=self.kwargs["priority"])
        told = {**answers, "revision": revision, **self.by_and_on()}
        actions.give_status(self.update(), priority=priority, **told)


class MarkedRead(BetweenBoth, Single, Added):
    about = {
        "get": ("See whether the adviser has read an update", "And who, and when."),
        "post": ("Say that the adviser has read an update", "The first time is what counts."),
    }
    row = answers = ReadRow
    asks = NothingBody
    kind = "update-read"

    def found(self):
        update = self.update()
        read = UpdateRead.objects.select_related("by").filter(update=update).first()
        return {
            "update": update.pk,
            "read_on": read.on if read else None,
            "read_by": read.by.name if read and read.by else None,
        }

    def act(self, answers):
        return actions.read_update(self.update(), **self.by_and_on())

    def made_row(self, made):
        return self.found()
