"""A cadre's digests, unread until the cadre says so."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from casework.models import Reminder
from villages.models import Cadre


def mark_read(*, reminder: Reminder, actor: Cadre, now: datetime) -> None:
    """Note that the recipient has read the digest; a second time changes nothing. Raises PermissionDenied."""
    if reminder.recipient_id != actor.pk:
        raise PermissionDenied(_("Only the recipient can mark a reminder as read."))
    Reminder.objects.filter(pk=reminder.pk, read_at=None).update(read_at=now)
