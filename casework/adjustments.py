"""What changed around a round after its targets were frozen: joiners, leavers, and figures after closing."""

from copy import copy
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from casework import kept
from casework.coverage import Counts, duties_behind
from casework.models import ClosingFigure, Duty, Round
from casework.models.duties import DutyQuerySet
from casework.shelf import Shelf
from casework.targets import targets_of
from villages import reach
from villages.models import Cadre, Village


class Around(NamedTuple):
    """The first of those who joined and left, as rows that nobody changes."""

    joiners: list[Any]
    leavers: list[Duty]


_SHELF: Shelf[Around] = Shelf(lambda around: True)


def around(
    round: Round, *, cadre: Cadre, on: date, most: int, total: int, now: datetime, is_anew: bool = False
) -> Around:
    """At most so many of both. Of a round of so large a `total` they are as old as its figures may be."""

    def found() -> Around:
        joined, left = joiners(round, cadre=cadre, on=on), leavers(round, cadre=cadre, on=on)
        return Around(list(joined[:most]), list(left[:most]))

    if not kept.is_large(total) or not reach.reaches_all_of(cadre, round.place_code, on):
        return found()
    question = round.pk, round.day_of_figures(on), most
    return _SHELF.kept_or_counted(question, found, now=now, is_anew=is_anew)[0]


def joiners(round: Round, *, cadre: Cadre, on: date) -> QuerySet[Any]:
    """Households (or villages) that would be targets on that day but were not when the targets were frozen."""
    as_of = copy(round)
    as_of.opened_on = round.day_of_figures(on)
    duties = Duty.objects.in_round(round)
    targets = targets_of(as_of)
    if not reach.reaches_all_of(cadre, round.place_code, on):
        targets = targets.visible_to(cadre, on)
    if round.is_for_villages:
        known = duties.filter(village=OuterRef("pk"))
        return targets.exclude(Exists(known)).select_related("town")
    known = duties.filter(household=OuterRef("pk"))
    return targets.exclude(Exists(known)).select_related("village", "group")


def leavers(round: Round, *, cadre: Cadre, on: date) -> DutyQuerySet:
    """Duties whose household has left the register, or the post's place, since the targets were frozen."""
    seen = Duty.objects.in_round(round).visible_within(round.place_code, cadre, on)
    duties = seen.filter(left_on__lte=round.day_of_figures(on))
    return duties.select_related("household", "village").order_by("village", "household__number", "seat")


def closing_counts(round: Round, *, cadre: Cadre, on: date) -> Counts:
    """The stored closing figures, summed over the villages the cadre reaches."""
    figures = ClosingFigure.objects.filter(round=round, village__in=Village.objects.visible_to(cadre, on).order_by())
    columns = Counts().as_dict()
    sums = figures.aggregate(**{f"{column}_sum": Sum(column, default=0) for column in columns})
    return Counts(**{column: sums[f"{column}_sum"] for column in columns})


def changed_since_closing(round: Round, *, cadre: Cadre, on: date) -> DutyQuerySet:
    """The closed round's duties whose state as of the closing day is no longer what it was when it closed."""
    duties = duties_behind(round, cadre=cadre, on=on).exclude(closing_state="").exclude(closing_state=F("state"))
    return duties.select_related("household", "village").order_by("village", "household__number", "seat")
