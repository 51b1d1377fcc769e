"""How a council's grades read: the framework's own words, never a colour alone, never a computed overall."""

from dataclasses import dataclass

from dashboards.queries import NOT_GRADED, NOT_INSPECTED, STEPS
from look.templatetags.look import LETTERS, WORDS


@dataclass(frozen=True)
class GradeShown:
    """A grade on a page: its slug for colour and filter, word, letter, and what must stand beside it."""

    slug: str
    word: str
    letter: str
    note: str = ""


def shown(graded, show="overall"):
    """Return the `GradeShown` of a `Graded`, or of None: by latest overall or by lowest area.

    Where there is no overall it says so, with the lowest area beside it.
    """
    if graded is None:
        return GradeShown(NOT_INSPECTED, WORDS[NOT_INSPECTED], LETTERS[NOT_INSPECTED])
    slug = graded.slug(show)
    if show == "lowest":
        return _lowest(graded, slug)
    if slug == NOT_GRADED:
        lowest = graded.lowest
        letter = LETTERS[NOT_GRADED] + (f" · {LETTERS[lowest[0].grade]}" if lowest else "")
        return GradeShown(slug, WORDS[slug], letter, lowest_in_words(graded))
    return GradeShown(slug, word(graded.overall), LETTERS[slug])


def _lowest(graded, slug):
    if not graded.lowest:
        return GradeShown(slug, "No area graded", LETTERS[NOT_GRADED])
    areas = ", ".join(judgement.area.short_name for judgement in graded.lowest)
    return GradeShown(slug, word(graded.lowest[0]), LETTERS[slug], f"in {areas.lower()}")


def lowest_in_words(graded):
    """Return "lowest: inadequate (leaders)", or nothing where no area was graded."""
    if not graded.lowest:
        return ""
    areas = ", ".join(judgement.area.short_name for judgement in graded.lowest).lower()
    return f"lowest: {word(graded.lowest[0]).lower()} ({areas})"


def word(judgement):
    """Return the word that the judgement's framework prints for its step."""
    return judgement.printed or judgement.word or WORDS.get(judgement.grade, "")


@dataclass(frozen=True)
class Square:
    """One judgement area of one council; no `slug` where it was not graded apart."""

    slug: str
    area: str
    word: str


def area_columns(rows):
    """Return (code, short name) of the areas to compare: those of the newest framework among the rows."""
    graded = [row.graded for row in rows if row.graded and row.graded.areas]
    if not graded:
        return []
    newest = max(one.inspection.framework.order for one in graded)
    areas = {
        j.area.code: j.area for one in graded if one.inspection.framework.order == newest for j in one.areas
    }
    return [(area.code, area.short_name) for area in sorted(areas.values(), key=lambda area: area.order)]


def squares(row, columns):
    """Return a `Square` for each column, in order; a dot for an area that its framework doesn't grade so."""
    by_code = {j.area.code: j for j in row.graded.areas} if row.graded else {}
    return [_square(by_code.get(code), name) for code, name in columns]


def _square(judgement, name):
    if judgement is None:
        return Square("", name, "not graded apart")
    return Square(
        judgement.grade if judgement.grade in STEPS else "", judgement.area.short_name, word(judgement)
    )


def legend(letters):
    """Return the (letter, meaning) pairs to print under a picture that uses `letters`."""
    meanings = {LETTERS[slug]: WORDS[slug] for slug in (*STEPS, NOT_GRADED, NOT_INSPECTED)}
    meanings["·"] = "Not graded apart"
    if any(" · " in text for text in letters):
        meanings[LETTERS[NOT_GRADED]] += ", and its lowest area"
    used = {letter for text in letters for letter in text.split(" · ")}
    return [(letter, meaning) for letter, meaning in meanings.items() if letter in used]
