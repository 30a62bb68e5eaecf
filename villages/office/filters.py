"""Filters of the panel's lists: by town and village, as far as the desk reaches."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from villages.models import Village
from villages.office import towns
from villages.office.desk import desk_of

VILLAGE = "in_village"


class TownFilter(SimpleListFilter):
    """Towns in reach; `path` leads from the row to the code of its place. Shown where there is a choice."""

    title = gettext_lazy("town")
    parameter_name = towns.PARAMETER
    path = "village__code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """The towns of the desk's reach."""
        return towns.towns_of(request)

    def value(self) -> str | None:
        """The town's code; none for all towns."""
        value = super().value()
        return None if value == towns.ALL else value

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """All towns, said in so many words because no word means the town chosen last; then one by one.

        One town is no choice: the filter holds, but nothing is offered.
        """
        if len(self.lookup_choices) == 1:
            return
        for code, name in [(None, _("All")), *self.lookup_choices]:
            query = changelist.get_query_string({self.parameter_name: code or towns.ALL}, [VILLAGE])
            yield {"selected": self.value() == code, "query_string": query, "display": name}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows whose place is the town or lies in it."""
        return queryset.filter(**{f"{self.path}__startswith": self.value()}) if self.value() else queryset


def town_filter(to: str) -> type[TownFilter]:
    """A TownFilter over rows whose place code is found by that path."""
    return type("TownFilter", (TownFilter,), {"path": to})


class VillageFilter(SimpleListFilter):
    """Villages of the chosen town, or of the desk's only one."""

    title = gettext_lazy("village")
    parameter_name = VILLAGE
    path = "village__code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """The villages in reach of the chosen town."""
        desk = desk_of(request)
        town = request.GET.get(towns.PARAMETER) or towns.own_town(desk)
        villages = Village.objects.visible_to(desk.cadre, desk.on).filter(town=town) if town else Village.objects.none()
        return list(villages.values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows of the village."""
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


def village_filter(to: str) -> type[VillageFilter]:
    """A VillageFilter over rows whose village code is found by that path."""
    return type("VillageFilter", (VillageFilter,), {"path": to})
