"""Which visits ask for a word of explanation, and the explaining: never in the way of a visit, never a verdict.

The background work looks at visits after they are stored. Each is judged by what came in before it, so that the
order of looking changes nothing and looking twice finds the same. A visit that the office let in by decision is not
looked at: somebody has.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from casework import heartbeat
from casework.models import Contact, FlagKind, FlagReason, Visit, VisitFlag, VisitVisitor
from casework.models.visits import REMOTE_CONTACTS
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre
from villages.personal_numbers import LEAVE_IT_OUT, has_personal_number

LOOKED = "flags"  # the heartbeat's row: all visits received up to then have been looked at
AT_ONCE = 500
SETTLED = timedelta(minutes=2)  # a visit may be stored a moment after its receipt is dated
AT_FIRST = timedelta(days=1)
EARTH_RADIUS = 6_371_000  # metres
ROUNDED_TO = 100  # metres: a flag tells how far, not where


class Came(NamedTuple):
    """As much of an earlier visit as the comparing needs."""

    entered_by: int
    received_at: datetime
    village: str
    target: int | str
    note: str


def raise_flags(*, now: datetime) -> list[VisitFlag]:
    """Look at the visits received since the last time, some hundred at once. A second run raises nothing new."""
    since = heartbeat.last_beat(LOOKED) or now - AT_FIRST
    fresh = Visit.objects.standing().filter(supersedes=None, received_at__gt=since, received_at__lte=now - SETTLED)
    # A phone's batch has one moment: whoever is looked at, so are all of the same moment.
    last = fresh.order_by("received_at").values_list("received_at", flat=True)[AT_ONCE - 1 : AT_ONCE]
    until = next(iter(last), now - SETTLED)
    visits = list(fresh.filter(received_at__lte=until).select_related("village"))
    if not visits:
        return []  # in most minutes; until when nothing came need not be noted
    found = list(flags_of(visits, on=day_of(now)))
    VisitFlag.objects.bulk_create(found, ignore_conflicts=True)
    heartbeat.beat(LOOKED, now=max(since, until))
    return found


def flags_of(visits: list[Visit], *, on: date) -> Iterator[VisitFlag]:
    """What the visits would be flagged for, not stored. Two queries, however many visits."""
    for facts, kind in ((_same_texts, FlagKind.SAME_TEXT), (_many_villages, FlagKind.MANY_VILLAGES)):
        for pk, said in facts(visits):
            yield VisitFlag(visit_id=pk, kind=kind, facts=said, raised_on=on)
    for visit in visits:
        metres = metres_away(visit)
        if metres is not None and metres > settings.FLAG_FAR_METRES:
            yield VisitFlag(visit=visit, kind=FlagKind.FAR_AWAY, facts={"metres": metres}, raised_on=on)


def _same_texts(visits: list[Visit]) -> Iterator[tuple[UUID, dict[str, int]]]:
    """Visits whose text the same person has entered for several targets lately."""
    asked = [visit for visit in visits if len(visit.note.strip()) >= settings.FLAG_TEXT_LENGTH]
    back = timedelta(days=settings.FLAG_SAME_TEXT_DAYS)
    rows = _came(asked, back, note__in={visit.note for visit in asked})
    by_text: dict[tuple[int, str], list[Came]] = defaultdict(list)
    for row in rows:
        by_text[row.entered_by, row.note].append(row)
    for visit in asked:
        before = _before(visit, by_text[visit.entered_by_id, visit.note], back)
        targets = {row.target for row in before}
        if len(targets) >= settings.FLAG_SAME_TEXTS:
            yield visit.pk, {"visits": len(targets)}


def _many_villages(visits: list[Visit]) -> Iterator[tuple[UUID, dict[str, int]]]:
    """Visits in person that one of the visitors entered within minutes of others in many villages.

    Visits that came in at one moment were sent together and say nothing of when they were made: of each moment only
    one village counts. Who types in for others says nothing of it either.
    """
    back = timedelta(minutes=settings.FLAG_MINUTES)
    asked = [visit for visit in visits if visit.contact not in REMOTE_CONTACTS]
    went = VisitVisitor.objects.filter(visit=OuterRef("pk"), cadre=OuterRef("entered_by"))
    by_person: dict[int, list[Came]] = defaultdict(list)
    for row in _came(asked, back, Exists(went), contact__in=set(Contact) - REMOTE_CONTACTS):
        by_person[row.entered_by].append(row)
    for visit in asked:
        before = _before(visit, by_person[visit.entered_by_id], back)
        if visit.received_at not in {row.received_at for row in before}:
            continue  # typed in by somebody who was not there
        number = _one_a_moment(before)
        if number >= settings.FLAG_VILLAGES:
            first = min(row.received_at for row in before)
            minutes = math.ceil((visit.received_at - first) / timedelta(minutes=1))
            yield visit.pk, {"villages": number, "minutes": minutes}


def _came(visits: list[Visit], back: timedelta, *conditions: Any, **more: Any) -> list[Came]:
    """What the same people entered, from so long before the first of the visits until the last of them."""
    if not visits:
        return []
    moments = [visit.received_at for visit in visits]
    rows = Visit.objects.standing().filter(
        *conditions,
        entered_by__in={visit.entered_by_id for visit in visits},
        received_at__gt=min(moments) - back,
        received_at__lte=max(moments),
        **more,
    )
    values = rows.order_by("received_at", "pk").values_list("entered_by", "received_at", "village", "household", "note")
    return [Came(person, at, village, home or village, note) for person, at, village, home, note in values]


def _before(visit: Visit, rows: Iterable[Came], back: timedelta) -> list[Came]:
    """Those no later than the visit itself, and no longer before it."""
    return [row for row in rows if visit.received_at - back < row.received_at <= visit.received_at]


def _one_a_moment(rows: Iterable[Came]) -> int:
    """How many villages when each moment counts for one, a new one where there is one."""
    by_moment: dict[datetime, list[str]] = defaultdict(list)
    for row in rows:
        by_moment[row.received_at].append(row.village)
    counted: set[str] = set()
    for _moment, villages in sorted(by_moment.items()):
        fresh = sorted(set(villages) - counted)
        counted |= set(fresh[:1])
    return len(counted)


def metres_away(visit: Visit) -> int | None:
    """How far from the village's centre a home or village visit was, the doubt of the position taken off.

    Rounded down; None where either position is not known, or the family was met elsewhere or from afar.
    """
    here, there = (visit.latitude, visit.longitude), (visit.village.latitude, visit.village.longitude)
    if visit.contact != Contact.HOME or None in here or None in there:
        return None
    far = _distance(*(float(part) for part in (*here, *there)))  # type: ignore[arg-type]
    return max(0, math.floor((far - (visit.accuracy or 0)) / ROUNDED_TO) * ROUNDED_TO)


def _distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres along the great circle (haversine)."""
    one, other = math.radians(latitude), math.radians(other_latitude)
    turned = math.radians(other_longitude - longitude)
    half = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(turned / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, half)))


# Explaining -----------------------------------------------------------------------------------


def can_explain_flag(cadre: Cadre, flag: VisitFlag) -> bool:
    """Only those who went know how it was."""
    return VisitFlag.objects.of_visitor(cadre).filter(pk=flag.pk).exists()


@transaction.atomic
def explain_flag(*, flag_id: int, actor: Cadre, reason: str, words: str = "", on: date) -> VisitFlag:
    """Say how it was; said again it stands instead, and the trail keeps both.

    Raises VisitFlag.DoesNotExist, PermissionDenied, ValidationError by field.
    """
    flag = VisitFlag.objects.visible_to(actor, on).select_for_update(of=("self",)).get(pk=flag_id)
    if not can_explain_flag(actor, flag):
        raise PermissionDenied(_("Only those who went can explain it."))
    words = words.strip()
    _check(reason, words)
    if (flag.reason, flag.words) == (reason, words):
        return flag
    before = audit.snapshot(flag)
    flag.reason, flag.words, flag.explained_on, flag.explained_by = reason, words, on, actor
    flag.full_clean(exclude=["visit"])
    flag.save(update_fields=["reason", "words", "explained_on", "explained_by"])
    changes = audit.difference(before, audit.snapshot(flag))
    village_id = Visit.objects.values_list("village", flat=True).get(pk=flag.visit_id)
    audit.record(actor=actor, verb="visitflag.explained", target=flag, village_id=village_id, changes=changes)
    return flag


def _check(reason: str, words: str) -> None:
    problems = {}
    if reason not in FlagReason.values:
        problems["reason"] = _("Choose one of the reasons.")
    if reason == FlagReason.OTHER and not words:
        problems["words"] = _("Say in a few words how it was.")
    if has_personal_number(words):
        problems["words"] = str(LEAVE_IT_OUT)
    if problems:
        raise ValidationError(problems)


# Showing --------------------------------------------------------------------------------------


def in_words(flag: VisitFlag) -> str:
    """What was noticed, with what was counted."""
    said = {
        FlagKind.SAME_TEXT: _("The same text stands at %(visits)s families or villages."),
        FlagKind.MANY_VILLAGES: _("Visits in %(villages)s villages were entered within %(minutes)s minutes."),
        FlagKind.FAR_AWAY: _("The position lies at least %(metres)s metres from the centre of the village."),
    }
    return said[FlagKind(flag.kind)] % flag.facts


def flags_by_visit(keys: Iterable[UUID], cadre: Cadre) -> dict[UUID, list[VisitFlag]]:
    """The flags of these visits, as far as the cadre went on them. One query."""
    found: dict[UUID, list[VisitFlag]] = defaultdict(list)
    for flag in VisitFlag.objects.of_visitor(cadre).filter(visit__in=list(keys)).order_by("pk"):
        found[flag.visit_id].append(flag)
    return found


def own_flags(cadre: Cadre) -> Any:
    """One's own, those without an explanation first."""
    rows = VisitFlag.objects.of_visitor(cadre).select_related("visit__household", "visit__village", "visit__recheck")
    return rows.order_by(F("explained_on").desc(nulls_first=True), "-raised_on", "pk")


def supervised_flags(cadre: Cadre, on: date) -> Any:
    """Those at the places supervised, in order of places; never counted by person."""
    rows = VisitFlag.objects.for_supervisor(cadre, on)
    rows = rows.select_related("visit__household", "visit__village__town", "visit__recheck").prefetch_related(
        "visit__visitors"
    )
    return rows.order_by("visit__village", "-visit__visited_on", "pk")
