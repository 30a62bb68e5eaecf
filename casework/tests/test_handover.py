"""The handover pack: what it holds, for whom, and that it costs the same for one family and for many."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from casework.handover import families_of, handover_of_helper, handover_of_post, progress_of, sections_of
from casework.mine import mine_on
from casework.models import Duty, TargetKind
from casework.tests.world import TODAY, World
from households.models import HelperPairing, Household, Measure, MeasureKind
from households.tests.cases import found_case
from villages.models import Cadre, Post, Posting, Village

# Core is what differs between databases: arithmetic with days, windows, rows made together.
pytestmark = pytest.mark.django_db

LAST, FIRST = date(2026, 10, 7), date(2026, 10, 8)


def changed_post(world: World, village: Village | None = None) -> tuple[Cadre, Cadre, Posting]:
    old = world.post("老村长", Post.VILLAGE_CHIEF, village or world.village, ends_on=LAST)
    new = world.post("新村长", Post.VILLAGE_CHIEF, village or world.village, starts_on=FIRST)
    return old, new, Posting.objects.get(cadre=old)


def changed_helper(world: World, *homes: Household) -> tuple[Cadre, Cadre, HelperPairing]:
    old, new = world.cadre("老帮扶"), world.cadre("新帮扶")
    for home in homes:
        world.help(old, home, ends_on=LAST)
        world.help(new, home, starts_on=FIRST)
    return old, new, HelperPairing.objects.filter(cadre=old).earliest("pk")


def page(cadre: Cadre, name: str, pk: int) -> Any:
    client = Client()
    client.force_login(cadre)
    return client.get(reverse(name, args=[pk]))


def test_both_holders_and_the_office_see_the_pack_and_nobody_else(world):
    world.household("张三", world.sibling)
    old, new, posting = changed_post(world, world.sibling)
    cast = world.cast() | {"foreign": world.post("外镇督导", Post.SUPERVISOR, world.other_town)}

    seen = {name for name, cadre in cast.items() if page(cadre, "handover_post", posting.pk).status_code == 200}

    assert seen == {"supervisor", "town_supervisor", "clerk", "town_clerk"}
    assert [page(cadre, "handover_post", posting.pk).status_code for cadre in (old, new)] == [200, 200]
    assert page(old, "handover_post", 0).status_code == 404


def test_after_some_weeks_only_the_office_sees_it(world):
    old, new, posting = changed_post(world)
    office = world.post("督导", Post.SUPERVISOR, world.town)
    later = LAST + timedelta(days=31)

    found = [bool(handover_of_post(cadre, posting.pk, day)) for cadre in (old, new, office) for day in (TODAY, later)]

    assert found == [True, False, True, False, True, True]


def test_whoever_left_sees_what_the_post_showed_on_its_last_day(world):
    home = world.household("张三")
    old, new, pairing = changed_helper(world, home)
    measure = Measure.objects.create(
        household=home, kind=MeasureKind.HEALTH, content="大病救助", starts_on=LAST, recorded_on=LAST
    )
    seen = {}
    for cadre in (old, new):
        handover = handover_of_helper(cadre, pairing.pk, TODAY)
        assert handover is not None
        [family] = families_of(handover, TODAY)
        seen[cadre.name] = (family.household, family.measures)

    assert seen == {"老帮扶": (home, [measure]), "新帮扶": (home, [measure])}


@pytest.mark.core
def test_the_families_that_go_together_stand_in_one_pack_with_all_that_is_open(world):
    homes = [world.household(name) for name in ("甲", "乙")]
    stays = world.household("丙")
    old, new, pairing = changed_helper(world, *homes)
    world.help(old, stays, ends_on=LAST)
    world.help("别人", stays, starts_on=FIRST)
    for days in range(5):
        world.visit(homes[0], LAST - timedelta(days=days), old, problem="屋顶漏雨" if not days else "")
    case = found_case(homes[1])
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    handover = handover_of_helper(new, pairing.pk, TODAY)

    assert handover is not None
    assert (handover.leaving, handover.coming) == (old, new)
    first, second = families_of(handover, TODAY)
    assert [visit.visited_on.day for visit in first.visits] == [7, 6, 5]
    assert [problem.text for problem in first.problems] == ["屋顶漏雨"]
    assert (second.case, second.owed[0].name, first.owed) == (case, "测试轮次", [])
    assert [(one.done, one.owed) for one in progress_of(handover, TODAY)] == [(1, 2)]
    text = page(new, "handover_helper", pairing.pk).content.decode()
    assert all(words in text for words in ("屋顶漏雨", "甲", "乙", "签字"))
    assert "丙" not in text


def test_a_chief_finds_what_is_open_in_full_and_the_rest_in_lines(world):
    old, new, posting = changed_post(world)
    homes = [world.household(f"户{number}", base_type="ordinary") for number in range(13)]
    world.household("监测户", monitoring_type="sudden")
    world.village.office_phone = "0797-0000001"
    world.village.save()
    world.visit(homes[0], TODAY, new, problem="自来水断了")
    for day in (date(2026, 10, 1), date(2026, 9, 2), date(2026, 8, 3), date(2026, 7, 4)):
        world.visit(homes[1], day, old)

    handover = handover_of_post(new, posting.pk, TODAY)

    assert handover is not None
    [section] = sections_of(families_of(handover, TODAY), TODAY)
    assert [family.household.head_name for family in section.full] == ["户0", "监测户"]
    assert section.full[1].lacks_helper
    assert len(section.short) == 12
    text = page(new, "handover_post", posting.pk).content.decode()
    assert "0797-0000001" in text
    assert ">2026-10-01、2026-09-02、2026-08-03</td>" in text
    assert "帮扶人空缺" in text


def test_a_town_secretary_takes_over_what_asks_for_the_secretary(world):
    old = world.post("老书记", Post.TOWN_SECRETARY, world.town, ends_on=LAST)
    new = world.post("新书记", Post.TOWN_SECRETARY, world.town, starts_on=FIRST)
    world.household("平常户")
    found_case(world.household("有事户", world.sibling))
    world.round([Post.TOWN_SECRETARY], TargetKind.POOR_HOUSEHOLD)

    handover = handover_of_post(new, Posting.objects.get(cadre=old).pk, TODAY)

    assert handover is not None
    assert [family.household.head_name for family in families_of(handover, TODAY)] == ["有事户"]
    assert [(one.done, one.owed) for one in progress_of(handover, TODAY)] == [(0, Duty.objects.count())]


@pytest.mark.parametrize("number", [1, 30])
def test_it_costs_the_same_for_one_family_and_for_many(world, number, django_assert_num_queries):
    _old, new, posting = changed_post(world)
    for one in range(number):
        home = world.household(f"户{one}")
        world.help(f"帮{one}", home)
        if one < 3:
            world.visit(home, TODAY, new, problem="漏雨")
    world.round([Post.VILLAGE_CHIEF])
    handover = handover_of_post(new, posting.pk, TODAY)
    assert handover is not None

    with django_assert_num_queries(10):
        sections_of(families_of(handover, TODAY), TODAY)


@pytest.mark.core
def test_the_home_page_leads_both_to_the_pack(world):
    homes = [world.household(name) for name in ("甲", "乙")]
    old, new, pairing = changed_helper(world, *homes)
    old_chief, new_chief, posting = changed_post(world)

    found = {cadre.name: mine_on(cadre, TODAY).passed for cadre in (old, new, old_chief, new_chief)}

    pack = reverse("handover_helper", args=[pairing.pk])
    assert [(row.address, row.what, row.is_own) for row in found["新帮扶"]] == [(pack, "2户", False)]
    assert [(row.what, row.name, row.is_own) for row in found["老帮扶"]] == [("2户", "老帮扶", True)]
    for cadre in (old_chief, new_chief):
        assert found[cadre.name][0].address == reverse("handover_post", args=[posting.pk])
    client = Client()
    client.force_login(new)
    assert "从老帮扶接手：2户" in client.get("/").content.decode()


def test_the_office_finds_the_pack_beside_the_posting_and_the_pairing(world):
    clerk = world.post("经办人", Post.CLERK, world.district)
    _old, _new, pairing = changed_helper(world, world.household("甲"))
    _old, _new, posting = changed_post(world)
    client = Client()
    client.force_login(clerk)

    for model, row, name in (
        ("villages_posting", posting, "handover_post"),
        ("households_helperpairing", pairing, "handover_helper"),
    ):
        text = client.get(reverse(f"admin:{model}_change", args=[row.pk])).content.decode()
        assert reverse(name, args=[row.pk]) in text
