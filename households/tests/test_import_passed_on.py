"""Persons of one file who exchange identity numbers, or pass them on: all of it is taken in, or none."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from casework.tests.world import TODAY, World, at
from households.imports import continue_import
from households.models import Household, ImportState, Person, RegisterImport
from households.persons import save_person
from households.register_import.check import Checked, Member
from households.register_import.compare import PersonChange
from households.register_import.packing import unpacked
from households.register_import.passed_on import MOST_READINGS, PassedOn, Unsettled
from households.tests.family import undo
from households.tests.sheets import APPROVED, bring_in, confirm, csv_of, made_up_number, person, read_here
from households.tests.test_import_pages import page, press
from villages.models import Post
from villages.tests.panel import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW: datetime = at(TODAY)
HERE = patch("households.imports.read_rows", read_here), patch("households.imports.Judging", lambda _p, name: APPROVED)
BATCH = "households.register_import.preview.BATCH"


@pytest.fixture(autouse=True)
def readers() -> Iterator[None]:
    """Files are read in this process."""
    with HERE[0], HERE[1]:
        yield


def one(name: str, number: Any = "", home: str = "", **cells: str) -> dict[str, Any]:
    """The row of A1, the head of household A, or of A2 and so on, by which of the made-up numbers is theirs."""
    home = home or name[0]
    relation = "户主" if name.endswith("1") or len(home) > 1 else "之子"
    identity = made_up_number(int(number)) if number else ""
    return person(home, int(name[1:]), name, relation) | {"人编号": name, "证件号码": identity} | cells


def register() -> list[Any]:
    """Who has which number, and lives where."""
    persons: Any = Person.objects.order_by("number").select_related("household")
    return [(p.number, p.id_number and p.id_number.reveal(), p.id_index, p.household.number) for p in persons]


def numbers(*names: str) -> list[Any]:
    """Which of the made-up numbers these persons have."""
    serials = {made_up_number(serial): serial for serial in range(100)} | {"": 0, None: 0}
    held = {name: serials[number] for name, number, _index, _home in register()}
    return [held.get(name) for name in names]


def refused(job: RegisterImport) -> set[str]:
    """The persons whose rows are refused."""
    return {unpacked(cells)["人编号"] for cells in job.refusals.values_list("cells", flat=True)}  # type: ignore[attr-defined]


FAMILIES = [
    *("A1 1", "A2 2", "B1 3", "B2 4", "C1 5", "C2 6", "D1 7", "D2 8", "E1 9", "E2 10", "F1 11", "F2 12", "G1 13"),
    *("G2 14", "H1 15", "H2 16", "I1 17", "I2 18", "J1 19", "J2 20", "K1 21", "K2 22", "L1 23", "L2 24"),
]
CASES = {
    "a couple": [one("A1", 2), one("A2", 1)],
    "two of two households": [one("B1", 5), one("C1", 3), one("B2", 4), one("C2", 6)],
    "one gets a new number": [one("D1", 8), one("D2", 50)],
    "a row of three, with a person who is new": [one("E1", 10), one("E2", 51), one("E3", 9)],
    "a ring of three whose row of the holder is refused": [one("F1", 12), one("F2", 13), one("G1", 11, 姓名="")],
    "the holder moves to a new household, and a new one takes the number": [
        *(one("G2", 52, "N1"), one("O1", 14), one("H1", 15), one("H2", 16)),
    ],
    "the holder keeps the number": [one("I1", 18), one("I2", 18)],
    "the holder is not in the file": [one("J1", 20)],
    "the number is taken off": [one("K1", 22), one("K2")],
    "the holder goes to another household, and nothing is said of the number": [one("L1", 24), one("L2", home="A")],
}


def test_numbers_pass_from_one_person_to_another_as_a_whole_whatever_the_order(world):
    rows = [row for case in CASES.values() for row in case]
    confirm(bring_in(csv_of([one(*family.split()) for family in FAMILIES]), now=NOW), now=NOW)
    before = register()
    with patch(BATCH, 1):
        backwards = refused(bring_in(csv_of(reversed(rows)), now=NOW))

    job = bring_in(csv_of(rows), now=NOW)
    confirm(job, now=NOW)

    assert refused(job) == backwards == {"F1", "F2", "G1", "I1", "J1", "L1"}
    assert {*job.refusals.exclude(label="").values_list("code", flat=True)} == {"same_identity"}
    assert job.rows == job.created + job.updated + job.unchanged + job.refused == len(rows)
    assert numbers("A1", "A2", "B1", "C1", "D1", "D2", "E1", "E2", "E3") == [2, 1, 5, 3, 8, 50, 10, 51, 9]
    assert numbers("F1", "F2", "G1", "G2", "O1", "I1", "J1", "K1", "K2", "L1") == [
        11,
        12,
        13,
        52,
        14,
        17,
        19,
        22,
        0,
        23,
    ]

    after = register()
    again = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    assert (again.created, again.updated, refused(again), register()) == (0, 0, refused(job), after)

    undo(again)
    undo(job)
    assert register() == before


@pytest.mark.parametrize(("takes", "held"), [(True, 3), (False, 2)])
def test_a_number_changed_here_as_well_is_not_given_up_before_somebody_has_decided(world, takes, held):
    confirm(bring_in(csv_of([one("A1", 1), one("A2", 4)]), now=NOW), now=NOW)
    child: Any = Person.objects.get(number="A2")
    child.id_number = made_up_number(2)
    save_person(child, actor=None, on=TODAY)
    content = csv_of([one("A1", 2), one("A2", 3)])

    job = confirm(bring_in(content, now=NOW), now=NOW, takes_conflicts=takes)

    assert (refused(job), numbers("A1", "A2")) == ({"A1"}, [1, held])
    again = confirm(bring_in(content, now=NOW), now=NOW)
    assert (refused(again), numbers("A1", "A2")) == ((set(), [2, 3]) if takes else ({"A1"}, [1, 2]))


def test_who_depends_on_a_household_that_is_refused_is_refused_with_it(world):
    confirm(bring_in(csv_of([one("A1", 1), one("B1", 2), one("C1", 3)]), now=NOW), now=NOW)
    Household.objects.filter(number="C").update(risk_identified_on=date(2021, 5, 6))
    rows = [one("A1", 2), one("B1", 3), one("C1", 1, 风险消除时间="2020-01-01")]

    job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    assert (refused(job), numbers("A1", "B1", "C1")) == ({"A1", "B1", "C1"}, [1, 2, 3])


def test_a_clerk_sees_an_exchange_and_takes_no_number_from_somebody_outside_the_own_places(world):
    foreign: dict[str, Any] = {"乡": "沙地镇", "行政村": "攸镇村"}
    known = [one("A1", 1), one("A2", 2), one("B1", 3), one("C1", 4, **foreign)]
    confirm(bring_in(csv_of(known), now=NOW), now=NOW)
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    panel = Panel(clerk)
    rows = [one("A1", 2), one("A2", 1), one("B1", 4), one("C1", 3, **foreign)]

    job = bring_in(csv_of(rows), now=NOW, actor=clerk)
    changed, wrong = (page(panel, job, show=which).text for which in ("updated", "refused"))
    press(panel, job, "confirm")
    continue_import(job.pk, now=NOW)

    assert changed.count("证件号码") == 2
    assert "此证件号码已登记在另一个人编号下" in wrong
    assert not [number for number in map(made_up_number, range(1, 5)) if number in changed + wrong]
    assert (refused(job), numbers("A1", "A2", "B1", "C1")) == ({"B1", "C1"}, [2, 1, 3, 4])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one connection write")
def test_the_command_lets_a_new_household_take_a_number_though_it_writes_ahead(tmp_path: Path):
    World()
    confirm(bring_in(csv_of([one("A1", 1), one("A2", 2)]), now=NOW), now=NOW)
    path = tmp_path / "export.csv"
    path.write_bytes(csv_of([one("B1", 4), one("B2", 2), one("C1", 5), one("A1", 1), one("A2", 3)]))

    for counts in ((3, 1, 1, 0), (0, 0, 5, 0)):
        call_command("import_register", str(path), "--confirm", stdout=StringIO())

        job = RegisterImport.objects.latest("pk")
        assert (job.state, job.created, job.updated, job.unchanged, job.refused) == (ImportState.APPLIED, *counts)
        assert numbers("A1", "A2", "B1", "B2", "C1") == [1, 3, 4, 2, 5]


def test_a_file_is_read_a_few_times_at_most():
    passed_on, readings = PassedOn(), 0
    is_settled = False
    while not is_settled:
        # A ring of a hundred who take the next one's: each time one more of them turns out to keep the number.
        readings += 1
        passed_on.begin()
        for place in range(100):
            passed_on.may_take(Member(None, f"P{place}", {}, [f"{place}"]), {f"P{(place + 1) % 100}"})
        members = [Member(None, f"P{place}", {}) for place in range(100 - readings)]
        changes = [PersonChange(one.number, "", "updated", {"id_number": ["", ""]}) for one in members]
        passed_on.note(Checked("A", [], members=members), changes)
        with suppress(Unsettled):
            passed_on.settle()
            is_settled = True

    assert readings <= MOST_READINGS
    assert not passed_on.may_take(Member(None, "P1", {}, ["1"]), {"P2"})


PERSONS = ("A1", "A2", "B1", "B2", "C1")


@st.composite
def exchanged(draw: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A file in which persons have each other's numbers, or new ones, or none, some rows broken; in two orders."""
    rows = []
    for name, number in zip([*PERSONS, "B3", "D1"], draw(st.permutations(range(8))), strict=False):
        what = draw(st.sampled_from(["", "", "", "", "missing", "broken", "moved", "new home"]))
        home = {"moved": "C", "new home": f"N{name}"}.get(what, "") if name in {"A2", "B2"} else ""
        if what != "missing" or name == "D1":
            rows.append(one(name, number, home, **({"姓名": ""} if what == "broken" else {})))
    return rows, draw(st.permutations(rows))


class AnyExchange(TestCase):
    """Whatever numbers persons have in a file, and whichever of its rows are refused."""

    @settings(max_examples=3, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        file=exchanged(), batch=st.sampled_from([1, 2, 9]), edited=st.sampled_from(["", *PERSONS]), takes=st.booleans()
    )
    def test_a_number_is_one_persons(self, file: Any, batch: int, edited: str, takes: bool) -> None:
        World()
        rows, otherwise = file
        confirm(bring_in(csv_of(one(name, 1 + place) for place, name in enumerate(PERSONS)), now=NOW), now=NOW)
        for child in Person.objects.filter(number=edited):
            child.id_number = made_up_number(6)  # type: ignore[assignment]
            save_person(child, actor=None, on=TODAY)
        before = register()
        with patch(BATCH, batch):
            backwards = refused(bring_in(csv_of(otherwise), now=NOW))
            job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW, takes_conflicts=takes)
            self.look(job, backwards, len(rows))
            if not (takes and job.facts.get("conflicts")):  # which may have made a number free
                after = register()
                again = confirm(bring_in(csv_of(rows), now=NOW), now=NOW, takes_conflicts=takes)
                assert (again.created, again.updated, refused(again), register()) == (0, 0, backwards, after)
                undo(again)
        undo(job)
        assert register() == before

    def look(self, job: RegisterImport, backwards: set[str], rows: int) -> None:
        """The order says nothing, every row is accounted for, and every number has one person."""
        assert refused(job) == backwards
        assert job.rows == job.created + job.updated + job.unchanged + job.refused == rows
        held = [index for index in Person.objects.registered(TODAY).values_list("id_index", flat=True) if index]
        assert len(held) == len({*held})
