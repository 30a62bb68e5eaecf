"""What belongs to a household is found by the place's index, and is exactly what visible_to() shows."""

from datetime import timedelta

import pytest
from django.db import connection

from casework.tests.world import LONG_AGO, TODAY, World
from households.models import Household, Measure, MonitoringCase
from households.tests.cases import found_case
from villages.models import Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def cast() -> dict[str, Cadre]:
    """Everybody, with a household in each of the places, and a helper who helps away from the own village."""
    world = World()
    homes = [world.household("刘家", place) for place in (world.village, world.sibling, world.foreign)]
    for home in homes:
        found_case(home)
        Measure.objects.create(household=home, kind="industry", content="鸡苗", starts_on=TODAY, recorded_on=TODAY)
    cast = world.cast()
    cast["helper"] = world.help("帮扶干部", homes[2])
    cast["former helper"] = world.help("前任", homes[1], ends_on=TODAY - timedelta(days=1), is_primary=False)
    cast["root"] = Cadre.objects.create_superuser("root", "x", name="技术管理员")
    return cast


def test_both_ways_of_asking_find_the_same(cast: dict[str, Cadre]) -> None:
    for role, cadre in cast.items():
        for day in (LONG_AGO, TODAY - timedelta(days=1), TODAY):
            seen = set(Household.objects.visible_to(cadre, day).values_list("pk", flat=True))

            assert set(Household.objects.by_places(cadre, day).values_list("pk", flat=True)) == seen, role
            for model in (Measure, MonitoringCase):
                rows = model.objects.visible_to(cadre, day).values_list("household", flat=True)
                assert set(rows) == seen, (role, model)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite goes by the index by itself")
def test_postgresql_may_go_by_the_index_of_the_village(cast: dict[str, Cadre]) -> None:
    plan = Household.objects.by_places(cast["chief"], TODAY).order_by()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        told = plan.explain()

    assert "hashed SubPlan" not in told.split("InitPlan")[0]
    assert "village_id" in told
    assert "Index Cond" in told
