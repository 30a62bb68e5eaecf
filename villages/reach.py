"""Which places a cadre reaches on a day. The only place that knows."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from villages.prepared import Prepared

if TYPE_CHECKING:
    from villages.models import Cadre

# The office: those who enter and change records, and those who lead rounds.
CLERKS = frozenset({"clerk", "supervisor"})
SUPERVISORS = frozenset({"supervisor"})
DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12


def own_postings(cadre: "Cadre", on: date) -> QuerySet[Any]:
    """The cadre's postings in force on that day."""
    return apps.get_model("villages", "Posting").objects.in_force(on).filter(cadre=cadre)


def villages_of(cadre: "Cadre", on: date) -> QuerySet[Any]:
    """Villages at or below the cadre's posts; for a unit's leader the unit's paired villages.

    Helpers reach households, not villages: see Household.objects.visible_to().
    """
    villages = apps.get_model("villages", "Village").objects.all()
    if cadre.is_superuser:
        return villages
    # Asked from the posts, so that it costs by the cadre's own places, however many districts there are beside them.
    places = own_postings(cadre, on).order_by().values("place_code")
    towns = apps.get_model("villages", "Town").objects.filter(Q(code__among=places) | Q(district__code__among=places))
    return villages.filter(
        Q(code__among=places)
        | Q(town__code__among=towns.order_by().values("code"))
        | Q(code__among=paired_villages(cadre, on).order_by().values("village"))
    )


def reaches_all_of(cadre: "Cadre", place_code: str, on: date) -> bool:
    """Whether every village of the place is in the cadre's reach by one post; False may still be many of them."""
    if cadre.is_superuser:
        return True
    above = tuple(place_code[:digits] for digits in (DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS))
    return bool(place_code) and bool(_ABOVE.rows(cadre_id=cadre.pk, on=on, above=above))


def _above(cadre_id: int, on: date, above: Collection[str]) -> QuerySet[Any]:
    """Posts at these places: every page of figures asks twice."""
    postings = apps.get_model("villages", "Posting").objects.in_force(on)
    return postings.filter(cadre=cadre_id, place_code__in=above).order_by().values_list("pk")[:1]


_ABOVE = Prepared(_above)


def paired_villages(cadre: "Cadre", on: date) -> QuerySet[Any]:
    """The pairings in force that day of the units the cadre leads."""
    pairings = apps.get_model("villages", "Pairing").objects.in_force(on)
    return pairings.filter(unit__in=own_postings(cadre, on).values("unit"))


def whole_districts_of(cadre: "Cadre", on: date) -> QuerySet[Any]:
    """Districts of which the cadre reaches every village by a post over the whole district."""
    districts = apps.get_model("villages", "District").objects.all()
    if cadre.is_superuser:
        return districts
    return districts.filter(code__in=own_postings(cadre, on).exclude(district=None).values("district"))


def is_inside(cadre: "Cadre", on: date, of: str = "") -> Q:
    """The condition that a posting (reached by the prefix `of`) stands inside the cadre's places."""
    if cadre.is_superuser:
        return Q(**{f"{of}pk__isnull": False})
    asked = ExpressionWrapper(OuterRef(f"{of}place_code"), output_field=CharField())
    mine = own_postings(cadre, on).exclude(place_code="")
    pairings = apps.get_model("villages", "Pairing").objects.in_force(on)
    units = pairings.filter(village__in=villages_of(cadre, on)).values("unit")
    return Q(Exists(mine.annotate(asked=asked).filter(asked__startswith=F("place_code")))) | Q(
        **{f"{of}unit__in": units}
    )


def holds_any(cadre: "Cadre", posts: Collection[str], on: date, place_code: str | None = None) -> bool:
    """Whether the cadre holds one of the posts on that day, at or above the place when one is named."""
    if cadre.is_superuser:
        return True
    held = own_postings(cadre, on).filter(post__in=posts).values_list("place_code", flat=True)
    return any(place_code is None or (code and place_code.startswith(code)) for code in held)


def office_places(cadre: "Cadre", on: date) -> list[str]:
    """Codes of the places for which the cadre is clerk or supervisor on that day; "" stands above them all."""
    if cadre.is_superuser:
        return [""]
    held = own_postings(cadre, on).filter(post__in=CLERKS).exclude(place_code="")
    return list(held.order_by("place_code").values_list("place_code", flat=True).distinct())


def is_district_office(cadre: "Cadre", on: date, place_code: str | None = None) -> bool:
    """Whether the cadre is clerk or supervisor of a whole district, at or above the place when one is named."""
    codes = [code for code in office_places(cadre, on) if len(code) <= DISTRICT_DIGITS]
    return any(place_code is None or place_code.startswith(code) for code in codes)
