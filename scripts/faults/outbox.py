"""The truth about the reminders of the run, straight from PostgreSQL, whatever has just been killed."""

import time
from datetime import date
from typing import Any, NamedTuple

import psycopg2

# By key as a provider knows it: see Delivery.key.
KEY = "r.kind || '-' || r.recipient_id || '-' || to_char(r.for_day, 'YYYYMMDD')"


class Inbox(NamedTuple):
    """The digests of one day: delivered, to how many people, and not yet delivered or dropped."""

    delivered: int
    people: int
    waiting: int


class Outbox:
    """Questions to the database, asked again while it is away."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.link: Any = None

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows; of a statement that has none, an empty list."""
        give_up_at = time.monotonic() + 60
        while True:
            try:
                if not self.link:
                    self.link = psycopg2.connect(self.url)
                    self.link.autocommit = True
                with self.link.cursor() as cursor:
                    cursor.execute(sql, values)
                    return cursor.fetchall() if cursor.description else []
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self.link = None
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.2)

    def inbox(self, day: date) -> Inbox:
        """What that day brought."""
        (row,) = self.ask(
            "SELECT count(delivered_at), count(DISTINCT recipient_id) FILTER (WHERE delivered_at IS NOT NULL),"
            " count(*) FILTER (WHERE delivered_at IS NULL AND dropped_at IS NULL)"
            " FROM casework_reminder WHERE for_day = %s AND kind = 'digest'",
            day,
        )
        return Inbox(*row)

    def waiting(self, day: date) -> int:
        """Deliveries of that day still to be sent."""
        return int(self.ask(f"SELECT count(*) {self._of(day)} AND d.state = 'waiting'")[0][0])

    def keys(self, day: date, *, in_doubt: bool = False) -> set[str]:
        """The keys of that day's deliveries; only of those in doubt, if asked."""
        only = " AND d.in_doubt" if in_doubt else ""
        return {key for (key,) in self.ask(f"SELECT {KEY} {self._of(day)}{only}")}

    def heartbeat(self) -> Any:
        """When the last sweep began, as the workers' clock had it."""
        rows = self.ask("SELECT at FROM casework_heartbeat WHERE name = 'sweep'")
        return rows[0][0] if rows else None

    def active_beat(self) -> int:
        """The process that holds the lease."""
        ((holder,),) = self.ask("SELECT holder FROM casework_beatlease WHERE name = 'beat'")
        return int(holder.split()[1]) if holder else 0

    def _of(self, day: date) -> str:
        return (
            "FROM casework_delivery d JOIN casework_reminder r ON r.id = d.reminder_id"
            f" WHERE r.for_day = '{day.isoformat()}'"
        )
