"""The phones in the cadres' hands: they say hello, an old queue shows, a lost one is cut off."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from casework.models import Phone
from casework.models.phones import PhoneQuerySet
from households.models import HelperPairing
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre, Posting, Village
from villages.models.places import short_village_name
from villages.personal_numbers import numbers_in

KEY_BYTES = 32
LOCK_AFTER_MINUTES = 10


class CutOff(Exception):
    """The phone was cut off: it gets nothing any more, and nothing is taken from it."""


def require_not_cut_off(key: UUID | None) -> None:
    """Raises CutOff for a phone that was cut off, whoever holds it."""
    if key is not None and Phone.objects.filter(key=key, cut_off_at__isnull=False).exists():
        raise CutOff


def say_hello(
    *,
    key: UUID,
    cadre: Cadre,
    app_version: str,
    waiting: int,
    oldest_waiting_at: datetime | None,
    on: date,
    session_key: str = "",
) -> Phone:
    """Note that the phone is there and what waits on it; the first time it is given its key. Raises CutOff."""
    require_not_cut_off(key)
    said = {
        "app_version": app_version,
        "last_seen_on": on,
        "waiting": waiting,
        "oldest_waiting_at": oldest_waiting_at if waiting else None,
        "session_key": session_key,
    }
    if not Phone.objects.filter(key=key, cadre=cadre).update(**said):
        # Two tabs may say hello at once: whoever comes second takes the row of the first.
        new = Phone(key=key, cadre=cadre, first_seen_on=on, storage_key=secrets.token_bytes(KEY_BYTES), **said)
        Phone.objects.bulk_create([new], ignore_conflicts=True)
    return Phone.objects.get(key=key, cadre=cadre)


def can_cut_off(cadre: Cadre, phone: Phone, on: date) -> bool:
    """Whoever holds the phone, and the office of a place where the holder works."""
    return Phone.objects.visible_to(cadre, on).filter(pk=phone.pk).exists()


@transaction.atomic
def cut_off_phone(*, phone_id: int, actor: Cadre, now: datetime, reason: str) -> Phone:
    """Cut off a lost phone, for everybody who used it: sessions end, the keys to what is stored on it are thrown away.

    Raises Phone.DoesNotExist for one out of reach, PermissionDenied, ValidationError without a reason.
    """
    on = day_of(now)
    phone = Phone.objects.visible_to(actor, on).select_for_update(of=("self",)).get(pk=phone_id)
    if not can_cut_off(actor, phone, on):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why the phone is cut off.")})
    if wrong := numbers_in(reason=reason):
        raise ValidationError(wrong)
    if phone.cut_off_at is None:
        same = Phone.objects.select_for_update().filter(key=phone.key, cut_off_at=None)
        sessions = [session for session in same.values_list("session_key", flat=True) if session]
        same.update(cut_off_at=now, cut_off_by=actor, storage_key=None, session_key="")
        for session in sessions:
            SessionStore(session).delete()
        audit.record(actor=actor, verb="phone.cut_off", target=phone, reason=reason.strip())
        phone.refresh_from_db()
    return phone


def phones_in_sight(cadre: Cadre, on: date) -> PhoneQuerySet:
    """The phones the cadre may see in use, in order of the holders' villages, with `village_code`."""
    helping = HelperPairing.objects.in_force(on).filter(cadre=OuterRef("cadre")).order_by("household__village", "pk")
    posted = Posting.objects.in_force(on).filter(cadre=OuterRef("cadre")).order_by("place_code", "pk")
    lives, stands = helping.values("household__village")[:1], posted.values("place_code")[:1]
    text = CharField()
    code = Coalesce(Subquery(lives, text), Subquery(stands, text), Value(""), output_field=text)
    rows = Phone.objects.visible_to(cadre, on).filter(cut_off_at=None).select_related("cadre")
    return rows.annotate(village_code=code).order_by("village_code", "cadre__name", "pk")


def places_of(cadres: Iterable[int], on: date) -> dict[int, list[str]]:
    """The names of the places in which these people work that day, villages first. Two queries."""
    ids = list(cadres)
    found: dict[int, dict[str, None]] = defaultdict(dict)
    helping = HelperPairing.objects.in_force(on).filter(cadre__in=ids).order_by("household__village")
    for cadre, village in helping.values_list("cadre", "household__village__name").distinct():
        found[cadre][short_village_name(village)] = None
    posted = Posting.objects.in_force(on).filter(cadre__in=ids).order_by("-place_code", "pk")
    for posting in posted.select_related("village", "town", "district", "unit"):
        place = posting.place
        found[posting.cadre_id][place.short_name if isinstance(place, Village) else str(place)] = None
    return {cadre: list(names) for cadre, names in found.items()}
