"""Two people at once: one is recorded, the other hears a clear word."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from casework.tests.world import TODAY, World, at
from households.models import CaseState, CaseStep, MonitoringCase, Step
from households.monitoring import take_step
from households.tests.cases import case_before, found_case, make_clearable, report
from villages.models import AuditEntry, Post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two transactions at once need a database server"),
]


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What each act came to when all of them start together: "done" or the words of its refusal."""
    together = Barrier(len(acts))

    def go(act: Callable[[], Any]) -> str:
        try:
            together.wait()
            act()
            return "done"
        except ValidationError as refused:
            return "；".join(refused.messages)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(go, acts))


def test_two_who_take_the_same_step_are_told_apart() -> None:
    world = World()
    case = found_case(world.household("刘家"))
    members = [world.post(name, Post.TEAM_MEMBER, world.village) for name in ("队员甲", "队员乙")]

    said = at_once(
        *(lambda who=who: take_step(case=case, report=report(Step.CHECK), actor=who, now=at(TODAY)) for who in members)
    )

    assert said[0] == "done"
    assert "已由队员" in said[1]
    assert CaseStep.objects.count() == AuditEntry.objects.filter(verb="case.advanced").count() == 1


def test_two_who_find_the_same_household_open_one_case() -> None:
    home = World().household("刘家")

    said = at_once(*(lambda: found_case(home) for _person in range(2)))

    assert said[0] == "done"
    assert "本户已在监测中" in said[1]
    assert MonitoringCase.objects.count() == 1


def test_one_form_sent_twice_at_once_opens_one_case_and_refuses_nobody() -> None:
    home, key = World().household("刘家"), uuid4()

    assert at_once(*(lambda: found_case(home, request_key=key) for _time in range(2))) == ["done", "done"]
    assert MonitoringCase.objects.count() == 1


def test_clearing_and_opening_at_once_never_wait_for_each_other() -> None:
    home = World().household("刘家")
    make_clearable(home)
    case = case_before(Step.CLEAR, home)

    said = at_once(
        lambda: take_step(case=case, report=report(Step.CLEAR), actor=None, now=at(TODAY)), lambda: found_case(home)
    )

    case.refresh_from_db()
    assert case.state == CaseState.CLEARED
    assert "done" in said
    assert MonitoringCase.objects.running().count() == said.count("done") - 1
