"""Reports and agreements as tagged PDF, to send."""

from pathlib import Path

from look.typesetting import typeset
from peer_reviews.writers.text import LEADS

DOCUMENTS = Path(__file__).resolve().parent.parent / "documents"


def report_pdf(content):
    """Return a report or letter as the bytes of a tagged PDF, in its reading order."""
    paragraphs = [{**one, "lead": LEADS.get(one["kind"], "")} for one in content["paragraphs"]]
    return typeset(DOCUMENTS / "report.typ", {"paper": {**content, "paragraphs": paragraphs}})


def agreement_pdf(review, content):
    """Return the agreement about a review as the bytes of a tagged PDF."""
    return typeset(DOCUMENTS / "agreement.typ", {"paper": content})
