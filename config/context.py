"""What every page's frame needs."""

from django.conf import settings

from accounts.permissions import Ability

# Whoever may be let read some plan. Which, the page of plans asks.
READS_PLANS = (
    Ability.READ_DRAFTS,
    Ability.READ_SHARED_PLANS,
    Ability.READ_SENT_PLANS,
    Ability.READ_RELEASED_TO_SCRUTINY,
    Ability.READ_SHARED_WITH_PARTNERS,
    Ability.CHAIR_BOARD,
)

# Whoever may read some review; a peer, those they are on.
READS_REVIEWS = (Ability.READ_REVIEWS, Ability.READ_PUBLISHED_REVIEWS, Ability.SERVE_ON_REVIEWS)


def site(request):
    """The viewer with today's date, what the frame offers them, and whether this is a demonstration."""
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "may_work_out_dates": viewer is not None and viewer.may(Ability.USE_DATE_CALCULATOR),
        "may_enter_inspections": viewer is not None and viewer.may(Ability.ENTER_INSPECTIONS),
        "may_read_plans": viewer is not None and any(viewer.may(ability) for ability in READS_PLANS),
        "may_own_actions": viewer is not None
        and viewer.may(Ability.REPORT_ACTIONS)
        and not viewer.may(Ability.DRAFT_PLANS),
        "may_read_reviews": viewer is not None and any(viewer.may(ability) for ability in READS_REVIEWS),
        "may_import": viewer is not None and viewer.may(Ability.IMPORT_OUTCOMES),
        "demonstration": settings.DEMONSTRATION,
    }
