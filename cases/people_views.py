"""Who holds the posts of a council and who runs it: public to everybody signed in, kept by those who may."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.permissions import Ability
from cases import actions
from cases.actions.posts import mark
from cases.asking import AskView
from cases.people_forms import CHANGED, AppointForm, ControlForm, CorrectPostForm
from cases.presenters import day_words, held_words
from councils.models import Council, Office, PoliticalControl, PostHolder

ONE_DAY = timedelta(days=1)


def council_people(request, slug):
    """Every post of a council with who holds it, who held it before, and who runs the council."""
    council = get_object_or_404(Council, slug=slug)
    today = request.viewer.today
    entries = list(PostHolder.objects.filter(council=council).order_by("-from_on"))
    controls = list(PoliticalControl.objects.filter(council=council).order_by("-from_on"))
    posts = [_post(office, [each for each in entries if each.office == office], today) for office in Office]
    context = {
        "council": council,
        "posts": posts,
        "heading": _heading(council, posts),
        "control": next((each for each in controls if _holds(each, today)), None),
        "other_controls": [(each, held_words(each)) for each in controls if not _holds(each, today)],
        "may_keep": request.viewer.may_at(Ability.KEEP_POSTS, council),
    }
    return render(request, "cases/posts.html", context)


def _heading(council, posts):
    """The answer: how many of the posts are held for the time being, by nobody, or not known."""
    terms = [post["now"].terms if post["now"] else "not recorded" for post in posts]
    if set(terms) == {"not recorded"}:
        return f"{council.name}: nobody is recorded yet"
    told = [f"{terms.count(each)} {each}" for each in ("interim", "vacant", "not recorded") if each in terms]
    return f"{council.name}: {len(terms)} posts, {', '.join(told) or 'all permanent'}"


def _post(office, entries, today):
    now = next((each for each in entries if _holds(each, today)), None)
    return {
        "office": office,
        "now": now,
        "held": held_words(now) if now else "",
        "coming": [(each, held_words(each)) for each in entries if each.from_on > today],
        "before": [
            (each, held_words(each)) for each in entries if each.from_on <= today and not _holds(each, today)
        ],
    }


def _holds(entry, day):
    return entry.from_on <= day and (entry.until_on is None or entry.until_on > day)


class KeepsPeople(AskView):
    """A page of those who keep the posts of one council: 403 to others, for that there is a page is no secret."""

    def setup_for(self, request, slug):
        self.council = get_object_or_404(Council, slug=slug)
        if not request.viewer.may_at(Ability.KEEP_POSTS, self.council):
            raise PermissionDenied

    def next_page(self):
        return reverse("council_people", args=[self.council.slug])

    def context(self):
        return {"council": self.council, "about": [("People", self.next_page())]}


class Appoint(KeepsPeople):
    """Who holds a post from a day on; under it what is recorded, each entry to be corrected."""

    template = "cases/post.html"
    button = "Save"

    def setup_for(self, request, slug, office):
        if office not in Office.values:
            raise Http404
        self.office = Office(office)
        self.title = f"{self.office.label}: who holds the post?"
        super().setup_for(request, slug)
        entries = PostHolder.objects.filter(council=self.council, office=office).order_by("-from_on")
        self.entries = list(entries)

    def context(self):
        told = [(entry, held_words(entry)) for entry in self.entries]
        return super().context() | {"entries": told, "office": self.office}

    def form(self, data=None):
        latest = self.entries[0] if self.entries else None
        return AppointForm(data, latest=latest, today=self.request.viewer.today)

    def act(self, form):
        given = {"council": self.council, "office": self.office, **form.cleaned_data}
        made = actions.appoint(**given, **self.by_and_on())
        return f"{made.get_office_display()}: {_who(made)}, {held_words(made)}."

    def form_as_it_is_now(self, typed, current):
        typed["seen"] = mark(current)
        return self.form(typed)

    def facts(self, current):
        return _facts_of_post(current)


class CorrectPost(KeepsPeople):
    """One entry of a post, as it should have been written."""

    title = "Correct this entry"
    guidance = "Correct what was wrong, or enter the last day. For somebody new, go back and add them."
    asked_as = {"until_on": "last_on"}

    def setup_for(self, request, slug, office, pk):
        super().setup_for(request, slug)
        held = PostHolder.objects.filter(council=self.council, office=office)
        self.holder = get_object_or_404(held.select_related("council"), pk=pk)
        self.title = f"Correct this entry: {self.holder.get_office_display()}"

    def context(self):
        shared = super().context()
        about = (
            self.holder.get_office_display(),
            reverse("post_holder", args=[self.council.slug, self.holder.office]),
        )
        return shared | {"about": [*shared["about"], about]}

    def form(self, data=None):
        return CorrectPostForm(data, holder=self.holder)

    def act(self, form):
        given = form.answers()
        if self._only_ends(given):
            ended = {key: given[key] for key in ("until_on", "revision")}
            changed = actions.end_post(self.holder, **ended, **self.by_and_on())
        else:
            changed = actions.correct_post(self.holder, **given, **self.by_and_on())
        return f"{changed.get_office_display()}: {_who(changed)}, {held_words(changed)}."

    def _only_ends(self, given):
        """Say whether all that is new is a last day where there was none."""
        same = all(given[name] == getattr(self.holder, name) for name in ("name", "terms", "from_on"))
        return same and self.holder.until_on is None and given["until_on"] is not None

    def form_as_it_is_now(self, typed, current):
        self.holder = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return _facts_of_post(current)


class Control(KeepsPeople):
    """Who runs a council, from when, and when it is next elected."""

    title = "Political control and next election"

    def setup_for(self, request, slug):
        super().setup_for(request, slug)
        standing = PoliticalControl.objects.filter(council=self.council)
        self.latest = standing.select_related("council").order_by("-from_on").first()

    def form(self, data=None):
        return ControlForm(data, latest=self.latest)

    def act(self, form):
        answers = dict(form.cleaned_data)
        doing, seen = answers.pop("doing", CHANGED), answers.pop("seen")
        if doing == CHANGED:
            given = {"council": self.council, "seen": seen, **answers}
            made = actions.set_control(**given, **self.by_and_on())
        else:
            if seen != mark(self.latest):
                raise actions.Stale(self.latest)
            made = actions.correct_control(
                self.latest, **answers, revision=self.latest.revision, **self.by_and_on()
            )
        return f"{self.council.name}: {made.get_control_display()}, {held_words(made)}."

    def form_as_it_is_now(self, typed, current):
        self.latest = current
        typed["seen"] = mark(current)
        return self.form(typed)

    def facts(self, current):
        return [
            ("Control", current.get_control_display()),
            ("Detail", current.detail or "None"),
            ("Held", held_words(current)),
            ("Next election", day_words(current.next_election_on) or "Not recorded"),
        ]


def _who(holder):
    if holder.terms == PostHolder.Terms.VACANT:
        return "vacant"
    return f"{holder.name}, {holder.get_terms_display().lower()}"


def _facts_of_post(holder):
    return [
        ("Post", holder.get_office_display()),
        ("Name", holder.name or "None"),
        ("Terms", holder.get_terms_display()),
        ("Held", held_words(holder)),
    ]
