"""Say that a backup was restored: every phone then offers again what it has delivered in the last days."""

from typing import Any

from django.core.management.base import BaseCommand

from casework.epochs import new_epoch


class Command(BaseCommand):
    """manage.py new_epoch, once after a restored backup and before the web server is started."""

    help = "Begin a new epoch after a backup was restored, so that phones send again what the backup has not seen."

    def handle(self, *args: Any, **options: Any) -> None:
        """Begin it."""
        self.stdout.write(f"New epoch: {new_epoch()}")
