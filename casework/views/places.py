"""A village: who is there, what is due, who was there when."""

from datetime import date

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from casework.doorstep import duty_rows
from casework.models import Duty, Problem, Round, Visit
from casework.people import seats_of, units_of
from casework.problem_rows import BY_PLACE, names_alone, problem_rows
from casework.timeline import entries_of, visit_rows
from casework.views.requests import CadreRequest
from households.entering import can_enter_measure
from households.models import ExitRecord, Household
from villages.calendar import today
from villages.models import Cadre, Village

LATEST_VISITS, FIRST_PROBLEMS = 5, 5
HOUSEHOLDS_A_PAGE = 50
BY_DUE_DATE = ("round__due_on", "pk")


@require_safe
def village(request: CadreRequest, code: str) -> HttpResponse:
    """One village with its people, duties of its own, last visits and households by group."""
    day = today()
    village = get_object_or_404(Village.objects.visible_to(request.user, day).select_related("town"), pk=code)
    households = Household.objects.visible_to(request.user, day).registered(day).filter(village=village)
    duties = Duty.objects.visible_to(request.user, day).filter(village=village, household=None)
    duties = duties.filter(round__in=Round.objects.running(day))
    visits = Visit.objects.visible_to(request.user, day).current().filter(village=village, household=None)
    page = Paginator(households.select_related("group"), HOUSEHOLDS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "today": day,
        "village": village,
        "seats": seats_of(village.pk, day),
        "units": units_of(village.pk, day),
        "duties": duty_rows(duties.with_state(day).select_related("round").order_by(*BY_DUE_DATE), day),
        "visits": visit_rows(entries_of(visits.prefetch_related("visitors")[:LATEST_VISITS]), day),
        "households": page,
        "rows": problem_rows(_open_problems(village, request.user, day), day),
        "exit": _exit_of(village, request.user, day),
        "can_enter": can_enter_measure(request.user, village.pk, day),
    }
    return render(request, "village.html", context)


def _open_problems(village: Village, cadre: Cadre, day: date) -> QuerySet[Problem]:
    """The few that are due first; the ledger has them all."""
    found = Problem.objects.visible_to(cadre, day).filter(village=village).open(day)
    return names_alone(found).order_by(*BY_PLACE)[:FIRST_PROBLEMS]


def _exit_of(village: Village, cadre: Cadre, day: date) -> ExitRecord | None:
    """How the village left poverty; only a registered poor village has."""
    if not village.is_poor:
        return None
    return ExitRecord.objects.visible_to(cadre, day).filter(village=village, household=None).first()
