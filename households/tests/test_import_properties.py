"""Whatever a file holds: every row has one fate, twice changes nothing, and undone is as before."""

from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from casework.tests.world import TODAY, World, at
from households.imports import continue_import, take_back_import
from households.models import Household, Person
from households.tests.sheets import APPROVED, bring_in, confirm, csv_of, fates, made_up_number, read_here

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
FATES = ("created", "updated", "unchanged", "refused")
CELLS = {
    "乡": ["王母渡镇", "沙地镇", "", "无此镇"],
    "行政村": ["潭埠村", "浓口村", "攸镇村", ""],
    "户编号": ["H1", "H2", "H3", "", "户一"],
    "人编号": ["P1", "P2", "P3", "P4", "P5", ""],
    "姓名": ["张三", "李四", ""],
    "证件号码": ["", made_up_number(1), made_up_number(2), made_up_number(3)[:-1] + "!", "3.6E+17"],
    "与户主关系": ["户主", "配偶", "之子", "之友"],
    "人数": ["", "3", "三"],
    "健康状况": ["健康", "残疾、长期慢性病", "健康、残疾"],
    "人均纯收入": ["", "12000", "很多"],
    "户类型": ["脱贫户", "一般农户", ""],
    "风险识别时间": ["", "2020-01-01"],
    "风险消除时间": ["", "2021-01-01", "2019-01-01"],
}
ROW = st.fixed_dictionaries({title: st.sampled_from(values) for title, values in CELLS.items()})
FILE = st.lists(ROW, min_size=1, max_size=8)


def register() -> list[Any]:
    homes = Household.objects.order_by("number").values_list(
        *("number", "village", "head_name", "base_type", "members", "risk_cleared_on", "left_on", "moved_on")
    )
    persons = Person.objects.order_by("number").values_list(
        *("number", "household__number", "name", "relation", "id_index", "health", "left_on")
    )
    return [*homes, *persons]


@patch("households.imports.Judging", lambda _path, name: APPROVED)
@patch("households.imports.read_rows", read_here)
class AnyFile(TestCase):
    """Two files after each other, of rows that are often wrong."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(first=FILE, second=FILE, lets_leave=st.booleans(), takes=st.booleans())
    def test_every_row_is_accounted_for(self, first: Any, second: Any, lets_leave: bool, takes: bool) -> None:
        World()
        before: list[Any] = []
        for rows in (first, second):
            before = register()
            job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW, lets_leave=lets_leave, takes_conflicts=takes)
            assert job.rows == len(rows)
            assert job.rows == job.created + job.updated + job.unchanged + job.refused
            told = fates(job)
            assert [row for row, *_rest in told] == list(range(3, 3 + len(rows)))
            assert Counter(fate for _row, fate, *_rest in told) == +Counter(
                {name: getattr(job, name) for name in FATES}
            )
        after = register()

        again = confirm(bring_in(csv_of(second), now=NOW), now=NOW, lets_leave=lets_leave, takes_conflicts=takes)
        assert register() == after
        assert (again.created, again.updated) == (0, 0)

        take_back_import(job=job, actor=None, on=TODAY)
        continue_import(job.pk, now=NOW)
        assert register() == before
