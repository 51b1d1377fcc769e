"""What this room does when a room below says that something happened."""

from cases.models import Case
from improvement.actions import open_interventions
from inspections.signals import Consequence, Consequences

# What `Opened` tells of, in its order, as it is said of one council.
WORDS = {
    "opened": "opens a case",
    "joined": "joins the case that is open",
    "withdrawn": "withdraws a case opened by mistake, which nobody had worked on",
    "to_confirm": "brings up an episode, from published notices, that is to confirm",
}


def open_on_publication(sender, *, councils, by, on, **kwargs):
    """Open interventions inside the transaction that published the outcomes; an error rolls it back.

    Return what that did, for whoever imports to read.
    """
    did = open_interventions(councils, by=by, on=on)
    references = [reference for name in WORDS for reference in getattr(did, name)]
    cases = Case.objects.select_related("council").in_bulk(references, field_name="reference")
    return Consequences(
        f"interventions: {did}",
        tuple(
            _consequence(cases[reference], words)
            for name, words in WORDS.items()
            for reference in getattr(did, name)
        ),
    )


def _consequence(case, words):
    return Consequence(case.council.name, case.council.get_absolute_url(), words, case.reference)
