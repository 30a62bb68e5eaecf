"""What costs much to count and is asked for again within the minute: kept in this process, with its moment."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.conf import settings

from casework.kept import JUST_NOW

MOST = 16  # so many answers are kept; the one not asked for longest goes first
Value = TypeVar("Value")


@dataclass(slots=True)
class _Place(Generic[Value]):
    """Where one answer lies. Whoever holds the lock counts, all others wait for the answer."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: tuple[Value, datetime] | None = None


class Shelf(Generic[Value]):
    """Answers by their question, never older than FIGURES_KEPT_SECONDS. Empty after a restart, which loses nothing.

    `is_worth` says of an answer whether it is large enough to be used again; others are counted whenever asked.
    """

    def __init__(self, is_worth: Callable[[Value], bool], most: int = MOST) -> None:
        self._is_worth, self._most = is_worth, most
        self._places: OrderedDict[Hashable, _Place[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def kept_or_counted(
        self, question: Hashable, count: Callable[[], Value], *, now: datetime, is_anew: bool = False
    ) -> tuple[Value, datetime]:
        """The answer and its moment, which is that before the counting; `is_anew` asks for those of this moment."""
        longest = JUST_NOW if is_anew else timedelta(seconds=settings.FIGURES_KEPT_SECONDS)
        place = self._place(question)
        with place.lock:
            # A moment that lies ahead is that of a clock which has been put back, or of a reader who came later.
            if place.answer is None or not self._is_worth(place.answer[0]) or abs(now - place.answer[1]) > longest:
                place.answer = count(), now
            return place.answer

    def _place(self, question: Hashable) -> _Place[Value]:
        with self._lock:
            place = self._places.setdefault(question, _Place())
            self._places.move_to_end(question)
            while len(self._places) > self._most:
                self._places.popitem(last=False)
            return place


class Remembered(Generic[Value]):
    """What this process has made of rows that are kept elsewhere with their moment; of another moment it is nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, tuple[datetime, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def of_moment(self, question: Hashable, moment: datetime | None) -> Value | None:
        """What was made of the rows of just this moment."""
        with self._lock:
            known, value = self._answers.get(question, (None, None))
            return value if moment and known == moment else None

    def remember(self, question: Hashable, moment: datetime, value: Value) -> Value:
        """Instead of what was made of an earlier moment's; the one made longest ago goes when there are too many."""
        with self._lock:
            self._answers[question] = moment, value
            self._answers.move_to_end(question)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return value

    def clear(self) -> None:
        """As after a restart, which loses nothing."""
        with self._lock:
            self._answers.clear()
