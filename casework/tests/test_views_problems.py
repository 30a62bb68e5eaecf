"""The pages of the ledger: the list with its counts, a problem with its next moves, and where else it is shown."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.api.problems import in_short
from casework.models import Move, Problem, ProblemState
from casework.problems import escalate_problem
from casework.tests.ledger_scene import LedgerScene
from casework.tests.world import TODAY
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db
core = pytest.mark.core


@pytest.fixture
def scene() -> LedgerScene:
    return LedgerScene()


def signed_in(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def page_of(cadre: Cadre, name: str, *keys: Any, **asked: Any) -> BeautifulSoup:
    answer = signed_in(cadre).get(reverse(name, args=keys), asked)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content.decode(), "html.parser")


def listed(page: BeautifulSoup) -> list[str]:
    return [row.select("span.row-line")[0].text for row in page.select("ul.rows > li")]


def counts(page: BeautifulSoup) -> dict[str, str]:
    """What the tabs count, by the state their address asks for."""
    tabs = page.select("ul.tabs a")
    return {str(tab["href"]).rpartition("state=")[2].strip("?"): tab.text.split()[-1] for tab in tabs}


def sent(move: str, **fields: Any) -> dict[str, Any]:
    return {"move": move} | {f"{move}-{name}": value for name, value in fields.items()}


@core
def test_the_ledger_lists_and_counts_the_same(scene: LedgerScene) -> None:
    scene.assign()
    Problem.objects.update(due_on=TODAY - timedelta(days=1))
    scene.world.visit(scene.world.sibling, TODAY, scene.neighbour, problem="路断了")

    every = page_of(scene.district, "problems")
    late = page_of(scene.district, "problems", state="late")
    there = page_of(scene.district, "problems", place=scene.world.town.pk)

    assert counts(every) == {"": "2", "late": "1", "found": "1", "assigned": "1", "all": "2"}
    assert (listed(every), listed(late)) == (["屋顶漏雨", "路断了"], ["屋顶漏雨"])
    assert len(listed(there)) == 2
    assert listed(page_of(scene.helper, "problems", mine="1")) == ["屋顶漏雨"]
    assert listed(page_of(scene.neighbour, "problems")) == ["路断了"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_sends_a_fixed_number_of_queries(
    scene: LedgerScene, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.assign()
    for number in range(rows):
        home = scene.world.household(f"户{number}")
        scene.world.visit(home, TODAY, scene.secretary, problem="没有水")
    client = signed_in(scene.district)

    with django_assert_num_queries(8):  # which problems a page has is asked apart from what it says of them
        client.get(reverse("problems"))


@core
def test_a_problem_is_handed_over_and_solved_on_its_page(scene: LedgerScene) -> None:
    chief, helper = signed_in(scene.chief), signed_in(scene.helper)
    address = reverse("problem", args=[scene.visit.pk])
    due = (TODAY + timedelta(days=7)).isoformat()
    given = {"given_to": f"person-{scene.helper.pk}", "due_on": due, "kind": "housing", "difficulty": "village"}

    handed = chief.post(address, sent(Move.ASSIGN, **given))
    helper.post(address, sent(Move.SOLVE, solved_on=TODAY.isoformat(), result="换了瓦"))

    assert (handed.status_code, handed["Location"]) == (302, address)
    assert (scene.problem.state, scene.problem.responsible) == (ProblemState.DONE, scene.helper)


def test_what_is_missing_is_said_and_nothing_typed_is_lost(scene: LedgerScene) -> None:
    scene.assign()
    answer = signed_in(scene.helper).post(
        reverse("problem", args=[scene.visit.pk]), sent(Move.SOLVE, solved_on="2027-01-01", result="换了瓦")
    )

    page = BeautifulSoup(answer.content.decode(), "html.parser")
    [opened] = page.select("details[open]")
    assert "换了瓦" in opened.text
    assert len(opened.select(".errorlist")) == 1
    assert scene.problem.state == ProblemState.ASSIGNED


def test_a_form_whose_time_is_over_says_so_and_keeps_the_words(scene: LedgerScene) -> None:
    scene.assign()
    scene.solve()

    answer = signed_in(scene.helper).post(
        reverse("problem", args=[scene.visit.pk]), sent(Move.PROGRESS, words="瓦已买")
    )

    assert "瓦已买" in BeautifulSoup(answer.content.decode(), "html.parser").select_one("[role=alert]").text  # type: ignore[union-attr]


def test_who_may_not_is_refused_and_who_does_not_see_finds_nothing(scene: LedgerScene) -> None:
    scene.assign()
    address, data = reverse("problem", args=[scene.visit.pk]), sent(Move.CLOSE)

    assert signed_in(scene.helper).post(address, data).status_code == 403
    assert signed_in(scene.neighbour).post(address, data).status_code == 404


@core
def test_a_problem_without_a_visit_is_entered_for_the_named_or_the_chosen_place(scene: LedgerScene) -> None:
    chief = signed_in(scene.chief)
    facts = {"source": "talk", "found_on": TODAY.isoformat(), "text": "路灯不亮", "difficulty": "town", "kind": "roads"}
    named = f"{reverse('problem_new')}?household={scene.household.pk}"
    chosen = {"where": f"village={scene.world.village.pk}"}

    chief.post(named, facts | {"id": str(uuid.uuid4())})
    chief.post(reverse("problem_new"), facts | chosen | {"id": str(uuid.uuid4())})
    elsewhere = chief.post(
        reverse("problem_new"), facts | {"where": f"village={scene.world.foreign.pk}", "id": str(uuid.uuid4())}
    )

    entered = Problem.objects.filter(source="talk").order_by("household")
    assert {problem.household_id for problem in entered} == {scene.household.pk, None}
    assert (elsewhere.status_code, len(entered)) == (200, 2)
    assert signed_in(scene.neighbour).get(named).status_code == 404


def test_the_receipt_lets_its_finder_report_what_was_solved_on_the_spot(scene: LedgerScene) -> None:
    receipt = page_of(scene.helper, "visit_receipt", scene.visit.pk)
    [form] = receipt.select(f'form[action="{reverse("problem", args=[scene.visit.pk])}"]')
    fields = {str(field["name"]): field.get("value", "") for field in form.select("input[name]")}

    signed_in(scene.helper).post(str(form["action"]), fields | {"solve-result": "当场换了瓦"})

    assert (scene.problem.state, scene.problem.solved_on) == (ProblemState.DONE, scene.visit.visited_on)
    assert "solve-result" not in str(page_of(scene.helper, "visit_receipt", scene.visit.pk))


@core
def test_open_problems_stand_at_the_household_the_village_and_the_home_page(scene: LedgerScene) -> None:
    scene.assign()
    way = reverse("problem", args=[scene.visit.pk])

    assert page_of(scene.helper, "household", scene.household.pk).select(f'section a[href="{way}"]')
    assert page_of(scene.chief, "village", scene.world.village.pk).select(f'ul.rows a[href="{way}"]')
    assert page_of(scene.helper, "visit_receipt", scene.visit.pk).select(f'dd a[href="{way}"]')
    assert page_of(scene.helper, "home").select(f'a[href="{reverse("problems")}?mine=1"]')
    assert not page_of(scene.chief, "home").select(f'a[href="{reverse("problems")}?mine=1"]')


def test_whoever_is_handed_a_problem_without_reach_sees_it_and_no_way_to_the_household(scene: LedgerScene) -> None:
    escalate_problem(**scene.by(scene.chief), words="村里修不了")
    unit = scene.world.unit("区档案馆", scene.world.village)
    leader = scene.world.post("单位负责人", Post.UNIT_LEADER, unit)
    stranger = scene.world.cadre("抽调干部")
    Problem.objects.update(responsible=stranger, state="assigned", due_on=TODAY, handed_on=TODAY)

    page, way = page_of(stranger, "problem", scene.visit.pk), reverse("household", args=[scene.household.pk])

    assert page.select_one("section#next")
    assert not page.select(f'a[href="{way}"]')
    assert page_of(leader, "problem", scene.visit.pk).select(f'a[href="{way}"]')


@core
def test_a_program_gets_no_free_text(scene: LedgerScene) -> None:
    scene.assign()

    asked = {"place": "360704101", "state": "assigned"}
    [row] = signed_in(scene.chief).get("/api/v1/problems/", asked).json()["results"]
    for_program = in_short(scene.problem, TODAY, is_program=True)

    assert (row["text"], row["responsible"], row["is_past_deadline"]) == ("屋顶漏雨", "帮扶人", False)
    assert (for_program["text"], for_program["responsible"]) == (None, None)
    assert set(for_program) == set(row)
    assert signed_in(scene.neighbour).get("/api/v1/problems/").json()["results"] == []
