"""Enter measures for one or many households with one form; correct, end and take back: the only writers of Measure."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from households import entries
from households.entering import can_change, can_remove
from households.models import Measure, MeasureKind
from households.models.measures import MeasureQuerySet
from households.models.persons import ADULT_AGE
from households.sensitive import is_worked_with
from villages.models import Cadre

MEASURES = entries.Kind(
    model=Measure,
    name="measure",
    said=("person", "kind", "content", "provider", "project", "amount", "starts_on", "ends_on", "result"),
    same=("kind", "content"),
)
can_change_measure, can_remove_measure = can_change, can_remove
correct_measure = partial(entries.correct, MEASURES)
end_measure = partial(entries.end, MEASURES)
remove_measure = partial(entries.remove, MEASURES)


def measures_shown_to(cadre: Cadre, on: date) -> MeasureQuerySet:
    """Measures a page may show: those of health or for a child only to who works with the family, or entered it."""
    visible = Measure.objects.visible_to(cadre, on)
    if cadre.is_superuser:
        return visible
    grown_up = Q(person=None) | Q(person__born_on__lte=on - relativedelta(years=ADULT_AGE))
    needed = is_worked_with(cadre, on, of="household__") | Q(recorded_by=cadre)
    return visible.filter(needed | (~Q(kind=MeasureKind.HEALTH) & grown_up))


def enter_measures(
    measure: Measure,
    *,
    batch_id: UUID,
    household_ids: Iterable[int],
    amounts: Mapping[int, Decimal] | None = None,
    actor: Cadre,
    on: date,
) -> list[Measure]:
    """Enter the measure for each of the households; `amounts` (yuan) differ from its own where a household is named.

    Raises as entries.enter().
    """
    own = dict(amounts or {})

    def fill_in(rows: list[Measure]) -> None:
        if measure.person_id and len(rows) > 1:
            raise ValidationError({"person": _("Choose one household to name one of its persons.")})
        for row in rows:
            row.amount = own.get(row.household_id, measure.amount)
            row.clean_fields(exclude={field.name for field in Measure._meta.fields} - {"amount"})

    options: dict[str, Any] = {"batch_id": batch_id, "household_ids": household_ids, "actor": actor, "on": on}
    return entries.enter(MEASURES, measure, own=sorted(own.items()), before=fill_in, **options)
