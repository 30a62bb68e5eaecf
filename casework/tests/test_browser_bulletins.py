"""A bulletin in a real browser: read and released on a small phone, nothing wider than the screen."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.bulletins import ask_for_bulletin, count_bulletin
from casework.models import Bulletin
from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


def test_a_supervisor_reads_and_releases_a_draft_on_a_small_phone(
    phone: Page, sign_in: SignIn, check_axe: Callable[[Page], None]
) -> None:
    world = World()
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    for village in (world.village, world.sibling, world.foreign):
        world.household("张三", village)
    round = world.round([Post.VILLAGE_CHIEF], name="大走访")
    days = {"starts_on": date(2026, 10, 1), "cut_off_on": TODAY}
    draft = ask_for_bulletin(key=uuid4(), place=world.district, rounds=[round], actor=supervisor, now=at(TODAY), **days)
    count_bulletin(draft.pk, now=at(TODAY))
    sign_in(phone, supervisor)
    phone.goto(reverse("home"))

    phone.get_by_role("link", name="1份通报待发布").tap()
    phone.get_by_role("link", name=draft.title).tap()
    expect(phone.locator("details.bulletin-round[open] table")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_axe(phone)
    with next_page(phone):
        phone.get_by_role("link", name="发布", exact=True).tap()
    phone.get_by_role("button", name="发布").tap()

    expect(phone.locator("h1")).to_contain_text("已发布")
    phone.goto(reverse("bulletin_sheet", args=[draft.pk]))
    check_axe(phone)
    assert Bulletin.objects.get().released_by == supervisor
