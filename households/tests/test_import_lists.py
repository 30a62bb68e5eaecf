"""Lists of cadres, posts, helpers, units and pairings: the same importer, written by their verbs."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import State, TargetKind
from casework.tests.world import LONG_AGO, TODAY, at, state_on
from households.models import HelperPairing, ImportKind, RegisterImport
from households.tests.sheets import bring_in, confirm
from villages.models import AuditEntry, Cadre, Pairing, PartnerUnit, Post, Posting

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


def table(header: str, *rows: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([line.split(",") for line in (header, *rows)])
    return text.getvalue().encode()


def counts(job: RegisterImport) -> tuple[int, ...]:
    return job.rows, job.created, job.updated, job.unchanged, job.refused


def brought_in(content: bytes, kind: str, **options: Any) -> RegisterImport:
    return confirm(bring_in(content, now=NOW, kind=kind, **options), now=NOW)


def codes(job: RegisterImport) -> list[str]:
    return list(job.refusals.order_by("row").values_list("code", flat=True))


def test_cadres_get_an_account_without_a_password(world):
    world.unit("区档案馆")
    content = table("账号,姓名,单位,职级", "lisi,李四,区档案馆,科级", "wangwu,王五,没有的单位,", "lisi,李四,,")

    job = brought_in(content, ImportKind.CADRES)

    cadre = Cadre.objects.get(username="lisi")
    assert (cadre.name, cadre.unit.name, cadre.rank) == ("李四", "区档案馆", "section")
    assert not cadre.has_usable_password()
    assert (counts(job), codes(job)) == ((3, 1, 0, 0, 2), ["unknown_unit", "same_row"])


def test_a_changed_cadre_is_corrected_by_the_verb(world):
    cadre = world.cadre("李四")
    content = table("账号,姓名", f"{cadre.username},李四光")

    job = brought_in(content, ImportKind.CADRES)

    cadre.refresh_from_db()
    assert (cadre.name, counts(job)) == ("李四光", (1, 0, 1, 0, 0))
    assert AuditEntry.objects.get(verb="cadre.corrected").changes["name"] == ["李四", "李四光"]


def test_posts_stand_at_the_place_of_their_level(world):
    cadre = world.cadre("李四")
    content = table(
        "账号,姓名,岗位,乡,行政村,开始日期,结束日期",
        f"{cadre.username},李四,第一书记,王母渡镇,潭埠村,2026-01-01,",
        f"{cadre.username},李四,乡镇党委书记,王母渡镇,,2026-01-01,2026-06-30",
        f"{cadre.username},张三,大村长,王母渡镇,浓口村,2026-01-01,",
        f"{cadre.username},李四,大村长,,,2026-01-01,",
    )

    job = brought_in(content, ImportKind.POSTS)

    found = set(Posting.objects.values_list("post", "village", "town", "starts_on", "ends_on"))
    january, june = date(2026, 1, 1), date(2026, 6, 30)
    assert found == {
        (Post.FIRST_SECRETARY, world.village.pk, None, january, None),
        (Post.TOWN_SECRETARY, None, world.town.pk, january, june),
    }
    assert codes(job) == ["name_differs", "no_place"]
    assert counts(brought_in(content, ImportKind.POSTS)) == (4, 0, 0, 2, 2)


def test_two_holders_of_one_post_cannot_both_come_in(world):
    one, other = world.cadre("李四"), world.cadre("王五")
    rows = [f"{cadre.username},大村长,王母渡镇,潭埠村,2026-01-01" for cadre in (one, other)]

    job = brought_in(table("账号,岗位,乡,行政村,开始日期", *rows), ImportKind.POSTS)

    assert (Posting.objects.get().cadre, counts(job), codes(job)) == (one, (2, 1, 0, 0, 1), ["said"])


def test_helpers_are_paired_and_credit_follows(world):
    home, cadre = world.household("刘家"), world.post("李四", Post.TEAM_MEMBER, world.village)
    world.visit(home, date(2026, 10, 5), cadre)
    world.round([Post.HELPER], TargetKind.POOR_HOUSEHOLD)
    assert state_on(TODAY) == State.VACANT
    content = table(
        "户编号,户主姓名,帮扶干部账号,是否主要帮扶人,开始日期", f"{home.number},刘家,{cadre.username},是,2026-01-01"
    )

    job = brought_in(content, ImportKind.HELPERS)

    assert state_on(TODAY) == State.DONE
    pairing = HelperPairing.objects.get()
    assert (pairing.cadre, pairing.is_primary, counts(job)) == (cadre, True, (1, 1, 0, 0, 0))
    again = brought_in(content.replace("是,2026".encode(), "否,2026".encode()), ImportKind.HELPERS)
    assert counts(again) == (1, 0, 1, 0, 0)


HELPER_COLUMNS = "户编号,帮扶干部账号,是否主要帮扶人,开始日期,结束日期"


def test_the_second_helper_of_a_household_is_looked_at_by_itself(world):
    home, spare = world.household("刘家"), world.household("王家")
    one, two = world.cadre("李四"), world.cadre("赵五")
    rows = [(home, one, "是", "2026-01-01", ""), (home, two, "否", "2026-01-01", "")]
    rows += [(home, two, "是", "2026-06-01", ""), (spare, one, "是", "2026-01-01", "2025-12-31")]
    content = table(HELPER_COLUMNS, *[",".join([h.number, c.username, *rest]) for h, c, *rest in rows])

    job = brought_in(content, ImportKind.HELPERS)

    found = set(HelperPairing.objects.values_list("household", "cadre", "is_primary"))
    assert found == {(home.pk, one.pk, True), (home.pk, two.pk, False)}
    assert (counts(job), codes(job)) == ((4, 2, 0, 0, 2), ["said", "said"])
    assert AuditEntry.objects.filter(verb="helper.started", village=home.village).count() == 2


def test_helpers_that_cannot_be_written_at_once_are_written_one_by_one(world, monkeypatch):
    homes, cadre = [world.household(name) for name in ("刘家", "王家")], world.cadre("李四")
    content = table(HELPER_COLUMNS, *[f"{home.number},{cadre.username},是,2026-01-01," for home in homes])
    job = bring_in(content, now=NOW, kind=ImportKind.HELPERS)
    HelperPairing.objects.create(household=homes[0], cadre=world.cadre("赵五"), starts_on=date(2026, 1, 1))
    monkeypatch.setattr("households.register_import.lists_of_households.Helpers.comes_first", lambda *_row: True)

    confirm(job, now=NOW)

    job.refresh_from_db()
    assert HelperPairing.objects.get(cadre=cadre).household == homes[1]
    assert (counts(job), codes(job)) == ((2, 1, 0, 0, 1), ["said"])


@pytest.mark.parametrize("kind", [ImportKind.HELPERS, ImportKind.EXITS])
def test_a_list_of_many_households_asks_the_database_no_more_than_one_of_few(world, kind):
    cadre, homes = world.cadre("李四"), [world.household(f"第{number}户") for number in range(60)]
    header = {ImportKind.HELPERS: HELPER_COLUMNS, ImportKind.EXITS: "户编号,退出日期"}[kind]
    rows = {
        ImportKind.HELPERS: [f"{home.number},{cadre.username},是,2026-01-01," for home in homes],
        ImportKind.EXITS: [f"{home.number},2019-12-01" for home in homes],
    }[kind]

    def statements(some: list[str]) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert brought_in(table(header, *some), kind).created == len(some)
        return len(asked)

    few, many = statements(rows[:10]), statements(rows[10:])

    assert many <= few


def test_units_and_their_villages(world):
    brought_in("单位名称\n区林业局\n区水利局\n".encode(), ImportKind.UNITS)
    rows = [f"{unit},王母渡镇,潭埠村,是,2026-01-01" for unit in ("区林业局", "区气象局")]
    content = table("单位名称,乡,行政村,是否牵头单位,开始日期", *rows)

    job = brought_in(content, ImportKind.PAIRINGS)

    assert PartnerUnit.objects.count() == 2
    pairing = Pairing.objects.get()
    assert (pairing.unit.name, pairing.village, pairing.is_lead) == ("区林业局", world.village, True)
    assert (counts(job), codes(job)) == ((2, 1, 0, 0, 1), ["unknown_unit"])


def test_rows_outside_ones_places_are_refused(world):
    clerk, cadre = world.post("镇录入员", Post.CLERK, world.town), world.cadre("李四")
    rows = [f"{cadre.username},大村长,{place},2026-01-01" for place in ("王母渡镇,潭埠村", "沙地镇,攸镇村")]
    job = bring_in(table("账号,岗位,乡,行政村,开始日期", *rows), now=NOW, kind=ImportKind.POSTS, actor=clerk)

    confirm(job, now=NOW, actor=clerk)

    job.refresh_from_db()
    assert (counts(job), codes(job)) == ((2, 1, 0, 0, 1), ["not_your_row"])
    assert Posting.objects.filter(cadre=cadre).get().starts_on > LONG_AGO
