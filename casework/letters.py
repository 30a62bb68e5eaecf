"""The kinds of reminders: for each, who gets one on a day and what stands in it at the moment it is delivered.

A new kind is one Letter here; the outbox (reminders.py) and the ways out (sending.py) treat all alike.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.channels import Message
from casework.digests import Lines, digests
from casework.models import Delivery, Kind, Reminder
from casework.pressing import recipients


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind. `recipients` gives who is told on that day; `lines` what each is told, in as few queries as it can:
    whoever has nothing left to be told is not in it. `subject` may use %(day)s.
    """

    recipients: Callable[[date, datetime], set[int]]
    lines: Callable[[Collection[int], date, datetime], dict[int, Lines]]
    subject: Any
    template: str


LETTERS: dict[str, Letter] = {
    Kind.DIGEST: Letter(
        recipients=lambda on, now: recipients(on),
        lines=lambda cadre_ids, on, now: digests(cadre_ids, on=on),
        subject=gettext_lazy("Visits due, %(day)s"),
        template="digest_mail.txt",
    ),
}


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
