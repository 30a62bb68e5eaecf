"""The office's pages for measures, and for benefit links with what each year brought."""

from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households import links, measures
from households.admin.of_household import HOUSEHOLD_SEARCH, PLACE_FILTERS, OfHouseholdAdmin
from households.models import BenefitLink, BenefitYear, Measure
from villages.office import Desk, OfficeInline, ReadOnlyInline
from villages.office.acts import taken_back
from villages.office.dated import PeriodFilter


class MeasuresInline(ReadOnlyInline):
    """The household's measures."""

    model = Measure
    fields: Any = ["kind", "content", "person", "provider", "amount", "starts_on", "ends_on", "result"]
    readonly_fields: Any = fields
    entered_by = "household"
    related = ("household", "person")
    ordering = ["-starts_on", "pk"]


class LinksInline(ReadOnlyInline):
    """The household's benefit links."""

    model = BenefitLink
    fields: Any = ["operator", "form", "starts_on", "ends_on"]
    readonly_fields: Any = fields
    entered_by = "household"
    related = ("household",)
    ordering = ["-starts_on", "pk"]


@admin.register(Measure)
class MeasureAdmin(OfHouseholdAdmin):
    """Measures for the households in reach. Many at once are entered on their own page."""

    list_display = [
        *("kind", "content", "household", "village", "amount", "starts_on", "ends_on", "provider", "person"),
    ]
    list_display_links = ["kind", "content"]
    list_filter = [*PLACE_FILTERS, "kind", PeriodFilter, "source"]
    search_fields = ["content", "provider", "project", *HOUSEHOLD_SEARCH]
    search_help_text = _("What is done, who provides it, project, head of household or household number.")
    autocomplete_fields = ["household", "person"]
    related = ("household__village", "person")
    fieldsets = [
        (None, {"fields": ["household", "person", "kind", "content"]}),
        (
            _("Who, how much, how long"),
            {"fields": ["provider", "project", "amount", ("starts_on", "ends_on"), "result"]},
        ),
    ]
    bulk = ("kind", "provider", "project", "starts_on", "ends_on", "result")
    removal = taken_back(
        label=_("Remove a measure entered by mistake"),
        explanation=_("Only for a measure that never was. If it has ended, give it a last day instead."),
        verb=measures.remove_measure,
        row="row",
        done=_("The measure is removed. Its values stay in the history."),
    )

    class Media:
        js = ["households/js/person_of.js"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The person is one of the household's, also where the household stands fast."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj and "person" in form.base_fields:
            form.base_fields["person"].widget.attrs["data-household"] = obj.household_id
        return form

    def may_change(self, desk: Desk, row: Measure) -> bool:
        """Whoever may enter for the household."""
        return measures.can_change_measure(desk.cadre, row, desk.on)

    def write(self, row: Measure, desk: Desk, form: Any, reason: str) -> None:
        """Enter it for its household, or correct it, by the verbs."""
        if row.pk:
            measures.correct_measure(row, actor=desk.cadre, on=desk.on, reason=reason)
            return
        entered = measures.enter_measures(
            row, batch_id=row.batch, household_ids=[row.household_id], actor=desk.cadre, on=desk.on
        )
        row.pk = entered[0].pk


class YearsInline(OfficeInline):
    """What a link promised and brought, year by year."""

    model = BenefitYear
    fields = ["year", "promised", "received"]
    show_change_link = False
    ordering = ["-year"]


@admin.register(BenefitLink)
class BenefitLinkAdmin(OfHouseholdAdmin):
    """Benefit links of the households in reach. Many at once are entered on their own page."""

    list_display = ["operator", "form", "household", "household_number", "village", "starts_on", "ends_on"]
    list_display_links = ["operator"]
    list_filter = [*PLACE_FILTERS, "form", PeriodFilter, "source"]
    search_fields = ["operator", *HOUSEHOLD_SEARCH]
    search_help_text = _("Operator, head of household or household number.")
    fields = ["household", ("operator", "form"), ("starts_on", "ends_on")]
    inlines = [YearsInline]
    parts = ("years",)
    bulk = ("operator", "starts_on", "ends_on")
    removal = taken_back(
        label=_("Remove a benefit link entered by mistake"),
        explanation=_("Only for a link that never was. If it has ended, give it a last day instead."),
        verb=links.remove_link,
        row="row",
        done=_("The benefit link is removed. Its values stay in the history."),
    )

    def may_change(self, desk: Desk, row: BenefitLink) -> bool:
        """Whoever may enter for the household."""
        return links.can_change_link(desk.cadre, row, desk.on)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """The years of a link that is entered."""
        return self.inlines if obj else []

    def write(self, row: BenefitLink, desk: Desk, form: Any, reason: str) -> None:
        """Enter it for its household, or correct it, by the verbs; new years alone need no reason."""
        if not row.pk:
            entered = links.enter_links(
                row, batch_id=uuid4(), household_ids=[row.household_id], actor=desk.cadre, on=desk.on
            )
            row.pk = entered[0].pk
        elif form is None or set(form.changed_data) - {"reason"}:
            links.correct_link(row, actor=desk.cadre, on=desk.on, reason=reason)

    def write_inline(self, row: BenefitYear, desk: Desk, reason: str) -> None:
        """Record a year by the verb."""
        if row.pk and BenefitYear.objects.filter(pk=row.pk).exclude(year=row.year).exists():
            raise ValidationError(gettext("A year stays what it is. Empty its amounts and enter the other year."))
        given = links.YearGiven(year=row.year, promised=row.promised, received=row.received)
        links.record_years({row.link_id: given}, actor=desk.cadre, on=desk.on)
