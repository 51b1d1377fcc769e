"""The search of a pool of peers and the suggestions for a team, and a page of a review's notes, beside bare SQL."""

import html
import re
from datetime import timedelta
from pathlib import Path

from django.shortcuts import render
from django.utils import timezone

from accounts.viewer import Viewer
from bench.filling import execute
from bench.peers_filling import fill
from bench.timing import Side, compare
from peer_reviews.models import Note, PeerReview, PeerWord
from peer_reviews.presenters.peers import peer_row
from peer_reviews.queries.peers import Wanted, search
from peer_reviews.queries.teams import ON_A_PAGE, suggestions
from peer_reviews.rules.fit import financial_year

BY_HAND = "/bench/reviews/notes/"
EXPERTISE = ("practice-quality", "front-door", "neglect")


def _statement(name):
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


FOUND, POOL, SUGGESTED, NOTES = map(
    _statement, ("peers_found", "peers_pool", "peers_suggested", "peers_notes")
)


def compare_all(*, small=False, repeat=None):
    """Return the comparisons of the two searches, of the suggestions for two roles, and of the notes page."""
    on = timezone.localdate()
    filled = fill(on, small=small)
    viewer = Viewer.of(filled.adviser, on)
    times = {"repeat": repeat or (2 if small else 40)}
    pool = f"{filled.peers:,} peers and {filled.past:,} past reviews"
    return [
        *_searches(filled, viewer, pool, times),
        *_suggested(filled, viewer, pool, times),
        _notes(filled, on, times),
    ]


def _searches(filled, viewer, pool, times):
    on = viewer.today
    first, last = on + timedelta(days=30), on + timedelta(days=33)
    word = PeerWord.objects.get(kind="expertise", slug=EXPERTISE[0]).pk
    narrowed = Wanted(
        role="lead", words=(word,), region=filled.region, free_from=first, free_until=last, within_days=True
    )
    year, next_year = financial_year(on)
    known = {"on": on, "year": year, "next_year": next_year}
    by_facts = known | {"role": "lead", "word": word, "region": filled.region, "first": first, "last": last}
    for what, wanted, statement, given in (
        ("Search by role, expertise, region and days free", narrowed, FOUND, by_facts),
        ("Search by a word of a post", Wanted(q="director"), POOL, known | {"like": "%director%"}),
    ):
        ours = Side("the query", lambda wanted=wanted: _searched(search(wanted, viewer)), outcome=_not_empty)
        other = Side(
            "bare SQL",
            lambda statement=statement, given=given: execute(statement, **given),
            outcome=_of_found,
        )
        yield compare(f"{what}, of {pool}", ours, other, most=3, **times)


def _searched(page):
    """Return a page of the search as its template is given it: peers in words."""
    return [(peer_row(peer), page.total) for peer in page.peers]


def _not_empty(rows):
    if not rows:
        raise RuntimeError("Nobody is found: nothing is compared")
    return [
        (
            row.peer.pk,
            row.peer.name,
            row.peer.post_title,
            row.peer.employer_name,
            row.peer.lent,
            row.peer.days_a_year,
            total,
            [one.role for one in row.peer.roles.all()],
            [one.name for one in row.peer.words.all()],
        )
        for row, total in rows
    ]


def _of_found(rows):
    return [tuple(row) for row in rows]


def _suggested(filled, viewer, pool, times):
    review = PeerReview.objects.select_related("case").get(case__reference=filled.wanted)
    words = sorted(PeerWord.objects.filter(kind="expertise", slug__in=EXPERTISE).values_list("pk", flat=True))
    year, next_year = financial_year(review.first_day)
    for role, whom in (("operational", "an operational peer"), ("member", "a member peer")):
        known = {
            "on": viewer.today,
            "review": review.pk,
            "role": role,
            "words": words,
            "year": year,
            "next_year": next_year,
        }
        ours = Side(
            "the query",
            lambda role=role: suggestions(review, role, viewer, wanted=words),
            outcome=_of_suggestions,
        )
        other = Side(
            "bare SQL", lambda known=known: execute(SUGGESTED, **known), outcome=_of_suggested_by_hand
        )
        yield compare(f"Suggestions of {whom}, of {pool}", ours, other, most=3, **times)


def _of_suggestions(found):
    if not found.rows or not found.left_out:
        raise RuntimeError("Nobody is suggested, or nobody kept away: nothing is compared")
    return {
        "rows": [
            (one.peer.pk, one.peer.name, one.fit, one.title, one.lends, one.facts.days_lent, one.words)
            for one in found.rows
        ],
        "more": found.has_next,
        "left out": found.left_out,
    }


def _of_suggested_by_hand(rows):
    return {
        "rows": [
            (pk, name, fit, title or "", council or "", lent, words or [])
            for pk, name, fit, title, council, lent, words, _ in rows[:ON_A_PAGE]
        ],
        "more": len(rows) > ON_A_PAGE,
        "left out": rows[0][-1],
    }


def notes_by_hand(request):
    """Ask for a page of notes by one statement, and answer with the frame of a page and nothing in it."""
    viewer = request.viewer
    found = execute(NOTES, person=viewer.person_id, on=viewer.today, reference=request.GET["review"])
    response = render(request, "base.html")
    response.facts = found
    return response


def _notes(filled, on, times):
    page = f"/reviews/{filled.noted}/notes/"
    ours = Side("the request", lambda: _get(filled.client, page), outcome=_told)
    other = Side(
        "raw SQL and an empty page",
        lambda: _get(filled.client, f"{BY_HAND}?review={filled.noted}"),
        outcome=lambda response: _in_words(response.facts),
    )
    what = f"A review’s notes, 50 of {filled.notes:,} on the page, the whole request"
    note = (
        "The notes page prints each of fifty notes with its source, author and moment, and a form of eight fields to "
        "find others; the empty page beside it reads the same rows and prints none."
    )
    return compare(what, ours, other, note=note, **times)


def _get(client, address):
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return response


_NOTE = re.compile(
    r'id="note-(\d+)">.*?up-shared__link" href="[^"]*">([^<]*)</a> <span>· ([^<]*)</span>.*?'
    r'up-shared__text" dir="auto">([^<]*)<.*?up-shared__when">[^<]* · ([^<·]*) · [^<·]*</p>',
    re.DOTALL,
)


def _told(response):
    """Return what the page tells of each note, and how many there are."""
    text = response.content.decode()
    notes = [
        (int(pk), kind, html.unescape(line), html.unescape(said).rstrip("… "), html.unescape(author))
        for pk, kind, line, said, author in _NOTE.findall(text)
    ]
    return {"notes": notes, "number": re.search(r'up-answer">([\d,]+) notes', text)[1].replace(",", "")}


def _in_words(rows):
    return {
        "notes": [
            (row[0], Note.Kind(row[1]).label, row[2] or "No line of enquiry", row[3].rstrip(), row[8])
            for row in rows
        ],
        "number": str(rows[0][10]),
    }
