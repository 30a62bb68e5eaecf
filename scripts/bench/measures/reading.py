"""Eight readers of the figures while visits are saved: web and database on one machine, workers as in production."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.conf import settings

from bench.clients import Answers, Ask, ask
from bench.measures.pages import page_of
from bench.measures.run import OURS, Run, p95, signed_in
from bench.measures.saving import planned_trips, saving_ask
from bench.processes import Server, web
from bench.table import Figure
from villages.models import Cadre

WORKERS = 3  # as in gunicorn.conf.py
READERS, SECONDS, MOST = 8, 15.0, 4000
# Four people who save a visit, rest, and save the next: a little more than ten a second.
SAVERS, REST = 4, 0.33
LONGEST = 250
PAGES = {
    "coverage": "Coverage by 276 villages",
    "wall": "The wall",
    "town": "Coverage of a town",
    "list": "List of a village",
    "past": "A past date",
    "trend": "The trend of the round",
    "weeks": "Visits by week",
    "together": "All rounds side by side",
}
# All the other ways down: for a shorter time each, and after the numbers of this minute have been counted.
DRILLS = {
    "classes": "Coverage by class of household",
    "groups": "Coverage by priority group",
    "posts": "Coverage by post",
    "units": "Coverage by partner unit",
    "whole": "List of the district",
    "monitored": "List of its monitored families",
    "seen": "Not seen for so many days",
    "unseen": "Families nobody has met",
    "phone-only": "Families met by telephone alone",
    "vacant-posts": "Vacant posts",
    "ended-posts": "Ended posts with visits still owed",
    "late-entries": "Visits entered late",
    "sample": "Re-check sample of the week",
    "problems": "The problem ledger",
    "matters": "Matters that have climbed",
    "round": "The round's own page",
}
DRILL_SECONDS = 4.0


class Taken(NamedTuple):
    """The readers' pages, the visits saved meanwhile, and the web processes' seconds of processor time for both."""

    read: Answers
    saved: Answers
    cpu: float


def measure(run: Run) -> list[Figure]:
    """Every page by itself: the slowest of them must hold the bound, not their mean."""
    trips = planned_trips(run.day, 6000)
    visitors = signed_in(Cadre.objects.filter(pk__in={trip.cadre_id for trip in trips}))
    saves = iter([saving_ask(trip, visitors[trip.cadre_id], run.day) for trip in trips])
    figures = []
    with web(OURS, settings.VAR_DIR, workers=WORKERS) as server:
        pages = {name: page_of(run, name) for name in PAGES | DRILLS}
        ask(server.port, [pages[name] for name in PAGES] * 10, clients=READERS)
        for name, words in (PAGES | DRILLS).items():
            if name in DRILLS:
                ask(server.port, [pages[name]] * 3 * WORKERS, clients=WORKERS)
            taken = _together(server, pages[name], saves, SECONDS if name in PAGES else DRILL_SECONDS)
            figures.append(
                Figure(
                    name=f"{words}, p95 of {READERS} readers",
                    note=f"{taken.read.per_second:.0f} pages and {taken.saved.per_second:.1f} saved visits a second, "
                    f"web processor time {1000 * taken.cpu / len(taken.read.times):.0f} ms a page",
                    unit="ms",
                    ours=1000 * p95(taken.read.times),
                    bound=LONGEST,
                )
            )
    return figures


def _together(server: Server, page: Ask, saves: Iterator[Ask], seconds: float) -> Taken:
    before = server.cpu_seconds()
    with _saving(server, saves, seconds) as saved:
        read = ask(server.port, [page] * MOST, clients=READERS, seconds=seconds)
    return Taken(read, saved[0], server.cpu_seconds() - before)


@contextmanager
def _saving(server: Server, saves: Iterator[Ask], seconds: float) -> Iterator[list[Answers]]:
    """Visits are saved as long as the block runs."""
    some = [next(saves) for _number in range(int(seconds * SAVERS / REST))]
    saved: list[Answers] = []

    def save() -> None:
        saved.append(ask(server.port, some, clients=SAVERS, seconds=seconds, pause=REST))

    thread = threading.Thread(target=save)
    thread.start()
    try:
        yield saved
    finally:
        thread.join()
