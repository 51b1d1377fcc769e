"""What every case shares: the case, its sources, milestones, clock rules, flags, contacts and assignments.

Every dated row holds from `from_on` until `until_on` (exclusive). Dates are days in London.
"""

from cases.models.cases import (
    Allocation,
    Assignment,
    Case,
    CaseQuerySet,
    ReferenceCounter,
    answered_by,
)
from cases.models.contacts import (
    Contact,
    ContactQuerySet,
)
from cases.models.documents import Document
from cases.models.enablers import Enabler, Journey
from cases.models.milestones import (
    Answer,
    DateChange,
    Flag,
    FlagQuerySet,
    FollowsMilestone,
    Milestone,
    MilestoneQuerySet,
    Pause,
    PauseQuerySet,
    SweepRun,
)
from cases.models.rules import (
    BINDING,
    BankHoliday,
    ClockRule,
    FlagRule,
    Force,
    Owes,
    RetentionRule,
    Unit,
    since_ever,
)
from cases.models.sources import (
    EmbargoAccess,
    EmbargoView,
    Recommendation,
    RecommendationQuerySet,
    Source,
    SourceQuerySet,
    not_restricted,
)

__all__ = [
    "BINDING",
    "Allocation",
    "Answer",
    "Assignment",
    "BankHoliday",
    "Case",
    "CaseQuerySet",
    "ClockRule",
    "Contact",
    "ContactQuerySet",
    "DateChange",
    "Document",
    "EmbargoAccess",
    "EmbargoView",
    "Enabler",
    "Flag",
    "FlagQuerySet",
    "FlagRule",
    "FollowsMilestone",
    "Force",
    "Journey",
    "Milestone",
    "MilestoneQuerySet",
    "Owes",
    "Pause",
    "PauseQuerySet",
    "Recommendation",
    "RecommendationQuerySet",
    "ReferenceCounter",
    "RetentionRule",
    "Source",
    "SourceQuerySet",
    "SweepRun",
    "Unit",
    "answered_by",
    "not_restricted",
    "since_ever",
]
