"""The office's page for the register of households."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from households import residence
from households.admin.exports import WithExport
from households.models import HelperPairing, Household, HouseholdMove
from villages.models import Village
from villages.office import Desk, OfficeAdmin, ReadOnlyAdmin, ReadOnlyInline
from villages.office.acts import Act
from villages.office.dated import day_field
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words


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
        return [("yes", _("has one")), ("no", _("vacant"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Households with or without one."""
        now = HelperPairing.objects.in_force(desk_of(request).on).filter(is_primary=True, household=OuterRef("pk"))
        conditions = {"yes": Q(Exists(now)), "no": ~Q(Exists(now))}
        return queryset.filter(conditions.get(self.value() or "", Q()))


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
        "members",
        in_words(Household, "is_away"),
        "primary_helper",
    ]
    list_display_links = ["head_name", "number"]
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
    search_help_text = _("Head of household or household number.")
    autocomplete_fields = ["village", "group"]
    related = ("village", "group")
    fields = [
        *("number", "head_name", "village", "group", "house", "members"),
        *("base_type", "monitoring_type", "is_away", "registered_on", "left_on"),
    ]
    inlines = [HelpersInline, MovesInline]
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

    def label(self, row: Any) -> str:
        """Heads of one name differ by village and number."""
        return f"{row.head_name} · {row.village} · {row.number}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Another village is a move, with its day."""
        return ["village"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new household has no past."""
        return self.inlines if obj else []

    @admin.display(description=_("primary helper"), empty_value=_("vacant"))
    def primary_helper(self, household: Any) -> str | None:
        """Who is primary helper today."""
        return household.helper_now

    def may_change(self, desk: Desk, row: Household) -> bool:
        """The office of the village or above."""
        return residence.can_change_household(desk.cadre, row.village_id, desk.on)

    def write(self, row: Household, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        residence.save_household(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(HouseholdMove)
class HouseholdMoveAdmin(ReadOnlyAdmin):
    """Moves between villages; made on the household's page."""

    list_display = ["household", "from_village", "to_village", "moved_on"]
    list_filter = [town_filter("to_village__code")]
    search_fields = ["household__head_name", "household__number"]
    related = ("household", "from_village", "to_village")
    ordering = ["-moved_on"]
