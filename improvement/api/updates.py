"""Updates: a council's report on its plan for one period, read, filled in and submitted.

What is said of an action, a priority or a measure is a row of its own, with its own version: 0 where nothing is saved
yet. A submitted update is told as it was submitted, and by nothing that came after.
"""

from django.db import transaction
from django.db.models import Sum
from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import DayField, NumberField, WordsField
from api.problems import Problem
from api.rows import Row
from api.versions import tag_of
from api.views import NOT_HERE, Change, Listing, Posted, Replaced, Single
from cases.actions import Refused, Stale
from improvement.actions import updates as actions
from improvement.models import Delivery, Impact, PlannedAction, Update
from improvement.queries.updates import read_asked
from improvement.rules.updates import Need, period_end, period_words
from improvement.update_filters import UpdateFilters

Standing = Update.Standing
DELIVERIES = [("", "Not said"), *Delivery.choices]
IMPACTS = [("", "Not said"), *Impact.choices]
ETAG = "The version to send as If-Match when it is saved; empty once the update is submitted."
REVISION = "Goes up with every change; 0: nothing is saved yet."
COUNCIL_CODE = "The council's three-digit DfE code."


class UpdateRow(Row):
    """An update in a list, without its answers."""

    id = serializers.IntegerField()
    plan = serializers.CharField(source="plan.reference", help_text="The plan's reference.")
    council = serializers.CharField(source="plan.council.la_code", help_text=COUNCIL_CODE)
    council_name = serializers.CharField(source="plan.council.name")
    period_on = serializers.DateField(help_text="The first day of the period.")
    months = serializers.IntegerField(source="plan.months", help_text="How many months the period has.")
    number = serializers.IntegerField(help_text="1; a correction counts on.")
    version = serializers.IntegerField(source="version.number", help_text="The plan's version it reports on.")
    standing = serializers.ChoiceField(choices=Standing.choices)
    opened_on = serializers.DateField()
    due_on = serializers.DateField()
    submitted_on = serializers.DateField(allow_null=True)
    digest = serializers.CharField(help_text="SHA-256 of what was submitted; empty before.")


class MeasureAnswerRow(serializers.Serializer):
    """What an update says of a measure: a figure and its day, or when one is expected."""

    update = serializers.IntegerField()
    measure = serializers.IntegerField()
    name = serializers.CharField()
    unit = serializers.CharField()
    target = serializers.CharField(allow_null=True, help_text="A number as text.")
    latest = serializers.CharField(allow_null=True, help_text="The figure known before, as text.")
    latest_on = serializers.DateField(allow_null=True)
    value = serializers.CharField(allow_null=True, help_text="A number as text.")
    reading_on = serializers.DateField(allow_null=True, help_text="The day that the figure describes.")
    expected_on = serializers.DateField(allow_null=True, help_text="Not yet available: expected on.")
    note = serializers.CharField()
    needed = serializers.BooleanField(help_text="Whether a reading is due and not given.")
    etag = serializers.CharField(help_text=ETAG)
    revision = serializers.IntegerField(help_text=REVISION)


class ActionAnswerRow(serializers.Serializer):
    """What an update says of an action."""

    update = serializers.IntegerField()
    action = serializers.IntegerField()
    number = serializers.CharField(help_text="As people know it, such as 2.3.")
    text = serializers.CharField()
    owner = serializers.CharField()
    due_on = serializers.DateField(allow_null=True, help_text="The date in force.")
    delivery = serializers.ChoiceField(choices=DELIVERIES)
    percent = serializers.IntegerField(allow_null=True)
    impact = serializers.ChoiceField(choices=IMPACTS)
    done = serializers.CharField()
    difference = serializers.CharField()
    reason = serializers.CharField()
    recovery = serializers.CharField()
    new_due_on = serializers.DateField(allow_null=True)
    date_reason = serializers.CharField()
    unchanged = serializers.BooleanField(help_text="Answered by “no change”.")
    by_sheet = serializers.CharField(help_text="Who filled the return sheet, if one.")
    evidence = serializers.IntegerField(help_text="How many pieces of evidence it has.")
    needs = serializers.ListField(
        child=serializers.ChoiceField(choices=[(str(need), str(need)) for need in Need]),
        help_text="What the answer still lacks.",
    )
    may_stay = serializers.BooleanField(help_text="Whether “no change” may be said of it.")
    etag = serializers.CharField(help_text=ETAG)
    revision = serializers.IntegerField(help_text=REVISION)


class PriorityAnswerRow(serializers.Serializer):
    """What an update says of a priority as a whole."""

    update = serializers.IntegerField()
    priority = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    delivery = serializers.ChoiceField(choices=DELIVERIES)
    text = serializers.CharField()
    is_whole = serializers.BooleanField(help_text="Whether it, its actions and its measures are filled in.")
    etag = serializers.CharField(help_text=ETAG)
    revision = serializers.IntegerField(help_text=REVISION)


class PrioritySection(PriorityAnswerRow):
    """A priority of an update with its actions and its measures."""

    actions = ActionAnswerRow(many=True)
    measures = MeasureAnswerRow(many=True)


class WholeUpdate(serializers.Serializer):
    """An update with all that it asks for and all that is answered."""

    id = serializers.IntegerField()
    plan = serializers.CharField(help_text="The plan's reference.")
    council = serializers.CharField(help_text=COUNCIL_CODE)
    council_name = serializers.CharField()
    period_on = serializers.DateField()
    period_end = serializers.DateField()
    period = serializers.CharField(help_text="Such as October 2026.")
    number = serializers.IntegerField(help_text="1; a correction counts on.")
    corrects = serializers.IntegerField(allow_null=True, help_text="The update that it corrects.")
    version = serializers.IntegerField(help_text="The plan's version that it reports on.")
    standing = serializers.ChoiceField(choices=Standing.choices)
    opened_on = serializers.DateField()
    due_on = serializers.DateField()
    submitted_on = serializers.DateField(allow_null=True)
    digest = serializers.CharField(help_text="SHA-256 of what was submitted; empty before.")
    overall = serializers.CharField()
    decisions_needed = serializers.CharField()
    sent_back_note = serializers.CharField(help_text="What the approver asked to be mended.")
    is_whole = serializers.BooleanField(help_text="Whether nothing is lacking, so that it can be sent on.")
    priorities = PrioritySection(many=True)
    measures = MeasureAnswerRow(many=True, help_text="Those that belong to no priority.")
    revision = serializers.IntegerField(help_text="Goes up with every change, of its answers too.")


# --- read


def revision_of(update):
    """Return the revision of an update with all its answers: it goes up with every change of any of them.

    Three queries. Under the update's lock nobody changes it.
    """
    several = (update.priority_reports, update.action_reports, update.measure_reports)
    return update.revision + sum(
        each.aggregate(revisions=Sum("revision"))["revisions"] or 0 for each in several
    )


def whole_of(update, on):
    """Return an update as `WholeUpdate`: a submitted one as it was submitted, else as it is filled in."""
    plan = update.plan
    submitted = update.standing == Standing.SUBMITTED
    sections, measures, is_whole = _submitted(update) if submitted else _in_work(update, on)
    return {
        "id": update.pk,
        "plan": plan.reference,
        "council": plan.council.la_code,
        "council_name": plan.council.name,
        "period_on": update.period_on,
        "period_end": period_end(update.period_on, plan.months),
        "period": period_words(update.period_on, plan.months),
        "number": update.number,
        "corrects": update.corrects_id,
        "version": update.version.number,
        "standing": update.standing,
        "opened_on": update.opened_on,
        "due_on": update.due_on,
        "submitted_on": update.submitted_on,
        "digest": update.digest,
        "overall": update.overall,
        "decisions_needed": update.decisions_needed,
        "sent_back_note": update.sent_back_note,
        "is_whole": is_whole,
        "priorities": sections,
        "measures": measures,
        "revision": revision_of(update),
    }


def _in_work(update, on):
    asked = read_asked(update, on)
    sections = [
        {
            "update": update.pk,
            "priority": one.key,
            "number": one.number,
            "title": one.title,
            "delivery": one.delivery,
            "text": one.text,
            "is_whole": one.is_whole(on),
            **_version("update-priority", update, one),
            "actions": [_action_row(update, action, on) for action in one.actions],
            "measures": [_measure_row(update, measure) for measure in one.measures],
        }
        for one in asked.priorities
    ]
    return sections, [_measure_row(update, measure) for measure in asked.measures], asked.is_whole


SAID = (
    "delivery",
    "percent",
    "impact",
    "done",
    "difference",
    "reason",
    "recovery",
    "new_due_on",
    "date_reason",
    "unchanged",
)


def _action_row(update, action, on):
    return {
        "update": update.pk,
        "action": action.key,
        "number": action.number,
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on,
        **{name: getattr(action.said, name) for name in SAID},
        "by_sheet": action.by_sheet,
        "evidence": action.evidence,
        "needs": [str(need) for need in action.needs(on)],
        "may_stay": action.may_stay(on),
        **_version("update-action", update, action),
    }


def _measure_row(update, measure):
    answer = measure.answer
    return {
        "update": update.pk,
        "measure": measure.key,
        "name": measure.name,
        "unit": measure.unit,
        "target": number_words(measure.target),
        "latest": number_words(measure.latest),
        "latest_on": measure.latest_on,
        "value": number_words(answer.value),
        "reading_on": answer.reading_on,
        "expected_on": answer.expected_on,
        "note": answer.note,
        "needed": measure.is_needed,
        **_version("update-measure", update, measure),
    }


def _version(kind, update, row):
    etag = tag_of(kind, f"{update.pk}.{row.key}", row.revision, b"")
    return {"etag": etag, "revision": row.revision}


def _submitted(update):
    """Return what was submitted, of the content that was frozen then."""
    sections = [
        {
            "update": update.pk,
            "priority": one["key"],
            **{name: one[name] for name in ("number", "title", "delivery", "text")},
            "is_whole": True,
            "etag": "",
            "revision": 0,
            "actions": [_submitted_action(update, action) for action in one["actions"]],
            "measures": [_submitted_measure(update, measure) for measure in one["measures"]],
        }
        for one in update.content.get("priorities", ())
    ]
    rest = [_submitted_measure(update, measure) for measure in update.content.get("measures", ())]
    return sections, rest, True


def _submitted_action(update, action):
    return {
        "update": update.pk,
        "action": action["key"],
        **{name: action[name] for name in ("number", "text", "owner", "due_on", *SAID, "by_sheet")},
        "evidence": len(action["evidence"]),
        "needs": [],
        "may_stay": False,
        "etag": "",
        "revision": 0,
    }


def _submitted_measure(update, measure):
    told = ("name", "unit", "target", "value", "reading_on", "expected_on", "note")
    return {
        "update": update.pk,
        "measure": measure["key"],
        **{name: measure[name] for name in told},
        "latest": measure["before"],
        "latest_on": measure["before_on"],
        "needed": False,
        "etag": "",
        "revision": 0,
    }


def number_words(figure):
    """Return a figure as text without zeros at its end; None where there is none."""
    return None if figure is None else format(figure.normalize(), "f")


class Updates(Listing):
    tag = "Updates"
    about = {
        "get": (
            "List updates",
            "Those that you may read: your council's own all, others once they are submitted and, where you are of "
            "scrutiny, an improvement partner or the DfE, released to you.",
        )
    }
    name = "updates"
    row = UpdateRow
    filters = UpdateFilters

    def queryset(self):
        return Update.objects.visible_to(self.viewer)


class OfUpdate:
    """What the views of one update share."""

    tag = "Updates"
    kind = "update"
    row = WholeUpdate
    refused, stale = Refused, Stale
    may = Ability.DRAFT_PLANS

    def update(self):
        """Return the update, which the viewer sees. Raises Problem (404)."""
        if not hasattr(self, "_update"):
            seen = Update.objects.visible_to(self.viewer).filter(pk=self.kwargs["pk"])
            self._update = seen.select_related("plan__council", "version").first()
        if self._update is None:
            raise Problem(404, "not-found", NOT_HERE)
        return self._update

    def found(self):
        return whole_of(self.update(), self.viewer.today)

    def allowed(self):
        return self.viewer.may_at(self.may, self.update().plan.council_id)

    def act(self, revision, answers):
        """Do it to the update as it was read, under its lock: nobody changes an answer meanwhile."""
        with transaction.atomic():
            update = Update.objects.select_for_update(no_key=True).get(pk=self.update().pk)
            if revision_of(update) != revision:
                del self._update
                raise Stale(update)
            done = self.do(update, answers)
        del self._update
        return done

    def do(self, update, answers):
        """Call the action."""
        raise NotImplementedError


class OverallBody(serializers.Serializer):
    overall = WordsField(max_length=8000, required=False, allow_blank=True)
    decisions_needed = WordsField(
        max_length=4000, required=False, allow_blank=True, help_text="What the board is asked to decide."
    )


class OneUpdate(OfUpdate, Single, Change):
    about = {
        "get": (
            "Read an update",
            "Whole: what it asks for, what is answered and what is lacking. A submitted one is told as it was "
            "submitted. Each answer names its own version in `etag`.",
        ),
        "patch": (
            "Write the words for the whole",
            "They come last, once every priority is filled in. What is not sent stays.",
        ),
    }
    asks = OverallBody
    example = {"overall": "A steady month.", "decisions_needed": "Agree the new date of action 2.3."}

    def patch(self, request, pk):
        return self.changed(lambda: self.acted_and_told(self.act, self.asks))

    def do(self, update, answers):
        told = {"overall": update.overall, "decisions_needed": update.decisions_needed} | answers
        actions.write_overall(update, **told, revision=update.revision, **self.by_and_on())


class NothingBody(serializers.Serializer):
    pass


class NoChangeBody(serializers.Serializer):
    actions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53),
        required=False,
        allow_null=True,
        default=None,
        max_length=500,
        help_text="Numbers of actions; null or left out: all.",
    )


class NoChange(OfUpdate, Posted):
    about = {
        "post": (
            "Say “no change”",
            "Of every action of which it may be said (`may_stay`), or of those of `actions` among them: on track, not "
            "past its date, no reading due, nothing said yet.",
        )
    }

    asks = NoChangeBody

    def do(self, update, answers):
        actions.say_no_change(update, **answers, **self.by_and_on())


class SendForApproval(OfUpdate, Posted):
    about = {"post": ("Send an update for approval", "409 names what it lacks.")}
    asks = NothingBody

    def do(self, update, answers):
        actions.send_update_for_approval(update, **self.by_and_on())


class SendBackBody(serializers.Serializer):
    note = WordsField(max_length=2000, help_text="What is to be mended.")


class SendBack(OfUpdate, Posted):
    about = {"post": ("Send an update back", "To those who fill it in, with what to mend: for the approver.")}
    asks = SendBackBody
    example = {"note": "Say what difference action 1.2 has made."}
    may = Ability.APPROVE_PLANS

    def do(self, update, answers):
        actions.send_update_back(update, **answers, **self.by_and_on())


class Submit(OfUpdate, Posted):
    about = {
        "post": (
            "Submit an update",
            "For the approver. What it says is frozen, its figures become readings, the dates it moves are moved and "
            "what it reports complete is met. 409 names what it lacks.",
        )
    }
    asks = NothingBody
    may = Ability.APPROVE_PLANS

    def do(self, update, answers):
        actions.submit_update(update, revision=update.revision, **self.by_and_on())


class Correct(OfUpdate, Posted):
    about = {
        "post": (
            "Begin a correction of an update",
            "A new one with the same answers, to be changed and submitted; what was submitted stays. Answers with the "
            "new one.",
        )
    }
    asks = NothingBody

    def do(self, update, answers):
        self.kwargs["pk"] = actions.correct_update(update, **self.by_and_on()).pk


# --- what is said of each


class OfAnswer(OfUpdate):
    """What the views of one answer of an update share. `about` in the address is what it is said of.

    Its version is its own. 0: nothing is saved yet, and whoever saves first with that wins.
    """

    section = ""

    @property
    def named(self):
        return f"{self.kwargs['pk']}.{self.kwargs[self.section]}"

    def rows(self, whole):
        raise NotImplementedError

    def found(self):
        for row in self.rows(super().found()):
            if row[self.section] == self.kwargs[self.section]:
                return {name: row[name] for name in self.row._declared_fields}
        raise Problem(404, "not-found", NOT_HERE)

    def act(self, revision, answers):
        told = {**answers, "revision": revision, **self.by_and_on()}
        try:
            self.report(self.update(), self.kwargs[self.section], **told)
        finally:
            del self._update


class PriorityBody(serializers.Serializer):
    delivery = serializers.ChoiceField(choices=DELIVERIES, required=False, default="", allow_blank=True)
    text = WordsField(max_length=4000, required=False, default="", allow_blank=True)


class PriorityAnswer(OfAnswer, Single, Replaced):
    about = {
        "get": ("Read what an update says of a priority", "As a whole, in the council's own view."),
        "put": ("Say how a priority stands", "All of it: what is left out is empty."),
    }
    kind, section, row = "update-priority", "priority", PriorityAnswerRow
    asks = PriorityBody
    example = {"delivery": "on-track", "text": "As planned."}
    report = staticmethod(actions.report_priority)

    def rows(self, whole):
        return whole["priorities"]


class ActionBody(serializers.Serializer):
    delivery = serializers.ChoiceField(choices=DELIVERIES, required=False, default="", allow_blank=True)
    percent = serializers.IntegerField(
        min_value=0, max_value=100, required=False, allow_null=True, default=None
    )
    impact = serializers.ChoiceField(choices=IMPACTS, required=False, default="", allow_blank=True)
    done = WordsField(
        max_length=4000, required=False, default="", allow_blank=True, help_text="What was done."
    )
    difference = WordsField(
        max_length=4000,
        required=False,
        default="",
        allow_blank=True,
        help_text="What difference it has made.",
    )
    reason = WordsField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Why it is not on track."
    )
    recovery = WordsField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="How it is to be on track again.",
    )
    new_due_on = DayField(required=False, allow_null=True, default=None, help_text="Where its date moves.")
    date_reason = WordsField(max_length=2000, required=False, default="", allow_blank=True)


class ActionAnswer(OfAnswer, Single, Replaced):
    about = {
        "get": ("Read what an update says of an action", "For its named owner too."),
        "put": (
            "Say how an action stands",
            "All of it, as far as it is known: what is left out is empty. For whoever drafts, and for the action's "
            "named owner.",
        ),
    }
    kind, section, row = "update-action", "action", ActionAnswerRow
    asks = ActionBody
    example = {"delivery": "on-track", "percent": 40, "impact": "early-signs", "done": "Two teams trained."}
    report = staticmethod(actions.report_action)

    def update(self):
        try:
            return super().update()
        except Problem:
            if not self._is_owner():
                raise
        of_plan = Update.objects.select_related("plan__council", "version")
        self._update = of_plan.get(pk=self.kwargs["pk"])
        return self._update

    def allowed(self):
        return super().allowed() or self._is_owner()

    def rows(self, whole):
        return [action for section in whole["priorities"] for action in section["actions"]]

    def _is_owner(self):
        """Say whether the viewer is the named owner of the action in the version that the update reports on."""
        own = PlannedAction.objects.owned_by(self.viewer).filter(action=self.kwargs["action"])
        return own.filter(version__updates=self.kwargs["pk"]).exists()


class MeasureBody(serializers.Serializer):
    value = NumberField(required=False, allow_null=True, default=None)
    reading_on = DayField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The day that the figure describes; left out: the last of the period.",
    )
    expected_on = DayField(
        required=False, allow_null=True, default=None, help_text="Not yet available: expected on."
    )
    note = WordsField(max_length=500, required=False, default="", allow_blank=True)


class MeasureAnswer(OfAnswer, Single, Replaced):
    about = {
        "get": ("Read what an update says of a measure", "A figure and its day, or when one is expected."),
        "put": (
            "Give a measure's figure in an update",
            "Or the day on which one is expected. It becomes a reading when the update is submitted.",
        ),
    }
    kind, section, row = "update-measure", "measure", MeasureAnswerRow
    asks = MeasureBody
    example = {"value": "71.5", "note": "Provisional."}
    report = staticmethod(actions.report_measure)

    def rows(self, whole):
        return [*whole["measures"], *(one for section in whole["priorities"] for one in section["measures"])]
