"""Evidence in the words of its page."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat

from cases.models import Document
from improvement.rules.updates import period_words

# How a file's scan stands: in a tag, the tag's colour, and what that means for who wants to open it.
SCANS = {
    Document.Scan.WAITING: ("Being scanned", "due", "It can be downloaded once that is done."),
    Document.Scan.CLEAN: ("Scanned, nothing found", "done", ""),
    Document.Scan.REFUSED: (
        "Refused",
        "overdue",
        "A scanner found harmful software in it, and it was deleted.",
    ),
    Document.Scan.NOT_SCANNED: ("Not scanned", "quiet", "No scanner is set up here."),
}


@dataclass(frozen=True)
class Line:
    """A piece of evidence. `can_open`: a link leads to it; `about` is what it is: a file's name and size, a host."""

    evidence: object
    title: str
    kind: str
    about: str
    can_open: bool
    scan: str
    tag: str
    scan_means: str
    given: str
    may_remove: bool


def lines_of(rows, removable, months):
    """Return the lines of `Evidence` rows; `removable`: the numbers of those that the viewer may remove.

    `months`: how long an update's period is.
    """
    return [_line(one, one.pk in removable, months) for one in rows]


def _line(one, may_remove, months):
    document = one.document
    is_file = bool(document.upload)
    scan, tag, means = SCANS[document.scan] if is_file else ("", "", "")
    by = f" by {one.attached_by}" if one.attached_by else ""
    period = f", with the update for {period_words(one.update.period_on, months)}" if one.update else ""
    return Line(
        evidence=one,
        title=document.title,
        kind=one.get_kind_display(),
        about=f"{document.name}, {filesizeformat(document.size)}" if is_file else document.url,
        can_open=document.may_be_downloaded or not is_file,
        scan=scan,
        tag=tag,
        scan_means=means,
        given=f"Attached on {one.attached_on.day} {one.attached_on:%B %Y}{by}{period}.",
        may_remove=may_remove,
    )
