"""A round's duties split by the household: by class, where each counts once, and by priority groups, which overlap."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework import kept
from casework.coverage import TALLIED, Counts, CoverageTable, Row, cells_of, figures, is_large, seats_held
from casework.models import Duty, Round, State
from casework.models.duties import DutyQuerySet
from casework.shelf import Shelf
from households.models import BaseType, MonitoringType, Person
from villages import reach
from villages.models import Cadre, Post

BY_CLASS, BY_GROUP = "class", "group"
ALL_MONITORED = "monitored"

# In the order in which they are looked after: the monitored first, whatever their base type.
CLASSES: dict[str, str | Promise] = {
    **{kind.value: kind.label for kind in MonitoringType},
    BaseType.EXITED.value: _("exited from poverty, not monitored"),
    BaseType.ORDINARY.value: _("ordinary, not monitored"),
}
KINDS: dict[str, str | Promise] = {ALL_MONITORED: _("monitored households"), **CLASSES}

ELDER_AGE = 60  # Law on the Protection of the Rights and Interests of the Elderly, article 2
SCHOOL_AGES = (6, 16)  # Compulsory Education Law: nine years from the age of six on; the end excluded
GROUPS: dict[str, str | Promise] = {
    "allowance": _("minimum living allowance (低保)"),
    "destitute": _("destitute support (特困)"),
    "elders": _("only elders at home"),
    "children": _("children of school age"),
    "away": _("whole family away"),
}


def class_of(monitoring_type: str, base_type: str) -> str:
    """The one class a household counts in."""
    return monitoring_type or base_type


def is_of(key: str, kind: str) -> bool:
    """Whether households of the class are of the kind, which may be any monitored one."""
    return key in MonitoringType.values if kind == ALL_MONITORED else key == kind


def of_kind(kind: str, of: str = "household__") -> Q:
    """The condition that a household (reached by the prefix `of`) is of the class, or of any monitored one."""
    monitored = Q(**{f"{of}monitoring_type__gt": ""})
    if kind == ALL_MONITORED:
        return monitored
    if kind in MonitoringType.values:
        return Q(**{f"{of}monitoring_type": kind})
    return Q(**{f"{of}monitoring_type": "", f"{of}base_type": kind})


def in_group(group: str, on: date, of: str = "household__") -> Q:
    """The condition that a household (reached by the prefix `of`) is in the group, by its members of that day."""
    if group == "away":
        return Q(**{f"{of}is_away": True})
    members = Person.objects.registered(on).filter(household=OuterRef(f"{of}pk"))
    return _BY_MEMBERS[group](members, on, of)


def _of_elders(members: Any, on: date, of: str) -> Q:
    """Somebody lives there, and nobody is younger, or of unknown age."""
    youngest = on - relativedelta(years=ELDER_AGE)
    return Q(Exists(members), ~Exists(members.exclude(born_on__lte=youngest)), **{f"{of}is_away": False})


def _with_children(members: Any, on: date, of: str) -> Q:
    first, end = (on - relativedelta(years=age) for age in SCHOOL_AGES)
    return Q(Exists(members.filter(born_on__gt=end, born_on__lte=first)))


_BY_MEMBERS: dict[str, Callable[[Any, date, str], Q]] = {
    "allowance": lambda members, on, of: Q(Exists(members.filter(has_minimum_allowance=True))),
    "destitute": lambda members, on, of: Q(Exists(members.filter(has_destitute_support=True))),
    "elders": _of_elders,
    "children": _with_children,
}


def narrowed(duties: DutyQuerySet, *, on: date, kind: str = "", group: str = "", is_owed: bool = False) -> DutyQuerySet:
    """The duties at households of that class and group; `is_owed` leaves the excused out, as the rate does."""
    if kind:
        duties = duties.filter(of_kind(kind))
    if group:
        duties = duties.filter(in_group(group, on))
    return duties.exclude(state=State.EXCUSED) if is_owed else duties  # type: ignore[misc]  # annotated


def table_by(
    by: str,
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str = "",
    seen_on: date | None = None,
    now: datetime | None = None,
    is_anew: bool = False,
) -> CoverageTable:
    """The round's figures by whichever way is asked for; see coverage.figures() for those that know no household.

    Those that know the household are of the same age, from a shelf. By group the rows overlap: their total is empty,
    for no sum of them says anything.
    """
    if by not in (BY_CLASS, BY_GROUP):
        asked: dict[str, Any] = {"cadre": cadre, "on": on, "place_code": place_code, "seen_on": seen_on}
        return figures(round, by=by, now=now, is_anew=is_anew, **asked)
    below = place_code or round.place_code
    split, counted_at = split_by(
        by, round, cadre=cadre, on=on, place_code=below, seen_on=seen_on or on, now=now, is_anew=is_anew
    )
    sums: dict[str, Counts] = defaultdict(Counts)
    for (_village_id, key), counts in split.cells.items():
        sums[key].add(counts)
    rows = [Row(key, str(words), sums[key]) for key, words in _WORDS[by].items() if key in sums]
    total = Counts()
    for row in rows if by == BY_CLASS else ():
        total.add(row.counts)
    return CoverageTable(rows, total, round.day_of_figures(on), counted_at)


class Split(NamedTuple):
    """Counts by village and class, or group; the round has at least `size` duties, as far as it was looked at."""

    cells: dict[tuple[str, str], Counts]
    size: int


_SHELF: Shelf[Split] = Shelf(lambda split: kept.is_large(split.size))
_WORDS = {BY_CLASS: CLASSES, BY_GROUP: GROUPS}


def split_by(
    by: str,
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str,
    seen_on: date,
    now: datetime | None = None,
    is_anew: bool = False,
) -> tuple[Split, datetime | None]:
    """By class or group what the cadre sees of the round below the place, and the moment it is of.

    With `now`, a district's may be a minute old, for whoever sees all of it.
    """
    day = round.day_of_figures(on)

    def count(size: int = 0) -> Split:
        duties = Duty.objects.in_round(round).visible_within(place_code, cadre, seen_on)
        counting = _Counting(round, day, seats_held(round, day, place_code=place_code), place_code)
        return Split(counting.groups(duties) if by == BY_GROUP else counting.classes(duties), size)

    if now is None or len(place_code) > reach.DISTRICT_DIGITS or not reach.reaches_all_of(cadre, place_code, seen_on):
        return count(), now
    question = by, round.pk, day, place_code
    size = settings.FIGURES_KEPT_FROM if is_large(round) else 0
    return _SHELF.kept_or_counted(question, lambda: count(size), now=now, is_anew=is_anew)


@dataclass(frozen=True, slots=True)
class _Counting:
    """How some of a round's duties are counted: as coverage.tallied() does, with the seats looked up once for all."""

    round: Round
    day: date
    held: set[tuple[str, str]]
    place_code: str

    def classes(self, duties: DutyQuerySet) -> dict[tuple[str, str], Counts]:
        """Of each village those of each class."""
        columns = "household__monitoring_type", "household__base_type"
        found: dict[tuple[str, str], Counts] = defaultdict(Counts)
        for (village_id, *kinds), counts in self._by(duties.filter(household__isnull=False), *columns):
            found[village_id, class_of(*kinds)].add(counts)
        return dict(found)

    def groups(self, duties: DutyQuerySet) -> dict[tuple[str, str], Counts]:
        """Of each village those of each group, one statement for each."""
        found: dict[tuple[str, str], Counts] = defaultdict(Counts)
        for group in GROUPS:
            for (village_id,), counts in self._by(duties.filter(in_group(group, self.day))):
                found[village_id, group].add(counts)
        return dict(found)

    def _by(self, duties: DutyQuerySet, *columns: str) -> Iterator[tuple[tuple[str, ...], Counts]]:
        """The duties by village and these columns of the household, a seat after the other. One statement."""
        has_helpers, width = Post.HELPER in self.round.posts, len(columns)
        tallied = duties.tallied(self.day, place=self.place_code, has_helpers=has_helpers, by=columns)
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for group in tallied.values_list(*columns, *TALLIED):
            groups[group[:width]].append(group[width:])
        for key, its_groups in groups.items():
            for (village_id, _seat), counts in cells_of(its_groups, self.round, self.day, self.held).items():
                yield (village_id, *key), counts
