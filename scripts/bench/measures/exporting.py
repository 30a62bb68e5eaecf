"""Export every person of the district, against XlsxWriter alone writing the same cells; and the memory it takes."""

import json
import marshal
import subprocess
import sys
import time
import uuid
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter
from django.utils import timezone

from bench.district import ROOT
from bench.measures.people import people_the_district
from bench.measures.run import Run, var_dir
from bench.table import Figure
from households import register_export
from households.exports import ask_for_export, write_export
from households.models import Export, Household, Person
from villages.calendar import today
from villages.models import Cadre

TIMES, PERSONS, ROWS_AT_ONCE = 3, 470_000, 2_000


def measure(run: Run) -> list[Figure]:
    """By turns, each in a process of its own: the whole job as the worker does it, then the bare library."""
    people_the_district(run.day, PERSONS)
    cells = var_dir() / "cells"
    alone("dump", str(cells))
    ours, reference, megabytes = [], [], 0.0
    for _time in range(TIMES):
        taken = alone("export", str(run.supervisor.pk))
        ours.append(taken["seconds"])
        megabytes = max(megabytes, taken["megabytes"])
        reference.append(alone("bare", str(cells))["seconds"])
    persons = Person.objects.registered(run.day).count()
    return [
        Figure(
            name="Export the register as .xlsx",
            note=f"{persons:,} persons",
            unit="s",
            ours=median(ours),
            reference=median(reference),
            bound=1.3,
        ),
        Figure(name="Memory of that export", unit="MB", ours=megabytes, bound=200),
    ]


def alone(*words: str, program: str = "bench.measures.exporting") -> dict[str, float]:
    """One of the program's parts in a fresh process, so that its memory is its own."""
    command = [sys.executable, "-m", program, *words]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def dump(path: str) -> float:
    """Keep every cell of the export, for the bare library."""
    ids = list(register_export.in_order(Household.objects.all()).values_list("pk", flat=True))
    began, kept = time.monotonic(), []
    with Path(path).open("wb") as file:
        for row in register_export.rows_of(ids, on=today(), in_full=False):
            kept.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
            if len(kept) == ROWS_AT_ONCE:
                marshal.dump(kept, file)
                kept = []
        marshal.dump(kept, file)
    return time.monotonic() - began


def export(cadre: str) -> float:
    """Ask for everything and write it, as a clerk and the worker do."""
    actor, now = Cadre.objects.get(pk=cadre), timezone.now()
    began = time.monotonic()
    asked = ask_for_export(
        key=uuid.uuid4(), households=Household.objects.all(), actor=actor, now=now, is_in_full=False, reason="bench"
    )
    if not write_export(asked.pk, now=now):
        raise SystemExit("The export was not written.")
    seconds = time.monotonic() - began
    Export.objects.filter(pk=asked.pk).delete()
    return seconds


def bare(path: str) -> float:
    """The same cells by XlsxWriter in constant-memory mode; reading them back is not counted."""
    workbook = xlsxwriter.Workbook(f"{path}.xlsx", {"constant_memory": True})
    sheet, number, seconds = workbook.add_worksheet(), 0, 0.0
    with Path(path).open("rb") as file:
        while kept := _next(file):
            began = time.monotonic()
            for row in kept:
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write_number(number, column, cell)
                number += 1
            seconds += time.monotonic() - began
    began = time.monotonic()
    workbook.close()
    return seconds + time.monotonic() - began


def _next(file: Any) -> list[Any]:
    try:
        return marshal.load(file)
    except EOFError:
        return []


def peak_megabytes() -> float:
    """The most memory this process has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    part = {"dump": dump, "export": export, "bare": bare}[sys.argv[1]]
    print(json.dumps({"seconds": part(sys.argv[2]), "megabytes": peak_megabytes()}))
