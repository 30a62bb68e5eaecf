"""In a real browser: end many at once, take a clearing back, take a list as a file, find a measure's person."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import LONG_AGO, TODAY, World
from households.models import CaseState, Export, Household, Income, Measure, MonitoringCase, Step
from households.tests.cases import case_before, make_clearable, walk
from households.tests.file_rows import person_of
from households.tests.files import whole_file
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
CheckAxe = Callable[[Page], None]


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def measure(home: Household, content: str) -> Measure:
    fields = {"kind": "industry", "content": content, "starts_on": LONG_AGO, "recorded_on": LONG_AGO}
    return Measure.objects.create(household=home, **fields)


def test_a_whole_kind_is_ended_with_four_taps(phone: Page, world: World, sign_in: SignIn, check_axe: CheckAxe) -> None:
    homes = [world.household(name) for name in ("刘家", "赖家", "钟家")]
    kept = [measure(homes[0], "公益岗")]
    ended = [measure(home, "发放鸡苗50羽") for home in homes]
    sign_in(phone, world.post("谢村长", Post.VILLAGE_CHIEF, world.village))

    phone.goto(f"{reverse('measure_list')}?place={world.village.pk}")
    with next_page(phone):
        phone.get_by_role("link", name="批量结束").tap()
    phone.locator("details", has_text="发放鸡苗50羽").get_by_text("全选").tap()
    expect(phone.locator("[data-count]")).to_have_text("3")
    check_axe(phone)
    assert fits(phone)
    phone.fill("[name=end-result]", "已出栏")
    with next_page(phone):
        phone.locator("main button.btn-main").tap()

    assert set(Measure.objects.filter(ends_on=TODAY, result="已出栏")) == set(ended)
    assert Measure.objects.get(pk=kept[0].pk).ends_on is None


def test_the_district_takes_a_clearing_back(
    phone: Page, world: World, clerk: Cadre, sign_in: SignIn, check_axe: CheckAxe
) -> None:
    home = world.household("刘家")
    make_clearable(home)
    case = walk(case_before(Step.CLEAR, home), Step.CLEAR, actor=clerk)
    sign_in(phone, clerk)

    phone.goto(reverse("case", args=[case.pk]))
    phone.get_by_text("当时核对的条件").tap()
    expect(phone.locator(".checklist")).to_contain_text("12000.00")
    check_axe(phone)
    assert fits(phone)
    with next_page(phone):
        phone.get_by_role("link", name="撤回风险消除").tap()
    check_axe(phone)
    assert fits(phone)
    phone.fill("[name=reason]", "收入核错了")
    with next_page(phone):
        phone.locator("main button[type=submit]").tap()

    expect(phone.locator(".walk")).to_contain_text("收入核错了")
    check_axe(phone)
    assert fits(phone)
    assert MonitoringCase.objects.get().state == CaseState.DECIDED


def test_a_list_of_data_quality_is_taken_as_a_file(
    phone: Page, world: World, clerk: Cadre, sign_in: SignIn, check_axe: CheckAxe
) -> None:
    whole_file(world, "刘家", world.village)
    Income.objects.all().delete()
    sign_in(phone, clerk)

    phone.goto(f"{reverse('quality_list', args=['income_missing'])}?place={world.village.pk}")
    with next_page(phone):
        phone.get_by_role("link", name="把本名单导出为Excel").tap()
    check_axe(phone)
    assert fits(phone)
    with next_page(phone):
        phone.locator("main button[type=submit]").tap()

    expect(phone.locator("#content-main")).to_contain_text("数据质量名单")
    assert Export.objects.get().rule == "income_missing"


def test_the_person_of_a_measure_is_one_of_the_household_chosen(
    desk: Page, world: World, clerk: Cadre, sign_in: SignIn
) -> None:
    for serial, name in enumerate(("刘家", "赖家"), start=1):
        person_of(world.household(name), TODAY, serial, f"{name}人")
    sign_in(desk, clerk)

    def choose(field: str, words: str) -> None:
        desk.locator(f".field-{field} .select2-selection").click()
        desk.locator(".select2-search__field").last.fill(words)
        desk.locator(".select2-results__option", has_text=words).first.click()

    desk.goto(reverse("admin:households_measure_add"))
    choose("household", "刘家")
    desk.locator(".field-person .select2-selection").click()
    expect(desk.locator(".select2-results__option")).to_have_count(1)
    expect(desk.locator(".select2-results__option")).to_contain_text("刘家人")
    desk.locator(".select2-results__option").click()
    choose("household", "赖家")

    expect(desk.locator("#id_person")).to_have_value("")
