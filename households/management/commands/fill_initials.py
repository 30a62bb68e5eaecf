"""Fill in the pinyin initials of every name that has none."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from households import pinyin


class Command(BaseCommand):
    """The worker does the same by and by; this does it at once. A second run changes nothing."""

    help = "Fill in the pinyin initials by which names are found; only where there are none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Batch by batch."""
        filled = pinyin.fill_in(most=sys.maxsize, told=lambda number: self.stdout.write(f"{number} ..."))
        self.stdout.write(self.style.SUCCESS(f"{filled} filled in."))
