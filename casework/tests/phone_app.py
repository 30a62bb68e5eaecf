"""The phone's app in a browser test: its cast, and the ways a cadre goes through it."""

import json
import os
from collections.abc import Callable

from playwright.sync_api import Page, expect

from casework.models import TargetKind
from casework.tests.waiting import STEP_MS, STEPS, holds, wait_until
from casework.tests.world import World
from households.pinyin import fill_in
from villages.models import Cadre, Post

PIN = "246810"
APP = "/phone/"
SignIn = Callable[[Page, Cadre], None]


class PhoneScene:
    """A chief who helps two families of one group, a colleague, the chiefs' round and the helpers' round."""

    def __init__(self) -> None:
        self.world = World()
        self.first = self.world.household("刘长生", house="3")
        self.second = self.world.household("赖观福", house="5")
        self.third = self.world.household("曾石昌", group=self.world.village.groups.last())
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        self.colleague = self.world.post("钟队员", Post.TEAM_MEMBER, self.world.village)
        self.supervisor = self.world.post("督导", Post.SUPERVISOR, self.world.district)
        for household in (self.first, self.second):
            self.world.help(self.chief, household)
        self.world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="十月走访")
        self.world.round([Post.VILLAGE_CHIEF], name="大村长遍访")
        fill_in()


def open_app(page: Page, *, pin: str = PIN) -> None:
    """Open the app with network for the first time, and choose a PIN."""
    page.goto(APP)
    page.fill("[name=pin]", pin)
    page.fill("[name=again]", pin)
    page.click("form button[type=submit]")
    expect(page.locator("[data-act=take]")).to_be_visible()


def unlock(page: Page, *, pin: str = PIN) -> None:
    """Type the PIN that is asked for."""
    page.fill("[name=pin]", pin)
    page.click("form button[type=submit]")
    expect(page.locator("[name=pin]")).to_have_count(0)


def take_along(page: Page) -> None:
    """One tap, then the service worker is waited for, so that the network may go away."""
    page.locator("[data-act=take]").click()
    expect(page.locator("[data-villages] > li")).not_to_have_count(0)
    wait_until(page, "Boolean(navigator.serviceWorker.controller)")
    wait_until(page, "caches.keys().then((names) => names.length > 0)")


def wait_until_kept(page: Page, household: object, **typed: str) -> None:
    """Until what is typed about the family lies on the phone's disk."""
    draft = f"phone.drafts.open('household={household.pk}', {{}})"  # type: ignore[attr-defined]
    is_there = f"Object.entries({json.dumps(typed)}).every(([name, value]) => values[name] === value)"
    wait_until(page, f"{draft}.then(({{ values }}) => {is_there})")


def pass_time_until(page: Page, condition: str) -> None:
    """Let a quarter of a minute pass, again and again: whenever the app sets its timer, its time comes.

    In between it is left some real seconds: a request that takes too long by the page's clock is given up.
    """
    for step in range(2 * STEPS):
        if holds(page, condition):
            return
        if step % 30 == 2:
            page.evaluate("phone.lock.used()")
            page.context.clock.fast_forward("00:16")
        page.wait_for_timeout(STEP_MS)
    raise AssertionError(f"still not: {condition}")


def without_background(page: Page) -> None:
    """Let the page alone send: what the service worker sends cannot be looked at by the test."""
    page.evaluate("Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', { value: undefined }); undefined")


def go(page: Page, place: str) -> None:
    """To another screen of the app."""
    page.evaluate(f"location.hash = '#/{place}'")


def log_visit(page: Page, household: object, note: str) -> None:
    """Open the form, write one sentence, save, and see that it is kept."""
    go(page, f"visit/household={household.pk}")  # type: ignore[attr-defined]
    page.fill("[name=note]", note)
    page.click("form button[type=submit]")
    expect(page.locator("[data-saved]")).to_be_visible()
    expect(page.locator("[data-saved-visit]")).to_contain_text(note)


def picture(page: Page, name: str) -> None:
    """A picture, when somebody wants to look at the screens."""
    if folder := os.environ.get("SCREENS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
