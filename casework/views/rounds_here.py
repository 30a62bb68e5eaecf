"""The rounds that owe something at a place, as far as the cadre sees them: those beside each other, and all by page."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Value

from casework.forms.places import MOST_ROUNDS
from casework.models import Round
from casework.models.rounds import RoundState
from casework.views.asked import prepared_rounds
from villages.models import Cadre
from villages.prepared import Prepared, padded

DISTRICT_DIGITS, TOWN_DIGITS = 6, 9


class Listed(NamedTuple):
    """A round in the list of all."""

    pk: int
    name: str
    state: str
    starts_on: date
    due_on: date
    town: str | None
    district: str


def sees_any(cadre: Cadre, day: date) -> bool:
    """Whether the cadre sees any round anywhere."""
    return bool(_ANY.rows(cadre_id=cadre.pk, is_superuser=cadre.is_superuser, day=day))


class RoundsHere:
    """The rounds that owe something at the place, above it or below it; a list that can be paged, the latest first."""

    def __init__(self, cadre: Cadre, place_code: str, day: date) -> None:
        district, town = place_code[:DISTRICT_DIGITS], place_code[:TOWN_DIGITS]
        self._asked: dict[str, Any] = {"cadre_id": cadre.pk, "is_superuser": cadre.is_superuser, "day": day}
        self._asked |= {"above": (district, town), "lowest": town.ljust(TOWN_DIGITS, "0")}
        self._asked |= {"highest": town.ljust(TOWN_DIGITS, "9")}

    def chosen(self, keys: list[int]) -> list[Round]:
        """Those of these keys, the one that began first before the others."""
        return _CHOSEN(**self._asked, keys=padded(keys))

    def running(self, on: date) -> list[Round]:
        """Those that were under way that day, the one that began first before the others."""
        return _UNDER_WAY(**self._asked, on=on)

    def count(self) -> int:
        """So many."""
        return sum(number for (number,) in _NUMBER.rows(**self._asked))

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Listed]:
        """A page of the list."""
        return [Listed(*row) for row in _LISTED.part(part.start, part.stop - part.start, **self._asked)]


def _seen(cadre_id: int, day: date, *, is_superuser: bool) -> QuerySet[Round, Any]:
    return Round.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), day)


def _here(above: tuple[str, ...], lowest: str, highest: str, **who: Any) -> QuerySet[Round, Any]:
    """`above` are the codes of a district and of a town, the others those of the first and the last town below."""
    owed = Q(town__in=above) | Q(town=None, district__in=above) | Q(town__code__range=(lowest, highest))
    return _seen(**who).filter(owed).exclude(state=RoundState.OPENING)


def _chosen(keys: tuple[int, ...], **asked: Any) -> QuerySet[Round, Any]:
    return _here(**asked).filter(pk__in=keys).order_by("starts_on", "pk")[:MOST_ROUNDS]


def _under_way(on: date, **asked: Any) -> QuerySet[Round, Any]:
    not_closed_by_then = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    return _here(**asked).filter(not_closed_by_then, starts_on__lte=on).order_by("starts_on", "pk")[:MOST_ROUNDS]


def _listed(**asked: Any) -> Any:
    columns = (*Listed._fields[:-2], "town__name", "district__name")
    return _here(**asked).order_by("-starts_on", "-pk").values_list(*columns)


def _number(**asked: Any) -> Any:
    return _here(**asked).order_by().values(one=Value(1)).annotate(number=Count("*")).values_list("number")


def _any(**who: Any) -> Any:
    return _seen(**who).order_by().values_list("pk")[:1]


_ANY, _NUMBER, _LISTED = Prepared(_any), Prepared(_number), Prepared(_listed)
_CHOSEN, _UNDER_WAY = prepared_rounds(_chosen), prepared_rounds(_under_way)
