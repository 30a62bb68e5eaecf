"""The office's page of tables to fill in."""

import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from households.models import ImportKind
from households.register_import.templates import write_template
from households.workbooks import XLSX
from villages.office.desk import desk_of


class WithTemplates:
    """Adds the addresses of the tables to fill in."""

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, the list of tables, and each table."""
        guard = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("templates/", guard(self.templates_view), name="households_templates"),
            path("templates/<slug:kind>.xlsx", guard(self.template_view), name="households_template"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def templates_view(self, request: HttpRequest) -> HttpResponse:
        """Which tables there are."""
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Tables to fill in"),
            "kinds": ImportKind.choices,
        }
        return TemplateResponse(request, "admin/templates.html", context)

    def template_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """One table, with the places of this desk."""
        if kind not in ImportKind:
            raise Http404
        desk, file = desk_of(request), io.BytesIO()
        write_template(file, kind=ImportKind(kind), cadre=desk.cadre, on=desk.on)
        answer = HttpResponse(file.getvalue(), content_type=XLSX)
        name = f"{_('Tables to fill in')}-{ImportKind(kind).label}.xlsx"
        answer["Content-Disposition"] = content_disposition_header(True, name) or ""
        return answer
