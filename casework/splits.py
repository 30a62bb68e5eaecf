"""A round's duties split by the household: by class, where each counts once, and by priority groups, which overlap."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.coverage import Counts, CoverageTable, Row, duties_behind, figures
from casework.models import Round, State
from casework.models.duties import DutyQuerySet
from households.models import BaseType, MonitoringType, Person
from villages.models import Cadre

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

    Those that know the household are always counted live. By group the rows overlap: their total is empty, for no
    sum of them says anything.
    """
    if by not in (BY_CLASS, BY_GROUP):
        asked: dict[str, Any] = {"cadre": cadre, "on": on, "place_code": place_code, "seen_on": seen_on}
        return figures(round, by=by, now=now, is_anew=is_anew, **asked)
    duties = duties_behind(round, cadre=cadre, on=on, place_code=place_code, seen_on=seen_on)
    day, total = round.day_of_figures(on), Counts()
    if by == BY_GROUP:
        return CoverageTable([row for row in _by_group(duties, day) if row.counts.total], total, day)
    rows = list(_by_class(duties.filter(household__isnull=False)))
    for row in rows:
        total.add(row.counts)
    return CoverageTable(rows, total, day)


def _by_class(duties: DutyQuerySet) -> Iterator[Row]:
    sums: dict[str, Counts] = defaultdict(Counts)
    columns = "household__monitoring_type", "household__base_type"
    for monitoring_type, base_type, *counted in _grouped(duties, *columns):
        _count(sums[class_of(monitoring_type, base_type)], *counted)
    return (Row(key, str(words), sums[key]) for key, words in CLASSES.items() if key in sums)


def _by_group(duties: DutyQuerySet, on: date) -> Iterator[Row]:
    # One statement a group, each with its own way to the members: together they would be asked of every duty.
    for key, words in GROUPS.items():
        counts = Counts()
        for counted in _grouped(duties.filter(in_group(key, on))):
            _count(counts, *counted)
        yield Row(key, str(words), counts)


def _grouped(duties: DutyQuerySet, *columns: str) -> Any:
    grouped = duties.order_by().values_list(*columns, "state", "is_by_phone")
    return grouped.annotate(count=Count("pk"))


def _count(counts: Counts, state: str, is_by_phone: bool, count: int) -> None:
    counts.total += count
    setattr(counts, state, getattr(counts, state) + count)
    if is_by_phone:
        counts.by_phone += count
