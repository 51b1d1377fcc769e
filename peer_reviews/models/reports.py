"""What leaves the team: slides as given, the report in its versions, the factual accuracy round, the follow-up."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Ability
from cases.models import Recommendation
from councils.models import DatedQuerySet, dates_in_order
from peer_reviews.models.findings import Finding
from peer_reviews.models.kinds import ReviewKind
from peer_reviews.models.reviews import BetweenTeamAndCouncil, PeerReview

PERSON = settings.AUTH_USER_MODEL


class ReportTemplateQuerySet(DatedQuerySet):
    def visible_to(self, viewer):
        """Return all of them to whoever keeps the field's reference data, and none to others."""
        return self if viewer.may(Ability.MANAGE_REFERENCE_DATA) else self.none()


class ReportTemplate(models.Model):
    """A Word or PowerPoint file that the LGA has put in the place of Upstream's own, for a kind or for all."""

    class Use(models.TextChoices):
        AGREEMENT = "agreement", "Agreement (Word)"
        SLIDES = "slides", "Feedback slides (PowerPoint)"
        REPORT = "report", "Report (Word)"
        LETTER = "letter", "Letter (Word)"

    use = models.CharField(max_length=10, choices=Use.choices)
    kind = models.ForeignKey(
        ReviewKind, null=True, blank=True, on_delete=models.PROTECT, related_name="templates"
    )
    name = models.CharField(max_length=120)
    upload = models.FileField(upload_to="report-templates/", max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content.")
    given_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = ReportTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["use", "-from_on", "-pk"]
        constraints = [dates_in_order("report_template_dates_in_order")]

    def __str__(self):
        return self.name


class FeedbackSlides(models.Model):
    """The slides of the last day, frozen as given: what they said, and the file itself."""

    review = models.OneToOneField(PeerReview, on_delete=models.PROTECT, related_name="slides")
    content = models.JSONField(help_text="The agreed text, slide by slide.")
    upload = models.FileField(upload_to="feedback-slides/", max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")

    objects = BetweenTeamAndCouncil.as_manager()

    def __str__(self):
        return f"{self.review}, {self.given_at}"


class ReportQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return drafts to the team and whoever runs the review, those sent to the council to its people too.

        The final one is read by whoever may read the review; at follow-up, by the peers who were on its team, and by
        the team of a review that follows it. Rule: section 7.
        """
        reviews = PeerReview.objects
        runs = Q(review__in=reviews.run_by(viewer).values("pk"))
        team = Q(review__in=reviews.of_team(viewer).values("pk"))
        council = Q(
            viewer.council_filter(Ability.READ_REVIEWS, "review__case__council"), sent_on__isnull=False
        )
        final = Q(review__in=reviews.visible_to(viewer).values("pk"), stage=Report.Stage.FINAL)
        follows = reviews.of_team(viewer).filter(follows__isnull=False)
        followed = Q(review__in=follows.values("follows"), stage=Report.Stage.FINAL)
        found = runs | team | council | final | followed
        if viewer.may(Ability.SERVE_ON_REVIEWS):
            found |= Q(
                stage=Report.Stage.FINAL,
                review__stage="follow-up",
                review__team__person=viewer.person_id or 0,
                review__team__from_on__lte=viewer.today,
                review__team__left_on__isnull=True,
            )
        return self.filter(pk__in=self.model.objects.filter(found).values("pk"))


class Report(models.Model):
    """One version of a review's report or letter. A version that was sent never changes; the next is made from it."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "Draft"
        FACTUAL_ACCURACY = "factual-accuracy", "With the council for factual accuracy"
        FINAL = "final", "Final"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.DRAFT)
    title = models.CharField(max_length=200)
    begun_on = models.DateField()
    begun_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField(null=True, blank=True)
    sent_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    comments_due_on = models.DateField(null=True, blank=True)
    comments_closed_on = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its text, once sent.")
    revision = models.PositiveIntegerField(default=1)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["review", "number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="report_once"),
            models.UniqueConstraint(
                fields=["review"], condition=Q(stage="draft"), name="one_draft_report_at_a_time"
            ),
            models.UniqueConstraint(fields=["review"], condition=Q(stage="final"), name="one_final_report"),
            models.CheckConstraint(
                name="report_sent_with_its_digest",
                condition=Q(stage="draft", sent_on__isnull=True, digest="")
                | ~Q(stage="draft") & Q(sent_on__isnull=False) & ~Q(digest=""),
            ),
        ]

    def __str__(self):
        return f"{self.title}, version {self.number}"


class FollowsReport(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(report__in=Report.objects.visible_to(viewer).values("pk"))


class Paragraph(models.Model):
    """A paragraph of a version, with an identity (`key`) that it keeps from one to the next."""

    class Kind(models.TextChoices):
        HEADING = "heading", "Heading"
        TEXT = "text", "Text"
        STRENGTH = "strength", "Strength"
        CONSIDERATION = "consideration", "Area for further consideration"
        RECOMMENDATION = "recommendation", "Recommendation"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="paragraphs")
    key = models.UUIDField(default=uuid4, editable=False)
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=14, choices=Kind.choices)
    text = models.TextField(max_length=50_000)
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = FollowsReport.as_manager()

    class Meta:
        ordering = ["report", "place"]
        constraints = [
            models.UniqueConstraint(fields=["report", "key"], name="paragraph_once"),
        ]

    def __str__(self):
        return self.text[:60]


class FactualCommentQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return those on what the viewer reads, for the team, whoever runs the review and the council's own people."""
        reviews = PeerReview.objects
        theirs = (
            Q(paragraph__report__review__in=reviews.of_team(viewer).values("pk"))
            | Q(paragraph__report__review__in=reviews.run_by(viewer).values("pk"))
            | viewer.council_filter(Ability.READ_REVIEWS, "paragraph__report__review__case__council")
        )
        read = Report.objects.visible_to(viewer).values("pk")
        return self.filter(theirs, paragraph__report__in=read)


class FactualComment(models.Model):
    """What the council says of a paragraph's facts, and whether it was taken up, with the reason."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        IN_PART = "in-part", "Accepted in part"
        NOT_ACCEPTED = "not-accepted", "Not accepted"

    paragraph = models.ForeignKey(Paragraph, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField("what is not right", max_length=4000)
    made_on = models.DateField()
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=14, choices=Answer.choices, blank=True)
    reason = models.TextField(blank=True, max_length=2000)
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = FactualCommentQuerySet.as_manager()

    class Meta:
        ordering = ["paragraph", "pk"]
        constraints = [
            models.CheckConstraint(
                name="factual_comment_answered_with_its_day",
                condition=Q(answer="", answered_on__isnull=True)
                | ~Q(answer="") & Q(answered_on__isnull=False),
            ),
            models.CheckConstraint(
                name="factual_comment_refused_with_a_reason",
                condition=Q(answer__in=["", "accepted"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self):
        return self.text[:60]


class Progress(models.Model):
    """What a follow-up found of one recommendation of the review."""

    class Answer(models.TextChoices):
        NONE = "none", "No progress yet"
        SOME = "some", "Some progress"
        GOOD = "good", "Good progress"
        DONE = "done", "Done"

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="progress")
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="follow_up_progress"
    )
    answer = models.CharField(max_length=8, choices=Answer.choices)
    text = models.TextField("what was seen", max_length=4000)
    found_on = models.DateField()
    found_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = BetweenTeamAndCouncil.as_manager()

    class Meta:
        ordering = ["review", "recommendation"]
        constraints = [
            models.UniqueConstraint(fields=["review", "recommendation"], name="progress_once"),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_answer_display()}"
