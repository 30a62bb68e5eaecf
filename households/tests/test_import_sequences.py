"""What a clerk does one after the other: imports, corrections and undoing, each on top of the others."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from casework.tests.world import TODAY, at
from households.imports import continue_import
from households.living import remove_income, save_income
from households.models import Household, ImportState, Income, Person, RegisterImport, Relation
from households.persons import save_person
from households.register_import.undo import CannotUndo
from households.tests.family import undo
from households.tests.sheets import APPROVED, bring_in, confirm, csv_of, made_up_number, person, read_here

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW: datetime = at(TODAY)
HOME, OTHER, THIRD = "3607041000001", "3607041000002", "3607041000003"


@pytest.fixture(autouse=True)
def _read_by_us(world: Any) -> Iterator[None]:
    """The program that reads files would take most of the time."""
    judging = patch("households.imports.Judging", lambda _path, name: APPROVED)
    with judging, patch("households.imports.read_rows", read_here):
        yield


def couples() -> list[dict[str, Any]]:
    """Two of them, with a daughter each."""
    return [
        *(person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶"), person(HOME, 3, "张小", "之女")),
        *(person(OTHER, 1, "王五"), person(OTHER, 2, "赵六", "配偶"), person(OTHER, 3, "王小", "之女")),
    ]


def write(rows: list[dict[str, Any]], **how: Any) -> RegisterImport:
    """Bring the rows in and have them written."""
    as_of = how.pop("as_of", None)
    return confirm(bring_in(csv_of(rows), now=NOW, as_of=as_of), now=NOW, **how)


def where_they_are() -> list[tuple[Any, ...]]:
    return [*Person.objects.order_by("number").values_list("name", "household__number", "relation")]


def test_two_households_exchange_their_daughters_and_take_them_back(world):
    rows = couples()
    write(rows)
    before = where_they_are()
    rows[2]["户编号"], rows[5]["户编号"] = OTHER, HOME

    preview = bring_in(csv_of([*rows[:2], rows[5], *rows[3:5], rows[2]]), now=NOW)
    comers = [one["name"] for group in preview.groups.all() for one in group.changes["persons"]]  # type: ignore[attr-defined]
    job = confirm(preview, now=NOW)

    assert comers == ["王小", "张小"]
    assert job.state == ImportState.APPLIED
    assert dict(Person.objects.values_list("name", "household__number"))["张小"] == OTHER

    undo(job)

    assert where_they_are() == before


def test_whoever_became_a_head_elsewhere_comes_back_as_what_the_file_says(world):
    rows = couples()
    write(rows)
    Person.objects.filter(name="王五").update(relation=Relation.OTHER)
    Person.objects.filter(name="李四").update(household=Household.objects.get(number=OTHER), relation=Relation.HEAD)

    rows[1]["民族"] = "汉族"
    job = write(rows, takes_conflicts=False)

    assert job.state == ImportState.APPLIED
    assert ("李四", HOME, Relation.SPOUSE) in where_they_are()


@patch("households.register_import.apply.BATCH", 1)
def test_a_head_who_goes_to_a_household_far_below_in_the_file_is_a_head_again_when_that_is_undone(world):
    rows = couples()
    write(rows)
    before = where_they_are()
    rows[0] |= {"户编号": OTHER, "与户主关系": "之父"}
    rows[1]["与户主关系"] = "户主"

    job = write([*rows[1:], rows[0]])

    assert ("张三", OTHER, Relation.FATHER) in where_they_are()
    undo(job)
    assert where_they_are() == before


def test_who_was_moved_by_a_file_that_lacks_the_old_household_comes_back_by_the_one_before(world):
    rows = couples()
    write(rows)
    before = where_they_are()
    write([*rows[3:], rows[2] | {"户编号": OTHER}])
    write([*rows[3:], *[row | {"户编号": THIRD, "与户主关系": "户主"} for row in rows[:1]]])

    write(rows)

    assert where_they_are() == before


def test_a_head_by_hand_stays_where_the_clerk_has_put_them_while_the_old_household_says_the_same(world):
    rows = couples()
    write(rows)
    Person.objects.filter(name="王五").update(relation=Relation.OTHER)
    Person.objects.filter(name="李四").update(household=Household.objects.get(number=OTHER), relation=Relation.HEAD)
    before = where_they_are()
    rows[4]["民族"] = "汉族"

    job = write(rows, lets_leave=True)

    assert (job.updated, job.facts["persons_gone"], job.facts["elsewhere"]) == (1, 0, [])
    assert where_they_are() == before


def test_a_head_whose_new_household_is_refused_as_a_whole_stays_and_is_told_of(world):
    rows = couples()
    write(rows)
    before = where_they_are()
    Household.objects.filter(number=OTHER).update(risk_identified_on=date(2021, 5, 6))
    rows[0] |= {"户编号": OTHER, "与户主关系": "之父"}
    rows[1]["与户主关系"] = "户主"
    rows[3]["风险消除时间"] = "2020-01-01"

    job = write([*rows[1:], rows[0]])

    assert (job.state, job.refused) == (ImportState.APPLIED, 4)
    assert ("张三", HOME, Relation.OTHER) in where_they_are()
    undo(job)
    assert where_they_are() == before


def test_what_was_known_of_an_income_is_known_again_when_the_import_is_undone(world):
    rows = [person(HOME, 1, "张三", 人均纯收入="12000")]
    write(rows, as_of=date(2026, 10, 12))
    Income.objects.update(source="office", as_of=date(2026, 10, 13))
    rows[0]["人均纯收入"] = ""
    blank = write(rows, as_of=date(2026, 10, 14))
    rows[0]["人均纯收入"] = "9000"

    undo(write(rows))

    assert Income.objects.values_list("per_head", "as_of").get() == (None, date(2026, 10, 14))
    undo(blank)
    assert Income.objects.values_list("source", "as_of").get() == ("office", date(2026, 10, 13))


def test_a_household_agrees_with_the_last_file_that_was_not_undone(world):
    rows = couples()
    for day in (10, 12):
        write(rows, as_of=date(2026, 10, day))

    undo(write(rows))

    assert {*Household.objects.values_list("register_as_of", flat=True)} == {date(2026, 10, 12)}


def test_what_was_recognised_is_looked_at_anew_when_the_import_it_was_recognised_by_is_undone(world):
    rows = couples()
    write(rows)
    rows[0]["民族"] = "畲族"
    job = write(rows)
    standing = bring_in(csv_of(rows), now=NOW)
    assert standing.unchanged == len(rows)
    undo(job)

    assert confirm(standing, now=NOW).state == ImportState.READING
    continue_import(standing.pk, now=NOW)
    standing.refresh_from_db()

    assert (standing.state, standing.updated, standing.unchanged) == (ImportState.READY, 1, len(rows) - 1)
    assert confirm(standing, now=NOW).state == ImportState.APPLIED
    assert Person.objects.get(name="张三").ethnicity == "畲族"


def test_an_income_corrected_or_a_person_moved_since_keeps_an_import_from_being_undone(world):
    rows = couples()
    write(rows)
    rows[0]["人均纯收入"] = "9000"
    job = write(rows)
    income = Income.objects.get()
    income.per_head = Decimal(8000)
    save_income(income, actor=None, on=TODAY)

    with pytest.raises(CannotUndo, match="张三"):
        undo(job)

    remove_income(income=income, actor=None, on=TODAY, reason="重复")
    with pytest.raises(CannotUndo, match="张三"):
        undo(job)


def test_a_person_who_went_on_to_another_household_keeps_an_import_from_being_undone(world):
    rows, elsewhere = couples(), {"行政村": "浓口村", "户编号": OTHER}
    rows[3:] = [row | elsewhere for row in rows[3:]]
    write(rows)
    rows[2]["民族"] = "汉族"
    job = write(rows[:3])

    later = write([*rows[3:], rows[2] | elsewhere | {"与户主关系": "儿媳"}])

    with pytest.raises(CannotUndo, match="张小"):
        undo(job)
    undo(later)
    undo(job)
    assert Person.objects.get(name="张小").ethnicity == ""


def test_no_import_and_no_undoing_gives_one_identity_number_to_two_persons(world):
    rows = couples()
    rows[2]["证件号码"] = number = made_up_number(7, "20150505", is_woman=True)
    preview = bring_in(csv_of(rows), now=NOW)
    home = world.household("手录")
    mine = save_person(
        Person(household=home, number="M1", name="录入", relation=Relation.DAUGHTER, id_number=number),
        actor=None,
        on=TODAY,
    )

    assert confirm(preview, now=NOW).state == ImportState.READING
    continue_import(preview.pk, now=NOW)
    preview.refresh_from_db()
    assert (preview.state, preview.refused) == (ImportState.READY, 1)
    assert confirm(preview, now=NOW).state == ImportState.APPLIED

    mine.id_number = None  # type: ignore[assignment]
    save_person(mine, actor=None, on=TODAY)
    assert write(rows).refused == 0
    gone = write([*rows[:2], *rows[3:]], lets_leave=True)
    mine.id_number = number
    save_person(mine, actor=None, on=TODAY)
    undo(gone)
    gone.refresh_from_db()
    assert (gone.state, "录入" in gone.problem, "张小" in gone.problem) == (ImportState.APPLIED, True, True)
