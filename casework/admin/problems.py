"""The office's page for the problem ledger: to look at; the moves are made on each problem's own page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from casework.models import Problem, ProblemStep
from villages.office import ReadOnlyAdmin, ReadOnlyInline
from villages.office.desk import desk_of
from villages.office.filters import town_filter, village_filter


class DeadlineFilter(admin.SimpleListFilter):
    """Whether a problem is open, and past its deadline."""

    title = gettext_lazy("deadline")
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Past, and open."""
        return [("late", _("past deadline")), ("open", pgettext("problems", "open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Problems of that kind."""
        on = desk_of(request).on
        if self.value() == "late":
            return queryset.past_deadline(on)
        return queryset.open(on) if self.value() == "open" else queryset


class ProblemStepsInline(ReadOnlyInline):
    """The steps of a problem, in their order."""

    model = ProblemStep
    fields = readonly_fields = ["move", "taken_on", "actor", "words", "responsible", "unit", "due_on", "level"]
    related = ("problem", "actor", "responsible", "unit")
    ordering = ["pk"]


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    """Problems in reach; nothing is counted by person."""

    list_display = ["found_on", "text", "village", "household", "kind", "level", "state", "due_on", "page"]
    list_display_links = ["found_on", "text"]
    list_filter = [
        *(town_filter("village__code"), village_filter("village__code")),
        *("state", DeadlineFilter, "level", "kind", "difficulty", "source"),
    ]
    search_fields = ["text", "household__head_name", "village__name"]
    related = ("village", "household", "responsible", "unit")
    inlines = [ProblemStepsInline]
    fields = readonly_fields = [
        *("village", "household", "source", "visit", "found_on", "found_by", "text", "kind", "difficulty", "level"),
        *("state", "responsible", "unit", "due_on", "measure", "result", "solved_on", "solved_by", "view"),
        *("verified_on", "verified_by", "closed_on", "withdrawn_on"),
    ]

    @admin.display(description=gettext_lazy("steps"))
    def page(self, problem: Problem) -> SafeString:
        """The problem's own page, where its moves are made."""
        return format_html('<a href="{}">{}</a>', reverse("problem", args=[problem.pk]), _("the problem's page"))
