"""Every screen of the phone's app: accessible, fitting, with targets for thumbs, also at double size."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import Visit
from casework.tests.phone_app import APP, PhoneScene, SignIn, go, log_visit, open_app, take_along

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.parametrize(("size", "zoom"), [("phone", 100), ("phone", 200), ("desk", 200)])
def test_every_screen_is_accessible_fits_and_has_large_enough_targets(
    request: pytest.FixtureRequest,
    phone_scene: PhoneScene,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    size: str,
    zoom: int,
) -> None:
    page: Page = request.getfixturevalue(size)
    look = _looker(page, check_axe, zoom)
    page.goto(APP)
    look("login")
    sign_in(page, phone_scene.chief)
    page.goto(APP)
    expect(page.locator("[name=again]")).to_be_visible()
    look("pin")
    open_app(page)
    look("before")
    take_along(page)
    log_visit(page, phone_scene.first, "玉米已收")
    look("saved")
    village = phone_scene.world.village.pk
    household = phone_scene.second.pk
    for place, shown in {
        "": "[data-villages] > li",
        f"plan/{village}": "[data-walking][aria-current]",
        f"plan/{village}/all": "[data-all][aria-current]",
        f"family/{household}": "[data-owed] > li",
        f"visit/household={household}": "form[data-visit]",
    }.items():
        go(page, place)
        expect(page.locator(f"[data-screen] {shown}").first).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        look(place)
    for place, shown in {
        f"visit/village={village}": "form[data-visit] [name=talk]",
        "waiting": "[data-waiting], [data-delivered]",
        "more": "[data-act=lock]",
        "leave": "[data-act=wipe]",
        "scan": "video",
    }.items():
        go(page, place)
        expect(page.locator(f"[data-screen] :is({shown})").first).to_be_attached()
        look(place)
    page.goto(reverse("visit_receipt", args=[Visit.objects.get().pk]))
    look("receipt")


def _looker(page: Page, check_axe: Callable[[Page], None], zoom: int) -> Callable[[str], None]:
    targets = "main a, main button, main input, main textarea, main summary, .nav-main a"
    small = (
        f"Array.from(document.querySelectorAll('{targets}'))"
        ".filter((node) => node.offsetParent && !node.closest('.choice, .file-door'))"
        ".map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])"
        ".filter((pair) => pair[1].height < 44 || pair[1].width < 44)"
        '.filter((pair) => !/^<a href="#.waiting">/.test(pair[0]))'
        ".map((pair) => pair[0])"
    )

    # Room for three letters beside each other at least: words do not stand one letter below the other.
    squeezed = (
        "Array.from(document.querySelectorAll('main .facts dd, main .choice > span'))"
        ".filter((node) => node.offsetParent && node.textContent.trim().length > 2)"
        ".filter((node) => node.clientWidth < 3 * parseFloat(getComputedStyle(node).fontSize))"
        ".map((node) => node.textContent)"
    )

    def look(place: str) -> None:
        page.evaluate(f"document.documentElement.style.fontSize = '{106.25 * zoom / 100}%'")
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), place
        assert page.evaluate(small) == [], place
        assert page.evaluate(squeezed) == [], place

    return look
