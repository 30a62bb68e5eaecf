"""Celery's doors to the register: the bells for an import and for an export."""

import uuid

from celery import shared_task
from django.utils import timezone

from households import exports, imports


# A whole district takes a minute; a loaded machine may take many times as long.
@shared_task(time_limit=1800, soft_time_limit=1740)
def continue_import(job_id: int) -> None:
    """Read, write or undo a file that was brought in."""
    imports.continue_import(job_id, now=timezone.now())


@shared_task
def write_export(export_id: str) -> None:
    """Write a workbook that somebody asked for."""
    exports.write_export(uuid.UUID(export_id), now=timezone.now())
