"""Words for a review's slides, report, follow-up and feedback."""

from collections import Counter
from dataclasses import dataclass

from cases.comparing import Kept
from cases.presenters import count_of, day_words
from peer_reviews.models import FactualComment, Progress, Report
from peer_reviews.queries.report_content import report_word
from peer_reviews.rules.report_text import Became

Drafted, WithCouncil, Final = Report.Stage.DRAFT, Report.Stage.FACTUAL_ACCURACY, Report.Stage.FINAL
ANSWER_TAGS = {
    FactualComment.Answer.ACCEPTED: "done",
    FactualComment.Answer.IN_PART: "due",
    FactualComment.Answer.NOT_ACCEPTED: "quiet",
}
PROGRESS_TAGS = {
    Progress.Answer.NONE: "overdue",
    Progress.Answer.SOME: "due",
    Progress.Answer.GOOD: "done",
    Progress.Answer.DONE: "done",
}
CHANGE_WORDS = {
    Became.CHANGED: ("changed", "due"),
    Became.ADDED: ("added", "done"),
    Became.REMOVED: ("removed", "overdue"),
}


def nothing_yet(review, part):
    """Return (heading, lede) where there is no version that the viewer may read."""
    word = report_word(review.kind)
    if review.from_past:
        return f"The {word} is not kept here", "This review was recorded after it was over."
    if review.stage in ("declined", "cancelled"):
        return f"There is no {word}", f"The review was {review.get_stage_display().lower()}."
    if part.runs and review.stage == "feedback-given":
        return (
            f"The {word} can begin",
            "It begins with the agreed findings, and with paragraphs written from the scope, the team and the dates.",
        )
    if part.runs or part.on_team:
        return f"There is no {word} yet", "It begins once feedback was given to the council."
    return (
        f"The {word} has not been sent to the council yet",
        "It comes for a check of its facts before it is final.",
    )


def heading(shown, review, today):
    """Return the answer that the page of a version begins with."""
    report, word = shown.report, report_word(review.kind)
    if report.stage == Final:
        if review.published_on and review.published_on <= today:
            return f"The {word} is final, and published by the council on {day_words(review.published_on)}"
        return f"The {word} is final since {day_words(report.sent_on)}, and not published"
    if report.stage == Drafted:
        return f"Version {report.number} is a draft of {count_of(len(shown.paragraphs), 'paragraph')}"
    if report.number != shown.versions[-1].number:
        return f"Version {report.number}, as it was sent on {day_words(report.sent_on)}"
    if report.comments_closed_on is None:
        if report.comments_due_on < today:
            return f"The council had until {day_words(report.comments_due_on)} to comment on version {report.number}"
        return f"Version {report.number} is with the council until {day_words(report.comments_due_on)}"
    if shown.unanswered:
        return f"{shown.unanswered} of {count_of(shown.comments, 'comment')} to answer"
    if shown.comments:
        return (
            f"All {count_of(shown.comments, 'comment')} answered"
            if shown.comments > 1
            else "The comment is answered"
        )
    return "The council had no comments"


def lede(shown, review, part):
    """Return what to do next, in words, for this viewer."""
    report, word = shown.report, report_word(review.kind)
    if report.number != shown.versions[-1].number:
        return "A version that was sent never changes."
    if report.stage == Drafted:
        return _lede_of_draft(shown, part, word)
    if report.stage == Final:
        if part.answers and review.published_on is None:
            return "Only the council publishes it. Record here where, and the DfE’s adviser reads it from then on."
        return ""
    if report.comments_closed_on is None:
        said = f"{count_of(shown.comments, 'comment')} so far."
        if part.prepares:
            return f"{said} Say beside a paragraph what is not right in its facts."
        return said if part.runs or part.on_team or part.reads_for_council else ""
    if part.runs and shown.unanswered:
        return "Answer each one, then edit what was accepted in the next version."
    if part.runs:
        return "The next version begins as a copy of this one."
    return "The review manager answers each comment, and the final version follows."


def _lede_of_draft(shown, part, word):
    if not part.runs:
        return "The review manager is writing it."
    if shown.unanswered:
        return (
            f"{count_of(shown.unanswered, 'comment')} of the council still to answer before it can be final."
        )
    if shown.commented:
        return f"All comments on version {shown.commented.number} are answered: edit, then make it final."
    return f"Edit it until it reads as one {word}. Then send it to the council for a check of its facts."


@dataclass(frozen=True)
class CommentShown:
    comment: FactualComment
    tag: tuple[str, str]


def comment_tag(comment):
    """Return (words, tag) of how a comment stands."""
    if not comment.answer:
        return "to answer", "due"
    return comment.get_answer_display().lower(), ANSWER_TAGS[comment.answer]


def rows_for(text):
    """Return how many rows a box needs for a text, within reason."""
    return max(3, min(24, len(text) // 75 + text.count("\n") + 1))


def change_tag(change):
    """Return [(words, tag)] of how a paragraph changed: none of one that stayed."""
    tags = [CHANGE_WORDS[change.became]] if change.became in CHANGE_WORDS else []
    return [*tags, ("moved", "quiet")] if change.moved else tags


def change_parts(change):
    """Return (element, words) of a changed paragraph: "ins", "del" or ""."""
    elements = {Kept.DELETED: "del", Kept.INSERTED: "ins", Kept.SAME: ""}
    return [(elements[kept], words) for kept, words in change.words]


def compared_heading(changes, before, after):
    counts = Counter(change.became for change in changes)
    moved = sum(change.moved for change in changes)
    said = [
        f"{counts[became]} {words}" for became, (words, _tag) in CHANGE_WORDS.items() if counts[became]
    ] + ([f"{moved} moved"] if moved else [])
    if not said:
        return f"Version {after.number} says the same as version {before.number}"
    return f"From version {before.number} to {after.number}: {', '.join(said)}"


_COUNTED = {
    Progress.Answer.NONE: "without progress yet",
    Progress.Answer.SOME: "with some progress",
    Progress.Answer.GOOD: "with good progress",
    Progress.Answer.DONE: "done",
}


def follow_up_heading(told, review):
    """Return how far the recommendations have come, as a count of each."""
    if not told:
        return "The review made no recommendations"
    counts = Counter(one.found.answer for one in told if one.found)
    said = [f"{counts[answer]} {_COUNTED[answer]}" for answer in reversed(Progress.Answer) if counts[answer]]
    waiting = sum(one.found is None for one in told)
    if waiting:
        said.append(f"{waiting} not looked at yet")
    return f"{count_of(len(told), 'recommendation')}: {', '.join(said)}"


def progress_tag(progress):
    if progress is None:
        return "not looked at yet", "quiet"
    return progress.get_answer_display().lower(), PROGRESS_TAGS[progress.answer]


def feedback_heading(side, said, everybody, asked):
    if not asked:
        return "Feedback on this review is asked for once the team has given its own"
    if side and said is None:
        return "What did you think of this review?"
    if side:
        return "You have said what you thought of this review"
    return f"{len(everybody)} {'person has' if len(everybody) == 1 else 'people have'} said what they thought"
