"""Ring the worker: a hint to look at once. The row is the truth, a lost bell is made up by the sweep."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu import Connection
from kombu.exceptions import OperationalError

from villages import tracing

logger = logging.getLogger(__name__)

# Nobody waits a second for the bell, whatever has become of the broker: left to itself kombu tries for
# six seconds when nothing answers, and for as long again when the broker accepts and then hangs.
BRIEFLY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "connect_retries_timeout": 0.3,
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.3,
}
UNHEARD = (OSError, OperationalError)


def ring_after_commit(task: str, *args: Any) -> None:
    """Queue the task once the present transaction is committed; a broker that is away is only logged."""
    transaction.on_commit(lambda: ring(task, *args))


def ring(task: str, *args: Any, expires: float | None = None) -> bool:
    """Queue the task by its name now. False when no broker took it within a second.

    A bell that nobody heard for `expires` seconds is forgotten.
    """
    connection = brief_connection()
    try:
        with connection:
            current_app.send_task(
                task, args=args, connection=connection, retry=False, expires=expires, headers=tracing.for_the_bell()
            )
    except (*UNHEARD, *connection.recoverable_connection_errors) as error:
        logger.warning("The bell for %s was not heard (%s); the next sweep will see the row.", task, error)
        return False
    return True


def is_heard() -> bool:
    """Whether a broker answers within a second."""
    connection = brief_connection()
    try:
        with connection:
            connection.default_channel  # noqa: B018, asking for it is what connects
    except (*UNHEARD, *connection.recoverable_connection_errors):
        return False
    return True


def brief_connection() -> Connection:
    """A connection of its own to the broker, which gives up early."""
    return current_app.connection_for_write(transport_options=BRIEFLY)
