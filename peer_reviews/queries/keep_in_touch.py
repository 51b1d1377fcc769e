"""The daily word with the director, and what the team is told of worries about a child."""

from councils.models import Office, PostHolder
from peer_reviews.models import KeepInTouch, PeerReview, Stage, Worry


def said_in(review, viewer):
    """Return what was said to the director day by day, the latest first, where the viewer is on the team."""
    return list(KeepInTouch.objects.visible_to(viewer).filter(review=review).order_by("-on", "-pk"))


def waits_today(review, viewer):
    """Say whether today's word is still to be recorded: on a day on site, to a member of the team. Two queries."""
    if review.stage != Stage.ON_SITE or review.first_day is None:
        return False
    if not review.first_day <= viewer.today <= review.last_day:
        return False
    if not PeerReview.objects.of_team(viewer).filter(pk=review.pk).exists():
        return False
    return not KeepInTouch.objects.visible_to(viewer).filter(review=review, on=viewer.today).exists()


def worries_of(review, viewer):
    """Return the worries that the team told, the latest first; () to anybody else."""
    return list(Worry.objects.visible_to(viewer).filter(review=review).order_by("-told_at"))


def director_of(review, on):
    """Return who holds the post of director of children's services of the council on a day, or None."""
    return PostHolder.objects.on(on).filter(council=review.case.council_id, office=Office.DCS).first()
