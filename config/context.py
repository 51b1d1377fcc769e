"""What every page's frame needs."""

from django.conf import settings

from accounts.permissions import Ability


def site(request):
    """The viewer with today's date, what the frame offers them, and whether this is a demonstration."""
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "may_work_out_dates": viewer is not None and viewer.may(Ability.USE_DATE_CALCULATOR),
        "may_enter_inspections": viewer is not None and viewer.may(Ability.ENTER_INSPECTIONS),
        "may_import": viewer is not None and viewer.may(Ability.IMPORT_OUTCOMES),
        "demonstration": settings.DEMONSTRATION,
    }
