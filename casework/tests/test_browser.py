"""The main job in a real browser: sign in, log a visit on a phone, see coverage change, correct it, open a round."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.misaddressed import report_not_mine
from casework.models import Reminder, Round, RoundTemplate, TargetKind, Visit
from casework.rounds import continue_opening
from casework.tests.waiting import next_page, wait_until
from casework.tests.world import TODAY, World, at
from households.models import Household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]


class Scene:
    """A helper with two households of one group, the round that asks for them, and a supervisor."""

    def __init__(self) -> None:
        self.world = World()
        self.household = self.world.household("刘家")
        self.helper = self.world.help("钟水生", self.household)
        self.world.help(self.helper, self.world.household("赖家"))
        self.supervisor = self.world.post("督导", Post.SUPERVISOR, self.world.district)
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        self.round = self.world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="十月走访")
        posts = [Post.VILLAGE_CHIEF.value, Post.FIRST_SECRETARY.value, Post.VILLAGE_SECRETARY.value]
        self.template = RoundTemplate.objects.create(
            name="遍访农户", posts=posts, target_kind=TargetKind.RURAL_HOUSEHOLD, repetition="yearly"
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


def form_of(household: Household) -> str:
    return f"{reverse('visit_new')}?household={household.pk}"


def submit(page: Page) -> None:
    page.locator("main button.btn-main[type=submit]").click()


def test_a_cadre_signs_in_and_logs_a_visit_in_three_taps(phone: Page, scene: Scene) -> None:
    phone.goto("/")
    phone.fill("[name=username]", scene.helper.username)
    phone.fill("[name=password]", "secret-words")
    submit(phone)

    phone.get_by_role("link", name=re.compile("刘家")).tap()
    phone.fill("[name=note]", "老人身体好，玉米已收。")
    phone.locator("main button.btn-main[type=submit]").tap()
    expect(phone.locator("[data-saved]")).to_be_visible()
    phone.locator("a.btn-main").tap()

    expect(phone.locator("main")).to_contain_text("赖家")
    assert list(Visit.objects.values_list("household__head_name", "note")) == [("刘家", "老人身体好，玉米已收。")]


def test_coverage_changes_with_the_visit_and_again_with_its_correction(
    phone: Page, desk: Page, scene: Scene, sign_in: SignIn
) -> None:
    household = scene.household
    sign_in(phone, scene.helper)
    sign_in(desk, scene.supervisor)
    done = desk.locator("tfoot td").nth(1)
    desk.goto(reverse("coverage", args=[scene.round.pk]))
    expect(done).to_have_text("0")

    phone.goto(form_of(household))
    submit(phone)
    expect(phone.locator("[data-saved]")).to_be_visible()
    desk.reload()
    expect(done).to_have_text("1")

    phone.goto(reverse("visit_correct", args=[Visit.objects.get().pk]))
    phone.get_by_label(re.compile("家中无人|nobody home")).check()
    phone.fill("[name=reason]", "选错了")
    submit(phone)
    expect(phone.locator("[data-saved]")).to_be_visible()
    desk.reload()
    expect(done).to_have_text("0")


def test_the_box_says_at_once_what_the_changed_answer_counts_for(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(phone, scene.helper)
    phone.goto(form_of(scene.household))
    counted = phone.locator("[data-counts-box] .state-yes")
    expect(counted).to_have_count(1)

    phone.locator("[name=contact][value=phone]").check()

    expect(counted).to_have_count(0)
    expect(phone.locator("[data-counts-box]")).to_contain_text("十月走访")


def test_what_was_typed_survives_an_expired_login_and_ends_with_the_receipt(
    phone: Page, scene: Scene, sign_in: SignIn
) -> None:
    household = scene.household
    sign_in(phone, scene.helper)
    phone.goto(form_of(household))
    phone.locator("[name=contact][value=elsewhere]").check()
    phone.fill("[name=visited_on]", "2026-10-12")
    phone.fill("[name=note]", "在镇上碰到，孩子已返校。")
    phone.locator("[name=has_problem][value=yes]").check()
    phone.fill("[name=problem]", "屋顶漏雨")
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    with next_page(phone):
        submit(phone)
    phone.fill("[name=username]", scene.helper.username)
    phone.fill("[name=password]", "secret-words")
    submit(phone)

    expect(phone.locator("[data-restored]")).to_be_visible()
    expect(phone.locator("[name=note]")).to_have_value("在镇上碰到，孩子已返校。")
    expect(phone.locator("[name=problem]")).to_be_visible()
    submit(phone)
    expect(phone.locator("[data-saved]")).to_be_visible()
    visit = Visit.objects.get()
    assert (visit.contact, visit.visited_on.isoformat(), visit.problem) == ("elsewhere", "2026-10-12", "屋顶漏雨")
    wait_until(phone, "!Object.keys(localStorage).some((name) => name.startsWith('draft:'))")


def test_an_old_receipt_leaves_a_new_draft_alone(phone: Page, scene: Scene, sign_in: SignIn) -> None:
    household = scene.household
    earlier = scene.world.visit(household, TODAY, scene.helper)
    sign_in(phone, scene.helper)
    phone.goto(form_of(household))
    phone.fill("[name=note]", "还没写完，电话13807971234")

    phone.goto(reverse("visit_receipt", args=[earlier.pk]))
    phone.goto(form_of(household))

    expect(phone.locator("[name=note]")).to_have_value(f"还没写完，电话{'*' * 11}")  # no number is kept on the phone
    with next_page(phone):
        phone.locator("[data-start-afresh]").click()
    expect(phone.locator("[name=note]")).to_have_value("")


def test_a_supervisor_opens_a_round_and_sees_it_open(desk: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(desk, scene.supervisor)
    desk.goto(f"{reverse('round_open')}?template={scene.template.pk}")

    submit(desk)
    expect(desk.locator("tfoot td").first).to_have_text("6")
    with next_page(desk):
        submit(desk)
    expect(desk.locator("[data-progress]")).to_be_visible()
    assert continue_opening(Round.objects.exclude(pk=scene.round.pk).get().pk)

    # The page finds out by itself.
    expect(desk.locator("table.figures tfoot td").first).to_have_text("6")


def test_the_keyboard_alone_logs_a_visit(desk: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(desk, scene.helper)
    desk.goto(form_of(scene.household))

    desk.locator("[name=note]").focus()
    desk.keyboard.type("ok")
    for _step in range(30):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.matches('main button.btn-main')"):
            break
    desk.keyboard.press("Enter")

    expect(desk.locator("[data-saved]")).to_be_visible()


def addresses(scene: Scene) -> dict[str, list[str]]:
    """Every page, by who looks at it."""
    household = scene.household
    visit = scene.world.visit(household, TODAY, scene.helper, note="一切都好", problem="屋顶漏雨")
    about = f"{scene.round.pk}:village_chief:{scene.world.village.pk}"
    items = [{"text": "赖家", "why": "上次走访71天前", "url": "/", "kind": "overdue", "about": about}]
    reminder = Reminder.objects.create(
        recipient=scene.chief,
        for_day=TODAY,
        prepared_at=at(TODAY),
        delivered_at=at(TODAY),
        lines=[{"village": "潭埠村", "items": items}],
    )
    report_not_mine(reminder=reminder, about=about, words="已换人", actor=scene.chief, on=TODAY)
    scene.world.round([Post.VILLAGE_CHIEF], name="大村长遍访")
    opening = scene.world.round([Post.VILLAGE_CHIEF], name="正在开启")
    Round.objects.filter(pk=opening.pk).update(state="opening", steps_done=0, steps_total=2)
    coverage = reverse("coverage", args=[scene.round.pk])
    return {
        "nobody": [reverse("login"), f"{reverse('login')}?next=/inbox/"],
        "chief": [
            reverse("home"),
            reverse("search"),
            reverse("household", args=[household.pk]),
            reverse("household_visits", args=[household.pk]),
            reverse("household_file", args=[household.pk]),
            reverse("household_handbook", args=[household.pk]),
            reverse("village", args=[scene.world.village.pk]),
            form_of(household),
            f"{reverse('visit_new')}?village={scene.world.village.pk}",
            reverse("visit_receipt", args=[visit.pk]),
            reverse("visit_history", args=[visit.pk]),
            reverse("inbox"),
            reverse("reminder", args=[reminder.pk]),
            f"{reverse('reminder_not_mine', args=[reminder.pk])}?about={about}",
            reverse("inbox_settings"),
            "/no-such-page/",
        ],
        "helper": [reverse("visit_correct", args=[visit.pk])],
        "supervisor": [
            reverse("home"),
            reverse("rounds"),
            reverse("round", args=[scene.round.pk]),
            reverse("round", args=[opening.pk]),
            reverse("round_close", args=[scene.round.pk]),
            reverse("round_open"),
            f"{reverse('round_open')}?template={scene.template.pk}",
            reverse("coverage_home"),
            reverse("coverage_unseen"),
            f"{reverse('coverage_unseen_list')}?seen=unseen",
            reverse("coverage_vacant"),
            coverage,
            f"{coverage}?by=class&sort=-total",
            f"{coverage}?by=village",
            f"{coverage}?by=post",
            f"{coverage}?by=unit",
            reverse("coverage_wall", args=[scene.round.pk]),
            f"{reverse('coverage_wall', args=[scene.round.pk])}?screen=on&shows=unseen",
            reverse("coverage_list", args=[scene.round.pk]),
            f"{reverse('reminder_run')}?on=2026-10-26",
            reverse("reminder_log"),
            reverse("reminder_reports"),
        ],
    }


@pytest.mark.parametrize("who", ["nobody", "chief", "helper", "supervisor"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_is_accessible_and_fits_the_screen(
    request: pytest.FixtureRequest,
    scene: Scene,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    size: str,
    who: str,
) -> None:
    page: Page = request.getfixturevalue(size)
    if who != "nobody":
        sign_in(page, getattr(scene, who))

    for address in addresses(scene)[who]:
        page.goto(address)
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_preview_of_a_round_is_accessible(
    phone: Page, scene: Scene, sign_in: SignIn, check_axe: Callable[[Page], None]
) -> None:
    sign_in(phone, scene.supervisor)
    phone.goto(f"{reverse('round_open')}?template={scene.template.pk}")
    with next_page(phone):
        submit(phone)

    check_axe(phone)


def test_the_wall_on_the_meeting_rooms_screen_renews_itself(desk: Page, scene: Scene, sign_in: SignIn) -> None:
    sign_in(desk, scene.supervisor)
    desk.clock.install()
    desk.goto(f"{reverse('coverage_wall', args=[scene.round.pk])}?screen=on")
    sum_of = desk.locator(".wall-sum")
    before = sum_of.text_content()
    scene.world.visit(scene.household, TODAY, scene.helper)

    desk.context.set_offline(True)
    with desk.expect_event("requestfailed"):
        desk.clock.fast_forward("06:00")
    desk.evaluate("fetch('/healthz').catch(() => null)")  # by now the page has heard of its own failure, too
    expect(sum_of).to_have_text(before or "")
    desk.context.set_offline(False)
    desk.evaluate("document.body.dataset.still = 'here'")
    desk.clock.fast_forward("01:01")

    expect(sum_of).not_to_have_text(before or "")
    assert desk.evaluate("document.body.dataset.still") == "here"  # not loaded anew: the full screen stays
    desk.get_by_role("button", name="全屏").click()
    expect(desk.get_by_role("button", name="全屏")).to_be_hidden()
