"""The outbox of digests: prepare one a cadre and working day, deliver what is still true, send the mails.

A row is the truth and its unique key (recipient, day) makes a second digest impossible; each step claims
before it acts, so that two sweeps at once, or a worker killed anywhere, lose and double nothing.
"""

import logging
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from casework.digest_mail import digest_mail
from casework.digests import Lines, digests
from casework.models import Reminder
from casework.models.reminders import MailState
from casework.pressing import recipients
from villages.calendar import day_of, is_workday

logger = logging.getLogger(__name__)

# Recipients a transaction: each batch reads the rounds' duties once, and memory grows with it.
BATCH = 5000
MAIL_BATCH = 100
MAIL_TRIES = 5
# Whoever claimed a mail this long ago has died, or the server refused it: it may be tried again.
MAIL_CLAIM_LASTS = timedelta(minutes=10)
# One run ends well before its claims do and before the heartbeat is missed; the next sweep goes on.
SENDING_SECONDS = 120


def is_humane(now: datetime) -> bool:
    """Whether people may be addressed: a working day, between the hours the office has set."""
    hour = timezone.localtime(now).hour
    return settings.REMIND_FROM_HOUR <= hour < settings.REMIND_UNTIL_HOUR and is_workday(day_of(now))


def prepare(*, on: date, now: datetime) -> int:
    """Make an empty digest of that day for everybody who has none yet. Returns how many were missing."""
    if not is_humane(now):
        return 0
    have = Reminder.objects.filter(for_day=on).values_list("recipient", flat=True)
    missing = recipients(on) - set(have)
    _insert(missing, on=on, now=now)
    return len(missing)


def _insert(recipient_ids: set[int], *, on: date, now: datetime) -> None:
    rows = [Reminder(recipient_id=pk, for_day=on, prepared_at=now) for pk in sorted(recipient_ids)]
    # Another sweep may have been faster: the unique key decides, not what was read before.
    Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def deliver(*, now: datetime) -> int:
    """Write the lines of every digest that waits, as the duties stand at this moment, into the inboxes.

    A digest with nothing left to say is dropped. Returns how many were delivered.
    """
    if not is_humane(now):
        return 0
    on = day_of(now)
    _carry_over(on=on, now=now)
    delivered, waiting = 0, True
    while waiting:
        waiting, told = _deliver_batch(on=on, now=now)
        delivered += told
    return delivered


@transaction.atomic
def _carry_over(*, on: date, now: datetime) -> None:
    """A digest that nobody delivered on its own day becomes, or gives way to, the recipient's of today."""
    waiting = Reminder.objects.filter(for_day__lt=on, delivered_at=None, dropped_at=None).order_by("pk")
    late = dict(waiting.select_for_update(skip_locked=True).values_list("pk", "recipient_id"))
    if late:
        _insert(set(late.values()), on=on, now=now)
        Reminder.objects.filter(pk__in=late).update(dropped_at=now)


@transaction.atomic
def _deliver_batch(*, on: date, now: datetime) -> tuple[bool, int]:
    """Whether there was anything to deliver, and how many cadres were told something."""
    waiting = Reminder.objects.filter(for_day=on, delivered_at=None, dropped_at=None)
    claimed = waiting.select_for_update(of=("self",), skip_locked=True).annotate(address=F("recipient__email"))
    batch = list(claimed.order_by("pk")[:BATCH])
    lines = digests([reminder.recipient_id for reminder in batch], on=on)
    for reminder in batch:
        reminder.lines = lines.get(reminder.recipient_id, [])
        if reminder.lines:
            reminder.delivered_at = now
            reminder.mail_state = MailState.WAITING if reminder.address else MailState.NONE
        else:
            reminder.dropped_at = now
    # The rows exist and are locked, so every insert becomes an update: one statement for the batch.
    Reminder.objects.bulk_create(
        batch,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["lines", "delivered_at", "dropped_at", "mail_state"],
    )
    return bool(batch), sum(reminder.delivered_at is not None for reminder in batch)


def send_mails(*, now: datetime) -> int:
    """Mail the delivered digests to those with an address: what is still true now. Returns how many were sent.

    Each mail is claimed just before it is sent and marked just after, so that at most the one in hand
    can go out twice after a crash; its Message-ID then shows that it is the same. While the mail server
    does not answer at all, no try is counted.
    """
    if not is_humane(now):
        return 0
    on, sent = day_of(now), 0
    _give_up_mails(on=on, now=now)
    mailer = get_connection()
    for reminder, lines in _mails_waiting(on=on, now=now):
        if not _is_open(mailer):
            break
        sent += _send(reminder, lines, mailer, now=now)
    mailer.close()
    return sent


def _give_up_mails(*, on: date, now: datetime) -> None:
    """A mail of an earlier day gives way to a newer digest; one that failed often enough is not tried again."""
    waiting = Reminder.objects.filter(mail_state=MailState.WAITING)
    newer = Reminder.objects.filter(
        recipient=OuterRef("recipient"), for_day__gt=OuterRef("for_day"), delivered_at__isnull=False
    )
    waiting.filter(Exists(newer), for_day__lt=on).update(mail_state=MailState.DROPPED)
    waiting.filter(_is_unclaimed(now), mail_tries__gte=MAIL_TRIES).update(mail_state=MailState.FAILED)


def _is_unclaimed(now: datetime) -> Q:
    return Q(mail_claimed_at=None) | Q(mail_claimed_at__lt=now - MAIL_CLAIM_LASTS)


def _mails_waiting(*, on: date, now: datetime) -> Iterator[tuple[Reminder, Lines]]:
    """Mails nobody has claimed, each with its lines as the duties stand now, until the time is up."""
    ends_at = time.monotonic() + SENDING_SECONDS
    waiting = Reminder.objects.filter(_is_unclaimed(now), mail_state=MailState.WAITING).select_related("recipient")
    last = 0
    while batch := list(waiting.filter(pk__gt=last).order_by("pk")[:MAIL_BATCH]):
        lines = digests([reminder.recipient_id for reminder in batch], on=on)
        for reminder in batch:
            if time.monotonic() > ends_at:
                return
            yield reminder, lines.get(reminder.recipient_id, [])
        last = batch[-1].pk


def _is_open(mailer: BaseEmailBackend) -> bool:
    """Whether the mail server lets us in; a connection lost on the way is opened again."""
    try:
        mailer.open()
    except OSError as error:  # smtplib's errors are of this kind too
        logger.warning("The mail server does not answer (%s); the next sweep tries again.", error)
        return False
    return True


def _send(reminder: Reminder, lines: Lines, mailer: BaseEmailBackend, *, now: datetime) -> bool:
    """Claim the mail and send it, unless somebody else has claimed it or nothing is left to say."""
    row = Reminder.objects.filter(pk=reminder.pk, mail_state=MailState.WAITING)
    mine = row.filter(_is_unclaimed(now)).update(mail_claimed_at=now, mail_tries=F("mail_tries") + 1)
    if not mine:
        return False
    if not lines or not reminder.recipient.email:
        row.update(mail_state=MailState.DROPPED)
        return False
    try:
        mailer.send_messages([digest_mail(reminder, lines)])
    except OSError as error:
        logger.warning("The mail of reminder %s was not sent (%s).", reminder.pk, type(error).__name__)
        mailer.close()
        return False
    row.update(mail_state=MailState.SENT, mail_sent_at=now)
    return True
