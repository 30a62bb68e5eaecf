"""One definition: over the whole made-up district a number is the same wherever it stands, and as long as its list.

A plain recount reads every duty of a round with its state, once a day asked for, and adds up in Python. The tables,
the pages, the programs' interface and the bulletin with its workbook must say the same at every level.
"""

import io
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import time_machine
from bs4 import BeautifulSoup, Tag
from django.apps import apps
from django.test import TestCase
from django.urls import reverse
from python_calamine import CalamineWorkbook

from casework.bulletin_workbook import workbook_of
from casework.bulletins import MOST_ROUNDS, ask_for_bulletin, count_bulletin
from casework.corrections import correct_visit
from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, Counts, CoverageTable, duties_behind, figures
from casework.demo.build import make_demo
from casework.demo.size import ORDINARY
from casework.models import Bulletin, ClosingFigure, Duty, Outcome, Round, State, Visit
from casework.rates import percent
from casework.splits import BY_CLASS, table_by
from casework.tests.world import at
from casework.versions import report_of
from conftest import NOW
from households.models import HelperPairing
from households.residence import move_household
from villages.division_file import read_register
from villages.divisions import SHIPPED, load_register
from villages.models import Cadre, District, Post, Posting, Village
from villages.postings import end_posting
from villages.pour import analyze

TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=ago) for ago in (0, 1, 13, 40, 75)]
COLUMNS = ("total", "done", "by_phone", "open", "overdue", "vacant", "excused")
STATES = ("done", "open", "overdue", "vacant", "excused")
Recount = dict[str, Counts]


def recounted(round: Round, day: date) -> Recount:
    """The counts of every place of the round, by code; counted for the first test that asks."""
    return defaultdict(Counts, added_up(round, day))


@cache
def added_up(round: Round, day: date) -> Recount:
    """Duty by duty."""
    found: Recount = defaultdict(Counts)
    duties = Duty.objects.in_round(round).with_state(round.day_of_figures(day)).order_by()
    for village_id, state, is_by_phone in duties.values_list("village_id", "state", "is_by_phone"):
        one = Counts(total=1, by_phone=int(is_by_phone), **{state: 1})
        for digits in (6, 9, 12):
            found[village_id[:digits]].add(one)
    return found


def numbers(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in COLUMNS}


def by_key(table: CoverageTable) -> dict[str, dict[str, int]]:
    return {row.key: numbers(row.counts) for row in table.rows}


def shown(row: Tag) -> list[str]:
    return [cell.get_text(" ", strip=True).split(" ")[0] for cell in row.find_all("td")]


class TruthTest(TestCase):
    """The made-up district is built once; each test walks it."""

    district: District
    supervisor: Cadre
    rounds: list[Round]

    @classmethod
    def setUpTestData(cls) -> None:
        added_up.cache_clear()
        with time_machine.travel(NOW, tick=False):
            load_register(entries=read_register(SHIPPED.read_bytes()), actor=None)
            make_demo(size=ORDINARY, seed=360704, on=TODAY, say=lambda words: None)
        analyze(*apps.get_models())  # inside one transaction the planner would guess, and guess badly
        cls.district = District.objects.get()
        held = Posting.objects.in_force(TODAY).filter(post=Post.SUPERVISOR, district=cls.district)
        cls.supervisor = Cadre.objects.filter(postings__in=held).order_by("pk")[0]
        cls.rounds = list(Round.objects.order_by("pk"))

    def asked(self) -> Iterator[tuple[Round, date, Recount]]:
        """Every round on each of the five days, with its recount."""
        for round in self.rounds:
            for day in DAYS:
                yield round, day, recounted(round, day)

    def of(self, round: Round, day: date, place: str = "", by: str = BY_PLACE) -> CoverageTable:
        options: dict[str, Any] = {"cadre": self.supervisor, "on": day, "place_code": place, "seen_on": TODAY}
        return table_by(by, round, **options) if by == BY_CLASS else figures(round, by=by, **options)

    def test_there_is_something_to_walk(self) -> None:
        wholes = [recounted(round, TODAY)[self.district.pk] for round in self.rounds]

        assert {state for state in State.values if any(getattr(whole, state) for whole in wholes)} == set(State.values)
        assert any(round.closed_on for round in self.rounds)
        assert len(self.rounds) > 4

    def test_states_add_up_and_every_table_agrees_with_a_recount_at_every_level(self) -> None:
        for round, day, recount in self.asked():
            whole = recount[self.district.pk]
            for name in recount:
                assert sum(getattr(recount[name], state) for state in STATES) == recount[name].total
            towns, villages = self.of(round, day), self.of(round, day, by=BY_VILLAGE)
            assert by_key(towns) == {code: numbers(counts) for code, counts in recount.items() if len(code) == 9}
            assert by_key(villages) == {code: numbers(counts) for code, counts in recount.items() if len(code) == 12}
            ways = (BY_POST, BY_UNIT) if round.is_for_villages else (BY_POST, BY_UNIT, BY_CLASS)
            for table in (towns, villages, *(self.of(round, day, by=by) for by in ways)):
                assert numbers(table.total) == numbers(whole)
                added = Counts()
                for row in table.rows:
                    added.add(row.counts)
                assert numbers(added) == numbers(whole)

    def test_each_towns_own_table_agrees(self) -> None:
        for round in self.rounds:
            recount = recounted(round, TODAY)
            for town in (code for code in recount if len(code) == 9):
                table = self.of(round, TODAY, town)
                assert numbers(table.total) == numbers(recount[town])
                assert by_key(table) == {
                    code: numbers(counts) for code, counts in recount.items() if len(code) == 12 and code[:9] == town
                }

    def test_the_list_behind_a_number_is_as_long_as_the_number(self) -> None:
        for round, day, recount in self.asked():
            code = self.district.pk
            options: dict[str, Any] = {"cadre": self.supervisor, "on": day, "seen_on": TODAY}
            for state in STATES:
                listed = duties_behind(round, place_code=code, state=state, **options).count()
                assert listed == getattr(recount[code], state), (round, day, state)
            by_phone = duties_behind(round, place_code=code, by_phone=True, **options).count()
            assert by_phone == recount[code].by_phone

    def test_the_lists_of_towns_and_of_every_tenth_village_are_as_long(self) -> None:
        for round in self.rounds:
            recount = recounted(round, TODAY)
            codes = sorted(recount)
            asked = [code for code in codes if len(code) == 9] + [code for code in codes if len(code) == 12][::10]
            for code in asked:
                rows = duties_behind(round, cadre=self.supervisor, on=TODAY, seen_on=TODAY, place_code=code)
                lengths = Counter(rows.order_by().values_list("state", flat=True))
                assert {state: lengths[state] for state in STATES} == {
                    state: getattr(recount[code], state) for state in STATES
                }

    def test_pages_and_interface_show_the_same_numbers(self) -> None:
        self.client.force_login(self.supervisor)
        for round, day, recount in self.asked():
            on = day.isoformat()
            page = self.soup(reverse("coverage", args=[round.pk]), on=on)
            if recount:
                (foot,) = page.select("table.figures tfoot tr")
                sums = recount[self.district.pk]
                assert shown(foot)[: len(COLUMNS) + 1] == [*map(str, numbers(sums).values()), percent(sums)]
                rows = [shown(row)[: len(COLUMNS)] for row in page.select("table.figures tbody tr")]
                codes = sorted(code for code in recount if len(code) == 9)
                assert rows == [list(map(str, numbers(recount[code]).values())) for code in codes]
            answer = self.client.get(f"/api/v1/rounds/{round.pk}/coverage/", {"on": on}).json()
            told = {row["key"]: {name: row[name] for name in COLUMNS} for row in answer["rows"]}
            assert told == {code: numbers(counts) for code, counts in recount.items() if len(code) == 9}
            assert {name: answer["total"][name] for name in COLUMNS} == numbers(recount[self.district.pk])

    def test_every_number_of_a_page_opens_a_list_of_that_length(self) -> None:
        self.client.force_login(self.supervisor)
        for round in self.rounds:
            page = self.soup(reverse("coverage", args=[round.pk]))
            for link in page.select("table.figures tfoot td a"):
                listed = self.client.get(link["href"]).context["page"].paginator.count
                assert listed == int(link.get_text(strip=True)), (round, link["href"])

    def test_a_bulletin_and_its_workbook_say_the_same_on_each_day(self) -> None:
        for day in DAYS:
            begun = [round for round in self.rounds if round.starts_on <= day][:MOST_ROUNDS]
            bulletin = self.bulletin(begun, day)
            book = CalamineWorkbook.from_filelike(io.BytesIO(workbook_of(bulletin)))
            for number, (round, part) in enumerate(zip(begun, bulletin.figures["rounds"], strict=True), 1):
                recount = recounted(round, day)
                assert part["counts"] == recount[self.district.pk].as_dict()
                for town in part["towns"]:
                    assert town["counts"] == recount[town["code"]].as_dict()
                    for village in town["villages"]:
                        assert village["counts"] == recount[village["code"]].as_dict()
                rows = book.get_sheet_by_name(f"附表{number}").to_python()
                lines = [row for row in rows if isinstance(row[0], float)]
                villages = [counts for code, counts in recount.items() if len(code) == 12]
                assert [sum(row[column] for row in lines) for column in (3, 4, 5)] == [
                    sum(getattr(counts, name) for counts in villages) for name in ("total", "done", "by_phone")
                ]
                (last,) = [row for row in rows if row[0] == "合计" or row[1] == "合计"]
                assert [int(cell) for cell in last[3:6]] == [
                    part["counts"][name] for name in ("total", "done", "by_phone")
                ]

    def test_reassigning_moving_and_correcting_leave_closed_figures_alone(self) -> None:
        closed = [round for round in self.rounds if round.closed_on]
        before = list(ClosingFigure.objects.order_by("pk").values())
        first_closed_on = min(round.closed_on for round in closed if round.closed_on)

        helping = HelperPairing.objects.in_force(TODAY).order_by("pk").first()
        household = helping.household
        credited = Duty.objects.filter(round__in=closed, credited_visit__isnull=False).first().credited_visit
        chief = Posting.objects.in_force(TODAY).filter(post=Post.VILLAGE_CHIEF).first()
        end_posting(posting=chief, ends_on=first_closed_on - timedelta(days=1), actor=None, on=TODAY)
        away = Village.objects.exclude(pk=household.village_id).first()
        move_household(household=household, to_village=away, moved_on=TODAY, actor=None, on=TODAY)
        report = replace(report_of(credited), id=uuid.uuid4(), outcome=Outcome.NOBODY_HOME)
        correct_visit(
            visit=Visit.objects.get(pk=credited.pk),
            report=report,
            reason="记错",
            actor=credited.visitors.first(),
            now=at(TODAY),
        )

        assert list(ClosingFigure.objects.order_by("pk").values()) == before

    def bulletin(self, rounds: list[Round], day: date) -> Bulletin:
        options: dict[str, Any] = {"actor": self.supervisor, "now": at(TODAY)}
        made = ask_for_bulletin(
            key=uuid.uuid4(), place=self.district, rounds=rounds, starts_on=day, cut_off_on=day, **options
        )
        count_bulletin(made.pk, now=at(TODAY))
        return Bulletin.objects.get(pk=made.pk)

    def soup(self, address: str, **asked: str) -> BeautifulSoup:
        return BeautifulSoup(self.client.get(address, asked).content, "html.parser")


def test_the_five_days_are_different() -> None:
    assert len(set(DAYS)) == 5
