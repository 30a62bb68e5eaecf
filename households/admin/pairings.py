"""The office's page for helpers and the households they help."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households import pairings
from households.models import HelperPairing
from villages.office import Desk
from villages.office.acts import taken_back
from villages.office.dated import DatedAdmin, PeriodFilter, hand_over
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words


@admin.register(HelperPairing)
class HelperPairingAdmin(DatedAdmin):
    """Which cadre helps which household in reach."""

    list_display = [
        *("household", "number", "village", "cadre", in_words(HelperPairing, "is_primary")),
        *("starts_on", "ends_on", "period"),
    ]
    list_display_links = ["household", "number"]
    list_filter = [
        town_filter("household__village__code"),
        village_filter("household__village__code"),
        PeriodFilter,
        "is_primary",
    ]
    search_fields = ["household__head_name", "household__number", "cadre__name", "cadre__username"]
    search_help_text = _("Head of household, household number, helper or account.")
    autocomplete_fields = ["household", "cadre"]
    related = ("household__village", "cadre__unit")
    adds = ("cadre",)
    acts = (
        hand_over(
            label=_("Change the helper"),
            explanation=_("One step: the present pairing ends, and the new helper's begins with the same household."),
            verb=pairings.replace_helper,
            row="pairing",
            of=HelperPairing,
            who=_("New helper"),
            ends=_("The present helper's pairing ends the day before."),
            done=_("The household has a new helper."),
        ),
    )
    bulk = ("is_primary", "ends_on")
    removal = taken_back(
        label=_("Remove a pairing entered by mistake"),
        explanation=_(
            "Only for a pairing that never was. If it has ended, give it a last day instead: "
            "visits made as helper keep counting."
        ),
        verb=pairings.remove_helper_pairing,
        row="pairing",
        done=_("The pairing is removed. Its values stay in the history."),
    )

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """The acts, and the pack for the next helper."""
        acts = super().tools(request, row)
        return [*acts, (reverse("handover_helper", args=[row.pk]), _("Handover pack"))] if acts else acts

    @admin.display(description=_("household number"), ordering="household__number")
    def number(self, pairing: HelperPairing) -> str:
        """The household's national number."""
        return pairing.household.number

    @admin.display(description=_("village"), ordering="household__village")
    def village(self, pairing: HelperPairing) -> str:
        """Where the household lives."""
        return pairing.household.village.name

    def may_change(self, desk: Desk, row: HelperPairing) -> bool:
        """The office of the household's village or above."""
        return pairings.can_change_pairings(desk.cadre, row.household.village_id, desk.on)

    def write(self, row: HelperPairing, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        pairings.save_helper_pairing(row, actor=desk.cadre, on=desk.on, reason=reason)
