"""The made-up district: the same rows for the same seed, every role and state, and credit that is right."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F

from casework.demo import district
from casework.demo.accounts import ROLES, accounts
from casework.demo.build import NotEmpty, made_before, make_demo
from casework.demo.households import make_helpers, make_households
from casework.demo.size import ORDINARY
from casework.demo.staff import PASSWORD, VILLAGE_POSTS, make_staff
from casework.demo.trips import months_of
from casework.management.commands.demo import aligned
from casework.models import Contact, Duty, Outcome, Round, State, Visit
from casework.models.rounds import RoundState
from casework.tests.world import SHANGHAI, World
from households.models import HelperPairing, Household
from villages.division_file import read_register
from villages.divisions import SHIPPED, load_register
from villages.models import Cadre, Pairing, PartnerUnit, Posting, Village, VillagerGroup

pytestmark = [pytest.mark.django_db, pytest.mark.core]

ON = date(2026, 10, 15)
TOWNS = ("360704100", "360704207")
SMALL = ORDINARY.scaled_to(13)


def make(seed: int = 1, on: date = ON) -> bool:
    return make_demo(size=SMALL, seed=seed, on=on, say=lambda words: None)


@pytest.fixture
def small_register() -> None:
    entries = read_register(SHIPPED.read_bytes())
    load_register(entries=[entry for entry in entries if entry.town_code in TOWNS], actor=None)


@pytest.fixture
def demo(small_register) -> None:
    assert make()


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


@pytest.fixture
def undone(small_register) -> Iterator[Any]:
    """Call with a seed: the rows of a district that is taken back again."""

    def undone(seed: int) -> dict[str, list[Any]]:
        with transaction.atomic():
            make(seed)
            made = rows()
            transaction.set_rollback(True)
        return made

    return undone


def test_the_same_seed_and_day_make_the_same_rows(undone) -> None:
    assert undone(1) == undone(1)


def test_another_seed_makes_another_district(undone) -> None:
    assert undone(1)["visits"] != undone(2)["visits"]


def test_a_second_run_changes_nothing_and_says_so(demo, capsys) -> None:
    before = rows()

    call_command("demo", seed=2)

    assert "已存在" in capsys.readouterr().out
    assert rows() == before


def test_its_credit_is_what_the_facts_say(demo) -> None:
    call_command("verify_credit")

    assert Duty.objects.filter(credited_visit__isnull=False).exists()


def test_the_demo_is_refused_in_production(settings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError):
        call_command("demo")

    assert not Cadre.objects.exists()


def test_the_demo_is_refused_beside_real_households() -> None:
    World().household("户主甲")

    with pytest.raises(NotEmpty):
        make()


def test_every_role_has_an_account_that_can_sign_in(demo) -> None:
    made = accounts(ON)

    assert [account.username for account in made] == list(ROLES)
    assert all(account.place for account in made)
    assert all(Cadre.objects.get(username=account.username).check_password(account.password) for account in made)


def test_the_helper_has_something_due_and_something_overdue(demo) -> None:
    helper = Cadre.objects.get(username="helper")

    states = set(Duty.objects.pending(ON).owed_by(helper, ON).values_list("state", flat=True))

    assert states == {State.OPEN, State.OVERDUE}


def test_no_accounts_are_listed_where_there_is_no_demo(capsys) -> None:
    Cadre.objects.create_user("chief", name="非演示")

    call_command("demo", accounts=True)

    assert PASSWORD not in capsys.readouterr().out


def test_columns_are_aligned_though_chinese_is_wide() -> None:
    assert aligned([("角色", "a"), ("role", "b")]) == ["角色  a", "role  b"]


def test_visits_are_of_every_kind(demo) -> None:
    current = Visit.objects.current()

    assert current.filter(is_late=True).exists()
    assert current.filter(contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY).exists()
    assert current.annotate(party=Count("visitors")).filter(party__gte=3).exists()
    assert current.exclude(reason="").filter(is_withdrawn=False).exists()
    assert current.filter(household=None).exists()
    assert current.exclude(problem="").exists()


def test_no_visit_lies_in_the_future_or_before_the_register(demo) -> None:
    today = datetime.combine(ON, time(), SHANGHAI)

    assert not Visit.objects.filter(received_at__gte=today).exists()
    assert not Visit.objects.filter(visited_on__gt=F("received_at__date")).exists()
    assert not Visit.objects.filter(visited_on__lt=F("household__registered_on")).exists()


def test_past_helper_rounds_are_closed_and_the_present_one_is_open(demo) -> None:
    rounds = Round.objects.filter(posts=["helper"]).order_by("starts_on")

    assert list(rounds.values_list("starts_on", "state")) == [
        (date(2026, 8, 1), RoundState.CLOSED),
        (date(2026, 9, 1), RoundState.CLOSED),
        (date(2026, 10, 1), RoundState.OPEN),
    ]
    assert [round.previous for round in rounds[1:]] == list(rounds[:2])


def test_the_four_rounds_of_the_year_are_open(demo) -> None:
    year = Round.objects.filter(starts_on=date(2026, 1, 1), due_on=date(2026, 12, 31), state=RoundState.OPEN)

    assert year.count() == 4


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
