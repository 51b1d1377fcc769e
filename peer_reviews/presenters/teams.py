"""Words for the team of a review."""

from dataclasses import dataclass, field

from cases.presenters import count_of, day_words
from councils.models import PoliticalControl
from peer_reviews.models import TeamRole
from peer_reviews.rules.stages import has_reached


@dataclass
class MemberShown:
    """Somebody on the team in words, with (words, tag) of how they stand."""

    member: object
    who: str
    role: str
    tag: tuple
    told: list = field(default_factory=list)
    conflicts: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    may_agree: bool = False
    needs_office: bool = False
    may_stand_down: bool = False


@dataclass
class TeamPage:
    """The page of a team. `places`: (role, words, how many are wanted, taken, still open)."""

    heading: str
    lede: str
    members: list
    left: list
    places: list
    to_confirm: bool
    blocked: bool
    manager: object
    other_roles: list
    may_give: bool


def team_page(review, members, places, *, runs, answers, built):
    """Return the `TeamPage`. `runs`, `answers`: what the viewer is to the review; `built`: the team can change."""
    serving = [one for one in members if one.member.left_on is None]
    people = [
        _member(one, runs=runs, answers=answers and built, built=built, review=review) for one in serving
    ]
    left = [
        (one.member, _left_words(one.member, runs, answers))
        for one in members
        if one.member.left_on is not None and (runs or (answers and one.member.refused))
    ]
    peers = [one for one in serving if one.member.role != "manager"]
    waiting = [one for one in peers if one.member.council_agreed_on is None and one.member.from_on is None]
    unasked = [one for one in peers if one.member.role == "member" and not one.member.group_office_agreed_on]
    arisen = [one for one in peers if one.conflicts]
    return TeamPage(
        heading=_heading(review, peers, waiting, arisen),
        lede=_lede(peers, waiting, arisen, unasked, runs, answers, built),
        members=people,
        left=left,
        places=[
            (role, words, number, taken, max(0, number - taken)) for role, words, number, taken in places
        ],
        to_confirm=runs and built and any(one.member.from_on is None for one in peers),
        blocked=bool(waiting or arisen or unasked),
        manager=next((one.member for one in serving if one.member.role == "manager"), None),
        other_roles=[
            (role, words)
            for role, words in TeamRole.choices
            if role not in {"manager", *(place[0] for place in places)}
        ],
        may_give=has_reached(review.stage, "feedback-given", stage_before=review.stage_before),
    )


def _heading(review, peers, waiting, arisen):
    if not peers:
        return "Nobody is on the team yet"
    if arisen:
        return f"{_names(arisen)} may not go: a conflict has arisen"
    if waiting:
        return f"{count_of(len(peers), 'peer')} put forward, {len(waiting)} for the council to agree"
    if all(one.member.from_on for one in peers):
        return f"A team of {len(peers) + 1}, confirmed" if len(peers) else "The team is confirmed"
    return f"{count_of(len(peers), 'peer')} agreed, ready to confirm"


def _names(members):
    names = [one.member.name for one in members]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _lede(peers, waiting, arisen, unasked, runs, answers, built):
    """Say what to do next: what stands before the confirmation, to whoever can do something about it."""
    if not built:
        return "The team can’t change at this stage."
    if runs and arisen:
        return "The team can’t be confirmed with them on it: stand them down, or correct what was recorded."
    if runs and unasked:
        return f"Record the group office’s agreement to {_names(unasked)} before the team is confirmed."
    if runs and waiting:
        return "The team can be confirmed once the council has agreed to each."
    if answers and waiting:
        return "Say of each whether the council agrees. If not, say why: somebody else is put forward."
    if runs and not peers:
        return "Choose a place: who would fit it is suggested, and whom a conflict keeps away is left out."
    return ""


def _member(one, *, runs, answers, built, review):
    member = one.member
    manager = member.role == "manager"
    told = []
    if member.role == "member":
        group = dict(PoliticalControl.Control.choices).get(member.political_group, "not recorded")
        told.append(f"Political group: {group}")
        if member.group_office_agreed_on:
            told.append(
                f"{member.group_office_agreed_by} agreed on {day_words(member.group_office_agreed_on)}"
                if runs
                else "The group office agreed"
            )
    if runs and not one.signs_in:
        told.append(
            "Does not sign in as a peer yet: an administrator invites them"
            + (f" by {member.peer.email}" if member.peer_id and member.peer.email else "")
        )
    return MemberShown(
        member=member,
        who=who_they_are(one),
        role=member.get_role_display(),
        tag=_tag(one, manager),
        told=told,
        conflicts=one.conflicts if runs else [],
        warnings=one.warnings if runs else [],
        may_agree=answers and not manager and member.council_agreed_on is None and member.from_on is None,
        needs_office=runs and built and member.role == "member" and not member.group_office_agreed_on,
        may_stand_down=runs and built and not manager,
    )


def who_they_are(one):
    """Return the post and where it is: what the council is told of a member besides the name and the role."""
    return ", ".join(filter(None, [one.title, one.employer]))


def _tag(one, manager):
    member = one.member
    if one.conflicts:
        return ("may not go", "overdue")
    if member.until_on is not None:
        return (f"served until {day_words(member.until_on)}", "quiet")
    if member.from_on is not None:
        return ("on the team", "done")
    if manager:
        return ("named", "quiet")
    if member.council_agreed_on is not None:
        return ("agreed by the council", "done")
    return ("for the council to agree", "due")


def _left_words(member, runs, answers):
    if member.refused:
        return f"The council did not agree on {day_words(member.left_on)}: {member.left_reason}"
    if not runs:
        return ""
    return f"Stood down on {day_words(member.left_on)}: {member.left_reason}"


def suggest_heading(found, role, review):
    """Return the answer of the suggestions for a role."""
    role = role.lower()
    if not found.rows:
        return f"Nobody in the pool can be suggested as {role}"
    best = found.rows[0].peer.name
    return f"{best} fits best as {role}" if found.page == 1 else f"Who else fits as {role}"


def suggest_lede(found, review):
    """Say for which days, how many the place asks for, and how many a conflict keeps away."""
    days = (
        f"On site {day_words(found.host.first)} to {day_words(found.host.last)}."
        if found.host.dated
        else "The days on site are not set yet, so nobody’s diary is asked."
    )
    wants = f" The kind asks for {found.host.number}." if found.host.number else ""
    out = f" {count_of(found.left_out, 'peer')} left out for a conflict." if found.left_out else ""
    return f"{days}{wants}{out}"


def member_facts(member):
    """Return what a member's row says now, for whoever would have changed it."""
    return [
        ("Who", f"{member.name}, {member.get_role_display().lower()}"),
        (
            "Council",
            f"Agreed on {day_words(member.council_agreed_on)}" if member.council_agreed_on else "Not agreed",
        ),
        ("Group office", member.group_office_agreed_by or "Nothing recorded"),
        ("On the team", f"Left on {day_words(member.left_on)}" if member.left_on else "Yes"),
    ]


def review_facts(review):
    """Return what the review says now."""
    return [("Stage", review.get_stage_display())]
