"""Kept figures are those that counting would have given at their moment, never older than said, counted by one."""

import threading
import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from casework import kept
from casework.coverage import BY_VILLAGE, counts_by_village_and_seat, duties_behind, figures
from casework.models import KeptFigures, Round, TargetKind
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def every_place_is_large(settings: Any) -> None:
    settings.FIGURES_KEPT_FROM = 1


@pytest.fixture
def cast(world: World) -> dict[str, Cadre]:
    return world.cast()


@pytest.fixture
def homes(world: World) -> list[Any]:
    return [world.household(f"户{number}") for number in range(3)] + [world.household("邻镇", world.foreign)]


@pytest.fixture
def round(world: World, cast: dict[str, Cadre], homes: list[Any]) -> Round:
    return world.round([Post.VILLAGE_CHIEF])


def done(round: Round, cadre: Cadre, now: datetime, **how: Any) -> tuple[int, datetime | None]:
    table = figures(round, cadre=cadre, on=TODAY, now=now, **how)
    return table.total.done, table.counted_at


def test_figures_are_kept_for_a_minute_and_say_so(world, cast, homes, round):
    supervisor = cast["supervisor"]
    first = done(round, supervisor, NOW)
    world.visit(homes[0], TODAY, cast["chief"])

    later = [done(round, supervisor, NOW + seconds * SECOND) for seconds in (1, 60, 61)]

    assert first == (0, NOW)
    assert later == [(0, NOW), (0, NOW), (1, NOW + 61 * SECOND)]


def test_asked_anew_they_are_counted_at_once_and_kept_for_the_others(world, cast, homes, round):
    done(round, cast["supervisor"], NOW)
    world.visit(homes[0], TODAY, cast["chief"])

    anew = done(round, cast["supervisor"], NOW + 5 * SECOND, is_anew=True)

    assert anew == done(round, cast["clerk"], NOW + 6 * SECOND) == (1, NOW + 5 * SECOND)


def test_without_a_moment_they_are_always_counted(world, cast, homes, round):
    done(round, cast["supervisor"], NOW)
    world.visit(homes[0], TODAY, cast["chief"])

    table = figures(round, cadre=cast["supervisor"], on=TODAY)

    assert (table.total.done, table.counted_at) == (1, None)


def test_small_places_are_counted_whenever_they_are_asked_for(world, cast, homes, round, settings):
    supervisor = cast["supervisor"]
    done(round, supervisor, NOW)
    world.visit(homes[0], TODAY, cast["chief"])

    town = done(round, supervisor, NOW + SECOND, place_code=world.town.pk)
    settings.FIGURES_KEPT_FROM = 5  # the round has four duties
    district = done(round, supervisor, NOW + SECOND)

    assert town == district == (1, NOW + SECOND)


def test_while_one_counts_the_others_are_shown_the_last_figures_for_a_moment(world, cast, homes, round):
    supervisor = cast["supervisor"]
    done(round, supervisor, NOW)
    world.visit(homes[0], TODAY, cast["chief"])
    later = NOW + 70 * SECOND
    KeptFigures.objects.update(claimed_at=later)  # somebody else counts

    assert done(round, supervisor, later) == (0, NOW)


def test_who_comes_much_later_waits_for_the_one_who_counts(world, cast, homes, round, monkeypatch):
    supervisor = cast["supervisor"]
    done(round, supervisor, NOW)
    world.visit(homes[0], TODAY, cast["chief"])
    later = NOW + timedelta(hours=1)
    KeptFigures.objects.update(claimed_at=later)

    cells = [[world.village.pk, "village_chief", 4, 3, 0, 1, 0, 0, 0]]

    def other_has_counted(_seconds: float) -> None:
        KeptFigures.objects.update(counted_at=later, cells=cells)

    monkeypatch.setattr(time, "sleep", other_has_counted)

    assert done(round, supervisor, later) == (3, later)


def test_a_counter_that_died_holds_nobody_up_for_long(world, cast, homes, round):
    supervisor = cast["supervisor"]
    done(round, supervisor, NOW)
    world.visit(homes[0], TODAY, cast["chief"])
    KeptFigures.objects.update(claimed_at=NOW + 61 * SECOND)

    assert done(round, supervisor, NOW + 61 * SECOND + kept.LEASE + SECOND) == (1, NOW + 77 * SECOND)


def test_a_failed_count_leaves_the_turn_to_the_next(cast, round):
    def fails() -> list[kept.Cell]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept.kept_or_counted(round, TODAY, count=fails, now=NOW)

    assert done(round, cast["supervisor"], NOW) == (0, NOW)


def test_who_counted_longer_does_not_overwrite_later_figures(round):
    def overtaken() -> list[kept.Cell]:
        KeptFigures.objects.update(counted_at=NOW + SECOND, total=9)
        return []

    kept.kept_or_counted(round, TODAY, count=overtaken, now=NOW)

    assert KeptFigures.objects.get().total == 9


def test_a_clock_that_is_put_back_does_not_keep_old_figures(world, cast, homes, round):
    done(round, cast["supervisor"], NOW + timedelta(days=2))
    world.visit(homes[0], TODAY, cast["chief"])

    assert done(round, cast["supervisor"], NOW) == (1, NOW)
    assert done(round, cast["supervisor"], NOW + SECOND) == (1, NOW)


def test_lost_figures_are_counted_again(world, cast, homes, round):
    done(round, cast["supervisor"], NOW)
    world.visit(homes[0], TODAY, cast["chief"])
    KeptFigures.objects.all().delete()

    assert done(round, cast["supervisor"], NOW + SECOND) == (1, NOW + SECOND)


@pytest.mark.parametrize("on", [date(2026, 10, 4), TODAY])
def test_kept_and_counted_are_the_same_for_everybody_who_asks(world, cast, homes, on):
    helped, far = homes[0], homes[3]
    cast["helper"] = world.help("帮扶", far)
    world.help(cast["chief"], far, is_primary=False)
    rounds = [
        world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY]),
        world.round([Post.VILLAGE_CHIEF, Post.HELPER], is_any_post=True),
        world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, due_on=date(2026, 10, 10)),
        world.round([Post.TOWN_SECRETARY], TargetKind.POOR_VILLAGE),
    ]
    world.visit(helped, date(2026, 10, 3), cast["chief"])
    world.visit(world.village, date(2026, 10, 3), cast["town_secretary"])

    for round in rounds:
        for role in ("supervisor", "town_secretary", "chief", "unit_leader", "helper", "outsider"):
            cadre = cast[role]
            asked = {"cadre": cadre, "on": on, "by": BY_VILLAGE, "seen_on": TODAY}
            live, shown = figures(round, **asked), figures(round, **asked, now=NOW)
            assert (live.rows, live.total) == (shown.rows, shown.total), (round.posts, role)
            listed = counts_by_village_and_seat(duties_behind(round, cadre=cadre, on=on, seen_on=TODAY))
            assert live.total.total == sum(counts.total for counts in listed.values())


def test_who_reaches_many_villages_is_shown_the_kept_figures_of_these_alone(world, cast, homes, round):
    leader = cast["district_leader"]  # of the one town
    done(round, cast["supervisor"], NOW)

    table = figures(round, cadre=leader, on=TODAY, now=NOW + SECOND)

    assert (table.counted_at, [row.key for row in table.rows]) == (NOW, [world.town.pk])
    helper = world.help("帮扶", homes[3])
    assert figures(round, cadre=helper, on=TODAY, now=NOW + SECOND).counted_at == NOW + SECOND


def test_figures_of_past_days_are_forgotten_after_an_hour(cast, round):
    for on in (date(2026, 10, 3), TODAY):
        figures(round, cadre=cast["supervisor"], on=on, now=NOW)

    kept.forget_figures(now=NOW + timedelta(minutes=59))
    assert KeptFigures.objects.count() == 2
    kept.forget_figures(now=NOW + timedelta(minutes=61))
    assert list(KeptFigures.objects.values_list("day", flat=True)) == [TODAY]


# Pages -----------------------------------------------------------------------------------------


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(BeautifulSoup(response.content, "html.parser").main.text.split())


def test_every_page_says_of_which_moment_its_figures_are(client, cast, round, frozen):
    client.force_login(cast["supervisor"])
    pages = [reverse(name, args=[round.pk]) for name in ("coverage", "coverage_wall", "round")]
    assert "截至2026年10月15日 10:00:00" in text(client, pages[0])

    frozen.shift(30)

    for page in pages:
        assert "截至2026年10月15日 10:00:00" in text(client, page)
        assert "重新统计" in text(client, page)
    answer = client.get(reverse("api_coverage", args=[round.pk]))
    assert datetime.fromisoformat(answer.json()["counted_at"]) == NOW
    names = reverse("coverage_list", args=[round.pk])
    assert "10:00:00" in text(client, names)
    assert "10:00:30" in text(client, f"{names}?anew=1")
    assert "10:00:30" in text(client, f"{pages[0]}?anew=1")
    frozen.shift(4)
    answer = client.get(reverse("api_coverage", args=[round.pk]), {"anew": "1"})
    assert datetime.fromisoformat(answer.json()["counted_at"]) == NOW + 34 * SECOND


# Several at once -------------------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_of_eight_readers_at_once_one_counts(world, cast, homes, round):
    counted: list[int] = []
    seen: list[kept.Kept] = []
    start = threading.Barrier(8)

    def count() -> list[kept.Cell]:
        counted.append(1)
        time.sleep(0.3)
        return [[world.village.pk, "village_chief", 4, 1, 0, 3, 0, 0, 0]]

    def read() -> None:
        start.wait()
        try:
            seen.append(kept.kept_or_counted(round, TODAY, count=count, now=NOW))
        finally:
            connections["default"].close()

    readers = [threading.Thread(target=read) for _reader in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert (len(counted), {figures.total for figures in seen}, len(seen)) == (1, {4}, 8)
