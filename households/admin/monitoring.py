"""The office's pages for monitoring: cases and steps to look at, the yearly lines to enter."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.clearing import sentence, told
from households.clock import clocks
from households.lines import can_change_lines, save_line
from households.models import CaseStep, MonitoringCase, PovertyLine, Risk
from villages.office import Desk, OfficeAdmin, ReadOnlyAdmin, ReadOnlyInline
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter


class ClockFilter(admin.SimpleListFilter):
    """Whether the clock of a case still runs, and whether it is over."""

    title = gettext_lazy("clock")
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Overdue, in time, stopped."""
        return [("overdue", _("overdue")), ("in_time", _("in time")), ("stopped", _("decided or ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Cases of that kind."""
        on = desk_of(request).on
        if self.value() == "overdue":
            return queryset.overdue(on)
        if self.value() == "in_time":
            return queryset.before_decision().filter(decide_by__gte=on)
        return queryset.exclude(pk__in=queryset.before_decision()) if self.value() == "stopped" else queryset


class StepsInline(ReadOnlyInline):
    """The steps of a case, in their order."""

    model = CaseStep
    fields = readonly_fields = ["step", "done_on", "people", "note", "recorded_by", "correction", "taken_back_on"]
    related = ("case__household", "recorded_by")
    ordering = ["pk"]


@admin.register(MonitoringCase)
class MonitoringCaseAdmin(ReadOnlyAdmin):
    """Cases in reach, to look at: their steps are taken on their own page, by whoever's turn it is."""

    list_display = ["household", "number", "village", "state", "decide_by", "time_left", "page"]
    list_display_links = ["household", "number"]
    list_filter = [
        *(town_filter("household__village__code"), village_filter("household__village__code")),
        *("state", ClockFilter, "monitoring_type"),
    ]
    search_fields = ["household__head_name", "household__number"]
    search_help_text = gettext_lazy("Head of household or household number.")
    related = ("household__village", "opened_by")
    ordering = ["decide_by", "pk"]
    fields = readonly_fields = [
        *(
            "household",
            "number",
            "village",
            "page",
            "state",
            "time_left",
            "channel",
            "monitoring_type",
            "risks_in_words",
        ),
        *("found_on", "description", "decide_by", "notice_from", "notice_until", "clearing", "opened_by"),
    ]
    inlines = [StepsInline]
    words = {"risks": Risk.choices}

    @admin.display(description=gettext_lazy("household number"), ordering="household__number")
    def number(self, case: MonitoringCase) -> str:
        """The household's national number."""
        return case.household.number

    @admin.display(description=gettext_lazy("village"), ordering="household__village")
    def village(self, case: MonitoringCase) -> str:
        """Where the household lives."""
        return case.household.village.name

    @admin.display(description=gettext_lazy("risks"))
    def risks_in_words(self, case: MonitoringCase) -> str:
        """The risks by their names."""
        return _(", ").join(case.risk_labels)

    @admin.display(description=gettext_lazy("time left"))
    def time_left(self, case: Any) -> str:
        """The clock in words; none once the case is decided or has ended."""
        clock = getattr(case, "clock", None)
        return clock.words if clock else "—"

    @admin.display(description=gettext_lazy("steps"))
    def page(self, case: MonitoringCase) -> SafeString:
        """To the page on which its steps are taken."""
        return format_html('<a href="{}">{}</a>', reverse("case", args=[case.pk]), _("the case's page"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One case, with its clock."""
        case = super().get_object(request, object_id, from_field)
        case.clock = clocks([case], desk_of(request).on).get(case.pk)
        return case

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A page of cases with their clocks: the calendar is read once for all."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        found = clocks(page.result_list, desk_of(request).on)
        for case in page.result_list:
            case.clock = found.get(case.pk)
        return page


@admin.register(CaseStep)
class CaseStepAdmin(ReadOnlyAdmin):
    """Steps that were taken, to look at; each has its history. Corrections are made on the case's page."""

    list_display = ["case", "step", "done_on", "people", "recorded_by", "corrected_on", "taken_back_on"]
    list_filter = [town_filter("case__household__village__code"), "step"]
    search_fields = ["case__household__head_name", "case__household__number"]
    search_help_text = gettext_lazy("Head of household or household number.")
    related = ("case__household", "recorded_by", "corrected_by", "taken_back_by")
    ordering = ["-done_on", "-pk"]
    fields = readonly_fields = [
        *("case", "step", "done_on", "people", "note", "recorded_by", "recorded_at"),
        *("conditions_in_words", "correction", "corrected_on", "corrected_by"),
        *("taken_back_on", "taken_back_by", "taken_back"),
    ]

    @admin.display(description=gettext_lazy("conditions checked"))
    def conditions_in_words(self, step: CaseStep) -> str:
        """Each condition that was fulfilled when the risk was cleared."""
        return "\n".join(sentence(told(facts)) for facts in step.conditions)


@admin.register(PovertyLine)
class PovertyLineAdmin(OfficeAdmin):
    """The monitoring line by year: the district's office enters it, the whole office reads it."""

    list_display = ["year", "amount"]
    list_display_links = ["year"]
    ordering = ["-year"]
    fields = ["year", "amount"]

    def may_add(self, desk: Desk) -> bool:
        """The district's office."""
        return can_change_lines(desk.cadre, desk.on)

    def may_change(self, desk: Desk, row: PovertyLine) -> bool:
        """The district's office."""
        return can_change_lines(desk.cadre, desk.on)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A line stays in its year."""
        return ["year"] if obj else []

    def write(self, row: PovertyLine, desk: Desk, form: Any, reason: str) -> None:
        """Save by the verb."""
        save_line(row, actor=desk.cadre, on=desk.on, reason=reason)
