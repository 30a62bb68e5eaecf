"""The round and the place that a page of figures is asked for, as far as the cadre sees them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Max, Min, Model, QuerySet
from django.http import Http404

from casework.models import Duty, Round
from casework.models.duties import village_codes
from casework.views.figures import DISTRICT_DIGITS, TOWN_DIGITS
from households.models import Household
from villages import reach
from villages.models import Cadre, District, Town, Village
from villages.prepared import Prepared
from villages.prepared_rows import PreparedRows, known


def round_of(cadre: Cadre, pk: int, day: date) -> Round:
    """The round when the cadre sees it, otherwise 404."""
    rounds = _SEEN(cadre_id=cadre.pk, pk=pk, day=day, is_superuser=cadre.is_superuser)
    if not rounds:
        raise Http404
    return rounds[0]


def prepared_rounds(build: Callable[..., QuerySet[Any, Any]]) -> Callable[..., list[Round]]:
    """A query of rounds, built once, that reads their district, town and previous period with them."""
    names = [f"{name}__{column}" for name, _model, columns in _BESIDE for column in columns]
    prepared = PreparedRows(Round, build, *names)
    return lambda **values: [_joined(round, found) for round, found in prepared.rows(**values)]


def _joined(round: Round, values: tuple[Any, ...]) -> Round:
    """The round with the rows beside it, whose columns come one after the other."""
    for name, model, columns in _BESIDE:
        own, values = values[: len(columns)], values[len(columns) :]
        setattr(round, name, known(model, columns, own) if own[0] else None)
    return round


def _seen(cadre_id: int, pk: int, day: date, *, is_superuser: bool) -> Any:
    """Built once: every page of figures asks it first."""
    cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
    return Round.objects.visible_to(cadre, day).filter(pk=pk).order_by()


def _columns(model: type[Model]) -> list[str]:
    """The key first."""
    key = model._meta.pk
    return [key.attname, *(field.attname for field in model._meta.concrete_fields if field is not key)]


_BESIDE: list[tuple[str, type[Model], list[str]]] = [
    (name, model, _columns(model)) for name, model in (("district", District), ("town", Town), ("previous", Round))
]
_SEEN = prepared_rounds(_seen)


def place_of(cadre: Cadre, round: Round, asked: str, day: date) -> str:
    """The place asked for when the cadre sees duties there, otherwise 404; unasked, where the cadre stands."""
    if not asked:
        return standpoint(cadre, round.place_code, day)
    is_whole = reach.reaches_all_of(cadre, asked, day)
    question: dict[str, Any] = {"cadre_id": cadre.pk, "round_id": round.pk, "codes": village_codes(asked), "day": day}
    if not asked.startswith(round.place_code) or not _OWED_AT.rows(**question, is_whole=is_whole):
        raise Http404
    return asked


def _owed_at(cadre_id: int, round_id: int, codes: tuple[str, str], day: date, *, is_whole: bool) -> Any:
    """The first duty there that the cadre sees; in the order of the index, so that it is found there."""
    duties = Duty.objects.filter(round=round_id).within(codes)
    duties = duties if is_whole else duties.visible_to(Cadre(pk=cadre_id), day)
    return duties.order_by("village", "seat").values_list("pk")[:1]


_OWED_AT = Prepared(_owed_at)


def sees_whole(cadre: Cadre, place_code: str, day: date) -> bool:
    """Whether figures below the place are those of the place, not of the cadre's part of it; the page says so."""
    by_post = reach.reaches_all_of(cadre, place_code, day)
    return by_post or Village.objects.visible_to(cadre, day).filter(pk=place_code).exists()


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
