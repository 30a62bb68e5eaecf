"""Making the made-up district: the same seed, the second run, the refusals, the real numbers."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils.translation import gettext as _

from casework.demo import district
from casework.demo.build import NotEmpty, made_before
from casework.demo.households import make_helpers, make_households
from casework.demo.size import ORDINARY
from casework.demo.staff import PASSWORD, VILLAGE_POSTS, make_staff
from casework.demo.trips import months_of
from casework.management.commands.demo import aligned
from casework.models import Duty, Visit
from casework.tests.small_demo import ON, SMALL, load_small_register, make
from casework.tests.world import World
from households.models import CaseStep, ExitRecord, Guarantee, HelperPairing, Household, Income, Measure, Person
from villages.division_file import read_register
from villages.divisions import SHIPPED, load_register
from villages.models import Cadre, Pairing, PartnerUnit, Posting, Village, VillagerGroup

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def small_register() -> None:
    load_small_register()


def rows() -> dict[str, list[Any]]:
    """Everything that was made, by names and numbers instead of the keys the database counts up."""
    return {
        "cadres": list(Cadre.objects.order_by("username").values_list("username", "name", "unit__name")),
        "posts": list(
            Posting.objects.order_by("cadre__username", "post", "place_code", "starts_on").values_list(
                "cadre__username", "post", "place_code", "unit__name", "starts_on", "ends_on"
            )
        ),
        "units": list(Pairing.objects.order_by("village", "unit__name").values_list("village", "unit__name")),
        "households": list(
            Household.objects.order_by("number").values_list("number", "head_name", "village", "group__name", "house")
        ),
        "helpers": list(
            HelperPairing.objects.order_by("household__number", "starts_on", "cadre__username").values_list(
                "household__number", "cadre__username", "is_primary", "starts_on", "ends_on"
            )
        ),
        "persons": [
            (person.number, person.name, str(person.born_on), revealed(person))
            for person in Person.objects.order_by("number")
        ],
        "incomes": list(
            Income.objects.order_by("household__number", "year").values_list("household__number", "year", "per_head")
        ),
        "guarantees": list(
            Guarantee.objects.order_by("household__number", "kind").values_list("household__number", "kind", "state")
        ),
        "measures": list(
            Measure.objects.order_by("batch").values_list("batch", "household__number", "person__number", "starts_on")
        ),
        "cases": list(
            CaseStep.objects.order_by("case__household__number", "step").values_list(
                "case__household__number", "case__state", "step", "done_on"
            )
        ),
        "exits": list(
            ExitRecord.objects.order_by("village", "household__number").values_list("household__number", "approved_on")
        ),
        "visits": list(
            Visit.objects.order_by("pk").values_list("pk", "household__number", "visited_on", "received_at", "note")
        ),
        "duties": list(
            Duty.objects.order_by(
                "round__starts_on", "round__name", "seat", "village", "household__number"
            ).values_list(
                "round__name", "seat", "village", "household__number", "credited_visit", "closing_state", "excused_on"
            )
        ),
    }


def revealed(person: Person) -> list[str | None]:
    """The numbers themselves: sealing one twice gives two different texts."""
    sealed: tuple[Any, ...] = (person.id_number, person.phone, person.bank_account)
    return [number.reveal() if number else None for number in sealed]


def made_and_undone(seed: int) -> dict[str, list[Any]]:
    """The rows of a district that is taken back again."""
    with transaction.atomic():
        make(seed)
        made = rows()
        transaction.set_rollback(True)
    return made


def test_the_same_seed_and_day_make_the_same_rows(small_register) -> None:
    assert made_and_undone(1) == made_and_undone(1)


def test_another_seed_makes_other_visits(small_register) -> None:
    assert made_and_undone(1)["visits"] != made_and_undone(2)["visits"]


def test_a_second_run_changes_nothing_and_says_so(small_register, capsys) -> None:
    assert make()
    before = rows()

    call_command("demo", seed=2)

    assert _("The demo district is there already; nothing was changed.") in capsys.readouterr().out
    assert rows() == before


def test_the_demo_is_refused_in_production(settings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError):
        call_command("demo")

    assert not Cadre.objects.exists()


def test_the_demo_is_refused_beside_real_households() -> None:
    World().household("户主甲")

    with pytest.raises(NotEmpty):
        make()


def test_no_accounts_are_listed_where_there_is_no_demo(capsys) -> None:
    Cadre.objects.create_user("chief", name="非演示")

    call_command("demo", accounts=True)

    assert PASSWORD not in capsys.readouterr().out


def test_columns_are_aligned_though_chinese_is_wide() -> None:
    assert aligned([("角色", "a"), ("role", "b")]) == ["角色  a", "role  b"]


def test_it_can_stand_on_the_first_day_of_a_month(small_register) -> None:
    make(on=date(2026, 3, 1))

    call_command("verify_credit")
    assert made_before().changes["day"] == [None, "2026-03-01"]


def test_months_know_their_days_up_to_yesterday(small_register) -> None:
    demo = district.start(size=SMALL, seed=1, on=date(2026, 3, 1))

    months = months_of(demo)

    assert [(month.first, max(month.days, default=None)) for month in months] == [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), None),
    ]


def test_at_its_real_size_the_numbers_are_the_districts() -> None:
    load_register(entries=read_register(SHIPPED.read_bytes()), actor=None)
    demo = district.start(size=ORDINARY, seed=1, on=ON)
    district.make_places(demo)
    district.make_units(demo)
    staff = make_staff(demo)
    make_helpers(demo, staff, make_households(demo))

    in_force = Posting.objects.in_force(ON)
    leads = Pairing.objects.in_force(ON).filter(is_lead=True)
    assert (Village.objects.count(), Village.objects.filter(is_poor=True).count()) == (276, 101)
    assert VillagerGroup.objects.count() == 3_237
    assert (PartnerUnit.objects.count(), leads.count()) == (134, 276)
    assert leads.values("village").distinct().count() == 276
    assert in_force.filter(post__in=["team_leader", "team_member"]).values("cadre").distinct().count() == 771
    assert in_force.filter(post="district_leader").values("cadre").distinct().count() == 30
    assert [in_force.filter(post=post).count() for post in VILLAGE_POSTS] == [273, 273, 273]
    assert Household.objects.count() >= 3_000
    assert HelperPairing.objects.in_force(ON).filter(is_primary=True).count() >= 1_300
