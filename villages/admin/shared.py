"""The office's pages for what the whole district shares: partner units and special days."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from villages import places, postings
from villages.models import Pairing, PartnerUnit, SpecialDay
from villages.office import Desk, OfficeAdmin, OfficeInline
from villages.office.words import in_words


class SharedAdmin(OfficeAdmin):
    """Read by the whole office, changed by the district's."""

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return desk.is_for_district

    def may_change(self, desk: Desk, row: Any) -> bool:
        """The district's office."""
        return places.can_change_shared(desk.cadre, desk.on)


class PairedVillagesInline(OfficeInline):
    """The villages a unit is paired with, as far as the desk reaches."""

    model = Pairing
    fields = ["village", "is_lead", "starts_on", "ends_on"]
    autocomplete_fields = ["village"]
    related = ("village__town",)


@admin.register(PartnerUnit)
class PartnerUnitAdmin(SharedAdmin):
    """The partner units, with the number of villages each is paired with today."""

    list_display = ["name", "village_count", in_words(PartnerUnit, "is_active")]
    list_filter = ["is_active"]
    search_fields = ["name"]
    fields = ["name", "is_active"]
    inlines = [PairedVillagesInline]

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the number of villages."""
        lasting = Q(pairings__ends_on__isnull=True) | Q(pairings__ends_on__gte=desk.on)
        return rows.annotate(villages_now=Count("pairings", filter=Q(pairings__starts_on__lte=desk.on) & lasting))

    @admin.display(description=_("villages today"), ordering="villages_now")
    def village_count(self, unit: Any) -> int:
        """With how many villages it is paired."""
        return unit.villages_now

    def write(self, row: PartnerUnit, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_unit(row, actor=desk.cadre, on=desk.on, reason=reason)

    def write_inline(self, row: Pairing, desk: Desk, reason: str) -> None:
        """Save a pairing by the verb."""
        postings.save_pairing(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(SpecialDay)
class SpecialDayAdmin(SharedAdmin):
    """Public holidays and swapped working days: reminders and deadlines follow them."""

    list_display = ["day", "name", in_words(SpecialDay, "is_workday")]
    list_filter = ["is_workday"]
    search_fields = ["name"]
    fields = ["day", "name", "is_workday"]
    ordering = ["-day"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The day is the row's identity."""
        return ["day"] if obj else []

    def write(self, row: SpecialDay, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        places.save_special_day(row, actor=desk.cadre, on=desk.on, reason=reason)
