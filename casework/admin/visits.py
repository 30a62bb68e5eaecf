"""The office's page for visits: every version, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.models import Visit
from villages.office import ReadOnlyAdmin
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words


class VersionFilter(admin.SimpleListFilter):
    """Latest versions unless all are asked for."""

    title = _("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What stands, what was withdrawn, what was corrected."""
        return [("standing", _("standing")), ("withdrawn", _("withdrawn")), ("corrected", _("corrected since"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Visits of that kind."""
        if self.value() == "standing":
            return queryset.standing()
        if self.value() == "withdrawn":
            return queryset.current().filter(is_withdrawn=True)
        return queryset.exclude(superseded_by=None) if self.value() == "corrected" else queryset


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    """Visits are recorded and corrected on their own pages; their history is never rewritten."""

    list_display = [
        *("visited_on", "target", "village", "contact", "outcome", "entered_by"),
        *(in_words(Visit, "is_late"), "version"),
    ]
    list_filter = [
        *(town_filter("village__code"), village_filter("village__code"), VersionFilter),
        *("contact", "outcome", "is_late"),
    ]
    search_fields = ["household__head_name", "household__number", "village__name", "entered_by__name"]
    search_help_text = _("Head of household, household number, village or who typed it in.")
    related = ("household", "village", "entered_by")
    fields = readonly_fields = [
        *("visited_on", "target", "village", "who_went", "contact", "outcome", "note", "problem", "entered_by"),
        *("needs", "ideas", "results", "talk", "head_count"),
        *("received_at", "is_late", "version", "reason", "history"),
    ]

    @admin.display(description=_("target"))
    def target(self, visit: Visit) -> str:
        """The household, or the village itself."""
        return str(visit.household or visit.village)

    @admin.display(description=_("who went"))
    def who_went(self, visit: Visit) -> str:
        """The visitors, who reports first."""
        return gettext(", ").join(str(visitor.cadre) for visitor in visit.visit_visitors.select_related("cadre"))

    @admin.display(description=_("version"))
    def version(self, visit: Visit) -> Any:
        """Whether this version stands."""
        if visit.superseded_by_id:
            return _("corrected since")
        return _("withdrawn") if visit.is_withdrawn else _("standing")

    @admin.display(description=_("history"))
    def history(self, visit: Visit) -> SafeString:
        """To all versions of the visit."""
        return format_html('<a href="{}">{}</a>', reverse("visit_history", args=[visit.pk]), _("all versions"))
