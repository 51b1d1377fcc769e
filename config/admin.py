"""The administration pages: people for an administrator, reference data for a national lead, never cases.

Django's own permissions are not asked: the viewer's abilities are. People are changed by `accounts.actions`,
which record it; every change of reference data is recorded here, as an event.
"""

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts.actions import (
    change_person,
    end_grant,
    grant_role,
    invite,
    invite_again,
    remove_second_factor,
    require_second_factor,
)
from accounts.models import Grant, Person, RolePolicy
from accounts.permissions import ABILITIES, ABILITY_WORDS, DESCRIPTIONS, Ability, Role
from accounts.viewer import authenticator_apps
from cases.actions import add_bank_holiday
from cases.models import BankHoliday, ClockRule, FlagRule, RetentionRule
from councils.models import (
    Council,
    CouncilCode,
    CouncilName,
    DeliveryArrangement,
    DeliveryBody,
    Region,
    RegionMembership,
    Succession,
)
from history.actions import record_event
from improvement.models import AdviceRule
from inspections.models import Framework, GradeWord, JudgementArea
from peer_reviews.models import KindPlace, KindStep, KindTheme, PeerWord, ReviewKind


class AdministrationSite(admin.AdminSite):
    site_header = "Upstream: people and reference data"
    site_title = "Upstream"
    index_title = "People and reference data"
    site_url = "/"

    def has_permission(self, request):
        return request.viewer.may(Ability.MANAGE_PEOPLE) or request.viewer.may(Ability.MANAGE_REFERENCE_DATA)

    def admin_view(self, view, cacheable=False):
        """Refuse whoever is signed in and may not, instead of asking them to sign in for ever."""
        guarded = super().admin_view(view, cacheable)

        def refuse_or_show(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return refuse_or_show

    def get_urls(self):
        """Leave out the address that turns the number of any row, a case's too, into its page."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        return redirect_to_login(request.GET.get("next", "/"), reverse("account_login"))

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")


site = AdministrationSite(name="admin")


class GuardedByAbility:
    """Lets whoever holds `ability` see and change rows; nobody deletes: the history points at them."""

    ability = None
    view_on_site = False

    def has_module_permission(self, request):
        return request.viewer.may(self.ability)

    def has_view_permission(self, request, obj=None):
        return request.viewer.may(self.ability)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return False


class ManagesPeople(GuardedByAbility):
    ability = Ability.MANAGE_PEOPLE

    def log_addition(self, request, obj, message):
        """The action has recorded it."""

    def log_change(self, request, obj, message):
        """The action has recorded it."""


class KeepsReferenceData(GuardedByAbility):
    ability = Ability.MANAGE_REFERENCE_DATA

    def log_addition(self, request, obj, message):
        _record("reference-added", request, obj, message)

    def log_change(self, request, obj, message):
        _record("reference-changed", request, obj, message)


def _record(kind, request, obj, message):
    viewer = request.viewer
    record_event(kind, by=viewer, on=viewer.today, subject=obj, data={"named": str(obj), "changes": message})


# People


class PersonFacts(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["email", "name", "post", "is_active"]

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class GrantEnding(forms.ModelForm):
    """The one thing that can be changed of a role given: the day it ends."""

    class Meta:
        model = Grant
        fields = ["until_on"]

    def clean_until_on(self):
        until_on = self.cleaned_data["until_on"]
        if "until_on" in self.changed_data and (until_on is None or until_on < self.today):
            raise forms.ValidationError("Give today or a later day. To give the role again, add it below.")
        return until_on


class HeldGrants(ManagesPeople, admin.TabularInline):
    model = Grant
    form = GrantEnding
    extra = 0
    verbose_name_plural = "roles given"
    readonly_fields = ["role", "scope", "region", "council", "body", "from_on"]

    def has_add_permission(self, request, obj=None):
        return False

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.today = request.viewer.today
        return formset


class NewGrants(ManagesPeople, admin.TabularInline):
    model = Grant
    extra = 1
    verbose_name_plural = "roles to give"
    fields = ["role", "scope", "region", "council", "body", "from_on", "until_on"]

    def has_view_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).none()


@admin.register(Person, site=site)
class PersonAdmin(ManagesPeople, admin.ModelAdmin):
    form = PersonFacts
    list_display = ["name", "email", "post", "is_active", "second_factor"]
    list_filter = ["is_active", "grants__role"]
    search_fields = ["name", "email"]
    fields = ["email", "name", "post", "is_active", "last_login"]
    readonly_fields = ["last_login"]
    inlines = [HeldGrants, NewGrants]
    actions = ["invite_again", "remove_second_factor"]

    @admin.display(boolean=True, description="second factor")
    def second_factor(self, person):
        return authenticator_apps(person).exists()

    def get_inlines(self, request, obj):
        return self.inlines if obj else [NewGrants]

    def save_model(self, request, obj, form, change):
        viewer = request.viewer
        facts = {"email": obj.email, "name": obj.name, "post": obj.post}
        if change:
            change_person(obj, **facts, is_active=obj.is_active, by=viewer, on=viewer.today)
            return
        person = invite(**facts, address=request.build_absolute_uri("/"), by=viewer, on=viewer.today)
        obj.__dict__.update(person.__dict__)

    def save_formset(self, request, form, formset, change):
        viewer = request.viewer
        formset.save(commit=False)
        for grant in formset.new_objects:
            grant_role(
                person=grant.person,
                role=grant.role,
                scope=grant.scope,
                region=grant.region,
                council=grant.council,
                body=grant.body,
                from_on=grant.from_on,
                until_on=grant.until_on,
                by=viewer,
                on=viewer.today,
            )
        for grant, _fields in formset.changed_objects:
            end_grant(grant, until_on=grant.until_on, by=viewer, on=viewer.today)

    @admin.action(description="Send the invitation again")
    def invite_again(self, request, people):
        for person in people:
            invite_again(
                person, address=request.build_absolute_uri("/"), by=request.viewer, on=request.viewer.today
            )

    @admin.action(description="Take away the second factor (a telephone was lost)")
    def remove_second_factor(self, request, people):
        for person in people:
            remove_second_factor(person, by=request.viewer, on=request.viewer.today)


@admin.register(RolePolicy, site=site)
class RolePolicyAdmin(ManagesPeople, admin.ModelAdmin):
    list_display = ["role", "description", "abilities", "second_factor_required"]
    fields = ["role", "description", "abilities", "second_factor_required"]
    readonly_fields = ["role", "description", "abilities"]

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display
    def description(self, policy):
        return DESCRIPTIONS[Role(policy.role)]

    @admin.display(description="may")
    def abilities(self, policy):
        held = ABILITIES[Role(policy.role)]
        return "; ".join(ABILITY_WORDS[ability] for ability in Ability if ability in held) or "nothing yet"

    def save_model(self, request, obj, form, change):
        viewer = request.viewer
        require_second_factor(obj.role, required=obj.second_factor_required, by=viewer, on=viewer.today)


# Reference data


@admin.register(Region, site=site)
class RegionAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "record_began_on", "demonstration"]
    readonly_fields = ["slug", "demonstration"]

    def has_add_permission(self, request, obj=None):
        return False


class _Beneath(KeepsReferenceData, admin.TabularInline):
    extra = 0


class NamesInline(_Beneath):
    model = CouncilName


class CodesInline(_Beneath):
    model = CouncilCode


class MembershipsInline(_Beneath):
    model = RegionMembership


class SuccessorsInline(_Beneath):
    model = Succession
    fk_name = "predecessor"
    verbose_name_plural = "successors"


@admin.register(Council, site=site)
class CouncilAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "la_code", "kind", "from_on", "until_on"]
    list_filter = ["kind", "demonstration"]
    search_fields = ["name", "official_name", "la_code"]
    inlines = [MembershipsInline, CodesInline, NamesInline, SuccessorsInline]

    def get_readonly_fields(self, request, obj=None):
        return ["la_code", "slug", "demonstration"] if obj else ["demonstration"]


@admin.register(DeliveryBody, site=site)
class DeliveryBodyAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "kind"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(DeliveryArrangement, site=site)
class DeliveryArrangementAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["council", "body", "from_on", "until_on"]
    list_select_related = ["council", "body"]
    search_fields = ["council__name", "body__name"]


@admin.register(BankHoliday, site=site)
class BankHolidayAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["on", "name", "calendar"]
    list_filter = ["calendar"]
    date_hierarchy = "on"
    ordering = ["-on"]

    def get_readonly_fields(self, request, obj=None):
        return ["on", "calendar"] if obj else []

    def save_model(self, request, obj, form, change):
        """A day added moves the open milestones that count across it."""
        if change:
            super().save_model(request, obj, form, change)
            return
        viewer = request.viewer
        add_bank_holiday(obj.on, obj.name, calendar=obj.calendar, by=viewer, on=viewer.today)
        obj.pk = BankHoliday.objects.get(calendar=obj.calendar, on=obj.on).pk


@admin.register(ClockRule, site=site)
class ClockRuleAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["label", "length", "unit", "owes", "force", "from_on", "until_on"]
    list_filter = ["force", "owes"]
    search_fields = ["label", "slug"]


@admin.register(FlagRule, site=site)
class FlagRuleAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = [field.name for field in FlagRule._meta.fields if field.name != "id"]


@admin.register(RetentionRule, site=site)
class RetentionRuleAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["kind", "months", "from_on", "until_on"]

    def get_readonly_fields(self, request, obj=None):
        return ["kind"] if obj else []


@admin.register(AdviceRule, site=site)
class AdviceRuleAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["kind", "months", "authority", "from_on", "until_on"]

    def get_readonly_fields(self, request, obj=None):
        return ["kind"] if obj else []


@admin.register(PeerWord, site=site)
class PeerWordAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "kind"]
    list_filter = ["kind"]

    def get_readonly_fields(self, request, obj=None):
        return ["kind", "slug"] if obj else []


class ThemesInline(_Beneath):
    model = KindTheme


class PlacesInline(_Beneath):
    model = KindPlace


class StepsInline(_Beneath):
    model = KindStep


@admin.register(ReviewKind, site=site)
class ReviewKindAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "days_on_site", "counts_for_offer", "letter", "from_on", "until_on"]
    inlines = [ThemesInline, PlacesInline, StepsInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []


class AreasInline(_Beneath):
    model = JudgementArea
    readonly_fields = ["code"]


class GradeWordsInline(_Beneath):
    model = GradeWord
    readonly_fields = ["grade"]


@admin.register(Framework, site=site)
class FrameworkAdmin(KeepsReferenceData, admin.ModelAdmin):
    list_display = ["name", "short_name", "has_overall", "from_on", "until_on"]
    readonly_fields = ["slug", "family"]
    inlines = [AreasInline, GradeWordsInline]

    def has_add_permission(self, request, obj=None):
        """A new form comes with a release: readers and pages have to know its areas."""
        return False
