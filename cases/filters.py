"""What lists of milestones, flags, recommendations and contacts can be narrowed by."""

import django_filters as filters
from django.db.models import BooleanField, ExpressionWrapper, F, Q

from api.filters import Day, ListFilters, YesNo
from cases.models import Contact, Flag, FlagRule, Force, Milestone, Owes, Pause, Recommendation, Source
from councils.models import Office, RegionMembership


class OfCouncils(ListFilters):
    """Rows of one council, or of the councils of a region."""

    council_path = "council"

    council = filters.CharFilter(method="of_council", help_text="The council's DfE code or slug.")
    region = filters.CharFilter(method="of_region", help_text="The region's slug: its councils today.")

    def of_council(self, queryset, name, value):
        path = self.council_path
        return queryset.filter(Q(**{f"{path}__la_code": value}) | Q(**{f"{path}__slug": value}))

    def of_region(self, queryset, name, value):
        members = RegionMembership.objects.on_or_last(self.viewer.today).filter(
            region__slug=value, scheme=RegionMembership.LGA
        )
        return queryset.filter(**{f"{self.council_path}__in": members.values("council")})


class MilestoneFilters(OfCouncils):
    """`on` is the day the list is told as at; the other filters narrow what stood then."""

    STANDINGS = [
        ("open", "Open: to be met"),
        ("to-confirm", "To confirm: fell due before the record began"),
        ("closed", "Closed: met, not known, passed on, superseded or withdrawn"),
    ]

    on = Day(method="as_at", help_text="As at this day, today or earlier; today where not given.")
    case = filters.CharFilter(field_name="case__reference", help_text="The reference of a case.")
    owes = filters.ChoiceFilter(choices=Owes.choices, help_text="Who owes it.")
    force = filters.ChoiceFilter(choices=Force.choices, help_text="What binds them.")
    standing = filters.ChoiceFilter(choices=STANDINGS, method="of_standing", help_text="How it stands.")
    overdue = YesNo(method="that_are_overdue", help_text="Binding, open, not paused and due before the day.")
    due_after = Day(method="due_from", help_text="Due on this day or later.")
    due_before = Day(method="due_until", help_text="Due on this day or earlier.")
    assignee = filters.ChoiceFilter(
        choices=[("me", "Me")], method="assigned_to", help_text="`me`: those assigned to the person who asks."
    )

    class Meta:
        model = Milestone
        fields = []

    def filter_queryset(self, queryset):
        """Tell the milestones on record by `on`, as at that day, and narrow them."""
        return super().filter_queryset(
            told_on(queryset, self.on, self.viewer.today).filter(entered_on__lte=self.on)
        )

    def as_at(self, queryset, name, value):
        return queryset

    def of_standing(self, queryset, name, value):
        if value == "closed":
            return queryset.filter(closed_on__lte=self.on)
        return queryset.standing_on(self.on).filter(to_confirm=value == "to-confirm")

    def that_are_overdue(self, queryset, name, value):
        late = Milestone.objects.overdue(self.on).values("pk")
        return queryset.filter(pk__in=late) if value == "yes" else queryset.exclude(pk__in=late)

    def due_from(self, queryset, name, value):
        return queryset.filter(due_then__gte=value)

    def due_until(self, queryset, name, value):
        return queryset.filter(due_then__lte=value)

    def assigned_to(self, queryset, name, value):
        return queryset.filter(assignee=self.viewer.person_id)


def told_on(milestones, on, today):
    """Annotate `due_then` and `paused_then` as `as_at` does; of today from the row itself, which is far cheaper."""
    if on != today:
        return milestones.as_at(on)
    paused = Q(pk__in=Pause.objects.on(on).values("milestone"))
    return milestones.annotate(
        due_then=F("due_on"), paused_then=ExpressionWrapper(paused, output_field=BooleanField())
    )


class FlagFilters(OfCouncils):
    STANDINGS = [("raised", "Raised"), ("cleared", "Cleared")]

    council_path = "milestone__council"

    level = filters.ChoiceFilter(choices=FlagRule.Level.choices, help_text="How late.")
    standing = filters.ChoiceFilter(choices=STANDINGS, method="of_standing", help_text="How it stands.")
    milestone = filters.NumberFilter(min_value=1, max_value=2**53, help_text="A milestone's number.")

    class Meta:
        model = Flag
        fields = []

    def of_standing(self, queryset, name, value):
        return queryset.filter(cleared_on__isnull=value == "raised")


class RecommendationFilters(OfCouncils):
    STANDINGS = [("open", "Open"), ("closed", "Closed")]

    on = Day(method="as_at", help_text="As at this day, today or earlier; today where not given.")
    source = filters.NumberFilter(min_value=1, max_value=2**53, help_text="The number of a report or letter.")
    standing = filters.ChoiceFilter(
        choices=STANDINGS, method="of_standing", help_text="How it stood that day."
    )

    class Meta:
        model = Recommendation
        fields = []

    def as_at(self, queryset, name, value):
        return queryset.filter(entered_on__lte=value)

    def of_standing(self, queryset, name, value):
        return queryset.open(self.on) if value == "open" else queryset.filter(closed_on__lte=self.on)


class SourceFilters(OfCouncils):
    kind = filters.ChoiceFilter(choices=Source.Kind.choices)
    since = Day(field_name="dated_on", lookup_expr="gte", help_text="Dated this day or later.")
    until = Day(field_name="dated_on", lookup_expr="lte", help_text="Dated this day or earlier.")

    class Meta:
        model = Source
        fields = []


class ContactFilters(OfCouncils):
    STANDINGS = [
        ("due", "To be followed up today or before"),
        ("waiting", "To be followed up"),
        ("done", "Followed up"),
    ]

    since = Day(field_name="on", lookup_expr="gte", help_text="Contacts of this day or later.")
    until = Day(field_name="on", lookup_expr="lte", help_text="Contacts of this day or earlier.")
    channel = filters.ChoiceFilter(choices=Contact.Channel.choices)
    post = filters.ChoiceFilter(choices=Office.choices, help_text="The post that was spoken with.")
    follow_up = filters.ChoiceFilter(choices=STANDINGS, method="by_follow_up")

    class Meta:
        model = Contact
        fields = []

    def by_follow_up(self, queryset, name, value):
        if value == "due":
            return queryset.follow_ups_due(self.viewer.today)
        asked = queryset.filter(follow_up_on__isnull=False)
        return asked.filter(followed_up_on__isnull=value == "waiting")
