"""The lists to act on: who stands in each, who sees it, how it is counted, exported and printed."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework.lists import LISTS, counted
from casework.lists.base import Asked, Line
from casework.lists.exporting import export_of
from casework.models import Contact, FlagKind, Outcome, Recheck, RecheckDraw, TargetKind, VisitFlag
from casework.rechecks import last_week
from casework.shelf import Shelf
from casework.tests.world import TODAY, World, at
from casework.unseen import count_cells
from households.exports import take_export, write_export
from households.models import Export, Household
from households.register_import.read import check_file, read_rows
from villages.models import AuditEntry, Cadre, Post
from villages.tests.drawn import without_drawn

# Core is what differs between databases: arithmetic with days, windows, rows made together.
pytestmark = pytest.mark.django_db

NOW = at(TODAY)
PAGES = ("act_list", "act_plan", "act_export")


def ask(cadre: Cadre, key: str, **changes: Any) -> Asked:
    defaults = {"place": "360704", "days": LISTS[key].days_by_default}
    return Asked(cadre, TODAY, changes.pop("on", TODAY), **(defaults | changes))


def lines_of(cadre: Cadre, key: str, **changes: Any) -> list[Line]:
    """All lines; the counts must say the same."""
    asked = ask(cadre, key, **changes)
    lines = LISTS[key].lines(list(LISTS[key].keys(asked)), asked)
    assert LISTS[key].counts(asked).total() == len(lines)
    return lines


def names(cadre: Cadre, key: str, **changes: Any) -> list[str]:
    return [line.name for line in lines_of(cadre, key, **changes)]


def page_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def test_a_large_districts_numbers_are_kept_for_a_minute_and_say_so(world, supervisor, settings, monkeypatch):
    settings.UNSEEN_KEPT_FROM = 1
    # Of this test alone: districts have the same code in all tests.
    monkeypatch.setattr(counted, "_SHELF", Shelf(lambda rows: True))
    chief, homes = (
        world.post("大村长", Post.VILLAGE_CHIEF, world.village),
        [world.household(f"户{n}") for n in range(2)],
    )
    asked, second = ask(supervisor, "unseen"), timedelta(seconds=1)

    def number(moment, **how) -> tuple[int, Any]:
        rows, counted_at = counted.counted(LISTS["unseen"], asked, now=moment, **how)
        return len(counted.keys_of(LISTS["unseen"], asked, rows, range(rows.counts.total()))), counted_at

    first = number(NOW)
    world.visit(homes[0], TODAY, chief)

    assert first == number(NOW + 60 * second) == (2, NOW)
    assert number(NOW + 30 * second, is_anew=True) == (1, NOW + 30 * second)
    assert counted.counted(LISTS["unseen"], ask(chief, "unseen"), now=NOW)[0].counts.total() == 1


# Who stands where -----------------------------------------------------------------------------


@pytest.mark.core
def test_unseen_are_those_whom_nobody_met_or_reached_within_the_days(world, supervisor):
    helper = world.cadre("帮扶人")
    for name, days, fields in (
        ("久未见", 91, {}),
        ("刚见过", 89, {}),
        ("只打过电话", 5, {"contact": Contact.PHONE}),
        ("没遇上", 5, {"outcome": Outcome.NOBODY_HOME}),
    ):
        home = world.household(name)
        world.help(helper, home)
        world.visit(home, TODAY - timedelta(days=days), helper, **fields)
    world.household("新来的", registered_on=TODAY - timedelta(days=10))

    found = lines_of(supervisor, "unseen")

    assert [line.name for line in found] == ["久未见", "没遇上", "新来的"]
    assert found[0].cells[1:3] == ("2026年7月16日", "没有")
    assert names(supervisor, "unseen", days=4) == ["久未见", "刚见过", "只打过电话", "没遇上", "新来的"]
    assert names(supervisor, "unseen", on=TODAY - timedelta(days=3), days=87) == ["久未见", "没遇上", "新来的"]


def test_unseen_and_phone_only_agree_with_the_coverage_page(world, supervisor):
    filled(world, 2)
    households = Household.objects.visible_to(supervisor, TODAY).registered(TODAY)
    counted = count_cells(households, on=TODAY, days=90).values()

    found = {key: len(names(supervisor, key, days=90)) for key in ("unseen", "phone-only")}

    assert found == {"unseen": sum(one.unseen for one in counted), "phone-only": sum(one.phone for one in counted)}
    assert min(found.values()) > 0


def test_phone_only_are_those_who_were_called_and_not_met(world, supervisor):
    helper = world.cadre("帮扶人")
    called, met, nobody = (world.household(name) for name in ("通了话", "也见了", "没人理"))
    for home in (called, met, nobody):
        world.help(helper, home)
    round = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    for home in (called, met):
        world.visit(home, TODAY, helper, contact=Contact.PHONE)
    world.visit(met, TODAY - timedelta(days=20), helper)

    assert names(supervisor, "phone-only") == ["通了话"]
    assert names(supervisor, "phone-only", round=round) == ["通了话", "也见了"]


def test_without_helper_are_exited_and_monitored_families_alone(world, supervisor):
    world.help("帮扶人", world.household("有人帮"))
    world.household("没人帮")
    world.household("一般户", base_type="ordinary")

    assert names(supervisor, "without-helper") == ["没人帮"]


def test_a_vacant_post_says_since_when_and_what_is_owed(world, supervisor):
    world.household("张三")
    world.post("老村长", Post.VILLAGE_CHIEF, world.village, ends_on=date(2026, 10, 5))
    for post in (Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER):
        world.post("在任", post, world.village)
    world.round([Post.VILLAGE_CHIEF])

    [line] = lines_of(supervisor, "vacant-posts", place=world.village.pk)

    assert (line.name, line.cells) == ("潭埠村", ("大村长", "2026年10月6日", "测试轮次：还差1"))
    assert names(supervisor, "vacant-posts", place=world.village.pk, on=date(2026, 10, 5)) == []
    assert names(supervisor, "vacant-posts", place=world.town.pk)[0] == "王母渡镇"


@pytest.mark.core
def test_an_ended_post_is_listed_while_visits_are_owed(world, supervisor):
    home = world.household("张三")
    world.post("老村长", Post.VILLAGE_CHIEF, world.village, ends_on=date(2026, 10, 5))
    chief = world.post("新村长", Post.VILLAGE_CHIEF, world.village, starts_on=date(2026, 10, 6))
    world.help("老帮扶", home, ends_on=date(2026, 10, 8))
    helper = world.help("新帮扶", home, starts_on=date(2026, 10, 9))
    world.round([Post.VILLAGE_CHIEF, Post.HELPER], TargetKind.POOR_HOUSEHOLD)

    found = lines_of(supervisor, "ended-posts")

    assert [line.cells[:4] for line in found] == [
        ("帮扶干部", "2026年10月8日", "老帮扶", "新帮扶"),
        ("大村长", "2026年10月5日", "老村长", "新村长"),
    ]
    world.visit(home, TODAY, chief, helper)
    assert names(supervisor, "ended-posts") == []


@pytest.mark.core
def test_late_entries_count_the_days(world, supervisor):
    helper = world.cadre("帮扶人")
    home = world.household("张三")
    world.help(helper, home)
    for days in (2, 4, 9):
        world.visit(home, TODAY - timedelta(days=days), helper, now=NOW)

    assert [line.cells[2] for line in lines_of(supervisor, "late-entries")] == ["9", "4"]
    assert [line.cells[2] for line in lines_of(supervisor, "late-entries", days=4)] == ["9"]
    assert names(supervisor, "late-entries", on=TODAY - timedelta(days=1)) == []


def flagged(world: World, name: str = "张三", *, days: int = 3) -> VisitFlag:
    home = world.household(name)
    visit = world.visit(home, TODAY - timedelta(days=days), world.help("帮扶人", home))
    return VisitFlag.objects.create(
        visit=visit, kind=FlagKind.FAR_AWAY, facts={"metres": 9000}, raised_on=visit.visited_on
    )


@pytest.mark.core
def test_a_question_asks_and_the_households_word_settles_it(world, supervisor):
    flag = flagged(world)
    [line] = lines_of(supervisor, "questions")

    assert line.cells[1:] == ("定位距村中心至少9000米。", "尚未说明", "帮扶人")

    draw = RecheckDraw.objects.create(town=world.town, week=last_week(TODAY), drawn_at=NOW)
    recheck = Recheck.objects.create(
        draw=draw,
        visit=flag.visit,
        household=flag.visit.household,
        village=world.village,
        visited_on=flag.visit.visited_on,
    )
    for answer, left in (("cannot_say", ["张三"]), ("visited", [])):
        Recheck.objects.filter(pk=recheck.pk).update(answer=answer, answered_on=TODAY)
        assert names(supervisor, "questions") == left
    assert [line.cells[1] for line in lines_of(supervisor, "sample")] == ["农户：来过"]
    assert names(supervisor, "sample", on=TODAY - timedelta(days=7)) == []


# Who sees, and what it costs ------------------------------------------------------------------


def test_an_outsider_sees_nothing_and_a_town_its_own(world):
    filled(world, 1)
    outsider, town = world.cadre("局外人"), world.post("镇督导", Post.SUPERVISOR, world.town)
    other_town = world.post("外镇督导", Post.SUPERVISOR, world.other_town)

    found = {key: (len(lines_of(town, key)), lines_of(outsider, key)) for key in LISTS}
    elsewhere = {line.spot.town for key in LISTS for line in lines_of(other_town, key)}

    assert found == {key: (number, []) for key, (number, _none) in found.items()}
    assert all(number for number, _none in found.values())
    assert elsewhere == {"沙地镇"}
    statuses = {name: page_of(outsider).get(reverse(name, args=["unseen"])).status_code for name in PAGES}
    statuses |= {
        f"{name} elsewhere": page_of(town).get(f"{reverse(name, args=['unseen'])}?place={world.foreign.pk}").status_code
        for name in PAGES
    }
    assert set(statuses.values()) == {404}


def filled(world: World, number: int) -> None:
    """Something for every list."""
    for one in range(number):
        flag = flagged(world, f"户{one}", days=10)
        helper = flag.visit.visitors.get()
        world.visit(flag.visit.household, TODAY - timedelta(days=9), helper, now=NOW)
        away = world.household(f"远{one}")
        world.help(helper, away)
        world.visit(away, TODAY, helper, contact=Contact.PHONE)
        world.help(f"走{one}", world.household(f"空{one}"), ends_on=TODAY - timedelta(days=2))
        draw = RecheckDraw.objects.get_or_create(town=world.town, week=last_week(TODAY), defaults={"drawn_at": NOW})[0]
        Recheck.objects.create(
            draw=draw, visit=flag.visit, household=flag.visit.household, village=world.village, visited_on=TODAY
        )
    world.round([Post.HELPER], TargetKind.POOR_HOUSEHOLD)


def test_no_list_asks_more_for_more_rows(world, supervisor):
    costs: list[dict[str, int]] = []
    page = page_of(supervisor)
    for number in (1, 2):
        filled(world, number)
        found = {}
        for key in LISTS:
            with CaptureQueriesContext(connection) as queries:
                assert page.get(reverse("act_list", args=[key])).status_code == 200
            found[key] = len(queries)
        costs.append(found)

    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 22


# Pages ----------------------------------------------------------------------------------------


def test_the_page_counts_by_place_in_the_order_of_codes_and_links_to_the_record(world, supervisor):
    homes = [world.household(name, place) for name, place in (("丙", world.foreign), ("甲", world.village))]
    page = page_of(supervisor).get(reverse("act_list", args=["unseen"]))

    assert [(place.code, place.number) for place in page.context["below"]] == [("360704101", 1), ("360704102", 1)]
    assert page.content.decode().count('data-label="最近见面"') == len(homes)
    assert [line.address for line in page.context["lines"]] == [f"/households/{home.pk}/" for home in reversed(homes)]
    assert page_of(supervisor).get(reverse("act_list", args=["nothing"])).status_code == 404


def test_a_plan_goes_by_village_and_group_and_holds_no_number(world, supervisor):
    second = world.village.groups.get(number=2)
    world.household("乙", group=second, phone="13879791234")
    world.household("甲", phone="13879791235")

    page = page_of(supervisor).get(f"{reverse('act_plan', args=['unseen'])}?place={world.village.pk}&on=2026-10-14")

    assert [(stop.label, [line.name for line in stop.lines]) for stop in page.context["stops"]] == [
        ("王母渡镇 · 潭埠村 · 第1组", ["甲"]),
        ("王母渡镇 · 潭埠村 · 第2组", ["乙"]),
    ]
    assert "138" not in without_drawn(page.content.decode())


# The workbook ---------------------------------------------------------------------------------


def exported(cadre: Cadre, key: str = "unseen", reason: str = "", **changes: Any) -> Export:
    return export_of(LISTS[key], ask(cadre, key, **changes), key=uuid.uuid4(), actor=cadre, now=NOW, reason=reason)


def rows_in(export: Export, tmp_path: Path) -> list[list[Any]]:
    assert write_export(export.pk, now=NOW)
    assert not write_export(export.pk, now=NOW)
    export.refresh_from_db()
    path = tmp_path / export.file_name
    path.write_bytes(b"".join(take_export(export=export, actor=export.maker, now=timezone.now())))
    check_file(path)
    return [list(row.cells) for row in read_rows(path)]


def test_the_file_lists_what_the_page_lists_of_the_own_office(world, tmp_path):
    clerk = world.post("经办人", Post.CLERK, world.town)
    world.post(clerk, Post.TEAM_MEMBER, world.foreign)
    world.household("甲")
    world.household("外镇人", world.foreign)

    rows = rows_in(exported(clerk), tmp_path)

    assert rows[0][0] == "未见面农户（截至2026年10月15日）"
    assert rows[1][:6] == ["序号", "乡镇", "行政村", "村民小组", "户主", "户类型"]
    assert [row[1:5] for row in rows[2:]] == [["王母渡镇", "潭埠村", "第1组", "甲"]]
    assert AuditEntry.objects.filter(verb="export.taken").count() == 1


def test_every_list_can_be_written(world, supervisor, tmp_path):
    filled(world, 1)

    written = {key: len(rows_in(exported(supervisor, key), tmp_path)) for key in LISTS}

    assert written == {key: len(lines_of(supervisor, key)) + 2 for key in LISTS}


def test_only_an_office_takes_a_file_and_says_why_when_it_is_long(world, supervisor, settings):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    for name in ("甲", "乙"):
        world.household(name)
    settings.EXPORT_REASON_ABOVE = 1

    with pytest.raises(PermissionDenied):
        exported(chief)
    with pytest.raises(ValidationError):
        exported(supervisor)
    assert exported(supervisor, reason="例会").rows_total == 2
    assert page_of(chief).get(f"{reverse('act_export', args=['unseen'])}?place={world.village.pk}").status_code == 403


def test_the_page_asks_for_the_file_and_shows_its_progress(world, supervisor):
    world.household("甲")
    address = f"{reverse('act_export', args=['unseen'])}?place={world.village.pk}"
    page, key = page_of(supervisor), str(uuid.uuid4())

    answers = [page.post(address, {"key": key, "reason": ""}) for _twice in range(2)]

    export = Export.objects.get()
    assert [answer["Location"] for answer in answers] == [
        reverse("admin:households_export_change", args=[export.pk])
    ] * 2
    assert "未见面农户" in page.get(answers[0]["Location"]).content.decode()
