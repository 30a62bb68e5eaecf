"""The panel shows cases and steps and moves none; the lines are entered in it."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import World
from households.models import CaseState, CaseStep, MonitoringCase, PovertyLine, Step
from households.tests.cases import case_before, found_case
from villages.models import AuditEntry, Cadre, Post
from villages.tests.panel import Panel, address, complaints

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town, who has nothing to do with world.foreign."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


def test_nobody_moves_a_case_in_the_panel_not_even_the_technical_administrator(world: World, clerk: Panel) -> None:
    case = case_before(Step.APPRAISE, world.household("刘家"))
    step = case.steps.get()
    root = Panel(Cadre.objects.create_superuser("root", "x", name="技术管理员"))

    for panel in (clerk, root):
        for row in (case, step):
            for page in ("change", "delete"):
                answer = panel.client.post(address(type(row), page, row.pk), {"state": "decided", "step": "decide"})
                assert answer.status_code == 403
            assert panel.client.post(address(type(row), "add"), {"state": "decided"}).status_code == 403
        panel.client.post(
            address(MonitoringCase, "changelist"), {"action": "delete_selected", "_selected_action": case.pk}
        )
    case.refresh_from_db()
    assert (case.state, CaseStep.objects.count()) == (CaseState.CHECKED, 1)


def test_a_town_clerk_sees_only_the_towns_cases(world: World, town_clerk: Panel) -> None:
    mine = case_before(Step.APPRAISE, world.household("刘家"))
    foreign = case_before(Step.APPRAISE, world.household("外家", world.foreign))

    assert town_clerk.rows(MonitoringCase) == [mine]
    assert town_clerk.rows(CaseStep) == [mine.steps.get()]
    assert {town_clerk.open(foreign, page).status_code for page in ("change", "history")} == {404}
    assert town_clerk.open(mine).status_code == 200


def test_cases_are_filtered_by_town_state_and_clock(world: World, clerk: Panel) -> None:
    running = found_case(world.household("刘家"))
    late = found_case(world.household("晚家", world.foreign), found_on=date(2026, 9, 1))
    decided = case_before(Step.CLEAR, world.household("钟家"))

    assert clerk.rows(MonitoringCase, in_town=world.other_town.pk) == [late]
    assert clerk.rows(MonitoringCase, state="decided") == [decided]
    assert [clerk.rows(MonitoringCase, clock=kind) for kind in ("overdue", "in_time", "stopped")] == [
        [late],
        [running],
        [decided],
    ]


def test_a_case_is_read_in_words_and_leads_to_its_page(world: World, clerk: Panel) -> None:
    case = case_before(Step.APPRAISE, world.household("刘家"))

    page = clerk.open(case).content.decode()

    assert f'/monitoring/{case.pk}/"' in page
    assert "因病、因务工就业不稳" in page
    assert "还剩1天" in page
    assert "入户核实并签授权书" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_cases_sends_a_fixed_number_of_queries(
    world: World, clerk: Panel, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        found_case(world.household(f"第{number}户"))

    with django_assert_num_queries(8):
        clerk.rows(MonitoringCase)


def test_the_district_enters_and_corrects_a_line(clerk: Panel) -> None:
    assert clerk.add(PovertyLine, year=2026, amount="8000.00").status_code == 302
    line = PovertyLine.objects.get()
    clerk.save(line, amount="8200.00", reason="省定标准调整")

    line.refresh_from_db()
    assert f"{line.year}: {line.amount}" == "2026: 8200.00"
    assert AuditEntry.objects.get(verb="povertyline.corrected").reason == "省定标准调整"
    assert complaints(clerk.add(PovertyLine, year=2026, amount="1")) == ["该年度已有监测范围线。"]


def test_a_town_clerk_reads_the_lines_and_changes_none(world: World, town_clerk: Panel) -> None:
    line = PovertyLine.objects.create(year=2026, amount=8000)

    assert town_clerk.rows(PovertyLine) == [line]
    assert town_clerk.client.post(address(PovertyLine, "add"), {"year": 2027, "amount": 1}).status_code == 403
    assert town_clerk.client.post(address(PovertyLine, "change", line.pk), {"amount": 1}).status_code == 403
