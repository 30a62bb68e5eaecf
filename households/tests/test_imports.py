"""A file of households from upload to undo: what it changes, what it leaves alone, and who may."""

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest

from casework.tests.world import TODAY
from households.imports import continue_import, take_back_import
from households.models import (
    Fate,
    Household,
    HouseholdMove,
    ImportKind,
    ImportPart,
    ImportState,
    Income,
    Person,
    RegisterImport,
    Relation,
)
from households.persons import save_person
from households.register_import.plan import ColumnsRefused
from households.register_import.undo import CannotUndo
from households.residence import save_household
from households.tests.family import HOME, NOW, OTHER, counts, family, undo
from households.tests.sheets import bring_in, confirm, csv_of, made_up_number, person
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_a_new_household_comes_with_its_persons(world):
    job = bring_in(csv_of(family()), now=NOW)

    assert (job.state, counts(job)) == (ImportState.READY, (3, 3, 0, 0, 0))
    assert Household.objects.count() == 0

    confirm(job, now=NOW)

    home: Any = Household.objects.get(number=HOME)
    assert (home.head_name, home.members, home.village, home.base_type) == ("张三", 3, world.village, "exited")
    assert (home.phone.reveal(), home.register_as_of) == ("13800000001", TODAY)
    head: Any = Person.objects.get(relation=Relation.HEAD)
    assert (head.name, head.sex, head.born_on, head.health) == (
        "张三",
        "male",
        date(1980, 1, 1),
        ["chronic", "disabled"],
    )
    assert head.id_number.reveal() == made_up_number(1)
    assert Income.objects.get().year == 2026
    assert not ImportPart.objects.exists()


def test_an_imported_number_is_found_like_one_that_was_typed_in(world):
    confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    person = Person.objects.get(relation=Relation.HEAD)
    found = (person.id_index, person.id_tail_index)

    save_person(person, actor=None, on=TODAY)

    person.refresh_from_db()
    assert (person.id_index, person.id_tail_index) == found


def test_the_same_file_twice_changes_nothing(world):
    content = csv_of(family())
    confirm(bring_in(content, now=NOW), now=NOW)
    entries = AuditEntry.objects.exclude(verb__startswith="import.").count()

    job = confirm(bring_in(content, now=NOW), now=NOW)

    assert counts(job) == (3, 0, 0, 3, 0)
    assert AuditEntry.objects.exclude(verb__startswith="import.").count() == entries


def test_a_row_refused_again_leaves_its_household_alone_until_it_is_corrected(world):
    good, wrong = family()[:2], person(HOME, 3, "张小", "之女", 证件号码="360702201205061230")
    for _turn in range(2):
        job = confirm(bring_in(csv_of([*good, wrong]), now=NOW), now=NOW)
    group = job.groups.get()

    assert counts(job) == (3, 0, 0, 2, 1)
    assert [row[2:] for row in group.rows] == [["unchanged", "张三"], ["unchanged", "李四"]]
    assert (group.values, job.refusals.get().label) == (None, "张小")

    corrected = confirm(bring_in(csv_of(family()), now=NOW), now=NOW)

    assert counts(corrected) == (3, 1, 0, 2, 0)


def test_changed_fields_are_shown_old_and_new_before_they_are_written(world):
    confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    rows = family()
    rows[0]["户类型"], rows[1]["文化程度"], rows[0]["户联系电话"] = "一般农户", "初中", "13900001111"

    job = bring_in(csv_of(rows), now=NOW)

    assert counts(job) == (3, 0, 2, 1, 0)
    changes = job.groups.get(fate=Fate.UPDATED).changes
    assert changes["updates"] == {"base_type": ["exited", "ordinary"], "phone": ["138****0001", "139****1111"]}
    assert changes["persons"][0]["updates"] == {"education": ["", "junior"]}
    assert Household.objects.get().base_type == "exited"

    confirm(job, now=NOW)

    assert Household.objects.get().base_type == "ordinary"
    assert Person.objects.get(name="李四").education == "junior"


def corrected_here(rows: list[dict[str, Any]], said: str) -> Person:
    """The wife, whose education was corrected here after the register had said something else."""
    rows[1]["文化程度"] = said
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    wife = Person.objects.get(name="李四")
    wife.education = "senior"
    save_person(wife, actor=None, on=TODAY)
    return wife


def test_what_was_corrected_here_stays_while_the_register_says_the_same(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    wife = Person.objects.get(name="李四")
    wife.education = "senior"
    save_person(wife, actor=None, on=TODAY)
    rows[1]["劳动技能"] = "普通劳动力"

    job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    wife.refresh_from_db()
    assert (wife.education, wife.labour_skill, job.facts["conflicts"]) == ("senior", "ordinary", 0)


def test_what_was_corrected_here_outlives_a_file_in_which_the_row_is_refused(world):
    rows = family()
    wife = corrected_here(rows, "初中")
    refused = rows[1] | {"姓名": ""}
    job = confirm(bring_in(csv_of([rows[0] | {"文化程度": "大专"}, refused, rows[2]]), now=NOW), now=NOW)
    assert counts(job) == (3, 0, 1, 1, 1)

    job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    wife.refresh_from_db()
    assert (wife.education, job.facts["conflicts"], counts(job)) == ("senior", 0, (3, 0, 1, 2, 0))


@pytest.mark.parametrize(
    ("takes", "education", "fates"), [(True, "college", (3, 0, 1, 2, 0)), (False, "senior", (3, 0, 0, 3, 0))]
)
def test_what_both_have_changed_waits_for_a_decision(world, takes, education, fates):
    rows = family()
    wife = corrected_here(rows, "初中")
    rows[1]["文化程度"] = "大专"

    job = bring_in(csv_of(rows), now=NOW)
    assert (job.facts["conflicts"], counts(job)) == (1, (3, 0, 0, 3, 0))
    confirm(job, now=NOW, takes_conflicts=takes)

    wife.refresh_from_db()
    assert (wife.education, counts(job)) == (education, fates)


@pytest.mark.parametrize("lets_leave", [True, False])
def test_those_no_longer_in_the_file_leave_only_when_somebody_says_so(world, lets_leave):
    rows = [*family(), person(OTHER, 1, "王五")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    job = bring_in(csv_of(rows[:2]), now=NOW)
    assert (job.facts["gone"], job.facts["persons_gone"], counts(job)) == (1, 1, (2, 0, 0, 2, 0))
    confirm(job, now=NOW, lets_leave=lets_leave)

    left = TODAY if lets_leave else None
    assert Household.objects.get(number=OTHER).left_on == left
    assert Person.objects.get(name="张小").left_on == left


def test_whoever_left_by_an_import_and_comes_back_is_here_again(world):
    rows = [*family(), person(OTHER, 1, "王五")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    confirm(bring_in(csv_of(rows[:2]), now=NOW), now=NOW, lets_leave=True)

    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    assert Household.objects.filter(left_on=None).count() == 2
    assert Person.objects.filter(left_on=None).count() == 4


def state_of_the_register() -> list:
    households = Household.objects.order_by("number").values_list(
        *("number", "village", "head_name", "base_type", "members", "left_on", "moved_on", "register_as_of")
    )
    persons = Person.objects.order_by("number").values_list(
        *("number", "household__number", "name", "relation", "education", "left_on", "id_index")
    )
    return [*households, *persons, *Income.objects.order_by("household__number").values_list("year", "per_head")]


def test_an_import_is_undone_as_a_whole(world):
    rows = [*family(), person(OTHER, 1, "王五")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    before = state_of_the_register()
    rows[0]["人均纯收入"], rows[1]["文化程度"], rows[0]["户类型"] = "15000", "大专", "一般农户"
    for row in rows[:3]:
        row["行政村"] = "浓口村"
    changed = [
        *rows[:2],
        person(HOME, 4, "张新", "之子"),
        person("3607041000009", 1, "赵六"),
        person("3607041000008", 1, "钱七"),
    ]
    changed[-1]["行政村"] = "浓口村"
    job = confirm(bring_in(csv_of(changed), now=NOW), now=NOW, lets_leave=True)
    assert state_of_the_register() != before

    undo(job)

    assert job.state == ImportState.UNDONE
    assert state_of_the_register() == before
    assert not HouseholdMove.objects.exists()


def test_undoing_the_first_import_leaves_nothing(world):
    job = confirm(bring_in(csv_of(family()), now=NOW), now=NOW)

    undo(job)

    assert state_of_the_register() == []


def test_what_was_edited_later_keeps_an_import_from_being_undone(world):
    job = confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    home = Household.objects.get()
    home.house = "村口第一家"
    save_household(home, actor=None, on=TODAY)

    with pytest.raises(CannotUndo, match=f"1 条记录后来又有改动：{home.head_name}。"):
        take_back_import(job=job, actor=None, on=TODAY)


def test_a_helper_of_a_new_household_keeps_an_import_from_being_undone(world):
    job = confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    world.help("帮扶干部", Household.objects.get())

    with pytest.raises(CannotUndo):
        take_back_import(job=job, actor=None, on=TODAY)


def test_a_later_import_is_undone_first(world):
    rows = family()
    first = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[1]["文化程度"] = "大专"
    second = confirm(bring_in(csv_of(rows), now=NOW, name="later.csv"), now=NOW)

    with pytest.raises(CannotUndo, match=r"later\.csv"):
        take_back_import(job=first, actor=None, on=TODAY)
    undo(second)
    undo(first)
    assert not Household.objects.exists()


def test_what_was_edited_after_a_later_import_was_undone_still_counts(world):
    rows = family()
    first = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[1]["文化程度"] = "大专"
    undo(confirm(bring_in(csv_of(rows), now=NOW), now=NOW))
    daughter = Person.objects.get(name="张小")
    daughter.place_of_work = "赣州"
    save_person(daughter, actor=None, on=TODAY)

    with pytest.raises(CannotUndo, match="张小"):
        take_back_import(job=first, actor=None, on=TODAY)


def test_records_that_changed_since_the_preview_are_previewed_again(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[1]["文化程度"] = "大专"
    job = bring_in(csv_of(rows), now=NOW)
    wife = Person.objects.get(name="李四")
    wife.education = "senior"
    save_person(wife, actor=None, on=TODAY)

    confirm(job, now=NOW)

    assert (job.state, job.is_read_again) == (ImportState.READING, True)
    continue_import(job.pk, now=NOW)
    job.refresh_from_db()
    assert job.state == ImportState.READY
    wife.refresh_from_db()
    assert wife.education == "senior"


def test_a_list_of_households_forgets_nothing_of_what_the_register_said_of_persons(world):
    rows = family()
    wife = corrected_here(rows, "大专")
    alone = {title: rows[0].get(title, "") for title in ("县", "乡", "行政村", "户编号")}
    home = alone | {"户主姓名": "张三", "户类型": "一般农户"}
    listed = bring_in(csv_of([home], header=list(home)), now=NOW, kind=ImportKind.HOUSEHOLDS)
    confirm(listed, now=NOW)

    again = bring_in(csv_of(rows), now=NOW)

    assert (listed.updated, again.facts.get("conflicts", 0)) == (1, 0)
    confirm(again, now=NOW)
    wife.refresh_from_db()
    assert wife.education == "senior"


def test_rows_outside_ones_places_are_refused_and_stop_no_other(world):
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    foreign = person(OTHER, 1, "王五", 乡="沙地镇", 行政村="攸镇村")

    job = bring_in(csv_of([*family(), foreign]), now=NOW, actor=clerk)

    assert counts(job) == (4, 3, 0, 0, 1)
    refusal = job.refusals.get()
    assert (refusal.row, refusal.column, refusal.value, refusal.code) == (6, "行政村", "攸镇村", "not_yours")


def test_a_list_of_households_needs_no_persons(world):
    header = ["户编号", "户主姓名", "行政村", "户类型", "人数"]
    row = {"户编号": HOME, "户主姓名": "张三", "行政村": "潭埠村", "户类型": "一般农户", "人数": 4}

    job = confirm(bring_in(csv_of([row], header=header), now=NOW, kind=ImportKind.HOUSEHOLDS), now=NOW)
    again = bring_in(csv_of([row], header=header), now=NOW, kind=ImportKind.HOUSEHOLDS)

    home = Household.objects.get()
    assert (home.head_name, home.members, counts(job), counts(again)) == ("张三", 4, (1, 1, 0, 0, 0), (1, 0, 0, 1, 0))


def test_wrong_columns_are_refused_with_the_names_of_those_missing(world):
    with pytest.raises(ColumnsRefused, match="户编号、人编号"):
        bring_in("姓名,年龄\n张三,40\n".encode(), now=NOW)

    assert not RegisterImport.objects.exists()


def test_columns_that_only_reading_shows_to_be_wrong_refuse_the_file_too(world):
    with patch("households.imports.require_columns"):
        job = bring_in("姓名,年龄\n张三,40\n".encode(), now=NOW)

    assert job.state == ImportState.REFUSED
    assert "户编号、人编号" in job.problem
    assert not ImportPart.objects.exists()


def test_running_the_background_twice_changes_nothing(world):
    job = confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    before = state_of_the_register()

    continue_import(job.pk, now=NOW)

    assert state_of_the_register() == before


# The verdict on identity numbers --------------------------------------------------------------------


def mistype(number: str) -> str:
    return number[:-1] + ("1" if number[-1] == "X" else "X")


def test_a_wrong_number_is_judged_anew_when_an_import_corrects_it_and_when_that_is_undone(world):
    confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    head: Any = Person.objects.get(relation=Relation.HEAD)
    head.id_number = mistype(made_up_number(1))
    head.save()
    assert head.id_problem == "number"
    rows = family()
    rows[0]["证件号码"] = made_up_number(9)

    job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW, takes_conflicts=True)

    head.refresh_from_db()
    assert (head.id_number.reveal(), head.id_problem) == (made_up_number(9), "")

    undo(job)

    head.refresh_from_db()
    assert (head.id_number.reveal(), head.id_problem) == (mistype(made_up_number(1)), "number")


def test_a_number_that_no_longer_agrees_with_what_was_corrected_here_is_judged_so(world):
    confirm(bring_in(csv_of(family()), now=NOW), now=NOW)
    wife: Any = Person.objects.get(name="李四")
    wife.born_on = date(1982, 3, 5)
    wife.save()
    rows = family()
    rows[1]["证件号码"] = made_up_number(5, "19820304", is_woman=True)

    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    wife.refresh_from_db()
    assert (wife.born_on, wife.id_problem) == (date(1982, 3, 5), "born_on")


def test_every_imported_person_has_the_verdict_that_saving_would_reach(world):
    confirm(bring_in(csv_of(family()), now=NOW), now=NOW)

    for person_ in Person.objects.all():
        found = person_.id_problem
        person_.save()
        assert found == person_.id_problem == ""


def test_rows_of_a_household_need_not_stand_together(world, monkeypatch):
    """Households are compared while the file is read; one that comes again makes it begin anew."""
    monkeypatch.setattr("households.register_import.preview.BATCH", 1)
    couple, daughter = family()[:2], family()[2]
    rows = [*couple, person(OTHER, 1, "王五", 证件号码="360721"), person("3607041000003", 1, "赵六"), daughter]

    job = bring_in(csv_of(rows), now=NOW)

    assert (counts(job), job.groups.count(), job.refusals.count()) == ((5, 4, 0, 0, 1), 2, 1)
    confirm(job, now=NOW)
    assert [*Person.objects.filter(household__number=HOME).values_list("name", flat=True)] == ["张三", "李四", "张小"]


def test_what_persons_share_is_read_once_and_stays_their_own(world):
    """A mistake beside the same words as somebody else's is still found, in its own column."""
    rows = family()
    rows[1:] = [person(HOME, place, f"李{place}", "之子") for place in (2, 3, 4)]
    rows[2]["证件号码"], rows[3]["姓名"] = "360721", ""

    job = bring_in(csv_of(rows), now=NOW)

    assert counts(job) == (4, 2, 0, 0, 2)
    assert [*job.refusals.values_list("row", "column", "code")] == [(5, "证件号码", "shape"), (6, "姓名", "missing")]
