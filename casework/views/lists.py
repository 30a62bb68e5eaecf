"""Lists to act on: what they are, one by place with a count for each place below, as a day plan, as a workbook."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from casework.forms.lists import ListFilter
from casework.lists import LISTS
from casework.lists.base import ActList, Asked, Line
from casework.lists.counted import counted, keys_of
from casework.lists.exporting import export_of, of_office
from casework.parts import rows_of
from casework.views.moments import fresh_enough, moment_at
from casework.views.requests import CadreRequest
from households.contradictions import BELOW, VILLAGE_DIGITS
from households.exports import can_export, needs_reason
from households.forms.quality import ListExportForm
from households.standpoint import Crumb, names_below, stands_at
from villages.calendar import today

ROWS_A_PAGE = 50
ROWS_OF_A_PLAN = 120  # more is no day's walk; the plan says so


class Below(NamedTuple):
    """A place below the one shown, how many rows it has, and the address of its own list."""

    code: str
    name: str
    number: int
    address: str


class Cell(NamedTuple):
    """What a row says under a heading; on a narrow screen each says both."""

    heading: str
    said: str


class Shown(NamedTuple):
    """A row in finished words."""

    key: str
    address: str
    name: str
    where: str
    cells: list[Cell]


class Stop(NamedTuple):
    """A villager group of a day's walk, or a village, with its rows."""

    label: str
    lines: list[Line]


@require_safe
def act_lists(request: CadreRequest) -> HttpResponse:
    """Which lists there are, and what each is for."""
    return render(request, "act_lists.html", {"today": today(), "lists": LISTS.values()})


@require_safe
def act_list(request: CadreRequest, key: str) -> HttpResponse:
    """One list below one place."""
    day = today()
    chosen, query, asked, crumbs = _asked(request, key, day)
    rows, counted_at = counted(chosen, asked, **fresh_enough(request))
    counts = rows.counts
    page = Paginator(range(counts.total()), ROWS_A_PAGE).get_page(request.GET.get("page"))
    is_village = len(asked.place) == VILLAGE_DIGITS
    lines = chosen.lines(keys_of(chosen, asked, rows, rows_of(page)), asked)
    context = {
        "lines": list(_shown(lines, [capfirst(str(words)) for words in chosen.columns], is_village=is_village)),
        "place_words": capfirst(_("villager group")) if is_village else _("Village and group"),
        "page": page,
        "page_query": f"{query.address(asked)}&",
        "below": _below(asked, counts, query, day),
        "can_export": bool(counts.total()) and can_export(request.user, day),
        "query": query,
    }
    context |= moment_at(counted_at, query.address(asked))
    return render(request, "act_list.html", _common(chosen, query, asked, crumbs, day) | context)


@require_safe
def act_plan(request: CadreRequest, key: str) -> HttpResponse:
    """The list on A4 as the plan of a day: by village and group, a box to tick and room for a note."""
    day = today()
    chosen, query, asked, crumbs = _asked(request, key, day)
    rows, counted_at = counted(chosen, asked, **fresh_enough(request))
    total = rows.counts.total()
    lines = chosen.lines(keys_of(chosen, asked, rows, range(min(total, ROWS_OF_A_PLAN))), asked)
    stops = [
        Stop(" · ".join(part for part in where if part), list(found))
        for where, found in groupby(lines, key=lambda line: (line.spot.town, line.spot.village, line.spot.group))
    ]
    context = {"stops": stops, "total": total, "shown": len(lines), "is_cut": total > len(lines)}
    context |= moment_at(counted_at, query.address(asked))
    return render(request, "act_plan.html", _common(chosen, query, asked, crumbs, day) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def act_export(request: CadreRequest, key: str) -> HttpResponse:
    """Ask for the list as a workbook, as far as the office's own places go."""
    day = today()
    chosen, query, asked, crumbs = _asked(request, key, day)
    if not can_export(request.user, day):
        raise PermissionDenied
    number = chosen.counts(of_office(asked)).total()
    form = ListExportForm(request.POST or None, needs_reason=needs_reason(persons=number, is_in_full=False))
    if form.is_bound and form.is_valid():
        try:
            export = export_of(chosen, asked, actor=request.user, now=timezone.now(), **form.cleaned_data)
            return redirect("admin:households_export_change", export.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    context = {"form": form, "number": number}
    return render(request, "act_export.html", _common(chosen, query, asked, crumbs, day) | context)


def _asked(request: CadreRequest, key: str, day: date) -> tuple[ActList, ListFilter, Asked, list[Crumb]]:
    """The list, how it is asked for, and the way down to the place. Raises Http404."""
    if key not in LISTS:
        raise Http404
    query = ListFilter(request.GET, act_list=LISTS[key], cadre=request.user, today=day)
    standpoint = stands_at(request.user, query.asked().place, day)
    return LISTS[key], query, query.asked(standpoint.code), standpoint.crumbs


def _common(chosen: ActList, query: ListFilter, asked: Asked, crumbs: list[Crumb], day: date) -> dict[str, Any]:
    """What all three pages say at their head."""
    here = [Crumb(crumb.name, query.address(asked, place=crumb.address.partition("=")[2])) for crumb in crumbs]
    return {
        "today": day,
        "as_of": asked.on,
        "now": timezone.localtime(),
        "list": chosen,
        "said": chosen.said(asked),
        "asked": asked,
        "place": asked.place,
        "place_name": " · ".join(crumb.name for crumb in crumbs),
        "crumbs": here,
        "address": query.address(asked),
    }


def _shown(lines: list[Line], headings: list[str], *, is_village: bool) -> Iterator[Shown]:
    for line in lines:
        place = "" if is_village else line.spot.village or line.spot.town
        where = " · ".join(part for part in (place, line.spot.group) if part)
        cells = [Cell(heading, said) for heading, said in zip(headings, line.cells, strict=True)]
        yield Shown(str(line.key), line.address, line.name, where, cells)


def _below(asked: Asked, counts: Counter[str], query: ListFilter, day: date) -> list[Below]:
    """The places below in the order of their codes, also those with no row."""
    if len(asked.place) == VILLAGE_DIGITS:
        return []
    digits, sums = BELOW[len(asked.place)], Counter[str]()
    for code, number in counts.items():
        sums[code[:digits]] += number
    also = {code for code in sums if len(code) == digits}
    names = names_below(asked.place, cadre=asked.cadre, on=day, also=also)
    return [Below(code, name, sums[code], query.address(asked, place=code)) for code, name in sorted(names.items())]
