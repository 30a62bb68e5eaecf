"""An import of a list is undone as a whole: what it created goes, what it changed comes back, or nothing happens."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from casework.models import State, TargetKind
from casework.tests.world import TODAY, World, at, state_on
from households.accounts import save_account, set_password
from households.imports import continue_import, take_back_import
from households.models import ExitRecord, HelperPairing, ImportKind, ImportState, RegisterImport
from households.models.imports import IllegalMove
from households.pairings import remove_helper_pairing, save_helper_pairing
from households.register_import.undo import CannotUndo
from households.tests.sheets import bring_in, confirm
from households.tests.test_import_lists import brought_in, counts, table
from households.tests.test_import_pages import page, press
from villages.models import AuditEntry, Cadre, Pairing, PartnerUnit, Post, Posting
from villages.places import save_unit
from villages.postings import end_posting, remove_posting
from villages.tests.panel import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
MODELS = (Cadre, Posting, HelperPairing, PartnerUnit, Pairing, ExitRecord)
CADRES, POSTS = "账号,姓名,单位", "账号,岗位,乡,行政村,单位,开始日期,结束日期"
HELPERS = "户编号,帮扶干部账号,是否主要帮扶人,开始日期,结束日期"
PAIRINGS = "单位名称,乡,行政村,是否牵头单位,开始日期,结束日期"
PLACE = "王母渡镇,潭埠村"


def undo(job: RegisterImport, actor: Cadre | None = None) -> None:
    take_back_import(job=job, actor=actor, on=TODAY)
    continue_import(job.pk, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.problem) == (ImportState.UNDONE, "")


def reason(job: RegisterImport) -> str:
    """What is said when it cannot be undone; nothing is written then."""
    before = everything()
    with pytest.raises(CannotUndo) as told:
        take_back_import(job=job, actor=None, on=TODAY)
    job.refresh_from_db()
    assert (everything(), job.state) == (before, ImportState.APPLIED)
    return str(told.value)


def everything() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]


def verbs(job: RegisterImport) -> list[str]:
    """What the trail tells since the import was written, but of the import itself."""
    later = AuditEntry.objects.filter(pk__gt=job.last_entry or 0).exclude(verb__startswith="import.")
    return list(later.order_by("pk").values_list("verb", flat=True))


def bring_every_kind(world: World, kind: str) -> tuple[RegisterImport, list[Any]]:
    """An import that changes one record and creates another, and everything as it was before."""
    known, helper = world.post("李四", Post.FIRST_SECRETARY, world.village), world.cadre("王五")
    world.unit("区林业局", world.village)
    save_unit(PartnerUnit(name="区水利局"), actor=None, on=TODAY)
    home, other = world.household("刘家"), world.household("陈家")
    world.help(helper, home)
    ExitRecord.objects.create(household=home, village=world.village, approved_on=date(2018, 11, 6))
    rows = {
        ImportKind.CADRES: (CADRES, f"{known.username},李四光,区林业局", "zhaoliu,赵六,区水利局"),
        ImportKind.POSTS: (
            POSTS,
            f"{known.username},第一书记,{PLACE},,2026-01-01,2026-06-30",
            f"{helper.username},第一书记,王母渡镇,浓口村,,2026-07-01,",
        ),
        ImportKind.HELPERS: (
            HELPERS,
            f"{home.number},{helper.username},否,2026-01-01,2026-06-30",
            f"{other.number},{helper.username},是,2026-01-01,",
        ),
        ImportKind.UNITS: ("单位名称,在用", "区林业局,否", "区气象局,是"),
        ImportKind.PAIRINGS: (
            PAIRINGS,
            f"区林业局,{PLACE},是,2026-01-01,2026-06-30",
            "区水利局,王母渡镇,浓口村,是,2026-07-01,",
        ),
        ImportKind.EXITS: (
            "户编号,公示时间,脱贫时间,是否错退",
            f"{home.number},2018-10-20,2018-11-06,是",
            f"{other.number},,2019-11-06,否",
        ),
    }[ImportKind(kind)]
    for model in (Posting, HelperPairing, Pairing):
        model._default_manager.update(starts_on=date(2026, 1, 1))
    before = everything()
    job = brought_in(table(*rows), kind)
    assert counts(job) == (2, 1, 1, 0, 0), list(job.refusals.values())
    assert everything() != before
    return job, before


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        (ImportKind.CADRES, "cadre"),
        (ImportKind.POSTS, "posting"),
        (ImportKind.HELPERS, "helper"),
        (ImportKind.UNITS, "partnerunit"),
        (ImportKind.PAIRINGS, "pairing"),
        (ImportKind.EXITS, "exit"),
    ],
)
def test_every_kind_is_undone_as_a_whole_and_told(world: World, kind: str, called: str) -> None:
    job, before = bring_every_kind(world, kind)

    undo(job)

    assert everything() == before
    assert verbs(job) == [f"{called}.corrected", f"{called}.removed"]
    assert not AuditEntry.objects.filter(changes__has_key="password", pk__gt=job.last_entry).exists()


def test_undoing_twice_changes_nothing(world: World) -> None:
    job, before = bring_every_kind(world, ImportKind.CADRES)
    undo(job)
    entries = AuditEntry.objects.count()

    continue_import(job.pk, now=NOW)
    with pytest.raises(IllegalMove):
        take_back_import(job=job, actor=None, on=TODAY)

    assert (everything(), AuditEntry.objects.count()) == (before, entries)


def test_the_file_can_be_brought_in_again_after_it_was_undone(world: World) -> None:
    job, _before = bring_every_kind(world, ImportKind.UNITS)
    undo(job)

    again = brought_in("单位名称\n区气象局\n".encode(), ImportKind.UNITS)

    assert counts(again) == (1, 1, 0, 0, 0)
    undo(again)


def test_credit_follows_when_helpers_are_undone(world: World) -> None:
    home, cadre = world.household("刘家"), world.post("李四", Post.TEAM_MEMBER, world.village)
    world.round([Post.HELPER], TargetKind.POOR_HOUSEHOLD)
    world.visit(home, date(2026, 10, 5), cadre)
    job = brought_in(table(HELPERS, f"{home.number},{cadre.username},是,2026-01-01,"), ImportKind.HELPERS)
    assert state_on(TODAY) == State.DONE

    undo(job)

    assert state_on(TODAY) == State.VACANT


def test_credit_follows_when_posts_are_undone(world: World) -> None:
    home, cadre = world.household("刘家"), world.post("李四", Post.TEAM_MEMBER, world.village)
    world.round([Post.FIRST_SECRETARY], TargetKind.POOR_HOUSEHOLD)
    world.visit(home, date(2026, 10, 5), cadre)
    content = table(POSTS, f"{cadre.username},第一书记,{PLACE},,2026-01-01,")
    job = brought_in(content, ImportKind.POSTS)
    assert state_on(TODAY) == State.DONE

    undo(job)

    assert state_on(TODAY) == State.VACANT


def test_two_that_changed_places_change_back(world: World) -> None:
    home, one, other = world.household("刘家"), world.cadre("李四"), world.cadre("王五")
    for cadre in (one, other):
        world.help(cadre, home, starts_on=date(2026, 1, 1), is_primary=False)
    rows = (f"{home.number},{one.username},否,2026-01-01,2026-12-31", f"{home.number},{other.username},是,2026-01-01,")
    job = bring_in(table(HELPERS, *rows), now=NOW, kind=ImportKind.HELPERS)
    first = one.helper_pairings.get()
    first.is_primary = True
    save_helper_pairing(first, actor=None, on=TODAY)
    before = everything()
    confirm(job, now=NOW)
    assert counts(job) == (2, 0, 2, 0, 0)
    assert list(HelperPairing.objects.order_by("pk").values_list("is_primary", flat=True)) == [False, True]

    undo(job)

    assert everything() == before


# What stands in the way ---------------------------------------------------------------------------


def test_a_cadre_with_a_post_or_a_household_stays(world: World) -> None:
    job = brought_in(table(CADRES, "zhaoliu,赵六,", "qianqi,钱七,"), ImportKind.CADRES)
    world.post(Cadre.objects.get(username="zhaoliu"), Post.FIRST_SECRETARY, world.village)
    world.help(Cadre.objects.get(username="qianqi"), world.household("刘家"))

    said = reason(job)

    assert "“赵六 zhaoliu”已有任职（1条）" in said
    assert "“钱七 qianqi”已有帮扶结对（1条）" in said
    assert "请先撤销或删除上述内容" in said
    with translation.override("en"):
        assert "Undo or remove these first, then undo this import." in reason(job)


def test_what_depends_on_it_is_undone_first(world: World) -> None:
    first = brought_in(table(CADRES, "zhaoliu,赵六,"), ImportKind.CADRES)
    second = brought_in(table(POSTS, f"zhaoliu,第一书记,{PLACE},,2026-01-01,"), ImportKind.POSTS)
    reason(first)

    undo(second)
    undo(first)

    assert not Cadre.objects.exists()


def test_a_cadre_who_could_sign_in_or_has_worked_stays(world: World) -> None:
    job = brought_in(table(CADRES, "zhaoliu,赵六,", "qianqi,钱七,", "sunba,孙八,"), ImportKind.CADRES)
    signed_in, visitor, acting = (Cadre.objects.get(username=name) for name in ("zhaoliu", "qianqi", "sunba"))
    set_password(signed_in, password="secret-words", actor=None, on=TODAY)
    colleague = world.post("李四", Post.TEAM_MEMBER, world.village)
    world.post(visitor, Post.TEAM_MEMBER, world.village)
    world.visit(world.household("刘家"), date(2026, 10, 5), colleague, visitor)
    remove_posting(posting=visitor.postings.get(), actor=None, on=TODAY, reason="误录")
    AuditEntry.objects.create(actor=acting, verb="visit.recorded", target_type="casework.Visit", target_id="1")

    said = reason(job)

    assert "“赵六 zhaoliu”已设密码" in said
    assert "“钱七 qianqi”已有走访（1条）" in said
    assert "“孙八 sunba”已有" in said
    assert "请改在各自页面逐条更正" in said


def test_many_obstacles_are_counted(world: World) -> None:
    job = brought_in(table(CADRES, *(f"neu{number},新人{number}," for number in range(8))), ImportKind.CADRES)
    for cadre in Cadre.objects.all():
        set_password(cadre, password="secret-words", actor=None, on=TODAY)

    assert "另有3项" in reason(job)


def test_a_unit_with_a_village_stays(world: World) -> None:
    job = brought_in("单位名称\n区林业局\n".encode(), ImportKind.UNITS)
    brought_in(table(PAIRINGS, f"区林业局,{PLACE},是,2026-01-01,"), ImportKind.PAIRINGS)

    assert "区林业局" in reason(job)


def test_a_post_that_was_ended_since_stays(world: World) -> None:
    job, _before = bring_every_kind(world, ImportKind.POSTS)
    end_posting(posting=Posting.objects.get(ends_on=None), ends_on=date(2026, 8, 1), actor=None, on=TODAY)

    said = reason(job)

    assert "王五" in said
    assert "之后已被修改" in said


def test_a_pairing_that_was_removed_since_is_named(world: World) -> None:
    job, _before = bring_every_kind(world, ImportKind.HELPERS)
    remove_helper_pairing(pairing=HelperPairing.objects.get(ends_on=None), actor=None, on=TODAY, reason="误录")

    assert "“陈家 · 王五”之后已被删除" in reason(job)


def test_who_has_come_into_the_time_since_is_named(world: World) -> None:
    job, _before = bring_every_kind(world, ImportKind.HELPERS)
    home = HelperPairing.objects.get(ends_on=date(2026, 6, 30)).household
    late = HelperPairing(household=home, cadre=world.cadre("周九"), starts_on=date(2026, 7, 1))
    save_helper_pairing(late, actor=None, on=TODAY)

    assert "“刘家 · 王五”与自2026-07-01起的“周九" in reason(job)


def test_a_later_import_of_the_same_rows_is_undone_first(world: World) -> None:
    first, before = bring_every_kind(world, ImportKind.CADRES)
    content = table(CADRES, "zhaoliu,赵六六,")
    second = confirm(bring_in(content, now=NOW, kind=ImportKind.CADRES, name="later.csv"), now=NOW)

    assert "“later.csv”" in reason(first)
    undo(second)
    undo(first)

    assert everything() == before


def test_what_it_belonged_to_before_must_still_be_there(world: World) -> None:
    unit = world.unit("区档案馆")
    cadre = world.cadre("李四", unit=unit)
    world.unit("区林业局")
    job = brought_in(table(CADRES, f"{cadre.username},李四,区林业局"), ImportKind.CADRES)
    unit.delete()

    assert f"“李四 {cadre.username}”原来的“单位”已被删除" in reason(job)


def test_what_was_changed_and_changed_back_does_not_stand_in_the_way(world: World) -> None:
    job, before = bring_every_kind(world, ImportKind.CADRES)
    cadre = Cadre.objects.get(username="zhaoliu")
    for name in ("赵六六", "赵六"):
        cadre.name = name
        save_account(cadre, actor=None, on=TODAY)

    undo(job)

    assert everything() == before


def test_what_comes_to_depend_while_the_background_waits_keeps_it(world: World) -> None:
    job = brought_in(table(CADRES, "zhaoliu,赵六,"), ImportKind.CADRES)
    take_back_import(job=job, actor=None, on=TODAY)
    world.post(Cadre.objects.get(username="zhaoliu"), Post.FIRST_SECRETARY, world.village)

    continue_import(job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, Cadre.objects.count()) == (ImportState.APPLIED, 1)
    assert "赵六" in job.problem
    remove_posting(posting=Posting.objects.get(), actor=None, on=TODAY, reason="误录")
    undo(job)


def test_an_import_of_long_ago_is_not_undone(world: World) -> None:
    job, _before = bring_every_kind(world, ImportKind.UNITS)
    job.groups.update(before=None)

    assert "逐条更正" in reason(job)
    shown = page(Panel(world.post("区录入员", Post.CLERK, world.district)), job).text
    assert reverse("admin:households_registerimport_undo", args=[job.pk]) not in shown


# Who may ------------------------------------------------------------------------------------------


def test_a_clerk_undoes_a_list_on_its_page_and_an_outsider_does_not(world: World) -> None:
    clerk, outsider = (world.post("录入员", Post.CLERK, town) for town in (world.town, world.other_town))
    cadre = world.cadre("李四")
    content = table(POSTS, f"{cadre.username},第一书记,{PLACE},,2026-01-01,")
    job = bring_in(content, now=NOW, kind=ImportKind.POSTS, actor=clerk)
    confirm(job, now=NOW, actor=clerk)
    job.refresh_from_db()
    with pytest.raises(PermissionDenied):
        take_back_import(job=job, actor=outsider, on=TODAY)
    assert press(Panel(outsider), job, "undo").status_code in (302, 403, 404)

    assert f"{job.pk}/undo" in page(Panel(clerk), job).text
    press(Panel(clerk), job, "undo")
    continue_import(job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, cadre.postings.count()) == (ImportState.UNDONE, 0)
    assert AuditEntry.objects.get(verb="posting.removed").actor == clerk


def test_an_account_that_came_to_work_elsewhere_is_not_undone_by_the_first_office(world: World) -> None:
    clerk, cadre = world.post("录入员", Post.CLERK, world.town), world.post("李四", Post.TEAM_MEMBER, world.village)
    job = bring_in(table(CADRES, f"{cadre.username},李四光,"), now=NOW, kind=ImportKind.CADRES, actor=clerk)
    confirm(job, now=NOW, actor=clerk)
    world.post(cadre, Post.TEAM_MEMBER, world.foreign)

    with pytest.raises(PermissionDenied):
        take_back_import(job=job, actor=clerk, on=TODAY)

    undo(job, actor=world.post("区录入员", Post.CLERK, world.district))


def test_nobody_closes_their_own_account_by_undoing(world: World) -> None:
    clerk = world.post("区录入员", Post.CLERK, world.district)
    Cadre.objects.filter(pk=clerk.pk).update(is_active=False)
    job = brought_in(table("账号,姓名,是否启用", f"{clerk.username},区录入员,是"), ImportKind.CADRES)
    clerk.refresh_from_db()
    assert (counts(job), clerk.is_active) == ((1, 0, 1, 0, 0), True)

    with pytest.raises(CannotUndo):
        take_back_import(job=job, actor=clerk, on=TODAY)


# How much it asks ---------------------------------------------------------------------------------


def many_rows(world: World, kind: str, rows: int) -> bytes:
    """So many rows that change a record, and as many that create one."""
    cadres = [world.post("李四", Post.TEAM_MEMBER, world.village, date(2026, 1, 1)) for _row in range(rows)]
    if kind == ImportKind.CADRES:
        lines = [f"{cadre.username},李四光,区林业局" for cadre in cadres]
        return table(CADRES, *lines, *(f"neu{cadre.username},新人,区林业局" for cadre in cadres))
    if kind == ImportKind.POSTS:
        lines = [f"{cadre.username},驻村队员,{PLACE},,2026-01-01,2026-06-30" for cadre in cadres]
        return table(POSTS, *lines, *(f"{cadre.username},驻村队员,{PLACE},,2026-07-01," for cadre in cadres))
    homes, others = ([world.household("刘家") for _row in range(rows)] for _part in range(2))
    for home, cadre in zip(homes, cadres, strict=True):
        world.help(cadre, home, starts_on=date(2026, 1, 1))
    pairs = zip(homes, cadres, strict=True)
    lines = [f"{home.number},{cadre.username},否,2026-01-01,2026-06-30" for home, cadre in pairs]
    return table(HELPERS, *lines, *(f"{home.number},{cadres[0].username},是,2026-01-01," for home in others))


def statements(world: World, kind: str, rows: int, clerk: Cadre) -> tuple[int, int]:
    """How many tell the import's own rows while it is written, and how many there are while it is undone."""
    job = bring_in(many_rows(world, kind, rows), now=NOW, kind=kind)
    with CaptureQueriesContext(connection) as writing:
        confirm(job, now=NOW)
    job.refresh_from_db()
    assert counts(job) == (2 * rows, rows, rows, 0, 0), list(job.refusals.values())
    with CaptureQueriesContext(connection) as undoing:
        undo(job, clerk)
    return len([one for one in writing if "households_importgroup" in one["sql"]]), len(undoing)


@pytest.mark.parametrize("kind", [ImportKind.CADRES, ImportKind.POSTS, ImportKind.HELPERS])
def test_the_number_of_statements_is_the_same_whatever_the_rows(world: World, kind: str) -> None:
    clerk = world.post("区录入员", Post.CLERK, world.district)
    world.unit("区林业局")
    statements(world, kind, 1, clerk)  # what is only asked once in a process

    assert statements(world, kind, 1, clerk) == statements(world, kind, 3, clerk)
