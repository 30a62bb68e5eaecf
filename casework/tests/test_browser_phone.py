"""The phone's app in a real browser: take along, log without network, arrive, be held, be corrected."""

import base64
import json
import re
import uuid

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from casework.canon import digest_of
from casework.held import accept_held
from casework.models import HeldVisit, Round, Visit, VisitPhoto
from casework.rounds import close_round
from casework.tests.phone_app import (
    PhoneScene,
    go,
    log_visit,
    pass_time_until,
    unlock,
    without_background,
)
from casework.tests.waiting import wait_until
from casework.tests.world import TODAY, at
from households.labels import make_labels
from households.models import HouseholdLabel
from villages.models import Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MOST_TAPS, MOST_SECONDS = 6, 20
WAITING = "[data-waiting] > li"
DELIVERED = "[data-delivered] > li"


def test_a_usual_visit_takes_few_taps_and_little_time(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    began_at = app.evaluate("performance.now()")

    taps = 3
    app.locator("[data-groups] a", has_text="刘长生").tap()
    app.locator("main .actions-stay a").tap()
    app.fill("[name=note]", "老人身体好，玉米已收。")
    app.locator("main form button[type=submit]").tap()

    expect(app.locator("[data-saved]")).to_be_visible()
    seconds = (app.evaluate("performance.now()") - began_at) / 1000
    print(f"a usual visit: {taps} taps and one sentence, {seconds:.1f} s by a script")
    assert taps <= MOST_TAPS
    assert seconds < MOST_SECONDS
    expect(app.locator("[data-counts] .state-yes")).to_have_count(2)


def test_what_is_logged_without_network_arrives_by_itself_and_once(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "玉米已收")
    go(app, "waiting")
    expect(app.locator(WAITING)).to_have_count(1)
    app.locator("[data-act=send]").tap()
    expect(app.locator("[data-said]")).to_contain_text("没有网络")

    app.context.set_offline(False)

    expect(app.locator(DELIVERED)).to_have_count(1)
    expect(app.locator("[data-said]")).to_be_hidden()
    expect(app.locator(WAITING)).to_have_count(0)
    visit = Visit.objects.get()
    assert (visit.note, visit.household, visit.entered_by) == ("玉米已收", phone_scene.first, phone_scene.chief)
    expect(app.locator(DELIVERED)).to_contain_text(str(visit.pk)[:8])


def test_the_form_offline_says_what_the_server_says_a_visit_counts_for(app: Page, phone_scene: PhoneScene) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    offline = app.locator("[data-counts] .state-yes")
    expect(offline).to_have_count(2)
    others = app.locator("[data-not-counted]")
    expect(others).to_be_hidden()

    app.locator("[name=contact][value=phone]").check()
    expect(offline).to_have_count(0)
    expect(others.locator("li").first).to_be_visible()
    app.locator("[name=outcome][value=family_away]").check()
    expect(offline).to_have_count(2)
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()

    go(app, "waiting")
    expect(app.locator(DELIVERED)).to_contain_text("2")
    app.goto(reverse("visit_receipt", args=[Visit.objects.get().pk]))
    expect(app.locator(".counts .state-yes")).to_have_count(2)


def test_everything_that_may_be_added_arrives(app: Page, phone_scene: PhoneScene) -> None:
    app.context.grant_permissions(["geolocation"])
    app.context.set_geolocation({"latitude": 25.860012, "longitude": 115.0, "accuracy": 34.2})
    app.context.set_offline(True)
    go(app, f"visit/household={phone_scene.first.pk}")
    app.fill("[name=note]", "看了房子\t和水")
    app.evaluate("document.querySelectorAll('form details').forEach((part) => { part.open = true; })")
    app.locator("[name=guarantee_water][value=met]").check()
    app.fill("[name=needs]", "修水渠")
    app.fill("[name=results]", "路通了")
    app.locator("[name=has_problem][value=yes]").check()
    app.fill("[name=problem]", "屋顶漏雨")
    app.locator("[data-people] input").check()
    app.locator("[data-act=position]").click()
    expect(app.locator("[data-position]")).to_contain_text("35")
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()

    app.context.set_offline(False)

    go(app, "waiting")
    expect(app.locator(DELIVERED)).to_have_count(1)
    visit = Visit.objects.get()
    assert (visit.note, visit.needs, visit.results, visit.problem) == ("看了房子 和水", "修水渠", "路通了", "屋顶漏雨")
    assert (visit.guarantees, visit.accuracy) == ({"water": "met"}, 35)
    assert set(visit.visitors.all()) == {phone_scene.chief, phone_scene.colleague}


def test_an_evening_talk_is_logged_like_a_visit(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    go(app, f"visit/village={phone_scene.world.village.pk}")
    app.locator("[name=talk][value=evening_talk]").check()
    app.fill("[name=head_count]", "23")
    app.fill("[name=note]", "谈了水渠")
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()

    app.context.set_offline(False)

    go(app, "waiting")
    expect(app.locator(DELIVERED)).to_have_count(1)
    visit = Visit.objects.get()
    assert (visit.talk, visit.head_count, visit.household) == ("evening_talk", 23, None)


def test_company_is_remembered_for_the_day(app: Page, phone_scene: PhoneScene) -> None:
    go(app, f"visit/household={phone_scene.first.pk}")
    app.locator("[data-company] summary").click()
    app.locator("[data-people] input").check()
    app.fill("[name=note]", "一起来的")
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()

    go(app, f"visit/household={phone_scene.second.pk}")

    expect(app.locator("[data-people] input")).to_be_checked()
    expect(app.locator("[name=outcome][value=met]")).to_be_checked()


def test_a_family_is_found_by_name_initials_and_number(app: Page, phone_scene: PhoneScene) -> None:
    for words in ("观福", "lgf", phone_scene.second.number[-4:]):
        app.fill("[data-search]", words)
        expect(app.locator("[data-found] > li")).to_have_count(1)
        expect(app.locator("[data-found]")).to_contain_text("赖观福")

    app.fill("[data-search]", "没有这个人")
    expect(app.locator("[data-found-nothing]")).to_be_visible()


def test_a_round_that_is_closed_owes_nobody_a_visit(app: Page, phone_scene: PhoneScene) -> None:
    expect(app.locator("main")).to_contain_text("应访 3 户")

    for round in Round.objects.all():
        close_round(round=round, actor=None, on=TODAY)
    app.get_by_role("button", name="更新带走的资料").click()

    expect(app.locator("main")).not_to_contain_text("应访 3 户")
    expect(app.locator("main")).not_to_contain_text("十月走访")


def test_a_village_is_taken_along_and_walked_by_group(app: Page, phone_scene: PhoneScene) -> None:
    phone_scene.world.household("温外村", phone_scene.world.sibling)
    other = phone_scene.world.sibling
    phone_scene.world.post(phone_scene.chief, Post.TEAM_MEMBER, other)
    expect(app.locator("[data-act=take-village]")).to_have_count(0)  # the one tap has taken it
    app.locator("[data-act=take]").click()
    app.locator("[data-act=take-village]").click()
    expect(app.locator("[data-act=take-village]")).to_have_count(0)
    app.context.set_offline(True)
    go(app, f"plan/{other.pk}/all")
    expect(app.locator("[data-groups] .row-name")).to_have_text(["温外村"])

    go(app, f"plan/{phone_scene.world.village.pk}")

    expect(app.locator("[data-groups] .row-name")).to_have_text(["刘长生", "赖观福", "曾石昌"])
    expect(app.locator("[data-groups] h2")).to_have_count(2)


def test_a_held_visit_says_why_and_is_delivered_when_it_is_accepted(app: Page, phone_scene: PhoneScene) -> None:
    app.context.set_offline(True)
    log_visit(app, phone_scene.first, "同一天交接")
    visit = app.locator("[data-saved-visit]").get_attribute("data-saved-visit")
    phone_scene.world.visit(phone_scene.first, TODAY, phone_scene.chief, id=uuid.UUID(visit), note="服务器上的话")

    app.context.set_offline(False)
    go(app, "waiting")

    expect(app.locator("[data-held] > li")).to_contain_text("同一天交接")
    expect(app.locator("[data-held] strong")).to_be_visible()
    expect(app.locator(WAITING)).to_have_count(0)
    accept_held(held_id=HeldVisit.objects.get().pk, actor=phone_scene.supervisor, now=at(TODAY, 11), words="两处都对")
    # Asked again and again: somebody else, as the service worker, may be sending just now.
    wait_until(app, "phone.sending.now().then(() => !document.querySelector('[data-held] > li'))")


def _with(route: object, **changes: object) -> str:
    body = json.loads(route.request.post_data)  # type: ignore[attr-defined]
    body["visits"] = [visit | changes for visit in body["visits"]]
    return json.dumps(body)


def tried(number: int) -> str:
    return f"phone.store.all('queue').then((all) => all.length === 1 && all[0].tries === {number})"


def test_what_is_damaged_on_the_way_is_sent_again_by_itself(app: Page, phone_scene: PhoneScene) -> None:
    without_background(app)
    app.route("**/api/v1/phone/visits/", lambda route: route.continue_(post_data=_with(route, note="别的话")), times=1)
    log_visit(app, phone_scene.first, "原来的话")
    go(app, "waiting")
    wait_until(app, tried(1))
    expect(app.locator(WAITING)).to_have_count(1)

    pass_time_until(app, "phone.store.all('queue').then((all) => all.length === 0)")

    expect(app.locator(DELIVERED)).to_have_count(1)
    assert Visit.objects.get().note == "原来的话"


def test_what_arrives_damaged_each_time_is_shown_and_can_be_corrected(app: Page, phone_scene: PhoneScene) -> None:
    without_background(app)
    app.route("**/api/v1/phone/visits/", lambda route: route.continue_(post_data=_with(route, note="别的话")))
    log_visit(app, phone_scene.first, "原来的话")
    go(app, "waiting")
    wait_until(app, tried(1))
    pass_time_until(app, tried(2))
    pass_time_until(app, "phone.store.all('queue').then((all) => all[0].state === 'refused')")
    expect(app.locator("[data-refused] > li")).to_have_count(1)
    assert not Visit.objects.exists()
    app.unroute("**/api/v1/phone/visits/")

    app.locator("[data-refused] a").click()
    expect(app.locator("[name=note]")).to_have_value("原来的话")
    app.fill("[name=note]", "改过的话")
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved-visit]")).to_contain_text("改过的话")

    go(app, "waiting")
    expect(app.locator(DELIVERED)).to_have_count(1)
    assert Visit.objects.get().note == "改过的话"


def test_the_code_of_a_family_opens_it_without_network(app: Page, phone_scene: PhoneScene) -> None:
    make_labels(village=phone_scene.world.village, actor=phone_scene.chief, on=TODAY)
    token = HouseholdLabel.objects.get(household=phone_scene.second).token
    app.locator("[data-act=take]").click()
    wait_until(app, f"phone.caseload.byToken('{token}') !== null")
    app.context.set_offline(True)

    app.goto(reverse("label", args=[token]))
    unlock(app)
    expect(app.locator("h1")).to_contain_text("赖观福")

    app.goto(f"/h/{uuid.uuid4().hex}/")
    unlock(app)
    expect(app.locator("[data-said]")).to_be_visible()


def test_a_photo_goes_after_the_text_without_place_and_camera(app: Page, phone_scene: PhoneScene) -> None:
    sent: list[bytes] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data_buffer or b"")
        route.continue_()

    without_background(app)
    app.route("**/api/v1/phone/photos/", take)
    app.context.set_offline(True)
    go(app, f"visit/household={phone_scene.first.pk}")
    app.fill("[name=note]", "房子好了")
    app.evaluate("document.querySelectorAll('form details').forEach((part) => { part.open = true; })")
    app.set_input_files("[data-photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": _picture(app)})
    expect(app.locator("[data-photos] img")).to_have_count(1)
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()
    assert sent == []

    app.context.set_offline(False)
    go(app, "waiting")

    expect(app.locator(DELIVERED)).to_have_count(1)
    wait_until(app, "phone.store.all('photos').then((all) => all.length === 0)")
    assert len(sent) == 1
    assert b"\xff\xd8\xff" in sent[0]
    assert b"Exif" not in sent[0]
    assert VisitPhoto.objects.get().visit == Visit.objects.get()


def _picture(page: Page) -> bytes:
    """A JPEG as a phone's camera makes it, with a block that could tell where."""
    drawn = page.evaluate("(() => { const canvas = document.createElement('canvas'); canvas.width = 2000;"
                          " canvas.height = 1000; return canvas.toDataURL('image/jpeg'); })()")  # fmt: skip
    plain = base64.b64decode(drawn.split(",")[1])
    told = b"Exif\x00\x00" + b"25.86,115.01"
    return plain[:2] + b"\xff\xe1" + (len(told) + 2).to_bytes(2, "big") + told + plain[2:]


def test_a_photo_the_server_will_never_take_is_said_and_not_tried_again(app: Page, phone_scene: PhoneScene) -> None:
    asked: list[str] = []
    without_background(app)

    def refuse(route: Route) -> None:
        asked.append("photo")
        route.fulfill(status=415, json={})

    app.route("**/api/v1/phone/photos/", refuse)
    go(app, f"visit/household={phone_scene.first.pk}")
    app.evaluate("document.querySelectorAll('form details').forEach((part) => { part.open = true; })")
    app.set_input_files("[data-photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": _picture(app)})
    expect(app.locator("[data-photos] img")).to_have_count(1)
    app.click("form button[type=submit]")
    expect(app.locator("[data-saved]")).to_be_visible()
    go(app, "waiting")

    expect(app.locator("main")).to_contain_text(re.compile("没能接收的照片：1|could not take: 1"))
    app.evaluate("phone.sending.now()")
    assert asked == ["photo"]


def test_what_asks_for_a_word_is_explained_by_one_tap(app: Page, phone_scene: PhoneScene) -> None:
    said: list[dict] = []
    flag = {"id": 7, "kind": "same_text", "label": "几户写了同样的话", "is_explained": False}
    reasons = [{"value": "same_matter", "label": "几户是同一件事"}, {"value": "other", "label": "其他"}]
    without_background(app)

    def flagged(route: Route) -> None:
        answer = route.fetch()
        content = answer.json()
        for one in content["answers"]:
            one["receipt"]["flags"] = [flag]
        route.fulfill(response=answer, json=content)

    def explained(route: Route) -> None:
        said.append(route.request.post_data_json)
        route.fulfill(json={})

    app.route("**/api/v1/phone/visits/", flagged)
    app.route("**/api/v1/phone/flags/7/", explained)
    app.evaluate("(all) => { phone.caseload.scopes().mine.choices.flag_reasons = all; }", reasons)
    log_visit(app, phone_scene.first, "水渠通了")
    go(app, "waiting")

    app.locator("[data-reasons] button").tap()

    expect(app.locator("[data-reasons]")).to_have_count(0)
    assert said == [{"reason": "same_matter"}]
    app.reload()
    unlock(app)
    expect(app.locator(DELIVERED)).to_have_count(1)
    expect(app.locator("[data-reasons]")).to_have_count(0)


def test_phone_and_server_make_the_same_digest(app: Page) -> None:
    visit = {
        "id": str(uuid.uuid4()), "household": 17, "village": None, "visitors": [12, 7], "problem": "",
        "note": "屋顶漏雨，\"已报\"。\n儿子在家 😀 \u2028é",
        "confirmations": [{"measure": 5, "answer": "yes"}, {"link": 3, "answer": "no"}],
        "position": {"latitude": "25.861234", "longitude": "115.012345", "accuracy": 35}, "guarantees": {},
        "head_count": 0, "filled_at": "2026-10-15T09:30:00+08:00",
    }  # fmt: skip

    assert app.evaluate("(visit) => phone.digest.of(visit)", visit) == digest_of(visit)
