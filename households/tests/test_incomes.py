"""The bridge from wages to net income, and where it stands to the line."""

from decimal import Decimal
from typing import Any

import pytest

from households.incomes import IncomeYear, grouped
from households.models import Income

pytestmark = pytest.mark.core


def of_year(line: Any = None, members: int = 4, **parts: Any) -> IncomeYear:
    amounts = {name: Decimal(amount) for name, amount in parts.items()}
    return IncomeYear(Income(year=2025, **amounts), Decimal(line) if line else None, members)


def test_costs_are_subtracted_and_the_rest_adds_up() -> None:
    year = of_year(wages=100, production=20, property_income=3, transfers=4, costs=7)

    assert year.net == 120
    assert [part.sign for part in year.parts] == ["", "+", "+", "+", "−"]
    assert [part.amount for part in year.parts] == [Decimal(amount) for amount in (100, 20, 3, 4, 7)]


def test_what_nobody_knows_is_a_dash_and_counts_as_nothing() -> None:
    year = of_year(wages=100)

    assert year.net == 100
    assert [words for _label, words in year.bridge][1:] == ["–"] * 4
    assert year.not_entered == "未填、按零计算：生产经营性收入、财产性收入、转移性收入、生产经营支出"
    assert of_year(wages=1, production=2, property_income=3, transfers=4, costs=0).not_entered == ""


def test_costs_alone_are_no_income() -> None:
    year = of_year(8500, costs=700)

    assert (year.net, year.per_head, year.is_below_line, year.not_entered) == (None, None, False, "")


def test_per_head_is_that_of_the_source_and_otherwise_shared_out() -> None:
    told, computed = of_year(wages=100, per_head=30), of_year(wages=100, members=3)

    assert (told.per_head, told.is_computed) == (Decimal(30), False)
    assert (computed.per_head, computed.is_computed) == (Decimal("33.33"), True)


@pytest.mark.parametrize(
    ("per_head", "line", "is_below", "gap"), [(7000, 8500, True, "1,500"), (9000, 8500, False, "500")]
)
def test_the_sentence_says_by_how_much(per_head: int, line: int, is_below: bool, gap: str) -> None:
    year = of_year(line, per_head=per_head)

    assert year.is_below_line is is_below
    assert gap in year.against_line()
    assert "8,500" in year.against_line()


def test_income_just_at_the_line_is_not_below_it() -> None:
    assert of_year(8500, per_head=8500).is_below_line is False


def test_without_a_line_or_an_income_the_sentence_says_what_is_missing() -> None:
    sentences = [
        of_year(per_head=7000).against_line(),
        of_year(8500).against_line(),
        of_year(8500, per_head=1).against_line(),
    ]

    assert len(set(sentences)) == 3
    assert "2025" in sentences[0]


@pytest.mark.parametrize(
    ("amount", "written"), [("1234567", "1,234,567"), ("0.5", "0.50"), ("-12", "−12"), (None, "–")]
)
def test_amounts_are_written_with_thousands_apart(amount: str | None, written: str) -> None:
    assert grouped(None if amount is None else Decimal(amount)) == written
