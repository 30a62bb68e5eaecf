"""A district's page when the database holds more and more districts, all of them on one page, and everybody's digests.

GROWING_SECONDS (for copying) and GROWING_GIGABYTES say how far it may go; the page must not notice. Each page is asked
for by turns of a database with the one district and of the one that grows, so that both meet the same machine.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from bench.clients import Ask, ask
from bench.district import copy_of, kept_district
from bench.measures.more_districts import Districts
from bench.measures.pages import forgetting, page_of
from bench.measures.run import OURS, Run, bare, signed_in, var_dir
from bench.measures.sweeping import at_ten, forget_reminders, press_running, sweep_all
from bench.processes import web
from bench.table import Figure
from casework.models import Round
from casework.province import count_running_rounds
from villages.models import Cadre

SECONDS = float(os.environ.get("GROWING_SECONDS", "420"))
GIGABYTES = float(os.environ.get("GROWING_GIGABYTES", "24"))
SIZES = (10, 100)
SWEPT = 3  # with more it takes minutes and says no more
ROUNDS = 15
BOUND, LONGEST = 1.2, 1000


class Side(NamedTuple):
    """A server and its database."""

    port: int
    url: str


def measure(run: Run) -> list[Figure]:
    """The same pages at each size, after the tables have been looked at; then the province."""
    asks = {
        "Coverage by 276 villages, counted anew": (page_of(run, "coverage"), True),
        "… as it is kept": (page_of(run, "coverage"), False),
        "… of a town": (page_of(run, "town"), False),
        "… list of a village": (page_of(run, "list"), False),
    }
    districts = Districts(run.district.pk, seconds=SECONDS, gigabytes=GIGABYTES)
    figures = _sweeps(run, districts)
    with _alone() as alone:
        for size in SIZES:
            before = districts.whole
            districts.grow(size)
            if figures[1:] and districts.whole == before:
                break  # no time or disk was left, and as many have been measured
            note = f"{districts.whole} districts against 1"
            for name, (page, is_anew) in asks.items():
                ours, reference = _by_turns((Side(run.ours.port, settings.DATABASE_URL), alone), page, is_anew)
                figures.append(Figure(name=name, note=note, unit="ms", ours=ours, reference=reference, bound=BOUND))
            if districts.whole < size:
                break
    return [*figures, *_province(run, districts)]


@contextmanager
def _alone() -> Iterator[Side]:
    """A server of a database with the one district, for whoever is signed in at the other."""
    url = settings.DATABASE_URL
    with (
        copy_of(url, kept_district(url), "bench_one_district") as address,
        web(OURS, var_dir(), environment={"DATABASE_URL": address}) as server,
        bare(address) as cursor,
    ):
        for session in Session.objects.all():
            row = (session.session_key, session.session_data, session.expire_date)
            cursor.execute("INSERT INTO django_session VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", row)
        yield Side(server.port, address)


def _by_turns(sides: tuple[Side, ...], page: Ask, is_anew: bool) -> list[float]:
    """Median milliseconds of the page at each side."""
    times: list[list[float]] = [[] for _side in sides]
    for side in sides:
        ask(side.port, [page] * 5, clients=1)
    for _round in range(ROUNDS):
        for side, taken in zip(sides, times, strict=True):
            if is_anew:
                forgetting(side.url)
            taken += ask(side.port, [page], clients=1).times
    return [1000 * median(taken) for taken in times]


def _sweeps(run: Run, districts: Districts) -> list[Figure]:
    """What a digest costs when several districts are told at once, prepared and delivered into the inboxes."""
    press_running(run)
    one, alone = _a_digest(run)
    districts.grow(SWEPT)
    told, ours = _a_digest(run)
    forget_reminders()
    name = f"Sweep the reminders of {districts.whole} districts, a digest"
    note = f"{told:,} digests against {one:,}"
    return [Figure(name=name, note=note, unit="ms", ours=ours, reference=alone, bound=BOUND)]


def _a_digest(run: Run) -> tuple[int, float]:
    """How many are told, and the milliseconds for each: the better of two times."""
    times = [sweep_all(run, at_ten(run)) for _time in range(2)]
    told = times[0][0]
    return told, 1000 * min(seconds for _told, seconds in times) / told


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
    [taken] = _by_turns((Side(run.ours.port, settings.DATABASE_URL),), page, False)
    return [
        Figure(
            name=f"Province overview of {districts.all} districts",
            note=f"{Round.objects.running(run.day).count():,} running rounds, {whole} districts with all their duties",
            unit="ms",
            ours=taken,
            bound=LONGEST,
        ),
        Figure(name=f"… counting its {counted:,} rounds in the background", unit="s", ours=seconds),
    ]
