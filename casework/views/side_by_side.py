"""The page to open on Monday: the rounds beside each other below one place, and what nobody has seen or holds."""

from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casework.coverage import Counts
from casework.explained import how_counted, how_unseen, how_vacant
from casework.forms.places import SideBySideQuery
from casework.models import Round, Seat
from casework.models.seats import seat_label
from casework.side_by_side import Column, Place, SideBySide, side_by_side
from casework.since_bulletin import changes, told_last
from casework.vacancies import vacant_seats
from casework.views.asked import sees_whole
from casework.views.beside_rows import Line, Sort, Writer, order_of, sorts_of
from casework.views.figures import TOWN_DIGITS
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.rounds_here import Listed, RoundsHere, sees_any
from casework.views.sorting import heads_of, in_order_asked
from households.standpoint import Standpoint, stands_at
from villages.calendar import today
from villages.models.places import short_village_name

ROUNDS_A_PAGE = 30
SEATS_A_PAGE = 50
# What is said of a round at a place, and by which a column can be sorted.
OF_A_ROUND = [("rate", _("rate")), ("done", _("done")), ("overdue", _("overdue")), ("vacant", _("vacant"))]
OF_A_PLACE = [("posts", _("vacant posts")), ("unseen", _("unseen")), ("monitored", _("of them monitored"))]


class Group(NamedTuple):
    """One round's column: its round, how it is counted, what sorts by it and how, and whether it owes anything here."""

    round: Round
    how: str
    sorts: list[Sort]
    order: str
    is_owed: bool


@require_safe
def coverage_home(request: CadreRequest) -> HttpResponse:
    """The rounds side by side; below them every round to choose from."""
    day = today()
    query = SideBySideQuery(request.GET, today=day)
    if not sees_any(request.user, day):
        return render(request, "coverage_none.html")
    on = query.asked()["on"]
    place = stands_at(request.user, query.asked()["place"], day)
    rounds = RoundsHere(request.user, place.code, day)
    board = side_by_side(
        rounds.chosen(query.chosen()) if query.chosen() else rounds.running(on),
        cadre=request.user,
        on=on,
        days=settings.UNSEEN_AFTER_DAYS,
        place_code=place.code,
        seen_on=day,
        **fresh_enough(request),
    )
    is_whole = sees_whole(request.user, place.code, day)
    listed: Any = rounds  # counted and cut like a queryset
    page: Page[Listed] = Paginator(listed, ROUNDS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rounds": page,
        "page_query": f"{query.address(place=place.code, page='')}&",
        "shown": [column.round.pk for column in board.columns],
        "is_whole": is_whole,
        **_table(board, query, place.code, is_whole=is_whole),
    }
    # A bulletin told of all that is there: beside a part of it, it would seem that visits had vanished.
    if is_whole and (told := told_last(place.code, cadre=request.user, on=on, seen_on=day)):
        now = {column.round.pk: (column.round.name, column.total) for column in board.columns}
        context |= {"told": told, "changes": changes(told, now)}
    context |= moment_of(board, query.address(place=place.code, page=""))
    return render(request, "coverage_home.html", _common(query, place) | context)


@require_safe
def vacant_posts(request: CadreRequest) -> HttpResponse:
    """Posts of running rounds that nobody holds, village by village."""
    day = today()
    query = SideBySideQuery(request.GET, today=day)
    place = stands_at(request.user, query.asked()["place"], day)
    seats = vacant_seats(cadre=request.user, on=query.asked()["on"], place_code=place.code, seen_on=day)
    # All keys, and the rows of one page: to look for the vacant ones costs more than to read their keys.
    page = Paginator(list(seats.values_list("pk", flat=True)), SEATS_A_PAGE).get_page(request.GET.get("page"))
    shown = Seat.objects.filter(pk__in=list(page)).select_related("village__town").order_by("village_id", "name")
    context = {
        "page": page,
        "page_query": f"{query.address(place=place.code, page='')}&",
        "is_whole": sees_whole(request.user, place.code, day),
        "seats": [(seat, seat_label(seat.name)) for seat in shown],
    }
    return render(request, "vacant_posts.html", _common(query, place) | context)


def _common(query: SideBySideQuery, place: Standpoint) -> dict[str, Any]:
    """What both pages say at their head."""
    asked = query.asked()
    crumbs = [
        (crumb.name, query.address(place=crumb.address.removeprefix("place="), page="")) for crumb in place.crumbs
    ]
    return {
        "today": query.today,
        "now": timezone.localtime(),
        "as_of": asked["on"],
        "asked": asked,
        "query": query,
        "place": place.code,
        "is_village": len(place.code) > TOWN_DIGITS,
        "address": query.address(place=place.code, page=""),
        "crumbs": [{"name": name, "address": address} for name, address in crumbs],
        "days": settings.UNSEEN_AFTER_DAYS,
        "unseen_address": query.address(place=place.code, rounds="", sort="", page=""),
        "how_vacant": how_vacant(),
        "how_unseen": how_unseen(settings.UNSEEN_AFTER_DAYS),
    }


def _table(board: SideBySide, query: SideBySideQuery, place: str, *, is_whole: bool) -> dict[str, Any]:
    """The lines in the order asked for, the sums, and the heads of the columns."""
    columns = {column.round.pk: column for column in board.columns}
    on, path = query.address(place="", rounds="", sort="", page=""), reverse("coverage_home")
    lines = in_order_asked(board.places, query.asked()["sort"], lambda row, name: _value(row, name, columns))
    sums = Place(place, "", **{name: board.total(name) for name, _words in OF_A_PLACE})
    writer, sort_keys = Writer(board.columns), {"place": place, "page": ""}
    place_heads = heads_of(OF_A_PLACE, query, **sort_keys)
    groups = []
    for pk, column in columns.items():
        heads = heads_of([(f"r{pk}_{name}", words) for name, words in OF_A_ROUND], query, **sort_keys)
        is_owed = column.total.total > 0
        groups.append(Group(column.round, how_counted(column.round), sorts_of(heads, path), order_of(heads), is_owed))
    # A village's own line leads to the village, unless only some of its families are one's own.
    village = (reverse("village", args=[place]) if is_whole else "") if len(place) > TOWN_DIGITS else None
    return {
        "groups": groups,
        "place_sorts": sorts_of(place_heads, path),
        "place_order": order_of(place_heads),
        "lines": [_line(writer, row, query, on, village) for row in lines],
        "sum": [writer.sum(sums, _joined(on, f"place={place}"))],
    }


def _line(writer: Writer, row: Place, query: SideBySideQuery, on: str, address: str | None) -> Line:
    """A place below leads to its own page; the line of a village where `address` says, or nowhere."""
    label = short_village_name(row.label) if len(row.key) > TOWN_DIGITS else row.label
    if address is None:
        address = f"{reverse('coverage_home')}?{query.address(place=row.key, page='')}"
    return writer.line(row, _joined(on, f"place={row.key}"), label=label, address=address)


def _value(row: Place, name: str, columns: dict[int, Column]) -> float | None:
    """The number of a place by which the lines are sorted."""
    round_id, _point, measure = name.removeprefix("r").partition("_")
    if not round_id.isdecimal() or int(round_id) not in columns:
        return getattr(row, name, None) if name in dict(OF_A_PLACE) else None
    counts = columns[int(round_id)].counts.get(row.key, Counts())
    return counts.rate if measure == "rate" else counts.as_dict().get(measure)


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)
