"""The list of visits that were entered late."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.lists.base import ActList, Asked, Key, Line, Spot, in_order, written
from casework.lists.families import numbered_group
from casework.lists.reported import OF_VISIT
from casework.models import Visit, VisitVisitor
from villages.calendar import day_of
from villages.models.places import short_village_name
from villages.prepared import Prepared, padded
from villages.ways import way_to


class LateVisit(NamedTuple):
    """A visit as the list tells of it: columns and no instance. What only a household has is None for a village."""

    pk: UUID
    visited_on: date
    received_at: datetime
    typed_by: str
    village_id: str
    village: str
    town: str
    head_name: str | None
    house: str | None
    group_number: int | None
    group: str | None

    @property
    def spot(self) -> Spot:
        """Where it was made."""
        number, village = self.group_number or 0, short_village_name(self.village)
        group = self.group or (numbered_group(number) if number else "")
        return Spot(self.village_id, village, self.town, group, number, self.house or "")


_COLUMNS = (
    *("pk", "visited_on", "received_at", "entered_by__name", "village_id", "village__name", "village__town__name"),
    *("household__head_name", "household__house", "household__group__number", "household__group__name"),
)


class LateEntries(ActList):
    """Visits that reached the system long after they were made. They count all the same."""

    subject = _("Household or village")
    key = "late-entries"
    name = _("Visits entered late")
    purpose = _("They count. Where it happens again and again, ask what makes entering hard there.")
    columns = (_("day of the visit"), _("entered on"), _("days later"), _("who went"), _("typed in by"))
    days = "LATE_AFTER_DAYS"
    days_label = _("entered more than … days later")
    takes_round = True
    order = OF_VISIT

    def rows(self, asked: Asked) -> Any:
        """Standing visits of the round's period, otherwise entered within so many days before that day."""
        visits = Visit.objects.visible_to(asked.cadre, asked.seen_on).standing()
        visits = visits.filter(asked.at("village__code"), received_at__lt=asked.end, is_late=True)
        if asked.round:
            visits = visits.filter(visited_on__range=asked.period)
        else:
            visits = visits.filter(received_at__gte=asked.end - _back())
        return visits.filter(received_at__date__gt=F("visited_on") + timedelta(days=asked.days))

    def said(self, asked: Asked) -> str:
        """Of which time."""
        if asked.round:
            return ""
        return gettext("Entered within the last %(days)s days.") % {"days": _back().days}

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """By the household's name, or the village's; how much later each came in. Two queries."""
        wanted = [UUID(str(key)) for key in keys]
        found = {row[0]: LateVisit(*row) for row in _LATE.rows(keys=padded(wanted))}
        went, comma = _who_went(wanted), gettext(", ")
        return [
            Line(
                str(one.pk),
                one.spot.village if one.head_name is None else one.head_name,
                way_to("visit_receipt", one.pk),
                one.spot,
                _told(one, comma.join(went[one.pk])),
            )
            for one in in_order(wanted, found)
        ]


def _told(visit: LateVisit, who_went: str) -> tuple[str, ...]:
    entered_on = day_of(visit.received_at)
    days = (entered_on - visit.visited_on).days
    return written(visit.visited_on), written(entered_on), str(days), who_went, visit.typed_by


def _who_went(visits: Sequence[UUID]) -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = defaultdict(list)
    for visit, name in _VISITORS.rows(keys=padded(visits)):
        names[visit].append(name)
    return names


def _late(keys: tuple[UUID, ...]) -> Any:
    return Visit.objects.filter(pk__in=keys).order_by().values_list(*_COLUMNS)


def _visitors(keys: tuple[UUID, ...]) -> Any:
    went = VisitVisitor.objects.filter(visit__in=keys).order_by("cadre__username")
    return went.values_list("visit", "cadre__name")


_LATE, _VISITORS = Prepared(_late), Prepared(_visitors)


def _back() -> timedelta:
    """How far back they are looked for outside a round."""
    return timedelta(days=settings.LIST_BACK_DAYS)
