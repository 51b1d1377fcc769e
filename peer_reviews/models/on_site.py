"""Before and on site: the document room, what the team asks the council for, the timetable, and what is kept daily."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Document
from councils.models import Office
from peer_reviews.models.reviews import BetweenTeamAndCouncil, LineOfEnquiry, OfTeam, PeerReview
from peer_reviews.models.teams import TeamMember

PERSON = settings.AUTH_USER_MODEL


class SourceType(models.TextChoices):
    """Where evidence comes from. Rule: section 6, point 4."""

    INTERVIEW = "interview", "Interview"
    FOCUS_GROUP = "focus-group", "Focus group"
    OBSERVATION = "observation", "Observation"
    CASE_AUDIT = "case-audit", "Case audit"
    DOCUMENT = "document", "Document"
    DATA = "data", "Data"


class Voice(models.TextChoices):
    """Whose voice a note holds: a group, never a name."""

    CHILDREN = "children", "Children and young people"
    FAMILIES = "families", "Parents and carers"
    SOCIAL_WORKERS = "social-workers", "Social workers"
    TEAM_MANAGERS = "team-managers", "Team managers"
    SENIOR_MANAGERS = "senior-managers", "Senior managers"
    DCS = "dcs", "Director of children’s services"
    CHIEF_EXECUTIVE = "chief-executive", "Chief executive"
    MEMBERS = "members", "Elected members"
    HEALTH = "health", "Health"
    POLICE = "police", "Police"
    SCHOOLS = "schools", "Schools and early years"
    VOLUNTARY = "voluntary", "Voluntary sector"
    FOSTER_CARERS = "foster-carers", "Foster carers and residential staff"
    OTHER_STAFF = "other-staff", "Other staff"
    RECORDS = "records", "Nobody’s: files, data or documents"


class Request(models.Model):
    """Something the team asks the council for: a document, an interview. The council's organiser sees and answers."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "A document"
        INTERVIEW = "interview", "An interview or visit"
        OTHER = "other", "Something else"

    class Outcome(models.TextChoices):
        GIVEN = "given", "Given"
        CANNOT = "cannot", "Can’t be given"
        WITHDRAWN = "withdrawn", "No longer needed"

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField("what is asked for", max_length=2000)
    due_on = models.DateField("wanted by", null=True, blank=True)
    asked_on = models.DateField()
    asked_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True, max_length=2000)
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = BetweenTeamAndCouncil.as_manager()

    class Meta:
        ordering = ["review", "pk"]
        constraints = [
            models.CheckConstraint(
                name="request_answered_with_its_day",
                condition=Q(outcome="", answered_on__isnull=True)
                | ~Q(outcome="") & Q(answered_on__isnull=False),
            )
        ]

    def __str__(self):
        return self.text[:60]


class RoomDocument(models.Model):
    """A document that the council has put in the room: read by the team and the council, deleted on closing."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="room")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="room_document")
    request = models.ForeignKey(
        Request, null=True, blank=True, on_delete=models.SET_NULL, related_name="documents"
    )
    position_statement = models.BooleanField(default=False)

    objects = BetweenTeamAndCouncil.as_manager()

    class Meta:
        ordering = ["review", "-position_statement", "pk"]

    def __str__(self):
        return str(self.document)


class Activity(models.Model):
    """One meeting, visit or reading of the on-site programme. Times are of the clock in London."""

    class Standing(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        NOT_HELD = "not-held", "Did not happen"

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="activities")
    on = models.DateField("day")
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("until")
    title = models.CharField("what", max_length=160)
    source_type = models.CharField("kind of source", max_length=12, choices=SourceType.choices)
    voice = models.CharField("whose voice", max_length=20, choices=Voice.choices)
    room = models.CharField("where", max_length=120, blank=True)
    lead = models.ForeignKey(
        TeamMember, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    note_taker = models.ForeignKey(
        TeamMember, null=True, blank=True, on_delete=models.SET_NULL, related_name="takes_notes"
    )
    lines = models.ManyToManyField(LineOfEnquiry, related_name="activities", blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.PLANNED)
    who_came = models.CharField(max_length=300, blank=True, help_text="Groups and how many, never names.")
    why_not = models.CharField("why it did not happen", max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = BetweenTeamAndCouncil.as_manager()

    class Meta:
        ordering = ["review", "on", "starts_at", "pk"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_times_in_order"),
            models.CheckConstraint(
                condition=~Q(standing="not-held") | ~Q(why_not=""), name="activity_not_held_with_a_reason"
            ),
        ]

    def __str__(self):
        return self.title


class PeerFeed(models.Model):
    """The secret address of a team member's timetable as a calendar: only its hash is kept."""

    member = models.ForeignKey(TeamMember, on_delete=models.CASCADE, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(revoked_at=None), name="one_peer_feed_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.member}, {self.made_at}"


class KeepInTouch(models.Model):
    """The daily word with the director: what was said, for the team alone. Deleted with the notes."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="keep_in_touch")
    on = models.DateField()
    office = models.CharField("with", max_length=30, choices=Office.choices, default=Office.DCS)
    said = models.TextField("what was said", max_length=4000)
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = OfTeam.as_manager()

    class Meta:
        ordering = ["review", "on", "pk"]

    def __str__(self):
        return f"{self.review}, {self.on}"


class AuditedCase(models.Model):
    """A case that the team audited, by reference alone: whether it agrees with the council's own grade."""

    class Grade(models.TextChoices):
        INADEQUATE = "inadequate", "Inadequate"
        REQUIRES_IMPROVEMENT = "requires-improvement", "Requires improvement"
        GOOD = "good", "Good"
        OUTSTANDING = "outstanding", "Outstanding"

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="audited")
    reference = models.CharField(max_length=30)
    council_grade = models.CharField("the council’s grade", max_length=24, choices=Grade.choices, blank=True)
    team_grade = models.CharField("the team’s grade", max_length=24, choices=Grade.choices)
    line = models.ForeignKey(
        LineOfEnquiry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    auditor = models.ForeignKey(TeamMember, null=True, on_delete=models.SET_NULL, related_name="+")
    audited_on = models.DateField()
    revision = models.PositiveIntegerField(default=1)

    objects = OfTeam.as_manager()

    class Meta:
        ordering = ["review", "reference"]
        constraints = [models.UniqueConstraint(fields=["review", "reference"], name="case_audited_once")]

    def __str__(self):
        return self.reference


class Worry(models.Model):
    """That a worry about a child was told in person: when, to whom, the case reference, and that it was acknowledged.

    Nothing of what it was about. Append-only but for the acknowledgement. Rule: section 6, point 7.
    """

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="worries")
    told_at = models.DateTimeField()
    told_to = models.CharField("told to", max_length=30, choices=Office.choices, default=Office.DCS)
    case_reference = models.CharField(max_length=30)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = OfTeam.as_manager()

    class Meta:
        ordering = ["review", "told_at"]
        verbose_name_plural = "worries"
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(acknowledged_at__gte=F("told_at")),
                name="worry_acknowledged_after_it_was_told",
            )
        ]

    def __str__(self):
        return f"{self.review}, {self.told_at}"
