"""Seal all personal numbers with the key in use, so that older keys can be taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from households.rotation import Rotated, rotate


class Command(BaseCommand):
    """Safe to stop and to repeat; see the README's section on running."""

    help = "Seal and index all personal numbers with the first keys of PERSONAL_DATA_KEYS and PERSONAL_DATA_INDEX_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell how far it is, and fail when a number cannot be read."""
        done = rotate(told=self._told)
        if done.unreadable:
            raise CommandError(
                f"{done.unreadable} numbers cannot be read with any configured key. "
                "Add the key they were sealed with to PERSONAL_DATA_KEYS, and run this again."
            )
        self.stdout.write(self.style.SUCCESS(f"{done.changed} of {done.seen} rows sealed or indexed anew."))

    def _told(self, label: str, done: Rotated) -> None:
        self.stdout.write(f"{label}: {done.seen} rows seen, {done.changed} changed")
