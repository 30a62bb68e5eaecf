"""Filters of the panel's lists: by town and village, as far as the desk reaches."""

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from villages.models import Town, Village
from villages.office.desk import desk_of


class TownFilter(SimpleListFilter):
    """Towns in reach; `path` leads from the row to the code of its place."""

    title = _("town")
    parameter_name = "in_town"
    path = "village__code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """The towns of the desk's reach."""
        desk = desk_of(request)
        return list(Town.objects.visible_to(desk.cadre, desk.on).values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows whose place is the town or lies in it."""
        return queryset.filter(**{f"{self.path}__startswith": self.value()}) if self.value() else queryset


def town_filter(to: str) -> type[TownFilter]:
    """A TownFilter over rows whose place code is found by that path."""
    return type("TownFilter", (TownFilter,), {"path": to})


class VillageFilter(SimpleListFilter):
    """Villages of the chosen town; shown once a town is chosen."""

    title = _("village")
    parameter_name = "in_village"
    path = "village__code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """The villages in reach of the chosen town."""
        town = request.GET.get(TownFilter.parameter_name, "")
        desk = desk_of(request)
        villages = Village.objects.visible_to(desk.cadre, desk.on).filter(town=town) if town else Village.objects.none()
        return list(villages.values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows of the village."""
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


def village_filter(to: str) -> type[VillageFilter]:
    """A VillageFilter over rows whose village code is found by that path."""
    return type("VillageFilter", (VillageFilter,), {"path": to})
