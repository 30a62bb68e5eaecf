"""From which place a cadre looks at households: the place asked for, or the smallest that holds all that is seen."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max, Min, Value
from django.http import Http404

from households.contradictions import BELOW, DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS
from households.models import Household
from villages.models import Cadre, District, Town, Village
from villages.models.places import short_village_name
from villages.prepared import Prepared, padded

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
    first, last = _ends_of(code)
    reached = _BELOW.rows(**_who(cadre, on), first=first, last=last)
    codes = {village[:digits] for (village,) in reached} | also
    names = dict(_NAMES.rows(codes=padded(sorted(codes)))) if codes else {}
    return {code: short_village_name(name) if digits == VILLAGE_DIGITS else name for code, name in names.items()}


def _is_seen(cadre: Cadre, code: str, on: date) -> bool:
    """Whether the cadre reaches a village there, or helps a household there."""
    first, last = _ends_of(code)
    if _REACHED.rows(**_who(cadre, on), first=first, last=last):
        return True
    return bool(_HELPED.rows(cadre_id=cadre.pk, on=on, first=first, last=last))


def _own_place(cadre: Cadre, on: date) -> str:
    """The smallest place that holds all villages the cadre reaches, or else all households the cadre helps."""
    first, last = next(iter(_ENDS.rows(**_who(cadre, on))), ("", ""))
    if not first:
        ends = Household.objects.visible_to(cadre, on).aggregate(first=Min("village_id"), last=Max("village_id"))
        first, last = ends["first"] or "", ends["last"] or ""
    for digits in (VILLAGE_DIGITS, TOWN_DIGITS):
        if first and first[:digits] == last[:digits]:
            return first[:digits]
    return first[:DISTRICT_DIGITS]


def _crumbs(code: str) -> list[Crumb]:
    codes = [code[:digits] for digits in LEVELS if digits <= len(code)]
    names = dict(_NAMES.rows(codes=padded(codes)))
    if len(names) < len(codes):
        raise Http404
    return [
        Crumb(short_village_name(names[above]) if len(above) == VILLAGE_DIGITS else names[above], f"place={above}")
        for above in codes
    ]


def _ends_of(code: str) -> tuple[str, str]:
    """The first and last code a village below it can have."""
    return code.ljust(VILLAGE_DIGITS, "0"), code.ljust(VILLAGE_DIGITS, "9")


def _who(cadre: Cadre, on: date) -> dict[str, Any]:
    return {"cadre_id": cadre.pk, "is_superuser": cadre.is_superuser, "on": on}


def _reached(cadre_id: int, on: date, first: str, last: str, *, is_superuser: bool) -> Any:
    seen = Village.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on)
    return seen.filter(code__range=(first, last)).order_by().values_list("code")[:1]


def _below(cadre_id: int, on: date, first: str, last: str, *, is_superuser: bool) -> Any:
    seen = Village.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on).in_register()
    return seen.filter(code__range=(first, last)).order_by().values_list("code")


def _helped(cadre_id: int, on: date, first: str, last: str) -> Any:
    helped = Household.objects.helped_by(Cadre(pk=cadre_id), on)
    return helped.filter(village__code__range=(first, last)).order_by().values_list("pk")[:1]


def _ends(cadre_id: int, on: date, *, is_superuser: bool) -> Any:
    seen = Village.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on).order_by()
    ends = seen.values(one=Value(1)).annotate(first=Min("code"), last=Max("code"))
    return ends.values_list("first", "last")


def _names(codes: tuple[str, ...]) -> Any:
    districts, *below = (
        model._default_manager.filter(pk__in=codes).order_by().values_list("pk", "name") for model in LEVELS.values()
    )
    return districts.union(*below, all=True)


_REACHED, _BELOW, _HELPED = Prepared(_reached), Prepared(_below), Prepared(_helped)
_ENDS, _NAMES = Prepared(_ends), Prepared(_names)
