"""Which villages and households a round visits, and what its preview promises before it opens."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import Duty, Round, TargetKind
from casework.targets import preview_round, targets_of
from casework.tests.world import LONG_AGO, TODAY
from households.models import BaseType, MonitoringType
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def draft(world, target_kind, posts=("village_chief",), **fields) -> Round:
    return Round(
        name="预览",
        posts=list(posts),
        target_kind=target_kind,
        district=world.district,
        opened_on=TODAY,
        starts_on=TODAY,
        due_on=TODAY + timedelta(days=30),
        **fields,
    )


@pytest.fixture
def homes(world):
    ordinary = {"base_type": BaseType.ORDINARY}
    homes = {
        "poor": world.household("脱贫户"),
        "ordinary": world.household("一般户", **ordinary),
        "monitored": world.household("监测户", monitoring_type=MonitoringType.MARGINAL, **ordinary),
        "paired": world.household("结对户", **ordinary),
        "left": world.household("已离开", left_on=TODAY),
        "later": world.household("还没来", registered_on=TODAY + timedelta(days=1)),
        "unpaired": world.household("曾结对户", **ordinary),
    }
    world.help("帮扶", homes["paired"])
    world.help("前帮扶", homes["unpaired"], ends_on=TODAY - timedelta(days=1))
    return homes


@pytest.mark.parametrize(
    ("target_kind", "expected"),
    [
        (TargetKind.RURAL_HOUSEHOLD, {"poor", "ordinary", "monitored", "paired", "unpaired"}),
        (TargetKind.POOR_HOUSEHOLD, {"poor"}),
        (TargetKind.MONITORED_HOUSEHOLD, {"monitored"}),
        # Poor and monitored households must have a helper: a missing one is a vacancy, not a reason to forget them.
        (TargetKind.PAIRED_HOUSEHOLD, {"poor", "monitored", "paired"}),
    ],
)
def test_the_households_a_round_visits(world, homes, target_kind, expected):
    found = set(targets_of(draft(world, target_kind)))

    assert {name for name, home in homes.items() if home in found} == expected


def test_the_villages_a_round_visits_are_those_still_in_the_register(world):
    world.sibling.is_active = False
    world.sibling.save()

    assert set(targets_of(draft(world, TargetKind.ATTACHED_VILLAGE))) == {world.village, world.foreign}
    assert set(targets_of(draft(world, TargetKind.POOR_VILLAGE))) == {world.village}


def test_a_round_of_a_town_visits_only_its_own(world):
    world.household("外镇户", world.foreign)
    home = world.household("本镇户")

    assert set(targets_of(draft(world, TargetKind.RURAL_HOUSEHOLD, town=world.town))) == {home}


def test_the_preview_says_how_many_duties_per_town_and_how_many_vacant(world):
    for village, count in ((world.village, 3), (world.sibling, 2), (world.foreign, 1)):
        for n in range(count):
            world.household(f"户{n}", village)
    world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.post("邻村村长", Post.VILLAGE_CHIEF, world.sibling)

    preview = preview_round(draft(world, TargetKind.RURAL_HOUSEHOLD), on=TODAY)

    assert (preview.total, preview.vacant) == (6, 1)
    by_town = [(town.town.name, town.duties, town.vacant) for town in preview.towns]
    assert by_town == [("王母渡镇", 5, 0), ("沙地镇", 1, 1)]
    assert Duty.objects.count() == 0


@pytest.mark.parametrize("is_any_post", [True, False])
@pytest.mark.parametrize("target_kind", [TargetKind.PAIRED_HOUSEHOLD, TargetKind.RURAL_HOUSEHOLD])
def test_the_preview_promises_what_opening_makes(world, homes, is_any_post, target_kind):
    world.post("村长", Post.VILLAGE_CHIEF, world.village, LONG_AGO, date(2026, 10, 31))
    posts = ["helper", "village_chief"]
    preview = preview_round(draft(world, target_kind, posts, is_any_post=is_any_post), on=TODAY)

    world.round(posts, target_kind, starts_on=TODAY, due_on=TODAY + timedelta(days=30), is_any_post=is_any_post)

    assert preview.total == Duty.objects.count()
    assert preview.vacant == Duty.objects.with_state(TODAY).filter(state="vacant").count()
    promised: Counter[int] = Counter()
    for row in preview.asked:
        promised.update(dict.fromkeys(row.holders, row.visits))
    holders = Cadre.objects.in_bulk(promised)
    assert promised == {pk: Duty.objects.owed_by(cadre, TODAY).count() for pk, cadre in holders.items()}


def test_the_preview_costs_as_many_queries_for_three_households_as_for_one(world):
    spent = []
    for count in (1, 2):
        for n in range(count):
            world.help("帮扶", world.household(f"户{n}", [world.village, world.foreign][n]))
        with CaptureQueriesContext(connection) as queries:
            preview_round(draft(world, TargetKind.PAIRED_HOUSEHOLD, ["helper"]), on=TODAY)
        spent.append(len(queries))

    assert spent[0] == spent[1]
