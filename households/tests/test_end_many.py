"""Many measures, or benefit links, end on one day with one form: all that are ticked, or none."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import LONG_AGO, TODAY, World
from households import entries
from households.links import LINKS
from households.measures import MEASURES
from households.models import Household
from households.tests.file_rows import link_of, measure_of
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)
Make = Callable[..., list[Any]]


@pytest.fixture
def homes(world: World) -> list[Household]:
    return [world.household(name) for name in ("刘家", "赖家", "钟家")]


@pytest.fixture(params=[MEASURES, LINKS], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> entries.Kind:
    return request.param


@pytest.fixture
def make(kind: entries.Kind, world: World) -> Make:
    """Rows that have long been running, entered by the district's clerk, one for each household."""
    clerk = world.post("区录入员", Post.CLERK, world.district)

    def rows(*homes: Household, **changed: Any) -> list[Any]:
        maker = {"measure": measure_of, "link": link_of}[kind.name]
        made = [maker(home, TODAY, clerk) for home in homes]
        kind.model.objects.filter(pk__in=[row.pk for row in made]).update(
            **({"starts_on": LONG_AGO, "ends_on": None} | changed)
        )
        return [kind.model.objects.get(pk=row.pk) for row in made]

    return rows


def ends(rows: list[Any]) -> list[date | None]:
    return [type(row).objects.get(pk=row.pk).ends_on for row in rows]


def end(kind: entries.Kind, rows: list[Any], actor: Cadre, **changed: Any) -> int:
    options = {"ends_on": TODAY, "actor": actor, "on": TODAY} | changed
    return entries.end_many(kind, [row.pk for row in rows], **options)


def page_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def test_all_of_them_end_and_each_is_in_the_trail(kind, make, chief, homes):
    rows = make(*homes)

    assert end(kind, rows[:2], chief) == 2

    assert ends(rows) == [TODAY, TODAY, None]
    told = AuditEntry.objects.filter(verb=f"{kind.name}.ended", actor=chief)
    assert [entry.changes for entry in told] == [{"ends_on": [None, "2026-10-15"]}] * 2


def test_twice_is_once_and_an_earlier_end_stays(kind, make, chief, homes):
    rows = make(*homes[:2]) + make(homes[2], ends_on=YESTERDAY)

    assert [end(kind, rows, chief) for _time in range(2)] == [2, 0]

    assert ends(rows) == [TODAY, TODAY, YESTERDAY]
    assert AuditEntry.objects.filter(verb=f"{kind.name}.ended").count() == 2


def test_one_that_begins_later_is_named_and_nothing_ends(kind, make, chief, homes):
    rows = make(homes[0]) + make(homes[1], starts_on=TODAY)

    with pytest.raises(ValidationError, match="赖家") as refused:
        end(kind, rows, chief, ends_on=YESTERDAY)

    assert list(refused.value.message_dict) == ["ends_on"]
    assert ends(rows) == [None, None]


def test_a_result_is_said_of_all_and_an_empty_one_leaves_their_own(make, kind, chief, homes):
    if kind is not MEASURES:
        pytest.skip("a link has no result")
    rows = make(*homes, result="旧结果")

    end(kind, rows[:1], chief, result="已出栏")
    end(kind, rows[1:2], chief, result=" ")

    assert [kind.model.objects.get(pk=row.pk).result for row in rows] == ["已出栏", "旧结果", "旧结果"]


def test_who_may_not_enter_there_ends_nothing_and_one_foreign_row_stops_all(kind, make, world, chief, homes):
    rows = make(homes[0], world.household("邻村", world.sibling))
    helper = world.help("帮扶干部", homes[0])

    for actor in (chief, helper, world.cadre("局外人"), world.post("区领导", Post.DISTRICT_LEADER, world.town)):
        with pytest.raises(PermissionDenied):
            end(kind, rows, actor)

    assert ends(rows) == [None, None]
    assert end(kind, rows[:1], helper) == 1


def test_the_number_of_queries_does_not_grow(
    kind, make, chief, homes, django_assert_max_num_queries: DjangoAssertNumQueries
):
    counts = []
    for rows in (make(homes[0]), make(*homes)):
        with django_assert_max_num_queries(8) as asked:
            end(kind, rows, chief)
        counts.append(len(asked))

    assert counts[0] == counts[1]


# The page -----------------------------------------------------------------------------------------


def address(kind: entries.Kind, world: World) -> str:
    return f"{reverse(f'{kind.name}_end')}?place={world.village.pk}"


def test_the_page_offers_what_runs_here_and_ends_what_is_ticked(kind, make, world, chief, homes):
    rows = make(*homes[:2])
    make(homes[2], ends_on=YESTERDAY)
    make(world.household("邻村", world.sibling))
    client = page_of(chief)

    shown = client.get(address(kind, world))
    done = client.post(address(kind, world), {"row": [rows[0].pk], "end-ends_on": "2026-10-14", "end-result": "完成"})

    names = [row.household.head_name for _title, group in shown.context["groups"] for row in group]
    assert names == ["刘家", "赖家"]
    assert done["Location"] == f"{reverse(f'{kind.name}_list')}?place={world.village.pk}"
    assert ends(rows) == [YESTERDAY, None]


def test_ticking_none_or_too_early_a_day_keeps_the_form(kind, make, world, chief, homes):
    rows, client = make(homes[0], starts_on=TODAY), page_of(chief)

    none = client.post(address(kind, world), {"end-ends_on": "2026-10-15"})
    early = client.post(address(kind, world), {"row": [rows[0].pk], "end-ends_on": "2026-10-01"})

    assert none.context["is_empty"] and 'role="alert"' in none.content.decode()
    assert early.context["form"].errors and early.context["ticked"] == {rows[0].pk}
    assert ends(rows) == [None]


def test_somebody_elses_row_cannot_be_ticked(kind, make, world, chief, homes):
    foreign = make(world.household("邻村", world.sibling))

    page_of(chief).post(address(kind, world), {"row": [foreign[0].pk], "end-ends_on": "2026-10-15"})

    assert ends(foreign) == [None]


def test_a_helper_ends_for_the_own_households_and_others_do_not_get_the_page(kind, make, world, homes):
    rows = make(*homes)
    helper = page_of(world.help("帮扶干部", homes[0]))
    cast = world.cast()

    helper.post(reverse(f"{kind.name}_end"), {"row": [row.pk for row in rows], "end-ends_on": "2026-10-15"})

    assert ends(rows) == [TODAY, None, None]
    assert page_of(cast["unit_leader"]).get(address(kind, world)).status_code == 403
    assert page_of(cast["outsider"]).get(address(kind, world)).status_code == 404
