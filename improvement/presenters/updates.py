"""Words of an update: its task list, what each section still needs, and what it says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from cases.presenters import DONE, DUE, QUIET, count_of, day_words
from improvement.models import Delivery, Update
from improvement.rules.updates import Need, period_words, short_period_words

LATE = {Need.NOT_ON_TRACK, Need.PAST_ITS_DATE}
NEED_WORDS = {
    Need.STATUS: "a status",
    Need.NOT_ON_TRACK: "another status",
    Need.PAST_ITS_DATE: "a new date",
    Need.REASON: "why it is not on track",
    Need.RECOVERY: "what brings it back on track",
    Need.DATE_REASON: "why the date moves",
    Need.DIFFERENCE: "what difference it has made, being unchanged for two updates",
}
# The tint that stands behind a status's words.
TINTS = {
    Delivery.NOT_STARTED: QUIET,
    Delivery.ON_TRACK: DONE,
    Delivery.SLIPPING: DUE,
    Delivery.OFF_TRACK: "overdue",
    Delivery.COMPLETE: DONE,
}
BRAG = {
    Delivery.NOT_STARTED: "",
    Delivery.ON_TRACK: "G",
    Delivery.SLIPPING: "A",
    Delivery.OFF_TRACK: "R",
    Delivery.COMPLETE: "B",
}


@dataclass(frozen=True)
class Section:
    """A line of the task list."""

    key: int
    name: str
    count: int
    needed: str
    status: str
    tag: str


def caption(update, without_due=False):
    """Return "version 4 · update for October 2026 · due Thursday 26 November, papers for the board of …"."""
    words = (
        f"version {update.version.number} · update for {period_words(update.period_on, update.plan.months)}"
    )
    if update.number > 1:
        words += f", correction {update.number - 1}"
    if without_due:
        return words
    words += f" · due {update.due_on:%A} {_near(update.due_on, update)}"
    if update.meeting:
        words += f", papers for the board of {_near(update.meeting.meets_on, update)}"
    return words


def _near(day, update):
    """Return a day without the year where that is the period's, which stands beside it."""
    return f"{day.day} {day:%B}" if day.year == update.period_on.year else day_words(day)


def possessive(update):
    """Return "October"; the months of a longer period; the year only where it is not this one's."""
    return short_period_words(update.period_on, update.plan.months)


def heading(update, asked):
    """Return "Your October update: 3 of 5 sections filled in"."""
    if asked.is_whole:
        return f"Your {possessive(update)} update is filled in"
    filled = f"{len(asked.whole)} of {count_of(len(asked.priorities), 'section')} filled in"
    return f"Your {possessive(update)} update: {filled}"


def sections(update, asked):
    """Return the `Section` of each priority."""
    return [_section(priority, update, asked.on) for priority in asked.priorities]


def _section(priority, update, on):
    whole = priority.is_whole(on)
    words = "—" if whole else needed_words(priority, update, on)
    begun = any((priority.delivery, priority.text)) or any(action.answer for action in priority.actions)
    status, tag = ("Filled in", DONE) if whole else ("Not finished", DUE) if begun else ("Not started", QUIET)
    return Section(
        key=priority.key,
        name=f"{priority.number} {priority.title}",
        count=len(priority.actions),
        needed=words,
        status=status,
        tag=tag,
    )


def needed_words(priority, update, on):
    """Say what a section still lacks, each action once, the gravest first."""
    lacking = Counter(_gravest(action.needs(on)) for action in priority.actions if action.needs(on))
    words = []
    if late := lacking["late"]:
        words.append(
            f"{late} past {'its date' if late == 1 else 'their dates'}: give a reason and a new date"
        )
    if without := lacking[Need.STATUS]:
        words.append(f"{count_of(without, 'action')} without a status")
    if reasons := lacking[Need.REASON]:
        words.append(
            f"{reasons} not on track: say why, and what brings {'it' if reasons == 1 else 'them'} back"
        )
    if moved := lacking[Need.DATE_REASON]:
        words.append(f"{count_of(moved, 'new date')} without a reason")
    if same := lacking[Need.DIFFERENCE]:
        words.append(f"{same} unchanged for two updates: say what difference was made")
    if readings := sum(measure.is_needed for measure in priority.measures):
        month = possessive(update)
        words.append(f"{count_of(readings, 'measure')} without {_article(month)} {month} reading")
    if not words and not priority.delivery:
        words.append("how it stands as a whole")
    joined = "; ".join(words)
    return joined[:1].upper() + joined[1:]


def _article(word):
    return "an" if word[:1] in "AEIOU" else "a"


def _gravest(needs):
    if LATE & set(needs):
        return "late"
    return Need.REASON if needs[0] in (Need.REASON, Need.RECOVERY) else needs[0]


def needs_words(action, on):
    """Return "a status, a new date and why the date moves" for one action; "" where its answer is whole."""
    *before, last = [NEED_WORDS[need] for need in action.needs(on)] or [""]
    return f"{', '.join(before)} and {last}" if before else last


def within_a_sentence(words):
    """Return words that begin a sentence as they stand within one."""
    return words[:1].lower() + words[1:]


def before_words(action):
    """Say how the action stood in the last update: "On track, 40% done"; "" where there was none."""
    if action.before is None or not action.before.delivery:
        return ""
    words = Delivery(action.before.delivery).label
    return f"{words}, {action.before.percent}% done" if action.before.percent is not None else words


def to_answer(asked):
    """Return how many actions still need something besides those for which "no change" may be said."""
    return sum(bool(action.needs(asked.on)) and not action.may_stay(asked.on) for action in asked.actions)


def adviser_lines(last, statuses):
    """Return (number, title, the council's words, the adviser's words, whether they differ) of each priority."""
    if last is None:
        return []
    lines = []
    for priority in last.content["priorities"]:
        theirs = statuses.get(priority["key"])
        said = theirs.get_delivery_display() if theirs else "Not yet given"
        differs = theirs is not None and theirs.delivery != priority["delivery"]
        lines.append((priority["number"], priority["title"], priority["delivery_words"], said, differs))
    return lines


def shown(content):
    """Return the content of an update as its readers see it: days as words, each status with its tint and letter."""
    letters = content.get("scale") == "brag"
    return {
        **content,
        "priorities": [
            {
                **priority,
                **_tinted(priority, letters),
                "actions": [_action_shown(action, letters) for action in priority["actions"]],
                "measures": [_measure_shown(measure) for measure in priority["measures"]],
            }
            for priority in content["priorities"]
        ],
        "measures": [_measure_shown(measure) for measure in content["measures"]],
    }


def _tinted(about, letters):
    delivery = about["delivery"]
    return {"tint": TINTS.get(delivery, QUIET), "letter": BRAG.get(delivery, "") if letters else ""}


def _action_shown(action, letters):
    facts = [
        ("What was done", action["done"]),
        ("What difference it has made", action["difference"]),
        ("Why it is not on track", action["reason"]),
        ("What brings it back", action["recovery"]),
    ]
    if action["new_due_on"]:
        facts.append(("New date", f"{_day(action['new_due_on'])}: {action['date_reason']}"))
    if action["by_sheet"]:
        facts.append(("By return sheet", f"filled in by {action['by_sheet']}"))
    facts.append(("Evidence", ", ".join(each["title"] for each in action["evidence"])))
    return {
        **action,
        **_tinted(action, letters),
        "due": _day(action["due_on"]),
        "facts": [(name, words) for name, words in facts if words],
    }


def _measure_shown(measure):
    if measure["value"] is not None:
        said = f"{_figure(measure['value'], measure['unit'])} on {_day(measure['reading_on'])}"
    elif measure["expected_on"]:
        said = f"Not yet available, expected on {_day(measure['expected_on'])}"
    else:
        said = "No reading given"
    before = (
        f"{_figure(measure['before'], measure['unit'])} on {_day(measure['before_on'])}"
        if measure["before"] is not None
        else "None"
    )
    target = _figure(measure["target"], measure["unit"]) if measure["target"] is not None else ""
    return {**measure, "said": said, "before": before, "target": target}


def _figure(value, unit):
    return f"{value}{unit}" if unit in ("%", "") else f"{value} {unit}"


def figure_words(value, unit):
    """Return "72.5%" or "16 cases"; "" for no figure."""
    return "" if value is None else _figure(f"{value.normalize():f}", unit)


def _day(text):
    return day_words(date.fromisoformat(text)) if text else ""


def standing_tag(update, on):
    """Return (words, tag) of how an update stands."""
    if update.standing == Update.Standing.SUBMITTED:
        return f"Submitted {day_words(update.submitted_on)}", DONE
    if update.due_on < on:
        return (
            f"{update.get_standing_display()}, {count_of((on - update.due_on).days, 'day')} late",
            "overdue",
        )
    return update.get_standing_display(), DUE
