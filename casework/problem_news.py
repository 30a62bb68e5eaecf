"""News of problems: what has been handed over to a cadre, or to the unit that he or she leads."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.models import Move, Problem, ProblemStep
from casework.news import Change, Heard
from casework.problem_figures import handed_over
from casework.templatetags.days import short_day
from villages.models import Posting, Village

GIVEN = (Move.ASSIGN, Move.RETURN)


def fresh_problems(on: date, since: date) -> QuerySet[Problem]:
    """Those handed over from that day on."""
    return Problem.objects.in_hand().filter(handed_on__range=(since, on))


def who_has_problem_news(on: date, since: date) -> Iterator[Heard]:
    """For everybody. One query; two when problems were handed over to units."""
    fresh = fresh_problems(on, since).order_by()
    fresh = fresh.annotate(at=Max("steps__recorded_at", filter=Q(steps__move__in=GIVEN)))
    rows = list(fresh.values_list("responsible", "responsible__is_active", "unit", "handed_on", "at"))
    led: dict[int, list[int]] = defaultdict(list)
    if units := {unit for *_person, unit, _day, _at in rows if unit is not None}:
        leading = Posting.objects.in_force(on).filter(unit__in=units, cadre__is_active=True).order_by()
        for unit, cadre_id in leading.values_list("unit", "cadre"):
            led[unit].append(cadre_id)
    for person, is_active, unit, handed_on, at in rows:
        for cadre_id in led[unit] if unit is not None else [person] if is_active else []:
            yield Heard(cadre_id, handed_on or on, at)


def problem_news(cadre_ids: Collection[int], on: date, since: date) -> Iterator[Change]:
    """For these cadres. Four queries."""
    told = handed_over(cadre_ids, on, since=since)
    problems = {row.problem for rows in told.values() for row in rows}
    given = ProblemStep.objects.filter(problem__in=problems, move__in=GIVEN).order_by()
    entered = dict(given.values_list("problem").annotate(at=Max("recorded_at")))
    villages = Village.objects.select_related("town").in_bulk({row.village for rows in told.values() for row in rows})
    for cadre_id, rows in told.items():
        for number, row in enumerate(rows):
            yield Change(
                cadre_id=cadre_id,
                on=row.handed_on,
                at=entered.get(row.problem),
                village=villages[row.village],
                key=number,
                text=_("Problem handed to you: %(text)s") % {"text": row.text},
                why=_("since %(day)s, to be solved by %(due)s")
                % {"day": short_day(row.handed_on, on), "due": short_day(row.due_on, on)},
                url=reverse("problem", args=[row.problem]),
            )
