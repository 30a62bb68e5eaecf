"""Bulk edit: one or two fields of many records, looked at before, through each record's verb, twice without harm."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from casework.tests.world import LONG_AGO, TODAY, World
from households.models import HelperPairing, Household
from villages.models import AuditEntry, Cadre, Post, Posting
from villages.tests.panel import Panel, address, as_typed

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)
AWAY = {"chosen": ["is_away"], "is_away": "True"}


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


class Bulk:
    """The three steps for some rows of a list."""

    def __init__(self, panel: Panel, model: Any, *rows: Any, query: str = "", **values: Any) -> None:
        self.client: Client = panel.client
        self.url = f"{address(model, 'bulk')}?{query}"
        self.values = values
        self.rows = rows

    def choose(self, **extra: Any) -> Any:
        """From the list to the choice of fields."""
        return self.client.post(self.url, {"_selected_action": [row.pk for row in self.rows], **extra})

    def preview(self, keys: str = "") -> Any:
        """From the choice to the preview."""
        keys = keys or ",".join(str(row.pk) for row in self.rows)
        return self.client.post(self.url, as_typed(self.values) | {"step": "preview", "keys": keys})

    def confirm(self, seen: Any = None, reason: str = "核实") -> Any:
        """From the preview to the result."""
        shown = (seen or self.preview()).context
        data = {"step": "confirm", "keys": shown["keys"], "seen": shown["seen"], "reason": reason}
        return self.client.post(self.url, as_typed(self.values) | data)


def states(response: Any) -> dict[Any, str]:
    """Key of each record, and what becomes of it."""
    return {line.pk: line.state for line in response.context["lines"]}


def test_the_preview_shows_each_record_before_and_after_and_changes_nothing(world, clerk):
    first, second = world.household("刘家"), world.household("钟家", is_away=True)

    response = Bulk(clerk, Household, first, second, **AWAY).preview()

    assert states(response) == {first.pk: "changes", second.pk: "same"}
    told = {line.pk: [tuple(value) for value in line.values] for line in response.context["lines"]}
    assert told[first.pk] == [("整户外出", "否", "是")]
    first.refresh_from_db()
    assert first.is_away is False
    assert not AuditEntry.objects.filter(verb="household.corrected").exists()


def test_confirming_changes_each_by_its_verb_with_the_one_reason(world, clerk):
    rows = [world.household("刘家"), world.household("钟家")]

    values = {"chosen": ["is_away", "natural_village"], "is_away": "True", "natural_village": "下坝"}
    response = Bulk(clerk, Household, *rows, **values).confirm()

    assert set(states(response).values()) == {"changes"}
    assert list(Household.objects.order_by().values_list("is_away", "natural_village").distinct()) == [(True, "下坝")]
    entries = AuditEntry.objects.filter(verb="household.corrected")
    assert {(entry.target_id, entry.reason, entry.actor.name) for entry in entries} == {
        (str(row.pk), "核实", "区录入员") for row in rows
    }
    assert entries[0].changes == {"is_away": [False, True], "natural_village": ["", "下坝"]}


def test_a_second_press_changes_nothing(world, clerk):
    bulk = Bulk(clerk, Household, world.household("刘家"), world.household("钟家"), **AWAY)
    seen = bulk.preview()
    bulk.confirm(seen)
    entries = AuditEntry.objects.count()

    response = bulk.confirm(seen)

    assert set(states(response).values()) == {"same"}
    assert AuditEntry.objects.count() == entries


def test_the_refused_are_named_with_the_reason_and_stay_while_the_others_change(world, clerk):
    mine, foreign = world.household("刘家"), world.household("赖家", world.foreign)
    group = world.village.groups.get(number=2)
    bulk = Bulk(clerk, Household, mine, foreign, chosen=["group"], group=group.pk)

    preview = bulk.preview()
    response = bulk.confirm(preview)

    assert states(preview) == states(response) == {mine.pk: "changes", foreign.pk: "refused"}
    line = next(line for line in response.context["lines"] if line.pk == foreign.pk)
    assert line.label == f"赖家 · {world.foreign} · {foreign.number}"
    assert line.why == [f"该小组属于其他村，请选择{world.foreign}的小组。"]
    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert (mine.group, foreign.group) == (group, world.foreign.groups.get(number=1))


def test_what_somebody_changed_since_the_preview_is_refused(world, clerk):
    household = world.household("刘家", natural_village="下坝")
    bulk = Bulk(clerk, Household, household, chosen=["natural_village"], natural_village="上坝")
    seen = bulk.preview()
    Household.objects.filter(pk=household.pk).update(natural_village="中坝")

    response = bulk.confirm(seen)

    assert states(response) == {household.pk: "refused"}
    household.refresh_from_db()
    assert household.natural_village == "中坝"


def test_rows_out_of_reach_are_not_there(world, town_clerk):
    mine, foreign = world.household("刘家"), world.household("赖家", world.foreign)

    response = Bulk(town_clerk, Household, mine, foreign, **AWAY).preview()

    assert states(response) == {mine.pk: "changes"}
    assert "赖家" not in response.content.decode()


def test_a_row_that_is_seen_but_not_ones_own_to_change_is_refused(world, town_clerk):
    foreign = world.household("赖家", world.foreign)
    world.help(Cadre.objects.get(name="镇录入员"), foreign)

    response = Bulk(town_clerk, Household, foreign, **AWAY).confirm()

    assert states(response) == {foreign.pk: "refused"}
    foreign.refresh_from_db()
    assert foreign.is_away is False


def test_all_that_match_the_filter_are_taken_and_no_other(world, clerk):
    rows = [world.household("刘家"), world.household("钟家")]
    world.household("赖家", world.foreign)
    bulk = Bulk(clerk, Household, rows[0], query=f"in_town={world.town.pk}", **AWAY)

    response = bulk.choose(select_across="1")

    assert set(response.context["keys"].split(",")) == {str(row.pk) for row in rows}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "请勾选一至两项进行修改。"),
        ({"chosen": ["is_away", "group", "house"]}, "请勾选一至两项进行修改。"),
        ({"chosen": ["base_type"], "base_type": ""}, "此项不能为空，请选择一个值。"),
        ({"chosen": ["is_away"], "is_away": ""}, "此项不能为空，请选择一个值。"),
        ({"chosen": ["left_on"], "left_on": "明天"}, "输入一个有效的日期。"),
        ({"chosen": ["number"], "number": "1"}, "请勾选一至两项进行修改。"),
    ],
)
def test_a_choice_that_makes_no_sense_comes_back_with_words(world, clerk, values, said):
    response = Bulk(clerk, Household, world.household("刘家"), **values).preview()

    assert response.context["step"] == "choose"
    assert said in response.content.decode()


def test_without_a_reason_the_preview_comes_back(world, clerk):
    household = world.household("刘家")

    response = Bulk(clerk, Household, household, **AWAY).confirm(reason=" ")

    assert response.context["step"] == "preview"
    household.refresh_from_db()
    assert household.is_away is False


def test_nothing_ticked_or_too_much_leads_back_to_the_list_with_words(world, clerk, monkeypatch):
    bulk = Bulk(clerk, Household, query="o=1", **AWAY)
    assert bulk.choose().url == f"{address(Household, 'changelist')}?o=1"

    monkeypatch.setattr("villages.office.bulk.MOST_ROWS", 1)
    many = Bulk(clerk, Household, world.household("刘家"), world.household("钟家"), **AWAY)
    response = clerk.client.get(many.choose().url)
    assert [str(message) for message in response.context["messages"]] == [
        "请先勾选要修改的记录。",
        "一次最多批量修改 1 条，请用筛选缩小范围。",
    ]


def test_looking_at_the_address_changes_nothing(world, clerk):
    assert clerk.client.get(address(Household, "bulk")).url == address(Household, "changelist")


def test_a_page_without_bulk_fields_has_no_such_address_and_no_ticks(clerk):
    assert clerk.client.get(address(Cadre, "changelist")).context["action_form"] is None
    with pytest.raises(NoReverseMatch):
        address(Cadre, "bulk")


def test_postings_and_pairings_end_together_and_credit_follows(world, clerk):
    world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.help("帮扶人", world.household("刘家"))
    for model, row in (
        (Posting, Posting.objects.get(post=Post.VILLAGE_CHIEF)),
        (HelperPairing, HelperPairing.objects.get()),
    ):
        response = Bulk(clerk, model, row, chosen=["ends_on"], ends_on=YESTERDAY).confirm()

        assert states(response) == {row.pk: "changes"}
        row.refresh_from_db()
        assert row.ends_on == YESTERDAY


def test_an_end_before_the_start_is_refused_by_name(world, clerk):
    world.help("帮扶人", world.household("刘家"))
    pairing = HelperPairing.objects.get()

    response = Bulk(clerk, HelperPairing, pairing, chosen=["ends_on"], ends_on=LONG_AGO - timedelta(days=1)).confirm()

    assert states(response) == {pairing.pk: "refused"}
    assert response.context["lines"][0].why


def test_an_outsider_and_a_chief_do_not_find_it(world, client):
    for cadre in (world.cadre("局外人"), world.post("村长", Post.VILLAGE_CHIEF, world.village)):
        client.force_login(cadre)
        assert client.post(reverse("admin:households_household_bulk"), AWAY).status_code == 404
