"""Through which channels somebody hears of a kind of reminder, in which order."""

from collections.abc import Collection, Iterator

from casework.channels import reaches
from casework.models import Channel, Delivery
from villages.models import Cadre


def routes(kind: str, cadre_ids: Collection[int]) -> dict[int, list[Channel]]:
    """For each cadre the channels that reach them, the first to be tried first. A fixed number of queries."""
    channels = list(Channel.objects.in_use())
    people = Cadre.objects.filter(pk__in=cadre_ids).order_by().values_list("pk", "email")
    return {pk: list(_default(channels, email)) for pk, email in people} if channels else {}


def _default(channels: list[Channel], email: str) -> Iterator[Channel]:
    return (channel for channel in channels if channel.is_default and reaches(channel, email=email, has_phone=False))


def phones_of(cadre_ids: Collection[int]) -> dict[int, str]:
    """The numbers that those who gave one are sent messages to."""
    return {}


def next_channel(delivery: Delivery) -> Channel | None:
    """The recipient's next channel that has not been tried for this reminder."""
    reminder = delivery.reminder
    tried = set(reminder.deliveries.values_list("channel", flat=True))
    mine = routes(reminder.kind, [reminder.recipient_id]).get(reminder.recipient_id, [])
    return next((channel for channel in mine if channel.pk not in tried), None)
