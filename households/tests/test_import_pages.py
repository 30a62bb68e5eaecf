"""The office's pages of an import: a file is brought in, looked through, confirmed, and undone, by who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from casework.tests.world import TODAY, World, at
from households.forms.imports import ConfirmForm
from households.imports import continue_import
from households.models import Household, ImportGroup, ImportKind, ImportState, Person, RegisterImport
from households.persons import save_person
from households.register_import.differences import changes_of, named_in
from households.tests.sheets import bring_in, confirm, csv_of, made_up_number, person
from villages.models import Post, Posting
from villages.postings import end_posting
from villages.tests.drawn import without_drawn
from villages.tests.panel import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
HOME, OTHER = "3607041000001", "3607041000002"
IDENTITY = made_up_number(7, "19750607")


@pytest.fixture
def clerk(world: World) -> Panel:
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


def upload(
    panel: Panel,
    content: bytes,
    name: str = "export.csv",
    kind: str = ImportKind.REGISTER,
    as_of: str = TODAY.isoformat(),
) -> Any:
    file = SimpleUploadedFile(name, content)
    values = {"file": file, "kind": kind, "as_of": as_of}
    return panel.client.post(reverse("admin:households_registerimport_add"), values)


def page(panel: Panel, job: RegisterImport, **query: str) -> Any:
    return panel.client.get(reverse("admin:households_registerimport_change", args=[job.pk]), query)


def press(panel: Panel, job: RegisterImport, name: str, **values: str) -> Any:
    return panel.client.post(reverse(f"admin:households_registerimport_{name}", args=[job.pk]), values, follow=True)


def work(job: RegisterImport) -> None:
    continue_import(job.pk, now=NOW)
    job.refresh_from_db()


def test_a_clerk_brings_a_file_in_confirms_it_and_undoes_it(world, clerk):
    merged = {"人编号": f"{HOME}02", "姓名": "李四", "与户主关系": "配偶"}
    upload(clerk, csv_of([{"序号": "示例"}, person(HOME, 1, "张三", 证件号码=IDENTITY), merged]))
    job = RegisterImport.objects.get()
    assert "/ 约" in page(clerk, job).text  # titles and hidden sheets are counted, too
    work(job)

    text = page(clerk, job).text
    assert "张三" in text
    assert "第3行仍是模板的示例，已跳过。" in text
    assert "1行未填户信息，已按合并单元格归入紧邻上一行的户。" in text
    press(clerk, job, "confirm")
    work(job)
    assert Household.objects.get().head_name == "张三"
    assert "导入其他文件" in page(clerk, job).text

    press(clerk, job, "undo")
    work(job)
    assert (Household.objects.count(), job.state) == (0, ImportState.UNDONE)
    assert page(clerk, job).status_code == 200


def test_a_file_that_is_none_is_refused_beside_the_field(world, clerk):
    empty = clerk.client.get(reverse("admin:households_registerimport_changelist")).text
    assert "还没有记录。" in empty
    assert "显示全部" not in empty
    unchosen = clerk.client.post(reverse("admin:households_registerimport_add"), {"kind": ImportKind.REGISTER})
    assert unchosen.context["form"].errors["file"] == ["请先选择文件。"]
    response = upload(clerk, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "old.xls")

    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert not RegisterImport.objects.exists()


@pytest.mark.parametrize("day", ["2026-10-16", "0026-10-15"])
def test_an_export_of_the_future_or_before_the_register_is_refused_beside_the_day(world, clerk, day):
    response = upload(clerk, csv_of([person(HOME, 1, "张三")]), as_of=day)

    assert response.context["form"].errors["as_of"]
    assert not RegisterImport.objects.exists()


def test_wrong_columns_are_told_on_the_page(world, clerk):
    told = upload(clerk, "姓名,年龄\n张三,40\n".encode())

    assert "户编号、人编号" in told.text
    assert not RegisterImport.objects.exists()


def test_the_preview_masks_numbers_and_shows_old_and_new(world, clerk):
    confirm(bring_in(csv_of([person(HOME, 1, "张三", 证件号码=IDENTITY, 户联系电话="13800000001")]), now=NOW), now=NOW)
    other = made_up_number(8, "19750607")
    row = person(HOME, 1, "张三", 证件号码=other, 户联系电话="13800000002", 文化程度="初中")
    job = bring_in(csv_of([row]), now=NOW)
    district = Panel(world.post("区录入员", Post.CLERK, world.district))

    text = without_drawn(page(district, job, show="updated").text)

    assert "138****0001" in text
    assert "初中" in text
    assert not [number for number in (IDENTITY, other, IDENTITY[-4:], "13800000001", "13800000002") if number in text]


def test_a_refused_row_says_where_what_and_how_to_mend_it(world, clerk):
    wrong = IDENTITY[:-1] + ("0" if IDENTITY[-1] != "0" else "1")
    upload(clerk, csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶", 证件号码=wrong)]))
    job = RegisterImport.objects.get()
    work(job)

    text = page(clerk, job, show="refused").text

    assert wrong not in text
    assert "校验位" in text
    assert "“待更正”工作表" in text
    district = Panel(world.post("区录入员", Post.CLERK, world.district))
    assert "“待更正”工作表" not in page(district, job).text  # whose numbers there are masked
    assert (job.rows, job.created, job.refused) == (2, 1, 1)


def test_a_personal_number_in_a_wrong_column_or_in_the_files_name_is_kept_nowhere(world, clerk):
    rows = [
        person(HOME, 1, "张三"),
        person(HOME, 2, f"李四{IDENTITY}", "配偶"),
        person(HOME, 3, "张小", "之女", 民族="13900001234"),
    ]

    upload(clerk, csv_of(rows), f"张三{IDENTITY}.csv")

    job = RegisterImport.objects.get()
    work(job)
    text = page(clerk, job, show="refused").text
    assert (job.file_name, job.created, job.refused) == (f"张三{'*' * 18}.csv", 1, 2)
    assert [refusal.label for refusal in job.refusals.all()] == [f"李四{'*' * 18}", "张小"]
    assert text.count("请移到对应的列") == 2
    assert not [number for number in (IDENTITY, "13900001234") if number in text]


@pytest.mark.parametrize(("title", "refused"), [("人编号", 1), ("户编号", 2)])
def test_an_identity_number_that_stands_for_a_records_number_is_refused(world, clerk, title, refused):
    rows = [person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶")]
    for row in rows[2 - refused :]:
        row[title] = IDENTITY

    upload(clerk, csv_of(rows))

    job = RegisterImport.objects.get()
    work(job)
    text = page(clerk, job, show="refused").text
    assert job.refused == refused
    assert [one.value for one in job.refusals.all()][:1] == ["*" * 18]
    assert not job.groups.filter(key=IDENTITY).exists()
    assert "请移到对应的列" in text
    assert IDENTITY not in text


def test_conflicts_must_be_decided_before_anything_is_written(world, clerk):
    confirm(bring_in(csv_of([person(HOME, 1, "张三", 文化程度="初中")]), now=NOW), now=NOW)
    head = Person.objects.get()
    head.education = "senior"
    save_person(head, actor=None, on=TODAY)
    upload(clerk, csv_of([person(HOME, 1, "张三", 文化程度="大专")]))
    job = RegisterImport.objects.latest("pk")
    work(job)

    response = press(clerk, job, "confirm")

    job.refresh_from_db()
    assert job.state == ImportState.READY
    assert response.context["form"].errors["takes_conflicts"]

    press(clerk, job, "confirm", takes_conflicts="register")
    work(job)
    head.refresh_from_db()
    assert head.education == "college"


def test_who_confirms_twice_is_told_that_it_is_being_written(world, clerk):
    upload(clerk, csv_of([person(HOME, 1, "张三")]))
    job = RegisterImport.objects.get()
    work(job)

    first, second = (press(clerk, job, "confirm") for _turn in range(2))

    assert [str(message) for message in second.context["messages"]] == ["该导入目前的状态是：正在写入。"]
    work(job)
    assert (first.status_code, job.state, Person.objects.count()) == (200, ImportState.APPLIED, 1)


def test_a_discarded_file_is_forgotten(world, clerk):
    upload(clerk, csv_of([person(HOME, 1, "张三")]))
    job = RegisterImport.objects.get()
    work(job)

    press(clerk, job, "discard")

    job.refresh_from_db()
    assert (job.state, job.parts.count(), job.groups.count()) == (ImportState.DISCARDED, 0, 0)


def test_nobody_sees_or_decides_on_anothers_import_but_the_districts_office(world, clerk):
    upload(clerk, csv_of([person(HOME, 1, "张三")]))
    job = RegisterImport.objects.get()
    work(job)
    colleague = Panel(world.post("别镇录入员", Post.CLERK, world.other_town))
    outsider = Panel(world.cadre("局外人"))
    district = Panel(world.post("区录入员", Post.CLERK, world.district))

    for name in ("confirm", "discard", "undo"):
        assert {press(panel, job, name).status_code for panel in (colleague, outsider)} == {404}
    assert [page(panel, job).status_code for panel in (colleague, outsider, district)] == [404, 404, 200]
    job.refresh_from_db()
    assert job.state == ImportState.READY


def test_units_are_brought_in_by_the_districts_office_only(world, clerk):
    response = upload(clerk, "单位名称\n区林业局\n".encode(), kind=ImportKind.UNITS)

    assert response.context["form"].errors["kind"]


def test_a_clerk_who_has_moved_to_another_town_writes_nothing_to_the_old_one(world, clerk):
    upload(clerk, csv_of([person(HOME, 1, "张三")]))
    job = RegisterImport.objects.get()
    work(job)
    posting = Posting.objects.get(cadre=job.made_by)
    end_posting(posting=posting, ends_on=TODAY - timedelta(days=1), actor=None, on=TODAY)
    world.post(job.made_by, Post.CLERK, world.other_town, starts_on=TODAY)

    assert press(clerk, job, "confirm").status_code == 403
    job.refresh_from_db()
    assert job.state == ImportState.READY


def test_looking_changes_nothing(world, clerk):
    upload(clerk, csv_of([person(HOME, 1, "张三")]))
    job = RegisterImport.objects.get()
    work(job)

    for name in ("confirm", "discard", "undo"):
        clerk.client.get(reverse(f"admin:households_registerimport_{name}", args=[job.pk]))

    job.refresh_from_db()
    assert job.state == ImportState.READY


@pytest.mark.parametrize("show", ["created", "refused"])
def test_the_preview_asks_as_many_questions_for_three_households_as_for_one(world, clerk, show):
    def queries(count: int) -> int:
        wrong = {"文化程度": "不详"} if show == "refused" else {}
        upload(clerk, csv_of([person(f"{HOME}{serial}", 1, f"张{serial}", **wrong) for serial in range(count)]))
        job = RegisterImport.objects.latest("pk")
        work(job)
        page(clerk, job, show=show)
        with CaptureQueriesContext(connection) as asked:
            page(clerk, job, show=show)
        return len(asked)

    assert queries(1) == queries(3)


def test_a_move_names_the_villages(world):
    codes = [world.village.pk, world.sibling.pk]
    group = ImportGroup(is_moving=True, changes={"updates": {"village": codes}})

    (line,) = changes_of(group, ImportKind.REGISTER, named_in([group], reader=world.cadre("谁"), on=TODAY))

    assert (line.ours, line.theirs) == (world.village.name, world.sibling.name)


@pytest.mark.parametrize("is_new", [True, False])
def test_whoever_goes_to_another_household_is_told_with_both_as_far_as_the_reader_reaches(world, clerk, is_new):
    mother, daughter = person(HOME, 1, "张三"), person(HOME, 2, "张小", "之女")
    groom = person(OTHER, 1, "王五")
    confirm(bring_in(csv_of([mother, daughter, *([] if is_new else [groom])]), now=NOW), now=NOW)
    upload(clerk, csv_of([mother, groom, daughter | {"户编号": OTHER}]))
    job = RegisterImport.objects.latest("pk")
    work(job)

    text = page(clerk, job, show="created" if is_new else "updated").text

    families = '<td data-label="现有">张三（3607041000001）</td><td data-label="文件中">王五（3607041000002）</td>'
    assert f">转到另一户</td>{families}" in text
    group, outsider = job.groups.get(key=OTHER), world.cadre("局外人")
    with CaptureQueriesContext(connection) as asked:
        named = named_in([group], reader=outsider, on=TODAY)
    (line,) = [line for line in changes_of(group, job.kind, named) if line.who]
    assert (line.ours, line.theirs, len(asked)) == ("您工作范围以外的一户", "王五（3607041000002）", 1)


@pytest.mark.parametrize(
    ("gone", "persons_gone", "language", "said"),
    [
        (1, 0, "en", "No longer in the file: let 1 household leave"),
        (2, 1, "en", "No longer in the file: let 2 households and 1 person leave"),
        (0, 3, "zh-hans", "将文件中已没有的3人标记为退出登记"),
        (2, 3, "zh-hans", "将文件中已没有的2户和3人标记为退出登记"),
    ],
)
def test_who_would_leave_is_said_in_so_many_words(gone: int, persons_gone: int, language: str, said: str) -> None:
    with override(language):
        form = ConfirmForm(job=RegisterImport(facts={"gone": gone, "persons_gone": persons_gone}))

    assert form.fields["lets_leave"].label == said
