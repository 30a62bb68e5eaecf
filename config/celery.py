"""The Celery application: late acknowledgement, no results, and the schedule of sweeps."""

import os
from typing import Any

from celery import Celery, Task

from villages.tracing import KEY, begin_job, end_job

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Traced(Task):
    """A task whose lines in the log carry its id, and that of the request which rang for it.

    Celery calls both around the task and its own lines about how that went.
    """

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """From here on."""
        rung_by = self.request.get(KEY) or (self.request.headers or {}).get(KEY)
        begin_job(task_id=task_id, task=self.name, **{KEY: rung_by or ""})

    def after_return(self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Until here."""
        end_job()


app = Celery("casework", task_cls=Traced)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
