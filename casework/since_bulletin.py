"""What the last bulletin over a place said of each round there, beside the figures of now."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from casework.coverage import Counts
from casework.models import Bulletin
from villages.models import Cadre
from villages.prepared import Prepared

DISTRICT_DIGITS, TOWN_DIGITS = 6, 9


@dataclass(frozen=True, slots=True)
class Told:
    """The bulletin, and what it said at one place: counts by round."""

    pk: int
    title: str
    cut_off_on: date
    counts: dict[int, Counts]


class Change(NamedTuple):
    """One round: its name, what the bulletin said, and what is so now."""

    round: str
    then: Counts
    now: Counts

    @property
    def more(self) -> str:
        """How many more are done, with its sign."""
        return f"{self.now.done - self.then.done:+d}".replace("-", "−")


def told_last(place_code: str, *, cadre: Cadre, on: date, seen_on: date) -> Told | None:
    """The latest bulletin in force that was cut off before the day, of the place's town or of its district.

    A released bulletin's figures never change, so they are read once by each process: usually one small query.
    """
    over = place_code[:DISTRICT_DIGITS], place_code[:TOWN_DIGITS]
    which: dict[str, Any] = {"cadre_id": cadre.pk, "is_superuser": cadre.is_superuser, "seen_on": seen_on}
    found = _LAST.rows(**which, over=over, on=on)
    if not found:
        return None
    ((pk, title, cut_off_on, digest),) = found
    return Told(pk, title, cut_off_on, _counts_at(place_code, pk, digest))


def changes(told: Told, now: dict[int, tuple[str, Counts]]) -> list[Change]:
    """The rounds of now (names and counts) of which the bulletin told, in their order."""
    return [Change(name, told.counts[pk], counts) for pk, (name, counts) in now.items() if pk in told.counts]


def _last(cadre_id: int, seen_on: date, over: tuple[str, ...], on: date, *, is_superuser: bool) -> Any:
    visible = Bulletin.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), seen_on)
    issued = visible.issued().filter(place_code__in=over, cut_off_on__lt=on)
    return issued.order_by("-cut_off_on", "-place_code", "-pk").values_list("pk", "title", "cut_off_on", "digest")[:1]


_LAST = Prepared(_last)


@lru_cache(maxsize=512)
def _counts_at(place_code: str, pk: int, digest: str) -> dict[int, Counts]:
    """By round; the digest is a part of the key, so that another bulletin of that number is another one."""
    figures = Bulletin.objects.only("figures").get(pk=pk).counted
    lines = ((part["id"], _line(part, figures["place"]["code"], place_code)) for part in figures["rounds"])
    return {round_id: Counts(**line["counts"]) for round_id, line in lines if line}


def _line(part: dict[str, Any], whole: str, place_code: str) -> dict[str, Any] | None:
    """The line of the place: the whole, one of its towns, or a village; None when the round asked nothing there."""
    if place_code == whole:
        return part
    for town in part["towns"]:
        if town["code"] == place_code:
            return town
        for village in town["villages"]:
            if village["code"] == place_code:
                return village
    return None
