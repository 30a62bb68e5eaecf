"""The office's page for the register of households."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from households import living, residence
from households.admin.exports import WithExport
from households.admin.living import GuaranteesInline, IncomesInline
from households.admin.measures import LinksInline, MeasuresInline
from households.admin.of_household import answering_to, found_quickly
from households.admin.persons import PersonsInline
from households.models import BaseType, Cause, ExitRecord, HelperPairing, Household, HouseholdMove, Income, Risk
from households.models.names import InIndexOrder
from villages.models import Village
from villages.office import Desk, OfficeAdmin, OfficeForm, ReadOnlyAdmin, ReadOnlyInline
from villages.office.acts import Act
from villages.office.dated import day_field
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words

MONITORING = pgettext_lazy("household", "Monitoring")


class MoveForm(forms.Form):
    """Where to, and from which day."""

    to_village = forms.ModelChoiceField(
        label=_("New village"),
        queryset=Village.objects.select_related("town"),
        widget=AutocompleteSelect(Household._meta.get_field("village"), admin.site),
    )
    moved_on = day_field(_("First day in the new village"))


def _move(household: Household, desk: Desk, values: dict[str, Any]) -> Household:
    return residence.move_household(household=household, actor=desk.cadre, on=desk.on, **values)


class HelperFilter(admin.SimpleListFilter):
    """Whether somebody is the household's primary helper today."""

    title = _("primary helper")
    parameter_name = "helper"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Has one, has none."""
        return [("yes", _("has one")), ("no", pgettext_lazy("primary helper", "missing"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Households with one, and those of the national register, which should have one, without."""
        on = desk_of(request).on
        now = HelperPairing.objects.in_force(on).filter(is_primary=True, household=OuterRef("pk"))
        if self.value() == "no":
            return queryset.registered(on).in_national_register().exclude(Exists(now))
        return queryset.filter(Exists(now)) if self.value() == "yes" else queryset


class RegisterFilter(admin.SimpleListFilter):
    """Whether the household is on the register today."""

    title = _("register")
    parameter_name = "register"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """On it, left it."""
        return [("on", _("on the register")), ("left", _("left it"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Households on it or gone."""
        on = desk_of(request).on
        if self.value() == "on":
            return queryset.registered(on)
        return queryset.filter(left_on__lte=on) if self.value() == "left" else queryset


class HouseholdForm(OfficeForm):
    """A household, with its further causes ticked."""

    other_causes = forms.MultipleChoiceField(
        label=_("other causes"),
        choices=Cause.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=list,
    )


class ExitInline(ReadOnlyInline):
    """How the household left poverty."""

    model = ExitRecord
    fields: Any = [
        *("appraised_on", "verified_on", "consented_on", "noticed_on", "approved_on"),
        in_words(ExitRecord, "is_wrong"),
    ]
    readonly_fields: Any = fields
    related = ("household", "village")


class HelpersInline(ReadOnlyInline):
    """Who helps and helped the household."""

    model = HelperPairing
    fields: Any = ["cadre", in_words(HelperPairing, "is_primary"), "starts_on", "ends_on"]
    readonly_fields: Any = fields
    related = ("cadre", "household")
    ordering = ["-starts_on"]


class MovesInline(ReadOnlyInline):
    """Where the household lived before."""

    model = HouseholdMove
    fields = readonly_fields = ["from_village", "to_village", "moved_on"]
    related = ("from_village", "to_village", "household")
    show_change_link = False


@admin.register(Household)
class HouseholdAdmin(WithExport, OfficeAdmin):
    """The register, as far as the desk reaches."""

    list_display = [
        "head_name",
        "number",
        "village",
        "group",
        "base_type",
        "monitoring_type",
        "primary_helper",
        in_words(Household, "is_away"),
        "members",
    ]
    list_display_links = ["head_name", "number"]
    in_order_of = {"head_name": InIndexOrder(F("head_name"))}
    list_filter = [
        town_filter("village__code"),
        village_filter("village__code"),
        "base_type",
        "monitoring_type",
        "is_away",
        HelperFilter,
        RegisterFilter,
    ]
    search_fields = ["head_name", "number"]
    search_help_text = _("Head of household, pinyin initials, or household number.")
    autocomplete_fields = ["village", "group"]
    related = ("village", "group")
    form = HouseholdForm
    # In the order of the national register's columns.
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("village", "group"),
                    ("natural_village", "house"),
                    ("number", "head_name"),
                    ("members", "phone"),
                ]
            },
        ),
        (
            _("Type and causes"),
            {
                "fields": [
                    ("base_type", "main_cause"),
                    "other_causes",
                    ("has_dangerous_house", "has_safe_water"),
                ]
            },
        ),
        (
            MONITORING,
            {
                "fields": [
                    ("monitoring_type", "risks_said"),
                    ("risk_identified_on", "risk_cleared", "risk_cleared_on"),
                ],
                "description": _("These follow from the monitoring case and from the import of the register."),
            },
        ),
        (
            _("In the register"),
            {"fields": [("identified_on", "registered_on"), ("left_on", "is_away"), "register_as_of"]},
        ),
    ]
    inlines = [
        *(PersonsInline, IncomesInline, GuaranteesInline, MeasuresInline, LinksInline),
        *(HelpersInline, ExitInline, MovesInline),
    ]
    words = {"other_causes": Cause.choices, "risks": Risk.choices}
    parts = ("persons", "incomes", "guarantees", "measures", "benefit_links", "helper_pairings")
    bulk = ("group", "natural_village", "is_away", "base_type", "has_dangerous_house", "has_safe_water", "left_on")
    quick = 1
    acts = (
        Act(
            name="move",
            label=_("Move to another village"),
            explanation=_("It lives in the new village from that day on; visits before that day stay where they were."),
            form=lambda _row, data: MoveForm(data),
            verb=_move,
            done=_("The household has moved. Choose its villager group."),
        ),
    )

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the primary helper of today."""
        now = HelperPairing.objects.in_force(desk.on).filter(is_primary=True, household=OuterRef("pk")).order_by()
        return rows.annotate(helper_now=Subquery(now.values("cadre__name")[:1]))

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """Also: the telephone in full, for a purpose that is noted down."""
        in_full = (reverse("household_reveal", args=[row.pk]), _("See a number in full"))
        return [*super().tools(request, row), *([in_full] if row.phone else [])]

    def label(self, row: Any) -> str:
        """Heads of one name differ by village and number."""
        return f"{row.head_name} · {row.village} · {row.number}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Another village is a move, with its day; what monitoring finds is entered in its case."""
        told = ["monitoring_type", "risks_said", "risk_identified_on", "risk_cleared", "risk_cleared_on"]
        return [*told, "register_as_of", "village"] if obj else [*told, "register_as_of"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new household is not monitored yet; a change asks why."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None:
            return [one for one in fieldsets if one[0] is not MONITORING]
        asks = self.has_change_permission(request, obj)
        return [*fieldsets, (None, {"fields": ["reason"]})] if asks else fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new household has no past."""
        return self.inlines if obj else []

    @admin.display(description=_("primary helper"))
    def primary_helper(self, household: Any) -> str | None:
        """Who is primary helper today; an ordinary household needs none."""
        is_owed = (household.base_type == BaseType.EXITED or household.monitoring_type) and not household.left_on
        return household.helper_now or (pgettext("primary helper", "missing") if is_owed else None)

    @admin.display(description=_("risks"))
    def risks_said(self, household: Household) -> str:
        """The risks in words."""
        return gettext(", ").join(str(dict(Risk.choices).get(risk, risk)) for risk in household.risks) or "—"

    @admin.display(description=_("risk cleared"))
    def risk_cleared(self, household: Household) -> Any:
        """Yes, no, or not known."""
        return {None: "—", True: _("Yes"), False: _("No")}[household.is_risk_cleared]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By name, initials or number."""
        return queryset.filter(answering_to(search_term, name="head_name")) if search_term else queryset, False

    def found_quickly(self, request: HttpRequest, text: str) -> Any:
        """Households of that name or number."""
        return [one.household for one in found_quickly(request, text) if one.person is None]

    def may_change(self, desk: Desk, row: Household) -> bool:
        """The office of the village or above."""
        return residence.can_change_household(desk.cadre, row.village_id, desk.on)

    def write(self, row: Household, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        residence.save_household(row, actor=desk.cadre, on=desk.on, reason=reason)

    def write_inline(self, row: Any, desk: Desk, reason: str) -> None:
        """Save an income or a check by its verb."""
        if isinstance(row, Income):
            living.save_income(row, actor=desk.cadre, on=desk.on, reason=reason)
        else:
            living.record_guarantee(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(HouseholdMove)
class HouseholdMoveAdmin(ReadOnlyAdmin):
    """Moves between villages; made on the household's page."""

    list_display = ["household", "from_village", "to_village", "moved_on"]
    list_filter = [town_filter("to_village__code")]
    search_fields = ["household__head_name", "household__number"]
    related = ("household", "from_village", "to_village")
    ordering = ["-moved_on"]
