"""The pages of bulletins: made by three clicks, edited, released, printed, taken along, and what others see."""

from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.bulletins import ask_for_bulletin, count_bulletin, release_bulletin
from casework.models import Bulletin, BulletinState, Round
from casework.tests.test_views_rounds import filled_in
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(world: World) -> Round:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.household("张三")
    world.household("外村户", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF], name="大走访")
    world.visit(round.duties.get(village=world.village).household, date(2026, 10, 5), chief)
    return round


@pytest.fixture
def desk(client: Client, supervisor: Cadre) -> Client:
    client.force_login(supervisor)
    return client


@pytest.fixture
def draft(world: World, supervisor: Cadre, round: Round) -> Bulletin:
    days = {"starts_on": date(2026, 10, 1), "cut_off_on": TODAY}
    made = ask_for_bulletin(key=uuid4(), place=world.district, rounds=[round], actor=supervisor, now=at(TODAY), **days)
    count_bulletin(made.pk, now=at(TODAY))
    return Bulletin.objects.get(pk=made.pk)


def text(response) -> str:
    return BeautifulSoup(response.content, "html.parser").select_one("main").get_text(" ", strip=True)


@pytest.mark.core
def test_a_bulletin_is_made_by_hand_after_a_preview(desk: Client, round: Round) -> None:
    form = filled_in(desk.get(reverse("bulletin_new"))) | {"rounds": [str(round.pk)]}

    preview = desk.post(reverse("bulletin_preview"), form)
    assert not Bulletin.objects.exists()
    made = desk.post(reverse("bulletin_new"), filled_in(preview))

    bulletin = Bulletin.objects.get()
    assert made["Location"] == reverse("bulletin", args=[bulletin.pk])
    assert bulletin.round_ids == [round.pk]
    assert "1" in text(preview)
    assert "正在统计" in text(desk.get(made["Location"]))


def test_rounds_of_another_town_are_refused_in_the_form(desk: Client, world: World, round: Round) -> None:
    foreign = world.round([Post.VILLAGE_CHIEF], town_id=world.other_town.pk, name="沙地镇轮次")
    form = filled_in(desk.get(reverse("bulletin_new")))

    answer = desk.post(
        reverse("bulletin_preview"), form | {"place": [world.town.pk], "rounds": [str(round.pk), str(foreign.pk)]}
    )

    assert "不是该地区的轮次：沙地镇轮次" in text(answer)


def test_a_draft_is_edited_and_released_and_then_stands(desk: Client, draft: Bulletin) -> None:
    edit, release = (reverse(f"bulletin_{name}", args=[draft.pk]) for name in ("edit", "release"))
    values = filled_in(desk.get(edit)) | {"number": ["赣区走访〔2026〕1号"], "text": ["各乡镇：\n情况如下。"]}

    assert desk.post(edit, values)["Location"] == reverse("bulletin", args=[draft.pk])
    desk.post(release)
    assert desk.post(edit, values | {"number": ["改"]}).status_code == 302

    draft.refresh_from_db()
    assert (draft.number, draft.state) == ("赣区走访〔2026〕1号", BulletinState.RELEASED)


@pytest.mark.core
def test_page_sheet_and_workbook_show_the_same_kept_figures(desk: Client, draft: Bulletin, world: World) -> None:
    release_bulletin(bulletin_id=draft.pk, actor=draft.made_by, now=at(TODAY))
    other = world.post("邻村长", Post.VILLAGE_CHIEF, world.foreign)
    world.visit(world.foreign.households.get(), TODAY, other)

    page, sheet = (text(desk.get(reverse(name, args=[draft.pk]))) for name in ("bulletin", "bulletin_sheet"))
    workbook = desk.get(reverse("bulletin_workbook", args=[draft.pk]))

    assert "大走访 · 1 / 2 · 50.00%" in page
    assert "合计 2 1 0 1 0 50.00% 岗位空缺1" in sheet
    assert "填报单位：赣县区 填表人：督导" in sheet
    assert workbook["Content-Disposition"] == f'attachment; filename="bulletin-360704-20261015-{draft.pk}.xlsx"'
    assert workbook.content[:2] == b"PK"


def test_figures_changed_behind_the_verbs_are_noticed(desk: Client, draft: Bulletin) -> None:
    draft.counted["rounds"][0]["counts"]["done"] += 1
    draft.save(update_fields=["figures"])

    assert "与统计时的摘要不符" in text(desk.get(reverse("bulletin", args=[draft.pk])))


def test_a_withdrawn_one_says_so_with_its_reason(desk: Client, draft: Bulletin) -> None:
    address = reverse("bulletin_withdraw", args=[draft.pk])

    assert desk.post(address, {"reason": ""}).status_code == 200
    desk.post(address, {"reason": "截止日期有误"})

    assert "截止日期有误" in text(desk.get(reverse("bulletin", args=[draft.pk])))


def test_a_correction_leads_to_the_new_draft_and_back(desk: Client, draft: Bulletin) -> None:
    desk.post(reverse("bulletin_release", args=[draft.pk]))

    made = desk.post(reverse("bulletin_correct", args=[draft.pk]))

    correction = Bulletin.objects.get(corrects=draft)
    assert made["Location"] == reverse("bulletin", args=[correction.pk])
    assert "更正" in text(desk.get(made["Location"]))


def test_a_waiting_draft_shows_on_the_home_page_and_in_the_inbox(
    desk: Client, draft: Bulletin, client: Client, world: World
) -> None:
    for name in ("home", "inbox"):
        assert "1份通报待发布" in text(desk.get(reverse(name)))
    client.force_login(world.post("镇督导", Post.SUPERVISOR, world.town))
    for name in ("home", "inbox", "bulletins"):
        assert "待发布" not in text(client.get(reverse(name)))


def test_others_see_what_was_released_and_change_nothing(client: Client, draft: Bulletin, world: World) -> None:
    client.force_login(world.post("第一书记", Post.FIRST_SECRETARY, world.village))
    page = reverse("bulletin", args=[draft.pk])

    assert client.get(page).status_code == 404
    release_bulletin(bulletin_id=draft.pk, actor=draft.made_by, now=at(TODAY))

    shown = client.get(page)
    assert "发布" in text(shown)
    for now in BeautifulSoup(shown.content, "html.parser").select(".bulletin-round p a"):
        assert client.get(str(now["href"])).status_code == 200
    client.force_login(world.help("帮扶", world.household("未入轮次", registered_on=TODAY)))
    [now] = BeautifulSoup(client.get(page).content, "html.parser").select(".bulletin-round p a")
    assert client.get(str(now["href"])).status_code == 200

    client.force_login(Cadre.objects.get(name="第一书记"))
    assert client.post(reverse("bulletin_withdraw", args=[draft.pk]), {"reason": "x"}).status_code == 403
    assert client.get(reverse("bulletin_new")).status_code == 403


def test_the_list_costs_the_same_with_more_bulletins(
    desk: Client, draft: Bulletin, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk.get(reverse("bulletins"))
    with django_assert_num_queries(9):
        desk.get(reverse("bulletins"))
    for _number in range(2):
        days = {"starts_on": date(2026, 10, 1), "cut_off_on": TODAY}
        asked = {"rounds": Round.objects.all(), "actor": draft.made_by, "now": at(TODAY)}
        ask_for_bulletin(key=uuid4(), place=world.town, **asked, **days)

    with django_assert_num_queries(9):
        desk.get(reverse("bulletins"))


def test_the_api_gives_released_figures_as_issued_and_no_draft(desk: Client, draft: Bulletin, world: World) -> None:
    listed, one = reverse("api_bulletins"), reverse("api_bulletin", args=[draft.pk])

    assert (desk.get(listed).json(), desk.get(one).status_code) == ([], 404)
    release_bulletin(bulletin_id=draft.pk, actor=draft.made_by, now=at(TODAY))
    other = world.post("邻村长", Post.VILLAGE_CHIEF, world.foreign)
    world.visit(world.foreign.households.get(), TODAY, other)

    [line] = desk.get(listed).json()
    answer = desk.get(one).json()
    assert (line["id"], line["state"], line["digest"]) == (draft.pk, "released", draft.digest)
    assert answer["figures"] == draft.counted
    assert "督导" not in desk.get(one).content.decode()
