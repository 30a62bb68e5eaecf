"""The public notice shows what the neighbours need, and nothing private."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.models import MonitoringCase, Person, Step
from households.notices import families_on_notice, telephone_of
from households.tests.cases import appraised_case, case_before, found_case, walk
from villages.models import Cadre, Post
from villages.tests.drawn import without_drawn

pytestmark = [pytest.mark.django_db, pytest.mark.core]

ID_NUMBER, PHONE, ACCOUNT = "360721195001010014", "13812345678", "6222021001112223334"


@pytest.fixture
def chief(world: World) -> Cadre:
    return world.post("谢村长", Post.VILLAGE_CHIEF, world.village)


def notice(case: MonitoringCase, cadre: Cadre) -> str:
    client = Client()
    client.force_login(cadre)
    response = client.get(reverse("case_notice", args=[case.pk]))
    assert response.status_code == 200
    return without_drawn(response.content.decode())


def sheet(page: str) -> str:
    return page[page.index("<article") : page.index("</article>")]


def private_case(world: World) -> MonitoringCase:
    """A case of a household about which everything private is on file."""
    home = world.household("刘大明", phone=PHONE, members=3, house="老樟树旁")
    Person.objects.create(
        household=home,
        number="1",
        name="刘大明",
        relation="head",
        born_on=date(1950, 1, 1),
        id_number=ID_NUMBER,
        phone=PHONE,
        bank_account=ACCOUNT,
        health=["serious"],
    )
    Person.objects.create(household=home, number="2", name="刘小花", relation="granddaughter", born_on=date(2016, 5, 5))
    return walk(found_case(home, description="患尿毒症，在县医院透析"), Step.CHECK, Step.APPRAISE)


@pytest.mark.parametrize("is_up", [False, True])
def test_the_notice_has_no_number_telephone_account_or_health(world: World, chief: Cadre, is_up: bool) -> None:
    case = private_case(world)
    if is_up:
        walk(case, Step.NOTICE)

    page = notice(case, chief)

    parts = [ID_NUMBER, ID_NUMBER[-4:], ID_NUMBER[:10], PHONE, PHONE[-4:], ACCOUNT, ACCOUNT[-4:], "****"]
    health = ["尿毒症", "透析", "因病", "因残", "重病", "大病", "残疾", "慢性病", "健康"]
    private = ["刘小花", "1950", "2016", "老樟树", "因务工就业不稳", case.household.number, "钟水生", "情况属实"]
    assert [word for word in (*parts, *health, *private) if word in page] == []


def test_the_notice_says_who_what_until_when_and_whom_to_tell(world: World, chief: Cadre) -> None:
    case = walk(private_case(world), Step.NOTICE)

    text = sheet(notice(case, chief))

    for word in (
        "潭埠村委会",
        "公示",
        "刘大明",
        "突发严重困难户",
        "2026年10月4日",
        "2026年10月8日",
        "王母渡镇",
        "盖章",
    ):
        assert word in text


def test_without_a_telephone_there_is_a_line_to_fill_in(world: World, chief: Cadre, settings: Any) -> None:
    case = private_case(world)

    settings.NOTICE_TELEPHONES = {}
    assert "by-hand" in notice(case, chief)
    settings.NOTICE_TELEPHONES = {"360704101": "0797-0000001"}
    page = notice(case, chief)
    assert "0797-0000001" in page
    assert "by-hand" not in page


def test_the_towns_telephone_comes_before_the_districts(settings: Any) -> None:
    settings.NOTICE_TELEPHONES = {"360704101": "town", "360704": "district"}

    assert [telephone_of(code) for code in ("360704101200", "360704102200", "999999999999")] == ["town", "district", ""]


def test_families_of_one_notice_stand_on_one_sheet(world: World, chief: Cadre) -> None:
    first, second = appraised_case(world.household("甲家")), appraised_case(world.household("乙家"))
    found_case(world.household("丙家"))
    appraised_case(world.household("外家", world.sibling))

    assert [family.head_name for family in families_on_notice(first, chief, TODAY)] == ["甲家", "乙家"]
    walk(first, Step.NOTICE)
    first.refresh_from_db()
    assert [family.head_name for family in families_on_notice(first, chief, TODAY)] == ["甲家"]
    walk(second, Step.NOTICE)
    assert [family.head_name for family in families_on_notice(first, chief, TODAY)] == ["甲家", "乙家"]


def test_a_helper_sees_only_the_own_family_on_the_sheet(world: World) -> None:
    mine = appraised_case(world.household("甲家"))
    appraised_case(world.household("乙家"))
    helper = world.help("钟水生", mine.household)

    assert [family.head_name for family in families_on_notice(mine, helper, TODAY)] == ["甲家"]


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ({}, "2026年10月15日至2026年10月19日"),
        ({"first": "2026-10-17"}, "2026年10月17日至2026年10月21日"),
        ({"first": "2026-10-17", "last": "2026-10-30"}, "2026年10月17日至2026年10月30日"),
        ({"first": "2026-10-17", "last": "2026-10-18"}, "2026年10月17日至2026年10月21日"),
        ({"first": "x"}, "2026年10月15日至2026年10月19日"),
    ],
)
def test_a_notice_is_printed_for_the_days_it_will_hang(
    world: World, chief: Cadre, asked: dict[str, str], printed: str
) -> None:
    case = appraised_case(world.household("甲家"))
    client = Client()
    client.force_login(chief)

    page = client.get(reverse("case_notice", args=[case.pk]), asked).content.decode()

    assert printed in sheet(page)
    walk(case, Step.NOTICE)
    page = client.get(reverse("case_notice", args=[case.pk]), asked).content.decode()
    assert "2026年10月4日至2026年10月8日" in sheet(page)


@pytest.mark.parametrize("step", [Step.CHECK, Step.APPRAISE])
def test_before_the_appraisal_there_is_nothing_to_print(world: World, chief: Cadre, step: Step) -> None:
    case = case_before(step, world.household("甲家"))
    client = Client()
    client.force_login(chief)

    answer: Any = client.get(reverse("case_notice", args=[case.pk]))
    assert answer.url == reverse("case", args=[case.pk])


def test_a_case_refused_before_its_notice_has_none_either(world: World, chief: Cadre) -> None:
    case = walk(appraised_case(world.household("甲家")), Step.REJECT)
    client = Client()
    client.force_login(chief)

    assert client.get(reverse("case_notice", args=[case.pk])).status_code == 302
