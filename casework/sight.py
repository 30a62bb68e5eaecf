"""Whether a cadre sees one household or village: visible_to(), compiled once for the hot path of a saved visit."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from households.models import Household
from households.residence import village_on
from villages.models import Cadre, Village
from villages.prepared import Prepared

Target = Household | Village

# What a saved visit asks of its target; the rest is read when somebody looks at it.
COLUMNS: dict[type[Target], tuple[str, ...]] = {
    Household: ("id", "village_id", "registered_on", "left_on", "moved_on"),
    Village: ("code",),
}


def _seeing(model: type[Target]) -> Prepared:
    def build(cadre_id: int, is_superuser: bool, day: date, pk: int | str, lock: bool) -> QuerySet[Any]:
        cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
        visible = model.objects.visible_to(cadre, day).filter(pk=pk).order_by().values_list(*COLUMNS[model])
        return visible.select_for_update(of=("self",), no_key=True) if lock else visible

    return Prepared(build)


_SEEING: dict[type[Target], Prepared] = {model: _seeing(model) for model in COLUMNS}


def unread(model: type[Target], pk: int | str) -> Target:
    """A row known by its key alone: the rest is read from the database as soon as somebody asks for it."""
    return model.from_db(None, [model._meta.pk.attname], [pk])


def sees(cadre: Cadre, target: Target, on: date, *, lock: bool = False) -> bool:
    """Whether the row is visible to the cadre on that day; `lock` holds it until the transaction ends.

    What the database says about where it lies and since when is filled in on the way.
    """
    model = type(target)
    rows = _SEEING[model].rows(cadre_id=cadre.pk, is_superuser=cadre.is_superuser, day=on, pk=target.pk, lock=lock)
    for row in rows:
        for column, value in zip(COLUMNS[model], row, strict=True):
            setattr(target, column, value)
    return bool(rows)


def saw(cadre: Cadre, target: Target, day: date) -> bool:
    """Whether the row was the cadre's to see on that past day; a household that has moved since, where it lived."""
    if sees(cadre, target, day):
        return True
    if not isinstance(target, Household):
        return False
    return Village.objects.visible_to(cadre, day).filter(pk=village_on(target, day)).exists()
