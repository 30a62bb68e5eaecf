"""The quick search at the top of every page: a few words, and the records in reach that answer to them."""

from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from villages.office.base import OfficeAdmin

GROUP_LENGTH = 8
LONGEST_TEXT = 60


class Hit(NamedTuple):
    """One record found."""

    label: str
    address: str


class Group(NamedTuple):
    """The records of one kind, at most GROUP_LENGTH."""

    title: str
    hits: list[Hit]
    has_more: bool


def find(site: AdminSite, request: HttpRequest, text: str) -> list[Group]:
    """What the text finds in reach, in the order of the pages' `quick`."""
    pages = [page for page in site._registry.values() if isinstance(page, OfficeAdmin) and page.quick]
    groups = [_group(page, request, text) for page in sorted(pages, key=lambda page: page.quick)] if text else []
    return [group for group in groups if group.hits]


def _group(page: OfficeAdmin, request: HttpRequest, text: str) -> Group:
    rows = list(page.found_quickly(request, text)[: GROUP_LENGTH + 1])
    names = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
    hits = [Hit(page.label(row), reverse(names, args=[row.pk])) for row in rows[:GROUP_LENGTH]]
    return Group(str(capfirst(page.opts.verbose_name_plural)), hits, len(rows) > GROUP_LENGTH)


def quick_search(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Sent by POST, so that no name or number gets into an address and from there into a log.

    The script of the page asks for the list alone; without it the list comes as a page of its own.
    """
    text = request.POST.get("quick", "").strip()[:LONGEST_TEXT]
    found: dict[str, Any] = {"groups": find(site, request, text), "text": text}
    if request.headers.get("X-Requested-With") == "fetch":
        return TemplateResponse(request, "admin/_quick_hits.html", found)
    title = _("Quick search")
    return TemplateResponse(request, "admin/quick.html", {**site.each_context(request), "title": title, **found})
