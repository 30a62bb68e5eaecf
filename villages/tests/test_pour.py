"""Many rows at once: poured, rewritten and looked up come out as they went in, whatever signs they hold."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from villages.among import by_their_indexes
from villages.facts import FactChange, announce, told_together
from villages.models import District, PartnerUnit, SpecialDay, Town
from villages.pour import Kept, Lines, Shared, check_pointers, next_keys, pour, rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.core]

ODD = ["back\\slash", "tab\there", "line\nend", "\\N", "引号\"'", "", "a\rb"]


def test_every_sign_comes_out_as_it_went_in() -> None:
    pour(
        SpecialDay,
        ["day", "name", "is_workday"],
        [(date(2026, 1, n + 1), odd, n % 2 == 0) for n, odd in enumerate(ODD)],
    )

    assert list(SpecialDay.objects.order_by("day").values_list("name", flat=True)) == ODD
    assert SpecialDay.objects.filter(is_workday=True).count() == 4


def test_cells_that_rows_share_and_texts_that_are_kept_come_out_as_they_went_in() -> None:
    holiday = Shared(["back\\slash", False])
    rows = [[date(2026, 1, 1), holiday], [date(2026, 1, 2), holiday], [date(2026, 1, 3), Kept("tab\there"), True]]

    pour(SpecialDay, ["day", "name", "is_workday"], rows)

    found = SpecialDay.objects.order_by("day").values_list("name", "is_workday")
    assert list(found) == [("back\\slash", False), ("back\\slash", False), ("tab\there", True)]


def test_many_rows_are_rewritten_at_once_and_others_left_alone() -> None:
    units = [PartnerUnit.objects.create(name=f"单位{number}") for number in range(3)]

    rewrite(PartnerUnit, ["name", "is_active"], [(unit.pk, f"新\t{unit.pk}", False) for unit in units[:2]])

    names = dict(PartnerUnit.objects.values_list("pk", "name"))
    assert names == {units[0].pk: f"新\t{units[0].pk}", units[1].pk: f"新\t{units[1].pk}", units[2].pk: "单位2"}
    assert PartnerUnit.objects.filter(is_active=False).count() == 2


def test_keys_handed_out_are_not_given_to_others() -> None:
    PartnerUnit.objects.create(name="甲")

    keys = next_keys(PartnerUnit, 2)
    pour(PartnerUnit, ["id", "name", "is_active"], [(key, f"单位{key}", True) for key in keys])

    assert PartnerUnit.objects.create(name="乙").pk not in keys
    assert PartnerUnit.objects.count() == 4


def test_a_file_is_read_in_pieces_while_it_is_written() -> None:
    lines = Lines(iter(["one\n", "two\n", "three\n"]))

    assert [lines.read(5), lines.read(5), lines.read()] == ["one\nt", "wo\nth", "ree\n"]


def test_one_of_many_values_is_found() -> None:
    District.objects.create(code="360704", name="赣县区")

    assert District.objects.filter(code__among=["360704", "360700"]).count() == 1
    assert District.objects.filter(code__among=[]).count() == 0


def test_rows_that_point_nowhere_are_refused_when_it_is_asked_not_only_at_the_end() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite looks at the end")
    District.objects.create(code="360704", name="赣县区")
    columns = ["code", "name", "district_id", "is_active"]
    pour(Town, columns, [("360704100", "梅林镇", "360704", True)])
    check_pointers((Town, "district_id"))

    with pytest.raises(IntegrityError, match="360799"), transaction.atomic():
        pour(Town, columns, [("360799100", "王母渡镇", "360799", True)])
        check_pointers((Town, "district_id"))


def test_many_values_are_looked_up_by_one_process() -> None:
    everybody = PartnerUnit.objects.order_by()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL force_parallel_mode = on")  # however few rows the table has
        assert "Gather" in everybody.explain()

    with by_their_indexes():
        assert "Gather" not in everybody.explain()


def test_facts_announced_together_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[FactChange] = []
    monkeypatch.setattr("villages.facts.import_string", lambda _path: told.append)

    with told_together():
        for number in (3, 1, 2):
            announce(FactChange(since=date(2026, number, 1), household_ids=frozenset({number})))
        assert told == []

    assert told == [FactChange(since=date(2026, 1, 1), household_ids=frozenset({1, 2, 3}))]


def test_facts_of_a_block_that_fails_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[FactChange] = []
    monkeypatch.setattr("villages.facts.import_string", lambda _path: told.append)

    with pytest.raises(ZeroDivisionError), told_together():
        announce(FactChange(since=date(2026, 1, 1)))
        _ = 1 / 0

    assert told == []
