"""A made-up district of two towns, quick enough for tests."""

from datetime import date

from casework.demo.build import make_demo
from casework.demo.size import ORDINARY
from villages.division_file import read_register
from villages.divisions import SHIPPED, load_register

ON = date(2026, 10, 15)
TOWNS = ("360704100", "360704207")
SMALL = ORDINARY.scaled_to(13)


def load_small_register() -> None:
    """Two towns with 13 villages of the real register."""
    entries = read_register(SHIPPED.read_bytes())
    load_register(entries=[entry for entry in entries if entry.town_code in TOWNS], actor=None)


def make(seed: int = 1, on: date = ON) -> bool:
    """Fill them; False when that was done before."""
    return make_demo(size=SMALL, seed=seed, on=on, say=lambda words: None)
