"""A list of all families as a workbook, against XlsxWriter alone writing the same cells; and a district's bulletin."""

import json
import marshal
import sys
import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

from django.utils import timezone

from bench.measures.exporting import ROWS_AT_ONCE, alone, bare, peak_megabytes
from bench.measures.run import Run, var_dir
from bench.table import Figure
from casework.bulletin_workbook import workbook_of
from casework.bulletins import MOST_ROUNDS, ask_for_bulletin, count_bulletin
from casework.lists import LISTS
from casework.lists.base import Asked
from casework.lists.exporting import ListWorkbook, export_of, of_office
from casework.models import Bulletin, Round
from households.exports import write_export
from households.models import Export
from villages.calendar import today
from villages.models import Cadre, District

PROGRAM = "bench.measures.listing"
TIMES = 3
# Met by nobody since yesterday: nearly all of the district.
DAYS = 1


def measure(run: Run) -> list[Figure]:
    """By turns, each in a process of its own."""
    cells, actor = var_dir() / "lines", str(run.supervisor.pk)
    alone("dump", actor, str(cells), program=PROGRAM)
    ours, reference, megabytes, rows = [], [], 0.0, 0
    for _time in range(TIMES):
        taken = alone("export", actor, program=PROGRAM)
        ours.append(taken["seconds"])
        megabytes, rows = max(megabytes, taken["megabytes"]), int(taken["rows"])
        reference.append(alone("bare", str(cells), program=PROGRAM)["seconds"])
    issued = [alone("bulletin", actor, program=PROGRAM) for _time in range(TIMES)]
    return [
        Figure(
            name="Export a list of families as .xlsx",
            note=f"{rows:,} rows",
            unit="s",
            ours=median(ours),
            reference=median(reference),
            bound=1.3,
        ),
        Figure(name="Memory of that export", unit="MB", ours=megabytes, bound=200),
        Figure(
            name="Bulletin of the district, counted and written",
            note=f"{int(issued[0]['rows'])} rounds",
            unit="s",
            ours=median(one["seconds"] for one in issued),
            bound=10,
        ),
        Figure(name="Memory of that bulletin", unit="MB", ours=max(one["megabytes"] for one in issued), bound=150),
    ]


def _asked(actor: Cadre, day: date) -> Asked:
    return of_office(Asked(actor, day, day, days=DAYS))


def dump(actor: str, path: str) -> tuple[float, int]:
    """Keep every cell of the list, for the bare library."""
    cadre, now = Cadre.objects.get(pk=actor), timezone.now()
    asked = export_of(LISTS["unseen"], _asked(cadre, today()), key=uuid.uuid4(), actor=cadre, now=now, reason="bench")
    began, rows = time.monotonic(), list(ListWorkbook.table_of(asked).rows)
    with Path(path).open("wb") as file:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            marshal.dump([list(row) for row in rows[start : start + ROWS_AT_ONCE]], file)
    Export.objects.filter(pk=asked.pk).delete()
    return time.monotonic() - began, len(rows)


def export(actor: str) -> tuple[float, int]:
    """Ask for the list and write it, as a supervisor and the worker do."""
    cadre, now = Cadre.objects.get(pk=actor), timezone.now()
    began = time.monotonic()
    asked = export_of(LISTS["unseen"], _asked(cadre, today()), key=uuid.uuid4(), actor=cadre, now=now, reason="bench")
    if not write_export(asked.pk, now=now):
        raise SystemExit("The list was not written.")
    seconds = time.monotonic() - began
    Export.objects.filter(pk=asked.pk).delete()
    return seconds, asked.rows_total


def bulletin(actor: str) -> tuple[float, int]:
    """Ask for one of as many rounds as it may have, count it and write its workbook."""
    cadre, now, day = Cadre.objects.get(pk=actor), timezone.now(), today()
    rounds = list(Round.objects.filter(town=None, starts_on__lte=day).order_by("-starts_on", "pk")[:MOST_ROUNDS])
    began = time.monotonic()
    made = ask_for_bulletin(
        key=uuid.uuid4(),
        place=District.objects.get(),
        rounds=rounds,
        starts_on=day.replace(day=1),
        cut_off_on=day,
        actor=cadre,
        now=now,
    )
    count_bulletin(made.pk, now=now)
    workbook_of(Bulletin.objects.get(pk=made.pk))
    seconds = time.monotonic() - began
    Bulletin.objects.filter(pk=made.pk).delete()
    return seconds, len(rounds)


PARTS: dict[str, Callable[..., tuple[float, int]]] = {
    "dump": dump,
    "export": export,
    "bulletin": bulletin,
    "bare": lambda path: (bare(path), 0),
}

if __name__ == "__main__":
    seconds, rows = PARTS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"seconds": seconds, "rows": rows, "megabytes": peak_megabytes()}))
