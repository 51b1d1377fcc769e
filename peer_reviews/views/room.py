"""The document room, and what the team asks the council for."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render

from peer_reviews.actions import requests as request_actions
from peer_reviews.actions import room as actions
from peer_reviews.forms import on_site as forms
from peer_reviews.models import ENDED, Request, RoomDocument
from peer_reviews.presenters import on_site as shown
from peer_reviews.queries import requests as request_queries
from peer_reviews.queries import room as queries
from peer_reviews.rules.stages import has_reached
from peer_reviews.views.on_site import AskOnSite, found_between

NEVER = (
    "Never upload anything about a child: no name, no date of birth, no NHS or pupil number, no case record. Take them "
    "out first, and refer to cases by their reference only."
)


def room(request, reference):
    """What the room holds, for the team, whoever runs the review, and the council."""
    review, part = found_between(request, reference)
    statement, others = shown.papers(queries.room_of(review, request.viewer))
    is_open = has_reached(review.stage, "accepted", stage_before=review.stage_before)
    context = {
        "review": review,
        "part": part,
        "heading": shown.room_heading(review, statement, others),
        "statement": statement,
        "others": others,
        "may_add": part.prepares and is_open and review.stage not in ENDED,
        "may_remove": part.prepares or part.runs,
        "is_open": is_open,
        "waiting": len(request_queries.open_requests(review, request.viewer)) if part.prepares else 0,
    }
    return render(request, "peer_reviews/on_site/room.html", context)


class OfRoom(AskOnSite):
    back, back_words = "room", "Documents"

    def files(self, data):
        return None if data is None else self.request.FILES

    def ask(self, form, template=None, status=200, **more):
        # A browser forgets the file that was chosen, and doesn't say so.
        if form.errors and self.request.FILES.get("upload") and "upload" not in form.errors:
            form.add_error("upload", "Choose the file again: it isn’t kept while something else is wrong")
        return super().ask(form, template, status, **more)


class AddToRoom(OfRoom):
    title = "Put a document in the room"
    button = "Put it in the room"
    guidance = (
        "The review’s team and the LGA’s people who run it read it. It is deleted when the review is closed."
    )
    multipart = True
    warning = NEVER

    def may(self):
        return self.part.prepares

    def form(self, data=None):
        return forms.RoomForm(data, self.files(data))

    def act(self, form):
        kept = actions.put_in_room(self.review, **form.answers(), **self.by_and_on())
        return f"“{kept.document.title}” is in the room."


class RemoveFromRoom(OfRoom):
    button = "Take it out"

    @property
    def title(self):
        return f"Take “{self.kept.document.title}” out of the room?"

    guidance = "It is deleted for good. That it was here, from when until when, stays on record."

    def find(self, pk):
        rows = RoomDocument.objects.visible_to(self.request.viewer).select_related("document", "review")
        self.kept = get_object_or_404(rows, pk=pk, review=self.review)

    def may(self):
        return self.part.prepares or self.part.runs

    def form(self, data=None):
        return forms.Nothing(data)

    def act(self, form):
        title = self.kept.document.title
        actions.take_from_room(self.kept, **self.by_and_on())
        return f"“{title}” was taken out and deleted."


def requests(request, reference):
    """What the team has asked the council for, on one list: what is overdue first, what is answered last."""
    review, part = found_between(request, reference)
    viewer = request.viewer
    waiting = list(request_queries.open_requests(review, viewer))
    context = {
        "review": review,
        "part": part,
        "heading": shown.requests_heading(waiting, viewer.today),
        "waiting": shown.asked(waiting, viewer.today),
        "answered": shown.asked(request_queries.answered_requests(review, viewer), viewer.today),
        "running": review.stage not in ENDED,
    }
    return render(request, "peer_reviews/on_site/requests.html", context)


class OfRequests(OfRoom):
    back, back_words = "requests", "Requests"

    def find(self, pk):
        rows = Request.objects.visible_to(self.request.viewer).select_related("review__case__council")
        self.asked = get_object_or_404(rows, pk=pk, review=self.review)
        if self.asked.outcome and self.request.method != "POST":
            raise Http404

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        said = current.get_outcome_display() or "Open"
        return [("Asked for", current.text), ("How it stands", said), ("Answer", current.answer or "None")]


class MakeRequest(AskOnSite):
    back, back_words = "requests", "Requests"
    title = "Ask the council for something"
    button = "Ask for it"
    guidance = "The council’s organiser and its other contributors see it at once, and answer it."

    def may(self):
        return self.part.asks

    def form(self, data=None):
        return forms.RequestForm(data, today=self.request.viewer.today)

    def act(self, form):
        request_actions.ask_for(self.review, **form.cleaned_data, **self.by_and_on())
        return "The council sees what you asked for."


class AnswerRequest(OfRequests):
    title = "Answer the team"
    button = "Send the answer"
    multipart = True
    warning = NEVER

    @property
    def guidance(self):
        return f"“{self.asked.text}”"

    def may(self):
        return self.part.prepares

    def form(self, data=None):
        return forms.AnswerForm(data, self.files(data), about=self.asked)

    def act(self, form):
        request_actions.answer(self.asked, **form.cleaned_data, **self.by_and_on())
        return "The team sees your answer."


class WithdrawRequest(OfRequests):
    title = "Is this no longer needed?"
    button = "It is no longer needed"

    @property
    def guidance(self):
        return f"“{self.asked.text}”"

    def may(self):
        return self.part.asks

    def form(self, data=None):
        return forms.AboutRevision(data, about=self.asked)

    def act(self, form):
        request_actions.withdraw(self.asked, **form.cleaned_data, **self.by_and_on())
        return "The council sees that it is no longer needed."
