"""A prepared query answers what the same ORM query answers, for other values too."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When

from casework.models import Visit
from casework.tests.world import TODAY, World
from villages.models import District, Town
from villages.prepared import Prepared, PreparedUpdate
from villages.together import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def _towns(names: tuple[str, ...], district: str | None) -> QuerySet:
    towns = Town.objects.filter(name__in=names)
    return (towns if district is None else towns.filter(district=district)).order_by("code").values_list("code")


@pytest.fixture
def towns() -> None:
    for code in ("360704", "360705"):
        district = District.objects.create(code=code, name=code)
        for serial in ("101", "102"):
            Town.objects.create(code=code + serial, district=district, name=f"镇{serial}")


@pytest.mark.usefixtures("towns")
def test_a_second_run_takes_the_second_values():
    query = Prepared(_towns)

    first = query.rows(names=("镇101",), district="360704")
    second = query.rows(names=("镇102",), district="360705")

    assert first == [("360704101",)]
    assert second == [("360705102",)]


@pytest.mark.usefixtures("towns")
def test_lists_of_another_length_and_none_are_compiled_by_themselves():
    query = Prepared(_towns)

    assert len(query.rows(names=("镇101",), district=None)) == 2
    assert len(query.rows(names=("镇101", "镇102"), district=None)) == 4
    assert query.rows(names=("镇101", "镇102"), district="360704") == [("360704101",), ("360704102",)]


def test_a_kind_of_value_it_cannot_mark_is_refused():
    query = Prepared(_towns)

    with pytest.raises(TypeError, match="float"):
        query.rows(names=(1.5,), district=None)


@pytest.mark.usefixtures("towns")
def test_an_empty_list_finds_nothing():
    query = Prepared(_towns)

    assert query.rows(names=(), district=None) == []


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize("plan_once", [True, False])
def test_the_answer_is_the_same_with_and_without_a_kept_plan(settings: Any, plan_once: bool):
    settings.PLAN_ONCE = plan_once
    query = Prepared(
        lambda name, share: _towns((name,), None).filter(name__contains="镇").exclude(name__endswith=share)
    )

    for _time in range(7):  # PostgreSQL may change the plan after the fifth
        assert query.rows(name="镇102", share="%1") == [("360704102",), ("360705102",)]


@pytest.mark.usefixtures("towns")
def test_what_never_changes_stands_in_the_query_where_the_planner_of_a_kept_plan_sees_it():
    query = Prepared(lambda name: Town.objects.filter(name=name, code__contains="0704").values_list("code"))

    _compiler, sql, slots = query.compiled({"name": "镇101"})

    is_postgresql = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
    assert ("'%%0704%%'" in sql, len(slots)) == ((True, 1) if is_postgresql else (False, 2))
    assert query.rows(name="镇102") == [("360704102",)]


@pytest.mark.usefixtures("towns")
def test_a_value_that_stands_in_many_places_is_sent_once(settings: Any):
    settings.PLAN_ONCE = True
    query = Prepared(
        lambda codes: (
            Town.objects.filter(Q(code__in=codes) | Q(district__in=codes) | Q(name__in=codes)).order_by("code")
        ).values_list("code")
    )
    link, sent = connections[DEFAULT_DB_ALIAS], []

    def note(execute: Any, sql: str, parameters: Any, *rest: Any) -> Any:
        sent.append(list(parameters))
        return execute(sql, parameters, *rest)

    with link.execute_wrapper(note):
        found = query.rows(codes=("360704101", "360705"))

    assert found == [("360704101",), ("360705101",), ("360705102",)]
    assert sent == [["360704101", "360705"] * (1 if link.vendor == "postgresql" else 3)]


@pytest.mark.usefixtures("towns")
def test_a_connection_made_anew_plans_anew(settings: Any):
    settings.PLAN_ONCE = True
    query = Prepared(_towns)
    before = query.rows(names=("镇101",), district="360704")

    link = connections[DEFAULT_DB_ALIAS]
    link.__dict__["planned_statements"] = (None, {"of another connection": ("EXECUTE nothing", [])})
    with link.cursor() as cursor:
        if link.vendor == "postgresql":
            cursor.execute("DEALLOCATE ALL")

    assert query.rows(names=("镇101",), district="360704") == before


def _note(visit: uuid.UUID, day: date, note: str) -> tuple[QuerySet[Visit], dict[str, Any]]:
    later = Case(When(visited_on__gte=day, then=Value(note)), default=F("note"), output_field=TextField())
    return Visit.objects.filter(pk=visit), {"note": later}


def test_a_prepared_update_takes_the_values_of_each_run():
    world = World()
    home = world.household("张三")
    helper = world.help("帮扶", home)
    visits = [world.visit(home, TODAY, helper) for _time in range(2)]
    update = PreparedUpdate(_note)

    run_together([update.statement(visit=visits[0].pk, day=TODAY, note="甲")])
    run_together([update.statement(visit=visits[1].pk, day=date.max, note="乙")])

    assert dict(Visit.objects.values_list("pk", "note")) == {visits[0].pk: "甲", visits[1].pk: ""}
