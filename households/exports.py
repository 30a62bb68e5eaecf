"""Exports of the register: who may ask for one, how it is written in the background, who may take it, when it goes."""

import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from households import quality_export, register_export
from households.imports import can_change_import
from households.models import (
    Export,
    ExportKind,
    ExportPart,
    ExportState,
    Household,
    ImportRefusal,
    ImportState,
    Person,
    RegisterImport,
)
from households.register_import.result import result_tables
from households.workbooks import Table, Value, stream_tables
from villages import audit, reach
from villages.bell import ring, ring_after_commit
from villages.calendar import day_of
from villages.models import Cadre

PIECE = 1 << 18  # bytes
ROWS_A_STEP = 2_000
MOST_ATTEMPTS, MOST_UNFINISHED = 3, 3
SILENCE = timedelta(minutes=5)  # a worker that gives no sign for so long is gone
SHEET = "户人信息"
# An import of which there is something to tell; being written or undone, it would change under the pen.
WITH_RESULT = (ImportState.READY, ImportState.APPLIED, ImportState.UNDONE)


class ListSource(Protocol):
    """Names a list to act on, and writes down the rows that an export has frozen."""

    @staticmethod
    def name_of(key: str) -> str:
        """What the list is called."""

    @staticmethod
    def table_of(export: Export) -> Table:
        """Its sheet."""


class ClaimLost(Exception):
    """Another worker writes this export now, or it is over."""


class NotThere(Exception):
    """The file has expired, or is not written yet. The text says what to do."""


def can_export(cadre: Cadre, on: date) -> bool:
    """Clerks and supervisors export the households of their own places."""
    return bool(reach.office_places(cadre, on))


def exportable(households: QuerySet[Household], *, cadre: Cadre, on: date) -> QuerySet[Household]:
    """Those of the households that the cadre's office answers for, and that are on the register: its columns cannot
    say who has left, and such a file brought in again would bring them back.
    """
    places = Q()
    for code in reach.office_places(cadre, on):
        places |= Q(village__code__startswith=code)
    found = Household.objects.visible_to(cadre, on).registered(on).filter(pk__in=households.order_by().values("pk"))
    return found.filter(places) if can_export(cadre, on) else found.none()


def persons_in(households: QuerySet[Household], on: date) -> QuerySet[Person]:
    """Who would stand in the file."""
    return Person.objects.registered(on).filter(household__in=households.order_by().values("pk"))


def needs_reason(*, persons: int, is_in_full: bool) -> bool:
    """Numbers in full always, and more persons than the office's limit."""
    return is_in_full or persons > settings.EXPORT_REASON_ABOVE


@transaction.atomic
def ask_for_export(
    *,
    key: uuid.UUID,
    households: QuerySet[Household],
    actor: Cadre,
    now: datetime,
    is_in_full: bool,
    reason: str = "",
    rule: str = "",
) -> Export:
    """Store what is asked for and ring for it; the same key again returns the first.

    With a rule of data quality it is the list of its names, otherwise the register's rows of these households.
    Raises PermissionDenied outside an office, ValidationError without a reason that is needed, or too often.
    """
    on, reason = day_of(now), reason.strip()
    if not can_export(actor, on):
        raise PermissionDenied(_("Only clerks and supervisors export the register."))
    Cadre.objects.select_for_update(of=("self",)).get(pk=actor.pk)  # one at a time, so that the limits hold
    if first := Export.objects.visible_to(actor, on).filter(pk=key).first():
        return first
    wanted = exportable(households, cadre=actor, on=on)
    persons = persons_in(wanted, on).count()
    _refuse(persons=persons, is_in_full=is_in_full, reason=reason, actor=actor, now=now)
    ids = list(register_export.in_order(wanted).values_list("pk", flat=True))
    export = Export(
        pk=key, maker=actor, asked_at=now, as_of=on, households=ids, households_total=len(ids), rows_total=persons
    )
    export.is_in_full, export.reason = is_in_full, reason
    if rule:
        export.kind, export.rule, export.rows_total = ExportKind.QUALITY, rule, len(ids)
    return _store(export)


@transaction.atomic
def ask_for_result(*, key: uuid.UUID, job: RegisterImport, actor: Cadre, now: datetime) -> Export:
    """Store that the result of an import is wanted, and ring for it; the same key again returns the first.

    Refused rows stand in full for whoever brought them in, masked for others. Raises PermissionDenied,
    ValidationError before the file has been read.
    """
    on = day_of(now)
    if not can_change_import(actor, job, on):
        raise PermissionDenied(_("This import is not one of yours."))
    if first := Export.objects.visible_to(actor, on).filter(pk=key).first():
        return first
    if job.state not in WITH_RESULT:
        raise ValidationError(_("This file has no result yet. Wait until it has been read."))
    export = Export(pk=key, kind=ExportKind.RESULT, job=job, maker=actor, asked_at=now, as_of=job.as_of)
    export.households_total, export.rows_total = 0, job.rows
    export.is_in_full = job.made_by_id == actor.pk and job.refused > 0
    export.reason = _("To correct the refused rows of an import") if export.is_in_full else ""
    return _store(export)


@transaction.atomic
def ask_for_list(
    *,
    key: uuid.UUID,
    name: str,
    rows: Sequence[Any],
    options: dict[str, Any],
    actor: Cadre,
    now: datetime,
    as_of: date,
    reason: str = "",
) -> Export:
    """Store that a list to act on is wanted, and ring for it; the same key again returns the first.

    `rows` are the keys of its rows at the places of the actor's office, in order. Raises as ask_for_export() does;
    each row names a family or a place, so rows are what the limit of persons counts.
    """
    on, reason = day_of(now), reason.strip()
    if not can_export(actor, on):
        raise PermissionDenied(_("Only clerks and supervisors export the register."))
    Cadre.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    if first := Export.objects.visible_to(actor, on).filter(pk=key).first():
        return first
    _refuse(persons=len(rows), is_in_full=False, reason=reason, actor=actor, now=now)
    export = Export(pk=key, kind=ExportKind.LIST, rule=name, options=options, maker=actor, asked_at=now, as_of=as_of)
    export.households, export.rows_total, export.households_total = list(rows), len(rows), 0
    export.reason = reason
    return _store(export)


def list_source() -> ListSource:
    """What knows the lists to act on: casework, which this app cannot import; see settings.LIST_SOURCE."""
    return import_string(settings.LIST_SOURCE)


def _store(export: Export) -> Export:
    export.options = export.options | {"language": translation.get_language()}
    export.full_clean(exclude=["households"])
    export.save(force_insert=True)
    audit.record(actor=export.maker, verb="export.asked", target=export, reason=export.reason, changes=_told(export))
    ring_after_commit("households.tasks.write_export", str(export.pk))
    return export


def _refuse(*, persons: int, is_in_full: bool, reason: str, actor: Cadre, now: datetime) -> None:
    mine = Export.objects.filter(maker=actor).exclude(kind=ExportKind.RESULT)
    if not persons:
        raise ValidationError(_("There is nobody in this list to export. Widen the filters of the list."))
    if needs_reason(persons=persons, is_in_full=is_in_full) and not reason:
        raise ValidationError({"reason": _("Say in a few words what the file is needed for.")})
    if mine.unfinished().count() >= MOST_UNFINISHED:
        raise ValidationError(_("Your earlier exports are still being written. Wait until one of them is ready."))
    since = now - timedelta(days=1)
    if is_in_full and mine.filter(is_in_full=True, asked_at__gt=since).count() >= settings.EXPORTS_IN_FULL_A_DAY:
        raise ValidationError(
            _("Only %(count)s files with full numbers may be made within 24 hours. Use one of those you have.")
            % {"count": settings.EXPORTS_IN_FULL_A_DAY}
        )


def _told(export: Export) -> dict[str, list[Any]]:
    """What the trail keeps: how much, and whether in full; never who."""
    names = ("kind", "rule", "households_total", "rows_total", "is_in_full", "as_of")
    return {name: [None, audit.as_json(getattr(export, name))] for name in names}


# Writing --------------------------------------------------------------------------------------


def write_export(export_id: uuid.UUID, *, now: datetime) -> bool:
    """Write the workbook if nobody else does; whether this call made it ready. Another run changes nothing.

    A worker that is killed leaves pieces that nobody reads; after five silent minutes another one starts afresh.
    """
    claim = _claim(export_id, now)
    if claim is None:
        return False
    export, is_done = Export.objects.get(pk=export_id), False
    try:
        size = _write(export, claim)
        is_done = _publish(export, claim, size)
    except ClaimLost:
        pass
    finally:
        if not is_done:
            _give_back(export_id, claim)
    return is_done


@transaction.atomic
def _claim(export_id: uuid.UUID, now: datetime) -> uuid.UUID | None:
    """Ours now, or None: written already, or somebody is at it. After too many attempts it has failed."""
    claim = uuid.uuid4()
    mine = Export.objects.filter(pk=export_id).filter(_is_free(now))
    if mine.filter(attempts__gte=MOST_ATTEMPTS).update(state=ExportState.FAILED):
        ExportPart.objects.filter(export=export_id).delete()
        return None
    values = {"state": ExportState.WRITING, "claim": claim, "seen_at": now, "rows_done": 0}
    if not mine.update(attempts=F("attempts") + 1, **values):
        return None
    ExportPart.objects.filter(export=export_id).delete()
    return claim


def _is_free(now: datetime) -> Q:
    return Q(state=ExportState.QUEUED) | Q(state=ExportState.WRITING, seen_at__lte=now - SILENCE)


class _Parts(io.RawIOBase):
    """A file that keeps what is written to it as sealed pieces in the database."""

    def __init__(self, export: Export, claim: uuid.UUID) -> None:
        super().__init__()
        self._export, self._claim, self._waiting, self._count, self.size = export, claim, bytearray(), 0, 0

    def writable(self) -> bool:
        """Yes; it can neither be read nor searched."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; whole pieces are stored at once."""
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) >= PIECE:
            self._store(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> int:
        """Store the rest; the size in bytes."""
        if self._waiting:
            self._store(bytes(self._waiting))
        return self.size

    def _store(self, piece: bytes) -> None:
        ExportPart.objects.create(export=self._export, claim=self._claim, number=self._count, content=piece)
        self._count += 1


def _write(export: Export, claim: uuid.UUID) -> int:
    parts = _Parts(export, claim)
    done = count(1)
    with translation.override(export.options.get("language") or settings.LANGUAGE_CODE):
        watched = [replace(table, rows=_watched(table.rows, export, claim, done)) for table in _tables(export)]
        stream_tables(parts, watched)
    return parts.finish()


def _tables(export: Export) -> list[Table]:
    if export.job is not None:
        reader, on = export.maker, day_of(export.asked_at)
        return result_tables(export.job, reader=reader, on=on, in_full=export.is_in_full)
    if export.kind == ExportKind.LIST:
        return [list_source().table_of(export)]
    if export.rule:
        return [quality_export.table_of(export.rule, export.households, on=export.as_of)]
    rows = register_export.rows_of(export.households, on=export.as_of, in_full=export.is_in_full)
    return [Table(SHEET, register_export.headings(), rows)]


def _watched(
    rows: Iterable[Sequence[Value]], export: Export, claim: uuid.UUID, done: Iterator[int]
) -> Iterator[Sequence[Value]]:
    """The same rows, counted on by `done`; from time to time the progress is told. Raises ClaimLost."""
    mine = Export.objects.filter(pk=export.pk, claim=claim, state=ExportState.WRITING)
    for row in rows:
        yield row
        number = next(done)
        if number % ROWS_A_STEP == 0 and not mine.update(rows_done=number, seen_at=timezone.now()):
            raise ClaimLost


@transaction.atomic
def _publish(export: Export, claim: uuid.UUID, size: int) -> bool:
    """Ready, unless another worker has taken over in the meantime."""
    now = timezone.now()
    expires_at = now + timedelta(hours=settings.EXPORT_HOURS)
    values = {"state": ExportState.READY, "ready_at": now, "expires_at": expires_at, "file_bytes": size}
    mine = Export.objects.filter(pk=export.pk, claim=claim, state=ExportState.WRITING)
    return bool(mine.update(rows_done=F("rows_total"), **values))


@transaction.atomic
def _give_back(export_id: uuid.UUID, claim: uuid.UUID) -> None:
    """What was not finished waits for the next sweep; the pieces are of no use."""
    Export.objects.filter(pk=export_id, claim=claim, state=ExportState.WRITING).update(state=ExportState.QUEUED)
    ExportPart.objects.filter(export=export_id, claim=claim).delete()


def ring_unfinished(*, now: datetime) -> int:
    """Ring for every export whose bell nobody heard, or whose worker is gone; how many."""
    waiting = list(Export.objects.unfinished().filter(_is_free(now)).values_list("pk", flat=True))
    for export_id in waiting:
        ring("households.tasks.write_export", str(export_id))
    return len(waiting)


# Taking and expiring --------------------------------------------------------------------------


@transaction.atomic
def take_export(*, export: Export, actor: Cadre, now: datetime) -> Iterator[bytes]:
    """The workbook, piece by piece; each time is put down in the trail.

    Raises PermissionDenied for anybody but its maker while in office, NotThere once it has expired.
    """
    if export.maker_id != actor.pk or not can_export(actor, day_of(now)):
        raise PermissionDenied(_("Only whoever asked for a file, and is still in office, may download it."))
    export = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if not export.can_be_taken(now):
        raise NotThere(_("This file is not there any more. Export the list again."))
    audit.record(actor=actor, verb="export.taken", target=export, reason=export.reason, changes=_told(export))
    numbers = list(export.parts.filter(claim=export.claim).values_list("number", flat=True))
    return _pieces(export, numbers)


def _pieces(export: Export, numbers: list[int]) -> Iterator[bytes]:
    """One at a time: a file of a whole district is larger than a page should hold in memory."""
    for number in numbers:
        yield export.parts.get(claim=export.claim, number=number).content


@transaction.atomic
def expire_exports(*, now: datetime) -> int:
    """Delete every file whose time is over, and what workers that were given up have left; how many files."""
    over = Export.objects.filter(state=ExportState.READY, expires_at__lte=now)
    ids = list(over.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    ExportPart.objects.filter(export__in=ids).delete()
    ExportPart.objects.exclude(claim=F("export__claim")).delete()
    return Export.objects.filter(pk__in=ids).update(state=ExportState.EXPIRED, households=[])


def forget_refused_rows(*, now: datetime) -> int:
    """Whoever has not corrected refused rows after some weeks brings the file in again; how many were forgotten."""
    before = now - timedelta(days=settings.REFUSED_ROWS_DAYS)
    return ImportRefusal.objects.exclude(cells=None).filter(job__made_at__lt=before).update(cells=None)
