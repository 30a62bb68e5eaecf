"""Bring in a national export of the district's size: first, once more, the memory it takes, and pages meanwhile."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from python_calamine import CalamineWorkbook

from bench.clients import Ask, ask
from bench.district import ROOT
from bench.measures.register_file import register_file
from bench.measures.run import Run, bare, p95, signed_in
from bench.processes import peak_of
from bench.table import Figure
from households.register_import.columns import titles
from villages.pour import Lines

# BENCH_IMPORT_HOUSEHOLDS makes the file smaller, to try the measure out.
HOUSEHOLDS, PERSONS_EACH = 130_000, 470 / 130
SLICE, SLICES = 40, 5
PAUSE = 0.1  # seconds: somebody opens ten pages a second, before the import and meanwhile
FOLDER = ROOT / "var" / "bench"  # where the file is kept, as the district is


class Imported(NamedTuple):
    """How long it took, the most memory (MB) it or its reader held, and how long each page took meanwhile."""

    seconds: float
    megabytes: float
    pages: list[float]


def measure(run: Run) -> list[Figure]:
    """Seconds of read + compare + apply, against reading the same file and a COPY of the same rows.

    Nobody else is at work then, as with the reference. Pages are asked for while a second file of that size, of other
    people, comes in.
    """
    households = int(os.environ.get("BENCH_IMPORT_HOUSEHOLDS", HOUSEHOLDS))
    persons, folder = round(households * PERSONS_EACH), Path(os.environ.get("BENCH_DIR", FOLDER))
    path, other = (
        register_file(folder, households=households, persons=persons, behind=behind) for behind in (0, persons)
    )
    reference = _reference(path)
    first, again = _import(path), _import(path)
    page = Ask("/", signed_in([run.supervisor])[run.supervisor.pk].cookie)
    ask(run.ours.port, [page] * 10, clients=1)
    idle = median(p95(ask(run.ours.port, [page] * SLICE, clients=1, pause=PAUSE).times) for _slice in range(SLICES))
    meanwhile = _import(other, lambda: ask(run.ours.port, [page] * SLICE, clients=1, seconds=1, pause=PAUSE).times)
    size, page_p95 = f"{households:,} households", p95(meanwhile.pages)
    return [
        Figure(name="Import the register", note=size, unit="s", ours=first.seconds, reference=reference, bound=3),
        Figure(name="… in minutes", unit="min", ours=first.seconds / 60, bound=5),
        Figure(name="… its process's memory", unit="MB", ours=first.megabytes, bound=600),
        Figure(name="… the same file again", unit="s", ours=again.seconds, reference=first.seconds, bound=0.5),
        Figure(name="Home page meanwhile, p95", unit="ms", ours=1000 * page_p95, reference=1000 * idle, bound=2),
    ]


def _nobody_looks() -> list[float]:
    time.sleep(PAUSE)
    return []


def _import(path: Path, look: Callable[[], list[float]] = _nobody_looks) -> Imported:
    """The command, as a process of its own; `look` asks for some pages meanwhile and says how long each took."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_register", str(path), "--confirm"]
    times: list[float] = []
    peak = 0
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            times += look()
            peak = max(peak, peak_of(process.pid))
        took = time.monotonic() - began
    if process.returncode:
        raise SystemExit("import_register failed; see above.")
    return Imported(took, peak / 1_000_000, times)


def _reference(path: Path) -> float:
    """Read every cell of the file by calamine and COPY the rows as they are into one table of texts without indexes."""
    began = time.monotonic()
    with bare() as cursor:
        columns = ", ".join(f"column_{place} text" for place in range(len(titles())))
        cursor.execute(f"CREATE TABLE reference_rows ({columns})")
        cursor.copy_expert("COPY reference_rows FROM STDIN", Lines(_lines(path)))
        took = time.monotonic() - began
        cursor.execute("DROP TABLE reference_rows")
    return took


def _lines(path: Path) -> Iterator[str]:
    """The rows for COPY; none of the made-up texts has a sign that would have to be escaped."""
    with CalamineWorkbook.from_path(str(path)) as book:
        for name in book.sheet_names:
            for row in book.get_sheet_by_name(name).iter_rows():
                yield "\t".join(map(str, row)) + "\n"
