"""The named list behind a number: who holds each duty on the day, and when somebody was last there."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Case, OuterRef, When

from casework.due import last_visit_on
from casework.ledger import tenures_of
from casework.models import Duty
from casework.models.duties import DutyQuerySet
from households.models import HelperPairing
from villages.models import Cadre, Posting


def in_order(duties: DutyQuerySet, on: date) -> DutyQuerySet:
    """The duties by village, group, household number and post, with the last visit as of the day."""
    to_household, to_village = (
        last_visit_on(on, household=OuterRef("household")),
        last_visit_on(on, village=OuterRef("village")),
    )
    last = Case(When(household__isnull=True, then=to_village), default=to_household)
    ordered = duties.order_by("village", "household__group__number", "household__number", "seat", "pk")
    return ordered.select_related("village", "household__group").annotate(last_visit_on=last)


def with_holders(duties: Sequence[Duty], on: date) -> list[tuple[Duty, list[Cadre]]]:
    """Each duty with those who hold its post that day. Two queries, however many duties."""
    if not duties:
        return []
    villages = {duty.village_id for duty in duties}
    places = {code[:digits] for code in villages for digits in (6, 9, 12)}
    tenures = tenures_of(
        Posting.objects.in_force(on).filter(place_code__in=places),
        HelperPairing.objects.in_force(on).filter(household__in={duty.household_id for duty in duties}),
    )
    ids = [tenures.holders(duty.seat, duty.village_id, duty.household_id, on) for duty in duties]
    cadres = Cadre.objects.in_bulk(_all_of(ids))
    return [(duty, [cadres[pk] for pk in sorted(held)]) for duty, held in zip(duties, ids, strict=True)]


def _all_of(ids: Iterable[set[int]]) -> set[int]:
    return set().union(*ids)
