"""The code on a family's door, held before a real browser's camera: a picture of it stands in for the lens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from casework.tests.phone_app import PhoneScene, SignIn, go, open_app, take_along
from casework.tests.waiting import wait_until
from casework.tests.world import TODAY
from conftest import CHROMIUM, CHROMIUM_OPTIONS
from households.labels import labels_of, make_labels

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

LENS = (640, 480)


def film(path: Path, address: str) -> None:
    """What the camera sees: a card with the code, a little askew, on a grey wall."""
    code_at = path.with_suffix(".png")
    segno.make(address, error="m").save(str(code_at), scale=6, border=4)
    wall = Image.new("RGB", LENS, (150, 150, 150))
    with Image.open(code_at) as code:
        card = code.convert("RGB").rotate(7, expand=True, fillcolor=(150, 150, 150))
    wall.paste(card, ((LENS[0] - card.width) // 2, (LENS[1] - card.height) // 2))
    wall.save(path, format="JPEG")


@pytest.fixture
def page(playwright_driver: Playwright, server: Any, phone_scene: PhoneScene, tmp_path: Path) -> Iterator[Page]:
    """A phone whose camera looks at the card of the second family."""
    village, seen = phone_scene.world.village, tmp_path / "lens.mjpeg"
    make_labels(village=village, actor=phone_scene.supervisor, on=TODAY)
    [label] = [label for label in labels_of(village, TODAY) if label.household_id == phone_scene.second.pk]
    film(seen, server.url + reverse("label", args=[label.token]))
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_OPTIONS, *camera])
    context = browser.new_context(
        base_url=server.url, locale="zh-CN", viewport={"width": 360, "height": 740}, permissions=["camera"]
    )
    yield context.new_page()
    browser.close()


def test_the_camera_opens_the_family_also_without_network(page: Page, phone_scene: PhoneScene, sign_in: SignIn) -> None:
    sign_in(page, phone_scene.chief)
    open_app(page)
    take_along(page)
    assert page.evaluate("!self.BarcodeDetector")  # so that it is our own reader that is tried
    kept = "caches.keys().then(async (names) => Boolean(await (await caches.open(names[0])).match(%s)))"
    address = page.locator("[data-code-reader]").get_attribute("data-code-reader")
    wait_until(page, kept % f"'{address}'")

    page.context.set_offline(True)
    go(page, "scan")

    expect(page.locator("h1")).to_contain_text(phone_scene.second.head_name)
