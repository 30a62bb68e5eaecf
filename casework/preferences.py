"""What a cadre asks of the reminders: channels for each kind, a number for messages, rest until a day."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.models import Channel, ChannelChoice, Kind, MessageNumber, Mute
from villages import audit, reach
from villages.models import Cadre, Posting
from villages.places import save_told

# Nobody rests for ever: the duties do not.
LONGEST_MUTE_DAYS = 60


def kinds_for(cadre: Cadre, on: date) -> list[Kind]:
    """The kinds that can come to somebody: what is for supervisors only to them."""
    return list(Kind) if reach.holds_any(cadre, reach.SUPERVISORS, on) else [Kind.DIGEST]


@transaction.atomic
def choose_channels(*, cadre: Cadre, kind: str, channels: Sequence[int] | None) -> None:
    """Tell this kind on these channels, in order; none: the inbox alone; None: as the office has it."""
    Cadre.objects.select_for_update(of=("self",)).get(pk=cadre.pk)
    stored = ChannelChoice.objects.filter(cadre=cadre, kind=kind).first()
    if channels is None:
        if stored:
            audit.record(
                actor=cadre, verb="channels.reset", target=stored, changes={"channels": [stored.channels, None]}
            )
            stored.delete()
        return
    known = set(Channel.objects.in_use().values_list("pk", flat=True))
    wanted = [pk for pk in dict.fromkeys(channels) if pk in known]
    choice = stored or ChannelChoice(cadre=cadre, kind=kind)
    before, choice.channels = choice.channels, wanted
    choice.save()
    if before != wanted or not stored:
        audit.record(actor=cadre, verb="channels.chosen", target=choice, changes={"channels": [before, wanted]})


@transaction.atomic
def set_number(*, cadre: Cadre, phone: str) -> None:
    """The number for messages; an empty one takes it away. Raises ValidationError."""
    number = MessageNumber.objects.filter(cadre=cadre).first() or MessageNumber(cadre=cadre)
    digits = "".join(phone.split()).replace("-", "")
    if digits and not (digits.removeprefix("+").isdigit() and 7 <= len(digits) <= 16):
        raise ValidationError({"phone": _("Enter the number in digits.")})
    number.phone = digits
    save_told(number, actor=cadre)


@transaction.atomic
def mute(*, cadre: Cadre, until: date, reason: str, on: date) -> Mute:
    """No digests from today until that day; a second time moves the day. Raises ValidationError."""
    if not on <= until <= on + timedelta(days=LONGEST_MUTE_DAYS):
        said = _("Choose a day within the next %(days)s days.") % {"days": LONGEST_MUTE_DAYS}
        raise ValidationError({"until": said})
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why.")})
    Cadre.objects.select_for_update(of=("self",)).get(pk=cadre.pk)
    _end(cadre, on)
    row = Mute(cadre=cadre, starts_on=on, until=until, reason=reason.strip())
    row.full_clean()
    row.save()
    audit.record(actor=cadre, verb="reminders.muted", target=row, reason=row.reason, changes=_new(row))
    return row


@transaction.atomic
def unmute(*, cadre: Cadre, on: date) -> None:
    """Hear of the duties again from now on."""
    Cadre.objects.select_for_update(of=("self",)).get(pk=cadre.pk)
    for row in _end(cadre, on):
        audit.record(actor=cadre, verb="reminders.unmuted", target=row)


def muted_posts(supervisor: Cadre, on: date) -> list[tuple[Mute, list[Posting]]]:
    """Who has muted the digests and holds a post at a place that the cadre supervises, by place. Two queries.

    Raises PermissionDenied for all others. That somebody reads or not is nobody's business, and nowhere said.
    """
    if not reach.holds_any(supervisor, reach.SUPERVISORS, on):
        raise PermissionDenied
    mutes = {row.cadre_id: row for row in Mute.objects.in_force(on).select_related("cadre")}
    postings = Posting.objects.visible_to(supervisor, on).in_force(on).filter(cadre__in=mutes).exclude(place_code="")
    held: dict[int, list[Posting]] = {}
    for posting in postings.select_related("village", "town", "district").order_by("place_code", "post"):
        held.setdefault(posting.cadre_id, []).append(posting)
    return [(mutes[pk], of_cadre) for pk, of_cadre in held.items()]


def _end(cadre: Cadre, on: date) -> list[Mute]:
    rows = list(Mute.objects.filter(cadre=cadre, ended_on=None))
    Mute.objects.filter(pk__in=[row.pk for row in rows]).update(ended_on=on)
    return rows


def _new(row: Mute) -> dict[str, list[str | None]]:
    return {"until": [None, row.until.isoformat()]}
