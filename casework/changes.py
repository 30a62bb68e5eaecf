"""What has changed for a cadre since the last digest: families newly helped, and who now helps beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Kind, Reminder
from casework.templatetags.days import short_day
from households.models import HelperPairing
from villages.calendar import day_of
from villages.models import AuditEntry, Village

# What happened longer ago is no news any more.
NEWS_DAYS = 14
# Nor is a pairing that is entered, as in a first import, so long after it began.
LATEST_ENTRY_DAYS = 31
PAIRED = "helper.started"


class Change(NamedTuple):
    """One piece of news for one cadre. `at` is when it was entered, None for what was known before its day."""

    cadre_id: int
    on: date
    at: datetime | None
    village: Village
    key: int
    text: str
    why: str
    url: str


def who_has_news(on: date, *, since: date) -> set[int]:
    """Ids of the active cadres for whom something has changed after that day and whom no digest has told of it."""
    news = list(_changes(None, on, since))
    last = last_told({change.cadre_id for change in news}, on) if news else {}
    return {change.cadre_id for change in news if is_news(change, last.get(change.cadre_id))}


def news_of(cadre_ids: Collection[int], on: date) -> dict[int, list[Change]]:
    """What has changed for each of them since their last digest before that day. Six queries at most."""
    last = last_told(cadre_ids, on)
    found: dict[int, list[Change]] = defaultdict(list)
    for change in _changes(cadre_ids, on, on - timedelta(days=NEWS_DAYS)):
        if is_news(change, last.get(change.cadre_id)):
            found[change.cadre_id].append(change)
    return found


def last_told(cadre_ids: Collection[int], on: date) -> dict[int, datetime]:
    """When each was delivered the last digest before that day."""
    earlier = Reminder.objects.filter(kind=Kind.DIGEST, delivered_at__isnull=False, recipient__in=cadre_ids)
    recent = earlier.filter(for_day__range=(on - timedelta(days=NEWS_DAYS), on - timedelta(days=1)))
    return dict(recent.order_by("for_day").values_list("recipient", "delivered_at"))


def is_news(change: Change, told_at: datetime | None) -> bool:
    """Whether it came after the last digest: entered after it, or of a day after its day."""
    if told_at is None:
        return True
    return change.on > day_of(told_at) or (change.at is not None and change.at > told_at)


def _changes(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterator[Change]:
    """For these cadres, or for everybody."""
    entered = _entered(since)
    begun = HelperPairing.objects.in_force(on).filter(
        Q(starts_on__gt=since) | Q(pk__in=list(entered)),
        cadre__is_active=True,
        starts_on__gt=on - timedelta(days=LATEST_ENTRY_DAYS),
    )
    fresh = list(begun.select_related("household__village__town", "cadre").order_by("pk"))
    if not fresh:
        return
    beside: dict[int, list[int]] = defaultdict(list)
    others = HelperPairing.objects.in_force(on).filter(household__in={pairing.household_id for pairing in fresh})
    for household_id, cadre_id in others.order_by("pk").values_list("household", "cadre"):
        beside[household_id].append(cadre_id)
    for pairing in fresh:
        for cadre_id in beside[pairing.household_id]:
            if cadre_ids is None or cadre_id in cadre_ids:
                yield _change(pairing, cadre_id, entered.get(pairing.pk), on)


def _entered(since: date) -> dict[int, datetime]:
    """Pairings entered from that day on, with when, as the trail has it."""
    first = timezone.make_aware(datetime.combine(since, time.min))
    about = AuditEntry.objects.filter(at__gte=first, target_type=HelperPairing._meta.label, verb=PAIRED)
    return {int(pk): at for pk, at in about.order_by().values_list("target_id", "at")}


def _change(pairing: HelperPairing, cadre_id: int, at: datetime | None, on: date) -> Change:
    family = _("household of %(name)s") % {"name": pairing.household.head_name}
    if cadre_id == pairing.cadre_id:
        text, why = _("New for you: %(family)s"), _("you are its helper cadre since %(day)s")
    else:
        text, why = _("%(name)s now also helps: %(family)s"), _("helper cadre beside you since %(day)s")
    return Change(
        cadre_id=cadre_id,
        on=pairing.starts_on,
        at=at,
        village=pairing.household.village,
        key=pairing.household_id,
        text=text % {"family": family, "name": pairing.cadre.name},
        why=why % {"day": short_day(pairing.starts_on, on)},
        url=reverse("household", args=[pairing.household_id]),
    )
