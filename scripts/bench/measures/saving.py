"""Save a visit, against a view that only checks a form and inserts two rows: how many a second, how long, how dear."""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from django.test import override_settings

from bench.clients import Answers, Ask, ask
from bench.measures.run import Run, Sent, Visitor, p95, sent, signed_in
from bench.processes import Server
from bench.table import Figure
from casework.models import Contact, Outcome
from households.models import HelperPairing, Household
from villages.models import Cadre, Post, Posting

ROUNDS = 7
CLIENTS = (1, 16)
SECONDS = 3.0
# More than a slice can save, and enough trips for all of them.
MOST = 2000
TRIPS = 30_000
WARM_UP = 100
COUNTED = 20
NOTE = "查看了住房和饮水，一家人都在家，孩子在镇上读书，秋收已完，老人按时领药，没有别的困难。"
POSTS = (Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY)


class Trip(NamedTuple):
    """A cadre and a household within the cadre's reach."""

    cadre_id: int
    household_id: int


@dataclass(slots=True)
class Taken:
    """What the slices of one side showed."""

    answers: dict[int, list[Answers]] = field(default_factory=lambda: defaultdict(list))
    cpu: list[float] = field(default_factory=list)

    def per_second(self, clients: int) -> float:
        """Visits saved in a second."""
        return median(answers.per_second for answers in self.answers[clients])

    def p95(self, clients: int) -> float:
        """In milliseconds."""
        return 1000 * median(p95(answers.times) for answers in self.answers[clients])


@dataclass(slots=True)
class Side:
    """One of the two servers, the trips it has not saved yet, and what it has shown."""

    server: Server
    build: Callable[[Trip, Visitor, date], Ask]
    trips: list[Trip]
    visitors: dict[int, Visitor]
    day: date
    taken: Taken = field(default_factory=Taken)

    def next(self, count: int) -> list[Ask]:
        """Requests that save the next trips."""
        return [self.build(trip, self.visitors[trip.cadre_id], self.day) for trip in self.trips[:count]]

    def slice(self, clients: int) -> None:
        """Save visits for some seconds."""
        before = self.server.cpu_seconds()
        answers = ask(self.server.port, self.next(MOST), clients=clients, seconds=SECONDS)
        saved = len(answers.times)
        del self.trips[:saved]
        self.taken.answers[clients].append(answers)
        self.taken.cpu.append((self.server.cpu_seconds() - before) / saved)

    def warm_up(self) -> None:
        """The first requests compile templates and queries."""
        ask(self.server.port, self.next(WARM_UP), clients=16)
        del self.trips[:WARM_UP]


def measure(run: Run) -> list[Figure]:
    """Slices of both sides by turns, so that whatever else the machine does falls on both."""
    trips = planned_trips(run.day, TRIPS)
    visitors = signed_in(Cadre.objects.filter(pk__in={trip.cadre_id for trip in trips}))
    ours = Side(run.ours, saving_ask, trips[::2], visitors, run.day)
    reference = Side(run.reference, _reference, trips[1::2], visitors, run.day)
    for side in (ours, reference):
        side.warm_up()
    for _round in range(ROUNDS):
        for clients in CLIENTS:
            ours.slice(clients)
            reference.slice(clients)
    counted = [[sent(request) for request in ours.next(COUNTED)]]
    with override_settings(ROOT_URLCONF="bench.reference_app.urls"):
        counted.append([sent(request) for request in reference.next(COUNTED)])
    return list(_figures(ours.taken, reference.taken, counted))


def _figures(ours: Taken, reference: Taken, counted: list[list[Sent]]) -> Iterator[Figure]:
    for clients in CLIENTS:
        yield Figure(
            name=f"Save a visit, {clients} client{'s' if clients > 1 else ''}",
            unit="/s",
            ours=ours.per_second(clients),
            reference=reference.per_second(clients),
            bound=0.7,
            is_floor=True,
        )
    yield Figure(
        name="Save a visit, p95 at 16 clients", unit="ms", ours=ours.p95(16), reference=reference.p95(16), bound=1.5
    )
    for name in Sent._fields:
        medians = [median(getattr(one, name) for one in side) for side in counted]
        yield Figure(name=f"{name.capitalize()} a saved visit", unit="", ours=medians[0], reference=medians[1])
    yield Figure(
        name="Web processor time a saved visit",
        unit="ms",
        ours=1000 * median(ours.cpu),
        reference=1000 * median(reference.cpu),
    )


def planned_trips(day: date, count: int) -> list[Trip]:
    """Visits to save: half by helpers, half by the three posts of a village; every household once."""
    rng = random.Random(1)
    helpers = dict(HelperPairing.objects.in_force(day).order_by("pk").values_list("household", "cadre"))
    homes = dict(Household.objects.registered(day).order_by("pk").values_list("pk", "village_id"))
    holders: dict[str, list[int]] = defaultdict(list)
    postings = Posting.objects.in_force(day).filter(post__in=POSTS).order_by("pk")
    for village_id, cadre_id in postings.values_list("village_id", "cadre_id"):
        holders[village_id].append(cadre_id)
    helped = rng.sample(sorted(helpers.keys() & homes.keys()), count // 2)
    others = [pk for pk in sorted(homes.keys() - set(helped)) if homes[pk] in holders]
    trips = [Trip(helpers[pk], pk) for pk in helped]
    trips += [Trip(rng.choice(holders[homes[pk]]), pk) for pk in rng.sample(others, count - len(trips))]
    rng.shuffle(trips)
    return trips


def _fields(trip: Trip, day: date) -> dict[str, str | int]:
    return {
        "csrfmiddlewaretoken": Visitor.token,
        "id": str(uuid.uuid4()),
        "visitors": trip.cadre_id,
        "visited_on": day.isoformat(),
        "contact": Contact.HOME.value,
        "outcome": Outcome.MET.value,
        "note": NOTE,
        "has_problem": "no",
        "problem": "",
    }


def saving_ask(trip: Trip, visitor: Visitor, day: date) -> Ask:
    """The form's POST that saves the trip as a visit."""
    body = urlencode(_fields(trip, day))
    return Ask(f"/visits/new/?household={trip.household_id}", visitor.cookie, body, 302)


def _reference(trip: Trip, visitor: Visitor, day: date) -> Ask:
    body = urlencode(_fields(trip, day) | {"household": trip.household_id})
    return Ask("/reference/visit/", visitor.cookie, body, 302)
