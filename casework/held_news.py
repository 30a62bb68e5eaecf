"""News of visits held for review: the sender hears that they wait and how it was decided, the office that they wait."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import HeldState, HeldVisit
from casework.news import Change
from villages import reach
from villages.calendar import day_of
from villages.models import Cadre, Posting


class Told(NamedTuple):
    """What one person is told, and why."""

    cadre: Cadre
    at: datetime
    text: str
    why: str


def fresh_held(on: date, since: date) -> QuerySet[HeldVisit]:
    """Those that came, or were decided, from that day on."""
    first, last = (
        timezone.make_aware(datetime.combine(day, moment)) for day, moment in ((since, time.min), (on, time.max))
    )
    return HeldVisit.objects.filter(Q(received_at__range=(first, last)) | Q(decided_at__range=(first, last)))


def held_news(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterator[Change]:
    """For these cadres, or for everybody. Two queries."""
    rows = fresh_held(on, since).exclude(village=None).order_by("received_at", "pk")
    found = list(rows.select_related("household", "village__town", "sent_by", "decided_by"))
    office = _office({held.village_id[:digits] for held in found if held.village_id for digits in (6, 9)}, on)
    for number, held in enumerate(found):
        for told in _told(held, office):
            if told.cadre.is_active and (cadre_ids is None or told.cadre.pk in cadre_ids):
                yield Change(
                    cadre_id=told.cadre.pk,
                    on=day_of(told.at),
                    at=told.at,
                    village=held.village,  # type: ignore[arg-type]
                    key=number,
                    text=told.text % {"target": _target(held)},
                    why=told.why,
                    url=reverse("held_visit", args=[held.pk]),
                )


def _told(held: HeldVisit, office: dict[str, list[Cadre]]) -> Iterator[Told]:
    """Whom the state of the visit concerns: the sender always, the office as long as it has to decide."""
    reason = str(held.get_reason_display())
    if held.state == HeldState.WAITING:
        yield Told(held.sent_by, held.received_at, _("Your visit is held for review: %(target)s"), reason)
        why = _("from %(name)s; because: %(reason)s") % {"name": held.sent_by.name, "reason": reason}
        for cadre in _deciders(held, office):
            yield Told(cadre, held.received_at, _("A visit waits for your review: %(target)s"), why)
    elif held.decided_at:
        said = _("Your visit was accepted: %(target)s"), _("Your visit was not accepted: %(target)s")
        yield Told(held.sent_by, held.decided_at, said[held.state == HeldState.DECLINED], held.words or reason)


def _deciders(held: HeldVisit, office: dict[str, list[Cadre]]) -> list[Cadre]:
    """Who decides it nearest by: the town's office, or the district's where the town has nobody but the sender."""
    for digits in (9, 6):
        there = [cadre for cadre in office[(held.village_id or "")[:digits]] if cadre.pk != held.sent_by_id]
        if there:
            return there
    return []


def _office(codes: Collection[str], on: date) -> dict[str, list[Cadre]]:
    """Who works in the offices of these towns and districts on that day."""
    office: dict[str, list[Cadre]] = defaultdict(list)
    if codes:
        rows = Posting.objects.in_force(on).filter(post__in=reach.CLERKS, place_code__in=codes, cadre__is_active=True)
        for posting in rows.select_related("cadre").order_by("cadre", "pk"):
            if posting.cadre not in office[posting.place_code]:
                office[posting.place_code].append(posting.cadre)
    return office


def _target(held: HeldVisit) -> str:
    if held.household:
        return _("household of %(name)s") % {"name": held.household.head_name}
    return held.village.short_name if held.village else ""
