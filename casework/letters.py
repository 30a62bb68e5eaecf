"""The kinds of reminders: for each, who gets one on a day and what stands in it at the moment it is delivered.

A new kind is one Letter here; the outbox (reminders.py) and the ways out (sending.py) treat all alike.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import escalation, summary
from casework.channels import Message
from casework.digests import Lines, digests
from casework.models import Delivery, Kind, Reminder, RemindingPolicy
from casework.office_notes import notice, those_to_tell
from casework.telling import asleep_now, channels_named, told_today
from villages.calendar import day_of, is_workday


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind. `recipients` gives who is told on that day; `lines` what each is told, in as few queries as it can:
    whoever has nothing left to be told is not in it. `subject` may use %(day)s.
    """

    recipients: Callable[[date, datetime], set[int]]
    lines: Callable[[Collection[int], date, datetime], dict[int, Lines]]
    subject: Any
    template: str
    # Whether anybody is told on that day although it is a day off.
    is_told_on_day_off: Callable[[date], bool] = lambda on: False
    # Who must not be disturbed at that moment; they are told later.
    asleep: Callable[[date, datetime], set[int]] = lambda on, now: set()
    # Ids of the channels that a policy names for some, the first to be tried first.
    channels: Callable[[date], dict[int, Sequence[int]]] = lambda on: {}


LETTERS: dict[str, Letter] = {
    Kind.DIGEST: Letter(
        recipients=told_today,
        lines=lambda cadre_ids, on, now: digests(cadre_ids, on=on),
        subject=gettext_lazy("Visits due, %(day)s"),
        template="digest_mail.txt",
        is_told_on_day_off=lambda on: RemindingPolicy.objects.filter(on_days_off=True).exists(),
        asleep=asleep_now,
        channels=channels_named,
    ),
    Kind.OFFICE: Letter(
        recipients=those_to_tell,
        lines=notice,
        subject=gettext_lazy("Messages not delivered, %(day)s"),
        template="office_mail.txt",
    ),
    Kind.SUMMARY: Letter(
        recipients=summary.recipients,
        lines=summary.lines,
        subject=gettext_lazy("What needs you this week, %(day)s"),
        template="digest_mail.txt",
    ),
    Kind.ESCALATION: Letter(
        recipients=escalation.recipients,
        lines=escalation.lines,
        subject=gettext_lazy("Not settled below, %(day)s"),
        template="digest_mail.txt",
    ),
}


def is_an_hour_to_tell(now: datetime) -> bool:
    """Whether it is between the hours the office has set for the whole system."""
    return settings.REMIND_FROM_HOUR <= timezone.localtime(now).hour < settings.REMIND_UNTIL_HOUR


def kinds_to_tell(now: datetime) -> list[str]:
    """The kinds people may be told at this moment: none by night, on days off only those whose policies say so."""
    if not is_an_hour_to_tell(now):
        return []
    on = day_of(now)
    is_worked = is_workday(on)
    return [kind for kind, letter in LETTERS.items() if is_worked or letter.is_told_on_day_off(on)]


def message_of(delivery: Delivery, lines: Lines, *, phone: str = "") -> Message:
    """What goes out for the delivery, in the site's language."""
    reminder = delivery.reminder
    with translation.override(settings.LANGUAGE_CODE):
        letter = LETTERS[reminder.kind]
        day = date_format(reminder.for_day, "MONTH_DAY_FORMAT")
        subject = str(letter.subject) % {"day": day}
        inbox = reverse("reminder", args=[reminder.pk])
        context = {"reminder": reminder, "lines": lines, "site": settings.SITE_URL, "inbox": inbox}
        return Message(
            recipient=reminder.recipient,
            phone=phone,
            key=delivery.key,
            subject=subject,
            body=render_to_string(letter.template, context),
            short=_short(reminder, lines, inbox),
        )


def _short(reminder: Reminder, lines: Lines, inbox: str) -> str:
    count = sum(len(place["items"]) for place in lines)
    said = _("Comrade %(name)s, your reminder has %(count)s lines. Read it in your inbox: %(address)s")
    return said % {"name": reminder.recipient.name, "count": count, "address": f"{settings.SITE_URL}{inbox}"}
