"""The Celery application: late acknowledgement, no results, and the schedule of sweeps."""

import os
from typing import Any

from celery import Celery, Task

from villages.tracing import KEY, belonging_to

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Traced(Task):
    """A task whose lines in the log carry its id, and that of the request which rang for it."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run it within its ids."""
        ids = {"task_id": self.request.id, "task": self.name, KEY: self.request.get(KEY)}
        with belonging_to(**ids):
            return super().__call__(*args, **options)


app = Celery("casework", task_cls=Traced)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
