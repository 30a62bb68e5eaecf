"""The outbox of reminders: prepare one a cadre, kind and day, deliver what is still true into the inboxes.

A row is the truth and its unique key (recipient, kind, day) makes a second one impossible; each step claims
before it acts, so that two sweeps at once, or a worker killed anywhere, lose and double nothing. What also goes
out of the house, by mail or robot, becomes Delivery rows in the same transaction: see sending.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from casework import heartbeat
from casework.letters import LETTERS, kinds_to_tell
from casework.models import Delivery, Reminder
from casework.routes import routes
from villages.calendar import day_of, is_workday

# Recipients a transaction: each batch reads the rounds' duties once, and memory grows with it.
BATCH = 5000
# Asking who is to be told takes a second for a whole district; whoever comes to be meanwhile is found the next time.
AGAIN_AFTER = timedelta(minutes=10)


def prepare(*, on: date, now: datetime) -> int:
    """Make an empty reminder of that day for everybody who has none yet. Returns how many were missing.

    Once that is done for the day it is looked again every ten minutes only.
    """
    if _is_prepared(on, now):
        return 0
    kinds = kinds_to_tell(now)
    missing = sum(_prepare_kind(kind, on=on, now=now) for kind in kinds)
    if kinds and is_workday(on):
        heartbeat.beat(heartbeat.PREPARED, now=now)
    return missing


def _is_prepared(on: date, now: datetime) -> bool:
    """Whether all of it was done a moment ago; a moment in the future is that of a clock which was set back."""
    last = heartbeat.last_beat(heartbeat.PREPARED)
    return last is not None and day_of(last) == on and timedelta() <= now - last < AGAIN_AFTER


def _prepare_kind(kind: str, *, on: date, now: datetime) -> int:
    told = LETTERS[kind].recipients(on, now)
    if not told:
        return 0
    missing = told - set(Reminder.objects.filter(kind=kind, for_day=on).values_list("recipient", flat=True))
    _insert(kind, missing, on=on, now=now)
    return len(missing)


def _insert(kind: str, recipient_ids: set[int], *, on: date, now: datetime) -> None:
    rows = [Reminder(recipient_id=pk, kind=kind, for_day=on, prepared_at=now) for pk in sorted(recipient_ids)]
    # Another sweep may have been faster: the unique key decides, not what was read before.
    Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def deliver(*, now: datetime) -> int:
    """Write the lines of every reminder that waits, as the facts stand at this moment, into the inboxes.

    One with nothing left to say is dropped. Returns how many were delivered.
    """
    on, kinds = day_of(now), kinds_to_tell(now)
    # One small question in most minutes of a day.
    waiting = Reminder.objects.waiting().filter(kind__in=kinds, for_day__lte=on).order_by()
    found = set(waiting.values_list("kind", flat=True).distinct()) if kinds else set()
    if found and is_workday(on):
        for kind in found:
            _carry_over(kind, on=on, now=now)
    return sum(_deliver_kind(kind, on=on, now=now) for kind in kinds if kind in found)


def _deliver_kind(kind: str, *, on: date, now: datetime) -> int:
    delivered, waiting = 0, True
    letter = LETTERS[kind]
    asleep, named = letter.asleep(on, now), letter.channels(on)
    while waiting:
        waiting, told = _deliver_batch(kind, asleep, named, on=on, now=now)
        delivered += told
    return delivered


@transaction.atomic
def _carry_over(kind: str, *, on: date, now: datetime) -> None:
    """A reminder that nobody delivered on its own day becomes, or gives way to, the recipient's of today."""
    waiting = Reminder.objects.waiting().filter(kind=kind, for_day__lt=on).order_by("pk")
    late = dict(waiting.select_for_update(skip_locked=True).values_list("pk", "recipient_id"))
    if late:
        _insert(kind, set(late.values()), on=on, now=now)
        Reminder.objects.filter(pk__in=late).update(dropped_at=now)


@transaction.atomic
def _deliver_batch(
    kind: str, asleep: set[int], named: Mapping[int, Sequence[int]], *, on: date, now: datetime
) -> tuple[bool, int]:
    """Whether there was anything to deliver, and how many cadres were told something."""
    waiting = Reminder.objects.waiting().filter(kind=kind, for_day=on).exclude(recipient__in=asleep)
    batch = list(waiting.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:BATCH])
    lines = LETTERS[kind].lines([reminder.recipient_id for reminder in batch], on, now) if batch else {}
    for reminder in batch:
        reminder.lines = lines.get(reminder.recipient_id, [])
        if reminder.lines:
            reminder.delivered_at = now
        else:
            reminder.dropped_at = now
    # The rows exist and are locked, so every insert becomes an update: one statement for the batch.
    Reminder.objects.bulk_create(
        batch,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["lines", "delivered_at", "dropped_at"],
    )
    told = [reminder for reminder in batch if reminder.delivered_at]
    _hand_over(kind, told, named, now=now)
    return bool(batch), len(told)


def _hand_over(kind: str, told: list[Reminder], named: Mapping[int, Sequence[int]], *, now: datetime) -> None:
    """A delivery through the first channel of everybody who has one."""
    ways = routes(kind, [reminder.recipient_id for reminder in told], named) if told else {}
    Delivery.objects.bulk_create(
        [
            Delivery(reminder=reminder, channel=ways[reminder.recipient_id][0], next_try_at=now)
            for reminder in told
            if ways.get(reminder.recipient_id)
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
