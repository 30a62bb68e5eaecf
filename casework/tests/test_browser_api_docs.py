"""The description of the API and the questions about visits, in a real browser under the strict policy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.flags import raise_flags
from casework.models import VisitFlag
from casework.tests.test_flags import LATER, same_text_visits
from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def helper() -> Cadre:
    """Who supervises the town and helps families in it; one visit asks for a word."""
    world = World()
    helper = world.post("谢帮扶", Post.SUPERVISOR, world.town)
    same_text_visits(world, helper, 3)
    raise_flags(now=LATER)
    VisitFlag.objects.update(raised_on=TODAY - timedelta(days=9))
    return helper


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_description_is_shown_from_our_own_server(
    size: str,
    request: pytest.FixtureRequest,
    helper: Cadre,
    sign_in: Callable[..., None],
    check_axe: Callable[[Page], None],
) -> None:
    page: Page = request.getfixturevalue(size)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    sign_in(page, helper)

    page.goto(reverse("api_docs"))

    expect(page.locator(".opblock-summary-path").first).to_be_visible()
    expect(page.locator(".opblock").nth(10)).to_be_visible()
    page.get_by_text("上报走访").click()
    expect(page.get_by_text("无论发送多少次只入库一次").first).to_be_visible()
    expect(page.get_by_text("请求内容").first).to_be_visible()
    expect(page.locator("#api-docs").get_by_text("Responses")).to_have_count(0)
    check_axe(page)
    origin = page.url.removesuffix(reverse("api_docs"))
    assert {url for url in asked if not url.startswith((origin, "data:"))} == set()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_question_is_answered_by_one_tap(
    size: str,
    request: pytest.FixtureRequest,
    helper: Cadre,
    sign_in: Callable[..., None],
    check_axe: Callable[[Page], None],
) -> None:
    page: Page = request.getfixturevalue(size)
    sign_in(page, helper)
    page.goto(reverse("flags"))
    check_axe(page)
    with next_page(page):
        page.locator(".rows a").first.click()
    check_axe(page)
    buttons = page.locator("button[name=reason]").all()
    assert buttons
    for button in buttons:
        assert button.bounding_box()["height"] >= 44  # type: ignore[index]

    with next_page(page):
        page.get_by_role("button", name="几户情况相同").click()

    expect(page.get_by_text("已说明")).to_be_visible()
    page.goto(reverse("visit_receipt", args=[VisitFlag.objects.get().visit_id]))
    check_axe(page)
    page.goto(reverse("flags") + "?places=1")
    expect(page.get_by_text("几户情况相同")).to_be_visible()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
