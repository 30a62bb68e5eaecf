"""Measures and benefit links in a real browser: by the thumb at 360 pixels, and every page fits and is accessible."""

import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page, wait_until
from casework.tests.world import TODAY, World
from households.links import YearGiven, enter_links, record_years
from households.measures import enter_measures
from households.models import BenefitLink, LinkForm, Measure, MeasureKind
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


class Scene:
    """A chief of a village with two groups of households."""

    def __init__(self) -> None:
        self.world = World()
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        names = ["刘家", "赖家", "钟家"]
        self.homes = [self.world.household(name) for name in names]
        self.other = self.world.household("谢家", group=self.world.village.groups.last())

    def enter(self) -> tuple[Measure, BenefitLink]:
        """A measure and a link for everybody, with a year."""
        ids = [home.pk for home in self.homes]
        chickens = Measure(
            kind=MeasureKind.INDUSTRY, content="发放鸡苗50羽，每羽补助4元", amount=Decimal(200), starts_on=TODAY
        )
        dividend = BenefitLink(operator="脐橙合作社", form=LinkForm.DIVIDEND, starts_on=date(2025, 1, 1))
        common = {"household_ids": ids, "actor": self.chief, "on": TODAY}
        measure = enter_measures(chickens, batch_id=uuid.uuid4(), **common)[0]
        link = enter_links(dividend, batch_id=uuid.uuid4(), **common)[0]
        record_years({link.pk: YearGiven(year=2026, promised=Decimal(600))}, actor=self.chief, on=TODAY)
        return measure, link


@pytest.fixture
def scene() -> Scene:
    return Scene()


def save(page: Page) -> None:
    with next_page(page):
        page.locator("main button.btn-main[type=submit]").first.tap()


def test_a_measure_for_three_households_takes_eight_taps_and_two_fields(
    phone: Page, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(phone, scene.chief)
    phone.goto(reverse("village", args=[scene.world.village.pk]))

    with next_page(phone):
        phone.get_by_role("link", name="登记帮扶措施").tap()
    for home in scene.homes:
        phone.get_by_text(home.head_name).tap()
    expect(phone.locator("[data-count]")).to_have_text("3")
    save(phone)
    phone.select_option("[name=kind]", "industry")
    phone.fill("[name=content]", "发放鸡苗50羽")
    phone.fill("[name=amount]", "800")
    expect(phone.locator("[data-total-box]")).to_contain_text("3 户 · 合计 2,400.00 元")
    save(phone)

    expect(phone.locator("[data-saved]")).to_be_visible()
    expect(phone.locator("main")).to_contain_text("2,400.00")
    assert list(Measure.objects.order_by("household").values_list("household", "content", "amount")) == [
        (home.pk, "发放鸡苗50羽", 800) for home in scene.homes
    ]


def test_the_list_narrows_while_typing_and_a_group_is_one_tap(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(phone, scene.chief)
    phone.goto(f"{reverse('measure_choose')}?place={scene.world.village.pk}")

    phone.fill("[data-find]", "钟")
    expect(phone.get_by_text("刘家")).to_be_hidden()
    expect(phone.get_by_text("钟家")).to_be_visible()
    phone.fill("[data-find]", "")
    phone.get_by_text("全组都选").first.tap()

    expect(phone.locator("[data-count]")).to_have_text("3")
    expect(phone.locator("[name=household]:checked")).to_have_count(3)


def test_an_amount_of_its_own_and_a_household_left_out_change_the_sum(
    phone: Page, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(phone, scene.chief)
    keys = "&".join(f"household={home.pk}" for home in scene.homes)
    phone.goto(f"{reverse('measure_new')}?{keys}")

    phone.fill("[name=amount]", "100")
    phone.get_by_text("户名单").tap()
    phone.fill(f"[name=own_{scene.homes[0].pk}]", "250.5")
    phone.locator(f"[name=household][value='{scene.homes[2].pk}']").uncheck()

    expect(phone.locator("[data-total-box]")).to_contain_text("2 户 · 合计 350.50 元")


def test_what_was_typed_survives_an_expired_login(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(phone, scene.chief)
    address = f"{reverse('measure_new')}?household={scene.homes[0].pk}&household={scene.homes[1].pk}"
    phone.goto(address)
    phone.select_option("[name=kind]", "industry")
    phone.fill("[name=content]", "发放鸡苗50羽")
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    save(phone)
    phone.fill("[name=username]", scene.chief.username)
    phone.fill("[name=password]", "secret-words")
    save(phone)

    expect(phone.locator("[data-restored]")).to_be_visible()
    expect(phone.locator("[name=content]")).to_have_value("发放鸡苗50羽")
    save(phone)
    expect(phone.locator("[data-saved]")).to_be_visible()
    assert set(Measure.objects.values_list("household", flat=True)) == {home.pk for home in scene.homes[:2]}
    wait_until(phone, "!Object.keys(localStorage).some((name) => name.startsWith('draft:'))")


def test_a_link_and_its_year_are_entered_for_everybody(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(phone, scene.chief)
    phone.goto(f"{reverse('link_choose')}?place={scene.world.village.pk}")
    phone.get_by_text("全组都选").first.tap()
    save(phone)
    phone.fill("[name=operator]", "脐橙合作社")
    phone.select_option("[name=form]", "dividend")
    save(phone)
    expect(phone.locator("[data-saved]")).to_be_visible()

    phone.goto(reverse("link_years", args=[BenefitLink.objects.earliest("pk").pk, 2026]))
    phone.fill("[name=received]", "612.5")
    save(phone)

    expect(phone.get_by_role("status")).to_contain_text("3")
    assert phone.locator("[name^=received_]").first.input_value() == "612.50"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_is_accessible_and_fits_the_screen(
    request: pytest.FixtureRequest, scene: Scene, sign_in: SignIn, check_axe: Callable[[Page], None], size: str
) -> None:
    page: Page = request.getfixturevalue(size)
    page.emulate_media(reduced_motion="reduce")  # a button fading in has no contrast yet
    measure, link = scene.enter()
    place = f"?place={scene.world.village.pk}"
    sign_in(page, scene.chief)

    for address in (
        reverse("village", args=[scene.world.village.pk]),
        reverse("measure_list") + place,
        reverse("measure_choose") + place,
        f"{reverse('measure_new')}?household={scene.homes[0].pk}&household={scene.homes[1].pk}",
        f"{reverse('measure_new')}?household={scene.homes[0].pk}",
        reverse("measure_batch", args=[measure.batch]),
        reverse("measure", args=[measure.pk]),
        reverse("link_list") + place,
        reverse("link_choose") + place,
        f"{reverse('link_new')}?household={scene.homes[0].pk}&household={scene.homes[1].pk}",
        reverse("link_batch", args=[link.batch]),
        reverse("link", args=[link.pk]),
        reverse("link_years", args=[link.pk, 2026]),
        f"{reverse('visit_new')}?household={scene.homes[0].pk}",
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_next_visit_asks_and_the_answer_stands_in_the_list(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    measure, _link = scene.enter()
    sign_in(phone, scene.chief)
    phone.goto(f"{reverse('visit_new')}?household={scene.homes[0].pk}")

    phone.get_by_text("帮扶措施收到了吗").tap()
    phone.locator(f"[name=received_measure_{measure.pk}][value=no]").check()
    save(phone)
    expect(phone.locator("[data-saved]")).to_contain_text("未收到")

    phone.goto(f"{reverse('measure_list')}?place={scene.world.village.pk}&answer=no")
    expect(phone.locator("main .rows")).to_contain_text("反映未收到")
