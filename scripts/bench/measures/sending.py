"""Reminders on their way: everybody's digest into the inbox and through a mail server, and what idle sweeps cost."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from django.db import connection
from django.db.models import F, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from faults.providers import Mailbox, Outage

from bench.measures.run import Run, var_dir
from bench.measures.sweeping import forget_reminders, press
from bench.processes import worker
from bench.table import Figure
from casework import metrics, tasks
from casework.heartbeat import PREPARED
from casework.models import Channel, Delivery, Heartbeat, Problem, Reminder, Round
from casework.models.matters import Escalation
from villages.bell import ring
from villages.models import Cadre

SWEEP = "casework.tasks.sweep"
SECONDS = 400
BELLS_EVERY = 2.0  # so that a second process begins at once, not with the next minute
DAYS_BEFORE = 30
IDLE = 15

# As the days before would have left them: everybody's digest, read or not, and its mail.
HISTORY = """
    INSERT INTO casework_reminder (recipient_id, kind, for_day, prepared_at, delivered_at, lines)
    SELECT recipient_id, kind, for_day - day, prepared_at - day * interval '1 day',
           delivered_at - day * interval '1 day', '[]'
    FROM casework_reminder, generate_series(1, %(days)s) AS day;
    INSERT INTO casework_delivery
        (reminder_id, channel_id, state, tries, next_try_at, attempted_at, sent_at, in_doubt, answer)
    SELECT id, %(channel)s, 'sent', 1, delivered_at, delivered_at, delivered_at, false, ''
    FROM casework_reminder WHERE for_day < %(today)s;
    ANALYZE casework_reminder, casework_delivery
"""


def measure(run: Run) -> list[Figure]:
    """With one process and with two, then with nothing left to do."""
    press(run)
    Cadre.objects.update(email=Concat(Value("c"), Cast(F("pk"), CharField()), Value("@example.org")))
    Channel.objects.filter(kind="mail").update(is_active=True, is_default=True)
    mailbox = Outage(Mailbox)
    try:
        one, _held = _rate(mailbox, processes=1)
        two, held = _rate(mailbox, processes=2)
    finally:
        mailbox.down()
    _grow_old(run)
    return [
        Figure(
            name="Send everybody's digest, inbox and mail, 2 processes",
            note=f"{len(mailbox.accepted) // 2:,} digests",
            unit="/s",
            ours=two,
            bound=100,
            is_floor=True,
        ),
        Figure(name="… 2 processes against 1, on two cores", unit="/s", ours=two, reference=one),
        Figure(name="… memory of the larger worker", unit="MB", ours=held, bound=300),
        *_idle(run),
    ]


def _rate(mailbox: Outage, *, processes: int) -> tuple[float, float]:
    """Digests a second from the first bell to the last mail, and the memory of the larger process in MB."""
    forget_reminders()
    environment = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mailbox.port), "EMAIL_BACKEND": ""}
    before = len(mailbox.accepted)
    with worker(var_dir(), processes=processes, environment=environment) as background:
        time.sleep(5)  # the processes are up
        began = time.monotonic()
        next_bell = began
        while not _is_done():
            if time.monotonic() > began + SECONDS:
                raise SystemExit("The workers did not send everything.")
            if time.monotonic() >= next_bell:
                ring(SWEEP)
                next_bell += BELLS_EVERY
            time.sleep(0.2)
        seconds, held = time.monotonic() - began, background.megabytes()
    sent = len(mailbox.accepted) - before
    if sent != Delivery.objects.count() or sent != Reminder.objects.exclude(delivered_at=None).count():
        raise SystemExit(f"{sent} mails were accepted, which is not one for each digest.")
    return sent / seconds, held


def _is_done() -> bool:
    rows = Delivery.objects
    return rows.exists() and not rows.waiting().exists() and not Reminder.objects.waiting().exists()


def _grow_old(run: Run) -> None:
    """A month of earlier days, so that idle work is measured among rows that are of no use any more."""
    channel = Channel.objects.filter(kind="mail")[0].pk
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, {"days": DAYS_BEFORE, "channel": channel, "today": run.day})


def _idle(run: Run) -> list[Figure]:
    """The sweeps for which nothing is left, and the page of figures, each in milliseconds."""
    told = _milliseconds(tasks.sweep)
    looking = _milliseconds(tasks.sweep, before=_forget_that_it_looked)
    figures = _milliseconds(lambda: metrics.told(timezone.now()))
    _let_nothing_be_due(run)
    nothing = _milliseconds(tasks.sweep, before=_forget_that_it_looked)
    if Reminder.objects.filter(for_day=run.day).exists():
        raise SystemExit("Somebody was told of nothing.")
    rows = f"{Reminder.objects.count():,} reminders kept"
    return [
        Figure(name="Sweep with nothing due", note=rows, unit="ms", ours=nothing, bound=50),
        Figure(name="… when everybody has been told", unit="ms", ours=told, bound=50),
        Figure(name="… when it is looked again who is to be told, every ten minutes", unit="ms", ours=looking),
        Figure(name="The figures at /metrics", note=rows, unit="ms", ours=figures, bound=50),
    ]


def _let_nothing_be_due(run: Run) -> None:
    """A day on which no round presses, all being due far from now, and nothing is news any more.

    The district's last days hold news as any days do, such as problems handed out yesterday afternoon; yesterday's
    letters now tell all of it, as if they had come late, and what has climbed today did so yesterday.
    """
    Round.objects.running(run.day).update(remind_days_before=0, due_on=run.day + timedelta(days=200))
    Reminder.objects.filter(for_day=run.day).delete()
    yesterday = run.day - timedelta(days=1)
    Reminder.objects.filter(for_day=yesterday).update(delivered_at=timezone.now())
    Escalation.objects.filter(raised_on=run.day).update(raised_on=yesterday)
    Problem.objects.filter(escalated_on=run.day).update(escalated_on=yesterday)


def _forget_that_it_looked() -> None:
    Heartbeat.objects.filter(name=PREPARED).delete()


def _milliseconds(work: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> float:
    """The middle of so many; what is to be done before each is not counted."""
    times = []
    work()
    for _number in range(IDLE):
        before()
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return median(times) * 1000
