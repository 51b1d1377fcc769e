"""The team of a review: who was put forward, what the council and the group office said, and who serves from when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.permissions import Ability
from councils.models import Council, held_on
from peer_reviews.models.kinds import TeamRole
from peer_reviews.models.peers import Peer
from peer_reviews.models.reviews import PeerReview

PERSON = settings.AUTH_USER_MODEL


class TeamMemberQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the members of reviews that the viewer may read; a published one tells nobody of its team."""
        reviews = PeerReview.objects.visible_to(viewer)
        theirs = viewer.council_filter(Ability.READ_REVIEWS, "case__council") | Q(
            pk__in=TeamMember.objects.serving(viewer).values("review")
        )
        run = PeerReview.objects.run_by(viewer).values("pk")
        return self.filter(review__in=reviews.filter(theirs | Q(pk__in=run)).values("pk"))

    def on_team(self):
        """Return those put forward and neither refused nor stood down."""
        return self.filter(left_on__isnull=True)

    def serving(self, viewer):
        """Return the viewer's own places on teams that hold today: from confirmation to the final report.

        None without a role that serves on reviews: an administrator who ends it ends the sight of notes.
        """
        if not (viewer.may(Ability.SERVE_ON_REVIEWS) or viewer.may(Ability.RUN_REVIEWS)):
            return self.none()
        return self.filter(
            held_on(viewer.today), person=viewer.person_id or 0, from_on__isnull=False, left_on__isnull=True
        )


class TeamMember(models.Model):
    """A place on a team: a peer of the pool, or the LGA's review manager.

    Serves from `from_on` (the team's confirmation) until `until_on` (the final report), exclusive: in that time, and
    in no other, they write and read its notes. `left_on`: refused by the council, or stood down.
    """

    review = models.ForeignKey(PeerReview, on_delete=models.PROTECT, related_name="team")
    role = models.CharField(max_length=12, choices=TeamRole.choices)
    peer = models.ForeignKey(Peer, null=True, blank=True, on_delete=models.PROTECT, related_name="places")
    person = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="team_places"
    )
    lent_by = models.ForeignKey(
        Council,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose day it is.",
    )
    put_forward_on = models.DateField()
    put_forward_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    political_group = models.CharField(
        max_length=20, blank=True, help_text="Of a member peer, as it was then."
    )
    group_office_agreed_on = models.DateField(null=True, blank=True)
    group_office_agreed_by = models.CharField(max_length=120, blank=True, help_text="Which office agreed.")
    council_agreed_on = models.DateField(null=True, blank=True)
    council_agreed_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.TextField(blank=True, max_length=2000)
    refused = models.BooleanField(default=False, help_text="The council did not agree.")
    revision = models.PositiveIntegerField(default=1)

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        ordering = ["review", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "peer"],
                condition=Q(left_on__isnull=True, peer__isnull=False),
                name="peer_once_on_a_team",
            ),
            models.UniqueConstraint(
                fields=["review", "person"],
                condition=Q(left_on__isnull=True, person__isnull=False),
                name="person_once_on_a_team",
            ),
            models.UniqueConstraint(
                fields=["review"],
                condition=Q(left_on__isnull=True, role="manager"),
                name="one_manager_of_a_review",
            ),
            models.CheckConstraint(
                name="team_member_is_a_peer_or_the_manager",
                condition=Q(role="manager", peer__isnull=True, person__isnull=False)
                | ~Q(role="manager") & Q(peer__isnull=False),
            ),
            models.CheckConstraint(
                name="team_member_serves_in_order",
                condition=Q(until_on__isnull=True) | Q(from_on__isnull=False, until_on__gte=F("from_on")),
            ),
            models.CheckConstraint(
                name="team_member_left_with_a_reason",
                condition=Q(left_on__isnull=True, refused=False)
                | Q(left_on__isnull=False) & ~Q(left_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.get_role_display()}"

    @property
    def name(self):
        return self.peer.name if self.peer_id else self.person.name


class Objection(models.Model):
    """The host council would rather have nobody from this statistical neighbour."""

    review = models.ForeignKey(PeerReview, on_delete=models.CASCADE, related_name="objections")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "council"], name="objection_once")]

    def __str__(self):
        return f"{self.review}: nobody from {self.council}"
