"""What those who keep the system running watch, in Prometheus' text: read from rows whenever somebody asks.

Nothing is counted in the processes, of which there are several: each answer is the same whoever gives it. No figure is
about a person; the labels are channels and kinds of work.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from casework import heartbeat
from casework.models import Delivery, DeliveryState, Reminder, Round
from casework.models.rounds import RoundState
from households.models import Export, RegisterImport

Waiting = tuple[str, int, datetime | None]


def told(now: datetime) -> bytes:
    """All figures at this moment. A handful of statements, each by an index."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield from _sweep(self.now)
        yield from _queue(self.now)
        yield from _channels(self.now)


def _sweep(now: datetime) -> Iterator[Metric]:
    swept_at = heartbeat.last_beat(heartbeat.SWEEP)
    lag = GaugeMetricFamily("casework_sweep_lag_seconds", "Since the last sweep began; NaN: there was none.")
    lag.add_metric([], (now - swept_at).total_seconds() if swept_at else float("nan"))
    yield lag


def _queue(now: datetime) -> Iterator[Metric]:
    """How much waits of each kind of work, and for how long."""
    number = GaugeMetricFamily("casework_waiting", "Rows still to be worked on.", labels=["work"])
    age = GaugeMetricFamily("casework_oldest_waiting_seconds", "Age of the oldest of them; 0: none.", labels=["work"])
    for work, count, since in _work(now):
        number.add_metric([work], count)
        age.add_metric([work], (now - since).total_seconds() if since else 0)
    yield from (number, age)


def _work(now: datetime) -> Iterator[Waiting]:
    due = Delivery.objects.waiting().filter(next_try_at__lte=now)
    yield _waiting("reminders", Reminder.objects.waiting(), "prepared_at")
    yield _waiting("deliveries", due, "next_try_at")
    yield ("openings", Round.objects.filter(state=RoundState.OPENING).count(), None)
    yield _waiting("exports", Export.objects.unfinished(), "asked_at")
    yield _waiting("imports", RegisterImport.objects.at_work(), "made_at")


def _waiting(work: str, rows: QuerySet[Any], moment: str) -> Waiting:
    found = rows.order_by().aggregate(number=Count("pk"), since=Min(moment))
    return work, found["number"], found["since"]


def _channels(now: datetime) -> Iterator[Metric]:
    """By channel: what waits, and what was sent, failed or may have gone out twice since midnight."""
    waiting = GaugeMetricFamily("casework_deliveries_waiting", "Waiting, also for a later try.", labels=["channel"])
    age = GaugeMetricFamily("casework_deliveries_oldest_seconds", "Since the oldest was due.", labels=["channel"])
    rows = Delivery.objects.waiting().order_by().values_list("channel__kind")
    for kind, number, since in rows.annotate(Count("pk"), Min("next_try_at")):
        waiting.add_metric([kind], number)
        age.add_metric([kind], max((now - since).total_seconds(), 0))
    yield from (waiting, age, *_ended(now))


def _ended(now: datetime) -> Iterator[Metric]:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    # In two parts, each of which has its index.
    open_or_lost = Q(state__in=(DeliveryState.WAITING, DeliveryState.FAILED), attempted_at__gte=midnight)
    today = Delivery.objects.filter(Q(sent_at__gte=midnight) | open_or_lost)
    rows = today.order_by().values_list("channel__kind")
    counts = list(
        rows.annotate(
            sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
            failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
            in_doubt=Count("pk", filter=Q(in_doubt=True)),
        )
    )
    counts.append(("inbox", Reminder.objects.filter(delivered_at__gte=midnight).count(), 0, 0))
    since = "since midnight in Shanghai; begins anew each day."
    for place, (name, what) in enumerate(
        (("sent", "Handed over"), ("failed", "Given up"), ("in_doubt", "May have gone out twice")), start=1
    ):
        metric = CounterMetricFamily(f"casework_deliveries_{name}", f"{what} {since}", labels=["channel"])
        for row in counts:
            metric.add_metric([row[0]], row[place])
        yield metric
