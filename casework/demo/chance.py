"""Chance that falls the same way on every machine: seeded draws and fair shares."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)
BATCH = 4000


def draws(seed: int, part: str) -> Random:
    """A stream of chance of its own for each part, so that a change in one leaves the others alone."""
    return Random(f"{seed}:{part}")


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total."""
    whole = sum(weights) or 1
    exact = [total * weight / whole for weight in weights]
    given = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: given[index] - exact[index])
    for index in by_remainder[: total - sum(given)]:
        given[index] += 1
    return given


def day_between(rng: Random, first: date, last: date) -> date:
    """A day from first to last, both included; first when last is earlier."""
    return first + timedelta(days=rng.randint(0, max((last - first).days, 0)))


def insert(model: type[Row], rows: Iterable[Row]) -> Iterator[Row]:
    """Insert the rows in large batches and hand them on with their keys; few are in memory at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield from model._default_manager.bulk_create(batch, batch_size=BATCH)
