"""What a review's slides, report and agreement say, as plain facts for the writers: no file, no table, no viewer.

Words are the team's agreed ones, the timetable's counts and the review's own dates: never a note, never a name.
"""

import re
from collections import Counter
from itertools import groupby

from cases.presenters import count_of, day_words
from peer_reviews.models import (
    Activity,
    Finding,
    SourceType,
    StepKind,
    TeamMember,
    TeamRole,
    Voice,
)
from peer_reviews.queries.findings import agreed_findings

LANGUAGE = "en-GB"
BULLETS_ON_A_SLIDE = 5
# In the order of the review; what comes after feedback.
NEXT = [
    (StepKind.DRAFT, "The draft {report} comes to the council"),
    (StepKind.FACTUAL_ACCURACY, "The council says what is not right in its facts"),
    (StepKind.FINAL, "The final {report} follows"),
    (StepKind.ACTION_PLAN, "The council plans what it will do about the recommendations"),
    (StepKind.FOLLOW_UP, "The LGA follows up with the council what has changed"),
]
_HELD = {
    SourceType.INTERVIEW: ("interview", "interviews"),
    SourceType.FOCUS_GROUP: ("focus group", "focus groups"),
    SourceType.OBSERVATION: ("observation", "observations"),
    SourceType.CASE_AUDIT: ("session of case audit", "sessions of case audit"),
    SourceType.DOCUMENT: ("reading of documents", "readings of documents"),
    SourceType.DATA: ("reading of data", "readings of data"),
}
_NUMBER = re.compile(r"(?<![\d:/.])\d{1,3}(?![\d:/.])")
# An office keeps its capitals within a sentence; a group does not.
_OFFICES = (Voice.DCS,)


def report_word(kind):
    """Return what a review of the kind ends in: "report" or "letter"."""
    return "letter" if kind.letter else "report"


# Slides


def slides_content(review, on):
    """Return the slides of the last day: {"title", "council", "date", "language", "slides": [{"title", "bullets"}]}.

    `on`: the day they are given. A bullet is {"kind", "text"}.
    """
    council, findings = str(review.case.council), agreed_findings(review)
    slides = [
        _slide(str(review.kind), [_bullet("text", council), _bullet("text", f"Feedback, {day_words(on)}")]),
        *_slides("What we did", [_bullet("text", text) for text in what_we_did(review)]),
    ]
    for title, of_line in _by_line(findings):
        for kind, words in (
            (Finding.Kind.STRENGTH, "strengths"),
            (Finding.Kind.CONSIDERATION, "areas for further consideration"),
        ):
            bullets = [_bullet(one.kind, one.wording) for one in of_line if one.kind == kind]
            slides += _slides(f"{title}: {words}", bullets)
    advised = [_bullet(one.kind, one.wording) for one in findings if one.kind == Finding.Kind.RECOMMENDATION]
    slides += _slides("Recommendations", advised)
    slides += _slides("Next steps", [_bullet("text", text) for text in next_steps(review)])
    return {
        "title": f"{review.kind}: feedback",
        "council": council,
        "date": day_words(on),
        "language": LANGUAGE,
        "slides": slides,
    }


def _bullet(kind, text):
    return {"kind": str(kind), "text": text}


def _slide(title, bullets):
    return {"title": title, "bullets": bullets}


def _slides(title, bullets):
    """Return as many slides of a title as its bullets fill; none of nothing."""
    parts = [
        bullets[start : start + BULLETS_ON_A_SLIDE] for start in range(0, len(bullets), BULLETS_ON_A_SLIDE)
    ]
    if len(parts) < 2:
        return [_slide(title, part) for part in parts]
    return [_slide(f"{title} ({number} of {len(parts)})", part) for number, part in enumerate(parts, 1)]


def _by_line(findings):
    """Return (title, findings) of each line that has strengths or considerations; what is of no line comes last."""
    told = [one for one in findings if one.kind != Finding.Kind.RECOMMENDATION]
    return [
        (ones[0].line.title if key else "Across the review", ones)
        for key, found in groupby(told, lambda one: one.line_id)
        if (ones := list(found))
    ]


def what_we_did(review):
    """Return in sentences what the team did: activities held, whom it met and how many, documents, cases audited."""
    held = list(Activity.objects.filter(review=review, standing=Activity.Standing.HELD))
    said = []
    if held:
        counts = Counter(one.source_type for one in held)
        kinds = [count_of(counts[source], *_HELD[source]) for source in _HELD if counts[source]]
        said.append(f"{count_of(len(held), 'activity', 'activities')} held: {_listed(kinds)}.")
        said += _whom_we_met(held)
    if documents := review.room.count():
        said.append(f"{count_of(documents, 'document')} of the council read.")
    audited = list(review.audited.values_list("council_grade", "team_grade"))
    if audited:
        said.append(f"{count_of(len(audited), 'case')} audited{_agreement(audited)}.")
    return said or [f"The team was at the council from {_days(review)}."]


def _whom_we_met(held):
    voices = [Voice(one.voice) for one in held if one.voice != Voice.RECORDS]
    groups = [_voice_words(voice) for voice in Voice if voice in voices]
    people = sum(int(number) for one in held for number in _NUMBER.findall(one.who_came))
    said = [f"We heard {_listed(groups)}."] if groups else []
    if people:
        met = "person" if people == 1 else "people"
        said.append(f"{people} {met} met, as the timetable counts them: somebody may have come twice.")
    return said


def _voice_words(voice):
    if voice in _OFFICES:
        return f"the {voice.label[:1].lower()}{voice.label[1:]}"
    return voice.label[:1].lower() + voice.label[1:]


def _agreement(audited):
    graded = [(council, team) for council, team in audited if council]
    if not graded:
        return ""
    agreed = sum(council == team for council, team in graded)
    return f"; the team agreed with the council’s own grade in {agreed} of {len(graded)}"


def next_steps(review):
    """Return in sentences what comes after feedback, with the days that are set."""
    due = dict(review.steps.values_list("step", "milestone__due_on"))
    said = []
    for step, words in NEXT:
        day = due.get(step)
        by = f": by {day_words(day)}" if day else ""
        said.append(words.format(report=report_word(review.kind)) + by + ".")
    return said


# Report or letter


def report_title(review):
    return f"{review.kind}: {report_word(review.kind)} to {review.case.council.official_name}"


def first_paragraphs(review):
    """Return (kind, text, finding or None) of each paragraph that a report begins with.

    What is the same in every report is written from the scope, the team's shape and the dates; the rest are the
    agreed findings in their words. A person finishes it.
    """
    findings = agreed_findings(review)
    told = [*_introduction(review), *_method(review, findings)]
    for title, of_line in _by_line(findings):
        told.append(("heading", title, None))
        for kind in (Finding.Kind.STRENGTH, Finding.Kind.CONSIDERATION):
            told += [(str(one.kind), one.wording, one) for one in of_line if one.kind == kind]
    advised = [one for one in findings if one.kind == Finding.Kind.RECOMMENDATION]
    if advised:
        told += [
            ("heading", "Recommendations", None),
            ("text", "We recommend that the council should:", None),
            *((str(one.kind), one.wording, one) for one in advised),
        ]
    return [*told, *_ending(review)]


def _introduction(review):
    council = review.case.council.official_name
    said = []
    if review.kind.letter:
        said.append(("text", "Dear director of children’s services", None))
    said.append(("heading", "Introduction", None))
    others = [other.official_name for other in review.joint_with.all()]
    reviewed = _listed([council, *others])
    said.append(
        (
            "text",
            f"{council} invited the Local Government Association to carry out a peer review, "
            f"{_with_article(str(review.kind))}. A team of peers from other councils was at {reviewed} "
            f"from {_days(review)}.",
            None,
        )
    )
    said.append(
        (
            "text",
            "A peer review is not an inspection. It is a conversation between colleagues, meant to help the council "
            "to see its strengths and what it could consider next.",
            None,
        )
    )
    if review.scope:
        said.append(("text", review.scope, None))
    lines = [line.title for line in review.lines.all()]
    if lines:
        asked = "; ".join(one.rstrip(".") for one in lines)
        said.append(("text", f"The council and the team agreed on these lines of enquiry: {asked}.", None))
    return said


def _method(review, findings):
    in_confidence = "Everything that people told us was heard in confidence and is attributed to nobody."
    told = [one for one in findings if one.kind != Finding.Kind.RECOMMENDATION]
    # Said only where it is so. Rule: section 6, point 5.
    if told and all(one.rests.is_triangulated for one in told):
        in_confidence += " Each finding rests on two independent sources or more."
    return [
        ("heading", "How we worked", None),
        ("text", f"The team was made up of {_listed(team_in_words(review))}.", None),
        ("text", " ".join(what_we_did(review)), None),
        ("text", in_confidence, None),
    ]


def _ending(review):
    said = [("heading", "Next steps", None), ("text", " ".join(next_steps(review)), None)]
    said.append(
        (
            "text",
            "We thank everybody who made time for us, and the council for how openly it met the team.",
            None,
        )
    )
    if review.kind.letter:
        said.append(("text", "Yours sincerely, the review manager, for the team", None))
    return said


def team_in_words(review):
    """Return the team's roles and how many of each: "a lead peer", "three operational peers"."""
    members = TeamMember.objects.filter(review=review, left_on__isnull=True, from_on__isnull=False)
    counts = Counter(members.values_list("role", flat=True))
    return [_number_of(role, counts[role]) for role in TeamRole if counts[role]] or [
        "peers of other councils"
    ]


def _number_of(role, number):
    named = role.label[:1].lower() + role.label[1:]
    if number == 1:
        return f"the LGA’s {named}" if role == TeamRole.MANAGER else _with_article(named)
    words = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return f"{words[number] if number < len(words) else number} {named}s"


def _with_article(words):
    small = words[:1].lower() + words[1:] if words[1:2].islower() else words
    return f"an {small}" if small[:1].lower() in "aeiou" else f"a {small}"


def _days(review):
    if review.first_day is None:
        return "the days agreed"
    return f"{day_words(review.first_day)} to {day_words(review.last_day)}"


def _listed(words):
    """Return "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def report_content(report, paragraphs=None):
    """Return a version for the writers: {"title", "council", "kind", "date", "language", "number", "paragraphs"}.

    A paragraph is {"kind", "text"}. `paragraphs`: where they are read already.
    """
    review = report.review
    told = report.paragraphs.order_by("place", "pk") if paragraphs is None else paragraphs
    return {
        "title": report.title,
        "council": review.case.council.official_name,
        "kind": str(review.kind),
        "date": day_words(report.sent_on or report.begun_on),
        "language": LANGUAGE,
        "number": report.number,
        "standing": report.get_stage_display(),
        "paragraphs": [{"kind": str(one.kind), "text": one.text} for one in told],
    }


# Agreement


def agreement_content(review):
    """Return what the council and the LGA agreed, for the agreement's page and files: facts, in words."""
    council = review.case.council.official_name
    return {
        "title": f"{review.kind}: agreement",
        "reference": review.case.reference,
        "council": council,
        "kind": str(review.kind),
        "language": LANGUAGE,
        "with_councils": [other.official_name for other in review.joint_with.all()],
        "first_day": day_words(review.first_day),
        "last_day": day_words(review.last_day),
        "scope": review.scope,
        "lines": [{"title": line.title, "question": line.question} for line in review.lines.all()],
        "team": [
            {"role": place.get_role_display(), "number": place.number} for place in review.kind.places.all()
        ],
        "steps": [
            {"step": one.get_step_display(), "due": day_words(one.milestone.due_on)}
            for one in review.steps.select_related("milestone").order_by("milestone__due_on", "pk")
        ],
        "subsidy": review.get_subsidy_display(),
        "subsidy_basis": review.subsidy_basis,
        "endorsed": [
            {"office": one.get_office_display(), "on": day_words(one.on)} for one in review.endorsements.all()
        ],
        "agreed_by_council_on": day_words(review.scope_agreed_by_council_on),
        "agreed_by_lga_on": day_words(review.scope_agreed_by_lga_on),
    }
