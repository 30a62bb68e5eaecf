"""From the data-quality page to the record in a real browser, on a phone and at a desk, usable by everybody."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import World
from households.models import Household, Income
from households.tests.files import whole_file
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
Check = Callable[[Page], None]


@pytest.fixture
def household(world: World) -> Household:
    """A file whose income is missing and whose child is out of school."""
    household = whole_file(world, "刘家")
    Income.objects.filter(household=household).delete()
    household.persons.filter(name="儿子").update(schooling="none")  # type: ignore[attr-defined]
    return household


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_clerk_comes_from_the_menu_to_the_record(
    request: pytest.FixtureRequest, world: World, household: Household, sign_in: SignIn, check_axe: Check, size: str
) -> None:
    page: Page = request.getfixturevalue(size)
    sign_in(page, world.post("经办人", Post.CLERK, world.district))
    page.goto(reverse("home"))
    with next_page(page):
        page.locator(f"nav a[href='{reverse('quality')}']").click()
    _is_good(page, check_axe)

    with next_page(page):
        page.locator("tr[data-rule=child_out_of_school] td a").click()
    _is_good(page, check_axe)
    expect(page.locator("h1 [data-total]")).to_have_attribute("data-total", "1")
    expect(page.locator("tr[data-household]")).to_contain_text("儿子")

    page.locator("tr[data-household] th a").click()
    page.wait_for_url(f"**{reverse('household', args=[household.pk])}")


def test_a_town_secretary_walks_down_from_a_place_with_the_keyboard(
    desk: Page, world: World, household: Household, sign_in: SignIn, check_axe: Check
) -> None:
    sign_in(desk, world.post("镇书记", Post.TOWN_SECRETARY, world.town))
    desk.goto(reverse("quality"))

    desk.locator(f"tr[data-place='{world.village.pk}'] td a").focus()
    with next_page(desk):
        desk.keyboard.press("Enter")

    expect(desk.locator(".crumbs [aria-current=page]")).to_contain_text("潭埠")
    expect(desk.locator("tr[data-rule=income_missing] td")).to_have_text("1")
    _is_good(desk, check_axe)


def _is_good(page: Page, check_axe: Check) -> None:
    """Nothing serious for a screen reader, nothing wider than the screen."""
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
