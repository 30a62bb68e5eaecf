"""Exits from poverty come with the one importer: of households by their number, of villages by their place."""

from datetime import date

import pytest

from casework.tests.world import World
from households.models import ExitRecord, ImportKind
from households.tests.test_import_lists import brought_in, codes, counts, table
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

HEADER = "乡,行政村,户编号,户主姓名,民主评议时间,核实时间,贫困户认可日期,公示时间,脱贫时间,是否错退"


def test_exits_of_a_household_and_of_its_village(world: World) -> None:
    home = world.household("刘家")
    content = table(
        HEADER,
        f",,{home.number},刘家,2018-09-03,2018-09-12,2018-09-14,2018-09-20,2018-11-06,否",
        "王母渡镇,潭埠村,,,,,,,2019-04-28,否",
    )

    job = brought_in(content, ImportKind.EXITS)

    of_home, of_village = ExitRecord.objects.get(household=home), ExitRecord.objects.get(household=None)
    assert (of_home.village, of_home.appraised_on, of_home.approved_on) == (
        world.village,
        date(2018, 9, 3),
        date(2018, 11, 6),
    )
    assert (of_village.village, of_village.approved_on) == (world.village, date(2019, 4, 28))
    assert counts(job) == (2, 2, 0, 0, 0)
    assert AuditEntry.objects.filter(verb="exit.recorded").count() == 2


def test_the_same_file_again_changes_nothing_and_a_later_one_corrects(world: World) -> None:
    home = world.household("刘家")
    row = f",,{home.number},刘家,,,,,2018-11-06,否"
    brought_in(table(HEADER, row), ImportKind.EXITS)

    again = brought_in(table(HEADER, row), ImportKind.EXITS)
    later = brought_in(table(HEADER, row.replace("否", "是")), ImportKind.EXITS)

    assert (counts(again), counts(later)) == ((1, 0, 0, 1, 0), (1, 0, 1, 0, 0))
    assert ExitRecord.objects.get().is_wrong


def test_what_cannot_be_is_refused_row_by_row(world: World) -> None:
    home = world.household("刘家")
    content = table(
        HEADER,
        ",,3607049999999,刘家,,,,,2018-11-06,",
        f",,{home.number},别家,,,,,2018-11-06,",
        f",,{home.number},刘家,,,,2018-11-07,2018-11-06,",
        f",,{home.number},刘家,,,,,,",
    )

    job = brought_in(content, ImportKind.EXITS)

    assert counts(job) == (4, 0, 0, 0, 4)
    assert codes(job) == ["unknown_household", "name_differs", "said", "missing"]


def test_rows_outside_ones_places_are_refused(world: World) -> None:
    clerk = world.post("镇录入员", Post.CLERK, world.other_town)

    job = brought_in(table(HEADER, "王母渡镇,潭埠村,,,,,,,2019-04-28,否"), ImportKind.EXITS, actor=clerk)

    assert codes(job) == ["not_your_row"]
    assert not ExitRecord.objects.exists()
