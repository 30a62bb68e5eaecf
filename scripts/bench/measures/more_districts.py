"""More districts in the same database: copies of the one there is, under other codes, made by the database itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bench.measures.run import bare

FIRST_CODE = 810_000  # no province's code begins so
AT_ONCE = 2  # copied side by side, one by each of two cores
SHIFT = 10_000_000  # a copied row's id is the original's and so many for each copy
RUNNING = "(SELECT id FROM casework_round WHERE district_id = %(old)s AND state = 'open')"
VILLAGE = "%(new)s || substr({}, 7)"

# What each table's copy says elsewhere, and which rows are copied. All other columns are copied as they are.
# Districts differ in nothing but their codes, and have only the rounds that run: a page about one asks for no other.
PLACES: list[tuple[str, dict[str, str], str]] = [
    ("villages_district", {"code": "%(new)s", "name": "name || ' ' || %(new)s"}, "code = %(old)s"),
    ("villages_town", {"code": VILLAGE.format("code"), "district_id": "%(new)s"}, "district_id = %(old)s"),
    (
        "villages_village",
        {"code": VILLAGE.format("code"), "town_id": VILLAGE.format("town_id")},
        "left(code, 6) = %(old)s",
    ),
    (
        "casework_round",
        {
            "id": "id + %(shift)s",
            "district_id": "%(new)s",
            "town_id": VILLAGE.format("town_id"),
            "previous_id": "NULL",
            "request_key": "NULL",
        },
        "district_id = %(old)s AND state = 'open'",
    ),
]
PEOPLE: list[tuple[str, dict[str, str], str]] = [
    ("villages_partnerunit", {"id": "id + %(shift)s", "name": "name || ' ' || %(new)s"}, "id < %(first)s"),
    (
        "villages_cadre",
        {"id": "id + %(shift)s", "username": "username || '-' || %(new)s", "unit_id": "unit_id + %(shift)s"},
        "id < %(first)s",
    ),
    (
        "villages_posting",
        {
            "id": "id + %(shift)s",
            "cadre_id": "cadre_id + %(shift)s",
            "unit_id": "unit_id + %(shift)s",
            "district_id": "CASE WHEN district_id IS NOT NULL THEN %(new)s END",
            "town_id": VILLAGE.format("town_id"),
            "village_id": VILLAGE.format("village_id"),
        },
        "id < %(first)s",
    ),
    (
        "villages_pairing",
        {"id": "id + %(shift)s", "unit_id": "unit_id + %(shift)s", "village_id": VILLAGE.format("village_id")},
        "id < %(first)s",
    ),
    ("casework_seat", {"id": "id + %(shift)s", "village_id": VILLAGE.format("village_id")}, "id < %(first)s"),
    (
        "households_household",
        {
            "id": "id + %(shift)s",
            "number": VILLAGE.format("number"),
            "village_id": VILLAGE.format("village_id"),
            "group_id": "NULL",
        },
        "id < %(first)s",
    ),
    (
        "households_helperpairing",
        {"id": "id + %(shift)s", "cadre_id": "cadre_id + %(shift)s", "household_id": "household_id + %(shift)s"},
        "id < %(first)s",
    ),
]
DUTIES: tuple[str, dict[str, str], str] = (
    "casework_duty",
    {
        "id": "id + %(shift)s",
        "round_id": "round_id + %(shift)s",
        "household_id": "household_id + %(shift)s",
        "village_id": VILLAGE.format("village_id"),
    },
    f"round_id IN {RUNNING}",
)


class Districts:
    """How many districts the database holds, and how many of them with all their people and duties.

    Copies are made for so many seconds in all, and until the database is so large.
    """

    def __init__(self, district: str, *, seconds: float, gigabytes: float) -> None:
        self.district, self.seconds, self.gigabytes = district, seconds, gigabytes
        self.whole = self.all = 1

    def grow(self, wanted: int) -> None:
        """Whole copies until there are so many, or no time or disk is left; then look at the tables."""
        with bare() as cursor, ThreadPoolExecutor(AT_ONCE) as copiers:
            while self.whole < wanted and self.seconds > 0 and _gigabytes(cursor) < self.gigabytes:
                began = time.monotonic()
                numbers = range(self.all, self.all + min(AT_ONCE, wanted - self.whole))
                list(copiers.map(partial(self._copy, [*PLACES, *PEOPLE, DUTIES]), numbers))
                self.all, self.whole = self.all + len(numbers), self.whole + len(numbers)
                self.seconds -= time.monotonic() - began
                print(f"{self.whole} districts, {_gigabytes(cursor):.1f} GB", flush=True)
            cursor.execute("VACUUM (ANALYZE)")

    def grow_places(self, wanted: int) -> None:
        """Copies without people and duties, for what is shown of many districts."""
        while self.all < wanted:
            self._copy(PLACES, self.all)
            self.all += 1

    def _copy(self, tables: list[tuple[str, dict[str, str], str]], number: int) -> None:
        values = {
            "old": self.district,
            "new": str(FIRST_CODE + number),
            "shift": SHIFT * number,
            "first": SHIFT,
        }
        with bare() as cursor:
            # The rows are copies of good ones: checking foreign keys would only take time.
            cursor.execute("SET session_replication_role = replica")
            for table, changed, chosen in tables:
                columns = _columns(cursor, table)
                read = ", ".join(changed.get(column, column) for column in columns)
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(columns)}) SELECT {read} FROM {table} WHERE {chosen}", values
                )


def _columns(cursor: Any, table: str) -> list[str]:
    """The columns that are stored and not generated."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    return [name for (name,) in cursor.fetchall()]


def _gigabytes(cursor: Any) -> float:
    cursor.execute("SELECT pg_database_size(current_database())")
    return float(cursor.fetchone()[0]) / 1e9
