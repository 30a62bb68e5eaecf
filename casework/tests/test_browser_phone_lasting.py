"""Nothing is lost on the phone: reload, crash, two windows, eviction, a full phone, a restored server."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from casework.epochs import new_epoch
from casework.models import Visit
from casework.tests.phone_app import (
    APP,
    PhoneScene,
    SignIn,
    go,
    log_visit,
    open_app,
    pass_time_until,
    take_along,
    unlock,
    wait_until_kept,
)
from casework.tests.waiting import STEP_MS, wait_until
from conftest import CHROMIUM, CHROMIUM_OPTIONS, NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MANY = 50
COUNT = """new Promise((resolve) => {
  const asked = indexedDB.open('casework-phone');
  asked.onsuccess = () => {
    const counted = asked.result.transaction('STORE').objectStore('STORE').count();
    counted.onsuccess = () => { asked.result.close(); resolve(counted.result); };
  };
})"""


def count(page: Page, store: str) -> int:
    return page.evaluate(COUNT.replace("STORE", store))


def test_the_app_opens_without_network_with_the_families_taken_along(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)

    app.reload()
    unlock(app)

    expect(app.locator("[data-groups] .row-name")).to_have_text(["刘长生", "赖观福", "曾石昌"])


def test_every_keystroke_survives_a_reload(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    go(app, f"visit/household={phone_scene.first.pk}")
    app.locator("[name=note]").press_sequentially("corn is in")
    app.locator("[name=outcome][value=nobody_home]").check()
    wait_until_kept(app, phone_scene.first, note="corn is in", outcome="nobody_home")

    app.reload()
    unlock(app)

    expect(app.locator("[name=note]")).to_have_value("corn is in")
    expect(app.locator("[name=outcome][value=nobody_home]")).to_be_checked()
    expect(app.locator("[data-restored]")).to_be_visible()


def test_a_form_opened_yesterday_and_left_alone_is_dated_today(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    go(app, f"visit/household={phone_scene.first.pk}")
    expect(app.locator("[name=visited_on]")).to_have_value("2026-10-15")

    app.context.clock.fast_forward("24:00:00")
    unlock(app)

    expect(app.locator("[name=visited_on]")).to_have_value("2026-10-16")
    expect(app.locator("[data-restored]")).to_be_hidden()


class Handset:
    """A browser with a folder of its own, that can be killed and started again."""

    def __init__(self, driver: Playwright, folder: Path, url: str) -> None:
        self._driver, self._folder, self._url = driver, folder, url

    def start(self) -> Page:
        self.context: BrowserContext = self._driver.chromium.launch_persistent_context(
            str(self._folder),
            executable_path=CHROMIUM,
            args=CHROMIUM_OPTIONS,
            base_url=self._url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": 360, "height": 740},
        )
        self.context.clock.install(time=datetime.now(NOW.tzinfo))
        return self.context.new_page()

    def kill(self) -> None:
        """As when the battery is taken out: nobody may tidy up."""
        while pids := self._processes():
            for pid in pids:
                with suppress(ProcessLookupError):  # died with its parent
                    os.kill(pid, signal.SIGKILL)
            time.sleep(STEP_MS / 1000)

    def _processes(self) -> list[int]:
        found = subprocess.run(["pgrep", "-f", f"user-data-dir={self._folder}"], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]


@pytest.fixture
def handset(playwright_driver: Playwright, tmp_path: Path, server: Any) -> Iterator[Handset]:
    found = Handset(playwright_driver, tmp_path / "handset", server.url)
    yield found
    found.context.close()


def test_fifty_visits_without_network_are_there_after_the_browser_is_killed(
    handset: Handset, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    page = handset.start()
    sign_in(page, phone_scene.chief)
    open_app(page)
    take_along(page)
    handset.context.set_offline(True)
    for number in range(MANY):
        log_visit(page, phone_scene.first if number % 2 else phone_scene.second, f"第{number}次")
    handset.kill()

    again = handset.start()
    handset.context.set_offline(True)
    again.goto(APP)
    unlock(again)
    go(again, "waiting")
    expect(again.locator("[data-waiting] > li")).to_have_count(MANY)
    sign_in(again, phone_scene.chief)  # the browser had not written its cookie down
    handset.context.set_offline(False)
    expect(again.locator("[data-delivered] > li")).to_have_count(MANY)

    assert sorted(Visit.objects.values_list("note", flat=True)) == sorted(f"第{number}次" for number in range(MANY))


def test_two_windows_do_not_double_a_visit(app: Page, phone_scene: PhoneScene) -> None:
    other = app.context.new_page()
    other.goto(APP)
    unlock(other)
    for page in (app, other):
        go(page, f"visit/household={phone_scene.first.pk}")
        expect(page.locator("[name=note]")).to_be_visible()
    assert app.locator("form").get_attribute("data-visit") == other.locator("form").get_attribute("data-visit")
    other.fill("[name=note]", "同一次走访")
    app.fill("[name=note]", "同一次走访")

    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()

    expect(other.locator("[data-saved-visit]")).to_be_visible()  # it hears of it, and shows the receipt
    wait_until(app, "navigator.onLine")
    pass_time_until(app, "phone.store.all('delivered').then((all) => all.length === 1)")  # the other may be sending
    go(app, "waiting")
    expect(app.locator("[data-delivered] > li")).to_have_count(1)
    assert Visit.objects.count() == 1


def test_a_window_that_hears_nothing_is_asked_before_it_saves_other_words(app: Page, phone_scene: PhoneScene) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    app.fill("[name=note]", "第一次的话")
    visit = app.locator("form").get_attribute("data-visit")
    other = {"id": visit, "digest": "x", "visited_on": "2026-10-15", "visitors": [1], "note": "别的"}
    app.evaluate("(other) => phone.queue.add(other, '刘', {})", other)

    app.click("form button[type=submit]")

    expect(app.locator("[data-other]")).to_be_visible()
    app.locator("[data-act=as-another]").click()
    expect(app.locator("[data-saved-visit]")).to_contain_text("第一次的话")
    assert count(app, "queue") + count(app, "delivered") >= 2


def test_a_phone_that_threw_everything_away_says_so_with_the_number(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "会被删掉")
    app.goto("/healthz")  # nothing keeps the database open
    app.context.set_offline(False)
    app.goto("/healthz")
    app.evaluate("new Promise((done) => { indexedDB.deleteDatabase('casework-phone').onsuccess = done; })")

    app.goto(APP)

    expect(app.locator("[data-notice=evicted]")).to_be_visible()
    expect(app.locator("[data-evicted]")).to_contain_text("1")


def test_a_full_phone_says_so_and_keeps_the_text_in_the_form(app: Page, phone_scene: PhoneScene) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    expect(app.locator("[name=note]")).to_be_visible()
    app.evaluate(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); }; undefined"
    )

    app.fill("[name=note]", "存不下了")
    expect(app.locator("[data-notice=full]")).to_be_visible()
    app.click("form button[type=submit]")

    expect(app.locator("[name=note]")).to_have_value("存不下了")
    expect(app.locator("[data-saved]")).to_have_count(0)


def test_what_the_restored_server_has_lost_is_offered_again(app: Page, phone_scene: PhoneScene) -> None:
    log_visit(app, phone_scene.first, "送到过一次")
    go(app, "waiting")
    expect(app.locator("[data-delivered] > li")).to_have_count(1)
    Visit.objects.all().delete()
    new_epoch()

    log_visit(app, phone_scene.second, "后来的")
    go(app, "waiting")
    expect(app.locator("[data-delivered] > li")).to_have_count(2)

    assert sorted(Visit.objects.values_list("note", flat=True)) == ["后来的", "送到过一次"]


def test_nothing_readable_lies_on_the_phone(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "只给自己看的话")

    everything = app.evaluate(
        """new Promise((resolve) => {
          const asked = indexedDB.open('casework-phone');
          asked.onsuccess = async () => {
            const base = asked.result;
            const found = [];
            for (const name of Array.from(base.objectStoreNames)) {
              const rows = await new Promise((done) => {
                const all = base.transaction(name).objectStore(name).getAll();
                all.onsuccess = () => done(all.result);
              });
              found.push(JSON.stringify(rows, (key, value) =>
                value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value));
            }
            resolve(found.join());
          };
        })"""
    )

    assert "只给自己看的话" not in everything
    assert "刘长生" not in everything
    assert phone_scene.first.number not in everything
