"""What is particular to benefit links: each year says what it promised and brought. See test_entries.py."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import TODAY, World
from households.links import (
    LINKS,
    YearGiven,
    correct_link,
    end_link,
    record_years,
    remove_link,
)
from households.models import BenefitLink, BenefitYear, Household
from households.tests import entered
from villages.models import AuditEntry, Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def enter(actor: Cadre, *households: Household, **options: Any) -> list[BenefitLink]:
    return entered.enter(LINKS, actor, *households, **options)


def given(year: int = 2026, **amounts: str) -> YearGiven:
    return YearGiven(year=year, **{name: Decimal(amount) for name, amount in amounts.items()})


def stored() -> list[tuple[Any, ...]]:
    return list(BenefitYear.objects.order_by("pk").values_list("link", "year", "promised", "received"))


def test_one_form_enters_a_link_for_each_household_with_its_year(world: World, chief: Cadre) -> None:
    homes = [world.household("刘家"), world.household("赖家")]

    links = enter(chief, *homes, years={homes[0].pk: given(promised="600"), homes[1].pk: given(promised="800")})

    assert [(link.household, link.operator) for link in links] == [(home, "潭埠村脐橙合作社") for home in homes]
    assert stored() == [(links[0].pk, 2026, 600, None), (links[1].pk, 2026, 800, None)]
    assert AuditEntry.objects.filter(verb="link.entered", actor=chief, village=world.village).count() == 2
    assert AuditEntry.objects.filter(verb="link.year_recorded").count() == 2


def test_a_year_of_which_nothing_is_known_is_not_stored(world: World, chief: Cadre) -> None:
    home = world.household("刘家")

    enter(chief, home, years={home.pk: given()})

    assert not BenefitYear.objects.exists()


def test_sending_the_form_twice_enters_once(world: World, chief: Cadre) -> None:
    home, key = world.household("刘家"), uuid.uuid4()

    for _time in range(2):
        enter(chief, home, batch_id=key, years={home.pk: given(promised="600")})

    assert (BenefitLink.objects.count(), BenefitYear.objects.count()) == (1, 1)


def test_a_year_is_recorded_for_many_links_at_once_and_again_replaces_it(world: World, chief: Cadre) -> None:
    one, two = enter(chief, world.household("刘家"), world.household("赖家"))

    changed = record_years({one.pk: given(received="600"), two.pk: given(received="600")}, actor=chief, on=TODAY)
    again = record_years({one.pk: given(received="600"), two.pk: given(received="650.00")}, actor=chief, on=TODAY)

    assert (changed, again) == (2, 1)
    assert stored() == [(one.pk, 2026, None, 600), (two.pk, 2026, None, 650)]
    told = AuditEntry.objects.get(verb="link.year_corrected")
    assert told.changes == {"received": ["600.00", "650.00"]}


def test_a_year_left_empty_is_taken_away_and_told(world: World, chief: Cadre) -> None:
    link = enter(chief, world.household("刘家"))[0]
    record_years({link.pk: given(received="600")}, actor=chief, on=TODAY)

    record_years({link.pk: given()}, actor=chief, on=TODAY)

    assert not BenefitYear.objects.exists()
    assert AuditEntry.objects.get(verb="link.year_removed").changes["received"] == ["600.00", None]


@pytest.mark.parametrize("year", [given(26, received="600"), given(received="-1")])
def test_an_unlikely_year_and_a_negative_amount_are_refused(world: World, chief: Cadre, year: YearGiven) -> None:
    link = enter(chief, world.household("刘家"))[0]

    with pytest.raises(ValidationError):
        record_years({link.pk: year}, actor=chief, on=TODAY)

    assert not BenefitYear.objects.exists()


def test_the_database_itself_refuses_a_year_that_says_nothing(world: World, chief: Cadre) -> None:
    link = enter(chief, world.household("刘家"))[0]

    with pytest.raises(IntegrityError, match="benefit_of_a_year_is_known"), transaction.atomic():
        BenefitYear.objects.create(link=link, year=2026)


def test_recording_asks_a_fixed_number_of_queries(
    world: World, chief: Cadre, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    links = enter(chief, *(world.household(f"{name}家") for name in "甲乙丙丁"))

    with django_assert_max_num_queries(20) as for_one:
        record_years({links[0].pk: given(received="1")}, actor=chief, on=TODAY)
    with django_assert_max_num_queries(20) as for_four:
        record_years({link.pk: given(2025, received="1") for link in links}, actor=chief, on=TODAY)

    assert len(for_one) == len(for_four)


def test_a_link_is_corrected_ended_and_taken_back_with_its_years(world: World, chief: Cadre) -> None:
    link = enter(chief, world.household("刘家"))[0]
    record_years({link.pk: given(received="600")}, actor=chief, on=TODAY)

    link.operator = "潭埠村集体经济合作社"
    correct_link(link, actor=chief, on=TODAY, reason="名称写错")
    end_link(link, ends_on=TODAY, actor=chief, on=TODAY)
    ended = BenefitLink.objects.get()
    remove_link(link, actor=chief, on=TODAY, reason="选错户")

    assert (ended.operator, ended.ends_on) == ("潭埠村集体经济合作社", TODAY)
    assert not BenefitYear.objects.exists()
    assert AuditEntry.objects.get(verb="link.removed").changes["years"] == [[[2026, None, "600.00"]], None]


def test_an_outsider_does_nothing(world: World, chief: Cadre) -> None:
    outsider = world.cadre("局外人")
    home = world.household("刘家")
    link = enter(chief, home)[0]

    with pytest.raises(PermissionDenied):
        enter(outsider, home)
    with pytest.raises(PermissionDenied):
        record_years({link.pk: given(received="1")}, actor=outsider, on=TODAY)
    with pytest.raises(PermissionDenied):
        correct_link(link, actor=outsider, on=TODAY, reason="改")
    with pytest.raises(PermissionDenied):
        end_link(link, ends_on=TODAY, actor=outsider, on=TODAY)
    with pytest.raises(PermissionDenied):
        remove_link(link, actor=outsider, on=TODAY, reason="删")

    assert BenefitLink.objects.filter(ends_on=None).count() == 1
    assert not BenefitLink.objects.visible_to(outsider, TODAY).exists()
    assert not BenefitYear.objects.visible_to(outsider, TODAY).exists()
