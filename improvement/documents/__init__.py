"""Papers of plans as tagged PDF, by the templates beside this file."""

from pathlib import Path

from look.typesetting import typeset

HERE = Path(__file__).resolve().parent


def highlight_pdf(paper):
    """Return the highlight report of a `Paper` as the bytes of a tagged PDF."""
    return typeset(HERE / "highlight.typ", {"paper": paper.as_data()})
