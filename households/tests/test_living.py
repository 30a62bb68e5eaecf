"""Incomes and checks of guarantees: entered, corrected, taken back by the office, never silently wrong."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import TODAY, World
from households.living import record_guarantee, remove_guarantee, remove_income, save_income
from households.models import Guarantee, Household, Income, Source
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def clerk(world: World) -> Cadre:
    """The clerk of world.town."""
    return world.post("镇录入员", Post.CLERK, world.town)


def income(household: Household, **fields: Any) -> Income:
    values: dict[str, Any] = {"year": 2025, "wages": Decimal(30000), "costs": Decimal(1000), "as_of": date(2026, 1, 5)}
    return Income(household=household, **(values | fields))


def check(household: Household, **fields: Any) -> Guarantee:
    values: dict[str, Any] = {"kind": "water", "state": "met", "checked_on": date(2026, 9, 1)}
    return Guarantee(household=household, **(values | fields))


def test_net_income_per_head_is_filled_in_from_the_members(world, clerk):
    row = save_income(income(world.household("刘家", members=3), transfers=Decimal("1.01")), actor=clerk, on=TODAY)

    assert (row.net, row.per_head) == (Decimal("29001.01"), Decimal("9667.00"))
    assert (row.recorded_by, row.source) == (clerk, Source.OFFICE)


def test_a_figure_per_head_that_was_typed_stands(world, clerk):
    row = save_income(income(world.household("刘家"), per_head=Decimal(9000)), actor=clerk, on=TODAY)

    assert row.per_head == Decimal(9000)


def test_a_correction_tells_before_and_after_and_who_entered_it_stays(world, clerk):
    row = save_income(income(world.household("刘家")), actor=clerk, on=TODAY)
    row.wages = Decimal(31000)

    save_income(row, actor=world.post("区录入员", Post.CLERK, world.district), on=TODAY, reason="看了流水")

    row.refresh_from_db()
    assert row.recorded_by == clerk
    entry = AuditEntry.objects.get(verb="income.corrected")
    assert (entry.changes, entry.reason, entry.village) == (
        {"wages": ["30000.00", "31000.00"]},
        "看了流水",
        world.village,
    )


def test_saving_twice_tells_once(world, clerk):
    row = save_income(income(world.household("刘家")), actor=clerk, on=TODAY)

    save_income(Income.objects.get(pk=row.pk), actor=clerk, on=TODAY)

    assert AuditEntry.objects.filter(target_type="households.Income").count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"year": 2027}, "year"), ({"as_of": TODAY + timedelta(days=1)}, "as_of"), ({"wages": Decimal("1e12")}, "wages")],
)
def test_an_income_that_cannot_be_is_refused_beside_its_field(world, clerk, fields, field):
    with pytest.raises(ValidationError) as refused:
        save_income(income(world.household("刘家"), **fields), actor=clerk, on=TODAY)

    assert field in refused.value.message_dict


def test_a_year_is_entered_once(world, clerk):
    household = world.household("刘家")
    save_income(income(household), actor=clerk, on=TODAY)

    with pytest.raises(ValidationError, match="该年度收入已录入"):
        save_income(income(household), actor=clerk, on=TODAY)


def test_a_check_in_the_future_and_a_dangerous_house_that_is_safe_are_refused(world, clerk):
    household = world.household("刘家")

    with pytest.raises(ValidationError):
        record_guarantee(check(household, checked_on=TODAY + timedelta(days=1)), actor=clerk, on=TODAY)
    with pytest.raises(ValidationError):
        record_guarantee(check(household, kind="housing", housing_grade="C"), actor=clerk, on=TODAY)

    assert not Guarantee.objects.exists()


def test_a_record_stays_with_its_household(world, clerk):
    row = record_guarantee(check(world.household("刘家")), actor=clerk, on=TODAY)
    row.household = world.household("钟家")

    with pytest.raises(ValidationError, match="记录不能换户"):
        record_guarantee(row, actor=clerk, on=TODAY)


@pytest.mark.parametrize("who", ["outsider", "chief", "foreign"])
def test_only_the_office_of_the_place_enters_and_takes_back(world, clerk, who):
    actor = {
        "outsider": lambda: world.cadre("局外人"),
        "chief": lambda: world.post("村长", Post.VILLAGE_CHIEF, world.village),
        "foreign": lambda: world.post("外镇录入员", Post.CLERK, world.other_town),
    }[who]()
    household = world.household("刘家")
    stored = record_guarantee(check(household), actor=clerk, on=TODAY)
    kept = save_income(income(household), actor=clerk, on=TODAY)

    for forbidden in (
        lambda: save_income(income(household, year=2024), actor=actor, on=TODAY),
        lambda: record_guarantee(check(household, kind="food"), actor=actor, on=TODAY),
        lambda: remove_guarantee(guarantee=stored, actor=actor, on=TODAY, reason="误录"),
        lambda: remove_income(income=kept, actor=actor, on=TODAY, reason="误录"),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()

    assert (Income.objects.count(), Guarantee.objects.count()) == (1, 1)


def test_what_is_taken_back_stays_in_the_trail(world, clerk):
    row = save_income(income(world.household("刘家")), actor=clerk, on=TODAY)
    key = str(row.pk)

    remove_income(income=row, actor=clerk, on=TODAY, reason="录错了户")

    entry = AuditEntry.objects.get(verb="income.removed")
    assert (entry.target_id, entry.reason, entry.changes["wages"]) == (key, "录错了户", ["30000.00", None])
    assert not Income.objects.exists()
