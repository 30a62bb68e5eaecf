"""The background of an import: lost bells, dead workers, two at a time; and the command line."""

from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from casework.tasks import sweep
from casework.tests.world import TODAY, World, at
from households import imports
from households.ahead import Decided, written_ahead
from households.imports import (
    PATIENCE,
    Copy,
    confirm_import,
    continue_import,
    read_ahead,
    ring_unfinished,
    start_import,
    take_back_import,
)
from households.models import Household, ImportKind, ImportState, Person, RegisterImport
from households.register_import import apply, undo
from households.register_import.creating import handed_on
from households.register_import.preview import Handed
from households.register_import.records import Stale
from households.tests.sheets import bring_in, confirm, csv_of, fates, person
from villages.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
HOME, OTHER = "3607041000001", "3607041000002"


@pytest.fixture
def content(world: World) -> bytes:
    return csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶"), person(HOME, 3, "王五", "不知道")])


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whom the bell was rung for."""
    heard: list[Any] = []
    monkeypatch.setattr(imports, "ring", lambda task, *args: heard.append((task, *args)))
    return heard


def test_the_bar_knows_its_length_from_the_beginning(content):
    job = start(content)

    done, total = job.progress
    assert done == 0
    assert total >= 3  # about: the header and the title count as rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one connection write")
def test_a_clerk_sees_the_writing_move_before_it_is_over(content, monkeypatch):
    job = bring_in(content, now=NOW)
    confirm_import(job=job, actor=None, on=TODAY, lets_leave=False, takes_conflicts=None)
    seen: list[tuple[int, int]] = []

    def look(told: RegisterImport) -> None:
        seen.append(RegisterImport.objects.get(pk=told.pk).progress)

    monkeypatch.setattr(apply, "_note_the_day", look)
    continue_import(job.pk, now=NOW)

    assert seen == [(2, 3)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one connection write")
def test_new_households_are_written_ahead_but_nobody_sees_them_before_the_rest(content):
    with read_ahead(BytesIO(content), name="户.csv") as ahead:
        job = start(ahead)
        with written_ahead(Decided(job.pk, NOW, False, None)) as follower:
            continue_import(job.pk, now=NOW, hand_on=follower.hand_on, ahead=ahead)
            assert (RegisterImport.objects.get().state, Household.objects.count()) == (ImportState.READY, 0)
            follower.finish()

    job.refresh_from_db()
    assert (job.state, job.created, job.refused) == (ImportState.APPLIED, 2, 1)
    assert (Household.objects.count(), Person.objects.count()) == (1, 2)
    told = AuditEntry.objects.filter(verb__in=("import.confirmed", "import.written", "household.imported"))
    assert sorted(told.values_list("verb", flat=True)) == ["household.imported", "import.confirmed", "import.written"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one connection write")
def test_what_was_written_ahead_is_forgotten_when_the_import_is_not_confirmed(content):
    job = start(content)

    with written_ahead(Decided(job.pk, NOW, False, None)):
        continue_import(job.pk, now=NOW)

    assert (RegisterImport.objects.get().state, Household.objects.count()) == (ImportState.READY, 0)
    confirm(job, now=NOW)  # nothing of the other transaction stands in its way
    assert Household.objects.count() == 1


def test_what_was_handed_on_is_not_written_when_the_preview_says_something_else(content):
    job = bring_in(content, now=NOW)
    group = job.groups.get()

    handed = Handed(group.position, group.digest, HOME, group.village_id, [], b"{}", [])

    assert [(home.group_id, home.number) for home in handed_on(job, [handed])] == [(group.pk, HOME)]
    with pytest.raises(Stale):
        handed_on(job, [handed._replace(digest="other rows")])


def test_whoever_comes_to_a_new_household_leaves_the_preview_unlocked_until_it_is_made(content):
    confirm(bring_in(content, now=NOW), now=NOW)
    comer = person(OTHER, 2, "李四", "配偶") | {"人编号": f"{HOME}02"}
    job = bring_in(csv_of([person(OTHER, 1, "王五"), comer]), now=NOW)
    arrived = job.groups.filter(fate="created")

    new = apply.NewHouseholds(job, NOW)
    new.write(lambda _rows: None)

    assert (Person.objects.get(name="李四").household.number, arrived.get().before) == (OTHER, None)
    new.keep_what_was()
    assert arrived.get().before is not None


def start(content: bytes | Copy) -> RegisterImport:
    """A file just uploaded, which nobody has compared yet."""
    file = content if isinstance(content, Copy) else BytesIO(content)
    return start_import(file=file, name="户.csv", kind=ImportKind.REGISTER, as_of=TODAY, actor=None, on=TODAY)


class Killed(BaseException):
    """The worker is gone in the middle of it."""


def test_the_sweep_rings_again_for_what_a_lost_bell_left(content, rung):
    job = bring_in(content, now=NOW)
    RegisterImport.objects.filter(pk=job.pk).update(state=ImportState.READING)

    sweep()

    assert rung == [("households.tasks.continue_import", job.pk)]


def test_nobody_is_rung_for_while_a_worker_is_at_it(content, rung):
    job = bring_in(content, now=NOW)
    work = RegisterImport.objects.filter(pk=job.pk)
    work.update(state=ImportState.READING, claimed_at=timezone.now())

    ring_unfinished(now=timezone.now())
    assert rung == []
    ring_unfinished(now=timezone.now() + PATIENCE + timedelta(seconds=1))
    assert len(rung) == 1


def test_a_file_half_read_by_a_dead_worker_is_read_anew(content, monkeypatch):
    def dies(*_args: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("households.register_import.preview.Previewer._gone", dies)
        with pytest.raises(Killed):
            bring_in(content, now=NOW)
    job = RegisterImport.objects.get()
    assert (job.state, job.groups.count()) == (ImportState.READING, 1)

    continue_import(job.pk, now=NOW)
    job.refresh_from_db()
    assert job.state == ImportState.READING  # somebody may still be at it
    continue_import(job.pk, now=timezone.now() + PATIENCE + timedelta(seconds=1))

    job.refresh_from_db()
    assert (job.state, job.rows, job.groups.count(), job.refusals.count()) == (ImportState.READY, 3, 1, 1)


def test_a_worker_killed_while_writing_leaves_nothing_behind(content, monkeypatch):
    job = bring_in(content, now=NOW)
    confirm_import(job=job, actor=None, on=TODAY, lets_leave=False, takes_conflicts=None)

    def dies(_job: RegisterImport) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(apply, "_note_the_day", dies)
        with pytest.raises(Killed):
            continue_import(job.pk, now=NOW)
    assert (Household.objects.count(), Person.objects.count()) == (0, 0)

    continue_import(job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, Person.objects.count()) == (ImportState.APPLIED, 2)


def test_a_file_discarded_while_it_is_read_stays_discarded(content, monkeypatch):
    original = imports._preview

    def meanwhile(job: RegisterImport, *args: Any, **more: Any) -> None:
        original(job, *args, **more)
        imports.discard_import(job=job, actor=None, on=TODAY)

    monkeypatch.setattr(imports, "_preview", meanwhile)

    job = bring_in(content, now=NOW)

    assert job.state == ImportState.DISCARDED


def test_the_result_tells_every_row_once_in_order(content):
    job = confirm(bring_in(content, now=NOW), now=NOW)

    assert fates(job) == [(3, "created", "张三", ""), (4, "created", "李四", ""), (5, "refused", "王五", "与户主关系")]


def command(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_register", str(path), *options, stdout=out)
    return out.getvalue()


def test_the_command_writes_only_when_told_to(content, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(content)

    told = command(path)
    assert "共3行 = 新增2 + 变更0 + 无变化0 + 退回1" in told
    assert "5 · 与户主关系 · 不知道：请使用国家系统的选项" in told
    assert Household.objects.count() == 0
    assert "退回1" in command(path, "--confirm")
    assert Household.objects.count() == 1


def test_the_command_says_why_a_file_is_refused(world, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("姓名,年龄\n张三,40\n", encoding="utf-8")

    with pytest.raises(CommandError, match="户编号"):
        command(path)
    with pytest.raises(CommandError):
        command(tmp_path / "nothing.csv")


@pytest.mark.parametrize("is_person", [True, False])
def test_what_somebody_entered_since_the_preview_is_not_entered_twice(world, is_person):
    job = bring_in(csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶")]), now=NOW)
    if is_person:
        Person.objects.create(household=world.household("王一"), number=f"{HOME}02", name="李四", relation="other")
    else:
        world.household("王一", number=HOME)

    confirm_import(job=job, actor=None, on=TODAY, lets_leave=False, takes_conflicts=None)
    continue_import(job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.is_read_again) == (ImportState.READING, True)
    assert not Person.objects.filter(number=f"{HOME}01").exists()


def test_an_import_written_while_an_earlier_one_is_undone_keeps_it(content, monkeypatch):
    job = confirm(bring_in(content, now=NOW), now=NOW)
    later = bring_in(csv_of([person(HOME, 1, "张三", 民族="畲族")]), now=NOW)
    taken_out = undo._take_out_created

    def meanwhile(*args: Any) -> None:
        """Another worker commits while this one waits for a lock."""
        taken_out(*args)
        after = {"state": ImportState.APPLIED, "last_entry": (job.last_entry or 0) + 1}
        RegisterImport.objects.filter(pk=later.pk).update(**after)

    monkeypatch.setattr(undo, "_take_out_created", meanwhile)
    take_back_import(job=job, actor=None, on=TODAY)
    continue_import(job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, Person.objects.count()) == (ImportState.APPLIED, 2)
    assert "export.csv" in job.problem
