"""The shelf: an answer is counted once, is never older than it may be, and small ones are not kept."""

import threading
import time
from datetime import datetime, timedelta

import pytest

from casework.shelf import MOST, Shelf
from casework.tests.world import TODAY, at

pytestmark = pytest.mark.core

NOW = at(TODAY)
SECOND = timedelta(seconds=1)


class Counter:
    """Counts how often it was asked to count."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        time.sleep(0.02)
        return self.asked


def test_many_who_ask_at_once_wait_for_the_one_who_counts() -> None:
    shelf, count = Shelf[int](lambda answer: True), Counter()
    found: list[tuple[int, datetime]] = []
    readers = [
        threading.Thread(target=lambda: found.append(shelf.kept_or_counted("round", count, now=NOW))) for _n in range(6)
    ]

    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert (count.asked, found) == (1, [(1, NOW)] * 6)


def test_an_answer_is_kept_for_a_minute_and_counted_anew_when_asked() -> None:
    shelf, count = Shelf[int](lambda answer: True), Counter()

    moments = [NOW, NOW + 60 * SECOND, NOW + 61 * SECOND, NOW + 62 * SECOND]
    found = [shelf.kept_or_counted("round", count, now=now) for now in moments]

    assert found == [(1, NOW), (1, NOW), (2, NOW + 61 * SECOND), (2, NOW + 61 * SECOND)]
    assert shelf.kept_or_counted("round", count, now=NOW + 70 * SECOND, is_anew=True) == (3, NOW + 70 * SECOND)


def test_small_answers_are_counted_whenever_asked_and_old_ones_make_room() -> None:
    small, large, count = Shelf[int](lambda answer: False), Shelf[int](lambda answer: True), Counter()

    assert [small.kept_or_counted("round", count, now=NOW)[0] for _n in range(2)] == [1, 2]
    for question in range(MOST + 1):
        large.kept_or_counted(question, count, now=NOW)
    assert large.kept_or_counted(0, count, now=NOW)[0] == count.asked
