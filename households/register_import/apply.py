"""Write what a preview of households says: the one step that writes, inside the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db.models import Q

from households.models import Household, ImportGroup, RegisterImport
from households.models.imports import Fate
from households.register_import.changing import Changing, let_leave
from households.register_import.creating import Creating, arriving, handed_on
from households.register_import.identities import shared_identities
from households.register_import.meanwhile import is_recognised_still, may_be_taken_meanwhile
from households.register_import.memory import seldom_collecting
from households.register_import.new_homes import Arriving, NewHomes
from households.register_import.newcomers import Newcomers
from households.register_import.preview import Handed
from households.register_import.progress import Step
from households.register_import.records import Stale, Trail
from villages.facts import FactChange, announce
from villages.pour import rewrite

BATCH = 2000  # households


class NewHouseholds:
    """The households that only the register has, written as far as the preview has come; see ahead.py."""

    def __init__(self, job: RegisterImport, now: datetime) -> None:
        self.job, self.trail, self.newcomers = job, Trail(job.confirmed_by, now), Newcomers()
        self.households = self.rows = 0
        self._new_homes, self._position = NewHomes(job), 0
        self._before: list[tuple[int, bytes]] = []

    def write(self, step: Step, handed: Sequence[Handed] = ()) -> None:
        """Write those that were handed on; otherwise all that are there and not written yet. Raises Stale."""
        batches: Iterable[list[Arriving]] = (
            [handed_on(self.job, handed)] if handed else arriving(self.job, after=self._position)
        )
        for batch in batches:
            creating = Creating(batch, self.trail, self._new_homes, self.newcomers)
            self.rows += creating.create()
            self._before += creating.before
            self.trail.write()
            self.households += len(batch)
            self._position = batch[-1].position
            step(self.rows)

    def keep_what_was(self) -> None:
        """Note with the preview what persons were who have moved to new households.

        Not before the preview is made: its rows stay unlocked for whoever begins it anew or discards it meanwhile.
        """
        if self._before:
            rewrite(ImportGroup, ["before"], self._before)


@seldom_collecting()
def apply_households(
    job: RegisterImport, *, on: date, now: datetime, step: Step, begun: NewHouseholds | None = None
) -> None:
    """Write the differences of a previewed import. Raises Stale when they are no longer those of the preview.

    `begun` are new households of which the caller's transaction has written some already.
    """
    # Neither where they were begun ahead: then the preview is but seconds old.
    if begun is None and not is_recognised_still(job):
        raise Stale
    shared = shared_identities(on) if begun is None and may_be_taken_meanwhile(job) else None
    new = begun or NewHouseholds(job, now)
    new.write(step)
    new.keep_what_was()
    if begun and begun.households != ImportGroup.objects.filter(job=job, fate=Fate.CREATED).count():
        raise Stale
    trail, newcomers, done = new.trail, new.newcomers, new.rows
    restless, stood_down = set[int](), set[str]()
    for groups in _batches(job, Q(values__isnull=False) & Q(fate__in=(Fate.UPDATED, Fate.UNCHANGED))):
        restless |= Changing(job, groups, trail, newcomers, stood_down, on=on).change()
        trail.write()
        done += sum(len(group.rows) for group in groups)
        step(done)
    if job.lets_leave:
        for groups in _batches(job, Q(fate=Fate.GONE)):
            restless |= let_leave(job, groups, trail, on=on)
            trail.write()
    if shared is not None and shared_identities(on) - shared:
        raise Stale
    _note_the_day(job)
    if restless:
        # Since ever: leaving excuses what is overdue in rounds that ended long before.
        announce(FactChange(since=date.min, household_ids=frozenset(restless)))


def _batches(job: RegisterImport, which: Q) -> Iterator[list[ImportGroup]]:
    position = 0
    groups = ImportGroup.objects.filter(which, job=job).order_by("position")
    while batch := list(groups.filter(position__gt=position)[:BATCH]):
        yield batch
        position = batch[-1].position


def _note_the_day(job: RegisterImport) -> None:
    """Unchanged households agree with the register of that day, too."""
    same = ImportGroup.objects.filter(job=job, fate=Fate.UNCHANGED, values__isnull=True).order_by().values("key")
    older = Q(register_as_of__lt=job.as_of) | Q(register_as_of__isnull=True)
    Household.objects.filter(older, number__in=same).update(register_as_of=job.as_of)
