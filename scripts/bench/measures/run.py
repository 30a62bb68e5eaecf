"""What every measure needs: the two servers, signed-in cadres, a bare connection, and a count of statements."""

import importlib
import secrets
import string
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import psycopg2
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.clients import Ask, ask
from bench.processes import Server, web
from villages.calendar import today
from villages.models import Cadre, District, Post, Posting

OURS, REFERENCE = "config.wsgi", "bench.reference_app.wsgi"


@dataclass(frozen=True, slots=True)
class Run:
    """The servers under load and the day everything is asked for."""

    ours: Server
    reference: Server
    day: date
    district: District

    @property
    def supervisor(self) -> Cadre:
        """Somebody who sees the whole district."""
        postings = Posting.objects.in_force(self.day).filter(post=Post.SUPERVISOR, district=self.district)
        return postings.select_related("cadre").order_by("pk")[0].cadre


@contextmanager
def prepared_run() -> Iterator[Run]:
    """Both servers started and warm."""
    with web(OURS, settings.VAR_DIR) as ours, web(REFERENCE, settings.VAR_DIR) as reference:
        yield Run(ours, reference, today(), District.objects.get())


def p95(times: list[float]) -> float:
    """The time that 95 of 100 requests keep."""
    return quantiles(times, n=20, method="inclusive")[-1]


class Visitor:
    """A cadre who is signed in: the cookie of a real session, and the token of every form."""

    token = "".join(secrets.choice(string.ascii_letters) for _letter in range(32))

    def __init__(self, session_key: str) -> None:
        self.session_key = session_key
        self.cookie = f"sessionid={session_key}; csrftoken={self.token}"


def signed_in(cadres: Iterable[Cadre]) -> dict[int, Visitor]:
    """A session for each, as signing in would have made it; a hundred sign-ins would take a minute of hashing."""
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    expires = timezone.now() + timedelta(days=1)
    visitors, rows = {}, []
    for cadre in cadres:
        values = {
            SESSION_KEY: str(cadre.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
            HASH_SESSION_KEY: cadre.get_session_auth_hash(),
        }
        key = "".join(secrets.choice(string.ascii_lowercase) for _letter in range(32))
        rows.append(Session(session_key=key, session_data=store.encode(values), expire_date=expires))
        visitors[cadre.pk] = Visitor(key)
    Session.objects.bulk_create(rows, batch_size=1000)
    return visitors


class Sent(NamedTuple):
    """What our code sends to the database to answer a request: statements, and messages that carry them."""

    statements: int
    messages: int


def sent(request: Ask) -> Sent:
    """Counted while answering it; BEGIN, COMMIT and the driver's own are left out."""
    client = Client(headers={"host": "127.0.0.1"})
    for cookie in request.cookie.split("; "):
        name, _equals, value = cookie.partition("=")
        client.cookies[name] = value
    messages: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        messages.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        if request.body:
            answer = client.post(request.path, request.body, content_type="application/x-www-form-urlencoded")
        else:
            answer = client.get(request.path)
    if answer.status_code != request.expect:
        raise SystemExit(f"{request.path}: {answer.status_code}")
    # Values travel apart from the text, so that every semicolon in it parts two statements.
    return Sent(sum(1 + sql.count(";") for sql in messages), len(messages))


@contextmanager
def bare(url: str = "") -> Iterator[Any]:
    """A cursor of the driver itself, with the settings our connections have; each statement is a transaction."""
    link = psycopg2.connect(url or settings.DATABASE_URL, **settings.DATABASES["default"]["OPTIONS"])
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def var_dir() -> Path:
    """Where the processes of this run keep their files."""
    return Path(settings.VAR_DIR)


def grouped_sql(count: Callable[[], Any], table: str) -> tuple[str, Any]:
    """The one grouped statement over that table that counting sends."""
    found: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        if "GROUP BY" in sql and table in sql:
            found.append((sql, parameters))
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(note):
        count()
    (statement,) = found
    return statement


def page_and_sql(run: Run, page: Ask, grouped: tuple[str, Any], rounds: int) -> tuple[float, float]:
    """Median milliseconds of a page and of its grouped statement in the bare driver, by turns."""
    pages, bares = [], []
    ask(run.ours.port, [page] * 3, clients=1)
    with bare() as cursor:
        cursor.execute(*grouped)
        for _round in range(rounds):
            pages += ask(run.ours.port, [page], clients=1).times
            began = time.perf_counter()
            cursor.execute(*grouped)
            cursor.fetchall()
            bares.append(time.perf_counter() - began)
    return 1000 * median(pages), 1000 * median(bares)
