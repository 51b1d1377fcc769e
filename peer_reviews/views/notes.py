"""The pages of a team's evidence notes: add, find, read, change, share, merge, and what is still needed."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.generic import View

from cases.asking import AskView
from cases.presenters import count_of, day_words
from cases.queries import working_calendars
from cases.rules import BeyondTheTable
from peer_reviews.actions import notes as actions
from peer_reviews.forms.notes import (
    ChangeNoteForm,
    FindNotesForm,
    LockForm,
    MergeForm,
    NewNoteForm,
    RevisionForm,
)
from peer_reviews.models import Note, PeerReview
from peer_reviews.presenters import notes as words
from peer_reviews.queries import coverage as covered
from peer_reviews.queries import notes as queries
from peer_reviews.queries.timetable import activity_now
from peer_reviews.rules.notes import LONDON, default_delete_on, default_lock_at, is_locked
from peer_reviews.views.finding import review_or_404, team_review_or_404

ON_A_PAGE = 50
# What the next note takes over from the last, in the address: never what it says.
TAKEN_OVER = ("line", "activity", "source_type", "voice")


@method_decorator(never_cache, name="dispatch")
class OfTeam(AskView):
    """Ask one thing of somebody on the team. To everybody else there is no such page."""

    template = "peer_reviews/notes/ask.html"

    def setup_for(self, request, reference):
        self.review = team_review_or_404(request.viewer, reference)

    def by_and_on(self):
        return {**super().by_and_on(), "now": timezone.now()}

    def address(self, name, **more):
        return reverse(name, kwargs={"reference": self.review.case.reference, **more})

    def next_page(self):
        return self.address("notes")

    def ask(self, form, template=None, status=200, **more):
        return super().ask(form, template, status, review=self.review, **more)

    @property
    def is_locked(self):
        return is_locked(self.review.notes_lock_at, timezone.now())


class AddNote(OfTeam):
    """Write a note: the page that is open all day on site."""

    template = "peer_reviews/notes/add.html"
    title = "Add a note"

    def setup_for(self, request, reference):
        super().setup_for(request, reference)
        self.member = queries.member_of(self.review, request.viewer)
        self.lines = list(self.review.lines.all())
        self.activities = queries.activities_of(self.review)

    def form(self, data=None):
        initial = {"key": uuid.uuid4(), **self.taken_over()}
        return NewNoteForm(data, lines=self.lines, activities=self.activities, initial=initial)

    def taken_over(self):
        """Return where the note comes from: as the last one, where the address says so, else by the timetable."""
        if any(name in self.request.GET for name in TAKEN_OVER):
            return {name: self.request.GET.get(name, "") for name in TAKEN_OVER}
        activity = activity_now(self.review, self.member, timezone.now())
        if activity is None:
            return {}
        lines = next(([*one.lines.all()] for one in self.activities if one.pk == activity.pk), [])
        return {"activity": str(activity.pk), "line": str(lines[0].pk) if len(lines) == 1 else ""}

    def act(self, form):
        given = form.given()
        self.typed = form.cleaned_data
        day = self.request.viewer.today
        if given["activity"] and self.member.from_on <= given["activity"].on <= day:
            day = given["activity"].on
        asked = self.by_and_on()
        note = actions.write(
            self.review,
            key=form.cleaned_data["key"],
            day=day,
            written_at=asked["now"],
            share="share" in self.request.POST,
            **given,
            **asked,
        )
        at = words.moment_words(note.changed_at, self.request.viewer.today)
        return f"Shared with the team at {at}" if note.shared_at else f"Saved {at}, private to you"

    def next_page(self):
        page = self.address("note_add")
        kept = {name: self.typed[name] for name in TAKEN_OVER} if hasattr(self, "typed") else {}
        return f"{page}?{urlencode(kept)}" if kept else page

    def form_as_it_is_now(self, typed, current):
        typed["key"] = str(uuid.uuid4())
        return self.form(typed)

    def facts(self, current):
        return [("Saved before", current.text)]

    def context(self):
        viewer = self.request.viewer
        return {
            "council": self.review.case.council,
            "where": words.where_words(self.review, viewer.today),
            "privacy": words.PRIVACY,
            "worried": ["peer_reviews/_worried.html", "peer_reviews/notes/_worried.html"],
            "worry_url": words.worry_url(self.review),
            "worry_words": words.WORRY,
            "send_url": self.address("notes_send"),
            "new_url": self.address("notes_new"),
            "setup_url": self.address("notes_setup"),
            # Before the notes are read: what comes meanwhile is told again rather than missed.
            "cursor": queries.cursor_now(self.review, viewer),
            "shared": [
                words.note_shown(note, viewer, self.review.case.reference)
                for note in queries.shared_just_now(self.review, viewer)
            ],
            "needed_words": words.needed_words(self.review, viewer.today),
            "needed": words.needed_shown(covered.needed(self.review, viewer)),
            "private": Note.objects.visible_to(viewer)
            .written_by(viewer)
            .filter(review=self.review, shared_at__isnull=True)
            .standing()
            .count(),
            "is_locked": self.is_locked,
            "locked_words": words.moment_words(self.review.notes_lock_at, viewer.today)
            if self.review.notes_lock_at
            else "",
        }

    def ask(self, form, template=None, status=200, **more):
        return super().ask(form, template, status, from_words=self.from_words(form), **more)

    def from_words(self, form):
        """Return where the note as it stands on the page comes from, in words."""
        activity = form.activities.get(str(form["activity"].value() or ""))
        source_type = form["source_type"].value() or (activity.source_type if activity else "")
        voice = form["voice"].value() or (activity.voice if activity else "")
        at = activity if activity and source_type == activity.source_type else None
        return words.source_words(source_type, voice, at)


@never_cache
def notes(request, reference):
    """List the notes that the viewer may read, and narrow them."""
    review = team_review_or_404(request.viewer, reference)
    form = FindNotesForm(
        request.GET,
        lines=list(review.lines.all()),
        team=list(review.team.filter(from_on__isnull=False).select_related("peer", "person")),
        days=queries.days_with_notes(review, request.viewer),
    )
    wanted = form.wanted()
    cursor = queries.cursor_now(review, request.viewer)
    page = Paginator(queries.found(review, request.viewer, **wanted), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "review": review,
        "find": form,
        "page": page,
        "count_words": count_of(page.paginator.count, "note"),
        "narrowed": any(wanted.values()) or wanted.get("line") == 0,
        "notes": [words.note_shown(note, request.viewer, reference) for note in page],
        "is_locked": is_locked(review.notes_lock_at, timezone.now()),
        "new_url": reverse("notes_new", kwargs={"reference": reference}),
        "cursor": cursor,
        "gather_url": reverse("finding_add", kwargs={"reference": reference}),
        "lock_words": words.lock_words(review, request.viewer.today),
        "sets_lock": review.manager_id == request.viewer.person_id,
        "late_filter": review.notes_lock_at is not None,
    }
    return render(request, "peer_reviews/notes/notes.html", context)


class OfNote(OfTeam):
    """Ask one thing about a note that the viewer may read; 403 where it is somebody else's to do."""

    of_author = True

    def setup_for(self, request, reference, pk):
        super().setup_for(request, reference)
        theirs = Note.objects.visible_to(request.viewer).filter(review=self.review)
        self.note = get_object_or_404(
            theirs.select_related(
                "review", "line", "activity", "author__peer", "author__person", "merged_into"
            ),
            pk=pk,
        )
        self.is_own = self.note.author.person_id == request.viewer.person_id
        if self.of_author and not self.is_own:
            raise PermissionDenied

    def form(self, data=None):
        return RevisionForm(data, initial={"revision": self.note.revision})

    def next_page(self):
        return self.address("note", pk=self.note.pk)

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [
            ("It is", current.get_kind_display()),
            ("Line of enquiry", current.line or "None yet"),
            ("Note", current.text),
        ]


@method_decorator(never_cache, name="dispatch")
class ReadNote(View):
    """One note, all of it, with what was merged into it."""

    def get(self, request, reference, pk):
        viewer = request.viewer
        review = team_review_or_404(viewer, reference)
        theirs = Note.objects.visible_to(viewer).filter(review=review)
        note = get_object_or_404(queries.for_a_list(theirs).defer(None), pk=pk)
        shown = words.note_shown(note, viewer, review.case.reference)
        locked = is_locked(review.notes_lock_at, timezone.now())
        merged = [
            words.note_shown(one, viewer, review.case.reference)
            for one in queries.for_a_list(theirs.filter(merged_into=note))
        ]
        context = {
            "review": review,
            "note": note,
            "shown": shown,
            "merged": merged,
            "into": note.merged_into_id,
            "changes": shown.is_own and not locked and not note.merged_into_id,
            "shares": shown.is_own and note.shared_at is None,
            "deletes": shown.is_own and note.shared_at is None and not locked,
            "parts": bool(merged) and not locked,
        }
        return render(request, "peer_reviews/notes/note.html", context)


class ChangeNote(OfNote):
    """Change one's own note, before the lock."""

    title = "Change your note"
    template = "peer_reviews/notes/change.html"

    def form(self, data=None):
        note = self.note
        return ChangeNoteForm(
            data,
            lines=list(self.review.lines.all()),
            activities=queries.activities_of(self.review),
            initial={
                "kind": note.kind,
                "line": note.line_id or "",
                "text": note.text,
                "activity": note.activity_id or "",
                "source_type": note.source_type,
                "voice": note.voice,
                "revision": note.revision,
            },
        )

    def act(self, form):
        actions.change(self.note, revision=form.cleaned_data["revision"], **form.given(), **self.by_and_on())
        return "Your note is changed"


class ShareNote(OfNote):
    """Show one's own note to the team, for good."""

    title = "Share this note with the team"
    button = "Share with the team"
    guidance = "Everybody on the team reads it from then on. It can’t be made private again."

    def act(self, form):
        actions.share(self.note, **self.by_and_on())
        return "Shared with the team"


class DeleteNote(OfNote):
    """Delete one's own note that nobody else has seen."""

    title = "Delete this note"
    button = "Delete it"
    guidance = "Nobody else has seen it, and nothing of it is kept."

    def act(self, form):
        actions.delete_own(self.note, revision=form.cleaned_data["revision"], **self.by_and_on())
        self.deleted = True
        return "Your note is deleted"

    def next_page(self):
        return self.address("notes") if hasattr(self, "deleted") else super().next_page()


class UndoMerge(OfNote):
    """Let notes that were merged stand by themselves again."""

    of_author = False
    title = "Undo the merge"
    button = "Undo the merge"
    guidance = "Each note stands by itself again and counts once."

    def act(self, form):
        actions.undo_merge(self.note, revision=form.cleaned_data["revision"], **self.by_and_on())
        return "The notes stand by themselves again"


class MergeNotes(OfTeam):
    """Merge the notes ticked on the list: which is kept, and what it says."""

    title = "Merge notes"
    button = "Merge them"
    template = "peer_reviews/notes/merge.html"

    def setup_for(self, request, reference):
        super().setup_for(request, reference)
        ticked = [int(pk) for pk in self.sent("note") if pk.isascii() and pk.isdigit() and len(pk) < 16]
        theirs = Note.objects.visible_to(request.viewer).filter(review=self.review).standing()
        self.notes = list(
            queries.for_a_list(theirs.filter(pk__in=ticked[:20])).defer(None).order_by("written_at", "pk")
        )

    def sent(self, name):
        return (self.request.POST if self.request.method == "POST" else self.request.GET).getlist(name)

    def get(self, request):
        if len(self.notes) < 2:
            messages.info(request, "Tick at least two notes on the list, then merge them")
            return redirect(self.next_page())
        return super().get(request)

    def post(self, request):
        if len(self.notes) < 2 or "kept" not in request.POST:
            return self.get(request)
        return super().post(request)

    def form(self, data=None):
        latest = self.notes[-1]
        return MergeForm(
            data,
            choices=[
                (note.pk, f"{note.author.name}, {self.when(note)}: {words.short(note.text)}")
                for note in self.notes
            ],
            initial={"kept": latest.pk, "text": "\n\n".join(dict.fromkeys(note.text for note in self.notes))},
        )

    def when(self, note):
        return words.moment_words(note.written_at, self.request.viewer.today)

    def act(self, form):
        kept = next(note for note in self.notes if str(note.pk) == form.cleaned_data["kept"])
        read_at = self.sent(f"revision_{kept.pk}")
        actions.merge(
            kept,
            [note for note in self.notes if note.pk != kept.pk],
            text=form.cleaned_data["text"],
            revision=int(read_at[0]) if read_at and read_at[0].isdigit() else 0,
            **self.by_and_on(),
        )
        return f"{count_of(len(self.notes), 'note')} are one now"

    def form_as_it_is_now(self, typed, current):
        return self.form(typed)

    def show_both(self, request, current):
        """Ask anew, each note as it is now; what was typed stays."""
        self.setup_for(request, self.review.case.reference)
        form = self.form(request.POST)
        form.add_error("text", "Somebody changed the note that you keep: it is shown as it is now")
        return self.ask(form, status=409)

    def context(self):
        shown = [
            words.note_shown(note, self.request.viewer, self.review.case.reference) for note in self.notes
        ]
        return {
            "notes": shown,
            "differ": len({(note.note.voice, note.note.activity_id) for note in shown}) > 1,
        }


@never_cache
def notes_needed(request, reference):
    """Show every line of enquiry by kind of source, what is missing, and what rests on one group."""
    review = team_review_or_404(request.viewer, reference)
    found = covered.coverage(review, request.viewer)
    context = {
        "review": review,
        "found": found,
        "where": words.where_words(review, request.viewer.today),
        **words.coverage_shown(found),
    }
    return render(request, "peer_reviews/notes/needed.html", context)


class SetLock(OfTeam):
    """When notes lock and when they are deleted: the manager's page."""

    title = "When the notes lock, and when they are deleted"
    template = "peer_reviews/notes/lock.html"

    def setup_for(self, request, reference):
        viewer = request.viewer
        own = PeerReview.objects.run_by(viewer).filter(manager=viewer.person_id or 0)
        try:
            self.review = review_or_404(viewer, reference, own)
        except Http404:
            super().setup_for(request, reference)
            raise PermissionDenied from None
        self.defaults = self._defaults()

    def _defaults(self):
        review, lock_at, delete_on = self.review, None, None
        if review.last_day is not None:
            calendar = working_calendars()["england-and-wales"]
            try:
                lock_at = default_lock_at(review.last_day, review.kind.lock_working_days, calendar)
            except BeyondTheTable:
                lock_at = None
        if review.final_on is not None:
            delete_on = default_delete_on(review.final_on, review.kind.keep_notes_weeks)
        return lock_at, delete_on

    def form(self, data=None):
        lock_at, delete_on = self.defaults
        stands = self.review.notes_lock_at or lock_at
        there = stands.astimezone(LONDON) if stands else None
        return LockForm(
            data,
            initial={
                "lock_on": there.date() if there else None,
                "lock_at": there.time() if there else None,
                "delete_on": self.review.notes_delete_on or delete_on,
                "revision": self.review.revision,
            },
        )

    def act(self, form):
        review = actions.set_lock(self.review, **form.given(), **self.by_and_on())
        return f"The notes lock at {words.moment_words(review.notes_lock_at, self.request.viewer.today)}"

    def next_page(self):
        on_team = PeerReview.objects.of_team(self.request.viewer).filter(pk=self.review.pk).exists()
        return self.address("notes") if on_team else self.review.get_absolute_url()

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        today = self.request.viewer.today
        locks = words.moment_words(current.notes_lock_at, today) if current.notes_lock_at else "Not set"
        deleted = day_words(current.notes_delete_on) if current.notes_delete_on else "Not set"
        return [("Notes lock", locks), ("Notes are deleted", deleted)]

    def context(self):
        lock_at, _ = self.defaults
        today = self.request.viewer.today
        kind = self.review.kind
        return {
            "default_words": words.moment_words(lock_at, today) if lock_at else "",
            "working_days": count_of(kind.lock_working_days, "working day"),
            "weeks": count_of(kind.keep_notes_weeks, "week"),
            "is_locked": self.is_locked,
        }
