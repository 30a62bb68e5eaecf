"""Derive all credit again from the facts and name every difference; changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.models import Duty
from casework.recredit import differences, villages_of

SHOWN = 20


class Command(BaseCommand):
    """Exit with an error when the stored credit of any duty is not what the facts say."""

    help = "Re-derive the credit of all duties from posts, pairings and visits; exit non-zero on any difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The part of the district to verify."""
        parser.add_argument("--place", default="", help="only duties in this district, town or village (code)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go village by village, so that memory stays flat."""
        duties = Duty.objects.within(options["place"])
        found = 0
        for village_id in villages_of(duties):
            for difference in differences(duties.filter(village=village_id)):
                found += 1
                if found <= SHOWN:
                    self.stderr.write(f"duty {difference.duty_id}: {difference.stored} should be {difference.derived}")
        total = duties.count()
        if found:
            raise CommandError(f"{found} of {total} duties differ from the facts.")
        self.stdout.write(self.style.SUCCESS(f"{total} duties verified, no difference."))
