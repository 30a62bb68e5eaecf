"""Sums of a place are those that each round's own table gives, whether counted or kept, and kept only when large."""

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from casework import side_by_side, vacancies
from casework.coverage import Counts, figures
from casework.models import KeptFigures, Round
from casework.place_sums import REMEMBERED, closings, sums_of
from casework.rounds import close_round
from casework.shelf import Shelf
from casework.tests.world import TODAY, World, at
from casework.vacancies import posts_within
from households.models import Household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this test alone: SQLite gives the rounds of all tests the same keys."""
    REMEMBERED.clear()
    monkeypatch.setattr(side_by_side, "_SHELF", Shelf(lambda found: found.number() >= side_by_side.SHELVED_FROM))


@pytest.fixture
def rounds(world: World, supervisor: Cadre) -> list[Round]:
    """With and without helpers, in two towns, and the closed one before the first."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    seen = world.household("走过")
    world.household("没走")
    world.household("邻村", world.sibling)
    world.household("别镇", world.foreign)
    world.help("帮扶", seen)
    before = world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    world.visit(seen, date(2026, 9, 10), chief)
    before = close_round(round=before, actor=supervisor, on=date(2026, 10, 2))
    later = world.round([Post.VILLAGE_CHIEF], previous=before)
    world.visit(seen, date(2026, 10, 5), chief)
    return [before, later, world.round([Post.HELPER, Post.FIRST_SECRETARY])]


@pytest.mark.parametrize("kept_from", [50_000, 1])
@pytest.mark.parametrize("place", ["360704", "360704101", "village"])
def test_the_sums_are_those_of_each_rounds_own_table(
    world: World, supervisor: Cadre, rounds: list[Round], settings: Any, place: str, kept_from: int
) -> None:
    settings.FIGURES_KEPT_FROM = kept_from
    place = world.village.pk if place == "village" else place
    asked = [(round, round.day_of_figures(TODAY)) for round in rounds]

    for _again in range(2):
        found = sums_of(asked, place_code=place, now=NOW)

        for (round, _day), sums in zip(asked, found, strict=True):
            table = figures(round, cadre=supervisor, on=TODAY, place_code=place)
            assert sums.total == table.total
            assert sums.by(12 if len(place) > 6 else 9) == {row.key: row.counts for row in table.rows}
    assert KeptFigures.objects.count() == (3 if (kept_from, place) == (1, "360704") else 0)


def test_closed_rounds_keep_what_was_stored(rounds: list[Round]) -> None:
    found = closings(rounds, "360704", 9)

    assert found == {
        rounds[0].pk: {"360704101": Counts(3, done=1, overdue=1, vacant=1), "360704102": Counts(1, vacant=1)},
    }


def test_the_page_of_a_large_district_is_a_minute_old_at_most_and_says_so(
    client: Client, world: World, supervisor: Cadre, rounds: list[Round], settings: Any, frozen: Any
) -> None:
    settings.FIGURES_KEPT_FROM = 1
    town = world.post("镇督导", Post.SUPERVISOR, world.town)

    def shown(cadre: Cadre, query: str = "") -> tuple[str, str]:
        """The moment, and done of owed in the second round."""
        client.force_login(cadre)
        page = BeautifulSoup(client.get(f"{reverse('coverage_home')}?{query}").content, "html.parser")
        return page.main.strong.text.split()[-1], " ".join(page.select("tfoot .part")[0].text.split())

    assert shown(supervisor) == ("10:00:00", "1 / 4")
    world.visit(Household.objects.get(head_name="没走"), date(2026, 10, 6), Cadre.objects.get(name="大村长"))
    frozen.shift(30)

    assert shown(supervisor) == ("10:00:00", "1 / 4")
    assert shown(town, "place=360704101") == ("10:00:30", "2 / 3")  # who sees a part has it counted
    assert shown(supervisor, "anew=1") == ("10:00:30", "2 / 4")
    frozen.shift(61)
    assert shown(supervisor) == ("10:01:31", "2 / 4")


def test_a_towns_page_is_kept_when_it_is_large_and_shown_only_to_those_who_reach_all_of_it(
    client: Client, world: World, supervisor: Cadre, rounds: list[Round], frozen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "SHELVED_FROM", 1)
    address = f"{reverse('coverage_home')}?place={world.town.pk}"

    def households(cadre: Cadre) -> list[str]:
        client.force_login(cadre)
        page = client.get(address).content.decode()
        return [name for name in (world.village.short_name, world.sibling.short_name) if f">{name}</a>" in page]

    assert len(households(supervisor)) == 2
    frozen.shift(10)
    assert "10:00:00" in client.get(address).content.decode()
    assert households(Cadre.objects.get(name="大村长")) == [world.village.short_name]
    assert "10:00:10" in client.get(address).content.decode()


def test_the_posts_of_a_district_with_many_villages_are_kept_for_a_minute(
    world: World, rounds: list[Round], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UNSEEN_KEPT_FROM = 3
    monkeypatch.setattr(vacancies, "_SHELF", Shelf(lambda posts: len(posts.asked) >= settings.UNSEEN_KEPT_FROM))
    (posts, moment) = posts_within("360704", TODAY, now=NOW)
    world.post("新书记", Post.FIRST_SECRETARY, world.sibling)

    assert (posts.asked.total(), posts.vacant.total(), moment) == (6, 5, NOW)
    assert posts_within("360704", TODAY, now=NOW + 60 * SECOND) == (posts, NOW)
    assert posts_within("360704", TODAY, now=NOW + 61 * SECOND)[0].vacant.total() == 4
    assert posts_within(world.village.pk, TODAY, now=NOW)[0].vacant == {world.village.pk: 1}
