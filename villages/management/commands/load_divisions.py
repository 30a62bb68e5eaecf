"""Load the official register of towns and villages and print what changed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from villages.division_file import BadRegister, Entry, read_register
from villages.divisions import SHIPPED, Change, LoadReport, UnknownDistrict, What, load_register
from villages.models import Village


class Command(BaseCommand):
    """manage.py load_divisions [FILE] [--district-name NAME]"""

    help = "Load the official register of divisions (CSV, UTF-8): towns and administrative villages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and the district's name, which the file does not hold."""
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)
        parser.add_argument("--district-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse the whole file with its bad lines, or load it and say what changed."""
        try:
            report = load_register(
                entries=_read(options["file"]), actor=None, district_name=options["district_name"].strip()
            )
        except UnknownDistrict as error:
            raise CommandError(
                _("The file does not name the district %(code)s. Give its name: --district-name …") % {"code": error}
            ) from None
        for line in describe(report):
            self.stdout.write(line)


def _read(path: Path) -> list[Entry]:
    try:
        return read_register(path.read_bytes())
    except OSError as error:
        raise CommandError(
            _("The file %(path)s cannot be read: %(reason)s") % {"path": path, "reason": error.strerror}
        ) from None
    except BadRegister as error:
        refusal = _("The file is refused; nothing was changed.")
        raise CommandError("\n".join([refusal, *error.messages()])) from None


def describe(report: LoadReport) -> list[str]:
    """The report in sentences: what the register holds, then what changed."""
    counts = {"entries": report.entries, "villages": report.villages, "towns": report.towns}
    lines = [_("%(entries)s entries: %(villages)s villages in %(towns)s towns.") % counts]
    if report.is_first:
        return [*lines, _("All of them are new.")]
    if not report.changes:
        return [*lines, _("Nothing changed.")]
    return [*lines, *(sentence(change) for change in report.changes)]


def sentence(change: Change) -> str:
    """One change in words."""
    what, place, before = change
    town = f" ({place.town})" if isinstance(place, Village) else ""
    words = {"code": place.pk, "name": f"{place.name}{town}", "before": before}
    return {
        What.ADDED: _("Added: %(code)s %(name)s"),
        What.RENAMED: _("Renamed: %(code)s %(before)s → %(name)s"),
        What.RETURNED: _("Back in the register: %(code)s %(name)s"),
        What.MOVED: _(
            "New code: %(name)s, %(before)s → %(code)s. "
            "Households and posts stay with the old code until the office moves them."
        ),
        What.VANISHED: _("No longer in the register: %(code)s %(name)s. It is kept with its history."),
    }[what] % words
