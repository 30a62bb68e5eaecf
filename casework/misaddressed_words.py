"""Reports of “not mine any more” with the names of their places, for a page of them."""

from collections.abc import Iterable
from typing import NamedTuple

from casework.models import Misaddressed
from villages.models import Post, Town, Village


class Told(NamedTuple):
    """One report, its place and post in words."""

    report: Misaddressed
    place: str
    post: str


def told(reports: Iterable[Misaddressed]) -> list[Told]:
    """In the order given. Three queries."""
    related = ("cadre", "round", "household", "settled_by")
    rows = list(reports.select_related(*related)) if hasattr(reports, "select_related") else list(reports)
    codes = {row.place_code for row in rows}
    names = {village.pk: f"{village.town.name} {village.short_name}" for village in _villages(codes)}
    names |= dict(Town.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [Told(row, names.get(row.place_code, row.place_code), str(Post(row.post).label)) for row in rows]


def _villages(codes: set[str]) -> Iterable[Village]:
    return Village.objects.filter(pk__in=codes).select_related("town")
