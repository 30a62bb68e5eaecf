"""The office's page of the audit trail: who changed what, when, before and after."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from villages import reach
from villages.models import AuditEntry, Cadre, Posting
from villages.office import ReadOnlyAdmin, trail
from villages.office.base import OfficeAdmin
from villages.office.desk import desk_of
from villages.office.filters import town_filter
from villages.office.lists import OfficeList


class ActorFilter(admin.SimpleListFilter):
    """By whom: somebody of the office in reach, the system itself, or a cadre's key from a link."""

    title = _("by whom")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The office's people, past and present."""
        desk = desk_of(request)
        office = Posting.objects.visible_to(desk.cadre, desk.on).filter(post__in=reach.CLERKS)
        people = Cadre.objects.filter(pk__in=office.order_by().values("cadre")).order_by("name", "pk")
        return [("system", _("the system itself")), *((str(pk), name) for pk, name in people.values_list("pk", "name"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """What that person, or the system, did."""
        if self.value() == "system":
            return queryset.filter(actor=None)
        return queryset.filter(actor__pk=self.value()) if (self.value() or "").isdecimal() else queryset


class VerbFilter(admin.SimpleListFilter):
    """What was done."""

    title = _("what")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The known actions; asking the trail itself would read all of it."""
        return list(trail.ACTIONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Entries of that action."""
        return queryset.filter(verb__endswith=f".{self.value()}") if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """To what kind of record."""

    title = _("kind of record")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The kinds the panel has pages for."""
        return [(model._meta.label, model._meta.verbose_name) for model in model_admin.admin_site._registry]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Entries about that kind."""
        return queryset.filter(target_type=self.value()) if self.value() else queryset


class TrailList(OfficeList):
    """A page of the trail; names its records with one query a kind."""

    def get_results(self, request: HttpRequest) -> None:
        """The page's entries, each with the name of its record as far as the desk reaches it."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        pages = {model._meta.label: page for model, page in self.model_admin.admin_site._registry.items()}
        for kind in {entry.target_type for entry in self.result_list}:
            mine = [entry for entry in self.result_list if entry.target_type == kind]
            names = _names(pages.get(kind), request, {entry.target_id for entry in mine})
            for entry in mine:
                entry.record_name, entry.record_address = names.get(entry.target_id, (f"№ {entry.target_id}", ""))


def _names(page: Any, request: HttpRequest, keys: set[str]) -> dict[str, tuple[str, str]]:
    """Key: name and address of each record in reach."""
    if not isinstance(page, OfficeAdmin):
        return {}
    address = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
    rows = page.in_reach(request).filter(pk__in=keys)
    return {str(row.pk): (page.label(row), reverse(address, args=[row.pk])) for row in rows}


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The trail as far as the desk reaches."""

    list_display = ["at", "actor_name", "what", "record", "village", "reason"]
    list_display_links = ["at"]
    list_filter = [town_filter("village__code"), VerbFilter, KindFilter, ActorFilter]
    search_fields = ["actor__name", "actor__username", "target_id", "reason"]
    search_help_text = _("Who did it, number of the record, or reason.")
    related = ("actor", "village")
    fields = readonly_fields = ["at", "actor_name", "what", "target_id", "village", "reason", "before_and_after"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that knows names."""
        return TrailList

    def label(self, row: Any) -> str:
        """What was done, and when."""
        return f"{trail.what_of(row)} · {date_format(localtime(row.at), 'DATETIME_FORMAT')}"

    @admin.display(description=_("by whom"), ordering="actor__name")
    def actor_name(self, entry: AuditEntry) -> str:
        """Who did it."""
        return entry.actor.name if entry.actor else gettext("the system itself")

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        """What was done to what kind of record."""
        return trail.what_of(entry)

    @admin.display(description=_("record"))
    def record(self, entry: Any) -> SafeString | str:
        """The record's name, linked when the desk reaches it."""
        if not entry.record_address:
            return entry.record_name
        return format_html('<a href="{}">{}</a>', entry.record_address, entry.record_name)

    @admin.display(description=_("before and after"))
    def before_and_after(self, entry: AuditEntry) -> SafeString:
        """The changed values as a table."""
        return trail.as_table(trail.tell([entry], self.admin_site)[0])
