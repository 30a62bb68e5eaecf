"""The office's pages for the district, its towns, villages and villager groups."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from villages import places
from villages.admin.postings import HoldersInline, UnitsInline
from villages.models import District, Post, Posting, Town, Village, VillagerGroup
from villages.office import Desk, OfficeAdmin, OfficeInline
from villages.office.desk import desk_of
from villages.office.filters import town_filter
from villages.office.words import in_words

VACANCIES = (Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER)


class PlaceAdmin(OfficeAdmin):
    """A place by its national code; changed by the district's office only."""

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: Any) -> bool:
        """The district's office, within its district."""
        return places.can_change_places(desk.cadre, row.pk, desk.on)


@admin.register(District)
class DistrictAdmin(PlaceAdmin):
    """Districts of reachable towns; a new one is entered by the technical administrator."""

    list_display = ["code", "name"]
    list_display_links = ["code", "name"]
    search_fields = ["name", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The code is the row's identity."""
        return ["code"] if obj else []

    def may_add(self, desk: Desk) -> bool:
        """No office works above its own district."""
        return desk.cadre.is_superuser

    def write(self, row: District, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_district(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(Town)
class TownAdmin(PlaceAdmin):
    """Towns in reach."""

    list_display = ["code", "name", "district", "village_count", in_words(Town, "is_active")]
    list_display_links = ["code", "name"]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["district"]
    related = ("district",)
    fields = ["code", "name", "district", "is_active"]

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the number of villages."""
        return rows.annotate(villages_now=Count("villages"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The code is the row's identity and names the district."""
        return ["code", "district"] if obj else []

    @admin.display(description=_("villages"), ordering="villages_now")
    def village_count(self, town: Any) -> int:
        """How many villages it has."""
        return town.villages_now

    def write(self, row: Town, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_town(row, actor=desk.cadre, on=desk.on, reason=reason)


class GroupInline(OfficeInline):
    """The village's groups."""

    model = VillagerGroup
    fields = ["number", "name"]


class VacancyFilter(admin.SimpleListFilter):
    """Villages in which nobody holds a post today."""

    title = _("vacant post")
    parameter_name = "vacant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The posts every village should have."""
        return [(post.value, post.label) for post in VACANCIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Villages where the post is vacant."""
        if self.value() not in VACANCIES:
            return queryset
        held = Posting.objects.in_force(desk_of(request).on).filter(post=self.value(), village=OuterRef("pk"))
        return queryset.filter(~Exists(held), is_active=True)


@admin.register(Village)
class VillageAdmin(PlaceAdmin):
    """Villages in reach, with their big village chief of today."""

    list_display = [
        *("code", "name", "town", "chief", "group_count"),
        in_words(Village, "is_poor"),
        in_words(Village, "is_active"),
    ]
    list_display_links = ["code", "name"]
    list_filter = [town_filter("code"), VacancyFilter, "is_poor", "is_active"]
    search_fields = ["name", "code", "town__name"]
    quick = 4
    autocomplete_fields = ["town"]
    related = ("town",)
    fields = ["code", "name", "town", "is_poor", "is_active", "office_phone", "latitude", "longitude"]
    inlines = [GroupInline, HoldersInline, UnitsInline]

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the number of groups and the chief's name."""
        chiefs = Posting.objects.in_force(desk.on).filter(post=Post.VILLAGE_CHIEF, village=OuterRef("pk")).order_by()
        return rows.annotate(groups_now=Count("groups"), chief_now=Subquery(chiefs.values("cadre__name")[:1]))

    def label(self, row: Any) -> str:
        """Villages of one name differ by their town."""
        return f"{row.name} · {row.town.name}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The code is the row's identity and names the town."""
        return ["code", "town"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new village has no holders yet."""
        return self.inlines if obj else [GroupInline]

    @admin.display(description=Post.VILLAGE_CHIEF.label, ordering="chief_now", empty_value=_("vacant"))
    def chief(self, village: Any) -> str | None:
        """Who is big village chief today."""
        return village.chief_now

    @admin.display(description=_("villager groups"), ordering="groups_now")
    def group_count(self, village: Any) -> int:
        """How many groups it has."""
        return village.groups_now

    def write(self, row: Village, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_village(row, actor=desk.cadre, on=desk.on, reason=reason)

    def write_inline(self, row: VillagerGroup, desk: Desk, reason: str) -> None:
        """Save a group by the verb."""
        places.save_group(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(VillagerGroup)
class VillagerGroupAdmin(OfficeAdmin):
    """Groups of villages in reach; also a town's own office enters them."""

    list_display = ["village", "town", "number", "name"]
    list_display_links = ["village", "number"]
    list_filter = [town_filter("village__code")]
    search_fields = ["village__name", "name", "number"]
    autocomplete_fields = ["village"]
    related = ("village__town",)
    fields = ["village", "number", "name"]

    def label(self, row: Any) -> str:
        """A group by its village."""
        return f"{row.village.name} · {row}"

    @admin.display(description=_("town"), ordering="village__town")
    def town(self, group: Any) -> str:
        """The village's town."""
        return group.village.town.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A group stays in its village."""
        return ["village"] if obj else []

    def may_change(self, desk: Desk, row: Any) -> bool:
        """The office of the village or above."""
        return places.can_change_groups(desk.cadre, row.village_id, desk.on)

    def write(self, row: VillagerGroup, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_group(row, actor=desk.cadre, on=desk.on, reason=reason)
