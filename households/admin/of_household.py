"""The base of the office's pages for records that belong to a household."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households import residence, search
from villages.office import Desk, OfficeAdmin
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter

PLACE_FILTERS = [town_filter("household__village__code"), village_filter("household__village__code")]
HOUSEHOLD_SEARCH = ["household__head_name", "household__number"]


def answering_to(words: str, *, name: str, to: str = "") -> Q:
    """Rows with such a name, such initials or such a number; `to` leads from the row to whoever has them.

    Asked as the quick search asks, because it is indexed so. Identity numbers find nothing in a list.
    """
    asked = search.ask(words)
    if asked.name:
        return Q(**{f"{to}{name}__mentions": asked.name})
    if asked.initials:
        return Q(**{f"{to}initials__startswith": asked.initials})
    if asked.number:
        return Q(**{f"{to}number__startswith": asked.number}) | Q(**{f"{to}number__ends": asked.number})
    return Q(pk__in=[])


def found_quickly(request: HttpRequest, words: str) -> list[search.Found]:
    """What the quick search finds in reach; asked once for households and persons together."""
    known: dict[str, list[search.Found]] = request.__dict__.setdefault("office_found", {})
    if words not in known:
        desk = desk_of(request)
        known[words] = search.find(search.ask(words), desk.cadre, desk.on)
    return known[words]


class OfHouseholdAdmin(OfficeAdmin):
    """A record of a household; whoever was sent here from the household's page goes back there after adding."""

    related: tuple[str, ...] = ("household__village",)
    autocomplete_fields: Any = ["household"]
    search_fields: Any = HOUSEHOLD_SEARCH
    search_help_text = _("Head of household or household number.")
    # By the number, which begins with the place and is indexed; a place's order would sort the whole district first.
    ordering = ["household__number", "-pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A record stays with its household."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "household"] if obj else fixed

    def may_change(self, desk: Desk, row: Any) -> bool:
        """The office of the household's village or above."""
        return residence.can_change_household(desk.cadre, row.household.village_id, desk.on)

    def label(self, row: Any) -> str:
        """The record and its household."""
        return f"{row} · {row.household.head_name} · {row.household.number}"

    @admin.display(description=_("household number"), ordering="household__number")
    def household_number(self, row: Any) -> str:
        """The household's national number."""
        return row.household.number

    @admin.display(description=_("village"), ordering="household__village")
    def village(self, row: Any) -> str:
        """Where the household lives."""
        return row.household.village.name

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the household that sent the clerk here, otherwise to the list."""
        if request.GET.get("household") == str(obj.household_id):
            return HttpResponseRedirect(reverse("admin:households_household_change", args=[obj.household_id]))
        return super().response_post_save_add(request, obj)
