"""The office's own notice: messages that no channel could deliver, counted by channel, once a working day."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.models import Delivery, Kind, Reminder
from villages import reach
from villages.models import Posting

# What failed longer ago stands in the send log alone.
RECENT = timedelta(days=7)


def lost_lately(on: date, now: datetime) -> Any:
    """What failed on every channel since the office was told before that day. Its own notices do not count."""
    told = Reminder.objects.filter(kind=Kind.OFFICE, for_day__lt=on).aggregate(last=Max("delivered_at"))["last"]
    since = max(filter(None, (told, now - RECENT)))
    return Delivery.objects.lost().exclude(reminder__kind=Kind.OFFICE).filter(attempted_at__gt=since)


def those_to_tell(on: date, now: datetime) -> set[int]:
    """The supervisors of the district, when there is something to look into."""
    if not lost_lately(on, now).exists():
        return set()
    held = Posting.objects.in_force(on).filter(
        post__in=reach.SUPERVISORS, town=None, village=None, cadre__is_active=True
    )
    return set(held.exclude(place_code="").order_by().values_list("cadre", flat=True))


def notice(cadre_ids: Collection[int], on: date, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """One line a channel, the same for all of them."""
    with translation.override(settings.LANGUAGE_CODE):
        items = list(_items(on, now))
        lines = [{"village": _("Channels"), "items": items}]
    return dict.fromkeys(cadre_ids, lines) if items else {}


def _items(on: date, now: datetime) -> Iterator[dict[str, Any]]:
    rows = lost_lately(on, now).order_by("channel__order", "channel").values_list("channel", "channel__name")
    log, why = reverse("reminder_log"), _("by the channel “%(name)s”, after all tries; they stand in the inboxes")
    for pk, name, count in rows.annotate(count=Count("pk")):
        said = ngettext("%(count)s message was not delivered", "%(count)s messages were not delivered", count)
        url = f"{log}?channel={pk}&state=failed"
        yield {"text": said % {"count": count}, "why": why % {"name": name}, "url": url, "kind": "overdue"}
