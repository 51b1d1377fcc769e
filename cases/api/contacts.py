"""Contacts with councils, for the LGA alone: to anybody else there is no such address."""

from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import DayField, WordsField
from api.idempotency import done_once
from api.problems import Problem, in_fields
from api.rows import Row, as_dicts
from api.views import NOT_HERE, Change, Listing, Posted, Single, address_of, refusal
from cases import actions
from cases.filters import ContactFilters
from cases.models import Contact
from councils.models import Council, Office


class ContactRow(Row):
    """A contact with a council: posts, not names. Kept until `retain_until`, exclusive, then deleted."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    council_name = serializers.CharField(source="council.name")
    contacted_on = serializers.DateField(source="on")
    channel = serializers.ChoiceField(choices=Contact.Channel.choices)
    post = serializers.ChoiceField(choices=Office.choices)
    said = serializers.CharField()
    nature = serializers.ChoiceField(choices=Contact.Nature.choices)
    follow_up_on = serializers.DateField(allow_null=True)
    followed_up_on = serializers.DateField(allow_null=True)
    retain_until = serializers.DateField(help_text="The first day on which it is no longer kept.")
    made_on = serializers.DateField()
    made_by = serializers.CharField(source="made_by.name", allow_null=True)
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class ChangeContactBody(serializers.Serializer):
    contacted_on = DayField(required=False, help_text="Today or earlier.")
    channel = serializers.ChoiceField(choices=Contact.Channel.choices, required=False)
    post = serializers.ChoiceField(
        choices=Office.choices, required=False, help_text="The post, never a name."
    )
    said = WordsField(
        max_length=4000,
        required=False,
        help_text="Written as if its subject will read it: posts, not names, and nothing about a child or a family.",
    )
    nature = serializers.ChoiceField(choices=Contact.Nature.choices, required=False)
    follow_up_on = DayField(required=False, allow_null=True, help_text="Not before the contact.")
    retain_until = DayField(required=False, allow_null=True, help_text="Null: as long as the rule says.")


class ContactBody(ChangeContactBody):
    council = WordsField(max_length=50, help_text="The council's DfE code or slug.")
    contacted_on = DayField(help_text="Today or earlier.")
    channel = serializers.ChoiceField(choices=Contact.Channel.choices)
    post = serializers.ChoiceField(choices=Office.choices, help_text="The post, never a name.")
    said = WordsField(
        max_length=4000,
        help_text="Written as if its subject will read it: posts, not names, and nothing about a child or a family.",
    )
    nature = serializers.ChoiceField(choices=Contact.Nature.choices)


class ContactFacts(Row):
    """A contact without its words: an answer to a post is kept for a day, and the contact may go before."""

    id = serializers.IntegerField()
    council = serializers.CharField(source="council.la_code", help_text="The council's three-digit DfE code.")
    contacted_on = serializers.DateField(source="on")
    follow_up_on = serializers.DateField(allow_null=True)
    followed_up_on = serializers.DateField(allow_null=True)
    retain_until = serializers.DateField(help_text="The first day on which it is no longer kept.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class OfTheLga:
    """Nothing of this is there for somebody who doesn't see what is the LGA's alone."""

    tag = "Contacts"
    is_there_for_all = False

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if not self.viewer.may(Ability.SEE_LGA_ONLY):
            raise Problem(404, "not-found", NOT_HERE)


class Contacts(OfTheLga, Listing):
    about = {
        "get": (
            "List contacts",
            "Of the councils where you see what is the LGA's alone, while they are kept.",
        ),
        "post": (
            "Log a contact",
            "Answers with its number and Location, and not with its words. Kept as long as the rule says, unless "
            "`retain_until` says otherwise.",
        ),
    }
    name = "contacts"
    row = ContactRow
    filters = ContactFilters
    asks = ContactBody
    example = {
        "council": "9901",
        "contacted_on": "2026-11-03",
        "channel": "call",
        "post": "dcs",
        "nature": "fact",
        "said": "The plan goes to cabinet on 12 November.",
        "follow_up_on": "2026-11-13",
    }
    answers = ContactFacts

    def queryset(self):
        return Contact.objects.visible_to(self.viewer)

    def post(self, request):
        if not self.viewer.may(Ability.LOG_CONTACTS):
            raise Problem(403, "not-allowed", "You may read contacts, but not log any.")
        try:
            # Before an answer that was kept is given again: they may have lost the council since.
            answers = self.body_of(self.asks)
            council = self._council(answers.pop("council"))
            return done_once(request, lambda: self._log(council, answers))
        except actions.Refused as refused:
            raise refusal(refused) from None

    def _log(self, council, answers):
        contact = actions.log_contact(council=council, **answers, **self.by_and_on())
        columns = ContactFacts.columns()
        told = as_dicts(columns, Contact.objects.filter(pk=contact.pk).values_list(*columns.values()))[0]
        return self.json(
            told, status=201, headers={"Location": address_of(self.request, "contact", contact.pk)}
        )

    def _council(self, named):
        reach = self.viewer.council_filter(Ability.SEE_LGA_ONLY, "pk")
        council = Council.objects.filter(reach).filter(la_code=named).first()
        council = council or Council.objects.filter(reach).filter(slug=named).first()
        if council is None:
            raise in_fields(
                [{"field": "council", "detail": "There is no such council among those you look after."}]
            )
        return council


class OfContact(OfTheLga):
    """What the views of one contact share."""

    kind = "contact"
    row = ContactRow
    refused, stale = actions.Refused, actions.Stale

    def queryset(self):
        return Contact.objects.visible_to(self.viewer)

    def allowed(self):
        return (
            Contact.objects.visible_to(self.viewer).changeable_by(self.viewer).filter(**self.kwargs).exists()
        )

    def its(self):
        return Contact(pk=self.kwargs["pk"])


class DeleteBody(serializers.Serializer):
    reason = WordsField(max_length=400, help_text="Stays in the history; the words do not.")


class OneContact(OfContact, Single, Change):
    about = {
        "get": ("Read a contact", "With the ETag that a change to it asks for."),
        "patch": (
            "Change a contact",
            "What is not sent stays. A follow-up moved to another day is to be done again.",
        ),
        "delete": (
            "Delete a contact",
            "Before its time. The day, the channel and the reason stay in the history.",
        ),
    }
    asks = ChangeContactBody
    example = {"follow_up_on": "2026-11-20"}
    asks_to_delete = DeleteBody

    def patch(self, request, pk):
        return self.changed(lambda: self.acted_and_told(self._correct, self.asks))

    def delete(self, request, pk):
        self.changed(lambda: self.acted(self._delete, self.asks_to_delete))
        return self.nothing()

    def _correct(self, revision, answers):
        held = self.found()
        told = {name: held[name] for name in ChangeContactBody().fields} | answers
        actions.change_contact(self.its(), **told, revision=revision, **self.by_and_on())

    def _delete(self, revision, answers):
        actions.delete_contact(self.its(), **answers, revision=revision, **self.by_and_on())


class NothingBody(serializers.Serializer):
    pass


class FollowedUp(OfContact, Posted):
    about = {"post": ("Say that a contact was followed up", "Today. Answers without its words.")}
    asks = NothingBody
    answers = ContactFacts

    def versioned(self, row, **how):
        whole = super().versioned(row, **how)
        return self.json(
            {name: row[name] for name in ContactFacts.columns()}, headers={"ETag": whole["ETag"]}
        )

    def act(self, revision, answers):
        actions.followed_up(self.its(), revision=revision, **self.by_and_on())
