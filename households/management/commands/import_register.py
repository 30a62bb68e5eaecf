"""Bring a file in from the command line: read it, say what it would change, and write it when told to."""

import os
from argparse import ArgumentParser
from contextlib import ExitStack, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.ahead import Decided, Follower, written_ahead
from households.imports import Copy, confirm_import, continue_import, read_ahead, start_import
from households.models import ImportKind, ImportRefusal, ImportState, RegisterImport
from households.register_import.preview import HandOn
from households.register_import.read import FileRefused
from households.register_import.result import in_one_line, remedy_of
from villages.calendar import day_of

SHOWN = 20
# What is told of households, by the name of the fact.
OF_HOUSEHOLDS = {
    "conflicts": gettext_lazy("changed on both sides"),
    "moved": gettext_lazy("to another village"),
    "gone": gettext_lazy("no longer in the file"),
}
BEHIND = 19


def stand_back() -> None:
    """Somebody who waits for a page on the same machine comes first: we take only what nobody else wants.

    Where the system knows such processes it also counts a processor that works for us as idle when it looks for one.
    """
    os.nice(BEHIND)
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Command(BaseCommand):
    """manage.py import_register FILE [--kind KIND] [--as-of DATE] [--confirm [--leave] [--conflicts register|ours]]."""

    requires_system_checks: tuple[str, ...] = ()  # they would load every page first
    help = "Read an export of the national register, say what it would change, and write it with --confirm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and what to do with it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=ImportKind.values, default=ImportKind.REGISTER.value)
        parser.add_argument("--as-of", type=date.fromisoformat, help="day of the export (default: today)")
        parser.add_argument("--confirm", action="store_true", help="write the differences")
        parser.add_argument("--leave", action="store_true", help="let those leave who are no longer in the file")
        parser.add_argument("--conflicts", choices=("register", "ours"), help="whose value stands when both changed")

    def run_from_argv(self, argv: list[str]) -> None:
        """As a process of its own, which may stand back; whoever calls the command otherwise has other things to do."""
        stand_back()
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and write when told to. Without --confirm nothing stays."""
        with ExitStack() as reading:
            ahead = self._begin(options["file"], reading)
            job = self._start(ahead, options)
            if not options["confirm"]:
                self._read(job, ahead)
                self._say(job)
                told = _("Nothing is written. Add --confirm to write it, or confirm it in the admin panel.")
                self.stdout.write(told)
                return
            takes = None if options["conflicts"] is None else options["conflicts"] == "register"
            decided = Decided(job.pk, timezone.now(), options["leave"], takes)
            with written_ahead(decided) if job.is_of_households else nullcontext(Follower()) as follower:
                self._read(job, ahead, follower.hand_on if follower.is_there else None)
                self._say(job)
                follower.finish()
        self._write(job, decided)

    def _begin(self, path: Path, reading: ExitStack) -> Copy:
        """Have the file read from now on, until `reading` is left."""
        try:
            return reading.enter_context(read_ahead(reading.enter_context(path.open("rb")), name=path.name))
        except OSError as error:
            raise CommandError(str(error)) from error

    def _write(self, job: RegisterImport, decided: Decided) -> None:
        """Confirm and write, unless that was done ahead."""
        job.refresh_from_db()
        if job.state == ImportState.READY:
            on, leave, takes = day_of(decided.now), decided.lets_leave, decided.takes_conflicts
            try:
                confirm_import(job=job, actor=None, on=on, lets_leave=leave, takes_conflicts=takes)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages) + " (--conflicts register|ours)") from error
            continue_import(job.pk, now=decided.now)
            job.refresh_from_db()
        if job.state != ImportState.APPLIED:
            raise CommandError(_("Records were changed meanwhile. Run the command again."))
        self.stdout.write(self.style.SUCCESS(_("Import %(number)s is written.") % {"number": job.pk}))

    def _start(self, ahead: Copy, options: dict[str, Any]) -> RegisterImport:
        name, kind, on = options["file"].name, options["kind"], day_of(timezone.now())
        as_of = options["as_of"] or on
        try:
            return start_import(file=ahead, name=name, kind=kind, as_of=as_of, actor=None, on=on)
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _read(self, job: RegisterImport, ahead: Copy, hand_on: HandOn | None = None) -> None:
        continue_import(job.pk, now=timezone.now(), hand_on=hand_on, ahead=ahead)
        job.refresh_from_db()
        if job.state != ImportState.READY:
            raise CommandError(job.problem or _("Another worker is reading this file. Look into the admin panel."))

    def _say(self, job: RegisterImport) -> None:
        self.stdout.write(in_one_line(job))
        for name, words in OF_HOUSEHOLDS.items():
            if number := job.facts.get(name):
                self.stdout.write(f"  {words}{_(': ')}{number}")
        for refusal in ImportRefusal.objects.of(job)[:SHOWN]:
            where = (refusal.sheet, str(refusal.row), refusal.column, refusal.value)
            self.stdout.write(f"  {' · '.join(filter(None, where))}{_(': ')}{remedy_of(refusal)}")
