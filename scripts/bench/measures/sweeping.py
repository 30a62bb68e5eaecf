"""The reminder sweep when everybody has something due, against the bare SQL that finds it."""

import time
from datetime import datetime, timedelta
from datetime import time as clock
from statistics import median

from django.utils import timezone

from bench.measures.run import Run, bare
from bench.table import Figure
from casework.heartbeat import PREPARED
from casework.models import Heartbeat, Reminder, RemindingPolicy, Round, RoundTemplate
from casework.reminders import AGAIN_AFTER, deliver, prepare
from casework.rounds import continue_opening, open_round
from villages.models import SpecialDay

TIMES = 3
BUSIEST = "What everybody is told of"

# Every duty that presses, by the cadre who holds its seat today, with the day the family was last seen.
DUE = """
    WITH pressing AS (
        SELECT duty.seat, duty.village_id, duty.household_id, round.due_on
        FROM casework_duty AS duty JOIN casework_round AS round ON round.id = duty.round_id
        WHERE round.state = 'open' AND round.starts_on <= %(on)s
          AND round.due_on - %(on)s <= round.remind_days_before
          AND (duty.credited_on IS NULL OR duty.credited_on > %(on)s)
          AND (duty.excused_on IS NULL OR duty.excused_on > %(on)s)
          AND (duty.left_on IS NULL OR duty.left_on > %(on)s)
    ), owed AS (
        SELECT posting.cadre_id, pressing.*
        FROM pressing CROSS JOIN (VALUES (6), (9), (12)) AS level (digits)
        JOIN villages_posting AS posting
          ON posting.place_code = left(pressing.village_id, level.digits)
          AND position(posting.post IN pressing.seat) > 0
        WHERE posting.starts_on <= %(on)s AND (posting.ends_on IS NULL OR posting.ends_on >= %(on)s)
        UNION ALL
        SELECT pairing.cadre_id, pressing.*
        FROM pressing JOIN households_helperpairing AS pairing ON pairing.household_id = pressing.household_id
        WHERE position('helper' IN pressing.seat) > 0
          AND pairing.starts_on <= %(on)s AND (pairing.ends_on IS NULL OR pairing.ends_on >= %(on)s)
    ), seen AS (
        SELECT household_id, max(visited_on) AS last_on FROM casework_visit
        WHERE superseded_by_id IS NULL AND NOT is_withdrawn AND visited_on <= %(on)s GROUP BY household_id
    )
    SELECT cadre_id, jsonb_agg(jsonb_build_array(seat, village_id, owed.household_id, due_on, last_on))
    FROM owed LEFT JOIN seen USING (household_id) GROUP BY cadre_id
"""


def measure(run: Run) -> list[Figure]:
    """By turns; the digests of each time are taken away before the next."""
    press(run)
    now = at_ten(run)
    ours, reference, delivered = [], [], 0
    for _number in range(TIMES):
        delivered, seconds = sweep_all(run, now)
        ours.append(seconds)
        if prepare(on=run.day, now=now + AGAIN_AFTER) or deliver(now=now + AGAIN_AFTER):
            raise SystemExit("A second sweep told somebody something again.")
        with bare() as cursor:
            began = time.monotonic()
            cursor.execute(DUE, {"on": run.day})
            cursor.fetchall()
            reference.append(time.monotonic() - began)
    return [
        Figure(
            name="Sweep the reminders",
            note=f"{delivered:,} digests",
            unit="s",
            ours=median(ours),
            reference=median(reference),
            bound=3,
        )
    ]


def at_ten(run: Run) -> datetime:
    """A moment of the day at which people may be told."""
    return timezone.make_aware(datetime.combine(run.day, clock(10)))


def sweep_all(run: Run, now: datetime) -> tuple[int, float]:
    """How many digests were prepared and delivered, as if nobody had been told anything today, and in what time."""
    forget_reminders()
    began = time.monotonic()
    prepare(on=run.day, now=now)
    return deliver(now=now), time.monotonic() - began


def forget_reminders() -> None:
    """As if nobody had been told anything today."""
    Reminder.objects.all().delete()
    Heartbeat.objects.filter(name=PREPARED).delete()


def press(run: Run) -> None:
    """Let today be a working day on which every running round presses, and give every helper something to do."""
    press_running(run)
    if not Round.objects.filter(name=BUSIEST).exists():
        rule = RoundTemplate.objects.get(key="helper").rule_fields() | {"name": BUSIEST}
        due_on = run.day + timedelta(days=5)
        round = Round(**rule, district=run.district, starts_on=run.day, due_on=due_on)
        continue_opening(open_round(round, actor=run.supervisor, on=run.day).pk)
        press_running(run)


def press_running(run: Run) -> None:
    """Let today be a working day on which the rounds that run already press, whatever the district."""
    SpecialDay.objects.update_or_create(day=run.day, defaults={"is_workday": True})
    RemindingPolicy.objects.update(weekdays=list(range(7)))
    Round.objects.running(run.day).update(remind_days_before=400)
