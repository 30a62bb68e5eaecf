"""News of problems: what has been handed over to a cadre, or to the unit that he or she leads."""

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.models import Move, Problem, ProblemStep
from casework.news import Change
from casework.problem_figures import handed_over
from casework.templatetags.days import short_day
from villages.models import Cadre, Village


def fresh_problems(on: date, since: date) -> QuerySet[Problem]:
    """Those handed over from that day on."""
    return Problem.objects.in_hand().filter(handed_on__range=(since, on))


def problem_news(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterator[Change]:
    """For these cadres, or for everybody. Four queries."""
    ids = Cadre.objects.filter(is_active=True).values_list("pk", flat=True) if cadre_ids is None else cadre_ids
    told = handed_over(list(ids), on, since=since)
    problems = {row.problem for rows in told.values() for row in rows}
    given = ProblemStep.objects.filter(problem__in=problems, move__in=(Move.ASSIGN, Move.RETURN)).order_by()
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
