"""The office's pages for incomes by year and for checks of the guarantees."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from households import living
from households.admin.of_household import PLACE_FILTERS, OfHouseholdAdmin
from households.models import Guarantee, Income
from villages.office import Desk, OfficeInline
from villages.office.acts import taken_back
from villages.office.desk import desk_of

YEARS_OFFERED = 6
AMOUNTS = ("wages", "production", "property_income", "transfers", "costs")


class YearFilter(admin.SimpleListFilter):
    """The last years; asking the table which it has would read all of it."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """This year and those before."""
        this = desk_of(request).on.year
        return [(str(year), str(year)) for year in range(this, this - YEARS_OFFERED, -1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows of that year."""
        value = self.value() or ""
        return queryset.filter(year=int(value)) if value.isascii() and value.isdigit() else queryset


class IncomesInline(OfficeInline):
    """The household's income by year, in yuan: one row a year, typed like a table."""

    model = Income
    fields = ["year", *AMOUNTS, "per_head", "source", "as_of"]
    related = ("household",)
    explanation = _("In yuan. Costs are subtracted. Net income per head left empty is net by members.")
    ordering = ["-year"]


class GuaranteesInline(OfficeInline):
    """The checks of the guarantees; the latest of each kind holds."""

    model = Guarantee
    fields = ["kind", "state", "housing_grade", "checked_on", "source"]
    related = ("household",)
    explanation = _("One row a check; the latest check of each kind is what holds.")


@admin.register(Income)
class IncomeAdmin(OfHouseholdAdmin):
    """Incomes by year of the households in reach, in yuan."""

    list_display = ["household", "village", "year", "net_income", "per_head", *AMOUNTS, "source", "as_of"]
    list_display_links = ["household", "year"]
    list_filter = [*PLACE_FILTERS, YearFilter, "source"]
    ordering = ["household__number", "-year"]
    fields = ["household", ("year", "source", "as_of"), *AMOUNTS, "per_head"]
    removal = taken_back(
        label=_("Remove an income entered by mistake"),
        explanation=_("Only for an entry that should not be there. A wrong amount is corrected in the form."),
        verb=living.remove_income,
        row="income",
        done=_("The income is removed. Its values stay in the history."),
    )

    @admin.display(description=_("net income"), empty_value="—")
    def net_income(self, income: Income) -> Any:
        """Wages, production, property and transfers less costs."""
        return income.net

    def write(self, row: Income, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        living.save_income(row, actor=desk.cadre, on=desk.on, reason=reason)


@admin.register(Guarantee)
class GuaranteeAdmin(OfHouseholdAdmin):
    """Checks of the guarantees of the households in reach."""

    list_display = ["household", "village", "kind", "state", "housing_grade", "checked_on", "source"]
    list_display_links = ["household", "kind"]
    list_filter = [*PLACE_FILTERS, "kind", "state", "housing_grade", "source"]
    ordering = ["household__number", "kind", "-checked_on"]
    fields = ["household", ("kind", "state", "housing_grade"), ("checked_on", "source")]
    removal = taken_back(
        label=_("Remove a check entered by mistake"),
        explanation=_("Only for a check that never was. What has changed since is a new check."),
        verb=living.remove_guarantee,
        row="guarantee",
        done=_("The check is removed. Its values stay in the history."),
    )

    def write(self, row: Guarantee, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        living.record_guarantee(row, actor=desk.cadre, on=desk.on, reason=reason)
