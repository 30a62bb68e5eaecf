"""Rows on the page of what they belong to: entered there, or only shown with a link to their own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst

from villages.office.desk import desk_of
from villages.office.rows import ByReach


class OfficeInline(ByReach, admin.TabularInline):
    """Rows entered on the page of what they belong to; whoever may change that may change them."""

    extra = 0
    can_delete = False
    show_change_link = True
    explanation: Any = ""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """In a table the head of the column does not label the field; the field says it itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = capfirst(field.label)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the page."""
        return desk_of(request).is_staffed

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the page; the admin asks that of the page."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the page; the admin asks that of the page."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted in passing."""
        return False


class ReadOnlyInline(OfficeInline):
    """Rows shown on the page of what they belong to, with a link to their own page.

    `entered_by` names the field that points back; then the table has a link to enter a new row.
    """

    max_num = 0
    entered_by = ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Entered on their own page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changed on their own page."""
        return False
