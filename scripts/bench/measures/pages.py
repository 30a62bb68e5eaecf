"""The pages of figures that are measured, the statements that each sends, and how to make them count anew."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client

from bench.clients import Ask, ask
from bench.measures.run import Run, bare, signed_in
from casework.models import Duty, Round
from villages.models import Town

Statement = tuple[str, Any]
PAST_DAYS = 60


def page_of(run: Run, name: str) -> Ask:
    """One of the pages, as the district's supervisor opens it."""
    cadre, round = run.supervisor, busiest_round(run)
    town = Town.objects.filter(district=run.district).order_by("pk")[0].pk
    village = Duty.objects.in_round(round).within(town).order_by("village")[0].village_id
    district, past = run.district.pk, run.day - timedelta(days=PAST_DAYS)
    address = {
        "coverage": f"/coverage/{round.pk}/?by=village&place={district}",
        "towns": f"/coverage/{round.pk}/?place={district}",
        "wall": f"/coverage/{round.pk}/wall/?place={district}",
        "town": f"/coverage/{round.pk}/?place={town}",
        "list": f"/coverage/{round.pk}/list/?place={village}&state=open",
        "past": f"/coverage/{round.pk}/?by=village&place={district}&on={past}",
        "trend": f"/coverage/{round.pk}/trend/?place={district}",
        "weeks": f"/coverage/trend/?place={district}",
        "together": f"/coverage/?place={district}",
        "classes": f"/coverage/{round.pk}/?by=class&place={district}",
        "groups": f"/coverage/{round.pk}/?by=group&place={district}",
        "posts": f"/coverage/{round.pk}/?by=post&place={district}",
        "units": f"/coverage/{round.pk}/?by=unit&place={district}",
        "whole": f"/coverage/{round.pk}/list/?place={district}&state=open",
        "monitored": f"/coverage/{round.pk}/list/?place={district}&kind=monitored",
        "seen": f"/coverage/unseen/?place={district}",
        "unseen": f"/lists/unseen/?place={district}",
        "phone-only": f"/lists/phone-only/?place={district}",
        "vacant-posts": f"/lists/vacant-posts/?place={district}",
        "ended-posts": f"/lists/ended-posts/?place={district}",
        "late-entries": f"/lists/late-entries/?place={district}",
        "sample": f"/lists/sample/?place={district}",
        "problems": "/problems/",
        "matters": "/matters/",
        "round": f"/rounds/{round.pk}/",
    }[name]
    return Ask(address, signed_in([cadre])[cadre.pk].cookie)


def busiest_round(run: Run) -> Round:
    """The three posts' round of all rural households."""
    running = Round.objects.running(run.day).filter(district=run.district, target_kind="rural_household")
    return running.filter(posts__contains="village_chief")[0]


def forgetting(url: str = "") -> None:
    """Nothing is kept any more: the next page counts."""
    with bare(url) as cursor:
        cursor.execute("DELETE FROM casework_keptfigures")
        cursor.execute("DELETE FROM casework_keptunseen")


def statements_of(page: Ask, *tables: str) -> list[Statement]:
    """The statements over one of the tables that answering a page sends when nothing is kept."""
    client = Client(headers={"host": "127.0.0.1"})
    for cookie in page.cookie.split("; "):
        key, _equals, value = cookie.partition("=")
        client.cookies[key] = value
    found: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        if any(f'FROM "{table}"' in sql for table in tables):
            found.append((sql, parameters))
        return execute(sql, parameters, *rest)

    forgetting()
    with connection.execute_wrapper(note):
        if client.get(page.path).status_code != page.expect:
            raise SystemExit(f"{page.path} did not answer")
    return found


def timed_by_turns(run: Run, page: Ask, rounds: int, *, is_anew: bool, tables: tuple[str, ...]) -> tuple[float, float]:
    """Median milliseconds of a page and of its own statements over the tables in the bare driver.

    `is_anew`: with nothing kept.
    """
    statements = statements_of(page, *tables)
    pages, bares = [], []
    ask(run.ours.port, [page] * 3, clients=1)
    with bare() as cursor:
        for _round in range(rounds):
            if is_anew:
                forgetting()
            pages += ask(run.ours.port, [page], clients=1).times
            began = time.perf_counter()
            for statement in statements:
                cursor.execute(*statement)
                cursor.fetchall()
            bares.append(time.perf_counter() - began)
    return 1000 * median(pages), 1000 * median(bares)
