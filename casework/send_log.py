"""The send log: which reminder went to whom, on which day and channel, and what became of it."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from casework.models import Delivery, Reminder
from villages.models import Cadre


def entries(
    cadre: Cadre, today: date, *, on: date | None = None, kind: str = "", channel: str = "", state: str = ""
) -> QuerySet[Any]:
    """Reminders to people of the office's places with their deliveries, the latest first.

    What was written is in nobody's reach but the recipient's: no row here carries the lines.
    """
    rows = Reminder.objects.for_office(cadre, today).defer("lines").select_related("recipient")
    of_reminder = {"for_day": on, "kind": kind}
    of_delivery = {"channel": channel, "state": state}
    rows = rows.filter(**{name: value for name, value in of_reminder.items() if value})
    if wanted := {name: value for name, value in of_delivery.items() if value}:
        rows = rows.filter(Exists(Delivery.objects.filter(reminder=OuterRef("pk"), **wanted)))
    return rows.prefetch_related("deliveries__channel").order_by("-for_day", "-pk")
