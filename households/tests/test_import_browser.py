"""An import in a real browser: preview, confirm, result, undo, and nothing a screen reader stumbles over."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World, at
from households.imports import continue_import
from households.models import Household, ImportKind, Person, RegisterImport
from households.persons import save_person
from households.tests.sheets import bring_in, confirm, csv_of, made_up_number, person
from villages.models import Cadre, Post
from villages.postings import remove_posting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SignIn = Callable[[Page, Cadre], None]
NOW = at(TODAY)
FIRST, SECOND, THIRD = "3607041000001", "3607041000002", "3607041000003"


def work() -> None:
    continue_import(RegisterImport.objects.latest("pk").pk, now=NOW)


def worked_after(page: Page, button: str) -> None:
    """Press the button and do the work; the page finds out by itself."""
    with next_page(page):
        page.get_by_role("button", name=button).click()
    work()


def known_to_both() -> None:
    """Two households of the last import, one of whose members was corrected here since."""
    rows = [person(FIRST, 1, "张三", 文化程度="初中"), person(SECOND, 1, "王五"), person(SECOND, 2, "王小", "之子")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    head = Person.objects.get(name="张三")
    head.education = "senior"
    save_person(head, actor=None, on=TODAY)


def new_export() -> bytes:
    """The same two changed, a new one, a wrong row; a person has gone."""
    wrong = made_up_number(9)[:-1] + "0"
    wrong = wrong if wrong != made_up_number(9) else wrong[:-1] + "1"
    rows = [
        person(FIRST, 1, "张三", 文化程度="大专", 户联系电话="13800000001"),
        person(SECOND, 1, "王五", 健康状况="长期慢性病", 户类型="一般农户"),
        person(THIRD, 1, "赵六", 证件号码=made_up_number(5)),
        person(THIRD, 2, "赵七", "之子", 证件号码=wrong),
    ]
    return csv_of(rows)


def test_preview_confirm_result_undo(desk: Page, sign_in: SignIn) -> None:
    world = World()
    known_to_both()
    sign_in(desk, world.post("镇录入员", Post.CLERK, world.town))

    desk.goto(reverse("admin:households_registerimport_add"))
    desk.set_input_files("[name=file]", {"name": "导出.csv", "mimeType": "text/csv", "buffer": new_export()})
    with next_page(desk):
        desk.locator("#content-main input.default").click()
    expect(desk.locator("progress")).to_be_visible()

    work()
    expect(desk.locator(".counts")).to_contain_text("文件行数")  # the script has loaded the page again
    expect(desk.locator(".groups")).to_contain_text("大专")
    desk.get_by_role("link", name="退回的行").click()
    expect(desk.locator(".results")).to_contain_text("校验位不符")

    desk.get_by_label("以国家系统为准").check()
    worked_after(desk, "确认写入")
    expect(desk.locator(".explanation")).to_contain_text("已写入")
    assert Person.objects.get(name="张三").education == "college"
    assert Household.objects.filter(number=THIRD).exists()

    worked_after(desk, "整体撤销本次导入")
    expect(desk.locator(".explanation")).to_contain_text("已撤销")
    assert Person.objects.get(name="张三").education == "senior"
    assert not Household.objects.filter(number=THIRD).exists()


def test_a_list_is_undone_when_nothing_depends_on_it_any_more(
    desk: Page,
    phone: Page,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    keep: Callable[[Page, str], None],
) -> None:
    world = World()
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    job = bring_in("账号,姓名\nzhaoliu,赵六\nqianqi,钱七\n".encode(), now=NOW, kind=ImportKind.CADRES, actor=clerk)
    confirm(job, now=NOW, actor=clerk)
    cadre = Cadre.objects.get(username="zhaoliu")
    world.post(cadre, Post.TEAM_MEMBER, world.village)
    for page, size in ((phone, "phone"), (desk, "desk")):
        sign_in(page, clerk)
        page.goto(reverse("admin:households_registerimport_change", args=[job.pk]))
        with next_page(page):
            page.get_by_role("button", name="整体撤销本次导入").click()
        expect(page.locator(".messagelist")).to_contain_text("“赵六 zhaoliu”已有任职（1条）")
        check_axe(page)
        keep(page, f"import-undo-refused-{size}")
    remove_posting(posting=cadre.postings.get(), actor=clerk, on=TODAY, reason="误录")

    worked_after(desk, "整体撤销本次导入")

    expect(desk.locator(".explanation")).to_contain_text("已撤销")
    keep(desk, "import-undone-desk")
    assert list(Cadre.objects.all()) == [clerk]


@pytest.mark.parametrize("show", ["conflicts", "refused", "updated", "created"])
def test_the_preview_has_no_serious_accessibility_violation(
    desk: Page,
    phone: Page,
    sign_in: SignIn,
    check_axe: Callable[[Page], None],
    keep: Callable[[Page, str], None],
    show: str,
) -> None:
    world = World()
    known_to_both()
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    job = bring_in(new_export(), now=NOW, actor=clerk)

    for page, size in ((desk, "desk"), (phone, "phone")):
        sign_in(page, clerk)
        page.goto(f"{reverse('admin:households_registerimport_change', args=[job.pk])}?show={show}")
        check_axe(page)
        keep(page, f"import-preview-{show}-{size}")
        assert page.locator(".results").evaluate("box => box.scrollWidth - box.clientWidth") <= 0  # folds on a phone
        assert size == "desk" or not page.locator("td:empty:visible").count()  # and says nothing of what is not there


def test_the_form_has_no_serious_accessibility_violation(
    desk: Page, sign_in: SignIn, check_axe: Callable[[Page], None]
) -> None:
    world = World()
    sign_in(desk, world.post("镇录入员", Post.CLERK, world.town))

    desk.goto(reverse("admin:households_registerimport_add"))

    check_axe(desk)
