"""Whether a cadre sees one household or village: visible_to(), compiled once for the hot path of a saved visit."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from households.models import Household
from villages.models import Cadre, Village
from villages.prepared import Prepared

Target = Household | Village


def _seeing(model: type[Target]) -> Prepared:
    def build(cadre_id: int, is_superuser: bool, day: date, pk: int | str, lock: bool) -> QuerySet[Any]:
        cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
        visible = model.objects.visible_to(cadre, day).filter(pk=pk).order_by().values_list("pk")
        return visible.select_for_update(of=("self",), no_key=True) if lock else visible

    return Prepared(build)


_SEEING: dict[type[Target], Prepared] = {model: _seeing(model) for model in (Household, Village)}


def sees(cadre: Cadre, model: type[Target], pk: int | str, on: date, *, lock: bool = False) -> bool:
    """Whether the row is visible to the cadre on that day; `lock` holds it until the transaction ends."""
    rows = _SEEING[model].rows(cadre_id=cadre.pk, is_superuser=cadre.is_superuser, day=on, pk=pk, lock=lock)
    return bool(rows)
