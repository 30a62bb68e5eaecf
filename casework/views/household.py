"""The file of one household: the page read at the door, all its visits, and its two sheets on A4."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.at_the_door import read_at_the_door, read_for_paper
from casework.doorstep import duty_rows, entries_as_of, record_source, watch_list
from casework.file_rows import (
    Answers,
    guarantee_rows,
    helper_rows,
    link_rows,
    measure_rows,
    record_facts,
    step_rows,
    year_rows,
)
from casework.models import Visit
from casework.problem_rows import door_rows, paper_rows
from casework.timeline import LATEST_FIRST, Timeline, entries_of, timeline_of, visit_rows
from households.clock import clocks
from households.file import HouseholdFile, Seen, household_seen
from households.members import members_shown
from households.models import Household, Measure
from villages.calendar import today
from villages.requests import CadreRequest

# At the door the last few visits matter; all of them have a page of their own.
VISITS_AT_THE_DOOR, VISITS_A_PAGE = 6, 20
# What an A4 sheet has room for.
YEARS_ON_FILE, VISITS_ON_FILE = 3, 6
YEARS_IN_HANDBOOK, VISITS_IN_HANDBOOK, FREE_ROWS = 2, 12, 4


@require_safe
def household(request: CadreRequest, pk: int) -> HttpResponse:
    """Everything about one household, in the order needed at its door."""
    day = today()
    with _hidden_is_not_there():
        door = read_at_the_door(request.user, pk, day, latest=VISITS_AT_THE_DOOR)
    seen = door.seen
    context = _file(seen, day, door.file, door.timeline)
    context["mine"] = door.head  # the head of the page finds its posts and letters there
    context["watch"] = watch_list(door.file, door.problems, shows_sensitive=seen.shows_sensitive)
    running = door.file.running_case
    context["clock"] = clocks([running.case], day).get(running.case.pk) if running else None
    context["entries_as_of"] = entries_as_of(day)
    context["duties"] = duty_rows(door.duties, day)
    context["problems"] = door_rows(door.problems, day)
    context["review_notes"] = door.notes
    context["note_query"] = f"household={pk}" if door.may_write_note else ""
    return render(request, "household.html", context | _lines(context, day, door.answers))


@require_safe
def household_visits(request: CadreRequest, pk: int) -> HttpResponse:
    """All visits to one household, the latest first."""
    day = today()
    home = get_object_or_404(Household.objects.visible_to(request.user, day), pk=pk)
    visits = Visit.objects.visible_to(request.user, day).current().filter(household=home).order_by(*LATEST_FIRST)
    page = Paginator(visits.prefetch_related("visitors"), VISITS_A_PAGE).get_page(request.GET.get("page"))
    context = {"today": day, "household": home, "page": page, "visits": visit_rows(entries_of(page.object_list), day)}
    return render(request, "household_visits.html", context)


@require_safe
def household_file(request: CadreRequest, pk: int) -> HttpResponse:
    """The file on A4 (一户一档)."""
    day = today()
    context = _paper(request, pk, day, visits=VISITS_ON_FILE)
    context["years"] = context["file"].incomes[:YEARS_ON_FILE]
    context["listed_measures"] = [*context["measures"], *context["ended_measures"]]
    context["visits"] = context["timeline"].standing
    return _sheet(request, "household_file.html", context)


@require_safe
def household_handbook(request: CadreRequest, pk: int) -> HttpResponse:
    """The household's page in its helper's handbook (帮扶手册) for the running year."""
    day = today()
    context = _paper(request, pk, day, visits=VISITS_IN_HANDBOOK + 1)
    measures = [*context["measures"], *context["ended_measures"]]
    visits = [entry for entry in context["timeline"].standing if entry.visit.visited_on.year == day.year]
    context["years"] = context["file"].incomes[:YEARS_IN_HANDBOOK]
    context["listed_measures"] = [one for one in measures if not one.ends_on or one.ends_on.year >= day.year]
    context["visits"] = visits[:VISITS_IN_HANDBOOK]
    context["has_earlier_visits"] = len(visits) > VISITS_IN_HANDBOOK
    context["empty_rows"] = range(max(VISITS_IN_HANDBOOK - len(visits), FREE_ROWS))
    return _sheet(request, "household_handbook.html", context)


@contextmanager
def _hidden_is_not_there() -> Iterator[None]:
    try:
        yield
    except Household.DoesNotExist as hidden:
        raise Http404 from hidden


def _paper(request: CadreRequest, pk: int, day: date, *, visits: int) -> dict[str, Any]:
    """What both sheets show."""
    with _hidden_is_not_there():
        seen = household_seen(request.user, pk, day)
    paper = read_for_paper(seen, day)
    context = _file(seen, day, paper.file, timeline_of(seen.household.pk, latest=visits))
    return context | {"answers": paper.answers, "problems": paper_rows(paper.problems)}


def _file(seen: Seen, day: date, file: HouseholdFile, timeline: Timeline) -> dict[str, Any]:
    """What the page and both sheets show."""
    shows_sensitive = seen.shows_sensitive
    members, children = members_shown(file.members, day, shows_sensitive=shows_sensitive)
    return {
        "today": day,
        "household": seen.household,
        "file": file,
        "record_source": record_source(seen.household, day),
        "shows_sensitive": shows_sensitive,
        "has_left": seen.household.left_on is not None and seen.household.left_on <= day,
        "members": members,
        "children": children,
        "timeline": timeline,
        **_measures(file, shows_sensitive=shows_sensitive),
    }


def _lines(context: dict[str, Any], day: date, answers: Answers) -> dict[str, Any]:
    """The lists of the page, in words."""
    file, timeline, shows_sensitive = context["file"], context["timeline"], context["shows_sensitive"]
    years = year_rows(file.incomes, day)
    return {
        "helpers_now": file.helpers_told,
        "steps": step_rows(file.running_case, day, shows_sensitive=shows_sensitive),
        "guarantees": guarantee_rows(file.guarantees, day),
        "latest_income": years[:1],
        "earlier_incomes": years[1:],
        "measures": measure_rows(context["measures"], answers, day),
        "ended_measures": measure_rows(context["ended_measures"], answers, day),
        "links": link_rows(file.links, answers, day),
        "visits": visit_rows(timeline.latest, day),
        "record": record_facts(file, day, shows_sensitive=shows_sensitive),
        "helpers": helper_rows(file.helpers, day),
    }


def _measures(file: HouseholdFile, *, shows_sensitive: bool) -> dict[str, list[Measure]]:
    """Measures that run or are to come, and those that have ended."""
    shown = file.measures_shown(shows_sensitive=shows_sensitive)
    ended = [measure for measure in shown if measure.ends_on and measure.ends_on < file.on]
    return {"measures": [measure for measure in shown if measure not in ended], "ended_measures": ended}


def _sheet(request: CadreRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page made for paper: days with their year, and who printed it when."""
    paper = {
        "now": timezone.localtime(),
        "record_source": record_source(context["household"], context["today"], is_on_paper=True),
        "entries_as_of": entries_as_of(context["today"], is_on_paper=True),
    }
    return render(request, template, context | paper)
