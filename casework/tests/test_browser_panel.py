"""The office's panel in a real browser: keys, quick search, many at once, and Chinese input left in peace."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.world import TODAY, World
from households.models import (
    BenefitLink,
    ExitRecord,
    Guarantee,
    Household,
    Income,
    Measure,
    Person,
)
from households.tests.file_rows import exit_of, guarantee_of, income_of, link_of, measure_of, person_of
from households.tests.numbers import identity_number
from villages.models import Cadre, Post, SavedFilter
from villages.tests.panel import address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
LIST = address(Household, "changelist")


class Scene:
    """Two households, one with a whole file, and the clerk of the district."""

    def __init__(self) -> None:
        self.world = World()
        self.clerk = self.world.post("区录入员", Post.CLERK, self.world.district)
        self.first = self.world.household("刘家")
        self.second = self.world.household("钟家")
        person_of(self.first, TODAY)
        income_of(self.first, TODAY)
        guarantee_of(self.first, TODAY)
        measure_of(self.first, TODAY, self.clerk)
        link_of(self.first, TODAY, self.clerk)
        exit_of(self.first)
        SavedFilter.objects.create(
            cadre=self.clerk, page="households.Household", name="外出户", query="is_away__exact=1"
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def panel(desk: Page, scene: Scene, sign_in: SignIn) -> Page:
    """The list of households on an office computer."""
    sign_in(desk, scene.clerk)
    desk.goto(LIST)
    return desk


def focused(page: Page) -> str:
    """Text of the focused link, or id of the focused field."""
    found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    return found


# Keys -----------------------------------------------------------------------------------------


def test_rows_are_walked_opened_and_left_by_keys(panel: Page, scene: Scene) -> None:
    panel.keyboard.press("j")
    assert focused(panel) == "刘家"
    panel.keyboard.press("ArrowDown")
    assert focused(panel) == "钟家"
    panel.keyboard.press("k")
    panel.keyboard.press("ArrowUp")
    assert focused(panel) == "刘家"

    panel.keyboard.press("x")
    expect(panel.locator("input.action-select").first).to_be_checked()
    panel.keyboard.press("j")
    panel.keyboard.press("Enter")
    panel.wait_for_url(f"**{address(Household, 'change', scene.second.pk)}**")
    panel.keyboard.press("Escape")
    panel.wait_for_url(f"**{LIST}")


def test_slash_goes_to_the_search_and_escape_out_of_it(panel: Page, scene: Scene) -> None:
    panel.keyboard.press("/")
    assert focused(panel) == "searchbar"
    panel.keyboard.type("钟/jkx?")
    expect(panel.locator("#searchbar")).to_have_value("钟/jkx?")
    expect(panel.locator("#keys-help")).to_be_hidden()

    panel.keyboard.press("Escape")
    panel.keyboard.press("q")
    assert focused(panel) == "quick-text"


def test_an_identity_number_typed_into_an_autocomplete_field_is_not_sent(panel: Page, scene: Scene) -> None:
    number = identity_number()
    addresses: list[str] = []
    panel.on("request", lambda request: addresses.append(unquote_plus(request.url)))
    panel.goto(address(Measure, "add"))
    panel.locator(".field-household .select2-selection").click()
    box = panel.locator(".select2-search__field")

    expect(panel.locator(".select2-results__option")).not_to_have_count(0)  # the field has asked as it opened

    for typed in (number, f"{number[:6]} {number[6:14]} {number[14:]}"):
        with panel.expect_response("**/autocomplete/**"):
            box.fill(typed)
    with panel.expect_response(lambda answer: "term=刘" in unquote_plus(answer.url)):
        box.fill("刘")

    expect(panel.locator(".select2-results__option")).to_contain_text(["刘家"])
    terms = [one.split("?", 1)[1] for one in addresses if "term=" in one]  # the server's port is drawn by lot
    assert any("term=刘" in one for one in terms)
    assert [one for one in terms if number[:6] in one or number[14:] in one] == []


def test_control_s_saves_from_within_a_field(panel: Page, scene: Scene) -> None:
    panel.goto(address(Household, "change", scene.first.pk))
    panel.locator("[name=natural_village]").fill("下坝")

    panel.keyboard.press("Control+s")

    expect(panel.locator(".messagelist .success")).to_be_visible()
    scene.first.refresh_from_db()
    assert scene.first.natural_village == "下坝"


def test_escape_throws_no_typed_text_away(panel: Page, scene: Scene) -> None:
    panel.goto(address(Household, "change", scene.first.pk))
    panel.locator("[name=natural_village]").fill("下坝")

    panel.keyboard.press("Escape")
    panel.keyboard.press("Escape")

    expect(panel.locator("[name=natural_village]")).to_have_value("下坝")


def test_alt_n_adds(panel: Page) -> None:
    panel.keyboard.press("Alt+n")

    panel.wait_for_url(f"**{address(Household, 'add')}**")


def test_the_question_mark_shows_the_keys_and_escape_closes_them(
    panel: Page, check_axe: Callable[[Page], None]
) -> None:
    panel.keyboard.press("?")
    expect(panel.locator("#keys-help")).to_contain_text("下一行")
    check_axe(panel)

    panel.keyboard.press("j")
    assert focused(panel) != "刘家"
    panel.keyboard.press("Escape")
    expect(panel.locator("#keys-help")).to_be_hidden()
    panel.get_by_role("button", name=re.compile("快捷键")).click()
    expect(panel.locator("#keys-help")).to_be_visible()


@pytest.mark.parametrize("options", ["{isComposing: true}", "{keyCode: 229}"])
@pytest.mark.parametrize("key", ["j", "/", "?", "Escape", "s"])
def test_keys_of_a_chinese_input_method_are_left_alone(panel: Page, key: str, options: str) -> None:
    panel.evaluate("document.body.focus()")

    was_taken = panel.evaluate(
        f"""() => {{
          const options = Object.assign({{key: "{key}", bubbles: true, cancelable: true}}, {options});
          options.ctrlKey = "{key}" === "s";
          return !document.body.dispatchEvent(new KeyboardEvent("keydown", options));
        }}"""
    )

    assert was_taken is False
    assert panel.evaluate("document.activeElement === document.body")
    expect(panel.locator("#keys-help")).to_be_hidden()


# Quick search ---------------------------------------------------------------------------------


def test_the_quick_search_answers_while_one_types_and_is_walked_by_arrows(
    panel: Page, scene: Scene, check_axe: Callable[[Page], None]
) -> None:
    panel.keyboard.press("q")
    panel.keyboard.type("钟家")
    expect(panel.locator("#quick-hits a")).to_have_count(1)
    check_axe(panel)

    panel.keyboard.press("Escape")
    expect(panel.locator("#quick-hits")).to_be_hidden()
    panel.keyboard.press("Backspace")
    expect(panel.locator("#quick-hits a")).to_have_count(2)
    panel.keyboard.press("ArrowDown")
    panel.keyboard.press("ArrowUp")
    assert focused(panel) == "quick-text"
    panel.keyboard.press("ArrowDown")
    panel.keyboard.press("Enter")

    panel.wait_for_url(f"**{address(Household, 'change', scene.second.pk)}")
    assert "q=" not in panel.url


def test_the_quick_search_waits_until_the_input_method_is_done(panel: Page) -> None:
    asked: list[str] = []
    panel.on("request", lambda request: asked.append(request.url) if "/quick/" in request.url else None)
    field = panel.locator("#quick-text")

    field.dispatch_event("compositionstart")
    field.fill("zhongjia")
    panel.wait_for_timeout(600)
    assert asked == []

    field.fill("钟家")
    field.dispatch_event("compositionend")
    expect(panel.locator("#quick-hits a")).to_have_count(1)


def test_without_the_script_the_quick_search_has_its_own_page(scene: Scene, client: Any) -> None:
    client.force_login(scene.clerk)

    page = client.post(reverse("admin:quick_search"), {"quick": "钟家"}).content.decode()

    assert "<html" in page
    assert address(Household, "change", scene.second.pk) in page


# Many at once, own filters --------------------------------------------------------------------


def test_many_are_changed_by_keyboard_and_mouse_after_a_preview(
    panel: Page, scene: Scene, check_axe: Callable[[Page], None]
) -> None:
    panel.locator("#action-toggle").check()
    panel.get_by_role("button", name=re.compile("批量修改")).click()
    panel.locator("[name=natural_village]").fill("下坝")
    expect(panel.locator("[name=chosen][value=natural_village]")).to_be_checked()
    expect(panel.locator("[name=chosen]:checked")).to_have_count(1)
    check_axe(panel)

    panel.keyboard.press("Control+s")
    expect(panel.locator(".bulk-preview tbody tr.changes")).to_have_count(2)
    check_axe(panel)
    panel.fill("[name=reason]", "村里核实")
    panel.keyboard.press("Control+s")

    expect(panel.locator(".bulk-counts")).to_contain_text("已修改 2 条")
    check_axe(panel)
    assert set(Household.objects.values_list("natural_village", flat=True)) == {"下坝"}


def test_a_view_is_saved_used_and_deleted(panel: Page, check_axe: Callable[[Page], None]) -> None:
    panel.goto(f"{LIST}?base_type__exact=exited")
    panel.locator(".saved-filters summary").click()
    panel.fill("[name=filter_name]", "脱贫户")
    check_axe(panel)
    panel.keyboard.press("Enter")

    expect(panel.locator(".saved-filters li.here")).to_contain_text("脱贫户")
    panel.get_by_role("link", name="外出户").click()
    expect(panel.locator(".saved-filters li.here")).to_contain_text("外出户")
    panel.get_by_role("button", name="删除筛选“外出户”").click()
    expect(panel.locator(".saved-filters li")).to_have_count(1)


# Open to all ----------------------------------------------------------------------------------


MODELS = [Household, Person, Income, Guarantee, Measure, BenefitLink, ExitRecord]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_of_the_file_is_accessible_and_fits_the_screen(
    request: pytest.FixtureRequest,
    scene: Scene,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    size: str,
    model: Any,
) -> None:
    page: Page = request.getfixturevalue(size)
    sign_in(page, scene.clerk)
    key = scene.first.pk if model is Household else model.objects.get().pk
    pages = [address(model, "changelist"), address(model, "change", key), address(model, "history", key)]
    pages += [address(model, "add")] if model is not ExitRecord else []

    for url in pages:
        page.goto(url)
        if size == "desk":  # what axe looks for is the same on a phone
            check_axe(page)
        # Not window.innerWidth: a phone's browser zooms out to show what is too wide.
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], url  # type: ignore[index]


def test_everything_on_the_list_is_reached_by_tab_with_a_visible_focus(panel: Page) -> None:
    seen = set()
    for _step in range(200):
        panel.keyboard.press("Tab")
        style = panel.evaluate(
            """() => {
              const node = document.activeElement;
              if (node === document.body) return null; // once round
              const style = getComputedStyle(node);
              return [node.id || node.className || node.textContent.trim(), style.outlineStyle, style.outlineWidth];
            }"""
        )
        if style is None:
            break
        assert style[1] != "none", style
        seen.add(style[0])

    assert {"quick-text", "searchbar", "action-toggle", "action-select", "addlink"} <= seen
