"""Through which channels somebody hears of a kind of reminder, in which order."""

from collections.abc import Collection, Mapping, Sequence

from casework.channels import reaches
from casework.models import Channel, ChannelChoice, Delivery, MessageNumber
from villages.models import Cadre


def routes(kind: str, cadre_ids: Collection[int], named: Mapping[int, Sequence[int]]) -> dict[int, list[Channel]]:
    """For each cadre the channels that reach them, the first to be tried first. A fixed number of queries.

    Their own choice decides, then what a policy names for them, then what the office uses by default.
    """
    channels = {channel.pk: channel for channel in Channel.objects.in_use()}
    if not channels:
        return {}
    chosen = dict(ChannelChoice.objects.filter(kind=kind, cadre__in=cadre_ids).values_list("cadre", "channels"))
    with_number = MessageNumber.objects.filter(cadre__in=cadre_ids, phone__isnull=False)
    numbers = set(with_number.values_list("cadre", flat=True))
    default = [channel.pk for channel in channels.values() if channel.is_default]
    found = {}
    for pk, email in Cadre.objects.filter(pk__in=cadre_ids).order_by().values_list("pk", "email"):
        wanted = chosen[pk] if pk in chosen else named.get(pk) or default
        mine = (channels[key] for key in wanted if key in channels)
        found[pk] = [channel for channel in mine if reaches(channel, email=email, has_phone=pk in numbers)]
    return found


def phones_of(cadre_ids: Collection[int]) -> dict[int, str]:
    """The numbers that those who gave one are sent messages to."""
    numbers = MessageNumber.objects.filter(cadre__in=cadre_ids, phone__isnull=False).only("cadre_id", "phone")
    return {number.cadre_id: number.number() for number in numbers}


def next_channel(delivery: Delivery, named: Mapping[int, Sequence[int]]) -> Channel | None:
    """The recipient's next channel that has not been tried for this reminder; `named` as in routes()."""
    reminder = delivery.reminder
    tried = set(reminder.deliveries.values_list("channel", flat=True))
    mine = routes(reminder.kind, [reminder.recipient_id], named).get(reminder.recipient_id, [])
    return next((channel for channel in mine if channel.pk not in tried), None)
