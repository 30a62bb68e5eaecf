"""Tests of opening, reading and closing a round on its pages."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.forms.rounds import current_period, places_to_open
from casework.models import Round, RoundTemplate
from casework.models.rounds import RoundState
from casework.rounds import continue_opening
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def desk(client: Client, supervisor: Cadre) -> Client:
    client.force_login(supervisor)
    return client


def filled_in(response: HttpResponse) -> dict[str, Any]:
    """Every value of the page's last form, as a browser would send it."""
    form = BeautifulSoup(response.content, "html.parser").select("main form")[-1]
    values: dict[str, Any] = {}
    for field in form.select("input[name], select[name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]") or field.select_one("option") or field
        values.setdefault(str(field["name"]), []).append(chosen.get("value", ""))
    return values


def template(key: str) -> str:
    return f"{reverse('round_open')}?template={RoundTemplate.objects.get(key=key).pk}"


@pytest.mark.parametrize("key", ["district_secretary", "district_leader", "town_secretary", "village_posts", "helper"])
def test_every_template_opens_by_three_clicks(desk: Client, world: World, key: str) -> None:
    world.help("帮扶干部", world.household("户"))

    preview = desk.post(reverse("round_preview"), filled_in(desk.get(template(key))))
    opened = desk.post(reverse("round_open"), filled_in(preview))

    round = Round.objects.get()
    assert opened["Location"] == reverse("round", args=[round.pk])
    assert continue_opening(round.pk)
    assert round.duties.count() == preview.context["preview"].total > 0


def test_the_preview_stores_nothing_and_leads_back_to_the_filled_in_form(desk: Client, world: World) -> None:
    world.help("帮扶干部", world.household("户"))
    preview = desk.post(reverse("round_preview"), filled_in(desk.get(template("helper"))) | {"name": ["改过的名字"]})

    again = desk.post(reverse("round_open"), filled_in(preview) | {"edit": "1"})

    assert not Round.objects.exists()
    assert filled_in(again)["name"] == ["改过的名字"]


def test_pressing_twice_opens_once(desk: Client, world: World) -> None:
    world.help("帮扶干部", world.household("户"))
    values = filled_in(desk.post(reverse("round_preview"), filled_in(desk.get(template("helper")))))

    first, second = (desk.post(reverse("round_open"), values) for _press in range(2))

    assert first["Location"] == second["Location"]
    assert Round.objects.count() == 1


def test_a_due_date_before_the_start_is_said_beside_the_form(desk: Client) -> None:
    values = filled_in(desk.get(template("helper"))) | {"due_on": ["2026-09-30"]}

    answer = desk.post(reverse("round_preview"), values)

    assert answer.context["form"].errors


def test_a_town_supervisor_is_offered_only_the_own_town(world: World, client: Client) -> None:
    town_supervisor = world.post("镇督导", Post.SUPERVISOR, world.town)
    client.force_login(town_supervisor)
    values = filled_in(client.get(template("helper")))

    answer = client.post(reverse("round_preview"), values | {"place": [world.district.pk]})

    assert places_to_open(town_supervisor, TODAY) == [(world.town.pk, world.town.name)]
    assert "place" in answer.context["form"].errors


def test_the_page_shows_progress_while_the_round_opens(desk: Client, world: World) -> None:
    round = world.round([Post.VILLAGE_CHIEF])
    Round.objects.filter(pk=round.pk).update(state=RoundState.OPENING, steps_done=1, steps_total=2)

    shown = desk.get(reverse("round", args=[round.pk])).content.decode()

    assert reverse("api_progress", args=[round.pk]) in shown
    assert "1 / 2" in shown


def test_closing_asks_once_more_and_then_stores_the_figures(desk: Client, world: World) -> None:
    world.household("户")
    round = world.round([Post.VILLAGE_CHIEF])
    close = reverse("round_close", args=[round.pk])

    desk.get(close)
    round.refresh_from_db()
    assert round.state == RoundState.OPEN
    desk.post(close)

    round.refresh_from_db()
    assert (round.state, round.closed_on) == (RoundState.CLOSED, TODAY)
    assert desk.post(close)["Location"] == reverse("round", args=[round.pk])


def test_a_closed_round_shows_both_figures_and_the_names_between(desk: Client, world: World) -> None:
    household = world.household("补录户")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    round = world.round([Post.VILLAGE_CHIEF])
    desk.post(reverse("round_close", args=[round.pk]))
    world.visit(household, date(2026, 10, 8), chief)

    page = BeautifulSoup(desk.get(reverse("round", args=[round.pk])).content, "html.parser")

    done = [row.select("td")[1].text for row in page.select("tfoot tr")]
    assert done == ["1", "0"]
    assert "补录户" in page.select_one("main ul.rows").text


@pytest.mark.parametrize(
    ("repetition", "first", "last"),
    [
        ("monthly", date(2026, 2, 1), date(2026, 2, 28)),
        ("quarterly", date(2026, 1, 1), date(2026, 3, 31)),
        ("yearly", date(2026, 1, 1), date(2026, 12, 31)),
        ("once", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_the_period_offered_is_the_current_one(repetition: str, first: date, last: date) -> None:
    assert current_period(repetition, date(2026, 2, 10)) == (first, last)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_send_a_fixed_number_of_queries(
    desk: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        world.household(f"户{number}")
        round = world.round([Post.VILLAGE_CHIEF])
        world.household(f"新户{number}", registered_on=date(2026, 10, 10))

    with django_assert_num_queries(9):
        desk.get(reverse("rounds"))
    with django_assert_num_queries(16):
        desk.get(reverse("round", args=[round.pk]))
    with django_assert_num_queries(9):
        desk.get(reverse("round_close", args=[round.pk]))
