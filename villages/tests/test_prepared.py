"""A prepared query answers what the same ORM query answers, for other values too."""

import pytest
from django.db.models import QuerySet

from villages.models import District, Town
from villages.prepared import Prepared

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
