"""The whole monitoring walk in a real browser, by everybody whose turn it is, on a small phone."""

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import World
from households.models import CaseState, MonitoringCase, Risk, Step
from households.tests.cases import case_before, found_case, make_clearable, walk
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
CheckAxe = Callable[[Page], None]


class Scene:
    """A household with its helper, and one cadre for each level."""

    def __init__(self) -> None:
        self.world = World()
        self.household = self.world.household("刘家", members=4)
        self.helper = self.world.help("钟水生", self.household)
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        self.town = self.world.post("镇书记", Post.TOWN_SECRETARY, self.world.town)
        self.district = self.world.post("区录入员", Post.CLERK, self.world.district)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def submit(page: Page) -> None:
    with next_page(page):
        page.locator("main button[type=submit]").last.click()


def test_a_case_goes_from_found_to_cleared_by_everybody_whose_turn_it_is(
    phone: Page, scene: Scene, sign_in: SignIn, check_axe: CheckAxe
) -> None:
    def as_(cadre: Cadre) -> None:
        sign_in(phone, cadre)
        phone.goto(reverse("home"))
        with next_page(phone):
            phone.locator("main .notice a[href='/monitoring/']").click()
        with next_page(phone):
            phone.get_by_role("link", name="刘家").click()

    def take(done_on: str, note: str) -> None:
        check_axe(phone)
        assert fits(phone), phone.url
        phone.fill("[name=done_on]", done_on)
        phone.fill("[name=note]", note)
        submit(phone)
        expect(phone.locator(".walk")).to_contain_text(note)

    sign_in(phone, scene.helper)
    phone.goto(reverse("case_open", args=[scene.household.pk]))
    check_axe(phone)
    assert fits(phone)
    phone.locator("[name=monitoring_type][value=sudden]").check()
    phone.locator("[name=risks][value=illness]").check()
    phone.locator("[name=risks][value=employment]").check()
    phone.fill("[name=found_on]", "2026-10-01")
    submit(phone)
    phone.locator("[name=is_authorised]").check()
    take("2026-10-02", "户主住院，打工收入中断")
    expect(phone.locator(".walk form")).to_have_count(0)

    as_(scene.chief)
    take("2026-10-03", "32人参加，一致同意")
    check_axe(phone)
    phone.fill("[name=until]", "2026-10-08")
    take("2026-10-04", "村务公开栏")
    expect(phone.locator("#next form")).to_have_count(0)

    as_(scene.town)
    take("2026-10-09", "公示无异议")
    as_(scene.district)
    take("2026-10-10", "同意纳入")

    assert MonitoringCase.objects.get().state == CaseState.DECIDED
    expect(phone.locator(".checklist .state-overdue")).to_have_count(7)
    make_clearable(scene.household)
    phone.reload()
    expect(phone.locator(".checklist .state-yes")).to_have_count(7)
    phone.locator("[name=clearing][value=help]").check()
    for risk in (Risk.ILLNESS, Risk.EMPLOYMENT):
        phone.locator(f"[name=risks_gone][value={risk}]").check()
    take("2026-10-15", "已恢复务工")

    case = MonitoringCase.objects.get()
    scene.household.refresh_from_db()
    assert (case.state, case.clearing) == (CaseState.CLEARED, "help")
    assert (scene.household.is_risk_cleared, scene.household.risk_cleared_on) == (True, date(2026, 10, 15))
    check_axe(phone)


def addresses(scene: Scene) -> list[str]:
    """Every page of monitoring, as the chief sees it."""
    appraised = case_before(Step.NOTICE, scene.household)
    noticed = walk(case_before(Step.NOTICE, scene.world.household("赖家")), Step.NOTICE)
    decided = case_before(Step.CLEAR, scene.world.household("钟家"))
    found = found_case(scene.world.household("谢家"), found_on=date(2026, 9, 1))
    new = scene.world.household("黄家")
    return [
        reverse("home"),
        reverse("cases"),
        reverse("cases") + "?state=overdue",
        *(reverse("case", args=[case.pk]) for case in (appraised, noticed, decided, found)),
        reverse("case_open", args=[new.pk]),
        reverse("case_open", args=[scene.household.pk]),
        reverse("case_correct", args=[found.pk]),
        reverse("case_step_correct", args=[noticed.pk, "notice"]),
        reverse("case_reject", args=[found.pk]),
        reverse("case_notice", args=[appraised.pk]),
    ]


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_of_monitoring_is_accessible_and_fits_the_screen(
    request: pytest.FixtureRequest, scene: Scene, sign_in: SignIn, check_axe: CheckAxe, size: str
) -> None:
    page: Page = request.getfixturevalue(size)
    sign_in(page, scene.chief)

    for address in addresses(scene):
        page.goto(address)
        check_axe(page)
        assert fits(page), address


def test_the_keyboard_alone_takes_a_step(desk: Page, scene: Scene, sign_in: SignIn) -> None:
    case = case_before(Step.APPRAISE, scene.household)
    sign_in(desk, scene.chief)
    desk.goto(reverse("case", args=[case.pk]))

    desk.locator("[name=note]").focus()
    desk.keyboard.type("ok")
    desk.keyboard.press("Tab")
    with next_page(desk):
        desk.keyboard.press("Enter")

    expect(desk.locator("main .notice")).to_be_visible()
    case.refresh_from_db()
    assert case.state == CaseState.APPRAISED
