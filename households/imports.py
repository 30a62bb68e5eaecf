"""Bring a file in: keep it, have it read, confirm what it changes, discard it, take it back. The only writers.

The row of the import says what is still to do; Celery is only the bell. Reading is done in steps and begun anew by
the next worker when one dies; writing and undoing are one transaction each, so that a killed worker leaves nothing.
"""

import logging
import os
import tempfile
import uuid
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import ImportKind, ImportPart, ImportProgress, ImportState, RegisterImport
from households.register_import import lists
from households.register_import.apply import NewHouseholds, apply_households
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.gathering import Scattered
from households.register_import.list_undo import may_undo_list
from households.register_import.passed_on import PassedOn, Unsettled
from households.register_import.plan import Sheets, require_columns
from households.register_import.preview import HandOn, Previewer
from households.register_import.progress import Step, told_outside
from households.register_import.read import FileRefused, Judging, Raw, Reading, read_rows
from households.register_import.records import Stale
from households.register_import.undo import CannotUndo, undo_import, why_not
from villages import audit, reach
from villages.bell import ring, ring_after_commit
from villages.calendar import day_of
from villages.models import Cadre
from villages.personal_numbers import without_personal_numbers

logger = logging.getLogger(__name__)

PART_BYTES = 4 << 20
COPIED_BYTES = 1 << 18  # at a time: larger pieces are fetched from the system, and given back, each by itself
FIRST_EXPORT = date(2014, 1, 1)  # the year in which the national register began
PATIENCE = timedelta(minutes=3)  # a worker that was not seen for so long is dead
TASK = "households.tasks.continue_import"


class Taken(Exception):
    """Another worker has taken the import over, or nobody wants it any more."""


class Copy(NamedTuple):
    """A copy of a file for the program that reads it, and its rows, which come once; see read_ahead()."""

    path: Path
    rows: Generator[Raw]


def can_import(cadre: Cadre, kind: str, on: date) -> bool:
    """Clerks and supervisors bring in tables for their own places; units are shared, and the district's."""
    if kind == ImportKind.UNITS:
        return reach.is_district_office(cadre, on)
    return bool(reach.office_places(cadre, on))


def can_change_import(cadre: Cadre, job: RegisterImport, on: date) -> bool:
    """Whoever brought the file in, while still in that office, and the district's office for everybody's."""
    return can_import(cadre, job.kind, on) and RegisterImport.objects.visible_to(cadre, on).filter(pk=job.pk).exists()


@contextmanager
def read_ahead(file: IO[bytes], *, name: str) -> Iterator[Copy]:
    """Begin to read a file that will be brought in at once: as many rows as may wait are read while it is judged.

    Nobody may use them before start_import() has kept the file.
    However the caller leaves, nothing of it stays: what was kept is read anew by the next worker.
    """
    with _copied(file) as path, closing(Reading(path, name=name)) as reading:
        yield Copy(path, reading.rows())


def start_import(
    *, file: IO[bytes] | Copy, name: str, kind: str, as_of: date, actor: Cadre | None, on: date
) -> RegisterImport:
    """Judge a file, keep it sealed, and ring for it to be read.

    Raises FileRefused for a file that is not what it says, ValidationError, PermissionDenied.
    """
    if actor is not None and not can_import(actor, kind, on):
        raise PermissionDenied(_("This is brought in by the district's office. Ask a colleague there."))
    if as_of > on:
        raise ValidationError({"as_of": _("The day of the export lies in the future. Correct it.")})
    if as_of < FIRST_EXPORT:
        raise ValidationError({"as_of": _("This day cannot be right. Write it like 2019-06-01.")})
    with nullcontext(file.path) if isinstance(file, Copy) else _copied(file) as path:
        return _kept(path, name=name, kind=ImportKind(kind), as_of=as_of, actor=actor)


@transaction.atomic
def _kept(path: Path, *, name: str, kind: ImportKind, as_of: date, actor: Cadre | None) -> RegisterImport:
    """Keep the file while it is being judged; what is refused leaves nothing. Raises FileRefused."""
    with closing(Judging(path, name=name)) as judging, path.open("rb") as file:
        job = RegisterImport.objects.create(
            kind=kind, file_name=without_personal_numbers(name)[-200:], as_of=as_of, made_by=actor
        )
        for number, piece in enumerate(_pieces(file, PART_BYTES)):
            if judging.is_over:
                _require(judging, kind)  # a wrong file is not kept to its end first
            ImportPart.objects.create(job=job, number=number, content=piece)
            job.file_bytes += len(piece)
        job.rows = _require(judging, kind)
    job.save(update_fields=["file_bytes", "rows"])
    audit.record(actor=actor, verb="import.started", target=job)
    ring_after_commit(TASK, job.pk)
    return job


def _require(judging: Judging, kind: ImportKind) -> int:
    """About how many rows the file has, when it is one that can be brought in. Raises FileRefused."""
    require_columns(judging.verdict.first, COLUMN_SETS[kind])
    return judging.verdict.rows


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    while piece := file.read(size):
        yield piece


def _copied(file: IO[bytes]) -> AbstractContextManager[Path]:
    return _on_disk(_pieces(file, COPIED_BYTES))


@contextmanager
def _on_disk(pieces: Iterable[bytes]) -> Iterator[Path]:
    """The file for the program that reads it, without a name of its own: whatever happens, nothing stays behind."""
    number, name = tempfile.mkstemp(prefix="import-")
    with open(number, "wb") as file, ExitStack() as leaving:
        path = Path(f"/proc/{os.getpid()}/fd/{number}")
        if path.exists():
            Path(name).unlink()
        else:
            path = Path(name)
            leaving.callback(path.unlink)
        for piece in pieces:
            file.write(piece)
        file.flush()
        yield path


@transaction.atomic
def confirm_import(
    *, job: RegisterImport, actor: Cadre | None, on: date, lets_leave: bool, takes_conflicts: bool | None
) -> RegisterImport:
    """Have the previewed differences written. Raises IllegalMove, PermissionDenied, ValidationError.

    `takes_conflicts` says whose value stands where both sides have changed; it may be None when there are none.
    """
    job = _locked(job, actor, on)
    if job.facts.get("conflicts") and takes_conflicts is None:
        raise ValidationError({"takes_conflicts": _("Decide whose values stand where both sides have changed.")})
    _require_all_places(job, actor, on)
    job.move("confirm")
    job.lets_leave, job.takes_conflicts, job.confirmed_by = lets_leave, bool(takes_conflicts), actor
    job.save(update_fields=["state", "lets_leave", "takes_conflicts", "confirmed_by"])
    audit.record(actor=actor, verb="import.confirmed", target=job)
    ImportProgress.objects.update_or_create(job=job, defaults={"rows_done": 0})
    ring_after_commit(TASK, job.pk)
    return job


@transaction.atomic
def discard_import(*, job: RegisterImport, actor: Cadre | None, on: date) -> RegisterImport:
    """Forget the file: nothing of it is written. Raises IllegalMove, PermissionDenied."""
    job = _locked(job, actor, on)
    job.move("discard")
    job.save(update_fields=["state"])
    _forget(job)
    audit.record(actor=actor, verb="import.discarded", target=job)
    return job


@transaction.atomic
def take_back_import(*, job: RegisterImport, actor: Cadre | None, on: date) -> RegisterImport:
    """Have everything undone that the import has written. Raises CannotUndo, IllegalMove, PermissionDenied."""
    job = _locked(job, actor, on)
    _require_all_places(job, actor, on)
    if actor is not None and not job.is_of_households and not may_undo_list(job, actor, on):
        raise PermissionDenied(_("Some rows of this file are not yours any more. Ask the district's office."))
    job.move("take back")
    job.undone_by = actor
    if reason := why_not(job):
        raise CannotUndo(reason)
    job.problem = ""  # why it could not be undone before
    job.save(update_fields=["state", "undone_by", "problem"])
    audit.record(actor=actor, verb="import.taken_back", target=job)
    ring_after_commit(TASK, job.pk)
    return job


def _locked(job: RegisterImport, actor: Cadre | None, on: date) -> RegisterImport:
    found = RegisterImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if actor is not None and not can_change_import(actor, found, on):
        raise PermissionDenied(_("This import is not one of yours."))
    return found


def _require_all_places(job: RegisterImport, actor: Cadre | None, on: date) -> None:
    """Whoever has got another post since the file was read does not write to the old places."""
    if actor is None:
        return
    places = tuple(reach.office_places(actor, on))
    groups = job.groups.exclude(village=None).order_by().values_list("village_id", flat=True)  # type: ignore[attr-defined]
    if not all(code.startswith(places) for code in groups.distinct()):
        raise PermissionDenied(_("Some villages of this file are not yours any more. Ask the district's office."))


def _forget(job: RegisterImport) -> None:
    """Drop the file, and what was found in it."""
    job.parts.all().delete()  # type: ignore[attr-defined]
    job.groups.all().delete()  # type: ignore[attr-defined]
    job.refusals.all().delete()  # type: ignore[attr-defined]


# The background -----------------------------------------------------------------------------------


def ring_unfinished(*, now: datetime) -> None:
    """Ring again for every import that a lost bell or a dead worker has left."""
    for job_id in (
        RegisterImport.objects.at_work().filter(_nobody_at_it(now)).order_by("pk").values_list("pk", flat=True)
    ):
        ring(TASK, job_id)


def _nobody_at_it(now: datetime) -> Q:
    return Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - PATIENCE)


def continue_import(job_id: int, *, now: datetime, hand_on: HandOn | None = None, ahead: Copy | None = None) -> None:
    """Do what the import's state asks for. Running it twice, or two at a time, changes nothing more.

    `hand_on` gets the new households while a file is read, when they are kept. `ahead` are the file's rows where their
    reading has begun already.
    """
    state = RegisterImport.objects.filter(pk=job_id).values_list("state", flat=True).first()
    if state == ImportState.READING:
        _read(job_id, now, hand_on, ahead)
    elif state == ImportState.APPLYING:
        _write(job_id, now)
    elif state == ImportState.UNDOING:
        _undo(job_id, now)


def _read(job_id: int, now: datetime, hand_on: HandOn | None, ahead: Copy | None) -> None:
    claim = uuid.uuid4()
    mine = RegisterImport.objects.filter(_nobody_at_it(now), pk=job_id, state=ImportState.READING)
    if not mine.update(claim=claim, claimed_at=timezone.now(), rows_done=0):
        return
    job = RegisterImport.objects.select_related("made_by").get(pk=job_id)
    job.groups.all().delete()  # type: ignore[attr-defined]
    job.refusals.all().delete()  # type: ignore[attr-defined]

    def step(done: int) -> None:
        at_it = RegisterImport.objects.filter(pk=job_id, claim=claim, state=ImportState.READING)
        if not at_it.update(rows_done=done, claimed_at=timezone.now()):
            raise Taken

    try:
        with nullcontext(ahead) if ahead else _from_parts(job) as source:
            _preview(job, source, step, on=day_of(now), hand_on=hand_on)
    except Taken:
        return
    except FileRefused as reason:
        _finish(job, "refuse", problem=str(reason))
    else:
        _finish(job, "preview")


@contextmanager
def _from_parts(job: RegisterImport) -> Iterator[Copy]:
    """The file as it is kept, and its rows, which are read when somebody asks for them."""
    parts = job.parts.order_by("number").values_list("content", flat=True).iterator(chunk_size=2)  # type: ignore[attr-defined]
    with _on_disk(bytes(part) for part in parts) as path:
        yield Copy(path, read_rows(path, name=job.file_name))


def _preview(job: RegisterImport, source: Copy, step: Step, *, on: date, hand_on: HandOn | None) -> None:
    if job.is_of_households:
        previewer, sheets = _preview_households(job, source, step, on=max(on, job.as_of), hand_on=hand_on)
        counts, facts = previewer.rows, previewer.told()
    else:
        sheets = Sheets(COLUMN_SETS[ImportKind(job.kind)])
        counts, facts = lists.preview(job, sheets, source.rows, step, on=on), {}
    job.created, job.updated = counts["created"], counts["updated"]
    job.unchanged, job.refused = counts["unchanged"], counts["refused"]
    job.rows = job.rows_done = sum(counts.values())
    job.facts = facts
    unknown = [title for plan in sheets.plans for title in plan.unknown]
    known = [column.title for plan in sheets.plans[:1] for column in plan.columns]
    told = [plan.sheet[:100] for plan in sheets.plans]
    job.titles = {
        "known": known,
        "unknown": list(dict.fromkeys(unknown)),
        "skipped": sheets.skipped,
        "sheets": told,
        "examples": sheets.examples,
        "filled": sheets.filled,
    }


def _preview_households(
    job: RegisterImport, source: Copy, step: Step, *, on: date, hand_on: HandOn | None
) -> tuple[Previewer, Sheets]:
    """Compare while reading. Where households' rows do not stand together the file is read whole, once more; and so it
    is where persons take each other's identity numbers.
    """
    places = reach.office_places(job.made_by, on) if job.made_by else [""]
    rows, is_scattered, passed_on = source.rows, False, PassedOn()
    while True:
        sheets = Sheets(COLUMN_SETS[ImportKind(job.kind)])
        previewer = Previewer(job, sheets, places, passed_on, on=on, step=step, hand_on=hand_on)
        try:
            with closing(rows):
                previewer.preview(rows, is_scattered=is_scattered)
            return previewer, sheets
        except (Scattered, Unsettled) as reason:
            is_scattered = is_scattered or isinstance(reason, Scattered)
        job.groups.all().delete()  # type: ignore[attr-defined]
        job.refusals.all().delete()  # type: ignore[attr-defined]
        rows = read_rows(source.path, name=job.file_name)


@transaction.atomic
def _finish(job: RegisterImport, act: str, *, problem: str = "") -> None:
    """Keep the result of reading, unless somebody has discarded the file or taken it over meanwhile."""
    stored = RegisterImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if (stored.state, stored.claim) != (ImportState.READING, job.claim):
        return
    job.problem, job.claim, job.claimed_at = problem[:500], None, None
    job.move(act)
    job.save()
    if act == "refuse":
        _forget(job)


def _write(job_id: int, now: datetime) -> None:
    try:
        with transaction.atomic():
            job = _waiting(job_id, ImportState.APPLYING)
            if job is None:
                return
            with told_outside(job) as step:
                write_confirmed(job, now=now, step=step)
    except Stale:
        _read_again(job_id)
    except IntegrityError as error:  # also where somebody has just entered what the file brings
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        logger.warning("Import %s is read again: the database refuses its writing (%s).", job_id, constraint or "?")
        _read_again(job_id)


def write_confirmed(job: RegisterImport, *, now: datetime, step: Step, begun: NewHouseholds | None = None) -> None:
    """Write what was confirmed, in the caller's transaction, which has locked the import. Raises Stale.

    `begun` are new households of which that transaction has written some already.
    """
    on = day_of(now)
    if job.is_of_households:
        apply_households(job, on=on, now=now, step=step, begun=begun)
    else:
        lists.apply(job, on=on, now=now, step=step)
    job.move("write")
    job.applied_at, job.applied_on, job.claimed_at = now, on, None
    job.parts.all().delete()  # type: ignore[attr-defined]
    entry = audit.record(actor=job.confirmed_by, verb="import.written", target=job, changes=_counts(job))
    job.last_entry = entry.pk
    job.save()


@transaction.atomic
def _read_again(job_id: int) -> None:
    """Records have changed since the preview: it is made anew, and somebody must look at it again."""
    job = _waiting(job_id, ImportState.APPLYING)
    if job is not None:
        job.move("read again")
        job.is_read_again, job.claim, job.claimed_at = True, None, None
        job.save()
        ring_after_commit(TASK, job.pk)


def _undo(job_id: int, now: datetime) -> None:
    try:
        with transaction.atomic():
            job = _waiting(job_id, ImportState.UNDOING)
            if job is None:
                return
            undo_import(job, now=now)
            job.move("undo")
            job.undone_at = now
            job.save()
            audit.record(actor=job.undone_by, verb="import.undone", target=job)
    except CannotUndo as reason:
        RegisterImport.objects.filter(pk=job_id, state=ImportState.UNDOING).update(
            state=ImportState.APPLIED, problem=str(reason)[:500]
        )


def _waiting(job_id: int, state: ImportState) -> RegisterImport | None:
    """The import, locked, when it is still in that state and no other worker is at it.

    SQLite knows no locks of rows, but lets only one write at all.
    """
    skips = connection.features.has_select_for_update_skip_locked
    jobs = RegisterImport.objects.select_for_update(of=("self",), skip_locked=skips)
    return jobs.filter(pk=job_id, state=state).first()


def _counts(job: RegisterImport) -> dict[str, list[int]]:
    return {name: [0, getattr(job, name)] for name in ("rows", "created", "updated", "unchanged", "refused")}
