"""Words and tags for findings."""

from dataclasses import dataclass

from django.utils.timezone import localtime

from cases.comparing import words as compared
from cases.presenters import DONE, DUE, OVERDUE, QUIET, count_of, day_words
from peer_reviews.models import Finding

KINDS = {
    Finding.Kind.STRENGTH: ("strength", DONE),
    Finding.Kind.CONSIDERATION: ("area for further consideration", DUE),
    Finding.Kind.RECOMMENDATION: ("recommendation", QUIET),
}


@dataclass(frozen=True)
class FindingShown:
    """A finding as a list or its page tells it: `tags` are (words, tint)."""

    finding: Finding
    tags: tuple[tuple[str, str], ...]
    sources: str
    is_triangulated: bool
    agreed: str
    dissent: str
    first: bool = False
    last: bool = False


def sources_words(finding):
    """Say on how much a finding rests: "3 independent sources", or that one group said so alone."""
    rests = finding.rests
    if finding.kind == Finding.Kind.RECOMMENDATION and not rests.notes:
        return (
            f"Rests on {count_of(rests.findings, 'finding')}" if rests.findings else "Rests on no finding yet"
        )
    if not rests.notes:
        return "Not triangulated: no note gathered"
    if rests.is_triangulated:
        return f"{count_of(rests.count, 'independent source')}, {count_of(rests.notes, 'note')}"
    return f"Not triangulated: one group’s word, {count_of(rests.notes, 'note')}"


def is_sound(finding):
    """Say whether it rests on enough: sources, or, of a recommendation, findings."""
    if finding.kind == Finding.Kind.RECOMMENDATION and finding.rests.findings:
        return True
    return finding.rests.is_triangulated


def finding_shown(finding, *, first=False, last=False):
    """Return the `FindingShown` of a finding that has its `rests`; `dissents`, where it has them, are counted."""
    tags = [KINDS[finding.kind]]
    if finding.severity:
        tint = OVERDUE if finding.severity == Finding.Severity.HIGH else QUIET
        tags.append((f"{finding.get_severity_display().lower()} severity", tint))
    if finding.at_risk:
        tags.append(("puts the council at risk", OVERDUE))
    dissents = getattr(finding, "dissents", 0)
    return FindingShown(
        finding=finding,
        tags=tuple(tags),
        sources=sources_words(finding),
        is_triangulated=is_sound(finding),
        agreed=f"Wording agreed on {day_words(finding.agreed_on)}"
        if finding.agreed_on
        else "Wording not agreed yet",
        dissent=f"{count_of(dissents, 'of the team sees', 'of the team see')} it otherwise"
        if dissents
        else "",
        first=first,
        last=last,
    )


@dataclass(frozen=True)
class LineShown:
    key: int
    title: str
    findings: list[FindingShown]


def lines_shown(findings):
    """Group standing findings, in their order, by line of enquiry; those of none come last."""
    lines = {}
    for finding in findings:
        lines.setdefault(finding.line, []).append(finding)
    return [
        LineShown(
            key=line.pk if line else 0,
            title=line.title if line else "Of no line of enquiry in particular",
            findings=[
                finding_shown(one, first=place == 0, last=place == len(of_it) - 1)
                for place, one in enumerate(of_it)
            ],
        )
        for line, of_it in lines.items()
    ]


def findings_heading(findings):
    """Return the answer: how many there are, and how many are not ready to be told."""
    if not findings:
        return "No findings yet"
    said = count_of(len(findings), "finding")
    waiting = sum(one.agreed_on is None for one in findings)
    weak = sum(not is_sound(one) for one in findings)
    if not waiting and not weak:
        return (
            f"{said}, each agreed and triangulated"
            if len(findings) > 1
            else f"{said}, agreed and triangulated"
        )
    parts = [f"{waiting} not agreed"] if waiting else []
    parts += [f"{weak} not triangulated"] if weak else []
    return f"{said}, {', '.join(parts)}"


def pre_brief_words(brief):
    """Say when and by whom the pre-brief was heard, and why not by all."""
    held = localtime(brief.held_at)
    heard = [
        words
        for is_so, words in (
            (brief.dcs, "director of children’s services"),
            (brief.chief_executive, "chief executive"),
            (brief.leader, "leader"),
        )
        if is_so
    ]
    named = heard[0] if len(heard) == 1 else f"{', '.join(heard[:-1])} and {heard[-1]}"
    said = f"Held on {day_words(held.date())} at {held:%H:%M} with the {named}."
    return f"{said} Why not all three: {brief.why_not_all}" if brief.why_not_all else said


def member_words(member):
    """Return "A Peer, lead peer"; Upstream itself where nobody did it."""
    if member is None:
        return "Upstream"
    return f"{member.name}, {member.get_role_display().lower()}"


@dataclass(frozen=True)
class WordingShown:
    number: int
    words: str
    by: str
    when: str
    at: object


def wordings_shown(wordings):
    return [
        WordingShown(
            number=number,
            words=one.text,
            by=member_words(one.made_by),
            when=f"{day_words(localtime(one.made_at).date())} at {localtime(one.made_at):%H:%M}",
            at=one.made_at,
        )
        for number, one in enumerate(wordings, start=1)
    ]


def compared_shown(before, after):
    """Return how one wording became another: (same, deleted or inserted; words; the space after) in reading order."""
    parts = []
    for kept, text in compared(before, after):
        said = text.rstrip()
        parts.append((str(kept), said, text[len(said) :] or " "))
    return parts


@dataclass(frozen=True)
class DissentShown:
    key: int
    words: str
    by: str
    made: str
    withdrawn: str
    is_own: bool


def dissent_shown(dissent, viewer):
    return DissentShown(
        key=dissent.pk,
        words=dissent.text,
        by=member_words(dissent.made_by),
        made=day_words(dissent.made_on),
        withdrawn=day_words(dissent.withdrawn_on),
        is_own=dissent.made_by.person_id == viewer.person_id and dissent.withdrawn_on is None,
    )


def support_words(milestone):
    """Say by when enhanced support is to be offered, or that it has been."""
    if milestone.met_on:
        return f"Enhanced support was offered on {day_words(milestone.met_on)}."
    return f"Enhanced support is to be offered by {day_words(milestone.due_on)}."


def readers_words(review):
    """Say who reads the findings now."""
    if review.final_on:
        return "The report is final: the LGA reads what the team found, and nothing changes here any more."
    return "Read by the team alone. The council hears them at the feedback and in the report."
