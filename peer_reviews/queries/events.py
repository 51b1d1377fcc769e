"""Which events of peer reviews a viewer may know of: what the team does among itself is told to nobody."""

from django.db.models import Q

from cases.models import Milestone

REFERENCES = "PR-"
# What an event about reviews, the pool, days lent and approaches begins with.
OF_REVIEWS = ("approach-", "days-lent-", "peer-", "review-")
# What the council does and is told, before anybody else outside the LGA.
TOLD_TO_THE_COUNCIL = (
    "review-activity-added",
    "review-activity-changed",
    "review-activity-held",
    "review-activity-moved",
    "review-activity-removed",
    "review-days-set",
    "review-endorsed",
    "review-factual-closed",
    "review-factual-comment",
    "review-follow-up-held",
    "review-lesson-sent",
    "review-lesson-told",
    "review-lesson-withdrawn",
    "review-manager-named",
    "review-neighbours-objected",
    "review-notes-deleted",
    "review-offered",
    "review-ofsted-called",
    "review-organiser-named",
    "review-peer-agreed",
    "review-peer-put-forward",
    "review-peer-refused",
    "review-peer-stood-down",
    "review-pre-brief-held",
    "review-progress-recorded",
    "review-published",
    "review-recorded",
    "review-report-final",
    "review-report-sent",
    "review-request-answered",
    "review-request-made",
    "review-request-withdrawn",
    "review-resumed",
    "review-room-document-added",
    "review-room-document-removed",
    "review-room-emptied",
    "review-scope-agreed",
    "review-scope-changed",
    "review-slides-given",
    "review-stage-changed",
    "review-subsidy-set",
    "review-support-to-offer",
    "review-support-withdrawn",
    "review-team-confirmed",
    "review-team-joined",
)
TOLD_TO_THE_LGA = (
    *TOLD_TO_THE_COUNCIL,
    "approach-changed",
    "approach-deleted",
    "approach-logged",
    "days-lent-recorded",
    "days-lent-withdrawn",
    "review-feedback-said",
    "review-group-office-agreed",
    "review-lesson-changed",
    "review-lesson-written",
    "review-report-begun",
    "review-report-changed",
)


def untold(council, *, reads, of_the_lga):
    """Return the Q of the events about peer reviews of a council that are not told to somebody.

    `reads`: whether they read its reviews; `of_the_lga`: whether they see there what is the LGA's alone.

    To the council's own people is told what passes between them and the LGA; to the LGA's advisers also what the LGA
    does; to others nothing, not even that there was a review. What the team does among itself, its findings, audits
    and daily word with the director, is told to nobody. Rule: sections 6 and 7.
    """
    of_reviews = Q()
    for beginning in OF_REVIEWS:
        of_reviews |= Q(kind__startswith=beginning)
    if reads:
        return of_reviews & ~Q(kind__in=TOLD_TO_THE_LGA if of_the_lga else TOLD_TO_THE_COUNCIL)
    offers = Milestone.objects.filter(council=council, of_review=True)
    return (
        of_reviews
        | Q(case_reference__startswith=REFERENCES)
        | Q(subject_kind="milestone", subject_id__in=offers.values("pk"))
    )
