"""The wall (挂图作战): every village of a round at one glance, town by town, each tile with words and a number."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casework import unseen
from casework.coverage import BY_VILLAGE, Counts, CoverageTable, Row, figures
from casework.explained import how_counted, how_problems, how_unseen, how_vacant
from casework.forms.wall import MEASURES, RATE, WallQuery
from casework.models import Round
from casework.splits import ALL_MONITORED
from casework.views.asked import place_of, round_of, sees_whole
from casework.views.figures import COLUMNS, TOWN_DIGITS, crumbs_of, percent
from casework.views.moments import earliest, fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.wall import POSTS, PROBLEMS, UNSEEN, Told, tiles_of
from villages.calendar import today
from villages.models.places import short_village_name

TAILS = {name: tail for name, _words, tail in COLUMNS}
# From which share on a tile is shown as how far; whoever does not see the colours reads the number.
BANDS = ((1.0, "all"), (0.8, "most"), (0.5, "half"), (0.0, "few"))


HOW: dict[str, Callable[[], str]] = {
    UNSEEN: lambda: how_unseen(settings.UNSEEN_AFTER_DAYS),
    POSTS: how_vacant,
    PROBLEMS: how_problems,
}
# The lists behind the numbers that are not the round's own: where they are, and what they are asked for.
LISTS = {
    UNSEEN: ("coverage_unseen_list", f"&seen={unseen.UNSEEN}&kind={ALL_MONITORED}"),
    POSTS: ("coverage_vacant", ""),
    PROBLEMS: ("problems", ""),
}


class Tile(NamedTuple):
    """A village: its name, the number asked for, the number's denominator in words, how it looks, where it leads."""

    name: str
    number: str
    of: str
    look: str
    address: str


class Way(NamedTuple):
    """What stands before and behind a place's code in the addresses of all tiles."""

    before: str
    behind: str

    def to(self, code: str) -> str:
        """Where the tile of that place leads."""
        return f"{self.before}{code}{self.behind}"


class TownTiles(NamedTuple):
    """A town with its own tile and the tiles of its villages, in order of codes."""

    name: str
    own: Tile
    tiles: list[Tile]


@require_safe
def coverage_wall(request: CadreRequest, pk: int) -> HttpResponse:
    """The villages of the round below the place; `screen` leaves out everything but the wall and renews itself."""
    day = today()
    round = round_of(request.user, pk, day)
    query = WallQuery(request.GET, today=day)
    asked = query.asked()
    place = place_of(request.user, round, asked["place"], day)
    table = figures(
        round, cadre=request.user, on=asked["on"], place_code=place, by=BY_VILLAGE, seen_on=day, **fresh_enough(request)
    )
    shown = _shown(request, table, round, query, place)
    context = {
        "today": day,
        **moment_of(table, query.address(place=place)),
        "as_of": table.as_of,
        "round": round,
        "crumbs": crumbs_of(round, place, query),
        "is_whole": sees_whole(request.user, place, day),
        "total": table.total,
        "percent": percent(table.total),
        "measure": query.measure,
        "ways": [(label, query.address(shows=way, place=place), way == query.measure) for way, label in MEASURES],
        "on_screen": query.address(screen=True, place=place),
        "off_screen": query.address(screen="", place=place),
        **shown,
    }
    return render(request, "wall_screen.html" if asked["screen"] else "wall.html", context)


def _shown(request: CadreRequest, table: CoverageTable, round: Round, query: WallQuery, place: str) -> dict[str, Any]:
    """The tiles of the measure asked for, its sum, and how it is counted."""
    if query.measure not in LISTS:
        return {"towns": list(_towns(table, round, query)), "sum": None, "how": how_counted(round)}
    # The ledger's list is always of today.
    on = query.today if query.measure == PROBLEMS else query.asked()["on"]
    asked: dict[str, Any] = {"on": on, "place_code": place, "seen_on": query.today}
    told, counted_at = tiles_of(query.measure, cadre=request.user, **asked, **fresh_enough(request))
    table.counted_at = earliest(table.counted_at, counted_at)
    return {
        "towns": list(_towns_told(told, round, query)),
        "sum": sum(village.number for village in told),
        "how": HOW[query.measure](),
        "as_of": on,
    }


def _way(round: Round, query: WallQuery) -> Way:
    """A rate leads to the place's figures, a number to its list of names, which for some is not one of the round."""
    parts: dict[str, Any] = {"place": "", "shows": "", "screen": ""}
    if query.measure == RATE:
        path, tail = reverse("coverage", args=[round.pk]), ""
    elif query.measure in LISTS:
        listed, tail = LISTS[query.measure]
        path, parts = reverse(listed), parts | {"by": ""}
    else:
        path, tail = reverse("coverage_list", args=[round.pk]), TAILS[query.measure]
    asked = query.address(**parts)
    return Way(f"{path}?{asked}&place=" if asked else f"{path}?place=", tail)


def _towns(table: CoverageTable, round: Round, query: WallQuery) -> Iterator[TownTiles]:
    measure, way = query.measure, _way(round, query)
    for (code, name), grouped in groupby(table.rows, key=lambda row: (row.key[:TOWN_DIGITS], row.note)):
        rows = list(grouped)
        total = Counts()
        for row in rows:
            total.add(row.counts)
        own = _tile(Row(code, name, total), measure, way)
        yield TownTiles(name, own, [_tile(row, measure, way) for row in rows])


def _tile(row: Row, measure: str, way: Way) -> Tile:
    name, counts, address = _short(row.key, row.label), row.counts, way.to(row.key)
    if measure == RATE:
        look = next(look for share, look in BANDS if (counts.rate or 0) >= share) if counts.owed else "none"
        return Tile(name, _whole_percent(counts), f"{counts.done}/{counts.owed}", look, address)
    number = getattr(counts, measure)
    return Tile(name, str(number), f"/{counts.total}", "some" if number else "zero", address)


def _towns_told(told: list[Told], round: Round, query: WallQuery) -> Iterator[TownTiles]:
    measure, way = query.measure, _way(round, query)
    for (code, name), grouped in groupby(told, key=lambda village: (village.key[:TOWN_DIGITS], village.town)):
        villages = list(grouped)
        number, of = (sum(getattr(village, part) for village in villages) for part in ("number", "of"))
        own = _tile_told(Told(code, name, name, number, of), measure, way)
        yield TownTiles(name, own, [_tile_told(village, measure, way) for village in villages])


def _tile_told(told: Told, measure: str, way: Way) -> Tile:
    late = gettext("%(number)s late") % {"number": told.of} if told.of else ""
    of, look = late if measure == PROBLEMS else f"/{told.of}", "some" if told.number else "zero"
    return Tile(_short(told.key, told.label), str(told.number), of, look, way.to(told.key))


def _short(code: str, name: str) -> str:
    return short_village_name(name) if len(code) > TOWN_DIGITS else name


def _whole_percent(counts: Counts) -> str:
    """Rounded down, so that 100% stands only where nothing is left to do."""
    return "–" if counts.rate is None else f"{100 * counts.done // counts.owed}%"
