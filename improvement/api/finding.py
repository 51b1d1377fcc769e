"""What the bodies sent about plans name by number, found within what the sender may see."""

from api.finding import named
from improvement.models import PlanVersion


def draft_named(viewer, pk):
    """Return the version of that number that the viewer sees and whose plan they draft."""
    theirs = PlanVersion.objects.visible_to(viewer).draftable_by(viewer)
    return named(theirs, "version", "There is no such version of a plan that you draft.", pk=pk)
