"""The pages of one review that its viewer may open, as its navigation lists them."""

from dataclasses import dataclass

from accounts.permissions import Ability
from peer_reviews.models import PeerReview
from peer_reviews.rules.stages import has_reached


@dataclass(frozen=True)
class Reader:
    """What a viewer is to a review. Two queries."""

    on_team: bool
    runs: bool
    of_council: bool
    is_final: bool = False
    # Feedback has been given to the council.
    has_feedback: bool = False

    @classmethod
    def of(cls, review, viewer):
        on_team = PeerReview.objects.of_team(viewer).filter(pk=review.pk).exists()
        runs = PeerReview.objects.run_by(viewer).filter(pk=review.pk).exists()
        roles = {grant.council_id for grant in viewer.grants if grant.council_id}
        reads = viewer.may(Ability.READ_REVIEWS) and review.case.council_id in roles
        final = review.final_on is not None and review.final_on <= viewer.today
        heard = has_reached(review.stage, "feedback-given", stage_before=review.stage_before)
        return cls(on_team, runs, reads, final, heard)


# (url name, words, who is offered it): a page refuses by itself whoever may not.
PAGES = [
    ("review", "The review", lambda reader: True),
    ("team", "Team", lambda reader: reader.on_team or reader.runs or reader.of_council),
    ("timetable", "Timetable", lambda reader: reader.on_team or reader.runs or reader.of_council),
    ("room", "Documents", lambda reader: reader.on_team or reader.runs or reader.of_council),
    ("requests", "Requests", lambda reader: reader.on_team or reader.runs or reader.of_council),
    ("audits", "Audits", lambda reader: reader.on_team),
    ("keep_in_touch", "Keep in touch", lambda reader: reader.on_team),
    ("notes", "Notes", lambda reader: reader.on_team),
    ("notes_needed", "What is needed", lambda reader: reader.on_team),
    ("findings", "Findings", lambda reader: reader.on_team or (reader.runs and reader.is_final)),
    (
        "slides",
        "Slides",
        lambda reader: reader.on_team or (reader.has_feedback and (reader.runs or reader.of_council)),
    ),
    ("report", "Report", lambda reader: reader.has_feedback),
    ("follow_up", "Follow-up", lambda reader: reader.is_final and (reader.runs or reader.of_council)),
    (
        "review_feedback",
        "Your view",
        lambda reader: reader.has_feedback and (reader.on_team or reader.runs or reader.of_council),
    ),
]


def review_navigation(review, viewer):
    """Return (url name, words) of each page of the review that is offered to the viewer."""
    reader = Reader.of(review, viewer)
    return [(name, words) for name, words, offered in PAGES if offered(reader)]
