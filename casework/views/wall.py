"""The wall (挂图作战): every village of a round at one glance, town by town, each tile with words and a number."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from casework.coverage import BY_VILLAGE, Counts, CoverageTable, Row, figures
from casework.forms.wall import MEASURES, RATE, WallQuery
from casework.models import Round
from casework.views.asked import place_of, round_of
from casework.views.figures import COLUMNS, crumbs_of, percent
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from villages.calendar import today
from villages.models import Village

TAILS = {name: tail for name, _words, tail in COLUMNS}
# From which share on a tile is shown as how far; whoever does not see the colours reads the number.
BANDS = ((1.0, "all"), (0.8, "most"), (0.5, "half"), (0.0, "few"))


class Tile(NamedTuple):
    """A village: its name, the number asked for, the number's denominator in words, how it looks, where it leads."""

    name: str
    number: str
    of: str
    look: str
    address: str


class TownTiles(NamedTuple):
    """A town with the tiles of its villages, in order of codes."""

    name: str
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
    context = {
        "today": day,
        **moment_of(table, query.address(place=place)),
        "as_of": table.as_of,
        "round": round,
        "crumbs": crumbs_of(round, place, query),
        "towns": list(_towns(table, round, query)),
        "total": table.total,
        "percent": percent(table.total),
        "measure": query.measure,
        "ways": [(label, query.address(shows=way, place=place), way == query.measure) for way, label in MEASURES],
        "on_screen": query.address(screen=True, place=place),
        "off_screen": query.address(screen="", place=place),
    }
    return render(request, "wall_screen.html" if asked["screen"] else "wall.html", context)


def _towns(table: CoverageTable, round: Round, query: WallQuery) -> Iterator[TownTiles]:
    for town, rows in groupby(table.rows, key=lambda row: (row.key[:9], row.note)):
        yield TownTiles(town[1], [_tile(row, round, query) for row in rows])


def _tile(row: Row, round: Round, query: WallQuery) -> Tile:
    """A rate leads to the village's figures, a number to its list of names."""
    name, counts = Village(name=row.label).short_name, row.counts
    below = query.address(place=row.key, shows="", screen="")
    if query.measure == RATE:
        look = next(look for share, look in BANDS if (counts.rate or 0) >= share) if counts.owed else "none"
        address = f"{reverse('coverage', args=[round.pk])}?{below}"
        return Tile(name, _whole_percent(counts), f"{counts.done}/{counts.owed}", look, address)
    number = getattr(counts, query.measure)
    address = f"{reverse('coverage_list', args=[round.pk])}?{below}{TAILS[query.measure]}"
    return Tile(name, str(number), f"/{counts.total}", "some" if number else "zero", address)


def _whole_percent(counts: Counts) -> str:
    """Rounded down, so that 100% stands only where nothing is left to do."""
    return "–" if counts.rate is None else f"{100 * counts.done // counts.owed}%"
