"""The household's file in a real browser: on a small phone at the door, and on paper."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import TargetKind
from casework.tests.rich_household import RichHousehold
from casework.tests.world import World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
BUTTON = "main .actions-stay a.btn-main"


@pytest.fixture
def rich() -> RichHousehold:
    world = World()
    rich = RichHousehold(world, visits=25)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="帮扶干部十月走访")
    return rich


def test_the_page_fits_a_small_phone_with_everything_opened(
    phone: Page, rich: RichHousehold, sign_in: SignIn, check_axe: Callable[[Page], None]
) -> None:
    sign_in(phone, rich.helper)
    phone.goto(reverse("household", args=[rich.household.pk]))

    for summary in phone.locator("details > summary").all():
        summary.tap()

    expect(phone.locator("details:not([open])")).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_axe(phone)


def test_the_way_to_the_visit_form_is_under_the_thumb_wherever_one_reads(
    phone: Page, rich: RichHousehold, sign_in: SignIn
) -> None:
    sign_in(phone, rich.helper)
    phone.goto(reverse("household", args=[rich.household.pk]))

    expect(phone.locator(BUTTON)).to_be_in_viewport(ratio=1)
    phone.locator("#income").scroll_into_view_if_needed()
    expect(phone.locator("#income")).to_be_in_viewport()
    expect(phone.locator(BUTTON)).to_be_in_viewport(ratio=1)

    phone.locator(BUTTON).tap()
    expect(phone.locator("[name=note]")).to_be_visible()


def test_the_page_works_without_scripts(phone: Page, rich: RichHousehold, sign_in: SignIn) -> None:
    sign_in(phone, rich.helper)
    phone.route("**/*.js", lambda route: route.abort())

    phone.goto(reverse("household", args=[rich.household.pk]))
    phone.get_by_role("link", name=re.compile("25")).tap()

    expect(phone.locator(".timeline > li")).to_have_count(20)


@pytest.mark.parametrize("sheet", ["household_file", "household_handbook"])
def test_a_sheet_fits_the_paper_and_shows_nothing_that_only_a_screen_needs(
    desk: Page, rich: RichHousehold, sign_in: SignIn, check_axe: Callable[[Page], None], sheet: str
) -> None:
    sign_in(desk, rich.helper)
    desk.goto(reverse(sheet, args=[rich.household.pk]))
    expect(desk.locator("[data-print]")).to_be_visible()
    check_axe(desk)

    desk.emulate_media(media="print")
    desk.set_viewport_size({"width": 691, "height": 1024})  # 183 mm, what the margins leave of A4

    expect(desk.locator(".screen-only")).to_be_hidden()
    assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    pages = desk.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    assert 1 <= pages <= 3
