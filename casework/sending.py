"""Deliveries on their way out: claimed, sent at least once, tried again with growing pauses, passed on.

A worker takes a few at a time and marks each just before and just after it is handed over. One that dies leaves at
most the one in hand in doubt: it is named in the log, marked, and sent once more with the key that shows it is the
same. While a provider does not answer at all no try is counted; after PATIENCE the next channel takes over.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from casework.channels import Away, Plug, Refused, plug_for
from casework.digests import Lines
from casework.doubts import note_doubts
from casework.letters import LETTERS, kinds_to_tell, message_of
from casework.models import Channel, Delivery, DeliveryState, Reminder
from casework.models.deliveries import CLAIM_LASTS
from casework.routes import next_channel, phones_of
from casework.set_back import forget_the_future
from villages.calendar import day_of, is_workday

logger = logging.getLogger(__name__)

# Taken by a worker at once: the lines of so many are looked up together.
BATCH = 100
# How long to wait after each failed try; after the last the next channel takes over.
PAUSES = [timedelta(minutes=minutes) for minutes in (2, 8, 20, 45)]
# A provider that does not answer is looked at again with each sweep; after so long others take over.
LOOK_AGAIN = timedelta(seconds=50)
PATIENCE = timedelta(hours=2)
# One run ends well before its claims do and before the heartbeat is missed; the next sweep goes on.
SENDING_SECONDS = 120


class Run(NamedTuple):
    """One sweep's sending: when it began, its day, when it ends by the process's own clock, and what may go out."""

    now: datetime
    on: date
    ends_at: float
    may_go: Q


def send_deliveries(*, now: datetime) -> int:
    """Send what waits, as far as it is still true. Returns how many were sent."""
    kinds = kinds_to_tell(now)
    if not kinds or not Delivery.objects.waiting().exists():
        return 0
    run = Run(now, day_of(now), time.monotonic() + SENDING_SECONDS, _to_send(kinds, now))
    forget_the_future(now)
    _note_doubts(now)
    _give_way(run.on)
    _pass_on_from_the_silent(now)
    answering = Channel.objects.in_use().filter(Q(look_again_at=None) | Q(look_again_at__lte=now))
    return sum(_send_through(channel, run) for channel in answering)


def _to_send(kinds: list[str], now: datetime) -> Q:
    """Of these kinds, to nobody who sleeps; on a day off only what was prepared for that very day."""
    on = day_of(now)
    asleep = set().union(*(LETTERS[kind].asleep(on, now) for kind in kinds))
    may = Q(reminder__kind__in=kinds) & (Q() if is_workday(on) else Q(reminder__for_day=on))
    return may & ~Q(reminder__recipient__in=asleep) if asleep else may


def _note_doubts(now: datetime) -> None:
    """Name what a worker had in hand when it died: it may have gone out, and will be sent once more."""
    note_doubts(Delivery.objects.waiting().filter(claimed_at__lt=now - CLAIM_LASTS))
    spent = Delivery.objects.waiting().unclaimed(now).filter(in_doubt=True, tries__gt=len(PAUSES))
    for delivery in spent.select_related("reminder", "channel"):
        _give_up(delivery, now=now, answer="")


def _give_way(on: date) -> None:
    """What was not sent on its own day gives way to a newer reminder of the same kind."""
    newer = Reminder.objects.filter(
        recipient=OuterRef("reminder__recipient"),
        kind=OuterRef("reminder__kind"),
        for_day__gt=OuterRef("reminder__for_day"),
        delivered_at__isnull=False,
    )
    late = Delivery.objects.waiting().filter(Exists(newer), reminder__for_day__lt=on)
    Delivery.objects.filter(pk__in=list(late.values_list("pk", flat=True))).update(state=DeliveryState.DROPPED)


def _pass_on_from_the_silent(now: datetime) -> None:
    """Whoever has another channel need not wait any longer for one that is out of use or has long been silent."""
    silent = Q(channel__is_active=False) | Q(channel__away_since__lt=now - PATIENCE)
    stuck = Delivery.objects.waiting().unclaimed(now).filter(silent).select_related("reminder", "channel")
    for delivery in stuck.order_by("pk")[:BATCH]:
        if not delivery.channel.is_active or _next_channel(delivery, now):
            _give_up(delivery, now=now, answer="")


def _send_through(channel: Channel, run: Run) -> int:
    sent, plug = 0, None
    try:
        while batch := _claim(channel, run):
            plug = plug or plug_for(channel)
            plug.open()
            for delivery, lines, phone in _worded(batch, run):
                if time.monotonic() > run.ends_at:
                    _release(batch, run.now)
                    return sent
                sent += _send(delivery, lines, plug, run, phone=phone)
            _is_back(channel)
    except Away as silence:
        _is_away(channel, silence, run.now)
    finally:
        if plug:
            plug.close()
    return sent


@transaction.atomic
def _claim(channel: Channel, run: Run) -> list[Delivery]:
    """Take the next few that nobody has; what another worker is just taking is passed over."""
    due = channel.deliveries.waiting().unclaimed(run.now).filter(run.may_go, next_try_at__lte=run.now)  # type: ignore[attr-defined]
    keys = list(
        due.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", flat=True)[:BATCH]
    )
    mine = Delivery.objects.filter(pk__in=keys)
    mine.update(claimed_at=run.now)
    return list(mine.select_related("reminder__recipient", "channel").order_by("pk")) if keys else []


def _worded(batch: list[Delivery], run: Run) -> Iterator[tuple[Delivery, Lines, str]]:
    """Each with its lines as the facts stand now, and the number to send them to."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for delivery in batch:
        by_kind[delivery.reminder.kind].append(delivery.reminder.recipient_id)
    lines = {kind: LETTERS[kind].lines(cadre_ids, run.on, run.now) for kind, cadre_ids in by_kind.items()}
    phones = phones_of([delivery.reminder.recipient_id for delivery in batch])
    for delivery in batch:
        recipient_id = delivery.reminder.recipient_id
        yield delivery, lines[delivery.reminder.kind].get(recipient_id, []), phones.get(recipient_id, "")


def _send(delivery: Delivery, lines: Lines, plug: Plug, run: Run, *, phone: str) -> bool:
    """Send one, unless nothing is left to say. Raises Away."""
    now = run.now
    row = Delivery.objects.waiting().filter(pk=delivery.pk, claimed_at=now)
    if not lines:
        row.update(state=DeliveryState.DROPPED)
        return False
    if not row.update(attempted_at=now, tries=F("tries") + 1):
        return False  # our claim had lapsed and somebody else took it
    delivery.tries += 1
    try:
        answer = plug.send(message_of(delivery, lines, phone=phone))
    except Refused as refusal:
        _try_again_later(delivery, refusal, now)
        plug.open()
        return False
    except Away:
        row.update(attempted_at=delivery.attempted_at, tries=F("tries") - 1)
        raise
    row.update(state=DeliveryState.SENT, sent_at=now, answer=answer)
    return True


def _try_again_later(delivery: Delivery, refusal: Refused, now: datetime) -> None:
    """After a pause that grows with every try; after the last the next channel takes over."""
    logger.warning("Delivery %s was not taken by channel %s.", delivery.pk, delivery.channel_id)
    if delivery.tries > len(PAUSES):
        _give_up(delivery, now=now, answer=str(refusal))
        return
    pause = PAUSES[delivery.tries - 1]
    Delivery.objects.filter(pk=delivery.pk).update(claimed_at=None, next_try_at=now + pause, answer=str(refusal))


def _next_channel(delivery: Delivery, now: datetime) -> Channel | None:
    return next_channel(delivery, LETTERS[delivery.reminder.kind].channels(day_of(now)))


@transaction.atomic
def _give_up(delivery: Delivery, *, now: datetime, answer: str) -> None:
    """This channel has failed: the recipient's next one takes over; without any it is a line for the office."""
    following = _next_channel(delivery, now)
    row = Delivery.objects.waiting().filter(pk=delivery.pk)
    if not row.update(state=DeliveryState.FAILED, answer=answer or delivery.answer):
        return
    if following:
        new = Delivery(reminder=delivery.reminder, channel=following, next_try_at=now)
        Delivery.objects.bulk_create([new], ignore_conflicts=True)
    else:
        logger.error("Delivery %s failed and no other channel is left.", delivery.pk)


def _release(batch: list[Delivery], now: datetime) -> None:
    """What was taken and not begun is free for the next sweep."""
    Delivery.objects.waiting().filter(pk__in=[delivery.pk for delivery in batch], claimed_at=now).update(
        claimed_at=None
    )


def _is_away(channel: Channel, silence: Away, now: datetime) -> None:
    logger.warning("Channel %s does not answer (%s); the next sweep tries again.", channel.pk, silence)
    Channel.objects.filter(pk=channel.pk).update(away_since=Coalesce("away_since", now), look_again_at=now + LOOK_AGAIN)
    Delivery.objects.waiting().filter(channel=channel, claimed_at=now).update(claimed_at=None)


def _is_back(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk, away_since__isnull=False).update(away_since=None, look_again_at=None)
