"""The office's page for exits from poverty: historic, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from households.models import ExitRecord
from villages.office import ReadOnlyAdmin
from villages.office.filters import town_filter, village_filter
from villages.office.words import in_words


class WhoseFilter(admin.SimpleListFilter):
    """Exits of households, or of villages."""

    title = _("who left poverty")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Households, villages."""
        return [("household", _("household")), ("village", _("village"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Exits of that kind."""
        return queryset.filter(household__isnull=self.value() == "village") if self.value() else queryset


@admin.register(ExitRecord)
class ExitRecordAdmin(ReadOnlyAdmin):
    """Exits come with an import and are never changed by hand."""

    list_display = [
        *("who", "village", "appraised_on", "verified_on", "consented_on", "noticed_on", "approved_on"),
        in_words(ExitRecord, "is_wrong"),
    ]
    list_filter = [town_filter("village__code"), village_filter("village__code"), WhoseFilter, "is_wrong"]
    search_fields = ["household__head_name", "household__number", "village__name"]
    search_help_text = _("Head of household, household number or village.")
    related = ("household", "village")
    fields: Any = [
        *("who", "village", "appraised_on", "verified_on", "consented_on", "noticed_on", "approved_on"),
        in_words(ExitRecord, "is_wrong"),
    ]
    readonly_fields: Any = fields

    @admin.display(description=_("household or village"), ordering="household__head_name")
    def who(self, record: ExitRecord) -> str:
        """Who left poverty."""
        return str(record.household or record.village)
