"""From which place a cadre looks at households: the place asked for, or the smallest that holds all that is seen."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max, Min
from django.http import Http404

from households.contradictions import BELOW, DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS
from households.models import Household
from villages.models import Cadre, District, Town, Village

LEVELS = {DISTRICT_DIGITS: District, TOWN_DIGITS: Town, VILLAGE_DIGITS: Village}


class Crumb(NamedTuple):
    """A place on the way down, and the query of its own page."""

    name: str
    address: str


class Standpoint(NamedTuple):
    """A place by its code, and the way down to it."""

    code: str
    crumbs: list[Crumb]


def stands_at(cadre: Cadre, asked: str, on: date) -> Standpoint:
    """The place asked for; unasked, the cadre's own. Raises Http404 where the cadre sees nothing."""
    code = asked or _own_place(cadre, on)
    if not code or (asked and not _is_seen(cadre, asked, on)):
        raise Http404
    return Standpoint(code, _crumbs(code))


def names_below(code: str, *, cadre: Cadre, on: date, also: set[str]) -> dict[str, str]:
    """Names of the towns or villages right below a place that the cadre reaches, and of those named in `also`."""
    digits = BELOW[len(code)]
    reached = Village.objects.visible_to(cadre, on).in_register().within(code).values_list("code", flat=True)
    codes = {village[:digits] for village in reached} | also
    places: Any = LEVELS[digits]._default_manager.filter(pk__in=codes)
    return {place.pk: _short(place) for place in places}


def _short(place: District | Town | Village) -> str:
    return place.short_name if isinstance(place, Village) else place.name


def _is_seen(cadre: Cadre, code: str, on: date) -> bool:
    """Whether the cadre reaches a village there, or helps a household there."""
    villages = Village.objects.visible_to(cadre, on).within(code)
    return villages.exists() or Household.objects.visible_to(cadre, on).within(code).exists()


def _own_place(cadre: Cadre, on: date) -> str:
    """The smallest place that holds all villages the cadre reaches, or else all households the cadre helps."""
    ends = Village.objects.visible_to(cadre, on).aggregate(first=Min("code"), last=Max("code"))
    if not ends["first"]:
        ends = Household.objects.visible_to(cadre, on).aggregate(first=Min("village_id"), last=Max("village_id"))
    first, last = ends["first"] or "", ends["last"] or ""
    for digits in (VILLAGE_DIGITS, TOWN_DIGITS):
        if first and first[:digits] == last[:digits]:
            return first[:digits]
    return first[:DISTRICT_DIGITS]


def _crumbs(code: str) -> list[Crumb]:
    crumbs = []
    for digits, model in LEVELS.items():
        if digits <= len(code):
            place: Any = model._default_manager.filter(pk=code[:digits]).first()
            if place is None:
                raise Http404
            crumbs.append(Crumb(_short(place), f"place={place.pk}"))
    return crumbs
