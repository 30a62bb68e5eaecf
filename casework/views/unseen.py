"""Households nobody has met for so many days, by place and by class, and the named list behind each number."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casework.explained import how_unseen
from casework.forms.places import SEEN_WAYS, UnseenQuery
from casework.models import Contact, Outcome
from casework.parts import rows_of
from casework.splits import ALL_MONITORED, KINDS
from casework.unseen import BY_PHONE, MET, UNSEEN, Seen, helpers_of, households_behind, named, numbers_of, part_of
from casework.unseen_figures import BY_CLASS, BY_PLACE, SeenRow, seen_figures, total_of
from casework.views.asked import sees_whole
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.sorting import heads_of, in_order_asked
from households.standpoint import Standpoint, stands_at
from households.words import word_of
from villages.calendar import today

HOUSEHOLDS_A_PAGE = 50
TOWN_DIGITS = 9
# Name of the count, its words, and what its list is asked for.
COLUMNS = [
    ("unseen", _("unseen"), f"&seen={UNSEEN}"),
    ("monitored", _("of them monitored"), f"&seen={UNSEEN}&kind={ALL_MONITORED}"),
    ("phone", _("only by phone"), f"&seen={BY_PHONE}"),
    ("met", _("met in person"), f"&seen={MET}"),
    ("total", _("households"), ""),
]
# What a class of households is asked; it is monitored or not.
OF_A_CLASS = [column for column in COLUMNS if column[0] != "monitored"]


@require_safe
def unseen(request: CadreRequest) -> HttpResponse:
    """How many households nobody has met in the last days, below a place or by class."""
    day = today()
    query = UnseenQuery(request.GET, today=day)
    asked = query.asked()
    place = stands_at(request.user, asked["place"], day)
    by = asked["by"] or BY_PLACE
    figures = seen_figures(
        cadre=request.user,
        on=asked["on"],
        days=query.number_of_days(),
        place_code=place.code,
        seen_on=day,
        **fresh_enough(request),
    )
    rows = figures.rows(by, place.code)
    total = total_of(rows)
    columns = COLUMNS if by == BY_PLACE else OF_A_CLASS
    heads = [*((name, words) for name, words, _tail in columns), ("rate", _("met of all"))]
    context = {
        "by": by,
        "columns": heads_of(heads, query, place=place.code),
        "lines": _lines(rows, query, place.code, by, columns),
        "sum": _cells(total, query.address(by="", sort="", place=place.code), columns),
        "percent": _percent(total),
        "is_whole": sees_whole(request.user, place.code, day),
        "ways": [(label, query.address(by=way, place=place.code, sort=""), way == by) for way, label in SEEN_WAYS],
    }
    context |= moment_of(figures, query.address(place=place.code))
    return render(request, "unseen.html", _common(query, place) | context)


@require_safe
def unseen_list(request: CadreRequest) -> HttpResponse:
    """The households behind a number, by name: who was there last, and who helps."""
    day = today()
    query = UnseenQuery(request.GET, today=day)
    asked = query.asked()
    place = stands_at(request.user, asked["place"], day)
    about: dict[str, Any] = {"cadre": request.user, "on": asked["on"], "days": query.number_of_days()}
    about |= {"place_code": place.code, "seen_on": day}
    figures = seen_figures(**about, **fresh_enough(request))
    numbers = numbers_of(figures.cells, kind=asked["kind"], seen=asked["seen"])
    page = Paginator(range(sum(numbers.values())), HOUSEHOLDS_A_PAGE).get_page(request.GET.get("page"))
    households = households_behind(**about, kind=asked["kind"], seen=asked["seen"])
    found = part_of(named(households, asked["on"]), numbers, rows_of(page))
    helpers = helpers_of(found, asked["on"])
    base = query.address(seen="", place=place.code)
    context = {
        "page": page,
        "page_query": f"{query.address(place=place.code)}&",
        "rows": [(household, _how_it_went(household), helpers.get(household.pk, [])) for household in found],
        "tabs": [(words, f"{base}{tail}", asked["seen"] == tail[6:]) for _name, words, tail in OF_A_CLASS],
        "kinds": [
            (words, query.address(kind=kind, place=place.code), kind == asked["kind"]) for kind, words in _kinds()
        ],
    }
    context |= moment_of(figures, query.address(place=place.code))
    return render(request, "unseen_list.html", _common(query, place) | context)


def _common(query: UnseenQuery, place: Standpoint) -> dict[str, Any]:
    """What the table and the list say at their head."""
    days = query.number_of_days()
    crumbs = [(crumb.name, query.address(place=crumb.address.removeprefix("place="))) for crumb in place.crumbs]
    return {
        "today": query.today,
        "now": timezone.localtime(),
        "as_of": query.asked()["on"],
        "asked": query.asked(),
        "days": days,
        "how": how_unseen(days),
        "place": place.code,
        "query": query,
        "crumbs": [{"name": name, "address": address} for name, address in crumbs],
        "address": query.address(place=place.code),
    }


def _how_it_went(household: Any) -> str:
    """Contact and outcome of the last visit."""
    if household.last_on is None:
        return "–"
    return f"{word_of(Contact, household.last_contact)} · {word_of(Outcome, household.last_outcome)}"


def _kinds() -> list[tuple[str, Any]]:
    return [("", _("every kind")), *KINDS.items()]


def _lines(rows: list[SeenRow], query: UnseenQuery, place: str, by: str, columns: list[Any]) -> list[dict[str, Any]]:
    lines = []
    for row in in_order_asked(rows, query.asked()["sort"], lambda row, name: getattr(row.counts, name, None)):
        key = {"kind": row.key, "place": place} if by == BY_CLASS else {"place": row.key}
        address = query.address(by="", sort="", **key)
        is_town = by == BY_PLACE and len(row.key) == TOWN_DIGITS
        below = query.address(place=row.key) if is_town else ""
        cells = _cells(row.counts, address, columns)
        lines.append(
            {"label": row.label, "below": below, "names": address, "cells": cells, "percent": _percent(row.counts)}
        )
    return lines


def _cells(counts: Seen, address: str, columns: list[Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "number": getattr(counts, name), "address": f"{address}{tail}"} for name, _words, tail in columns
    ]


def _percent(counts: Seen) -> str:
    return "–" if counts.rate is None else f"{100 * counts.rate:.2f}%"
