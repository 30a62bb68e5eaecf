"""make bench: build the district if need be, measure on copies of it, print one table; 1 when a bound is missed."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.district import ROOT, SEALING, built_district, copy_of
from bench.table import Figure, render

# Each group has a fresh copy of the district, so that none changes what another finds.
GROUPS = {
    "work": ("saving", "verifying", "opening", "sweeping", "home", "household", "quality", "memory"),
    "register": ("exporting", "listing"),
    "import": ("refusing", "importing"),
    "growth": ("coverage", "reading"),
    "people": ("searching",),
    "sending": ("sending",),
    "districts": ("growing",),
}
# Taken only when named: it fills the disk and takes ten minutes and more.
WHEN_NAMED = ("growing",)
EVERYTHING = [name for names in GROUPS.values() for name in names]


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "only", nargs="*", metavar="MEASURE", help=f"of: {' '.join(EVERYTHING)} (default: all but growing)"
    )
    parser.add_argument("--visits", type=int, default=500_000, help="in the district (default: 500,000)")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - set(EVERYTHING):
        parser.error(f"no such measure: {' '.join(sorted(unknown))}")
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        parser.error("DATABASE_URL must name a PostgreSQL server: use make bench")
    district = built_district(url, chosen.visits)
    figures: list[Figure] = []
    for group, names in GROUPS.items():
        wanted = [name for name in names if name in chosen.only or not (chosen.only or name in WHEN_NAMED)]
        if wanted:
            with copy_of(url, district, f"bench_{group}") as copy:
                figures += measured(wanted, copy)
    print(f"\n{render(figures)}\n")
    missed = [figure.name for figure in figures if figure.is_missed]
    print(f"{len(missed)} missed: {'; '.join(missed)}" if missed else "Every bound holds.")
    return 1 if missed else 0


def measured(names: list[str], url: str) -> list[Figure]:
    """The figures of these measures, taken in a process that knows only this database."""
    with tempfile.TemporaryDirectory(prefix="casework-bench-") as folder:
        written = Path(folder) / "figures.json"
        (Path(folder) / "static").mkdir()
        path = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
        environment = SEALING | {
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": os.environ.get("REDIS_URL", ""),
            "VAR_DIR": folder,
            "PYTHONPATH": path,
            "LOG_LEVEL": "WARNING",
            # Whatever the hour is, the sweep is to do its work.
            "REMIND_FROM_HOUR": "0",
            "REMIND_UNTIL_HOUR": "24",
        }
        command = [sys.executable, "-m", "bench.measures", str(written), *names]
        done = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | environment)
        if done.returncode:
            raise SystemExit(done.returncode)
        return [Figure(**figure) for figure in json.loads(written.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    sys.exit(main())
