"""How the made-up households live: yearly lines, incomes of the last three years, latest checks of guarantees."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from casework.demo.district import Demo
from casework.demo.persons import Family
from casework.demo.rows import pour_all
from casework.demo.staff import Staff
from households.models import Guarantee, GuaranteeKind, GuaranteeState, HousingGrade, Income, PovertyLine, Source
from villages.models import Post

# Figures of the demo, of the order of those that provinces publish. A real office enters its province's own.
LINES = {2020: 4000, 2021: 6000, 2022: 6500, 2023: 7000, 2024: 7400, 2025: 7800, 2026: 8200}
YEARS = 3


class IncomeRow(NamedTuple):
    """A row of the incomes' table."""

    household_id: int
    year: int
    wages: Decimal
    production: Decimal
    property_income: Decimal
    transfers: Decimal
    costs: Decimal
    per_head: Decimal
    source: str
    as_of: date
    recorded_by_id: int | None


class GuaranteeRow(NamedTuple):
    """A row of the guarantees' table."""

    household_id: int
    kind: str
    state: str
    housing_grade: str
    checked_on: date
    source: str
    recorded_by_id: int | None


def line_of(year: int) -> int:
    """The demo's line of a year; the last one known for years to come."""
    return LINES.get(year) or max(LINES.values())


def make_lines() -> None:
    """Enter the lines of years that have none."""
    rows = [PovertyLine(year=year, amount=amount) for year, amount in LINES.items()]
    PovertyLine.objects.bulk_create(rows, ignore_conflicts=True)


def make_incomes(demo: Demo, staff: Staff, families: list[Family]) -> None:
    """Pour the incomes of the last three full years."""
    pour_all(Income, IncomeRow._fields, _incomes(demo, staff, families))


def _incomes(demo: Demo, staff: Staff, families: list[Family]) -> Iterator[IncomeRow]:
    rng = demo.draws("incomes")
    for family in families:
        # Those who are monitored without having been cleared live near the line.
        wealth = rng.uniform(1.05, 1.3) if family.home.monitoring_type else rng.uniform(1.4, 3.2)
        for year in range(demo.on.year - YEARS, demo.on.year):
            as_of = min(date(year + 1, 1, 10), demo.on)
            clerk = staff.holder(Post.CLERK, [family.home.village_id[:9]], as_of)
            yield income(rng, family, year, wealth * rng.uniform(0.97, 1.05), as_of, clerk)


def income(rng: Random, family: Family, year: int, wealth: float, as_of: date, clerk: int | None) -> IncomeRow:
    """An income of so many times the year's line: wages + production + property + transfers - costs = net."""
    net = int(line_of(year) * wealth * family.home.members)
    production = int(net * rng.uniform(0.08, 0.3))
    costs = int(production * rng.uniform(0.2, 0.4))
    wages = int(net * rng.uniform(0.45, 0.7)) if family.workers else 0
    rent = int(net * rng.uniform(0, 0.03))
    transfers = net - wages - production - rent + costs
    per_head = (Decimal(net) / family.home.members).quantize(Decimal("0.01"))
    return IncomeRow(
        household_id=family.home.pk,
        year=year,
        wages=Decimal(wages),
        production=Decimal(production),
        property_income=Decimal(rent),
        transfers=Decimal(transfers),
        costs=Decimal(costs),
        per_head=per_head,
        source=Source.OFFICE,
        as_of=as_of,
        recorded_by_id=clerk,
    )


def make_guarantees(demo: Demo, staff: Staff, families: list[Family]) -> None:
    """Pour the latest check of each guarantee."""
    pour_all(Guarantee, GuaranteeRow._fields, _guarantees(demo, staff, families))


def _guarantees(demo: Demo, staff: Staff, families: list[Family]) -> Iterator[GuaranteeRow]:
    rng = demo.draws("guarantees")
    for family in families:
        home = family.home
        checked_on = demo.on - timedelta(days=rng.randint(10, 200))
        secretary = staff.holder(Post.VILLAGE_SECRETARY, [home.village_id], checked_on)
        is_in_need = bool(home.monitoring_type) and home.pk not in demo.cleared and rng.random() < 0.06
        missing = rng.choice((GuaranteeKind.MEDICAL, GuaranteeKind.HOUSING, GuaranteeKind.WATER))
        for kind in GuaranteeKind:
            is_met = not (is_in_need and kind == missing)
            state = GuaranteeState.MET if is_met else GuaranteeState.NOT_MET
            yield GuaranteeRow(home.pk, kind, state, _grade(rng, kind, is_met), checked_on, Source.VISIT, secretary)


def _grade(rng: Random, kind: str, is_met: bool) -> str:
    if kind != GuaranteeKind.HOUSING:
        return ""
    return (HousingGrade.A if rng.random() < 0.8 else HousingGrade.B) if is_met else HousingGrade.C
