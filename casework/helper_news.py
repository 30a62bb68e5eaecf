"""News of pairings: families newly helped, and who now helps beside a cadre."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.news import Change, Heard
from casework.templatetags.days import short_day
from households.models import HelperPairing
from villages.models import AuditEntry

# A pairing that is entered, as in a first import, so long after it began is no news.
LATEST_ENTRY_DAYS = 31
PAIRED = "helper.started"


def helper_news(cadre_ids: Collection[int], on: date, since: date) -> Iterator[Change]:
    """For these cadres."""
    entered = _entered(since)
    fresh = list(_begun(entered, on, since).select_related("household__village__town", "cadre").order_by("pk"))
    beside = _beside({pairing.household_id for pairing in fresh}, on)
    for pairing in fresh:
        for cadre_id in beside[pairing.household_id]:
            if cadre_id in cadre_ids:
                yield _change(pairing, cadre_id, entered.get(pairing.pk), on)


def who_has_helper_news(on: date, since: date) -> Iterator[Heard]:
    """For everybody. Three queries, two when nothing has begun."""
    entered = _entered(since)
    fresh = list(_begun(entered, on, since).order_by().values_list("pk", "household", "starts_on"))
    beside = _beside({household_id for _pk, household_id, _day in fresh}, on)
    for pk, household_id, starts_on in fresh:
        for cadre_id in beside[household_id]:
            yield Heard(cadre_id, starts_on, entered.get(pk))


def _begun(entered: Mapping[int, datetime], on: date, since: date) -> QuerySet[HelperPairing]:
    """Pairings of active cadres that began after that day, or were entered since."""
    return HelperPairing.objects.in_force(on).filter(
        Q(starts_on__gt=since) | Q(pk__in=list(entered)),
        cadre__is_active=True,
        starts_on__gt=on - timedelta(days=LATEST_ENTRY_DAYS),
    )


def _beside(household_ids: Collection[int], on: date) -> dict[int, list[int]]:
    """By household who helps it on that day."""
    beside: dict[int, list[int]] = defaultdict(list)
    if household_ids:
        helping = HelperPairing.objects.in_force(on).filter(household__in=household_ids).order_by("pk")
        for household_id, cadre_id in helping.values_list("household", "cadre"):
            beside[household_id].append(cadre_id)
    return beside


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
