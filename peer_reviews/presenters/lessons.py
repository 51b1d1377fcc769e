"""Words for lessons, and what was found marked in them."""

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from cases.presenters import DONE, DUE, QUIET, count_of, day_words
from peer_reviews.models import Lesson
from peer_reviews.queries.lessons import MARK_FROM, MARK_TO, words_of

STAGES = {
    Lesson.Stage.DRAFT: ("draft", QUIET),
    Lesson.Stage.WITH_COUNCIL: ("with the council", DUE),
    Lesson.Stage.TOLD: ("told to the sector", DONE),
    Lesson.Stage.REFUSED: ("not agreed", DUE),
    Lesson.Stage.WITHDRAWN: ("withdrawn", QUIET),
}
WORDS_SHOWN = 45


@dataclass(frozen=True)
class LessonShown:
    """A lesson told to the sector, as a list shows it. Nothing of it tells whose it is."""

    key: int
    title: str
    words: str
    about: str


def lesson_shown(lesson, typed=""):
    """Return the `LessonShown` of one that a search for what was `typed` found."""
    if hasattr(lesson, "headline"):
        title, words = _marked(lesson.title_marked), _marked(lesson.headline)
    else:
        title = _marked_by_hand(lesson.title, typed)
        words = _marked_by_hand(_around(lesson.text, typed), typed)
    return LessonShown(key=lesson.pk, title=title, words=words, about=" · ".join(about(lesson)))


def about(lesson):
    """Return the themes, enabler and stage of improvement of a lesson, and when it was told, in words."""
    told = [f"told on {day_words(lesson.told_on)}"] if lesson.told_on else []
    tags = [
        *(theme.name for theme in lesson.themes.all()),
        lesson.get_enabler_display(),
        lesson.get_journey_display(),
    ]
    return [*filter(None, tags), *told]


def _marked(text):
    """Escape what the database marked, and mark it for the page."""
    return mark_safe(escape(text).replace(MARK_FROM, "<mark>").replace(MARK_TO, "</mark>"))


def _marked_by_hand(text, typed):
    words = words_of(typed)
    if not words:
        return escape(text)
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)
    return _marked(pattern.sub(lambda match: f"{MARK_FROM}{match[0]}{MARK_TO}", text))


def _around(text, typed):
    """Return the words around the first that was typed and is there."""
    found = [text.lower().find(word.lower()) for word in words_of(typed)]
    first = min((place for place in found if place >= 0), default=0)
    before = text.rfind(" ", 0, max(first - 80, 0)) + 1 if first > 80 else 0
    shown = Truncator(text[before:]).words(WORDS_SHOWN, truncate=" …")
    return f"… {shown}" if before else shown


def lessons_heading(count, asked):
    """Return the answer: how many lessons there are, or were found."""
    if asked["words"].strip():
        return (
            f"{count_of(count, 'lesson')} on “{asked['words'].strip()}”"
            if count
            else "No lesson is like that"
        )
    if any(asked[name] for name in ("theme", "enabler", "journey")):
        return count_of(count, "lesson") if count else "No lesson is like that"
    return f"{count_of(count, 'lesson')} from the sector" if count else "No lesson has been told yet"


@dataclass(frozen=True)
class Standing:
    """How a lesson stands, for those who know whose it is: what happened, last, and what is next."""

    tag: tuple[str, str]
    words: str


def standing(lesson):
    words = {
        Lesson.Stage.DRAFT: "The council doesn’t see it yet.",
        Lesson.Stage.WITH_COUNCIL: f"Anonymised and sent to the council on {day_words(lesson.anonymised_on)}.",
        Lesson.Stage.TOLD: f"Agreed by the council; everybody who signs in reads it since {day_words(lesson.told_on)}.",
        Lesson.Stage.REFUSED: f"The council did not agree on {day_words(lesson.answered_on)}: {lesson.answer_reason}",
        Lesson.Stage.WITHDRAWN: "Only the council and the LGA’s advisers read it.",
    }[lesson.stage]
    return Standing(STAGES[lesson.stage], words)
