"""Take the measures that are named, on the database of the environment, and write their figures as JSON."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.measures import (
    coverage,
    exporting,
    growing,
    home,
    household,
    importing,
    listing,
    memory,
    opening,
    quality,
    reading,
    refusing,
    saving,
    searching,
    sending,
    sweeping,
    verifying,
)
from bench.measures.run import Run, prepared_run
from bench.table import Figure

MEASURES: dict[str, Callable[[Run], list[Figure]]] = {
    "saving": saving.measure,
    "verifying": verifying.measure,
    "opening": opening.measure,
    "sweeping": sweeping.measure,
    "home": home.measure,
    "household": household.measure,
    "memory": memory.measure,
    "quality": quality.measure,
    "coverage": coverage.measure,
    "reading": reading.measure,
    "growing": growing.measure,
    "exporting": exporting.measure,
    "listing": listing.measure,
    "importing": importing.measure,
    "refusing": refusing.measure,
    "searching": searching.measure,
    "sending": sending.measure,
}


def main() -> int:
    """One measure after the other: they must not disturb each other."""
    written, names = Path(sys.argv[1]), sys.argv[2:]
    figures: list[Figure] = []
    with prepared_run() as run:
        for name in names:
            began = time.monotonic()
            taken = MEASURES[name](run)
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
            figures += taken
    written.write_text(json.dumps([figure.as_dict() for figure in figures]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
