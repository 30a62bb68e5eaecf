"""The office's pages for phones and for visits held for review: to look at; their own pages decide."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from casework.models import HeldVisit, Phone
from villages.office import ReadOnlyAdmin
from villages.office.filters import town_filter, village_filter


@admin.register(Phone)
class PhoneAdmin(ReadOnlyAdmin):
    """Phones say hello by themselves and are cut off on their own page."""

    list_display = ["cadre", "waiting", "oldest_waiting_at", "cut_off_at", "cut_off_by"]
    search_fields = ["cadre__name"]
    search_help_text = _("Name of who holds the phone.")
    related = ("cadre", "cut_off_by")
    fields = readonly_fields = [
        *("cadre", "app_version", "first_seen_on", "waiting", "oldest_waiting_at", "cut_off_at", "cut_off_by"),
    ]


@admin.register(HeldVisit)
class HeldVisitAdmin(ReadOnlyAdmin):
    """What was sent never changes; it is accepted or declined on its own page."""

    list_display = ["visited_on", "target", "village", "sent_by", "reason", "state", "decided_by"]
    list_filter = ["state", "reason", town_filter("village__code"), village_filter("village__code")]
    search_fields = ["household__head_name", "household__number", "village__name", "sent_by__name"]
    search_help_text = _("Head of household, household number, village or who sent it.")
    related = ("household", "village", "sent_by", "decided_by")
    fields = readonly_fields = [
        *("visited_on", "target", "village", "sent_by", "imported_by", "received_at", "reason", "detail", "state"),
        *("decided_by", "decided_at", "words", "page"),
    ]

    @admin.display(description=_("target"))
    def target(self, held: HeldVisit) -> str:
        """The household, or the village itself."""
        return str(held.household or held.village or "")

    @admin.display(description=_("its page"))
    def page(self, held: Any) -> SafeString:
        """To where it is decided."""
        return format_html('<a href="{}">{}</a>', reverse("held_visit", args=[held.pk]), _("as sent"))
