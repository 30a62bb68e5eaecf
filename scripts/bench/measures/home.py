"""The home page of a cadre with 480 duties, against an empty page in the same frame."""

from collections import Counter
from datetime import date
from statistics import median

from bench.clients import Ask, ask
from bench.measures.run import Run, p95, sent, signed_in
from bench.table import Figure
from casework.models import Duty, Round
from villages.models import Cadre, Post, Posting

DUTIES = 480
ROUNDS = 5
SLICE = 60


def measure(run: Run) -> list[Figure]:
    """Sixty requests of each page by turns."""
    chief = _chief(run.day)
    duties = Duty.objects.owed_by(chief, run.day).pending(run.day).count()
    cookie = signed_in([chief])[chief.pk].cookie
    pages = {run.ours: Ask("/", cookie), run.reference: Ask("/reference/page/", cookie)}
    times: dict[int, list[float]] = {server.port: [] for server in pages}
    for server, page in pages.items():
        ask(server.port, [page] * 10, clients=1)
    for _round in range(ROUNDS):
        for server, page in pages.items():
            times[server.port].append(1000 * p95(ask(server.port, [page] * SLICE, clients=1).times))
    return [
        Figure(
            name="Home page, p95",
            note=f"{duties} duties",
            unit="ms",
            ours=median(times[run.ours.port]),
            reference=median(times[run.reference.port]),
            bound=3,
        ),
        Figure(name="Home page, statements", unit="", ours=sent(pages[run.ours]).statements, bound=12),
    ]


def _chief(day: date) -> Cadre:
    """The chief of the village whose size is nearest to 480 households, before anybody has made a visit."""
    running = Duty.objects.filter(
        round__in=Round.objects.running(day), seat=Post.VILLAGE_CHIEF, household__isnull=False
    )
    sizes = Counter(running.values_list("village_id", flat=True))
    postings = Posting.objects.in_force(day).filter(post=Post.VILLAGE_CHIEF).select_related("cadre").order_by("pk")
    posting = min(postings, key=lambda posting: abs(sizes[posting.village_id or ""] - DUTIES))
    unseen = {"credited_visit": None, "credited_on": None, "in_person_on": None, "excused_on": None}
    running.filter(village=posting.village_id).update(**unseen)
    return posting.cadre
