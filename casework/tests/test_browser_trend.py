"""The trend's charts in a real browser: drawn from the table beside them, readable on a phone, policy kept."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import Round
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


class Scene:
    """A round of the chief, some of it done, and a supervisor."""

    def __init__(self) -> None:
        world = World()
        chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
        homes = [world.household(f"户{number}") for number in range(6)]
        world.household("别镇", world.foreign)
        self.round: Round = world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 9, 1), name="三类岗位遍访")
        self.supervisor = world.post("督导", Post.SUPERVISOR, world.district)
        for home, day in zip(homes, (date(2026, 9, 8), date(2026, 9, 22), date(2026, 10, 9), TODAY), strict=False):
            world.visit(home, day, chief)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_both_charts_are_drawn_from_their_table_and_say_what_they_show(
    request: pytest.FixtureRequest,
    size: str,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    keep: Callable[[Page, str], None],
) -> None:
    page: Page = request.getfixturevalue(size)
    scene = Scene()
    sign_in(page, scene.supervisor)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))

    page.goto(reverse("coverage_trend", args=[scene.round.pk]))
    charts = page.locator("figure.chart [role=img]")

    expect(charts).to_have_count(2)
    expect(charts.first).to_have_attribute("aria-label", re.compile("每周覆盖率.*57.14"))
    expect(page.locator("figure.chart svg")).to_have_count(2)
    assert page.locator("details[data-behind]").get_attribute("open") is None  # the charts say it; one tap opens it
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box = page.locator("figure.chart svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # the numbers beside the finger
    keep(page, f"trend-{size}")
    page.emulate_media(media="print")  # on paper the drawing shrinks as a whole and stays in its frame
    on_paper = page.locator("figure.chart svg").first.bounding_box()
    assert abs(on_paper["height"] / on_paper["width"] - box["height"] / box["width"]) < 0.02
    page.emulate_media(media="screen")
    check_axe(page)
    assert broken == []  # nothing that the policy refused
