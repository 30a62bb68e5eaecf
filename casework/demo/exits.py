"""How the made-up households and villages left poverty: the days of the five steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from casework.demo.chance import day_between
from casework.demo.district import Demo
from casework.demo.persons import Family
from casework.demo.rows import pour_all
from households.models import ExitRecord

FIRST, LAST = date(2016, 9, 1), date(2020, 10, 31)
VILLAGES_FIRST, VILLAGES_LAST = date(2017, 9, 1), date(2019, 11, 30)


class ExitRow(NamedTuple):
    """A row of the exits' table."""

    household_id: int | None
    village_id: str
    appraised_on: date
    verified_on: date
    consented_on: date
    noticed_on: date
    approved_on: date
    is_wrong: bool


def make_exits(demo: Demo, families: list[Family]) -> None:
    """Pour the exits of all exited households and all poor villages."""
    pour_all(ExitRecord, ExitRow._fields, _exits(demo, families))


def _exits(demo: Demo, families: list[Family]) -> Iterator[ExitRow]:
    rng = demo.draws("exits")
    for village in demo.villages:
        if village.is_poor:
            yield _exit(rng, None, village.pk, day_between(rng, VILLAGES_FIRST, VILLAGES_LAST))
    for family in families:
        if family.is_exited and family.home.identified_on:
            earliest = max(FIRST, family.home.identified_on + timedelta(days=240))
            yield _exit(rng, family.home.pk, family.home.village_id, day_between(rng, earliest, LAST))


def _exit(rng: Random, household_id: int | None, village_id: str, appraised_on: date) -> ExitRow:
    verified_on = appraised_on + timedelta(days=rng.randint(3, 8))
    consented_on = verified_on + timedelta(days=rng.randint(0, 3))
    noticed_on = consented_on + timedelta(days=rng.randint(1, 3))
    approved_on = noticed_on + timedelta(days=rng.randint(7, 25))
    return ExitRow(
        household_id, village_id, appraised_on, verified_on, consented_on, noticed_on, approved_on, is_wrong=False
    )
