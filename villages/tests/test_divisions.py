"""The official register of divisions: loaded, compared, refused."""

import pytest
from django.core.management import CommandError, call_command

from villages.division_file import BadRegister, read_register
from villages.divisions import SHIPPED, LoadReport, UnknownDistrict, What, load_register
from villages.models import AuditEntry, District, Pairing, PartnerUnit, Town, Village

pytestmark = [pytest.mark.django_db, pytest.mark.core]

HEADER = "code,name,township_code,township_name"
TWO_TOWNS = (
    "360704101201,横溪村委会,360704101,王母渡镇",
    "360704101202,立濑村委会,360704101,王母渡镇",
    "360704104201,横溪村委会,360704104,田村镇",
)


def register(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def load(*lines: str, district_name: str = "") -> LoadReport:
    return load_register(entries=read_register(register(*lines)), actor=None, district_name=district_name)


def changes(report: LoadReport) -> list[tuple[What, str, str]]:
    return [(what, place.pk, before) for what, place, before in report.changes]


def refusal(raw: bytes) -> list[int]:
    """Numbers of the lines for which the file is refused."""
    with pytest.raises(BadRegister) as refused:
        read_register(raw)
    return [line for line, _reason in refused.value.bad]


def test_the_shipped_register_makes_276_villages_in_19_towns() -> None:
    report = load_register(entries=read_register(SHIPPED.read_bytes()), actor=None)

    assert (report.entries, report.villages, report.towns) == (313, 276, 19)
    assert (Village.objects.count(), Town.objects.count()) == (276, 19)
    assert District.objects.get().name == "赣县区"


def test_urban_and_virtual_committees_are_not_villages() -> None:
    load(
        *TWO_TOWNS,
        "360704101001,圩镇居委会,360704101,王母渡镇",
        "360704101002,阳埠乡居民委员会,360704101,王母渡镇",
        "360704400498,虚拟社区,360704400,开发区",
    )

    assert Village.objects.count() == 3
    assert not Town.objects.filter(name="开发区").exists()


def test_the_long_ending_names_a_village_too() -> None:
    load("360704101201,横溪村民委员会,360704101,王母渡镇")

    assert Village.objects.get().short_name == "横溪村"


def test_villages_of_one_name_in_two_towns_stay_apart() -> None:
    load(*TWO_TOWNS)

    towns = Village.objects.filter(name="横溪村委会").values_list("town__name", flat=True)
    assert sorted(towns) == ["王母渡镇", "田村镇"]


def test_the_first_load_is_one_entry_in_the_trail() -> None:
    load(*TWO_TOWNS)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.changes) == ("register.loaded", {"towns": [0, 2], "villages": [0, 3]})


def test_a_second_load_changes_nothing_and_says_so(django_assert_num_queries) -> None:
    entries = read_register(register(*TWO_TOWNS))
    load_register(entries=entries, actor=None)
    # savepoint, district, towns, villages, release
    with django_assert_num_queries(5):
        report = load_register(entries=entries, actor=None)

    assert report.changes == []
    assert AuditEntry.objects.count() == 1


def test_added_renamed_and_vanished_villages_are_reported_and_audited() -> None:
    load(*TWO_TOWNS)

    renamed, added = "360704101202,立新村委会,360704101,王母渡镇", "360704101203,新村村委会,360704101,王母渡镇"
    report = load(TWO_TOWNS[0], renamed, added)

    assert changes(report) == [
        (What.VANISHED, "360704104", ""),
        (What.ADDED, "360704101203", ""),
        (What.RENAMED, "360704101202", "立濑村委会"),
        (What.VANISHED, "360704104201", ""),
    ]
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "changes"))[1:] == [
        ("town.vanished", {"name": ["田村镇", None]}),
        ("village.added", {"name": [None, "新村村委会"]}),
        ("village.renamed", {"name": ["立濑村委会", "立新村委会"]}),
        ("village.vanished", {"name": ["横溪村委会", None]}),
    ]


def test_a_vanished_village_is_kept_with_its_history() -> None:
    load(*TWO_TOWNS)
    unit = PartnerUnit.objects.create(name="区水利局")
    Pairing.objects.create(unit=unit, village_id="360704104201", starts_on="2024-01-01")

    load(*TWO_TOWNS[:2])

    assert not Village.objects.in_register().filter(pk="360704104201").exists()
    assert Pairing.objects.get().village_id == "360704104201"


def test_a_village_that_is_back_is_reported_and_active_again() -> None:
    load(*TWO_TOWNS)
    load(*TWO_TOWNS[:2])

    report = load(*TWO_TOWNS)

    assert changes(report) == [(What.RETURNED, "360704104", ""), (What.RETURNED, "360704104201", "")]
    assert Village.objects.in_register().count() == 3


def test_a_village_with_a_new_code_is_reported_as_moved() -> None:
    load(*TWO_TOWNS)

    report = load(TWO_TOWNS[0], TWO_TOWNS[2], "360704104209,立濑村委会,360704104,田村镇")

    assert changes(report) == [(What.MOVED, "360704104209", "360704101202")]
    assert not Village.objects.get(pk="360704101202").is_active
    assert AuditEntry.objects.first().changes == {"code": ["360704101202", "360704104209"]}


def test_two_villages_of_one_name_are_never_taken_for_a_move() -> None:
    load(*TWO_TOWNS)

    report = load(TWO_TOWNS[1], "360704101209,横溪村委会,360704101,王母渡镇")

    assert [what for what, code, _before in changes(report) if len(code) == 12] == [
        What.ADDED,
        What.VANISHED,
        What.VANISHED,
    ]


def test_another_district_is_left_alone() -> None:
    load(*TWO_TOWNS)

    load("360703101201,石芫村委会,360703101,唐江镇", district_name="南康区")

    assert Village.objects.in_register().count() == 4


def test_a_district_nobody_knows_needs_a_name() -> None:
    with pytest.raises(UnknownDistrict):
        load("360703101201,石芫村委会,360703101,唐江镇")


def test_the_district_can_be_renamed() -> None:
    load(*TWO_TOWNS)

    report = load(*TWO_TOWNS, district_name="赣县")

    assert changes(report) == [(What.RENAMED, "360704", "赣县区")]


@pytest.mark.parametrize(
    ("lines", "bad"),
    [
        (["36070410120,横溪村委会,360704101,王母渡镇", TWO_TOWNS[1], "x,立新村委会,360704101,王母渡镇"], [2, 4, 4, 4]),
        (["36070410120１,横溪村委会,360704101,王母渡镇"], [2]),
        ([TWO_TOWNS[0], "360704102201,沙地村委会,360704103,沙地镇"], [3]),
        ([TWO_TOWNS[0], "360704102201,沙地村委会,,沙地镇"], [3]),
        ([*TWO_TOWNS, TWO_TOWNS[0]], [5]),
        ([TWO_TOWNS[0], "360704101202,立濑村委会,360704101,王母镇"], [3]),
        ([*TWO_TOWNS, "360703101201,石芫村委会,360703101,唐江镇"], [5]),
        ([TWO_TOWNS[0], "360704101202,,360704101,王母渡镇"], [3]),
        ([TWO_TOWNS[0], "360704101202,立濑村委会,360704101"], [3]),
        ([TWO_TOWNS[0], '360704101202,"立濑"村委会,360704101,王母渡镇'], [3]),
        ([], [1]),
    ],
    ids=[
        "code length",
        "full-width digit",
        "unknown town",
        "no town",
        "duplicate code",
        "town under two names",
        "another district",
        "no name",
        "too few columns",
        "not CSV",
        "no entries",
    ],
)
def test_a_bad_file_is_refused_with_the_numbers_of_its_lines(lines: list[str], bad: list[int]) -> None:
    assert refusal(register(*lines)) == bad


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadRegister, match="township_code"):
        read_register(register("360704101201,横溪村委会,王母渡镇", header="code,name,township_name"))


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == [1]


def test_another_encoding_is_refused_with_every_line_that_has_it() -> None:
    assert refusal("\n".join([HEADER, *TWO_TOWNS]).encode("gb18030")) == [2, 3, 4]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert len(read_register("\n".join([HEADER, *TWO_TOWNS]).encode("utf-8-sig"))) == 3


def test_the_command_refuses_a_bad_file_whole(tmp_path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(register(*TWO_TOWNS, TWO_TOWNS[0], TWO_TOWNS[1]))

    with pytest.raises(CommandError, match=r"5.*\n.*6") as refused:
        call_command("load_divisions", path)

    assert refused.value.returncode == 1
    assert not District.objects.exists()


def test_the_command_reports_both_runs(capsys) -> None:
    call_command("load_divisions")
    first = capsys.readouterr().out
    call_command("load_divisions")
    second = capsys.readouterr().out

    assert len(first.splitlines()) == len(second.splitlines()) == 2
    assert first.splitlines()[0] == second.splitlines()[0]
    assert first.splitlines()[1] != second.splitlines()[1]


def test_a_file_that_is_not_there_is_an_error_in_words(tmp_path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv"):
        call_command("load_divisions", tmp_path / "none.csv")
