"""What phones sent and the office decides about, in a real browser: held visits, phones, files, QR labels."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import HeldVisit, Visit
from casework.sync import receive
from casework.tests.sealed_visit import resealed, sealed
from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World, at
from households.models import HouseholdLabel
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
CheckAxe = Callable[[Page], None]
Keep = Callable[[Page, str], None]


class Scene:
    """One visit of another town's family and one that was sent twice with other words, both held."""

    def __init__(self) -> None:
        self.world = World()
        home, away = self.world.household("刘长生"), self.world.household("曾石昌", self.world.foreign)
        self.helper = self.world.help("钟水生", home)
        self.supervisor = self.world.post("督导", Post.SUPERVISOR, self.world.district)
        first = sealed(home, TODAY, self.helper, note="屋顶已修好。")
        second = resealed(first, note="屋顶漏雨，等修。")
        receive([first, second, sealed(away, TODAY, self.helper, note="顺路看望。")], sender=self.helper, now=at(TODAY))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_pages_about_phones_are_accessible_and_fit_the_screen(
    request: pytest.FixtureRequest, scene: Scene, sign_in: SignIn, check_axe: CheckAxe, keep: Keep, size: str
) -> None:
    page: Page = request.getfixturevalue(size)
    sign_in(page, scene.supervisor)
    held = {visit.reason: reverse("held_visit", args=[visit.pk]) for visit in HeldVisit.objects.all()}
    pages = {"held": reverse("held"), "phones": reverse("phones"), "held-import": reverse("held_import")} | held

    assert len(held) == 2
    for name, address in pages.items():
        page.goto(address)
        keep(page, f"{name}-{size}")
        check_axe(page)
        assert fits(page), address


def test_a_held_visit_is_accepted_with_a_reason(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(phone, scene.supervisor)
    phone.goto(reverse("held"))
    with next_page(phone):
        phone.get_by_role("link", name=re.compile("曾石昌")).tap()
    phone.fill("[name=words]", "确有其事")
    with next_page(phone):
        phone.locator("button[value=accept]").tap()

    expect(phone.locator("main")).to_contain_text("确有其事")
    assert set(Visit.objects.values_list("note", flat=True)) == {"屋顶已修好。", "顺路看望。"}


def test_a_sheet_of_labels_is_made_and_fits_the_paper(
    desk: Page, scene: Scene, sign_in: SignIn, check_axe: CheckAxe, keep: Keep
) -> None:
    for number in range(30):
        scene.world.household(f"第{number}户")
    sign_in(desk, scene.world.post("谢村长", Post.VILLAGE_CHIEF, scene.world.village))

    desk.goto(reverse("labels", args=[scene.world.village.pk]))
    desk.locator("main form button").first.click()
    expect(desk.locator(".labels li")).to_have_count(31)
    check_axe(desk)
    desk.emulate_media(media="print")
    keep(desk, "labels-print")

    assert HouseholdLabel.objects.count() == 31
    assert re.search(r"/Count 2\b", desk.pdf(prefer_css_page_size=True).decode("latin-1"))
