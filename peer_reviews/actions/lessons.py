"""What the sector may learn: written and anonymised by the adviser, agreed by its council, told, withdrawn.

Whose a lesson is stays between its two sides: its events name neither the council nor its case, and none of its words.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.permissions import Ability
from cases.identifiers import refuse_identifiers
from cases.models import Enabler, Journey
from cases.refusals import Refused, Stale
from history.actions import record_event
from peer_reviews.models import Finding, Lesson, PeerWord
from peer_reviews.queries.lessons import MARK_FROM, MARK_TO, what_gives_away
from peer_reviews.rules.anonymity import still_given_away

MOST_THEMES = 5
LONGEST = {"title": 160, "text": 8000, "reason": 2000}
MAY_CHANGE = (Lesson.Stage.DRAFT, Lesson.Stage.REFUSED, Lesson.Stage.WITHDRAWN)


@transaction.atomic
def write_lesson(council, *, title, text, themes=(), enabler="", journey="", finding=None, by, on):
    """Write a lesson of a council as a draft and return it: of one of its findings, or of its practice.

    `finding` is the number of an agreed finding of a review of the council whose report is final; `themes` are
    numbers of words of expertise. Raises PermissionDenied and Refused.
    """
    if not by.may_at(Ability.RUN_REVIEWS, council):
        raise PermissionDenied
    lesson = Lesson(council=council, written_by_id=by.person_id, written_on=on)
    if finding is not None:
        lesson.finding = _finding(finding, council, by)
        lesson.review = lesson.finding.review
    themes = _say(lesson, title, text, themes, enabler, journey)
    lesson.save()
    lesson.themes.set(themes)
    _tell("review-lesson-written", lesson, by, on)
    return lesson


@transaction.atomic
def change_lesson(lesson, *, title, text, themes=(), enabler="", journey="", by, on, revision):
    """Change a lesson that is not with its council nor told; it is a draft again. Takes what `write_lesson` takes.

    Raises PermissionDenied, Refused and Stale.
    """
    lesson = _locked(lesson, Ability.RUN_REVIEWS, by, revision)
    if lesson.stage not in MAY_CHANGE:
        raise Refused("Withdraw it first: what the council reads, or has agreed, does not change under it")
    lesson.themes.set(_say(lesson, title, text, themes, enabler, journey))
    _begin_anew(lesson)
    _save(lesson)
    _tell("review-lesson-changed", lesson, by, on)
    return lesson


@transaction.atomic
def send_to_council(lesson, *, harmless=(), by, on, revision):
    """Send an anonymised draft to its council, to agree. Raises PermissionDenied, Refused and Stale.

    Refused while it holds what would give the council away and is not among `harmless`: words that the adviser
    confirms tell nobody anything here. They are kept for the council to see.
    """
    lesson = _locked(lesson, Ability.RUN_REVIEWS, by, revision)
    if lesson.stage != Lesson.Stage.DRAFT:
        raise Refused(f"Only a draft is sent: this one is {lesson.get_stage_display().lower()}")
    found = given_away(lesson)
    _refuse_given_away(still_given_away(found, harmless))
    lesson.harmless = found
    lesson.stage = Lesson.Stage.WITH_COUNCIL
    lesson.anonymised_by_id, lesson.anonymised_on = by.person_id, on
    _save(lesson)
    _tell("review-lesson-sent", lesson, by, on, confirmed=len(found))
    return lesson


@transaction.atomic
def answer_lesson(lesson, *, agrees, reason="", by, on, revision):
    """Agree, for its council, that the sector is told a lesson; or refuse, with a reason. Agreed, it is told.

    Refused too where it has come to give the council away since, by a new post holder perhaps. Raises
    PermissionDenied, Refused and Stale.
    """
    lesson = _locked(lesson, Ability.ANSWER_REVIEWS, by, revision)
    if lesson.stage != Lesson.Stage.WITH_COUNCIL:
        raise Refused(f"It is not waiting for an answer: it is {lesson.get_stage_display().lower()}")
    reason = reason.strip()
    if not agrees and not reason:
        raise Refused("Enter why the council does not agree", "reason")
    _fits("reason", reason)
    refuse_identifiers(reason=reason)
    if agrees:
        _refuse_given_away(still_given_away(given_away(lesson), lesson.harmless))
    lesson.stage = Lesson.Stage.TOLD if agrees else Lesson.Stage.REFUSED
    lesson.told_on = on if agrees else None
    lesson.answered_by_id, lesson.answered_on, lesson.answer_reason = by.person_id, on, reason
    _save(lesson)
    _tell("review-lesson-told" if agrees else "review-lesson-refused", lesson, by, on)
    return lesson


@transaction.atomic
def withdraw_lesson(lesson, *, by, on, revision):
    """Take a lesson back, for its council or for the LGA, at any time: from then on nobody else reads it.

    Raises PermissionDenied, Refused and Stale.
    """
    lesson = _locked(lesson, Ability.RUN_REVIEWS, by, revision, or_for_council=True)
    if lesson.stage == Lesson.Stage.WITHDRAWN:
        raise Refused("It has been withdrawn already")
    lesson.stage = Lesson.Stage.WITHDRAWN
    _save(lesson)
    _tell("review-lesson-withdrawn", lesson, by, on)
    return lesson


def given_away(lesson):
    """Return what in a lesson would tell whose it is, in its own words."""
    reference = lesson.review.case.reference if lesson.review_id else ""
    return what_gives_away(lesson.council, lesson.title, lesson.text, reference=reference)


def _refuse_given_away(words):
    if words:
        named = ", ".join(f"“{one}”" for one in words)
        raise Refused(
            f"This would give the council away: {named}. Take it out, or confirm that it is harmless",
            "harmless",
        )


def _finding(number, council, by):
    found = Finding.objects.visible_to(by).standing().filter(agreed_on__isnull=False)
    finding = found.filter(review__case__council=council, review__final_on__isnull=False, pk=number)
    finding = finding.select_related("review__case").first()
    if finding is None:
        raise Refused("Choose an agreed finding of a review whose report is final")
    return finding


def _say(lesson, title, text, themes, enabler, journey):
    lesson.title = _written("title", title, "Enter a title")
    lesson.text = _written("text", text, "Enter what others can learn")
    refuse_identifiers(title=lesson.title, text=lesson.text)
    if enabler and enabler not in Enabler.values:
        raise Refused("Select an enabler", "enabler")
    if journey and journey not in Journey.values:
        raise Refused("Select a stage of improvement", "journey")
    lesson.enabler, lesson.journey = enabler, journey
    themes = list(PeerWord.objects.filter(kind=PeerWord.Kind.EXPERTISE, pk__in=list(themes)))
    if len(themes) > MOST_THEMES:
        raise Refused(f"Select {MOST_THEMES} themes at most", "themes")
    return themes


def _written(name, text, missing):
    # The two characters mark what a search found; a text that held them would mark itself.
    text = text.replace(MARK_FROM, "").replace(MARK_TO, "").strip()
    if not text:
        raise Refused(missing, name)
    _fits(name, text)
    return text


def _fits(name, text):
    if len(text) > LONGEST[name]:
        raise Refused(f"This must be {LONGEST[name]:,} characters or fewer", name)


def _begin_anew(lesson):
    lesson.stage = Lesson.Stage.DRAFT
    lesson.harmless = []
    lesson.anonymised_by = lesson.anonymised_on = lesson.answered_by = lesson.answered_on = lesson.told_on = (
        None
    )
    lesson.answer_reason = ""


def _locked(lesson, ability, by, revision, *, or_for_council=False):
    reach = by.council_filter(ability)
    if or_for_council:
        # A draft is the adviser's alone: the council does not know of it yet.
        reach |= by.council_filter(Ability.ANSWER_REVIEWS)
    theirs = Lesson.objects.visible_to(by).filter(reach, pk=lesson.pk)
    current = (
        Lesson.objects.filter(pk__in=theirs.values("pk"))
        .select_related("council", "review__case")
        .select_for_update(of=("self",))
        .first()
    )
    if current is None:
        raise PermissionDenied
    if current.revision != revision:
        raise Stale(current)
    return current


def _save(lesson):
    lesson.revision += 1
    lesson.save()


def _tell(kind, lesson, by, on, **data):
    # Neither the council's code nor its case: who reads a council's history could tell whose lesson it is.
    record_event(kind, by=by, on=on, subject=lesson, data=data)
