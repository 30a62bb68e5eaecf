"""Two sweeps, or two people, at once: one bulletin, counted once, released once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from casework.bulletin_calendar import draft_due
from casework.bulletins import IllegalMove, correct_bulletin, count_waiting, release_bulletin
from casework.models import Bulletin, BulletinState
from casework.tests.world import World, at
from villages.models import AuditEntry, Post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two transactions at once need a database server"),
]

MONDAY = date(2026, 11, 2)


def at_once(act: Callable[[], Any], times: int = 3) -> list[Any]:
    """What each call came to when all start together; a refusal is its class."""
    together = Barrier(times)

    def go(_number: int) -> Any:
        try:
            together.wait(10)
            return act()
        except IllegalMove:
            return IllegalMove
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(go, range(times)))


def test_sweeps_at_once_draft_count_release_and_correct_once() -> None:
    world = World()
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF])

    drafted = at_once(lambda: len(draft_due(now=at(MONDAY))))
    counted = at_once(lambda: count_waiting(now=at(MONDAY)))
    draft = Bulletin.objects.get()
    released = at_once(lambda: release_bulletin(bulletin_id=draft.pk, actor=supervisor, now=at(MONDAY)))
    corrections = at_once(lambda: correct_bulletin(bulletin_id=draft.pk, actor=supervisor, now=at(MONDAY)).pk)

    assert sorted(drafted) == sorted(counted) == [0, 0, 1]
    assert (released.count(IllegalMove), released.count(draft)) == (2, 1)
    assert len(set(corrections)) == 1
    assert Bulletin.objects.filter(state=BulletinState.RELEASED).count() == 1
    assert AuditEntry.objects.filter(verb="bulletin.drafted").count() == 2
