"""Fill an empty database with a made-up district, or list its accounts."""

import unicodedata
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casework.demo.accounts import accounts
from casework.demo.build import NotEmpty, made_before, make_demo
from casework.demo.size import FULL, ORDINARY, DemoSize
from villages.calendar import today

SEED = 360704


class Command(BaseCommand):
    """manage.py demo [--accounts] [--seed N] [--on YYYY-MM-DD] [--full [--visits N]]"""

    help = "Fill an empty database with a made-up district: real places, invented people, months of visits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to make, as of which day."""
        parser.add_argument("--accounts", action="store_true", help="only list the demo accounts")
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes another district")
        parser.add_argument("--on", type=date.fromisoformat, help="the day the district stands at (default: today)")
        parser.add_argument("--full", action="store_true", help="full size: 130,000 households, 12 months")
        parser.add_argument("--visits", type=int, help="about how many visits (default: 9,000, at full size 500,000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """List the accounts, or make the district once."""
        on = options["on"] or today()
        if options["accounts"]:
            self._list_accounts(on)
            return
        if settings.PRODUCTION:
            raise CommandError(_("The demo uses a password everybody knows. It is refused when PRODUCTION is on."))
        try:
            is_new = make_demo(size=_size(options), seed=options["seed"], on=on, say=self.stdout.write)
        except NotEmpty:
            raise CommandError(
                _("This database holds households already. The demo is made only in an empty register.")
            ) from None
        if is_new:
            self.stdout.write(_("The demo district is ready. Its accounts: manage.py demo --accounts"))
        else:
            self.stdout.write(_("The demo district is there already; nothing was changed."))

    def _list_accounts(self, on: date) -> None:
        rows = accounts(on) if made_before() else []
        if not rows:
            self.stdout.write(_("There is no demo district in this database."))
            return
        header = (_("role"), _("account"), _("full name"), _("place"), _("password"))
        for line in aligned([header, *rows]):
            self.stdout.write(line)


def _size(options: dict[str, Any]) -> DemoSize:
    size = FULL if options["full"] else ORDINARY
    return replace(size, visits=options["visits"]) if options["visits"] else size


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines of equal columns; Chinese characters take the room of two."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
