"""The conditions for clearing a risk, each met or named in words."""

from datetime import date
from decimal import Decimal

import pytest

from casework.tests.world import TODAY, World
from households.clearing import Condition, conditions_to_clear, declared_gone, unmet
from households.models import Guarantee, GuaranteeKind, Income, MonitoringCase, PovertyLine, Step
from households.tests.cases import case_before, make_clearable

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def case() -> MonitoringCase:
    """A decided case of a household that meets every condition."""
    home = World().household("刘家")
    make_clearable(home)
    return case_before(Step.CLEAR, home)


def income(case: MonitoringCase) -> Condition:
    return conditions_to_clear(case, TODAY)[0]


def guarantee(case: MonitoringCase, kind: GuaranteeKind) -> Condition:
    return conditions_to_clear(case, TODAY)[1 + list(GuaranteeKind).index(kind)]


def test_a_household_that_meets_everything_has_nothing_missing(case: MonitoringCase) -> None:
    conditions = conditions_to_clear(case, TODAY)

    assert unmet([*conditions, *declared_gone(case, case.risks)]) == []
    assert len(conditions) == 7
    assert conditions[0].words == "2026年人均纯收入12000.00元，监测范围线8000.00元"


@pytest.mark.parametrize(
    ("amount", "is_met"), [("8000.01", True), ("8000.00", False), ("7999.99", False), ("-5", False)]
)
def test_income_must_be_over_the_line_of_its_year(case: MonitoringCase, amount: str, is_met: bool) -> None:
    Income.objects.update(per_head=Decimal(amount))

    assert income(case).is_met is is_met


def test_the_newest_year_counts(case: MonitoringCase) -> None:
    Income.objects.create(household=case.household, year=2025, per_head=1, as_of=TODAY)

    assert income(case).is_met


def test_the_line_of_a_missing_year_is_asked_for(case: MonitoringCase) -> None:
    PovertyLine.objects.all().delete()

    assert unmet([income(case)]) == ["收入超过监测范围线：请先由区级办公室录入2026年的监测范围线。"]


def test_a_blank_income_per_head_is_asked_for(case: MonitoringCase) -> None:
    Income.objects.update(per_head=None)

    assert unmet([income(case)]) == ["收入超过监测范围线：2026年人均纯收入未填，请先录入。"]


@pytest.mark.parametrize("year", [2024, 2027])
def test_old_income_and_income_of_the_future_say_nothing(case: MonitoringCase, year: int) -> None:
    PovertyLine.objects.create(year=year, amount=1)
    Income.objects.update(year=year)

    assert unmet([income(case)]) == ["收入超过监测范围线：没有2025年及以后的收入记录，请先录入。"]


@pytest.mark.parametrize("state", ["not_met", "unknown"])
def test_each_guarantee_must_be_met(case: MonitoringCase, state: str) -> None:
    Guarantee.objects.filter(kind="water").update(state=state)

    assert [condition.name for condition in conditions_to_clear(case, TODAY) if not condition.is_met] == ["饮水安全"]


def test_a_guarantee_that_was_never_checked_is_named(case: MonitoringCase) -> None:
    Guarantee.objects.filter(kind="housing").delete()

    assert unmet([guarantee(case, GuaranteeKind.HOUSING)]) == ["住房安全：没有核查记录，请先录入核查结果。"]


def test_the_latest_check_holds(case: MonitoringCase) -> None:
    Guarantee.objects.create(household=case.household, kind="food", state="not_met", checked_on=date(2026, 1, 1))
    Guarantee.objects.create(household=case.household, kind="food", state="not_met", checked_on=date(2026, 12, 1))

    assert guarantee(case, GuaranteeKind.FOOD).is_met


def test_of_two_checks_on_one_day_the_worse_one_holds(case: MonitoringCase) -> None:
    Guarantee.objects.create(household=case.household, kind="food", state="not_met", checked_on=TODAY, source="visit")

    assert not guarantee(case, GuaranteeKind.FOOD).is_met


@pytest.mark.parametrize(("as_of", "is_met"), [(TODAY, False), (date(2020, 1, 1), True)])
def test_a_later_word_of_the_register_outweighs_the_check(case: MonitoringCase, as_of: date, is_met: bool) -> None:
    case.household.has_dangerous_house, case.household.has_safe_water = True, False
    case.household.register_as_of = as_of

    houses_and_water = [guarantee(case, kind) for kind in (GuaranteeKind.HOUSING, GuaranteeKind.WATER)]

    assert [condition.is_met for condition in houses_and_water] == [is_met, is_met]


def test_the_register_alone_tells_of_house_and_water(case: MonitoringCase) -> None:
    Guarantee.objects.all().delete()
    case.household.has_dangerous_house, case.household.register_as_of = False, TODAY

    assert guarantee(case, GuaranteeKind.HOUSING).is_met
    assert not guarantee(case, GuaranteeKind.WATER).is_met


def test_every_risk_must_be_declared_gone(case: MonitoringCase) -> None:
    assert unmet(declared_gone(case, ["illness", "labour"])) == ["因务工就业不稳：未确认消除"]
