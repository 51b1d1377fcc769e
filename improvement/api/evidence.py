"""Evidence: listed, attached as a file or a link, taken away; and the documents themselves."""

from django.db import transaction
from django.http import Http404
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from accounts.permissions import Ability
from api.fields import WordsField
from api.finding import MOST, named
from api.problems import Problem
from api.rendering import JsonBody
from api.rows import Row
from api.versions import tag_of
from api.views import NOT_HERE, Adding, Change, Resource, Single
from cases.actions import Refused, Stale
from cases.document_views import document
from cases.models import Document
from improvement.actions.evidence import LONGEST_NOTE, attach, may_remove, remove
from improvement.api.updates import COUNCIL_CODE, NothingBody
from improvement.models import Action, Evidence, Update
from improvement.update_filters import EvidenceFilters


class EvidenceRow(Row):
    """A document or link that shows what an action has done."""

    id = serializers.IntegerField()
    plan = serializers.CharField(source="action.plan.reference", help_text="The plan's reference.")
    council = serializers.CharField(source="action.plan.council.la_code", help_text=COUNCIL_CODE)
    action = serializers.IntegerField(source="action_id")
    update = serializers.IntegerField(
        source="update_id", allow_null=True, help_text="The update with which it is read; null: the plan."
    )
    kind = serializers.ChoiceField(choices=Evidence.Kind.choices)
    note = serializers.CharField()
    document = serializers.IntegerField(
        source="document_id", help_text="Its number among `documents/`, where its file is had."
    )
    title = serializers.CharField(source="document.title")
    name = serializers.CharField(source="document.name", help_text="The file's name; empty: a link.")
    url = serializers.CharField(source="document.url", help_text="Where it is a link.")
    content_type = serializers.CharField(source="document.content_type")
    size = serializers.IntegerField(source="document.size", help_text="Bytes.")
    digest = serializers.CharField(source="document.digest", help_text="SHA-256 of the file.")
    scan = serializers.ChoiceField(source="document.scan", choices=Document.Scan.choices)
    attached_by = serializers.CharField(source="attached_by.name", allow_null=True)
    attached_on = serializers.DateField()


class EvidenceBody(serializers.Serializer):
    action = serializers.IntegerField(min_value=1, max_value=MOST)
    update = serializers.IntegerField(
        min_value=1,
        max_value=MOST,
        required=False,
        allow_null=True,
        default=None,
        help_text="An update that is not yet submitted, with which it is read.",
    )
    kind = serializers.ChoiceField(choices=Evidence.Kind.choices)
    title = WordsField(max_length=200, required=False, default="", allow_blank=True)
    note = WordsField(max_length=LONGEST_NOTE, required=False, default="", allow_blank=True)
    url = WordsField(
        max_length=500, required=False, default="", allow_blank=True, help_text="A link, instead of a file."
    )
    upload = serializers.FileField(
        required=False,
        allow_null=True,
        default=None,
        allow_empty_file=True,
        max_length=None,
        help_text="As multipart/form-data: pdf, docx, xlsx, pptx, png, jpeg, csv or txt, of 25 MB at most. "
        "Nothing about a child.",
    )


class OfEvidence:
    tag = "Evidence"
    row = answers = EvidenceRow
    refused, stale = Refused, Stale

    def queryset(self):
        return Evidence.objects.visible_to(self.viewer).filter(removed_on=None)


class AllEvidence(OfEvidence, Adding):
    about = {
        "get": ("List evidence", "What you may read of what is attached to actions."),
        "post": (
            "Attach evidence",
            "A file, as multipart/form-data, or a link, to an action of a plan that you draft or that names you as its "
            "owner. A repeated post is known by its fields and the file's content.",
        ),
    }
    name = "evidence"
    filters = EvidenceFilters
    asks = EvidenceBody
    example = {"action": 12, "kind": "audit", "url": "https://www.example.org/audit", "title": "Audit"}
    parser_classes = [JsonBody, MultiPartParser]
    one = "one-evidence"

    def may_add(self):
        return self.viewer.may(Ability.DRAFT_PLANS) or self.viewer.may(Ability.REPORT_ACTIONS)

    def prepared(self, answers):
        theirs = Action.objects.reportable_by(self.viewer)
        nothing = "There is no such action on which you report."
        action = named(theirs.select_related("plan"), "action", nothing, pk=answers["action"])
        update = answers["update"]
        if update is not None:
            of_plan = Update.objects.filter(plan=action.plan_id)
            update = named(of_plan, "update", "There is no such update of the action's plan.", pk=update)
        return answers | {"action": action, "update": update}

    def add(self, prepared):
        return attach(**prepared, **self.by_and_on()).pk


class OneEvidence(OfEvidence, Single, Change):
    about = {
        "get": ("Read what evidence is", "Its file is had at `documents/`."),
        "delete": (
            "Take evidence away",
            "Its file is deleted once nothing else holds it; that it was there stays on record.",
        ),
    }
    kind = "evidence"
    asks_to_delete = NothingBody

    def etag(self, row, body):
        # It never changes: it is there, or it has been taken away.
        return tag_of(self.kind, self.named, 1, body)

    def its(self):
        whole = Evidence.objects.select_related("action__plan", "document")
        return whole.get(pk=self.kwargs["pk"])

    def allowed(self):
        return may_remove(self.its(), self.viewer)

    def delete(self, request, pk):
        self.changed(lambda: self.acted(self._remove, self.asks_to_delete))
        return self.nothing()

    @transaction.atomic
    def _remove(self, revision, answers):
        if revision != 1:
            raise Stale(_Whole(self.its()))
        remove(self.its(), **self.by_and_on())


class _Whole:
    """Evidence as something that has a revision: always the first."""

    revision = 1

    def __init__(self, evidence):
        self.pk = evidence.pk


class OneDocument(Resource):
    """A file, sent as it is. To nobody who may not read what it is attached to."""

    tag = "Evidence"
    about = {
        "get": (
            "Download a document",
            "The file, as it was given; a link leads where it points. 409 while it waits for its scan, or where "
            "something was found in it.",
        )
    }
    parameters = ()
    gives_file = True

    def perform_content_negotiation(self, request, force=False):
        """Whatever Accept asks for: a file is what it is."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    def get(self, request, pk):
        kept = Document.objects.visible_to(self.viewer).filter(pk=pk).first()
        if kept is None:
            raise Problem(404, "not-found", NOT_HERE)
        if not kept.url and not kept.may_be_downloaded:
            raise Problem(409, "refused", f"{kept.get_scan_display()}: it can’t be downloaded.")
        try:
            return document(request._request, pk)
        except Http404:
            raise Problem(404, "not-found", "Its file is not there any more.") from None
