"""Contacts with a council, for the LGA alone: logged on the page that lists them, changed, followed up, deleted."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.permissions import Ability
from cases import actions
from cases.actions.contacts import kept_until
from cases.asking import AskView
from cases.contact_forms import ChangeContactForm, DeleteContactForm, LogContactForm, RevisionForm
from cases.models import Contact
from cases.presenters import contact_shown, day_words, deletion_words
from cases.queries import contacts_deleted, council_of_deleted_contact
from councils.models import Council

ON_A_PAGE = 25


class CouncilContacts(AskView):
    """What was said with a council, latest first; above it, for whoever may, the form for the next."""

    template = "cases/contacts.html"

    def setup_for(self, request, slug):
        scope = request.viewer.council_filter(Ability.SEE_LGA_ONLY, "pk")
        self.council = get_object_or_404(Council.objects.filter(scope), slug=slug)
        self.may_log = request.viewer.may_at(Ability.LOG_CONTACTS, self.council)
        if request.method not in ("GET", "HEAD") and not self.may_log:
            raise PermissionDenied

    def form(self, data=None):
        today = self.request.viewer.today
        return LogContactForm(data, today=today, kept=kept_until(today))

    def act(self, form):
        made = actions.log_contact(council=self.council, **form.cleaned_data, **self.by_and_on())
        return f"Contact of {day_words(made.on)} logged. It is kept until {day_words(made.retain_until)}."

    def next_page(self):
        return reverse("council_contacts", args=[self.council.slug])

    def context(self):
        viewer = self.request.viewer
        theirs = Contact.objects.visible_to(viewer).filter(council=self.council)
        page = Paginator(theirs.select_related("made_by"), ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {
            "council": self.council,
            "page": page,
            "contacts": [contact_shown(each, viewer.today) for each in page],
            "due": theirs.follow_ups_due(viewer.today).count(),
            "deleted": [deletion_words(event) for event in contacts_deleted(self.council)],
            "may_log": self.may_log,
        }


class DeletedMeanwhile(CouncilContacts):
    """A change to a contact that somebody deleted while it was typed: kept as a new one, if they save it."""

    def post(self, request):
        return self.ask(self.form(request.POST), status=409, deleted_meanwhile=True)


class OfContact(AskView):
    """Ask one thing about a contact: 404 to whoever may not see it, 403 to whoever may only read."""

    def setup_for(self, request, pk):
        theirs = Contact.objects.visible_to(request.viewer).select_related("council", "made_by")
        self.contact = get_object_or_404(theirs, pk=pk)
        self.council = self.contact.council
        if not request.viewer.may_at(Ability.LOG_CONTACTS, self.council):
            raise PermissionDenied

    def next_page(self):
        return reverse("council_contacts", args=[self.council.slug])

    def context(self):
        shown = contact_shown(self.contact, self.request.viewer.today)
        return {"council": self.council, "about": [("Contacts", self.next_page())], "contact": shown}

    def form_as_it_is_now(self, typed, current):
        self.contact = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        shown = contact_shown(current, self.request.viewer.today)
        return [
            ("Contact", shown.words),
            ("What was said", current.said),
            ("Fact or judgement", current.get_nature_display()),
            ("Follow-up", shown.follow_up.capitalize() or "None"),
            ("Kept until", day_words(current.retain_until)),
        ]


class ChangeContact(OfContact):
    title = "Change what was written down"

    def dispatch(self, request, pk):
        deleted_from = council_of_deleted_contact(pk) if request.method == "POST" else None
        if deleted_from is not None:
            # What was typed is kept, on the page where it can be logged anew.
            return DeletedMeanwhile.as_view()(request, slug=deleted_from.slug)
        return super().dispatch(request, pk=pk)

    def form(self, data=None):
        return ChangeContactForm(data, contact=self.contact)

    def act(self, form):
        changed = actions.change_contact(self.contact, **form.cleaned_data, **self.by_and_on())
        return f"Contact of {day_words(changed.on)} changed."


class FollowedUp(OfContact):
    template = "cases/contact.html"
    title = "Followed up?"
    button = "Mark as followed up"

    def form(self, data=None):
        return RevisionForm(data, contact=self.contact)

    def act(self, form):
        changed = actions.followed_up(self.contact, **form.cleaned_data, **self.by_and_on())
        return f"Contact of {day_words(changed.on)}: followed up."


class DeleteContact(OfContact):
    template = "cases/contact.html"
    title = "Delete this contact"
    button = "Delete it for good"

    def form(self, data=None):
        return DeleteContactForm(data, contact=self.contact)

    def act(self, form):
        contacted_on = self.contact.on
        actions.delete_contact(self.contact, **form.cleaned_data, **self.by_and_on())
        return f"Contact of {day_words(contacted_on)} deleted. That it was, and why, stays in the history."
