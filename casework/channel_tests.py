"""Whether a channel works: a line asked for in the panel, sent by the worker, with what the provider answered."""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from casework.channels import Away, Message, Refused, plug_for
from casework.models import Channel, ChannelTest
from casework.routes import phones_of
from villages import audit, reach
from villages.bell import ring_after_commit
from villages.models import Cadre
from villages.places import save_told

logger = logging.getLogger(__name__)

# Whoever claimed a test this long ago has died.
CLAIM_LASTS = timedelta(minutes=4)


def can_change_channels(cadre: Cadre, on: date) -> bool:
    """Supervisors and clerks of the district."""
    return reach.is_district_office(cadre, on)


def save_channel(channel: Channel, *, actor: Cadre | None, on: date, reason: str = "") -> Channel:
    """Enter a channel or correct it. Raises ValidationError, PermissionDenied."""
    if actor is not None and not can_change_channels(actor, on):
        raise PermissionDenied(_("Channels are kept by the district's office. Ask a colleague there."))
    channel.away_since = channel.look_again_at = None
    return save_told(channel, actor=actor, reason=reason)


def ask_for_test(channel: Channel, *, actor: Cadre, on: date, now: datetime) -> ChannelTest:
    """Have the worker send one line to the person who asks. Raises PermissionDenied."""
    if not can_change_channels(actor, on):
        raise PermissionDenied(_("Channels are kept by the district's office. Ask a colleague there."))
    test = ChannelTest.objects.create(channel=channel, asked_by=actor, asked_at=now)
    audit.record(actor=actor, verb="channel.tested", target=channel)
    ring_after_commit("casework.tasks.answer_channel_tests")
    return test


def answer_tests(*, now: datetime) -> int:
    """Send every test that nobody has taken. Returns how many were answered."""
    waiting = ChannelTest.objects.filter(answered_at=None)
    free = waiting.filter(claimed_at=None) | waiting.filter(claimed_at__lt=now - CLAIM_LASTS)
    return sum(_answer(test, now) for test in free.select_related("channel", "asked_by").order_by("pk"))


def _answer(test: ChannelTest, now: datetime) -> bool:
    row = ChannelTest.objects.filter(pk=test.pk, answered_at=None, claimed_at=test.claimed_at)
    if not row.update(claimed_at=now):
        return False
    is_sent, answer = _try(test, now)
    ChannelTest.objects.filter(pk=test.pk).update(answered_at=now, is_sent=is_sent, answer=answer)
    return True


def _try(test: ChannelTest, now: datetime) -> tuple[bool, str]:
    """Whether the provider took it, and what it answered."""
    plug = plug_for(test.channel)
    try:
        plug.open()
        return True, plug.send(_message(test, now))
    except (Away, Refused) as refusal:
        logger.warning("The test of channel %s failed.", test.channel_id)
        return False, str(refusal)
    finally:
        plug.close()


def _message(test: ChannelTest, now: datetime) -> Message:
    cadre = test.asked_by
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Test of the channel “%(name)s”") % {"name": test.channel.name}
        moment = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
        text = _("Comrade %(name)s, this line was asked for at %(moment)s to see whether the channel works.")
        said = text % {"name": cadre.name, "moment": moment}
    return Message(cadre, phones_of([cadre.pk]).get(cadre.pk, ""), f"test-{test.pk}", subject, said, said)
