"""Refuse a large file that is not what it says: how long the one who uploads it waits, and the memory that takes."""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from django.utils import timezone
from xlsxwriter import Workbook

from bench.district import ROOT
from bench.measures.exporting import peak_megabytes
from bench.measures.run import Run, var_dir
from bench.table import Figure
from households.imports import continue_import, start_import
from households.models import ImportKind, ImportState, RegisterImport
from households.register_import.columns import titles
from households.register_import.read import FileRefused
from villages.calendar import today

ROWS, SHEETS = 25_000, 4  # about what a town's export holds, and how many there are of it
SECONDS, MEGABYTES = 2, 100
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def measure(run: Run) -> list[Figure]:
    """Seconds from the upload until the file is refused; megabytes of the program that judges it, and ours besides."""
    figures = []
    for name, make in SPECIMENS.items():
        path = var_dir() / f"{make.__name__}.xlsx"
        make(path)
        taken = alone(path)
        note = f"{name}, {path.stat().st_size / 1e6:,.0f} MB"
        path.unlink()
        figures += [
            Figure(name="Refuse a file", note=note, unit="s", ours=taken["seconds"], bound=SECONDS),
            Figure(name="… more memory", note=name, unit="MB", ours=taken["megabytes"], bound=MEGABYTES),
        ]
    return figures


def alone(path: Path) -> dict[str, float]:
    """Bring the file in, in a fresh process, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.measures.refusing", str(path)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def refuse(path: Path) -> dict[str, float]:
    """As the page does it, and then the worker when the page has taken the file."""
    before, began, judged = peak_megabytes(), time.monotonic(), 0.0
    try:
        with path.open("rb") as file:
            job = start_import(
                file=file, name=path.name, kind=ImportKind.REGISTER, as_of=today(), actor=None, on=today()
            )
    except FileRefused as refused:
        judged = refused.megabytes
    else:
        continue_import(job.pk, now=timezone.now())
        if RegisterImport.objects.get(pk=job.pk).state != ImportState.REFUSED:
            raise SystemExit(f"{path.name} was not refused.")
    seconds = time.monotonic() - began
    return {"seconds": seconds, "megabytes": judged + peak_megabytes() - before}


# Files as they should not be ------------------------------------------------------------------


def wrong_columns(path: Path) -> None:
    """A table of something else, as large as the register."""
    _workbook(path, [f"旧{title}" for title in titles()], with_values=True)


def with_password(path: Path) -> None:
    """The container in which Excel keeps an encrypted workbook."""
    noise = Random(1).randbytes(50_000_000)
    path.write_bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480) + noise)


def bomb(path: Path) -> None:
    """A sheet that unpacks to a thousand times the size of the file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
        file.writestr("xl/worksheets/sheet1.xml", b"<worksheet>" + bytes(1_000_000_000))


def with_macro(path: Path) -> None:
    """The register, with a macro in the workbook."""
    _workbook(path, titles(), with_values=True)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/vbaProject.bin", OLE + Random(1).randbytes(1_000_000))


def without_rows(path: Path) -> None:
    """Sheets of frames without a value in them."""
    _workbook(path, [], with_values=False)


def _workbook(path: Path, header: Iterable[str], *, with_values: bool) -> None:
    rng, header = Random(470), list(header)
    with Workbook(str(path), {"constant_memory": True}) as book:
        framed = book.add_format({"border": 1})
        for _sheet in range(SHEETS):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, header)
            for row in range(1, ROWS):
                for column in range(len(titles())):
                    if with_values:
                        sheet.write_string(row, column, f"{rng.getrandbits(30):x}")
                    else:
                        sheet.write_blank(row, column, None, framed)


SPECIMENS: dict[str, Callable[[Path], None]] = {
    "wrong columns": wrong_columns,
    "a password": with_password,
    "a bomb": bomb,
    "a macro": with_macro,
    "no rows": without_rows,
}


if __name__ == "__main__":
    print(json.dumps(refuse(Path(sys.argv[1]))))
