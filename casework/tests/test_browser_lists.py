"""Lists, re-checks, notes and packs in a real browser, on a phone and on paper, usable by everybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import Recheck, ReviewNote
from casework.rechecks import draw_samples, last_week
from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post, Posting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
Check = Callable[[Page], None]


def is_good(page: Page, check_axe: Check) -> None:
    """Nothing runs out of the screen, and everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    check_axe(page)


def test_a_supervisor_works_through_a_list_on_a_phone(
    phone: Page, sign_in: SignIn, check_axe: Check, keep: Callable[[Page, str], None]
) -> None:
    world = World()
    home, helper = world.household("张三"), world.cadre("帮扶人")
    world.help(helper, home)
    world.visit(home, last_week(TODAY), helper)
    world.household("没见过的人", world.sibling)
    draw_samples(now=at(TODAY))
    recheck = Recheck.objects.get()
    world.post("老村长", Post.VILLAGE_CHIEF, world.village, ends_on=TODAY - timedelta(days=2))
    supervisor = world.post("督导", Post.SUPERVISOR, world.town)
    sign_in(phone, supervisor)

    phone.goto(reverse("act_lists"))
    is_good(phone, check_axe)
    with next_page(phone):
        phone.locator(f"a[href='{reverse('act_list', args=['unseen'])}']").click()
    is_good(phone, check_axe)
    keep(phone, "list-phone")
    with next_page(phone):
        phone.locator(f"li[data-place='{world.sibling.pk}'] a").click()
    expect(phone.locator("tr[data-row]")).to_have_count(1)
    assert phone.evaluate("(frame => frame.scrollWidth <= frame.clientWidth)(document.querySelector('.table-frame'))")
    with next_page(phone):
        phone.get_by_role("link", name="打印为当日计划").click()
    expect(phone.locator(".box")).to_have_count(1)
    check_axe(phone)

    phone.goto(f"{reverse('act_list', args=['sample'])}?place={world.village.pk}")
    with next_page(phone):
        phone.locator("tr[data-row] th a").click()
    is_good(phone, check_axe)
    phone.get_by_text("农户：来过").click()
    phone.get_by_role("button", name="记下回答").click()
    expect(phone.locator(".facts strong")).to_have_text("农户：来过")
    recheck.refresh_from_db()
    assert (recheck.answer, recheck.answered_by) == ("visited", supervisor)

    phone.goto(f"{reverse('note_new')}?place={world.village.pk}")
    phone.get_by_label("需要跟进的事项").fill("请核实路灯")
    phone.get_by_label("办理期限").fill((TODAY + timedelta(days=3)).isoformat())
    with next_page(phone):
        phone.get_by_role("button", name="保存").click()
    expect(phone.locator(".notes")).to_contain_text("请核实路灯")
    is_good(phone, check_axe)
    phone.goto(reverse("note", args=[ReviewNote.objects.get().pk]))
    is_good(phone, check_axe)
    phone.goto(reverse("handover_post", args=[Posting.objects.get(post=Post.VILLAGE_CHIEF).pk]))
    check_axe(phone)
    expect(phone.locator(".signing > div")).to_have_count(3)
