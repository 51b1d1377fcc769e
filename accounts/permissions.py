"""Who may do what: one table. A role has a name people know, and the abilities it brings."""

from enum import StrEnum


class Scope(StrEnum):
    """How far a grant reaches."""

    ENGLAND = "england"
    REGION = "region"
    COUNCIL = "council"
    SYSTEM = "system"


class Role(StrEnum):
    ACTION_OWNER = "action-owner"
    COUNCIL_CONTRIBUTOR = "council-contributor"
    COUNCIL_APPROVER = "council-approver"
    COUNCIL_LEADERSHIP = "council-leadership"
    SCRUTINY_MEMBER = "scrutiny-member"
    BOARD_CHAIR = "board-chair"
    IMPROVEMENT_PARTNER = "improvement-partner"
    PEER = "peer"
    LGA_ADVISER = "lga-adviser"
    PRINCIPAL_ADVISER = "principal-adviser"
    NATIONAL_LEAD = "national-lead"
    DFE_ADVISER = "dfe-adviser"
    ADMINISTRATOR = "administrator"


class Ability(StrEnum):
    SEE_CASES = "see-cases"  # cases, their milestones, stages, overdue counts
    ANSWER_MILESTONES = "answer-milestones"  # mark met, move, pause, assign, confirm
    SEE_LGA_ONLY = "see-lga-only"  # advice and judgements never shown to councils or the DfE
    CONFIRM_EPISODES = "confirm-episodes"  # say that an episode built from events alone is open
    USE_DATE_CALCULATOR = "use-date-calculator"
    IMPORT_OUTCOMES = "import-outcomes"
    MANAGE_PEOPLE = "manage-people"


_READS = frozenset({Ability.SEE_CASES})
_ADVISES = _READS | {
    Ability.ANSWER_MILESTONES,
    Ability.SEE_LGA_ONLY,
    Ability.CONFIRM_EPISODES,
    Ability.USE_DATE_CALCULATOR,
}

ABILITIES: dict[Role, frozenset[Ability]] = {
    # An action owner, peer, improvement partner, scrutiny member or board chair reads what later parts of the product
    # release to them (actions, reviews, plans); the region's cases are not among it.
    Role.ACTION_OWNER: frozenset(),
    Role.COUNCIL_CONTRIBUTOR: _READS,
    Role.COUNCIL_APPROVER: _READS,
    Role.COUNCIL_LEADERSHIP: _READS,
    Role.SCRUTINY_MEMBER: frozenset(),
    Role.BOARD_CHAIR: frozenset(),
    Role.IMPROVEMENT_PARTNER: frozenset(),
    Role.PEER: frozenset(),
    Role.LGA_ADVISER: _ADVISES,
    Role.PRINCIPAL_ADVISER: _ADVISES,
    Role.NATIONAL_LEAD: _READS | {Ability.SEE_LGA_ONLY, Ability.USE_DATE_CALCULATOR, Ability.IMPORT_OUTCOMES},
    Role.DFE_ADVISER: _READS,
    Role.ADMINISTRATOR: frozenset({Ability.MANAGE_PEOPLE}),
}

SCOPES: dict[Role, frozenset[Scope]] = {
    Role.NATIONAL_LEAD: frozenset({Scope.ENGLAND}),
    Role.PRINCIPAL_ADVISER: frozenset({Scope.REGION}),
    Role.LGA_ADVISER: frozenset({Scope.REGION, Scope.COUNCIL}),
    Role.ADMINISTRATOR: frozenset({Scope.SYSTEM}),
} | {
    role: frozenset({Scope.COUNCIL})
    for role in Role
    if role
    not in {Role.NATIONAL_LEAD, Role.PRINCIPAL_ADVISER, Role.LGA_ADVISER, Role.ADMINISTRATOR}
}

NAMES: dict[Role, str] = {
    Role.ACTION_OWNER: "Action owner",
    Role.COUNCIL_CONTRIBUTOR: "Council contributor",
    Role.COUNCIL_APPROVER: "Council approver",
    Role.COUNCIL_LEADERSHIP: "Council leadership",
    Role.SCRUTINY_MEMBER: "Scrutiny member",
    Role.BOARD_CHAIR: "Board chair",
    Role.IMPROVEMENT_PARTNER: "Improvement partner",
    Role.PEER: "Peer",
    Role.LGA_ADVISER: "LGA adviser",
    Role.PRINCIPAL_ADVISER: "Principal adviser",
    Role.NATIONAL_LEAD: "National lead",
    Role.DFE_ADVISER: "DfE adviser or commissioner",
    Role.ADMINISTRATOR: "Administrator",
}
