"""The ledger on a phone: a chief hands a problem over, the helper reports it as solved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.models import ProblemState
from casework.tests.ledger_scene import LedgerScene
from casework.tests.waiting import next_page
from casework.tests.world import TODAY
from villages.models import Cadre

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


def test_a_problem_is_handed_over_and_solved_on_phones(
    phone: Page, sign_in: SignIn, check_axe: Callable[[Page], None]
) -> None:
    scene = LedgerScene()

    sign_in(phone, scene.chief)
    phone.goto(reverse("problems"))
    check_axe(phone)
    with next_page(phone):
        phone.locator("ul.rows a").first.tap()
    next_move = phone.locator("#next")
    next_move.locator("[name=assign-given_to]").select_option(label="帮扶人")
    next_move.locator("[name=assign-due_on]").fill((TODAY + timedelta(days=7)).isoformat())
    next_move.locator("[name=assign-kind]").select_option("housing")
    next_move.locator("button[type=submit]").tap()
    expect(phone.locator("ol.walk > li")).to_have_count(2)

    phone.context.clear_cookies()
    sign_in(phone, scene.helper)
    phone.goto("/")
    with next_page(phone):
        phone.locator(f'a[href="{reverse("problems")}?mine=1"]').tap()
    with next_page(phone):
        phone.locator("ul.rows a").first.tap()
    expect(phone.locator("#next")).to_be_visible()
    check_axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.locator("details", has=phone.locator("[name=solve-result]")).locator("summary").tap()
    phone.fill("[name=solve-result]", "换了瓦")
    phone.locator("details[open] button[type=submit]").tap()
    expect(phone.locator("ol.walk > li")).to_have_count(3)

    assert scene.problem.state == ProblemState.DONE
