"""Lessons as their pages need them: found by words, and what would give their council away."""

import re

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db import connection
from django.db.models import Case, IntegerField, Q, Value, When

from accounts.permissions import Ability
from councils.models import (
    Council,
    CouncilName,
    DeliveryArrangement,
    PostHolder,
    Region,
    RegionMembership,
    Succession,
)
from peer_reviews.models import Lesson
from peer_reviews.rules.anonymity import gives_away

CONFIG = "english"
# The index of migration 0110 is of this very expression.
VECTOR = SearchVector("title", weight="A", config=CONFIG) + SearchVector("text", weight="B", config=CONFIG)
# Around what was found, until the page marks it: no text of a lesson holds these two characters.
MARK_FROM, MARK_TO = "\ue000", "\ue001"
MOST_WORDS = 20


def found(words, *, theme=None, enabler="", journey=""):
    """Return the lessons told to the sector that hold the words, the best first; without words, the latest first.

    On PostgreSQL words are stemmed, the title counts for more than the text, "-word" leaves out and quotes keep
    together; each has a `headline`. Elsewhere each word must occur, and those with all of them in the title come
    first. None tells whose it is.
    """
    lessons = (
        Lesson.objects.told().prefetch_related("themes").defer("council", "review", "finding", "harmless")
    )
    if theme:
        lessons = lessons.filter(themes=theme)
    if enabler:
        lessons = lessons.filter(enabler=enabler)
    if journey:
        lessons = lessons.filter(journey=journey)
    if not words.strip():
        return lessons.order_by("-told_on", "-pk")
    return _by_stem(lessons, words) if connection.vendor == "postgresql" else _by_word(lessons, words)


def _by_stem(lessons, words):
    query = SearchQuery(words, search_type="websearch", config=CONFIG)
    marked = {"start_sel": MARK_FROM, "stop_sel": MARK_TO, "config": CONFIG}
    return (
        lessons.annotate(
            vector=VECTOR,
            rank=SearchRank(VECTOR, query),
            headline=SearchHeadline("text", query, max_words=45, min_words=25, max_fragments=2, **marked),
            title_marked=SearchHeadline("title", query, highlight_all=True, **marked),
        )
        .filter(vector=query)
        .order_by("-rank", "-told_on", "-pk")
        .defer("council", "review", "finding", "harmless", "text")
    )


def _by_word(lessons, words):
    in_title, anywhere = Q(), Q()
    if not words_of(words):
        return lessons.none()
    for word in words_of(words):
        in_title &= Q(title__icontains=word)
        anywhere &= Q(title__icontains=word) | Q(text__icontains=word)
    first = Case(When(in_title, then=Value(1)), default=Value(0), output_field=IntegerField())
    return lessons.filter(anywhere).annotate(rank=first).order_by("-rank", "-told_on", "-pk")


def words_of(typed):
    """Return the words that were typed, without what only PostgreSQL reads: quotes, signs."""
    return re.findall(r"[\w’']+", typed)[:MOST_WORDS]


def waiting_for(viewer):
    """Return the lessons not told that wait for the viewer: to finish and send, to agree, or to write anew."""
    drafts = Q(stage__in=[Lesson.Stage.DRAFT, Lesson.Stage.REFUSED]) & viewer.council_filter(
        Ability.RUN_REVIEWS
    )
    to_agree = Q(stage=Lesson.Stage.WITH_COUNCIL) & viewer.council_filter(Ability.ANSWER_REVIEWS)
    return (
        Lesson.objects.visible_to(viewer)
        .filter(drafts | to_agree)
        .select_related("council")
        .order_by("stage", "-written_on", "-pk")
    )


def councils_to_write_of(viewer, on):
    """Return the councils whose lessons the viewer may write."""
    return Council.objects.on(on).filter(viewer.council_filter(Ability.RUN_REVIEWS, "pk")).order_by("name")


def what_gives_away(council, title, text, *, reference=""):
    """Return what in a lesson would tell whose it is, in its own words. Eight queries."""
    regions = Region.objects.filter(pk__in=RegionMembership.objects.filter(council=council).values("region"))
    beside = RegionMembership.objects.filter(region__in=regions.values("pk")).values("council")
    before = Succession.objects.filter(successor=council).values("predecessor")
    after = Succession.objects.filter(predecessor=council).values("successor")
    kin = Council.objects.filter(Q(pk=council.pk) | Q(pk__in=beside) | Q(pk__in=before) | Q(pk__in=after))
    places = {name for pair in kin.values_list("name", "official_name") for name in pair}
    places |= set(CouncilName.objects.filter(council__in=kin.values("pk")).values_list("alias", flat=True))
    places |= set(regions.values_list("name", flat=True))
    places |= set(DeliveryArrangement.objects.filter(council=council).values_list("body__name", flat=True))
    people = set(PostHolder.objects.filter(council=council).exclude(name="").values_list("name", flat=True))
    if reference:
        places.add(reference)
    return gives_away(f"{title}\n{text}", places=places, people=people)
