"""Teams and the pool of peers by program."""

from collections import defaultdict

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from accounts.permissions import Ability
from api.fields import NUMBER, DayField, TruthField, WordsField
from api.fields import words as text
from api.finding import named
from api.rows import Row
from api.views import Adding, Change, Posted, Single
from cases import actions as of_cases
from councils.models import Council, PoliticalControl, Region
from peer_reviews.actions import peers, teams
from peer_reviews.api.reviews import REFERENCE
from peer_reviews.filters import PeerFilters, TeamMemberFilters
from peer_reviews.models import Peer, PeerPost, PeerReview, PeerRole, PeerWord, TeamMember, TeamRole

ROLES = [one for one in TeamRole.choices if one[0] != TeamRole.MANAGER]
GROUPS = [one for one in PoliticalControl.Control.choices if one[0] != "no-overall-control"]


class TeamMemberRow(Row):
    """A place on the team of a review."""

    id = serializers.IntegerField()
    review = serializers.CharField(source="review.case.reference")
    role = serializers.ChoiceField(choices=TeamRole.choices)
    name = serializers.CharField()
    peer = serializers.IntegerField(source="peer_id", allow_null=True, help_text="Null: the review manager.")
    lent_by = serializers.CharField(
        source="lent_by.la_code", allow_null=True, help_text="Whose days they are."
    )
    put_forward_on = serializers.DateField()
    council_agreed_on = serializers.DateField(allow_null=True)
    group_office_agreed_on = serializers.DateField(allow_null=True, help_text="Of a member peer.")
    from_on = serializers.DateField(allow_null=True, help_text="The first day on which they serve.")
    until_on = serializers.DateField(allow_null=True, help_text="The first day on which they no longer did.")
    left_on = serializers.DateField(allow_null=True, help_text="Refused, or stood down.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class TeamMemberBody(serializers.Serializer):
    review = WordsField(**REFERENCE)
    peer = serializers.IntegerField(**NUMBER)
    role = serializers.ChoiceField(choices=ROLES)


class OfTeams:
    tag = "Peer reviews: teams"
    row = TeamMemberRow

    def queryset(self):
        found = TeamMember.objects.visible_to(self.viewer)
        return found.annotate(name=Coalesce("peer__name", "person__name"))


class TeamMembers(OfTeams, Adding):
    about = {
        "get": ("List the members of teams", "Of the reviews that you work with, those who left too."),
        "post": ("Put a peer forward", "Whoever may not go is refused, with the reason."),
    }
    name = "team-members"
    answers = TeamMemberRow
    filters = TeamMemberFilters
    asks = TeamMemberBody
    example = {"review": "PR-2026-0001", "peer": 12, "role": "lead"}
    refused = of_cases.Refused
    one = "team-member"

    def may_add(self):
        return self.viewer.may(Ability.RUN_REVIEWS)

    def prepared(self, answers):
        runs = PeerReview.objects.run_by(self.viewer).select_related("case__council", "kind")
        pool = Peer.objects.visible_to(self.viewer)
        return answers | {
            "review": named(
                runs, "review", "There is no such review that you run.", case__reference=answers["review"]
            ),
            "peer": named(pool, "peer", "There is no such peer.", pk=answers["peer"]),
        }

    def add(self, prepared):
        return teams.put_forward(prepared.pop("review"), **prepared, **self.by_and_on()).pk


class OfMember(OfTeams):
    kind = "team-member"
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        runs = PeerReview.objects.run_by(self.viewer)
        return TeamMember.objects.filter(review__in=runs.values("pk"), **self.kwargs).exists()

    def its(self):
        members = TeamMember.objects.select_related("review__case__council", "review__kind", "peer")
        return get_object_or_404(members, **self.kwargs)


class OneTeamMember(OfMember, Single):
    about = {"get": ("Read a place on a team", "With the ETag that a change to it asks for.")}


class AgreeBody(serializers.Serializer):
    agrees = TruthField()
    reason = text(2000, help_text="Needed to refuse.")


class AgreeToMember(OfMember, Posted):
    about = {"post": ("Agree to a peer, or refuse", "As the council’s approver.")}
    asks = AgreeBody
    example = {"agrees": True}

    def allowed(self):
        theirs = PeerReview.objects.answered_by(self.viewer)
        return TeamMember.objects.filter(review__in=theirs.values("pk"), **self.kwargs).exists()

    def act(self, revision, answers):
        teams.agree_to(self.its(), **answers, revision=revision, **self.by_and_on())


class GroupOfficeBody(serializers.Serializer):
    agreed_on = DayField()
    agreed_by = WordsField(max_length=120, help_text="Which office agreed.")


class GroupOffice(OfMember, Posted):
    about = {"post": ("Record that a group office agreed", "To a member peer.")}
    asks = GroupOfficeBody
    example = {"agreed_on": "2026-11-03", "agreed_by": "The group office"}

    def act(self, revision, answers):
        teams.record_group_office(self.its(), **answers, revision=revision, **self.by_and_on())


class StandDownBody(serializers.Serializer):
    reason = WordsField(max_length=2000)


class StandDown(OfMember, Posted):
    about = {"post": ("Take a peer off a team", "They read its notes no longer from today.")}
    asks = StandDownBody
    example = {"reason": "They are ill."}

    def act(self, revision, answers):
        teams.stand_down(self.its(), **answers, revision=revision, **self.by_and_on())


# The pool


class PeerRow(Row):
    """Somebody of the pool of peers. For the LGA, and for themselves."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    political_group = serializers.CharField(help_text="Of a member peer.")
    council = serializers.CharField(
        source="works_at", allow_null=True, help_text="Where they work today: the council's DfE code."
    )
    days_a_year = serializers.IntegerField()
    about = serializers.CharField(help_text="In their own words.")
    joined_on = serializers.DateField()
    left_on = serializers.DateField(
        allow_null=True, help_text="The first day they were no longer in the pool."
    )
    roles = serializers.ListField(child=serializers.CharField(), help_text="What they may do on a team.")
    words = serializers.ListField(child=serializers.CharField(), help_text="What they know: slugs.")
    revision = serializers.IntegerField(help_text="Goes up with every change.")


class PeerFields(serializers.Serializer):
    name = WordsField(max_length=120)
    email = text(254)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES), max_length=10)
    words = serializers.ListField(child=WordsField(max_length=50), max_length=50, required=False)
    regions = serializers.ListField(child=WordsField(max_length=50), max_length=20, required=False)
    political_group = serializers.ChoiceField(choices=GROUPS, required=False, allow_blank=True)
    days_a_year = serializers.IntegerField(min_value=0, max_value=366, required=False)
    about = text(2000)


class PeerBody(PeerFields):
    joined_on = DayField()
    council = WordsField(max_length=50, required=False, help_text="Where they work: its DfE code or slug.")
    employer = text(120, help_text="Where they work, if it is no council.")
    title = text(120, help_text="Their post.")


class OfPeers:
    tag = "Peer reviews: the pool"
    row = PeerRow

    def queryset(self):
        posts = PeerPost.objects.on(self.viewer.today).filter(peer=OuterRef("pk"), council__isnull=False)
        return Peer.objects.visible_to(self.viewer).annotate(
            works_at=Subquery(posts.order_by("-pk").values("council__la_code")[:1])
        )

    def completed(self, rows, keys):
        roles, known = defaultdict(list), defaultdict(list)
        for peer, role in PeerRole.objects.filter(peer__in=keys).values_list("peer", "role"):
            roles[peer].append(role)
        links = Peer.words.through.objects.filter(peer__in=keys).order_by("peerword__slug")
        for peer, slug in links.values_list("peer", "peerword__slug"):
            known[peer].append(slug)
        for row, key in zip(rows, keys, strict=True):
            row["roles"], row["words"] = roles[key], known[key]


def of_peer(answers):
    """Return what was sent of a peer with its words and regions found. Raises Problem (400)."""
    for field, rows in (("words", PeerWord.objects), ("regions", Region.objects)):
        if field in answers:
            detail = f"There is no such {field[:-1]}: send slugs."
            answers[field] = [named(rows, field, detail, slug=slug) for slug in answers[field]]
    return answers


class Peers(OfPeers, Adding):
    about = {
        "get": ("List the pool of peers", "For the LGA; a peer finds themselves."),
        "post": ("Add a peer", "With where they work."),
    }
    name = "peers"
    answers = PeerRow
    filters = PeerFilters
    asks = PeerBody
    example = {
        "name": "Rowan Vale",
        "roles": ["operational"],
        "joined_on": "2026-11-03",
        "employer": "A health trust",
    }
    refused = of_cases.Refused
    one = "peer"

    def may_add(self):
        return self.viewer.may(Ability.KEEP_PEERS)

    def prepared(self, answers):
        code = answers.pop("council", None)
        if code is not None:
            by = {"la_code": code} if Council.objects.filter(la_code=code).exists() else {"slug": code}
            answers["council"] = named(Council.objects, "council", "There is no such council.", **by)
        return of_peer(answers)

    def add(self, prepared):
        return peers.add_peer(**prepared, **self.by_and_on()).pk


class OnePeer(OfPeers, Single, Change):
    about = {
        "get": ("Read a peer", "With the ETag that a change to it asks for."),
        "patch": ("Change a peer", "What is sent is all that is known of them but their posts and dates."),
    }
    kind = "peer"
    asks = PeerFields
    example = {"name": "Rowan Vale", "roles": ["operational", "auditor"]}
    refused, stale = of_cases.Refused, of_cases.Stale

    def allowed(self):
        return self.viewer.may(Ability.KEEP_PEERS)

    def patch(self, request, **kwargs):
        return self.changed(lambda: self.acted_and_told(self._change, self.asks))

    def _change(self, revision, answers):
        peer = get_object_or_404(Peer, **self.kwargs)
        peers.change_peer(peer, **of_peer(answers), revision=revision, **self.by_and_on())
