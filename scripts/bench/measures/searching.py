"""Search among 470,000 made-up persons: as the district's office, as a town's secretary, as a village's chief."""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Count

from bench.measures.run import Run, bare
from bench.table import Figure
from casework.demo.names import cadre_name
from households.models import Household, Person, Relation
from households.pinyin import fill_in, initials_of
from households.search import ask, find
from villages.models import Cadre, Post, Posting
from villages.pour import pour

PERSONS = 470_000
RARE = "欧阳靖"
TIMES = 15
MOST_MS = 50
# The sealed columns hold as many characters as sealed numbers do; nothing here unseals them.
CONSTANT = {
    "relation": Relation.OTHER,
    "sex": "male",
    "ethnicity": "汉族",
    "education": "primary",
    "schooling": "none",
    "health": "[]",
    "labour_skill": "ordinary",
    "place_of_work": "",
    "id_problem": "",
    "id_number": "2026:" + "x" * 64,
    "phone": "2026:" + "x" * 52,
    "bank_account": "2026:" + "x" * 64,
}
COLUMNS = ("household_id", "number", "name", "initials", "id_index", "id_tail_index", *CONSTANT)


def measure(run: Run) -> list[Figure]:
    """Each kind of question, asked by three people of different reach."""
    _fill_up()
    people = {
        "district office": run.supervisor,
        "town secretary": _holder(run, Post.TOWN_SECRETARY),
        "village chief": _holder(run, Post.VILLAGE_CHIEF),
    }
    return [
        Figure(name=f"Search, {who}: {what}", note="of 470,000 persons", unit="ms", ours=took, bound=MOST_MS)
        for who, cadre in people.items()
        for what, took in _times(run, cadre)
    ]


def _times(run: Run, cadre: Cadre) -> Iterator[tuple[str, float]]:
    """The middle time of each kind of question; the first run of each only warms up."""
    person = Person.objects.order_by("-pk").only("name", "number")[1000]
    asked = {
        "common surname": "刘",
        "two characters": person.name[-2:],
        "full name": person.name,
        "rare name": RARE,
        "nobody": "〇〇",
        "initials": "lz",
        "last digits": person.number[-5:],
        "last four": "1234",
        "identity number": "360721196803020016",
    }
    for what, words in asked.items():
        took = [_seconds(partial(find, ask(words), cadre, run.day)) for _time in range(TIMES + 1)]
        yield what, 1000 * median(took[1:])


def _holder(run: Run, post: Post) -> Cadre:
    """Somebody who holds this post and no other: of several, one would search the wider place."""
    held = Posting.objects.in_force(run.day)
    alone = held.values("cadre").annotate(posts=Count("pk")).filter(posts=1).values("cadre")
    return held.filter(post=post, cadre__in=alone).select_related("cadre").order_by("pk")[0].cadre


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _fill_up() -> None:
    """Members for the households, until there are so many; those who are there already stay."""
    missing = PERSONS - Person.objects.count()
    if missing > 0:
        homes = list(Household.objects.order_by("pk").values_list("pk", "number"))
        with transaction.atomic():  # rows are made while they are poured, so that nothing may be asked meanwhile
            pour(Person, COLUMNS, _persons(Random(470), missing, homes))
    fill_in(most=sys.maxsize)
    with bare() as cursor:
        cursor.execute("VACUUM (ANALYZE) households_person, households_household")


def _persons(rng: Random, missing: int, homes: list[tuple[int, str]]) -> Iterator[list[Any]]:
    """New members of the households: row by row, without a question to the database."""
    each = -(-missing // len(homes))
    rare = set(rng.sample(range(missing), 3))
    tails = [ask(f"{tail:04}").tail_index for tail in range(10_000)]
    for serial in range(missing):
        key, number = homes[serial // each]
        name = RARE if serial in rare else cadre_name(rng)
        index = f"{rng.getrandbits(128):032x}"
        own = [key, f"{number}9{serial % each:02}", name, initials_of(name), index, rng.choice(tails)]
        yield [*own, *CONSTANT.values()]
