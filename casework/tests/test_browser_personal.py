"""In a real browser: find a person without a name in the address, and see one number in full for a purpose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World
from households.models import Household, Person, Relation
from households.persons import save_person
from households.pinyin import fill_in
from households.tests.numbers import identity_number
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
NUMBER, PHONE = identity_number(), "13812345678"


class Scene:
    """A chief, and three households of one surname with their people."""

    def __init__(self) -> None:
        self.world = World()
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        self.homes = [self._home(name, serial) for serial, name in enumerate(("曾长生", "曾石昌", "曾观福"))]
        self.person = Person.objects.get(household=self.homes[0], relation=Relation.HEAD)
        fill_in()

    def _home(self, name: str, serial: int) -> Household:
        home = self.world.household(name)
        for index, (who, relation) in enumerate(((name, Relation.HEAD), (f"曾小{name[-1]}", Relation.SON))):
            person = Person(household=home, number=f"36070010{serial}{index}", name=who, relation=relation)
            person.id_number, person.phone = identity_number(serial=2 * serial + index), PHONE
            save_person(person, actor=None, on=TODAY)
        return home


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_search_and_a_number_in_full(
    request: pytest.FixtureRequest,
    scene: Scene,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    keep: Callable[[Page, str], None],
    size: str,
) -> None:
    page: Any = request.getfixturevalue(size)
    sign_in(page, scene.chief)
    page.goto("/")
    keep(page, f"{size}-home")
    page.fill("[name=q]", "zxs")
    with next_page(page):
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("曾小生")
    page.fill("[name=q]", "曾")
    with next_page(page):
        page.keyboard.press("Enter")
    expect(page.locator("ul.rows li")).to_have_count(3)
    assert "曾" not in page.url and "%E6" not in page.url
    check_axe(page)
    keep(page, f"{size}-search")

    with next_page(page):
        page.get_by_role("link", name="曾长生").click()
    page.go_back()
    expect(page.locator("ul.rows li")).to_have_count(3)

    page.goto(reverse("person_reveal", args=[scene.person.pk]))
    check_axe(page)
    keep(page, f"{size}-reveal")
    page.locator("[name=field][value=phone]").check()
    page.locator("[name=purpose][value=other]").check()
    with next_page(page):
        page.locator("main button.btn-main").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    keep(page, f"{size}-reveal-error")
    page.locator("[name=purpose][value=call]").check()
    with next_page(page):
        page.locator("main button.btn-main").click()
    expect(page.locator(".in-full")).to_have_text(PHONE)
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    keep(page, f"{size}-revealed")
    assert AuditEntry.objects.filter(verb="person.revealed", actor=scene.chief).count() == 1

    page.goto(reverse("search"))
    keep(page, f"{size}-search-empty")
