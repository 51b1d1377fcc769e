"""Notes and findings by program, for the team alone: as on its pages, and never as CSV."""

from collections import defaultdict
from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers

from api.fields import NUMBER, DayField, TruthField, WordsField, numbers_field
from api.finding import named
from api.rendering import Json
from api.rows import Row
from api.views import Adding, Change, Posted, Single
from cases import actions as of_cases
from peer_reviews.actions import findings, notes
from peer_reviews.api.reviews import REFERENCE, NothingBody
from peer_reviews.filters import FindingFilters, NoteFilters
from peer_reviews.models import Activity, Finding, Gathered, LineOfEnquiry, Note, PeerReview
from peer_reviews.models.on_site import SourceType, Voice
from peer_reviews.rules.notes import MOST_CHARACTERS

NO_REVIEW = "There is no such review on whose team you are."


class OfTeamAlone(Adding):
    """A list of what the team alone reads: in JSON, for a file of it could be passed on."""

    renderer_classes = [Json]
    wants_csv = False
    refused = of_cases.Refused

    def may_add(self):
        return PeerReview.objects.of_team(self.viewer).exists()

    def review_of(self, answers):
        theirs = PeerReview.objects.of_team(self.viewer).select_related("case__council", "kind")
        return named(theirs, "review", NO_REVIEW, case__reference=answers["review"])


# Notes


class NoteRow(Row):
    """An evidence note of the team: whose voice, never whose name."""

    id = serializers.IntegerField()
    review = serializers.CharField(source="review.case.reference")
    key = serializers.UUIDField(help_text="Made by whoever wrote it, so that it is taken once.")
    author = serializers.IntegerField(source="author_id", help_text="A member of the team.")
    kind = serializers.ChoiceField(choices=Note.Kind.choices)
    line = serializers.IntegerField(source="line_id", allow_null=True, help_text="A line of enquiry.")
    text = serializers.CharField()
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    source_type = serializers.ChoiceField(choices=SourceType.choices)
    voice = serializers.ChoiceField(choices=Voice.choices)
    on = serializers.DateField(help_text="The day it tells of.")
    written_at = serializers.DateTimeField()
    shared_at = serializers.DateTimeField(allow_null=True, help_text="Null: its author alone reads it.")
    late = serializers.BooleanField(help_text="Written before the lock, and arrived after it.")
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class NoteFields(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Note.Kind.choices)
    line = serializers.IntegerField(**NUMBER, required=False, allow_null=True)
    text = WordsField(max_length=MOST_CHARACTERS, help_text="Nothing that could identify a child.")
    activity = serializers.IntegerField(**NUMBER, required=False, allow_null=True)
    source_type = serializers.ChoiceField(
        choices=SourceType.choices, required=False, help_text="The activity's where not given."
    )
    voice = serializers.ChoiceField(
        choices=Voice.choices, required=False, help_text="The activity's where not given."
    )


class NoteBody(NoteFields):
    review = WordsField(**REFERENCE)
    key = serializers.UUIDField(required=False, help_text="Of your own making; sent again, it is taken once.")
    on = DayField(required=False, help_text="The day it tells of; today where not given.")
    written_at = serializers.DateTimeField(required=False, help_text="Now where not given.")
    share = TruthField(required=False, help_text="Let the team read it at once.")


def with_rows(answers, review):
    """Return a body with its line and activity, of the review, in place of their numbers. Raises Problem (400)."""
    for field, model, detail in (
        ("line", LineOfEnquiry, "There is no such line of enquiry of this review."),
        ("activity", Activity, "There is no such activity of this review."),
    ):
        if answers.get(field) is not None:
            answers[field] = named(model.objects.filter(review=review), field, detail, pk=answers[field])
    return answers


class OfNotes:
    tag = "Peer reviews: notes and findings"
    row = NoteRow

    def queryset(self):
        return Note.objects.visible_to(self.viewer)


class Notes(OfNotes, OfTeamAlone):
    about = {
        "get": ("List a team’s notes", "Of the reviews on whose team you are: those shared, and your own."),
        "post": (
            "Write a note",
            "Private until you share it. One sent again under the same key is taken once.",
        ),
    }
    name = "notes"
    answers = NoteRow
    filters = NoteFilters
    asks = NoteBody
    example = {
        "review": "PR-2026-0001",
        "kind": "strength",
        "text": "Team managers describe weekly supervision.",
        "source_type": "focus-group",
        "voice": "team-managers",
    }
    one = "note"

    def prepared(self, answers):
        review = self.review_of(answers)
        return with_rows(answers, review) | {"review": review}

    def add(self, prepared):
        now = timezone.now()
        told = {
            "key": prepared.pop("key", None) or uuid4(),
            "day": prepared.pop("on", None) or self.viewer.today,
            "written_at": prepared.pop("written_at", None) or now,
        }
        try:
            return notes.write(prepared.pop("review"), **prepared, **told, now=now, **self.by_and_on()).pk
        except of_cases.Stale:
            raise of_cases.Refused(
                "A note of this key says something else by now: change that one", "key"
            ) from None


class OfNote(OfNotes):
    kind = "note"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        return Note.objects.written_by(self.viewer).filter(**self.kwargs).exists()

    def its(self):
        return get_object_or_404(Note.objects.select_related("review__case__council"), **self.kwargs)


class OneNote(OfNote, Single, Change):
    about = {
        "get": ("Read a note", "With the ETag that a change to it asks for."),
        "patch": ("Change your own note", "Until notes lock. What is sent is the whole note."),
    }
    asks = NoteFields
    example = {
        "kind": "consideration",
        "text": "Supervision is monthly in one team.",
        "source_type": "interview",
        "voice": "social-workers",
    }

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._change, self.asks))

    def _change(self, revision, answers):
        note = self.its()
        given = with_rows(answers, note.review)
        notes.change(note, **given, revision=revision, now=timezone.now(), **self.by_and_on())


class ShareNote(OfNote, Posted):
    about = {"post": ("Share your own note", "The team reads it from then on, for good.")}
    asks = NothingBody
    example = {}

    def act(self, revision, answers):
        note = self.its()
        if note.revision != revision:
            raise of_cases.Stale(note)
        notes.share(note, now=timezone.now(), **self.by_and_on())


# Findings


class FindingRow(Row):
    """What a team makes of its notes, in the words that stand now."""

    id = serializers.IntegerField()
    review = serializers.CharField(source="review.case.reference")
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    line = serializers.IntegerField(source="line_id", allow_null=True, help_text="A line of enquiry.")
    place = serializers.IntegerField()
    wording = serializers.CharField()
    severity = serializers.CharField()
    at_risk = serializers.BooleanField(help_text="Puts the council at risk at its next inspection.")
    agreed_on = serializers.DateField(allow_null=True, help_text="Null: the wording is not agreed.")
    dropped_on = serializers.DateField(allow_null=True)
    notes = serializers.ListField(
        child=serializers.IntegerField(), help_text="Those it rests on that you may read."
    )
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class FindingFields(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    wording = WordsField(max_length=4000)
    line = serializers.IntegerField(**NUMBER, required=False, allow_null=True)
    severity = serializers.ChoiceField(choices=Finding.Severity.choices, required=False, allow_blank=True)
    rests_on = numbers_field(required=False, help_text="Findings that a recommendation rests on.")


class FindingBody(FindingFields):
    review = WordsField(**REFERENCE)
    notes = numbers_field(required=False, help_text="Shared notes that it rests on.")


class OfFindings:
    tag = "Peer reviews: notes and findings"
    row = FindingRow

    def queryset(self):
        return Finding.objects.visible_to(self.viewer)

    def completed(self, rows, keys):
        told = defaultdict(list)
        seen = Note.objects.visible_to(self.viewer).values("pk")
        links = Gathered.objects.filter(finding__in=keys, note__in=seen).order_by("note")
        for finding, note in links.values_list("finding", "note"):
            told[finding].append(note)
        for row, key in zip(rows, keys, strict=True):
            row["notes"] = told[key]


class Findings(OfFindings, OfTeamAlone):
    about = {
        "get": ("List findings", "Those of your team; for the LGA, once the report is final."),
        "post": ("Write a finding", "Of a review on whose team you are, resting on its notes."),
    }
    name = "findings"
    answers = FindingRow
    filters = FindingFilters
    asks = FindingBody
    example = {
        "review": "PR-2026-0001",
        "kind": "strength",
        "wording": "Leaders know what practice is like.",
        "notes": [],
    }
    one = "finding"

    def prepared(self, answers):
        return answers | {"review": self.review_of(answers)}

    def add(self, prepared):
        review = prepared.pop("review")
        return findings.add_finding(review, **prepared, now=timezone.now(), **self.by_and_on()).pk


class OfFinding(OfFindings):
    kind = "finding"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        theirs = PeerReview.objects.of_team(self.viewer).values("pk")
        return Finding.objects.filter(review__in=theirs, **self.kwargs).exists()

    def its(self):
        return get_object_or_404(Finding.objects.select_related("review__case__council"), **self.kwargs)


class OneFinding(OfFinding, Single, Change):
    about = {
        "get": ("Read a finding", "With the ETag that a change to it asks for."),
        "patch": ("Change a finding", "New words stand beside the old, and are no longer agreed."),
    }
    asks = FindingFields
    example = {"kind": "strength", "wording": "Leaders know what practice is like, week by week."}

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._change, self.asks))

    def _change(self, revision, answers):
        findings.change_finding(
            self.its(), **answers, revision=revision, now=timezone.now(), **self.by_and_on()
        )


class AgreeFinding(OfFinding, Posted):
    about = {"post": ("Record that the team agrees a finding’s wording", "As it stands.")}
    asks = NothingBody
    example = {}

    def act(self, revision, answers):
        findings.agree_wording(self.its(), revision=revision, **self.by_and_on())


class GatherBody(serializers.Serializer):
    add = numbers_field(required=False)
    remove = numbers_field(required=False)


class Gather(OfFinding, Posted):
    about = {
        "post": ("Let a finding rest on more notes, or on fewer", "Only what is shared can be gathered.")
    }
    asks = GatherBody
    example = {"add": []}

    def act(self, revision, answers):
        finding = self.its()
        if finding.revision != revision:
            raise of_cases.Stale(finding)
        findings.gather(finding, **answers, **self.by_and_on())
