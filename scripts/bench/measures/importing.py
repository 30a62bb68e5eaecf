"""Bring in a national export of the district's size: first, once more, the pages meanwhile, and the memory it takes."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.clients import Ask, ask
from bench.district import ROOT
from bench.measures.register_file import write_register
from bench.measures.run import Run, bare, p95, signed_in, var_dir
from bench.table import Figure
from households.models import Household, Person
from households.register_import.apply import Table
from households.register_import.columns import titles
from villages.pour import as_copy

# BENCH_IMPORT_HOUSEHOLDS makes the file smaller, to try the measure out.
HOUSEHOLDS, PERSONS_EACH = 130_000, 470 / 130
SLICE, SLICES = 40, 5


class Imported(NamedTuple):
    """How long it took, the most memory it or its reader held, and how long pages took meanwhile."""

    seconds: float
    megabytes: float
    page: float


def measure(run: Run) -> list[Figure]:
    """Seconds of read + compare + apply, against reading the same file and a COPY of the same rows."""
    households = int(os.environ.get("BENCH_IMPORT_HOUSEHOLDS", HOUSEHOLDS))
    path = var_dir() / "register.csv"
    write_register(path, households=households, persons=round(households * PERSONS_EACH))
    page = Ask("/", signed_in([run.supervisor])[run.supervisor.pk].cookie)
    ask(run.ours.port, [page] * 10, clients=1)
    idle = median(p95(ask(run.ours.port, [page] * SLICE, clients=1).times) for _slice in range(SLICES))
    reference = _reference(path)
    first = _import(run, path, page)
    again = _import(run, path, page)
    size = f"{households:,} households"
    return [
        Figure(name="Import the register", note=size, unit="s", ours=first.seconds, reference=reference, bound=3),
        Figure(name="… in minutes", unit="min", ours=first.seconds / 60, bound=5),
        Figure(name="… its process's memory", unit="MB", ours=first.megabytes, bound=600),
        Figure(name="… the same file again", unit="s", ours=again.seconds, reference=first.seconds, bound=0.5),
        Figure(name="Home page meanwhile, p95", unit="ms", ours=1000 * first.page, reference=1000 * idle, bound=2),
    ]


def _import(run: Run, path: Path, page: Ask) -> Imported:
    """The command, as a process of its own, while somebody looks at pages."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_register", str(path), "--confirm"]
    times: list[float] = []
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        ended = None
        while ended is None:
            times += ask(run.ours.port, [page] * SLICE, clients=1, seconds=2).times
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            ended = (time.monotonic(), status, usage) if pid else None
        process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise SystemExit("import_register failed; see above.")
    return Imported(ended[0] - began, ended[2].ru_maxrss / 1000, p95(times))


def _reference(path: Path) -> float:
    """Read the file and COPY its rows into empty tables with the same columns, indexes and keys."""
    people, homes = Table(Person), Table(Household)
    began = time.monotonic()
    with bare() as cursor:
        for model in (Person, Household):
            name = model._meta.db_table
            cursor.execute(f"CREATE TABLE reference_{name} (LIKE {name} INCLUDING ALL)")
        seen: dict[str, list[Any]] = {}
        _copy(cursor, Person, people.columns, _people(path, people, homes, seen))
        _copy(cursor, Household, homes.columns, seen.values())
        took = time.monotonic() - began
        cursor.execute("DROP TABLE reference_households_person, reference_households_household")
    return took


def _copy(cursor: Any, model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.copy_expert(f"COPY reference_{model._meta.db_table} ({names}) FROM STDIN", as_copy(rows))


def _people(path: Path, people: Table, homes: Table, seen: dict[str, list[Any]]) -> Iterator[list[Any]]:
    """A row of each person; what is sealed with us stands here as it is."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        places = {title: place for place, title in enumerate(next(reader))}
        assert list(places) == titles()
        for key, row in enumerate(reader, start=1):
            number = row[places["户编号"]]
            if number not in seen:
                values = {"id": len(seen) + 1, "number": number, "head_name": row[places["姓名"]], "village_id": ""}
                values |= {"phone": row[places["户联系电话"]], "registered_on": row[places["首次识别时间"]]}
                values |= {"natural_village": row[places["自然村"]], "members": row[places["人数"]]}
                seen[number] = homes.row(values)
            identity = row[places["证件号码"]]
            yield people.row(
                {
                    "id": key,
                    "household_id": seen[number][homes.place["id"]],
                    "number": row[places["人编号"]],
                    "name": row[places["姓名"]],
                    "relation": "head" if row[places["与户主关系"]] == "户主" else "other",
                    "id_number": identity,
                    "id_index": identity,
                    "id_tail_index": identity[-4:],
                    "born_on": f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}",
                    "sex": "male",
                    "ethnicity": row[places["民族"]],
                    "education": "junior",
                    "schooling": "none",
                    "health": '["healthy"]',
                    "labour_skill": "ordinary",
                    "months_of_work": row[places["务工时间(月)"]],
                    "has_major_illness_insurance": True,
                    "phone": row[places["人联系电话"]],
                    "identified_on": row[places["人员识别时间"]],
                }
            )
