"""Which rows a page of the panel shows and offers: those the desk reaches."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest

from villages.office.desk import Desk, desk_of

EMPTY = "—"


class ByReach:
    """Which rows are shown and offered: those the desk reaches."""

    model: type[models.Model]
    admin_site: admin.AdminSite
    related: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    empty_value_display = EMPTY

    def in_reach(self, request: HttpRequest) -> Any:
        """The rows the desk reaches, with what their names need."""
        desk = desk_of(request)
        rows = self.rows(desk) if desk.is_staffed else self.model._default_manager.none()
        rows = rows.select_related(*self.related) if self.related else rows
        ordering = self.get_ordering(request)  # type: ignore[attr-defined]
        return rows.order_by(*ordering) if ordering else rows

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows of the page, with what its columns need."""
        return self.with_columns(self.in_reach(request), desk_of(request))

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add what the columns of the list show beyond the row itself."""
        return rows

    def offered(self, request: HttpRequest) -> Any:
        """The rows a form offers when it points here."""
        return self.in_reach(request)

    def label(self, row: Any) -> str:
        """The row's name in a choice, unmistakable."""
        return str(row)

    def rows(self, desk: Desk) -> Any:
        """The rows the desk reaches."""
        return self.model._default_manager.visible_to(desk.cadre, desk.on)  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows in reach, named so that two of the same name differ."""
        related: Any = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, ByReach):
            kwargs.setdefault("queryset", related.offered(request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(related, ByReach):
            field.label_from_instance = related.label
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of the stock links beside a field that points elsewhere leave "add", and only where it is wanted."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_view_related = False
            field.widget.can_add_related = field.widget.can_add_related and db_field.name in self.adds
        return field
