"""News of pairings: families newly helped, and who now helps beside a cadre."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.news import Change
from casework.templatetags.days import short_day
from households.models import HelperPairing
from villages.models import AuditEntry

# A pairing that is entered, as in a first import, so long after it began is no news.
LATEST_ENTRY_DAYS = 31
PAIRED = "helper.started"


def helper_news(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterator[Change]:
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
