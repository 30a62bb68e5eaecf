"""The page of the named list behind a number of a round."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casework.due import Spot
from casework.explained import how_counted
from casework.forms.coverage import ListQuery
from casework.models import State
from casework.models.seats import seat_label
from casework.named import NamedDuty, NamedList, holders_of
from casework.parts import rows_of
from casework.templatetags.days import short_day
from casework.views.asked import place_of, round_of
from casework.views.figures import COLUMNS, OWED, crumbs_of
from casework.views.moments import fresh_enough, moment_at
from casework.views.requests import CadreRequest
from households.words import word_of
from villages.calendar import today
from villages.models.places import short_village_name
from villages.ways import way_to

DUTIES_A_PAGE = 50


class DutyLine(NamedTuple):
    """A duty in finished words; `where` says village and group, and is empty in a round of villages."""

    pk: str
    address: str
    name: str
    state: str
    said: str
    by_phone: str
    last_visit: str
    holders: str
    post: str
    done_on: str
    where: str


@require_safe
def coverage_list(request: CadreRequest, pk: int) -> HttpResponse:
    """Exactly the duties behind a number, by name."""
    day = today()
    round = round_of(request.user, pk, day)
    query = ListQuery(request.GET, today=day)
    place = place_of(request.user, round, query.asked()["place"], day)
    listed = NamedList(round, request.user, seen_on=day, **query.filters() | {"place_code": place})
    numbers, counted_at = listed.numbers(**fresh_enough(request))
    page = Paginator(range(sum(numbers.values())), DUTIES_A_PAGE).get_page(request.GET.get("page"))
    duties = listed.rows(numbers, rows_of(page))
    base = query.address(state="", by_phone="", owed="", place=place)
    columns = [COLUMNS[0], OWED, *COLUMNS[1:]]
    context = {
        "today": day,
        **moment_at(counted_at, query.address(place=place)),
        "as_of": listed.day,
        "round": round,
        "place": place,
        "crumbs": crumbs_of(round, place, query),
        "page": page,
        "page_query": f"{query.address(place=place)}&",
        "rows": list(_lines(duties, listed.day)),
        "narrowed_to": query.narrowed_to(),
        "tabs": [(words, f"{base}{tail}", name == query.column) for name, words, tail in columns],
        "how": how_counted(round),
    }
    return render(request, "coverage_list.html", context)


def _lines(duties: list[NamedDuty], day: date) -> Iterator[DutyLine]:
    """The duties with who holds them; a post and a place are written once for all their duties."""
    seats = {seat: seat_label(seat) for seat in {duty.seat for duty in duties}}
    for duty, names in zip(duties, holders_of(duties, day), strict=True):
        if duty.household_id:
            address, name = way_to("household", duty.household_id), duty.head_name or ""
        else:
            address, name = reverse("village", args=[duty.village_id]), short_village_name(duty.village_name)
        yield DutyLine(
            pk=str(duty.pk),
            address=address,
            name=name,
            state=duty.state,
            said=word_of(State, duty.state),
            by_phone=_("by phone") if duty.is_by_phone else "",
            last_visit=short_day(duty.last_visit_on, day) or _("never"),
            holders=_in_a_row(names),
            post=seats[duty.seat],
            done_on=short_day(duty.credited_on, day) if duty.state == State.DONE else "–",
            where=_where(duty) if duty.household_id else "",
        )


def _where(duty: NamedDuty) -> str:
    return Spot(duty.village_id, duty.group_number or 0, duty.village_name, duty.group_name or "").label


def _in_a_row(names: Iterable[str]) -> str:
    return ", ".join(names) or "–"
