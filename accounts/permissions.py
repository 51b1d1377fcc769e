"""Who may do what: one table. A role has a name people know, and the abilities it brings."""

from enum import StrEnum


class Scope(StrEnum):
    """How far a grant reaches."""

    ENGLAND = "england"
    REGION = "region"
    COUNCIL = "council"
    SYSTEM = "system"

    @property
    def label(self):
        return SCOPE_LABELS[self]


SCOPE_LABELS = {
    Scope.ENGLAND: "all of England",
    Scope.REGION: "one region",
    Scope.COUNCIL: "one council",
    Scope.SYSTEM: "the system",
}


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
    SHADOW_TEAM = "shadow-team"


class Ability(StrEnum):
    SEE_CASES = "see-cases"
    ANSWER_MILESTONES = "answer-milestones"
    SEE_LGA_ONLY = "see-lga-only"
    CONFIRM_EPISODES = "confirm-episodes"
    ENTER_INSPECTIONS = "enter-inspections"
    NAME_COUNCIL_READERS = "name-council-readers"
    NAME_LGA_READERS = "name-lga-readers"
    KEEP_POSTS = "keep-posts"
    LOG_CONTACTS = "log-contacts"
    ALLOCATE = "allocate"
    USE_DATE_CALCULATOR = "use-date-calculator"
    IMPORT_OUTCOMES = "import-outcomes"
    MANAGE_REFERENCE_DATA = "manage-reference-data"
    MANAGE_PEOPLE = "manage-people"
    RECORD_INTERVENTION = "record-intervention"
    READ_DRAFTS = "read-drafts"
    DRAFT_PLANS = "draft-plans"
    APPROVE_PLANS = "approve-plans"
    READ_SHARED_PLANS = "read-shared-plans"
    ANSWER_PLANS = "answer-plans"
    READ_SENT_PLANS = "read-sent-plans"
    READ_RELEASED_TO_SCRUTINY = "read-released-to-scrutiny"
    READ_SHARED_WITH_PARTNERS = "read-shared-with-partners"
    REPORT_ACTIONS = "report-actions"
    CHAIR_BOARD = "chair-board"
    READ_REVIEWS = "read-reviews"
    READ_PUBLISHED_REVIEWS = "read-published-reviews"
    PREPARE_REVIEWS = "prepare-reviews"
    ANSWER_REVIEWS = "answer-reviews"
    RUN_REVIEWS = "run-reviews"
    SERVE_ON_REVIEWS = "serve-on-reviews"
    READ_PEERS = "read-peers"
    KEEP_PEERS = "keep-peers"


ABILITY_WORDS: dict[Ability, str] = {
    Ability.SEE_CASES: "see cases, their milestones, stages and overdue counts",
    Ability.ANSWER_MILESTONES: "mark milestones met, move, pause, assign and confirm them",
    Ability.SEE_LGA_ONLY: "see the LGA's own advice, never shown to councils or the DfE",
    Ability.CONFIRM_EPISODES: "say that an episode known from published notices alone is open",
    Ability.ENTER_INSPECTIONS: "enter inspections, their recommendations and their publication by hand",
    Ability.NAME_COUNCIL_READERS: "name who at the council may read an outcome under embargo",
    Ability.NAME_LGA_READERS: "name who at the LGA may read an outcome under embargo",
    Ability.KEEP_POSTS: "keep who holds a council's posts, its political control and next election",
    Ability.LOG_CONTACTS: "log contacts with a council, for the LGA alone",
    Ability.ALLOCATE: "allocate councils and cases to advisers",
    Ability.USE_DATE_CALCULATOR: "work out due dates",
    Ability.IMPORT_OUTCOMES: "import Ofsted's published outcomes",
    Ability.MANAGE_REFERENCE_DATA: "correct regions, councils, arrangements, bank holidays and clock rules",
    Ability.MANAGE_PEOPLE: "invite people, give and end roles, require a second factor",
    Ability.RECORD_INTERVENTION: "record what the DfE decided: notices, directions, appointments, reviews",
    Ability.READ_DRAFTS: "read a council's plans and updates from their first draft",
    Ability.DRAFT_PLANS: "draft plans and updates, keep their board, attach evidence",
    Ability.APPROVE_PLANS: "approve, share and send plans, submit updates, release them to others",
    Ability.READ_SHARED_PLANS: "read plans once shared with the LGA, and updates once submitted",
    Ability.ANSWER_PLANS: "comment on shared plans, question updates, give a status of their own",
    Ability.READ_SENT_PLANS: "read plans as sent to the DfE, and what the council has released to it",
    Ability.READ_RELEASED_TO_SCRUTINY: "read what the council has released to scrutiny",
    Ability.READ_SHARED_WITH_PARTNERS: "read what the council has shared with its improvement partners",
    Ability.REPORT_ACTIONS: "report on the actions of a plan that name them as owner",
    Ability.CHAIR_BOARD: "read the plan of a board that they chair, and record its decisions",
    Ability.READ_REVIEWS: "read a council's peer reviews, but never the team's notes",
    Ability.READ_PUBLISHED_REVIEWS: "read the peer reviews that the council has published",
    Ability.PREPARE_REVIEWS: "give a review's team what it asks for, and comment on its draft report",
    Ability.ANSWER_REVIEWS: "accept or decline a review, agree its scope and team, publish its report",
    Ability.RUN_REVIEWS: "offer, set up and run peer reviews, and log approaches to councils",
    Ability.SERVE_ON_REVIEWS: "read and write the notes of a review while on its team",
    Ability.READ_PEERS: "search the pool of peers",
    Ability.KEEP_PEERS: "keep the pool of peers and the days they are lent",
}

_READS = frozenset({Ability.SEE_CASES})
_OF_THE_COUNCIL = _READS | {Ability.READ_DRAFTS, Ability.READ_REVIEWS}
_DRAFTS = _OF_THE_COUNCIL | {Ability.DRAFT_PLANS, Ability.REPORT_ACTIONS, Ability.PREPARE_REVIEWS}
_ADVISES = _READS | {
    Ability.ANSWER_MILESTONES,
    Ability.SEE_LGA_ONLY,
    Ability.CONFIRM_EPISODES,
    Ability.ENTER_INSPECTIONS,
    Ability.KEEP_POSTS,
    Ability.LOG_CONTACTS,
    Ability.USE_DATE_CALCULATOR,
    Ability.RECORD_INTERVENTION,
    Ability.READ_SHARED_PLANS,
    Ability.ANSWER_PLANS,
    Ability.READ_REVIEWS,
    Ability.RUN_REVIEWS,
    Ability.READ_PEERS,
    Ability.KEEP_PEERS,
}

ABILITIES: dict[Role, frozenset[Ability]] = {
    # An action owner, peer, improvement partner, scrutiny member or board chair reads what is released to
    # them (actions, reviews, plans); a council's case is not among it.
    Role.ACTION_OWNER: frozenset({Ability.REPORT_ACTIONS}),
    Role.COUNCIL_CONTRIBUTOR: _DRAFTS,
    Role.COUNCIL_APPROVER: _DRAFTS
    | {
        Ability.APPROVE_PLANS,
        Ability.ENTER_INSPECTIONS,
        Ability.NAME_COUNCIL_READERS,
        Ability.KEEP_POSTS,
        Ability.ANSWER_REVIEWS,
    },
    Role.COUNCIL_LEADERSHIP: _OF_THE_COUNCIL,
    Role.SCRUTINY_MEMBER: frozenset({Ability.READ_RELEASED_TO_SCRUTINY}),
    Role.BOARD_CHAIR: frozenset({Ability.CHAIR_BOARD}),
    Role.IMPROVEMENT_PARTNER: frozenset({Ability.READ_SHARED_WITH_PARTNERS}),
    Role.PEER: frozenset({Ability.SERVE_ON_REVIEWS}),
    Role.LGA_ADVISER: _ADVISES,
    Role.PRINCIPAL_ADVISER: _ADVISES | {Ability.NAME_LGA_READERS, Ability.ALLOCATE},
    # Reads all of England and writes no case.
    Role.NATIONAL_LEAD: _READS
    | {
        Ability.READ_DRAFTS,
        Ability.READ_SHARED_PLANS,
        Ability.SEE_LGA_ONLY,
        Ability.READ_REVIEWS,
        Ability.READ_PEERS,
        Ability.USE_DATE_CALCULATOR,
        Ability.IMPORT_OUTCOMES,
        Ability.MANAGE_REFERENCE_DATA,
    },
    Role.DFE_ADVISER: _READS | {Ability.READ_SENT_PLANS, Ability.READ_PUBLISHED_REVIEWS},
    # People and roles; no case by virtue of this role.
    Role.ADMINISTRATOR: frozenset({Ability.MANAGE_PEOPLE}),
    # A successor's people before its first day, let in by the predecessor.
    Role.SHADOW_TEAM: _OF_THE_COUNCIL,
}

# The council's own people. The DfE's adviser sees the council's cases too, and is none of them.
OF_THE_COUNCIL = frozenset({Role.COUNCIL_APPROVER, Role.COUNCIL_CONTRIBUTOR, Role.COUNCIL_LEADERSHIP})

# What the staff of a trust or other body that delivers a council's services may be there.
OF_A_BODY = frozenset({Role.COUNCIL_CONTRIBUTOR, Role.ACTION_OWNER})

_OF_ONE_COUNCIL = frozenset({Scope.COUNCIL})

SCOPES: dict[Role, frozenset[Scope]] = {
    **dict.fromkeys(Role, _OF_ONE_COUNCIL),
    Role.LGA_ADVISER: frozenset({Scope.REGION, Scope.COUNCIL}),
    Role.PRINCIPAL_ADVISER: frozenset({Scope.REGION}),
    Role.NATIONAL_LEAD: frozenset({Scope.ENGLAND}),
    Role.ADMINISTRATOR: frozenset({Scope.SYSTEM}),
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
    Role.SHADOW_TEAM: "Shadow team",
}

DESCRIPTIONS: dict[Role, str] = {
    Role.ACTION_OWNER: "Answers for actions of a plan, in the council, its trust or a partner body.",
    Role.COUNCIL_CONTRIBUTOR: "Drafts the council's plans and updates and attaches evidence.",
    Role.COUNCIL_APPROVER: "The director of children's services or a delegate: approves, shares and submits.",
    Role.COUNCIL_LEADERSHIP: "Leader, lead member or chief executive: reads what the council holds.",
    Role.SCRUTINY_MEMBER: "Reads what the council has released to scrutiny.",
    Role.BOARD_CHAIR: "Chairs an improvement board: reads its plan and records its decisions.",
    Role.IMPROVEMENT_PARTNER: "From another council or body: reads what the council has shared.",
    Role.PEER: "On the team of a peer review, from its confirmation to the final report.",
    Role.LGA_ADVISER: "Children's improvement adviser or review manager, for given regions or councils.",
    Role.PRINCIPAL_ADVISER: "Leads a region for the LGA and allocates its advisers.",
    Role.NATIONAL_LEAD: "Reads all of England, imports outcomes and keeps the field's reference data.",
    Role.DFE_ADVISER: "The DfE's adviser or commissioner for given councils, from a day until a day.",
    Role.ADMINISTRATOR: "Looks after people and roles; sees no case by this role.",
    Role.SHADOW_TEAM: "Of a council that will take over: reads the predecessor's work, from a day until a day.",
}
