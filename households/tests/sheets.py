"""Files of made-up people in the national columns, for tests."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from households.identity import check_digit
from households.imports import confirm_import, continue_import, start_import
from households.models import ImportKind, RegisterImport
from households.register_import.columns import titles
from households.register_import.read import Judged, Raw
from villages.calendar import day_of
from villages.models import Cadre

TITLE = ["赣县区防返贫监测对象家庭成员信息"]
APPROVED = SimpleNamespace(is_over=True, verdict=Judged(0, []), close=lambda: None)  # in place of Judging


def made_up_number(serial: int, born: str = "19800101", *, is_woman: bool = False) -> str:
    """An identity number of nobody, with a right check digit."""
    sequence = (2 * serial + (0 if is_woman else 1)) % 1000
    first = f"360721{born}{sequence:03}"
    return first + check_digit(first)


def person(number: str, serial: int, name: str, relation: str = "户主", **cells: Any) -> dict[str, Any]:
    """A row by the register's titles: household number, which person of it, name, relation, other cells."""
    row = {
        "县": "赣县区",
        "乡": "王母渡镇",
        "行政村": "潭埠村",
        "户编号": number,
        "人编号": f"{number}{serial:02}",
        "姓名": name,
        "与户主关系": relation,
        "户类型": "脱贫户",
    }
    return row | {title.replace("_", ""): cell for title, cell in cells.items()}


def csv_of(rows: Iterable[dict[str, Any]], *, header: list[str] | None = None, title: list[str] | None = None) -> bytes:
    """The rows below a title and the header, as a .csv."""
    header = header or titles()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLE if title is None else title)
    writer.writerow(header)
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    return text.getvalue().encode()


def read_here(path: Path, *, name: str) -> Iterator[Raw]:
    """As the program that reads files does, for tests that would start it some hundred times."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file), start=1):
            yield Raw("", number, tuple(cell or None for cell in cells))


def bring_in(
    content: bytes,
    *,
    now: Any,
    actor: Cadre | None = None,
    kind: str = ImportKind.REGISTER,
    as_of: date | None = None,
    name: str = "export.csv",
) -> RegisterImport:
    """Start an import and let the background read it."""
    on = day_of(now)
    job = start_import(file=io.BytesIO(content), name=name, kind=kind, as_of=as_of or on, actor=actor, on=on)
    continue_import(job.pk, now=now)
    job.refresh_from_db()
    return job


def confirm(
    job: RegisterImport,
    *,
    now: Any,
    actor: Cadre | None = None,
    lets_leave: bool = False,
    takes_conflicts: bool | None = None,
) -> RegisterImport:
    """Confirm the preview and let the background write."""
    confirm_import(job=job, actor=actor, on=day_of(now), lets_leave=lets_leave, takes_conflicts=takes_conflicts)
    continue_import(job.pk, now=now)
    job.refresh_from_db()
    return job


def fates(job: RegisterImport) -> list[tuple[int, str, str, str]]:
    """Row, fate, name and refused column of every row, in the order of the rows."""
    taken = [(row, fate, name, "") for group in job.groups.all() for _sheet, row, fate, name in group.rows]  # type: ignore[attr-defined]
    refused = job.refusals.values_list("row", "label", "column")  # type: ignore[attr-defined]
    return sorted([*taken, *((row, "refused", label, column) for row, label, column in refused)])
