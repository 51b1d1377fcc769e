"""What every page's frame needs."""

from django.conf import settings


def site(request):
    """The viewer, today's date and whether this is a demonstration."""
    return {
        "viewer": getattr(request, "viewer", None),
        "demonstration": settings.DEMONSTRATION,
    }
