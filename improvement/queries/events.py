"""Which events of plans and updates a viewer may know of: what is drafted is told to the council's own people alone."""

from django.db.models import Q

from accounts.permissions import Ability
from cases.models import Milestone

# What an event about plans, boards, updates and evidence begins with.
OF_PLANS = (
    "action-",
    "adviser-",
    "board-",
    "challenge-",
    "document-",
    "draft-",
    "evidence-",
    "measure-",
    "plan-",
    "priority-",
    "question-",
    "reading-",
    "update-",
)
TOLD_TO_THE_DFE = ("plan-answer-withdrawn", "plan-answered", "plan-sent")
TOLD_TO_THE_LGA = (
    *TOLD_TO_THE_DFE,
    "adviser-status-given",
    "plan-comment-answered",
    "plan-comment-settled",
    "plan-commented",
    "plan-said-ready",
    "plan-shared",
    "question-answered",
    "update-questioned",
    "update-read",
    "update-submitted",
)


def untold(viewer, council):
    """Return the Q of the events of a council that are not told to the viewer, for what they read of its plans.

    To the council's own people and the national lead all is told; to the LGA's advisers what was shared and said to
    each other; to the DfE what was sent and answered. Rule: section 7.
    """
    if viewer.may_at(Ability.READ_DRAFTS, council):
        return Q(pk__in=[])
    of_the_lga = viewer.may_at(Ability.READ_SHARED_PLANS, council)
    kept = Q()
    for beginning in OF_PLANS:
        kept |= Q(kind__startswith=beginning)
    hidden = kept & ~Q(kind__in=TOLD_TO_THE_LGA if of_the_lga else TOLD_TO_THE_DFE)
    if of_the_lga:
        return hidden
    actions = Milestone.objects.filter(council=council, of_plan=True)
    return hidden | Q(subject_kind="milestone", subject_id__in=actions.values("pk"))
