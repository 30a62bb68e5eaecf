"""The ledger as a list: how many problems stand in each state, and a page of them, by queries compiled once."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from casework.models import Problem, ProblemState
from casework.models.duties import village_codes
from casework.models.problems import ProblemQuerySet, past_deadline_on
from casework.problem_rows import BY_PLACE
from casework.problem_turns import waiting_for
from households.models import Household
from villages.models import Cadre, PartnerUnit, Town, Village
from villages.prepared import Prepared, padded
from villages.prepared_rows import PreparedRows, known

ALL, LATE, OPEN = "all", "late", "open"
ENDED = (ProblemState.CLOSED, ProblemState.WITHDRAWN)
NAMES = (
    *("village__name", "village__town", "village__town__name"),
    *("household__head_name", "responsible__name", "unit__name"),
)


class ProblemList:
    """The problems a cadre sees of a place ("": of all), in order of places.

    `state` is one of the ledger's, OPEN, LATE or ALL; `is_mine` leaves those that wait for the cadre.
    """

    def __init__(self, cadre: Cadre, day: date, *, place: str, state: str, is_mine: bool) -> None:
        self._asked: dict[str, Any] = {"cadre_id": cadre.pk, "is_superuser": cadre.is_superuser, "on": day}
        self._asked |= {"codes": village_codes(place) if place else None, "is_mine": is_mine}
        self._state: dict[str, Any] = {"is_open": state == OPEN, "is_late": state == LATE}
        self._state |= {"state": None if state in (ALL, LATE, OPEN) else state}

    def counts(self) -> Counter[str]:
        """How many stand in each state, are open, past their deadline, and in all, whichever is looked at."""
        counts: Counter[str] = Counter()
        for state, number, late in _COUNTED.rows(**self._asked):
            counts[state] = number
            counts[ALL] += number
            counts[LATE] += late
            counts[OPEN] += 0 if state in ENDED else number
        return counts

    def rows(self, wanted: range) -> list[Problem]:
        """The wanted of them, with whatever a row shows.

        Which problems they are is asked apart from their names, which would otherwise be looked up for all before.
        """
        keys = [key for (key,) in _LISTED.part(wanted.start, len(wanted), **self._asked, **self._state)]
        return [_with_names(problem, *names) for problem, names in _SHOWN.rows(keys=padded(keys))]


def _found(cadre_id: int, on: date, codes: Any, *, is_superuser: bool, is_mine: bool) -> ProblemQuerySet:
    cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
    found = Problem.objects.visible_to(cadre, on)
    if codes:
        found = found.filter(village__code__range=codes)
    return found.filter(pk__in=waiting_for(cadre, on).order_by().values("pk")) if is_mine else found


def _counted(on: date, **asked: Any) -> Any:
    # The same words as past_deadline(), which an aggregate can take.
    late = Q(closed_on__isnull=True, withdrawn_on__isnull=True) & past_deadline_on(on)
    found = _found(on=on, **asked).order_by().values_list("state")
    return found.annotate(number=Count("pk"), late=Count("pk", filter=late))


def _listed(on: date, state: str | None, *, is_open: bool, is_late: bool, **asked: Any) -> Any:
    found = _found(on=on, **asked)
    if is_late:
        found = found.past_deadline(on)
    if is_open:
        found = found.open(on)
    if state:
        found = found.filter(state=state)
    return found.order_by(*BY_PLACE).values_list("pk")


def _shown(keys: tuple[UUID, ...]) -> Any:
    return Problem.objects.filter(pk__in=keys).order_by(*BY_PLACE)


_COUNTED, _LISTED, _SHOWN = Prepared(_counted), Prepared(_listed), PreparedRows(Problem, _shown, *NAMES)


def _with_names(
    problem: Problem,
    village: str,
    town_id: str,
    town: str,
    head: str | None,
    person: str | None,
    unit: str | None,
) -> Problem:
    """The problem with its places, its household and whoever must act, as far as a row shows them."""
    problem.village = known(Village, ("code", "name", "town_id"), (problem.village_id, village, town_id))
    problem.village.town = known(Town, ("code", "name"), (town_id, town))
    if head is not None:
        problem.household = known(Household, ("id", "head_name"), (problem.household_id, head))
    if person is not None:
        problem.responsible = known(Cadre, ("id", "name"), (problem.responsible_id, person))
    if unit is not None:
        problem.unit = known(PartnerUnit, ("id", "name"), (problem.unit_id, unit))
    return problem
