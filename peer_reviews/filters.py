"""What the API's lists of reviews, teams, peers, notes and findings can be narrowed by."""

import django_filters as filters

from api.fields import MOST
from api.filters import Day, ListFilters
from cases.filters import OfCouncils
from peer_reviews.models import Finding, Note, Peer, PeerReview, Stage, TeamMember, TeamRole
from peer_reviews.models.on_site import SourceType, Voice


class ReviewFilters(OfCouncils):
    council_path = "case__council"

    stage = filters.ChoiceFilter(choices=Stage.choices, help_text="Where it has got to.")
    kind = filters.CharFilter(field_name="kind__slug", help_text="The kind's slug, such as cspc.")
    on_site_from = Day(field_name="last_day", lookup_expr="gte", help_text="On site on this day or later.")
    on_site_until = Day(
        field_name="first_day", lookup_expr="lte", help_text="On site on this day or earlier."
    )

    class Meta:
        model = PeerReview
        fields = []


class OfReviewFilters(ListFilters):
    """Rows of one review."""

    review = filters.CharFilter(field_name="review__case__reference", help_text="A review's reference.")


class TeamMemberFilters(OfReviewFilters):
    role = filters.ChoiceFilter(choices=TeamRole.choices)

    class Meta:
        model = TeamMember
        fields = []


class PeerFilters(ListFilters):
    q = filters.CharFilter(max_length=80, method="named", help_text="In the name.")
    role = filters.ChoiceFilter(
        choices=[one for one in TeamRole.choices if one[0] != TeamRole.MANAGER],
        method="of_role",
        help_text="A role that they may take.",
    )

    class Meta:
        model = Peer
        fields = []

    def named(self, queryset, name, value):
        return queryset.filter(name__icontains=value)

    def of_role(self, queryset, name, value):
        return queryset.filter(pk__in=Peer.objects.filter(roles__role=value).values("pk"))


class NoteFilters(OfReviewFilters):
    kind = filters.ChoiceFilter(choices=Note.Kind.choices)
    line = filters.NumberFilter(min_value=1, max_value=MOST, help_text="A line of enquiry.")
    source_type = filters.ChoiceFilter(choices=SourceType.choices)
    voice = filters.ChoiceFilter(choices=Voice.choices)
    author = filters.NumberFilter(min_value=1, max_value=MOST, help_text="A member of the team.")

    class Meta:
        model = Note
        fields = []


class FindingFilters(OfReviewFilters):
    kind = filters.ChoiceFilter(choices=Finding.Kind.choices)

    class Meta:
        model = Finding
        fields = []
