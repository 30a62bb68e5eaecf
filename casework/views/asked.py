"""The round and the place that a page of figures is asked for, as far as the cadre sees them."""

from datetime import date
from typing import Any

from django.db.models import Max, Min
from django.http import Http404

from casework.models import Duty, Round
from casework.views.figures import DISTRICT_DIGITS, TOWN_DIGITS
from households.models import Household
from villages.models import Cadre, Village
from villages.prepared import Prepared


def round_of(cadre: Cadre, pk: int, day: date) -> Round:
    """The round when the cadre sees it, otherwise 404."""
    if not _SEEN.rows(cadre_id=cadre.pk, pk=pk, day=day, is_superuser=cadre.is_superuser):
        raise Http404
    return Round.objects.select_related("district", "town", "previous").get(pk=pk)


def _seen(cadre_id: int, pk: int, day: date, *, is_superuser: bool) -> Any:
    """Built once: every page of figures asks it first."""
    cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
    return Round.objects.visible_to(cadre, day).filter(pk=pk).order_by().values_list("pk")


_SEEN = Prepared(_seen)


def place_of(cadre: Cadre, round: Round, asked: str, day: date) -> str:
    """The place asked for when the cadre sees duties there, otherwise 404; unasked, where the cadre stands."""
    if not asked:
        return standpoint(cadre, round.place_code, day)
    seen = Duty.objects.in_round(round).visible_within(asked, cadre, day)
    if not asked.startswith(round.place_code) or not seen.exists():
        raise Http404
    return asked


def standpoint(cadre: Cadre, place_code: str, day: date) -> str:
    """The cadre's own village or town when all that is seen below the place lies in it, otherwise the place.

    Without a place: the district of the first village that is seen, or of the first household helped.
    """
    villages = Village.objects.visible_to(cadre, day).within(place_code)
    ends = villages.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or "", ends["last"] or ""
    if not first and not place_code:
        helped = Household.objects.helped_by(cadre, day).aggregate(first=Min("village"), last=Max("village"))
        first, last = helped["first"] or "", helped["last"] or ""
    if first and first == last:
        return first
    if first[:TOWN_DIGITS] and first[:TOWN_DIGITS] == last[:TOWN_DIGITS]:
        return first[:TOWN_DIGITS]
    return place_code or first[:DISTRICT_DIGITS]
