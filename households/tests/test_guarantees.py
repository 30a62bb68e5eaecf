"""Which check of a guarantee holds."""

from datetime import date
from typing import Any

import pytest

from households.guarantees import Assurance, assurances_of
from households.models import Guarantee, GuaranteeKind, Household

pytestmark = pytest.mark.core

JUNE = date(2026, 6, 30)


def holding(kind: str, *checks: Guarantee, **fields: Any) -> Assurance:
    [found] = [one for one in assurances_of(Household(**fields), checks) if one.kind == kind]
    return found


def checked(kind: str, state: str, day: date, **fields: Any) -> Guarantee:
    return Guarantee(kind=kind, state=state, checked_on=day, source="visit", **fields)


def test_all_six_are_told_and_unknown_without_a_check() -> None:
    found = assurances_of(Household(), [])

    assert [(one.kind, one.state) for one in found] == [(kind, "unknown") for kind in GuaranteeKind.values]


def test_the_latest_check_holds() -> None:
    found = holding("food", checked("food", "not_met", date(2026, 9, 1)), checked("food", "met", JUNE))

    assert (found.state, found.checked_on) == ("not_met", date(2026, 9, 1))


def test_the_register_tells_of_water_and_house_as_of_its_day() -> None:
    fields = {"has_safe_water": False, "has_dangerous_house": False, "register_as_of": JUNE}

    water, house = holding("water", **fields), holding("housing", **fields)

    assert (water.state, water.source, water.checked_on) == ("not_met", "register", JUNE)
    assert house.state == "met"


def test_a_later_look_outweighs_the_register_and_a_later_register_the_look() -> None:
    fields = {"has_safe_water": False, "register_as_of": JUNE}

    after = holding("water", checked("water", "met", date(2026, 9, 1)), **fields)
    before = holding("water", checked("water", "met", date(2026, 3, 1)), **fields)

    assert (after.state, before.state) == ("met", "not_met")


def test_the_grade_of_the_house_stays_while_both_agree() -> None:
    look = checked("housing", "met", date(2025, 4, 18), housing_grade="B")

    agreed = holding("housing", look, has_dangerous_house=False, register_as_of=JUNE)
    contradicted = holding("housing", look, has_dangerous_house=True, register_as_of=JUNE)

    assert (agreed.housing_grade, contradicted.housing_grade) == ("B", "")
