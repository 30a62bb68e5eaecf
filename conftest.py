"""Nets under every test: a frozen clock, no undefined template variable, and real browsers at two sizes."""

import gc
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management.color import Style
from django.db import connection
from django.template.base import Node
from django.template.engine import Engine
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from casework.tests.door import Door
from casework.tests.world import World
from households.models import Household
from villages import bell
from villages.models import Cadre, Post

NOW = datetime(2026, 10, 15, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PATIENCE_MS = 45_000  # a machine may be busy; a phone that found somebody else sending tries again after 30 s
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OUR_TEMPLATES = [Path(settings.BASE_DIR) / folder for folder in ("templates", "villages", "households", "casework")]


def pytest_configure(config: pytest.Config) -> None:
    """Settings that only tests want; done here because they must be there before the first use."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A bell rung in a test must not reach a worker that happens to run on this machine.
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Each client of a test has the middleware made anew, which would look through every folder of static files.
    settings.WHITENOISE_AUTOREFRESH = True
    # What is drawn by lot is the same in each run, and a busy machine is no failure.
    drawing.register_profile("alike", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    drawing.load_profile("alike")
    # A fifth of the processor time went into looking for garbage among what stays for the whole run.
    gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that empty the tables come last, and put back what the migrations had filled in."""
    for item in items:
        if _empties_tables(item):
            item.fixturenames.append("django_db_serialized_rollback")  # type: ignore[attr-defined]
    items.sort(key=_empties_tables)


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    is_marked = bool(marker and (marker.kwargs.get("transaction") or (marker.args and marker.args[0])))
    return is_marked or not {"live_server", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


# Databases ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Begin with a copy of BLANK_DATABASE, where it is set: migrated once by scripts/test.py, not by each process."""
    blank = os.environ.get("BLANK_DATABASE", "")
    if blank and connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = blank
    if not blank or connection.vendor != "sqlite":
        yield
        return
    # A database in memory lives as long as somebody is connected to it.
    name = connection.settings_dict["TEST"]["NAME"] = "file:memorydb_default?mode=memory&cache=shared"
    with closing(sqlite3.connect(name, uri=True)) as copy, closing(sqlite3.connect(blank)) as original:
        original.backup(copy)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After tests that commit, PostgreSQL deletes rows: TRUNCATE makes every file anew, and takes ten times as long."""
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            if connection.vendor == "postgresql" and _may_skip_triggers():
                patch.setattr(connection.ops, "sql_flush", _deletes)
        yield


def _may_skip_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _deletes(style: Style, tables: list[str], **options: bool) -> list[str]:
    """As TRUNCATE does, wait first for whoever still writes. Foreign keys need no look when all rows go."""
    names = [connection.ops.quote_name(name) for name in tables]
    return [
        f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE",
        "SET LOCAL session_replication_role = replica",
        "; ".join(f"DELETE FROM {name}" for name in names),
    ]


# Time -----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def frozen(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller]:
    """Thursday 2026-10-15, 10:00 in Shanghai. It stands still, except in browser tests, where waiting must end."""
    is_browser = request.node.get_closest_marker("browser") is not None
    with time_machine.travel(NOW, tick=is_browser) as clock:
        yield clock


# The cast -------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    """A district of two towns and three villages, and whoever a test puts there."""
    return World()


@pytest.fixture
def supervisor(world: World) -> Cadre:
    """The district's."""
    return world.post("督导", Post.SUPERVISOR, world.district)


@pytest.fixture
def chief(world: World) -> Cadre:
    """The chief of world.village."""
    return world.post("大村长", Post.VILLAGE_CHIEF, world.village)


@pytest.fixture
def home(world: World) -> Household:
    """A household of world.village."""
    return world.household("张三")


@pytest.fixture
def helper(world: World, home: Household) -> Cadre:
    """The helper of that household."""
    return world.help("李帮扶", home)


# Templates ------------------------------------------------------------------------------------


class UndefinedVariable(Exception):
    """A template of ours asks for a variable that its view does not give."""


class _Undefined(str):
    """What Django shows for an undefined variable: nothing in the templates of others, an error in ours."""

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __bool__(self) -> bool:
        return True

    def __mod__(self, variable: object) -> str:
        template = _template_being_rendered(sys._getframe(1))
        if template and any(folder in template.parents for folder in OUR_TEMPLATES) and "admin" not in template.parts:
            raise UndefinedVariable(f"{{{{ {variable} }}}} in {template}")
        return ""


def _template_being_rendered(frame: FrameType | None) -> Path | None:
    """The file of the innermost template node on the call stack."""
    while frame:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None):
            return Path(node.origin.name)
        frame = frame.f_back
    return None


@pytest.fixture(autouse=True, scope="session")
def _undefined_variables_fail() -> None:
    Engine.get_default().string_if_invalid = _Undefined()


# Servers --------------------------------------------------------------------------------------


@pytest.fixture
def redis_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database on the real Redis, one for each parallel run of tests."""
    # A test with a broker wants the bell heard: on a busy machine that may take longer than anybody is let wait.
    for limit in ("connect_retries_timeout", "socket_connect_timeout", "socket_timeout"):
        monkeypatch.setitem(bell.BRIEFLY, limit, PATIENCE_MS / 1000)
    server = os.environ.get("REDIS_URL")
    if not server:
        pytest.fail("REDIS_URL is not set. Run: make test, or python scripts/servers.py -- pytest")
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    url = f"{server.rstrip('/')}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


# Browsers -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    """What every request to the live server goes through."""
    door = Door()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIHandler, "__call__", door.guard(WSGIHandler.__call__))
        yield door


@pytest.fixture
def server(door: Door, live_server: Any, transactional_db: None) -> Iterator[Any]:
    """The live server. After the test, and before the tables are emptied, all requests have been answered."""
    door.open()
    yield live_server
    door.shut()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The one driver of this process. It runs an event loop, in which Django would refuse plain queries."""
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """Debian's Chromium; a test that needs it fails when it is missing."""
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
    yield browser
    browser.close()


@pytest.fixture
def phone(chromium: Browser, server: Any) -> Iterator[Page]:
    """A page on a small phone with a touch screen."""
    size = {"width": 360, "height": 740}
    yield from _page(chromium, server.url, viewport=size, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def desk(chromium: Browser, server: Any) -> Iterator[Page]:
    """A page on an office computer."""
    yield from _page(chromium, server.url, viewport={"width": 1280, "height": 800})


def _page(chromium: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A page whose clock agrees with the server's. Errors on its console fail the test that caused them."""
    context = chromium.new_context(base_url=url, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(PATIENCE_MS)
    context.clock.install(time=datetime.now(NOW.tzinfo))
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend(_complaint(message)))
    yield page
    context.close()
    assert complaints == []


def _complaint(message: ConsoleMessage) -> list[str]:
    """What is wrong by this line of the console. An answer of 404 is for the test itself to judge."""
    is_answer = message.text.startswith("Failed to load resource")
    return [message.text] if message.type == "error" and not is_answer else []


@pytest.fixture
def sign_in(server: Any) -> Callable[[Page, Any], None]:
    """Call with (page, cadre): from then on the page is signed in as that cadre."""

    def sign_in(page: Page, cadre: Any) -> None:
        client = Client()
        client.force_login(cadre)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])

    return sign_in


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Call with (page, name): keeps a picture, when somebody wants to look at the screens (SCREENS=folder)."""

    def keep(page: Page, name: str) -> None:
        if folder := os.environ.get("SCREENS"):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return keep


@pytest.fixture
def check_axe() -> Callable[[Page], None]:
    """Call with a page: fails when axe-core finds a serious or critical violation on it."""

    def check_axe(page: Page) -> None:
        # A click is over as soon as the next page has begun, when there is nothing on it yet to look at.
        page.wait_for_load_state()
        # Only violations are told whole: to describe all that passes took three times as long as to look.
        options = {"preload": False, "resultTypes": ["violations"]}
        violations = Axe().run(page, options=options).response["violations"]
        grave = [
            f"{violation['id']}: {violation['help']} ({node['target']})"
            for violation in violations
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]
        assert grave == [], page.url

    return check_axe
