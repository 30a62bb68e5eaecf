"""The province and a district's kept figures in a browser: both sizes, no faults for axe, counted anew on request."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from casework.models import Round
from casework.province import count_running_rounds
from casework.tests.world import World
from villages.models import Cadre, District, Post, Town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


def scene() -> tuple[Cadre, Round]:
    """A superuser, two districts with a round each, counted half a minute ago; one visit has been saved since."""
    world = World()
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    homes = [world.household(f"户{number}") for number in range(3)]
    round = world.round([Post.VILLAGE_CHIEF], name="大村长遍访农户")
    district = District.objects.create(code="360703", name="南康区")
    Town.objects.create(code="360703101", district=district, name="唐江镇")
    world.household("赖家", world.make_village("360703101200", "平田村委会"))
    world.district = district
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访农户")
    world.visit(homes[0], date(2026, 10, 5), chief)
    count_running_rounds(now=timezone.now() - timedelta(seconds=30))
    world.visit(homes[1], date(2026, 10, 6), chief)
    return Cadre.objects.create_superuser("boss", "secret-words", name="管理员"), round


def test_a_superuser_goes_from_the_province_to_a_round_and_has_it_counted_anew(
    phone: Page, desk: Page, sign_in: SignIn, keep: Callable[[Page, str], None], settings: Any
) -> None:
    settings.FIGURES_KEPT_FROM = 1
    settings.FIGURES_KEPT_SECONDS = 3600  # longer than this test may ever take
    boss, round = scene()
    sign_in(phone, boss)
    sign_in(desk, boss)

    for page, size in ((desk, "1280"), (phone, "360")):
        page.goto(f"{reverse('province')}?district=360704")
        assert Axe().run(page).violations_count == 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        keep(page, f"province-{size}")
    desk.locator("table").nth(1).get_by_role("link").first.click()
    done = desk.locator("tfoot td").nth(1)
    expect(done).to_have_text("1")
    keep(desk, "coverage-kept-1280")
    phone.goto(reverse("coverage", args=[round.pk]))
    keep(phone, "coverage-kept-360")
    rate = phone.locator("tbody tr").first.locator("td").nth(7)
    assert re.fullmatch(r"\d+\.\d\d%", rate.inner_text())
    expect(rate).to_be_in_viewport(ratio=1)
    desk.get_by_role("link", name="重新统计").click()
    expect(done).to_have_text("2")
    phone.reload()
    expect(phone.locator("tfoot td").nth(1)).to_have_text("2")
