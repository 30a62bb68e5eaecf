"""Reminders for 7,000 people while everything is killed and the clock is set: nobody is left out or told twice."""

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

from celery import Celery

from faults.clock import SHANGHAI
from faults.reminding import FIRST_DAY, PATIENCE, PEOPLE, Run, started

MAIL_LATER = 600
SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (FIRST_DAY + timedelta(days=n) for n in range(-1, 5))
SWAPPED, REST, HOLIDAY, LAST = (FIRST_DAY + timedelta(days=n) for n in range(5, 9))
LATEST = timedelta(minutes=5)
CLAIMS_RUN_OUT = {"minutes": 4, "seconds": 5}  # casework.models.deliveries.CLAIM_LASTS, and a little
# At which share of messages what is done.
BLOWS = (
    (0.08, "workers"),
    (0.25, "flush"),
    (0.4, "workers"),
    (0.55, "redis"),
    (0.7, "database"),
    (0.9, "workers"),
)


def reminders(folder: Path) -> bool:
    """All of it; whether every check holds."""
    began = time.monotonic()
    with ExitStack() as stack:
        run = started(folder, stack)
        for part in (_border, _blows, _one_beat_fails, _clock_ahead_and_back, _hour_of_silence, _days_of_rest):
            part(run)
            print(f"{time.monotonic() - began:4.0f} s  {(part.__doc__ or '').splitlines()[0]}", flush=True)
        _judge(run, folder)
    return _told(run, time.monotonic() - began)


# The parts --------------------------------------------------------------------------------------


def _border(run: Run) -> None:
    """23:59 to 00:01 with both workers killed in between; the day of rest before brought nothing"""
    run.sweeps(3)
    run.checks["a Sunday tells nobody"] = run.outbox.inbox(SUNDAY) == (0, 0, 0)
    run.at(MONDAY, 23, 59, 56)
    run.until(lambda: sum(run.outbox.inbox(MONDAY)) > 0, "Monday's digests are prepared")
    run.kill_workers()
    midnight = datetime(2027, 3, 2, tzinfo=SHANGHAI)
    run.until(lambda: run.clock.now() > midnight, "midnight")
    run.told(TUESDAY, run.clock.now(), "after midnight")
    run.checks["23:59 to 00:01: Monday's digests were delivered or gave way, none hangs"] = (
        run.outbox.inbox(MONDAY).waiting == 0
    )


def _blows(run: Run) -> None:
    """Two sweeps at once, three times kill -9 of both workers mid-send, FLUSHALL, Redis and PostgreSQL killed"""
    run.outbox.ask("UPDATE casework_channel SET is_active = true")
    since = run.at(WEDNESDAY, 9)
    app = Celery(broker=run.redis.url)
    for _bell in range(2):
        app.send_task("casework.tasks.sweep")
    app.close()
    began, blows = time.monotonic(), list(BLOWS)
    do = {
        "workers": run.kill_workers,
        "flush": run.redis.flush,
        "redis": run.redis.restart,
        "database": run.kill_database,
    }
    while blows:
        share, name = blows[0]
        run.until(lambda share=share: run.sent() >= share * PEOPLE, f"{share:.0%} sent")  # type: ignore[misc]
        do[name]()
        run.done.append(name)
        since = run.clock.now()
        blows.pop(0)
    _finish(run, WEDNESDAY, since, "after the last blow")
    run.figures.append(f"{run.sent():,} messages to {PEOPLE:,} people in {time.monotonic() - began:.0f} s of blows")


def _finish(run: Run, day: date, since: datetime, name: str) -> None:
    """Wait for the last message; what the dead had claimed is free after four minutes, which the clock leaps over."""
    last, stalled_since, leapt = run.sent(), time.monotonic(), False
    give_up_at = time.monotonic() + PATIENCE
    while run.outbox.inbox(day).delivered < PEOPLE or run.outbox.waiting(day):
        if time.monotonic() > give_up_at:
            raise SystemExit(f"Waited in vain: messages of {day}")
        if run.sent() != last:
            last, stalled_since = run.sent(), time.monotonic()
        if not leapt and time.monotonic() - stalled_since > 4:
            run.clock.forward(**CLAIMS_RUN_OUT)
            leapt = True
        time.sleep(0.2)
    run.late[name] = run.clock.now() - since


def _one_beat_fails(run: Run) -> None:
    """Kill -9 of the scheduler that rings"""
    active = next(each for each in run.beats if each.process.pid == run.outbox.active_beat())
    time.sleep(3)  # what it has rung is swept
    active.kill()
    began, before = time.monotonic(), run.outbox.active_beat()
    run.until(lambda: run.outbox.active_beat() not in (0, before), "another scheduler")
    run.sweeps(1)
    seconds = time.monotonic() - began
    active.start()
    run.checks["kill -9 of the active scheduler: the other rings within a minute"] = seconds <= 60
    run.figures.append(f"another scheduler rang {seconds:.0f} s after kill -9 of the first")


def _clock_ahead_and_back(run: Run) -> None:
    """Two days forward in the middle of sending, and back"""
    run.outbox.ask("UPDATE casework_channel SET is_active = false WHERE kind <> 'mail'")
    run.outbox.ask(
        "UPDATE villages_cadre SET email = '' WHERE id NOT IN"
        " (SELECT id FROM villages_cadre WHERE email <> '' ORDER BY id LIMIT %s)",
        MAIL_LATER,
    )
    before = run.sent()
    since = run.at(FRIDAY, 12)
    run.told(FRIDAY, since, "clock set forward")
    run.until(lambda: run.sent() > before + MAIL_LATER / 4, "a quarter of the mails")
    run.kill_workers()
    run.at(WEDNESDAY, 12, 10)
    run.sweeps()


def _hour_of_silence(run: Run) -> None:
    """The mail server away for an hour"""
    run.mail.down()
    since = run.at(THURSDAY, 9)
    run.told(THURSDAY, since, "on Thursday")
    for _part in range(3):
        run.sweeps()
        run.clock.forward(minutes=20)
    run.checks["an hour without the mail server: nothing is given up, all of it waits"] = (
        run.outbox.waiting(THURSDAY) == MAIL_LATER
    )
    run.mail.up()
    back = run.clock.now()
    run.clock.forward(seconds=55)  # a silent provider is looked at again after 50 seconds
    run.until(lambda: run.outbox.waiting(THURSDAY) == 0, "Thursday's mails")
    run.late["mail server back"] = run.clock.now() - back


def _days_of_rest(run: Run) -> None:
    """The days the clock had seen, a worked Saturday, a Sunday, a holiday on a Monday, and a plain day"""
    run.at(FRIDAY, 9)
    run.sweeps()
    run.checks["Friday, told while the clock was ahead, is not told again"] = run.outbox.inbox(FRIDAY)[:2] == (
        PEOPLE,
        PEOPLE,
    )
    run.at(FRIDAY, 12, 5)
    run.until(lambda: run.outbox.waiting(FRIDAY) == 0, "Friday's mails")
    run.outbox.ask("UPDATE casework_channel SET is_active = false")
    run.outbox.ask(
        "INSERT INTO villages_specialday (day, is_workday, name) VALUES (%s, true, '调休'), (%s, false, '放假')",
        SWAPPED,
        HOLIDAY,
    )
    run.told(SWAPPED, run.at(SWAPPED, 9), "on a worked Saturday")
    for day in (REST, HOLIDAY):
        run.at(day, 9)
        run.sweeps()
    run.told(LAST, run.at(LAST, 9), "after the holiday")
    run.checks["a worked Saturday tells everybody, a Sunday and a holiday on a Monday nobody"] = run.outbox.inbox(
        SWAPPED
    ).people == PEOPLE and run.outbox.inbox(REST) == run.outbox.inbox(HOLIDAY) == (0, 0, 0)


# What came of it --------------------------------------------------------------------------------


def _judge(run: Run, folder: Path) -> None:
    days = (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SWAPPED, LAST)
    inboxes = [run.outbox.inbox(day) for day in days]
    missing = sum(PEOPLE - each.people for each in inboxes)
    doubled = sum(each.delivered - each.people for each in inboxes)
    accepted = Counter(run.mail.keys() + run.robots.keys())
    wanted = set().union(*(run.outbox.keys(day) for day in days))
    doubtful = set().union(*(run.outbox.keys(day, in_doubt=True) for day in days))
    twice = {key for key, times in accepted.items() if times > 1}
    logs = "".join(each.log.read_text(encoding="utf-8", errors="replace") for each in run.workers)
    # Each blow can leave one message in the hands of each worker.
    bound = len(run.workers) * (run.done.count("workers") + run.done.count("database") + 1)
    latest = max(run.late.values())
    run.figures += [
        f"{sum(each.delivered for each in inboxes):,} digests in the inboxes on {len(days)} days, {missing} missing, "
        f"{doubled} doubled",
        f"{len(wanted):,} to be sent outside, {len(wanted - set(accepted))} never accepted, {len(twice)} accepted "
        f"twice, {len(doubtful)} in doubt (at most {bound})",
        "late after recovery: " + ", ".join(f"{name} {late.total_seconds():.0f} s" for name, late in run.late.items()),
    ]
    run.checks |= {
        "in the inboxes 0 missing, 0 doubled": (missing, doubled) == (0, 0),
        "every message outside was accepted at least once": wanted <= set(accepted) and accepted.keys() <= wanted,
        "accepted twice is only what is marked as in doubt": twice <= doubtful,
        f"at most {bound} in doubt, each named in the log": len(doubtful) <= bound
        and (not doubtful or "May go out twice" in logs),
        "a repeated message carries the key of the first": "" not in accepted,
        f"at most {LATEST.seconds // 60} minutes late after recovery": latest <= LATEST,
        "both workers were killed three times mid-send, Redis flushed and killed, PostgreSQL killed": sorted(run.done)
        == ["database", "flush", "redis", *["workers"] * 3],
    }


def _told(run: Run, seconds: float) -> bool:
    print(f"\nReminders for {PEOPLE:,} people in {seconds:.0f} s")
    for figure in run.figures:
        print(f"        {figure}")
    for name, holds in run.checks.items():
        print(f"{'ok    ' if holds else 'FAILED'}  {name}")
    return all(run.checks.values())


def reminders_in_a_folder() -> bool:
    """The run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="casework-faults-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        return reminders(Path(folder))
