"""The pool of peers, for the LGA; a peer's own page, for themselves too. The days that councils lend.

404 to whoever may not read, 403 to whoever may read and not write.
"""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.permissions import Ability
from cases.asking import AskView
from cases.presenters import count_of, day_words
from councils.models import Council
from look.exports import csv_response
from peer_reviews.actions import days_lent as days_actions
from peer_reviews.actions import peers as actions
from peer_reviews.actions.pool_import import import_peers
from peer_reviews.forms import peers as forms
from peer_reviews.models import DaysLent, Peer, PeerReview, TeamMember, Tie
from peer_reviews.presenters import peers as shown
from peer_reviews.presenters.notes import within
from peer_reviews.queries import peers as queries
from peer_reviews.rules.fit import financial_year
from peer_reviews.rules.pool_file import COLUMNS
from peer_reviews.views.finding import review_or_404


def _lga_or_404(viewer):
    if not viewer.may(Ability.READ_PEERS):
        raise Http404


def _page_number(request):
    asked = request.GET.get("page", "")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


def peers(request):
    """Search the pool."""
    _lga_or_404(request.viewer)
    form = forms.SearchForm(request.GET)
    form.is_valid()
    wanted = queries.Wanted(**form.wanted())
    page = queries.search(wanted, request.viewer, page=_page_number(request))
    context = {
        "form": form,
        "page": page,
        "rows": [shown.peer_row(peer) for peer in page.peers],
        "heading": shown.search_heading(page, wanted),
        "is_filtered": wanted != queries.Wanted(),
        "may_keep": request.viewer.may(Ability.KEEP_PEERS),
    }
    return render(request, "peer_reviews/peers/peers.html", context)


def peer(request, pk):
    """Show one peer: to the LGA, and to themselves."""
    found = get_object_or_404(Peer.objects.visible_to(request.viewer).select_related("person"), pk=pk)
    of = queries.one_peer(found, request.viewer)
    own = found.person_id is not None and found.person_id == request.viewer.person_id
    keeps = request.viewer.may(Ability.KEEP_PEERS)
    context = {
        "peer": found,
        "shown": shown.peer_page(of, request.viewer.today),
        "of": of,
        "own": own,
        "may_keep": keeps,
        "may_say": keeps or own,
        "is_lga": request.viewer.may(Ability.READ_PEERS),
    }
    return render(request, "peer_reviews/peers/peer.html", context)


class PoolView(AskView):
    """Ask one thing about the pool. `by_self`: a peer may do it on their own page too."""

    template = "peer_reviews/peers/ask.html"
    by_self = False

    def setup_for(self, request, pk):
        self.peer = get_object_or_404(Peer.objects.visible_to(request.viewer), pk=pk)
        self.own = self.peer.person_id is not None and self.peer.person_id == request.viewer.person_id
        if not (request.viewer.may(Ability.KEEP_PEERS) or (self.by_self and self.own)):
            raise PermissionDenied
        self.find()

    def find(self):
        """Find what else the page is about. Raises Http404."""

    def next_page(self):
        return reverse("peer", args=[self.peer.pk])

    def context(self):
        return {"peer": self.peer, "is_lga": self.request.viewer.may(Ability.READ_PEERS)}

    def show_both(self, request, current):
        form = self.form_as_it_is_now(request.POST.copy(), current)
        form.is_valid()
        template = "peer_reviews/peers/changed_meanwhile.html"
        return self.ask(form, template, 409, facts=self.facts(current))

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return shown.peer_facts(current)


class AddPeer(AskView):
    template = "peer_reviews/peers/ask.html"
    title = "Add a peer to the pool"
    button = "Add"

    def setup_for(self, request):
        _lga_or_404(request.viewer)
        if not request.viewer.may(Ability.KEEP_PEERS):
            raise PermissionDenied
        self.made = None

    def form(self, data=None):
        return forms.AddPeerForm(data, today=self.request.viewer.today)

    def act(self, form):
        self.made = actions.add_peer(**form.given(), **self.by_and_on())
        return f"{self.made} is in the pool."

    def next_page(self):
        return reverse("peer", args=[self.made.pk]) if self.made else reverse("peers")

    def context(self):
        return {"is_lga": True}


class ImportPeers(AddPeer):
    """Add many peers from a file: all of it or none."""

    template = "peer_reviews/peers/import.html"
    title = "Add peers from a file"

    def form(self, data=None):
        return forms.ImportForm(data, self.request.FILES if data is not None else None)

    def act(self, form):
        content = form.cleaned_data["upload"].read()
        added, left = import_peers(content, **self.by_and_on())
        words = f"{count_of(added, 'peer')} added."
        return f"{words} {left} left out: their address is in the pool." if left else words

    def next_page(self):
        return reverse("peers")

    def context(self):
        return super().context() | {"columns": COLUMNS}


class ChangePeer(PoolView):
    @property
    def title(self):
        return f"Change {self.peer}"

    def form(self, data=None):
        return forms.PeerForm(data, peer=self.peer)

    def act(self, form):
        actions.change_peer(self.peer, **form.given(), **self.by_and_on())
        return "Saved."


class LinkPeer(PoolView):
    title = "Link to who signs in"
    button = "Link"
    guidance = "By their e-mail address. An administrator invites whoever does not sign in yet."

    def form(self, data=None):
        return forms.SureForm(data)

    def act(self, form):
        actions.link_person(self.peer, **self.by_and_on())
        return f"{self.peer} is linked to who signs in."


class PeerLeft(PoolView):
    @property
    def title(self):
        return f"Take {self.peer} back into the pool" if self.peer.left_on else f"{self.peer} leaves the pool"

    def form(self, data=None):
        if self.peer.left_on:
            return forms.RevisionForm(data, row=self.peer)
        return forms.LeftForm(data, peer=self.peer, today=self.request.viewer.today)

    def act(self, form):
        if self.peer.left_on:
            actions.join_again(self.peer, **form.cleaned_data, **self.by_and_on())
            return f"{self.peer} is in the pool again."
        actions.leave_pool(self.peer, **form.cleaned_data, **self.by_and_on())
        return f"{self.peer} has left the pool."


class AddPost(PoolView):
    title = "Add a post"

    def form(self, data=None):
        return forms.PostForm(data)

    def act(self, form):
        actions.add_post(self.peer, **form.given(), **self.by_and_on())
        return "Post added."


class OfRow(PoolView):
    """Ask about a row of a peer's: a post, a tie, training, days away. `rows`: the name of the peer's rows."""

    rows = ""

    def setup_for(self, request, pk, row):
        self.row_pk = row
        super().setup_for(request, pk)

    def find(self):
        self.row = get_object_or_404(getattr(self.peer, self.rows).all(), pk=self.row_pk)


class EndPost(OfRow):
    rows = "posts"
    asked_as = {"until_on": "last_on"}

    @property
    def title(self):
        return f"End of the post: {self.row}"

    def form(self, data=None):
        return forms.EndForm(data, today=self.request.viewer.today)

    def act(self, form):
        actions.end_post(self.row, until_on=form.until_on(), **self.by_and_on())
        return "Post ended."


class AddTie(PoolView):
    by_self = True

    @property
    def title(self):
        return "Declare a conflict of interest" if self._declares else "Record what keeps them from a council"

    @property
    def _declares(self):
        return self.own and not self.request.viewer.may(Ability.KEEP_PEERS)

    guidance = "They will not be suggested for that council, nor can anybody put them on its team."

    def form(self, data=None):
        return forms.TieForm(data, own=self._declares)

    def act(self, form):
        tie = actions.add_tie(
            self.peer, **{"kind": Tie.Kind.CONFLICT, **form.cleaned_data}, **self.by_and_on()
        )
        return f"Recorded for {tie.council}."


class EndTie(OfRow):
    rows = "ties"
    asked_as = {"until_on": "last_on"}

    @property
    def title(self):
        return f"End of the conflict with {self.row.council}"

    def form(self, data=None):
        return forms.EndForm(data, today=self.request.viewer.today)

    def act(self, form):
        actions.end_tie(self.row, until_on=form.until_on(), **self.by_and_on())
        return "The conflict has an end."


class TakeBackTie(OfRow):
    rows = "ties"
    button = "Take it back"
    guidance = "Only where it was recorded by mistake. The history keeps that it was."

    @property
    def title(self):
        return f"Take back: {self.row.council}, {within(self.row.get_kind_display())}"

    def form(self, data=None):
        return forms.SureForm(data)

    def act(self, form):
        actions.take_back_tie(self.row, **self.by_and_on())
        return "Taken back."


class AddUnavailable(PoolView):
    by_self = True
    title = "Add days when they can’t go"
    asked_as = {"until_on": "last_on"}

    def form(self, data=None):
        return forms.UnavailableForm(data)

    def act(self, form):
        actions.add_unavailable(self.peer, **form.given(), **self.by_and_on())
        return "Days added."


class RemoveUnavailable(OfRow):
    by_self = True
    rows = "unavailable"
    title = "They can go then after all"
    button = "Remove these days"

    @property
    def guidance(self):
        return shown.away_words(self.row)

    def form(self, data=None):
        return forms.SureForm(data)

    def act(self, form):
        actions.remove_unavailable(self.row, **self.by_and_on())
        return "Days removed."


class AddTraining(PoolView):
    title = "Add training or an accreditation"
    asked_as = {"expires_on": "counts_until"}

    def form(self, data=None):
        return forms.TrainingForm(data)

    def act(self, form):
        actions.add_training(self.peer, **form.given(), **self.by_and_on())
        return "Training added."


class RemoveTraining(OfRow):
    rows = "training"
    button = "Take it back"
    guidance = "Only where it was recorded by mistake."

    @property
    def title(self):
        return f"Take back: {self.row.name}"

    def form(self, data=None):
        return forms.SureForm(data)

    def act(self, form):
        actions.remove_training(self.row, **self.by_and_on())
        return "Taken back."


def _reviews_of(peer, viewer):
    """The reviews on which the peer served that the viewer runs."""
    served = TeamMember.objects.filter(peer=peer, from_on__isnull=False).values("review")
    return PeerReview.objects.run_by(viewer).filter(pk__in=served).select_related("case__council", "kind")


class GiveFeedback(PoolView):
    @property
    def title(self):
        return f"How did {self.peer} do?"

    def form(self, data=None):
        form = forms.FeedbackForm(data, reviews=_reviews_of(self.peer, self.request.viewer))
        form.fields["review"].label_from_instance = shown.review_words
        if reference := self.request.GET.get("review"):
            form.initial = {
                "review": form.fields["review"].queryset.filter(case__reference=reference).first()
            }
        return form

    def act(self, form):
        actions.give_feedback(self.peer, **form.cleaned_data, **self.by_and_on())
        return "Thank you. The LGA alone reads it."


class RecordDays(PoolView):
    @property
    def title(self):
        return f"Record days lent: {self.peer}"

    def form(self, data=None):
        reviews = _reviews_of(self.peer, self.request.viewer)
        form = forms.DaysLentForm(data, reviews=reviews, offered=self._offered())
        form.fields["review"].label_from_instance = shown.review_words
        return form

    def _offered(self):
        """Where the page is asked for a review, what its days on site say."""
        reference = self.request.GET.get("review")
        today = self.request.viewer.today
        if not reference:
            post = self.peer.posts.on(today).filter(council__isnull=False).first()
            return {"lent_on": today, "council": post.council_id if post else None}
        review = review_or_404(self.request.viewer, reference)
        member = review.team.filter(peer=self.peer, from_on__isnull=False).first()
        return {
            "work": DaysLent.Work.REVIEW,
            "review": review.pk,
            "council": member.lent_by_id if member else None,
            "lent_on": min(review.last_day or today, today),
            "days": shown.days_on_site(review),
        }

    def act(self, form):
        lent = days_actions.record_days(self.peer, **form.cleaned_data, **self.by_and_on())
        return f"{count_of(f'{lent.days.normalize():f}', 'day')} lent by {lent.council} recorded."


def _year_asked(request):
    """Return the financial year asked for by the year in which it begins, or that of today."""
    asked = request.GET.get("year", "")
    if asked.isdecimal() and len(asked) == 4 and asked >= "2000":
        return financial_year(date(int(asked), 4, 1))
    return financial_year(request.viewer.today)


def days_lent(request):
    """Show what each council lent in a financial year, to be compensated, and the rows behind it."""
    _lga_or_404(request.viewer)
    first, after = _year_asked(request)
    council = None
    if slug := request.GET.get("council"):
        council = get_object_or_404(Council, slug=slug)
    totals = queries.totals_lent(request.viewer, first, after)
    rows = list(queries.days_lent(request.viewer, first, after, council=council)[:500])
    earliest, latest = queries.years_lent(request.viewer)
    context = {
        "heading": shown.days_heading(totals, first),
        "year": first.year,
        "years": shown.years_offered(earliest, latest, request.viewer.today),
        "totals": totals,
        "rows": rows,
        "council": council,
        "year_words": shown.year_words(first),
        "may_keep": request.viewer.may(Ability.KEEP_PEERS),
    }
    return render(request, "peer_reviews/peers/days_lent.html", context)


def days_lent_csv(request):
    """The days lent in a financial year that stand, a row each, with the totals to be made of them."""
    _lga_or_404(request.viewer)
    first, after = _year_asked(request)
    headings = ["council", "la_code", "peer", "work", "host", "review", "last_day", "days", "financial_year"]
    rows = queries.days_lent(request.viewer, first, after).filter(withdrawn_on__isnull=True)
    year = shown.year_words(first)
    return csv_response(
        f"upstream-days-lent-{first.year}-{after.year % 100:02}",
        headings,
        (
            [
                one.council.name,
                one.council.la_code,
                one.peer.name,
                one.get_work_display(),
                one.host.name if one.host else None,
                one.review.case.reference if one.review else None,
                one.on,
                one.days,
                year,
            ]
            for one in rows.order_by("council__name", "on", "pk").iterator(chunk_size=500)
        ),
    )


class WithdrawDays(AskView):
    template = "peer_reviews/peers/ask.html"
    title = "Withdraw days recorded by mistake"
    button = "Withdraw"

    def setup_for(self, request, pk):
        found = DaysLent.objects.visible_to(request.viewer).select_related("peer", "council", "host")
        self.lent = get_object_or_404(found, pk=pk)
        if not request.viewer.may(Ability.KEEP_PEERS):
            raise PermissionDenied

    @property
    def guidance(self):
        lent = self.lent
        days = count_of(f"{lent.days.normalize():f}", "day")
        return f"{lent.council} lent {lent.peer} for {days} to {day_words(lent.on)}."

    def form(self, data=None):
        return forms.RevisionForm(data, row=self.lent)

    def act(self, form):
        days_actions.withdraw_days(self.lent, **form.cleaned_data, **self.by_and_on())
        return "Withdrawn: these days count no longer."

    def next_page(self):
        return reverse("days_lent")

    def context(self):
        return {"is_lga": True, "peer": self.lent.peer}

    def show_both(self, request, current):
        form = forms.RevisionForm(row=current)
        facts = [("Withdrawn", day_words(current.withdrawn_on) or "Not yet")]
        return self.ask(form, "peer_reviews/peers/changed_meanwhile.html", 409, facts=facts)
