"""Open the round with the most duties, against one bare INSERT ... SELECT of as many rows."""

import time
from datetime import date
from statistics import median

from bench.measures.run import Run, bare
from bench.table import Figure
from casework.models import Duty, Round, RoundTemplate
from casework.rounds import continue_opening, open_round

TIMES = 3

FOREIGN_KEYS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = 'casework_duty'::regclass AND contype = 'f'
"""
INSERT = """
    INSERT INTO bench_duty (round_id, seat, village_id, household_id, excuse, closing_state)
    SELECT %(round)s, seat, village_id, household.id, '', ''
    FROM households_household AS household CROSS JOIN unnest(%(seats)s) AS seat
    WHERE registered_on <= %(day)s AND (left_on IS NULL OR left_on > %(day)s)
"""


def measure(run: Run) -> list[Figure]:
    """By turns, each time the round of a later year, which nobody has visited yet."""
    template = RoundTemplate.objects.get(key="village_posts")
    ours, reference, duties = [], [], 0
    for number in range(1, TIMES + 1):
        year = run.day.year + number
        round = Round(**template.rule_fields(), district=run.district)
        round.starts_on, round.due_on = date(year, 1, 1), date(year, 12, 31)
        began = time.monotonic()
        open_round(round, actor=run.supervisor, on=run.day)
        continue_opening(round.pk)
        ours.append(time.monotonic() - began)
        duties = Duty.objects.in_round(round).count()
        reference.append(_bare_insert(round, run.day, duties))
    return [
        Figure(
            name="Open the three posts' round",
            note=f"{duties:,} duties",
            unit="s",
            ours=median(ours),
            reference=median(reference),
            bound=3,
        )
    ]


def _bare_insert(round: Round, day: date, duties: int) -> float:
    """Seconds for as many rows into an empty table with the same columns, indexes and foreign keys."""
    with bare() as cursor:
        cursor.execute(FOREIGN_KEYS)
        foreign_keys = cursor.fetchall()
        cursor.execute("DROP TABLE IF EXISTS bench_duty")
        cursor.execute("CREATE TABLE bench_duty (LIKE casework_duty INCLUDING ALL)")
        for name, definition in foreign_keys:
            cursor.execute(f'ALTER TABLE bench_duty ADD CONSTRAINT "{name}" {definition}')
        began = time.monotonic()
        cursor.execute(INSERT, {"round": round.pk, "seats": round.seats(), "day": day})
        seconds = time.monotonic() - began
        inserted = cursor.rowcount
        cursor.execute("DROP TABLE bench_duty")
    if inserted != duties:
        raise SystemExit(f"The bare insert made {inserted:,} rows, opening {duties:,}: they cannot be compared.")
    return seconds
