"""Derive all credit again: manage.py verify_credit over the whole district."""

import time

from django.conf import settings

from bench.district import manage
from bench.measures.run import Run
from bench.table import Figure
from casework.models import Duty


def measure(run: Run) -> list[Figure]:
    """Once, as a command of its own; a difference ends the whole run."""
    count = Duty.objects.count()
    began = time.monotonic()
    manage("verify_credit", url=settings.DATABASE_URL)
    seconds = time.monotonic() - began
    return [Figure(name="Verify all credit", note=f"{count:,} duties", unit="s", ours=seconds, bound=60)]
