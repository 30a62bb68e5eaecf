"""A digest as a plain mail, with the same lines as in the inbox."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.digests import Lines
from casework.models import Reminder


def digest_mail(reminder: Reminder, lines: Lines) -> EmailMessage:
    """The mail to the recipient, in the site's language.

    Its Message-ID follows from the recipient and the day, as the digest's unique key does: a copy sent
    after a crash is recognised as the same mail.
    """
    message_id = f"<digest-{reminder.recipient_id}-{reminder.for_day:%Y%m%d}@{urlsplit(settings.SITE_URL).hostname}>"
    context = {"reminder": reminder, "lines": lines, "site": settings.SITE_URL}
    with translation.override(settings.LANGUAGE_CODE):
        day = date_format(reminder.for_day, "MONTH_DAY_FORMAT")
        return EmailMessage(
            subject=_("Visits due, %(day)s") % {"day": day},
            body=render_to_string("digest_mail.txt", context | {"inbox": reverse("reminder", args=[reminder.pk])}),
            to=[reminder.recipient.email],
            headers={"Message-ID": message_id},
        )
