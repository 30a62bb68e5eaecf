"""Tests of the household page, the list of all its visits, and its two sheets on A4."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _
from pytest_django import DjangoAssertNumQueries

from casework.confirmations import MEASURE, Answer
from casework.corrections import correct_visit
from casework.tests.rich_household import ACCOUNT, PHONE, SONS_PHONE, RichHousehold
from casework.tests.world import TODAY, World, at
from households.models import Cause, Health, Household
from villages.models import Cadre, Post
from villages.tests.drawn import without_drawn

pytestmark = [pytest.mark.django_db, pytest.mark.core]

PAGES = ("household", "household_visits", "household_file", "household_handbook")
# At the door first who lives here and what to watch, the record itself at the end.
ORDER = [
    "members", "watch", "owed", "case", "guarantees", "income", "measures", "links", "persons", "problems", "visits",
    "record",
]  # fmt: skip
# PostgreSQL is asked for the small tables of the file in one message, at the door with visits, answers and duties;
# SQLite one by one.
ONE_BY_ONE, ONE_BY_ONE_AT_THE_DOOR = (0, 0) if connection.vendor == "postgresql" else (9, 16)


def signed_in(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def text_of(cadre: Cadre, name: str, household: Household) -> str:
    response = signed_in(cadre).get(reverse(name, args=[household.pk]))
    assert response.status_code == 200
    return response.content.decode()


def blocks_of(cadre: Cadre, household: Household) -> dict[str, Tag]:
    """The blocks of the page by the id of their headings, in their order."""
    page = BeautifulSoup(text_of(cadre, "household", household), "html.parser")
    return {str(block["aria-labelledby"]): block for block in page.select("section.block")}


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("household", 3 + ONE_BY_ONE_AT_THE_DOOR),
        ("household_visits", 8),
        ("household_file", 5 + ONE_BY_ONE),
        ("household_handbook", 5 + ONE_BY_ONE),
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_of_the_file_sends_a_fixed_number_of_queries(
    world: World, rows: int, name: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rich = RichHousehold(world, rows=rows, visits=rows)
    for _round in range(rows):
        world.round([Post.HELPER])
    client = signed_in(rich.helper)

    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[rich.household.pk]))


def test_the_page_reads_in_the_order_needed_at_the_door(world: World) -> None:
    rich = RichHousehold(world)

    blocks = blocks_of(rich.helper, rich.household)

    assert list(blocks) == ORDER


def test_every_block_names_its_source(world: World) -> None:
    rich = RichHousehold(world)
    world.round([Post.HELPER])

    blocks = blocks_of(rich.helper, rich.household)

    without = [name for name, block in blocks.items() if not any(line.text.strip() for line in block.select(".source"))]
    assert without == []


def test_every_empty_block_says_so_and_what_to_do(world: World) -> None:
    household = world.household("黄家")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    blocks = blocks_of(chief, household)

    # Without a case there is no block for it; the record says that none runs.
    assert list(blocks) == [name for name in ORDER if name != "case"]
    told = {name: " ".join(block.text.split()) for name, block in blocks.items()}
    assert _("Never visited. Log the first visit below.") in told["visits"]
    assert _("No income is recorded yet. The office enters it by year, or imports it.") in told["income"]
    assert _("never checked: have a look and tell the office") in told["guarantees"]
    assert _("none running") in told["record"]
    without = [name for name, block in blocks.items() if not any(line.text.strip() for line in block.select(".source"))]
    assert without == []


def test_the_page_leads_to_the_visit_form_and_to_paper(world: World) -> None:
    rich = RichHousehold(world)

    page = text_of(rich.helper, "household", rich.household)

    for name in ("household_file", "household_handbook"):
        assert reverse(name, args=[rich.household.pk]) in page
    assert f"{reverse('visit_new')}?household={rich.household.pk}" in page


def test_the_page_leads_to_the_case_and_to_what_can_be_entered(world: World) -> None:
    rich, plain = RichHousehold(world), world.household("黄家")

    page, other = (text_of(rich.chief, "household", household) for household in (rich.household, plain))

    case = rich.household.monitoring_cases.get()
    assert reverse("case", args=[case.pk]) in page and reverse("case_open", args=[rich.household.pk]) not in page
    assert reverse("case_open", args=[plain.pk]) in other
    for name in ("measure_new", "link_new"):
        assert f"{reverse(name)}?household={plain.pk}" in other


def test_a_household_that_has_left_says_so_on_page_and_paper_and_asks_for_nothing_new(world: World) -> None:
    chief, household = world.post("大村长", Post.VILLAGE_CHIEF, world.village), world.household("黄家", left_on=TODAY)

    page, *sheets = (text_of(chief, name, household) for name in ("household", "household_file", "household_handbook"))

    assert all(_("left the register") in text for text in (page, *sheets))
    assert "2026-10-15" in sheets[0]
    offered = [reverse("measure_new"), reverse("link_new"), reverse("case_open", args=[household.pk])]
    assert [address for address in offered if address in page] == []


def test_what_the_family_answered_stands_beside_the_measure(world: World) -> None:
    rich = RichHousehold(world)
    given, promised = rich.household.measures.order_by("pk")[:2]
    answers = (Answer(MEASURE, given.pk, "yes"), Answer(MEASURE, promised.pk, "no"))
    world.visit(rich.household, TODAY, rich.chief, confirmations=answers)

    told = " ".join(blocks_of(rich.chief, rich.household)["measures"].text.split())

    assert "家庭成员于2026年10月15日确认已收到。" in told
    assert "家庭成员于2026年10月15日反映尚未收到。" in told
    for name in ("household_file", "household_handbook"):
        sheet = text_of(rich.chief, name, rich.household)
        assert "家庭成员于2026年10月15日确认已收到。" in sheet, name


@pytest.mark.parametrize("name", PAGES)
def test_a_household_out_of_reach_does_not_exist(world: World, name: str) -> None:
    household = world.household("邻村户", world.foreign)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    response = signed_in(chief).get(reverse(name, args=[household.pk]))

    assert response.status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_no_personal_number_stands_in_the_open(world: World, name: str) -> None:
    rich = RichHousehold(world)
    numbers = [person.id_number.reveal() for person in rich.persons]  # type: ignore[attr-defined]

    page = without_drawn(text_of(rich.helper, name, rich.household))

    assert [number for number in [*numbers, PHONE, SONS_PHONE, ACCOUNT] if number in page] == []
    assert [number[-4:] for number in numbers if number[-4:] in page] == []


@pytest.mark.parametrize("name", ["household", "household_file", "household_handbook"])
def test_the_telephone_is_shown_masked(world: World, name: str) -> None:
    rich = RichHousehold(world)

    assert "138****1234" in text_of(rich.helper, name, rich.household)


@pytest.mark.parametrize("name", ["household", "household_file", "household_handbook"])
def test_health_causes_and_children_are_for_those_who_work_with_the_family(world: World, name: str) -> None:
    rich = RichHousehold(world)
    leader = world.post("单位领导", Post.UNIT_LEADER, world.unit("区档案馆", world.village))
    told = [str(Health.CHRONIC.label), str(Cause.LABOUR.label), "谢雨欣", "慢性病签约服务和送药", "义务教育生活补助"]

    helpers, leaders = (text_of(cadre, name, rich.household) for cadre in (rich.helper, leader))

    assert [words in helpers for words in told] == [True] * 5
    assert [words in leaders for words in told] == [False] * 5
    assert "曾桂香" in leaders


def test_income_is_a_bridge_that_adds_up_and_is_held_against_the_line(world: World) -> None:
    rich = RichHousehold(world, rows=1)

    block = blocks_of(rich.helper, rich.household)["income"]

    amounts = [cell.text for cell in block.select(".bridge dd")]
    assert [amount.split("元")[0].split(" ")[0] for amount in amounts] == [
        "28,000", "8,600.50", "600", "4,800", "2,150", "39,850.50", "7,970.10",
    ]  # fmt: skip
    assert block.select(".below")


def test_a_visit_by_phone_a_corrected_one_and_a_withdrawn_one_are_marked(world: World) -> None:
    rich = RichHousehold(world, visits=0)
    by_phone = world.visit(rich.household, date(2026, 10, 1), rich.helper, contact="phone")
    corrected = world.visit(rich.household, date(2026, 10, 2), rich.helper)
    withdrawn = world.visit(rich.household, date(2026, 10, 3), rich.helper, problem="路不通")
    report = world.report(rich.household, date(2026, 10, 2), rich.helper, note="补记")
    correct_visit(corrected, report, actor=rich.helper, now=at(TODAY), reason="漏写")
    report = world.report(rich.household, date(2026, 10, 3), rich.helper, problem="路不通")
    correct_visit(withdrawn, report, actor=rich.helper, now=at(TODAY), reason="没有去", withdraw=True)

    blocks = blocks_of(rich.helper, rich.household)

    third, second, first = blocks["visits"].select(".timeline > li")
    assert third.select(".state") and _("withdrawn") in third.text
    assert _("corrected") in second.text
    assert first.select(".state-by_phone")
    assert reverse("visit_receipt", args=[by_phone.pk]) in str(first)
    assert "路不通" not in blocks["problems"].text


def test_the_latest_visits_are_on_the_page_and_all_of_them_on_one_of_their_own(world: World) -> None:
    rich = RichHousehold(world, visits=25)

    latest = blocks_of(rich.helper, rich.household)["visits"]
    first = BeautifulSoup(text_of(rich.helper, "household_visits", rich.household), "html.parser")
    second = signed_in(rich.helper).get(reverse("household_visits", args=[rich.household.pk]), {"page": 2})

    assert len(latest.select(".timeline > li")) == 6
    assert latest.select(f"a[href='{reverse('household_visits', args=[rich.household.pk])}']")
    assert len(first.select(".timeline > li")) == 20
    assert second.content.decode().count("<time ") == 5


def test_a_problem_of_long_ago_stays_among_the_open_ones(world: World) -> None:
    rich = RichHousehold(world, visits=0)
    world.visit(rich.household, date(2025, 3, 1), rich.helper, problem="老屋漏雨")
    for number in range(8):
        world.visit(rich.household, date(2026, 9, 1) + timedelta(days=number), rich.helper)

    blocks = blocks_of(rich.helper, rich.household)

    assert "老屋漏雨" in blocks["problems"].text
    assert "老屋漏雨" not in blocks["visits"].text


@pytest.mark.parametrize("name", ["household_file", "household_handbook"])
def test_a_sheet_says_whose_it_is_and_who_printed_it_when(world: World, name: str) -> None:
    rich = RichHousehold(world)

    sheet = BeautifulSoup(text_of(rich.helper, name, rich.household), "html.parser")

    [head] = sheet.select(".running")
    assert all(words in head.text for words in ("潭埠村", "谢丁生", rich.helper.name, "2026"))
    assert [nav["class"] for nav in sheet.select("nav")] == [["screen-only"]]


def test_the_file_sheet_has_everything_and_places_to_sign(world: World) -> None:
    rich = RichHousehold(world)

    sheet = text_of(rich.helper, "household_file", rich.household)

    for words in ("潭埠村股份经济合作社", "危房改造", "39,850.50", "刘运发", "樟树下", "2018-11-20", "民主评议"):
        assert words in sheet
    [problems] = (part for part in BeautifulSoup(sheet, "html.parser").select("section") if "未解决" in part.h2.text)
    assert "厨房屋顶漏雨" in problems.text and "走访 2026-10-03" in " ".join(problems.text.split())
    assert len(BeautifulSoup(sheet, "html.parser").select(".signatures span")) == 4


def test_the_handbook_is_of_the_year_and_leaves_rows_to_sign(world: World) -> None:
    rich = RichHousehold(world, visits=2)
    world.visit(rich.household, date(2025, 12, 20), rich.helper, note="去年的走访")

    sheet = text_of(rich.helper, "household_handbook", rich.household)

    rows = BeautifulSoup(sheet, "html.parser").select(".visits tbody tr")
    assert [row.get("class") for row in rows] == [None] * 2 + [["blank"]] * 10
    assert "去年的走访" not in sheet
    assert "危房改造" not in sheet
    assert _earlier_visits() not in sheet


def test_the_handbook_says_when_the_year_had_more_visits_than_it_shows(world: World) -> None:
    rich = RichHousehold(world, visits=13)

    sheet = text_of(rich.helper, "household_handbook", rich.household)

    assert len(BeautifulSoup(sheet, "html.parser").select(".visits tbody tr:not(.blank)")) == 12
    assert _earlier_visits() in sheet


def _earlier_visits() -> str:
    return _("These are the latest visits; the household's page has the earlier ones of the year.")
