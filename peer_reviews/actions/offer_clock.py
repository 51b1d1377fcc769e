"""When the next peer review is to be offered: four years after the last, of the council or its predecessor."""

from cases.actions.clocks import start_clocks
from cases.models import ClockRule
from cases.rules import Start
from councils.models import Council, Succession


def start_offer_clock(review, *, by, on):
    """Start the clock of the next offer for every council that `review` was about, from its last day on site.

    Of a council that has ended, for those that took over from it. Only where the kind counts for the aim. A part of
    the action that ends the review, which asks whether `by` may. Rule: section 3, the row of the offer.
    """
    if not review.kind.counts_for_offer or review.last_day is None:
        return []
    councils = {review.case.council_id, *review.joint_with.values_list("pk", flat=True)}
    return start_clocks(
        [
            Start(
                event=ClockRule.StartsFrom.PEER_REVIEW,
                on=review.last_day,
                council_id=council,
                source=review.source,
                words="the last peer review, on site until that day",
            )
            for council in sorted(_those_there_now(councils, on))
        ],
        by=by,
        on=on,
    )


def _those_there_now(councils, on):
    """Return the councils, and in the place of one that has ended those that took over from it."""
    ended = set(Council.objects.filter(pk__in=councils, until_on__lte=on).values_list("pk", flat=True))
    if not ended:
        return councils
    after = Succession.objects.filter(predecessor__in=ended).values_list("successor", flat=True)
    return _those_there_now((councils - ended) | set(after), on)
