"""A list to act on: which rows somebody sees, how many there are by village, and how each row reads."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.models import Round
from casework.parts import villages_of
from households.models import Household
from villages.models import Cadre, Village, VillagerGroup

Words = Any  # text, translated when it is shown
Key = Any  # of a row: what JSON can hold, an id as number or text


@dataclass(frozen=True, slots=True)
class Asked:
    """How a list is asked for: by whom, seen from which day, as of which day, where, how far back, in which round.

    `offices` narrows the rows to the places of an office, for what leaves the system; None: all that is seen.
    `between` are the codes of the first and the last village looked at, where a part is enough.
    """

    cadre: Cadre
    seen_on: date
    on: date
    place: str = ""
    days: int = 0
    round: Round | None = None
    offices: tuple[str, ...] | None = None
    between: tuple[str, str] | None = None

    @property
    def period(self) -> tuple[date, date]:
        """First and last day looked at: the round's up to that day, otherwise so many days back."""
        if self.round:
            return self.round.starts_on, min(self.round.last_credit_on, self.on)
        return self.on - timedelta(days=self.days), self.on

    @property
    def end(self) -> datetime:
        """The end of the day, as a moment."""
        return datetime.combine(self.on + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))

    def at(self, code: str) -> Q:
        """The condition that the village (its code reached by that path) lies where it is asked for."""
        here = Q(**{f"{code}__startswith": self.place}) if self.place else Q()
        if self.between:
            here &= Q(**{f"{code}__range": self.between})
        if self.offices is None:
            return here
        ours = Q(pk__in=[])
        for office in self.offices:
            ours |= Q(**{f"{code}__startswith": office})
        return here & ours


class Spot(NamedTuple):
    """Where a row lies; the group's number is what a day's walk follows."""

    village_id: str
    village: str
    town: str
    group: str = ""
    group_number: int = 0
    house: str = ""


class Line(NamedTuple):
    """A row as it reads: its name leads to the record; the cells follow the list's columns."""

    key: Key
    name: str
    address: str
    spot: Spot
    cells: tuple[str, ...]


class ActList(ABC):
    """One list. A new one is a small class: its words, its rows, and how a row reads. Listed in lists/__init__.py."""

    key: ClassVar[str]
    name: ClassVar[Words]
    purpose: ClassVar[Words]  # what the reader is asked to do about it
    subject: ClassVar[Words] = _("Household")  # the heading of the first column
    columns: ClassVar[tuple[Words, ...]]
    days: ClassVar[str] = ""  # the setting that says how many days, where days are asked
    days_label: ClassVar[Words] = ""
    takes_round: ClassVar[bool] = False
    village: ClassVar[str] = "village"  # the path from a row to the code of its village
    order: ClassVar[tuple[str, ...]] = ("village", "group__number", "number", "pk")

    @abstractmethod
    def rows(self, asked: Asked) -> Any:
        """The rows that are seen and meant, in no order. The one definition: counts, page and file follow it."""

    @abstractmethod
    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """How the rows of these keys read, in their order; a row that is gone is left out."""

    def keys(self, asked: Asked) -> Sequence[Key]:
        """The keys of the rows in the order of places."""
        return self.rows(asked).order_by(*self.order).values_list("pk", flat=True)

    def counts(self, asked: Asked) -> Counter[str]:
        """How many rows each village has. One grouped query."""
        grouped = self.rows(asked).order_by().values_list(self.village).annotate(number=Count("pk"))
        return Counter(dict(grouped.values_list(self.village, "number")))

    def counted(self, asked: Asked) -> tuple[Counter[str], Sequence[Key] | None]:
        """The counts; with the keys in the order of places where these are found by counting."""
        return self.counts(asked), None

    def part(self, asked: Asked, counts: Mapping[str, int], wanted: range) -> Sequence[Key]:
        """The keys with these numbers: only the villages in which they lie by the counts are asked for them."""
        if not wanted:
            return []
        between, before = villages_of(counts, wanted)
        return list(self.keys(replace(asked, between=between))[before : before + len(wanted)])

    def said(self, asked: Asked) -> str:
        """What is looked at, where the filters do not say it all."""
        return ""

    @property
    def days_by_default(self) -> int:
        """How many days are looked at when nobody says."""
        return getattr(settings, self.days) if self.days else 0


def spot_of(village: Village, household: Household | None = None) -> Spot:
    """The spot of a household, or of a village as a whole."""
    group: VillagerGroup | None = household.group if household else None
    return Spot(
        village.pk,
        village.short_name,
        village.town.name,
        str(group) if group else "",
        group.number if group else 0,
        household.house if household else "",
    )


def written(day: date) -> str:
    """A day with its year; the same few hundred stand on every list."""
    return _written(day, get_language())


@lru_cache(maxsize=4096)
def _written(day: date, language: str | None) -> str:
    return date_format(day)


def in_order(keys: Iterable[Key], found: Mapping[Key, Any]) -> list[Any]:
    """The rows found, in the order of the keys."""
    return [found[key] for key in keys if key in found]
