"""The rows of a file are read while it is still judged and kept; nothing of them is used before, or read twice."""

import re
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from casework.tests.world import TODAY, at
from households import imports
from households.imports import Copy, continue_import, read_ahead, start_import
from households.models import ImportKind, ImportPart, ImportState, RegisterImport
from households.register_import import read
from households.register_import.read import FileRefused
from households.tests.programs import readers_at_work
from households.tests.sheets import csv_of, person
from households.tests.zoo import REFUSED

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
HOME, OTHER = "3607041000001", "3607041000002"
TOGETHER = csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶"), person(OTHER, 1, "王五", "不知道")])
SCATTERED = csv_of([person(HOME, 1, "张三"), person(OTHER, 1, "王五"), person(HOME, 2, "李四", "配偶")])
KINDS = ("a workbook with a password", "a bomb that lies", "a damaged sheet", "half a download", "bytes named csv")


def kept(file: Any) -> RegisterImport:
    kind = ImportKind.REGISTER
    return start_import(file=file, name="户.csv", kind=kind, as_of=TODAY, actor=None, on=TODAY)


def read_from(job: RegisterImport, ahead: Copy | None) -> tuple[str, int, int]:
    """What comes of it: state, new and refused rows."""
    continue_import(job.pk, now=NOW, ahead=ahead)
    job.refresh_from_db()
    return job.state, job.created, job.refused


def never(*_args: Any, **_more: Any) -> None:
    raise AssertionError


@pytest.mark.parametrize("name", KINDS)
def test_the_command_refuses_a_wrong_file_though_its_reading_has_begun(name, tmp_path):
    came_as, make, code = REFUSED[name]
    path = make(tmp_path / came_as)

    with pytest.raises(CommandError, match=re.escape(str(FileRefused(code)))):
        call_command("import_register", str(path), "--confirm", stdout=StringIO())

    assert (RegisterImport.objects.count(), ImportPart.objects.count(), readers_at_work()) == (0, 0, [])


def test_what_was_read_while_the_file_was_judged_is_not_read_again(world, monkeypatch):
    with read_ahead(BytesIO(TOGETHER), name="户.csv") as ahead:
        job = kept(ahead)
        assert b"".join(bytes(part.content) for part in job.parts.order_by("number")) == TOGETHER
        monkeypatch.setattr(imports, "read_rows", never)
        monkeypatch.setattr(imports, "_from_parts", never)

        assert read_from(job, ahead) == (ImportState.READY, 2, 1)

        assert readers_at_work() == []


def test_scattered_rows_are_read_once_more_from_the_same_copy(world):
    with read_ahead(BytesIO(SCATTERED), name="户.csv") as ahead:
        job = kept(ahead)
        job.parts.all().delete()

        assert read_from(job, ahead) == (ImportState.READY, 3, 0)


def test_when_whoever_read_ahead_is_gone_the_next_worker_begins_with_what_was_kept(world):
    with read_ahead(BytesIO(TOGETHER), name="户.csv") as ahead:
        job = kept(ahead)

    assert readers_at_work() == []
    assert read_from(job, None) == (ImportState.READY, 2, 1)


def test_a_reader_that_dies_on_its_way_ends_the_import_with_a_sentence(world, tmp_path: Path, monkeypatch):
    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(read, "PROGRAM", dying)
    with read_ahead(BytesIO(TOGETHER), name="户.csv") as ahead:
        monkeypatch.undo()
        job = kept(ahead)

        assert read_from(job, ahead) == (ImportState.REFUSED, 0, 0)

    assert (job.problem, job.parts.count()) == (str(FileRefused("too_slow")), 0)


def test_a_wrong_file_of_many_parts_is_not_kept_to_its_end(world, monkeypatch, tmp_path: Path):
    monkeypatch.setattr(imports, "PART_BYTES", 100)
    monkeypatch.setattr(read.Judging, "is_over", True)
    monkeypatch.setattr(ImportPart.objects, "create", never)

    with pytest.raises(FileRefused):
        kept(BytesIO(b"\xff" * 1000))
