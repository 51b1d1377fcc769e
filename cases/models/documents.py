"""Documents: a file kept outside the web root, or a link. Served only through the check of who may read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from councils.models import Council

# By name, what says of which documents a viewer may read the number: see `readable_through`.
_READABLE = {}


def readable_through(name, numbers_for):
    """Let documents be read by whoever may read what they are attached to.

    `numbers_for`: a function of a viewer that returns a queryset of the numbers of documents. Higher rooms, which
    know the attachments, register theirs when they are ready; the same `name` again replaces the first.
    """
    _READABLE[name] = numbers_for


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the documents attached to something that the viewer may read; attached to nothing, nobody's."""
        reach = Q(pk__in=[])
        for numbers_for in _READABLE.values():
            reach |= Q(pk__in=numbers_for(viewer))
        return self.filter(reach)

    def to_scan(self):
        return self.filter(scan=Document.Scan.WAITING).order_by("pk")


class Document(models.Model):
    """A file or a link that a council or an adviser has given. What it is attached to says who may read it."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not-scanned", "Not scanned: no scanner is set up"
        WAITING = "waiting", "Waiting to be scanned"
        CLEAN = "clean", "Scanned, nothing found"
        REFUSED = "refused", "A scanner found something in it"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    name = models.CharField(max_length=120, blank=True, help_text="The file's name, made safe.")
    upload = models.FileField(upload_to="documents/", blank=True, max_length=200)
    url = models.URLField(max_length=500, blank=True, help_text="Where it is a link.")
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the content.")
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    given_on = models.DateField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="document_is_a_file_or_a_link",
                condition=(Q(url="") & ~Q(upload="") & ~Q(digest=""))
                | (~Q(url="") & Q(upload="", digest="")),
            )
        ]

    def __str__(self):
        return self.title

    @property
    def may_be_downloaded(self):
        """A file waits for its scan; one in which something was found is never given out. A link is no download."""
        return bool(self.upload) and self.scan in (self.Scan.CLEAN, self.Scan.NOT_SCANNED)
