"""Celery's doors: the sweep of each minute, and the bells for a round being opened and a bulletin to be counted."""

from contextlib import ExitStack

from celery import shared_task
from django.utils import timezone

from casework import (
    bulletin_calendar,
    bulletins,
    channel_tests,
    effects,
    escalation,
    flags,
    heartbeat,
    kept,
    problems,
    province,
    rechecks,
    reminders,
    rounds,
    sending,
)
from households import exports, imports, pinyin
from villages.calendar import day_of


@shared_task
def sweep() -> None:
    """Look at everything that rows say is still to do. A failing step is an error, but stops no other."""
    now = timezone.now()
    heartbeat.beat(heartbeat.SWEEP, now=now)
    with ExitStack() as steps:  # called from the last to the first
        steps.callback(kept.forget_figures, now=now)
        steps.callback(province.count_running_rounds, now=now)
        steps.callback(bulletins.count_waiting, now=now)
        steps.callback(bulletin_calendar.draft_due, now=now)
        steps.callback(effects.count_effects, on=day_of(now), now=now)
        steps.callback(channel_tests.answer_tests, now=now)
        steps.callback(rechecks.draw_samples, now=now)
        steps.callback(flags.raise_flags, now=now)
        steps.callback(sending.send_deliveries, now=now)
        steps.callback(reminders.deliver, now=now)
        steps.callback(reminders.prepare, on=day_of(now), now=now)
        steps.callback(problems.escalate_overdue, now=now)
        steps.callback(escalation.climb, now=now)
        steps.callback(rounds.resume_openings)
        steps.callback(pinyin.fill_in)
        steps.callback(rounds.open_next_periods, on=day_of(now))
        steps.callback(exports.forget_refused_rows, now=now)
        steps.callback(exports.expire_exports, now=now)
        steps.callback(exports.ring_unfinished, now=now)
        steps.callback(imports.ring_unfinished, now=now)


@shared_task
def continue_opening(round_id: int) -> None:
    """Make the duties of a round that is being opened."""
    rounds.continue_opening(round_id)


@shared_task
def answer_channel_tests() -> None:
    """Send the lines that the office asked for to see whether a channel works."""
    channel_tests.answer_tests(now=timezone.now())


@shared_task
def count_bulletin(bulletin_id: int) -> None:
    """Count the figures of a draft."""
    bulletins.count_bulletin(bulletin_id, now=timezone.now())
