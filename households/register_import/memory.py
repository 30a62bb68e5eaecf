"""Spare Python the search for dead cycles among millions of values that are alive."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (500_000, 20, 1_000)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Search much less often: reading a register makes plain values only, which die without it.

    With the usual thresholds a fifth of an import's processor time is spent on searching.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
