"""A district's page when the database holds more and more districts, and all of them on one page.

GROWING_SECONDS (for copying) and GROWING_GIGABYTES say how far it may go; the page must not notice.
"""

import os
import time
from statistics import median

from django.utils import timezone

from bench.clients import Ask, ask
from bench.measures.more_districts import Districts
from bench.measures.pages import forgetting, page_of
from bench.measures.run import Run, signed_in
from bench.table import Figure
from casework.models import Round
from casework.province import count_running_rounds
from villages.models import Cadre

SECONDS = float(os.environ.get("GROWING_SECONDS", "420"))
GIGABYTES = float(os.environ.get("GROWING_GIGABYTES", "24"))
SIZES = (10, 100)
ROUNDS = 15
BOUND, LONGEST = 1.2, 1000


def measure(run: Run) -> list[Figure]:
    """The same pages at each size, after the tables have been looked at; then the province."""
    asks = {
        "Coverage by 276 villages, counted anew": (page_of(run, "coverage"), True),
        "… as it is kept": (page_of(run, "coverage"), False),
        "… of a town": (page_of(run, "town"), False),
        "… list of a village": (page_of(run, "list"), False),
    }
    first = {name: _page(run, *asked) for name, asked in asks.items()}
    districts = Districts(run.district.pk)
    until = time.monotonic() + SECONDS
    figures: list[Figure] = []
    for size in SIZES:
        districts.grow(size, until=until, gigabytes=GIGABYTES)
        for name, asked in asks.items():
            note = f"{districts.whole} districts against 1"
            figures.append(
                Figure(name=name, note=note, unit="ms", ours=_page(run, *asked), reference=first[name], bound=BOUND)
            )
        if districts.whole < size:
            break
    return [*figures, *_province(run, districts)]


def _page(run: Run, page: Ask, is_anew: bool) -> float:
    """Median milliseconds."""
    ask(run.ours.port, [page] * 5, clients=1)
    times = []
    for _round in range(ROUNDS):
        if is_anew:
            forgetting()
        times += ask(run.ours.port, [page], clients=1).times
    return 1000 * median(times)


def _province(run: Run, districts: Districts) -> list[Figure]:
    """What one sweep after the other counts, and the page of all of it."""
    whole = districts.whole
    districts.grow_places(max(SIZES))
    forgetting()
    began = time.monotonic()
    counted = count_running_rounds(now=timezone.now(), seconds=600)
    seconds = time.monotonic() - began
    boss = Cadre.objects.create(username="boss of all", name="管理员", is_superuser=True)
    page = Ask("/province/", signed_in([boss])[boss.pk].cookie)
    return [
        Figure(
            name=f"Province overview of {districts.all} districts",
            note=f"{Round.objects.running(run.day).count():,} running rounds, {whole} districts with all their duties",
            unit="ms",
            ours=_page(run, page, False),
            bound=LONGEST,
        ),
        Figure(name=f"… counting its {counted:,} rounds in the background", unit="s", ours=seconds),
    ]
