"""Tests of the home page, the village page and the inbox."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.models import Reminder, TargetKind
from casework.tests.world import TODAY, World, at
from households.models import Household
from households.tests.cases import found_case
from villages.models import Cadre, Post, SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

# What a page starts from is one message for PostgreSQL, five queries for SQLite.
ONE_BY_ONE = 0 if connection.vendor == "postgresql" else 12


def signed_in(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def page(cadre: Cadre, name: str, *keys: object, **query: object) -> str:
    response = signed_in(cadre).get(reverse(name, args=keys), query)
    assert response.status_code == 200
    return response.content.decode()


def helper_with(world: World, households: int) -> tuple[Cadre, list[Household]]:
    helper = world.cadre("帮扶干部")
    helped = [world.household(f"第{number}户") for number in range(households)]
    for household in helped:
        world.help(helper, household)
        world.visit(household, date(2026, 9, 1), helper, note="九月来过")
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    return helper, helped


def test_home_leads_with_one_tap_to_the_form_of_each_due_household(world: World) -> None:
    helper, households = helper_with(world, 2)

    home = page(helper, "home")

    assert [home.count(f"{reverse('visit_new')}?household={household.pk}") for household in households] == [1, 1]


def test_home_shows_twenty_targets_and_leads_to_the_others(world: World) -> None:
    helper, _households = helper_with(world, 21)

    first, second = page(helper, "home"), page(helper, "home", start=20)

    assert (first.count("?household="), second.count("?household=")) == (20, 1)
    assert "start=20" in first


def test_home_can_be_narrowed_to_a_group(world: World) -> None:
    helper, households = helper_with(world, 2)
    households[1].group = world.village.groups.get(number=2)
    households[1].save()

    home = page(helper, "home", corner=f"{world.village.pk}-2")

    assert [f"?household={household.pk}" in home for household in households] == [False, True]


@pytest.mark.parametrize(
    "query", [{"corner": "1' OR 1=1"}, {"start": "-5"}, {"start": "x"}, {"corner": "9" * 12 + "-1"}]
)
def test_a_senseless_question_never_breaks_home(world: World, query: dict[str, str]) -> None:
    helper, _households = helper_with(world, 1)

    assert page(helper, "home", **query)


def test_home_of_a_supervisor_leads_to_the_rounds(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    round = world.round([Post.VILLAGE_CHIEF])

    assert reverse("coverage", args=[round.pk]) in page(supervisor, "home")


@pytest.mark.parametrize("rows", [1, 3])
def test_home_sends_a_fixed_number_of_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    helper, _households = helper_with(world, rows)
    client = signed_in(helper)

    with django_assert_num_queries(6 + ONE_BY_ONE):
        client.get(reverse("home"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_village_page_sends_a_fixed_number_of_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    for number in range(rows):
        world.household(f"第{number}户")
        world.visit(world.village, date(2026, 10, 1 + number), chief)
        world.round([Post.VILLAGE_CHIEF], TargetKind.POOR_VILLAGE)
    client = signed_in(chief)

    with django_assert_num_queries(17):
        client.get(reverse("village", args=[world.village.pk]))


def test_a_vacant_post_is_shown_as_vacant(world: World) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    village = page(chief, "village", world.village.pk)

    # Town secretary, first secretary, village secretary and team leader are missing.
    assert village.count("state-vacant") == 4


def remind(cadre: Cadre, day: date) -> Reminder:
    items = [{"text": "甲户", "why": "上次走访71天前", "url": "/visits/new/?household=1"}]
    lines = [{"village": "潭埠村", "items": items}]
    moment = at(day)
    return Reminder.objects.create(recipient=cadre, for_day=day, prepared_at=moment, delivered_at=moment, lines=lines)


def test_reading_a_reminder_is_said_by_the_reader_not_by_opening_it(world: World) -> None:
    cadre = world.cadre("干部")
    reminder = remind(cadre, TODAY)
    client = signed_in(cadre)

    assert "上次走访71天前" in client.get(reverse("reminder", args=[reminder.pk])).content.decode()
    assert not Reminder.objects.filter(read_at__isnull=False)
    client.post(reverse("reminder_read", args=[reminder.pk]))

    reminder.refresh_from_db()
    assert reminder.read_at == at(TODAY)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_sends_a_fixed_number_of_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cadre = world.cadre("干部")
    for number in range(rows):
        remind(cadre, date(2026, 10, 12 + number))
    client = signed_in(cadre)

    with django_assert_num_queries(8):
        client.get(reverse("inbox"))


def test_home_says_which_cases_wait_and_until_when(world: World) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    town_secretary = world.post("镇书记", Post.TOWN_SECRETARY, world.town)
    assert "防返贫监测等您办理" not in page(chief, "home")

    found_case(world.household("刘家"))

    home = page(chief, "home")
    assert "有1件防返贫监测等您办理" in home
    assert "最迟10月16日审定" in home
    assert "防返贫监测等您办理" not in page(town_secretary, "home")


def test_home_says_how_long_the_most_pressing_case_is_overdue_beside_what_is_due(world: World) -> None:
    helper, [household] = helper_with(world, 1)
    found_case(household, found_on=date(2026, 9, 20))

    assert "逾期10天" in page(helper, "home")


def test_home_and_panel_warn_the_districts_office_of_a_year_without_holidays_until_it_is_entered(
    world: World,
) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    SpecialDay.objects.all().delete()
    SpecialDay.objects.create(day=date(2026, 10, 1), name="国庆节")

    def warned(cadre: Cadre, name: str) -> bool:
        return "2027年的节假日尚未录入" in page(cadre, name)

    pages = ("home", "admin:index")
    assert [warned(supervisor, name) for name in pages] == [True, True]
    assert [warned(town, name) for name in pages] == [False, False]
    assert not warned(chief, "home")

    SpecialDay.objects.create(day=date(2027, 1, 1), name="元旦")

    assert [warned(supervisor, name) for name in pages] == [False, False]
