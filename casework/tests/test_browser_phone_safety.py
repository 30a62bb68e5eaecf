"""Whose phone it is, in a real browser: login, PIN, leaving, being cut off, a new version, an old browser."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from casework import shell
from casework.api import phone as api_phone
from casework.models import Phone, Visit
from casework.phones import cut_off_phone
from casework.tests.phone_app import (
    APP,
    PIN,
    PhoneScene,
    SignIn,
    go,
    log_visit,
    open_app,
    unlock,
    wait_until_kept,
    without_background,
)
from casework.tests.waiting import STEP_MS, STEPS, next_page, wait_until
from casework.tests.world import TODAY, at
from conftest import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DELIVERED = "[data-delivered] > li"
IS_WIPED = "indexedDB.databases().then((all) => !all.some((one) => one.name === 'casework-phone'))"


def test_an_expired_login_keeps_everything_and_sends_after_the_next(
    app: Page, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    app.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    log_visit(app, phone_scene.first, "登录过期了")
    expect(app.locator("[data-notice=login]")).to_be_visible()
    assert not Visit.objects.exists()

    sign_in(app, phone_scene.chief)
    app.goto(APP)
    unlock(app)
    go(app, "waiting")

    expect(app.locator(DELIVERED)).to_have_count(1)
    assert Visit.objects.get().note == "登录过期了"


def hand_over(app: Page, phone_scene: PhoneScene, sign_in: SignIn) -> None:
    """The chief has a visit waiting here, and a colleague logs in."""
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "谢村长记的")
    app.context.set_offline(False)
    app.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    sign_in(app, phone_scene.colleague)


def test_another_person_on_the_same_phone_does_not_send_what_is_not_theirs(
    app: Page, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    without_background(app)  # the service worker may find it out before the PIN is typed, and the PIN is asked no more
    hand_over(app, phone_scene, sign_in)

    app.goto(APP)
    unlock(app)

    expect(app.locator("[data-act=wipe]")).to_be_visible()
    assert not Visit.objects.filter(entered_by=phone_scene.colleague).exists()


def test_five_wrong_pins_ask_for_the_login_and_lose_nothing(
    app: Page, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "锁住以前写的")
    app.reload()
    for left in (4, 3, 2, 1, 0):
        app.fill("[name=pin]", "111111")
        app.click("form button[type=submit]")
        if left:
            expect(app.locator("[data-pin-wrong]")).to_contain_text(str(left))
    expect(app.locator("[name=pin]")).to_have_count(0)

    app.context.set_offline(False)
    app.goto(APP)
    expect(app.locator("[data-screen] a[href*='login']")).to_be_visible()
    sign_in(app, phone_scene.chief)
    app.goto(APP)
    app.fill("[name=pin]", PIN)
    app.fill("[name=again]", PIN)
    app.click("form button[type=submit]")
    go(app, "waiting")

    expect(app.locator(DELIVERED)).to_have_count(1)


def test_leaving_without_network_hands_over_a_file_and_wipes(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "还没送出")
    go(app, "leave")

    with app.expect_download() as download:
        app.locator("[data-act=export]").click()
    content = json.loads(download.value.path().read_text(encoding="utf-8"))
    app.locator("[data-sure] [data-act=wipe]").click()
    expect(app.locator("h1")).to_have_text(re.compile("请在有网络时打开一次|Open this once"))

    assert (content["kind"], content["version"], content["person"]["id"]) == (
        "casework-unsent",
        1,
        phone_scene.chief.pk,
    )
    assert [visit["note"] for visit in content["visits"]] == ["还没送出"]
    assert re.fullmatch(r"[0-9a-f]{64}", content["visits"][0]["digest"])
    wait_until(app, "phone.store.keys('queue').then((queue) => queue.length === 0)")
    wait_until(app, "phone.store.keys('caseload').then((scopes) => scopes.length === 0)")


def test_the_log_out_of_other_pages_looks_after_unsent_visits_first(app: Page, phone_scene: PhoneScene) -> None:
    without_background(app)
    app.route("**/api/v1/phone/visits/", lambda route: route.abort())
    log_visit(app, phone_scene.first, "还没送出")
    app.goto(reverse("household", args=[phone_scene.first.pk]))

    app.locator("footer button", has_text=re.compile("退出|Log out")).click()

    unlock(app)
    expect(app.locator("[data-act=export]")).to_be_visible()


def worker_of(app: Page) -> Callable[[], object]:
    """What wakes the app's service worker, as the browser does when the network is back."""
    devtools = app.context.new_cdp_session(app)
    known: list[str] = []
    seen = "ServiceWorker.workerRegistrationUpdated"
    devtools.on(seen, lambda event: known.extend(one["registrationId"] for one in event["registrations"]))
    devtools.send("ServiceWorker.enable")

    def wake() -> None:
        event = {"registrationId": known[-1], "tag": "phone-send", "lastChance": False}
        devtools.send("ServiceWorker.dispatchSyncEvent", event | {"origin": app.evaluate("location.origin")})

    return wake


def test_a_phone_that_is_cut_off_is_wiped(app: Page, phone_scene: PhoneScene) -> None:
    wake = worker_of(app)
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "停用以前写的")
    cut_off_phone(phone_id=Phone.objects.get().pk, actor=phone_scene.supervisor, now=at(TODAY, 11), reason="手机丢失")

    app.context.set_offline(False)

    wait_until(app, IS_WIPED)
    expect(app.locator("main")).to_contain_text(re.compile("停用|cut off"))
    assert not Visit.objects.exists()

    wake()  # it finds nothing to look after, and makes no empty store anew
    app.wait_for_timeout(300)
    assert app.evaluate(IS_WIPED)


def test_another_person_is_found_out_while_the_pin_of_the_first_is_asked_for(
    app: Page, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    wake = worker_of(app)
    hand_over(app, phone_scene, sign_in)
    app.goto(APP)

    wake()

    expect(app.locator("[data-act=wipe]")).to_be_visible()
    expect(app.locator("[name=pin]")).to_have_count(0)
    assert not Visit.objects.exists()


def test_a_version_too_old_keeps_its_queue_until_the_new_one_is_there(
    app: Page, phone_scene: PhoneScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "旧版本写的")
    with monkeypatch.context() as server:
        server.setattr(api_phone, "versions_accepted", lambda now: ["2"])
        with next_page(app):  # it loads itself anew after a moment, and would cross what this test does next
            app.context.set_offline(False)
            expect(app.locator("[data-notice=new-version]")).to_be_visible()
        assert not Visit.objects.exists()

    app.goto(APP)
    unlock(app)
    go(app, "waiting")

    expect(app.locator(DELIVERED)).to_have_count(1)


def test_the_service_worker_sends_when_no_window_of_the_app_is_open(app: Page, phone_scene: PhoneScene) -> None:
    wake = worker_of(app)
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "后台送的")
    app.goto("/healthz?away")
    app.context.set_offline(False)
    app.goto("/healthz")

    wake()

    for _look in range(STEPS):
        if Visit.objects.exists():
            break
        app.wait_for_timeout(STEP_MS)
    assert Visit.objects.get().note == "后台送的"


def test_the_app_locks_itself_after_idle_minutes_and_keeps_what_was_typed(app: Page, phone_scene: PhoneScene) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    app.fill("[name=note]", "走开了一会")
    wait_until_kept(app, phone_scene.first, note="走开了一会")

    app.context.clock.fast_forward("11:00")
    expect(app.locator("[name=pin]")).to_be_visible()
    expect(app.locator("[name=note]")).to_have_count(0)
    unlock(app)

    expect(app.locator("[name=note]")).to_have_value("走开了一会")


def test_a_new_version_takes_over_without_losing_what_is_typed(
    app: Page, phone_scene: PhoneScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    app.fill("[name=note]", "写到一半换版本")
    wait_until_kept(app, phone_scene.first, note="写到一半换版本")
    monkeypatch.setattr(shell, "version", lambda: "abcdefabcdef")

    app.evaluate("navigator.serviceWorker.getRegistration().then((one) => { one.update(); })")
    expect(app.locator("[data-notice=new-version]")).to_be_visible()
    app.locator("[data-notice=new-version] button").click()
    unlock(app)

    expect(app.locator("script[src*=abcdefabcdef]")).to_have_count(1)
    expect(app.locator("[name=note]")).to_have_value("写到一半换版本")
    wait_until(app, "caches.keys().then((names) => names.join() === 'phone-shell-abcdefabcdef')")


def test_the_app_speaks_the_language_chosen_last(app: Page, phone_scene: PhoneScene) -> None:
    go(app, "more")
    app.locator("[data-act=language]").click()
    unlock(app)
    expect(app.locator("html")).to_have_attribute("lang", "en")
    expect(app.locator("main")).to_contain_text("Log out")

    app.context.set_offline(True)
    app.reload()
    unlock(app)
    expect(app.locator("html")).to_have_attribute("lang", "en")


# What the browser inside WeChat lacks, or may lack.
LACKING = """
    delete Navigator.prototype.serviceWorker;
    ["BarcodeDetector", "SyncManager", "BroadcastChannel"].forEach((one) => delete self[one]);
    ["locks", "storage", "permissions"].forEach((one) => delete Navigator.prototype[one]);
"""


def test_a_browser_as_in_wechat_takes_along_keeps_and_sends_by_its_buttons(
    chromium: Browser, server: Any, phone_scene: PhoneScene, sign_in: SignIn
) -> None:
    context = chromium.new_context(base_url=server.url, locale="zh-CN")
    context.add_init_script(LACKING)
    context.clock.install(time=datetime.now(NOW.tzinfo))
    page = context.new_page()
    sign_in(page, phone_scene.colleague)
    open_app(page)
    page.locator("[data-act=take]").click()
    expect(page.locator("[data-villages]")).to_contain_text("3")  # helps nobody: the same tap has taken the village
    context.set_offline(True)
    log_visit(page, phone_scene.first, "微信里写的")
    page.evaluate("navigator.__proto__.__defineGetter__('onLine', () => false)")  # it may never say that it is online
    context.set_offline(False)
    go(page, "waiting")
    expect(page.locator(DELIVERED)).to_have_count(0)

    page.locator("[data-act=send]").click()

    expect(page.locator(DELIVERED)).to_have_count(1)
    page.reload()
    unlock(page)
    go(page, "")
    expect(page.locator("[data-villages]")).to_contain_text("3")
    expect(page.locator("[data-notice=no-worker]")).to_be_visible()
    context.close()


def test_the_shell_keeps_no_personal_page(app: Page, phone_scene: PhoneScene) -> None:
    app.goto(reverse("household", args=[phone_scene.first.pk]))
    app.goto(APP)

    kept = app.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))"
        ".then((all) => [].concat(...all).map((request) => new URL(request.url).pathname))"
    )

    assert [path for path in kept if not path.startswith(("/static/", "/phone/"))] == []
    assert "/phone/" in kept
