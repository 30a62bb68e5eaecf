"""The office's pages for the household's file: each kind of record by reach, by its verb, with its history."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.models import (
    BenefitLink,
    BenefitYear,
    ExitRecord,
    Guarantee,
    Household,
    Income,
    Measure,
    Person,
)
from households.residence import save_household
from households.tests.file_rows import (
    ACCOUNT,
    BORN,
    PHONE,
    exit_of,
    guarantee_of,
    income_of,
    link_of,
    measure_of,
    person_of,
)
from households.tests.numbers import identity_number
from villages.models import AuditEntry, Cadre, Post
from villages.tests.drawn import without_drawn
from villages.tests.panel import Panel, address, complaints, filled_in

pytestmark = [pytest.mark.django_db, pytest.mark.core]

Maker = Callable[[Household, Cadre, int], Any]
MAKERS: dict[type, Maker] = {
    Person: lambda household, _root, serial: person_of(household, TODAY, serial),
    Income: lambda household, _root, serial: income_of(household, TODAY, 2020 + serial),
    Guarantee: lambda household, _root, serial: guarantee_of(household, TODAY, ("water", "food", "clothing")[serial]),
    Measure: lambda household, root, _serial: measure_of(household, TODAY, root),
    BenefitLink: lambda household, root, _serial: link_of(household, TODAY, root),
}
OFFERED = {Income: "household", Guarantee: "household", Measure: "person", BenefitLink: "household"}


def name_of(model: type) -> str:
    return model._meta.model_name  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def root(world: World) -> Cadre:
    """The district's clerk, who enters what the tests need."""
    return world.post("区录入员", Post.CLERK, world.district)


@pytest.fixture
def clerk(root: Cadre) -> Panel:
    """The panel of the district's clerk."""
    return Panel(root)


# Reach ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MAKERS, ids=name_of)
@pytest.mark.parametrize(("place", "reached"), [("village", 1), ("town", 2), ("district", 3)])
def test_each_office_sees_the_rows_of_its_places_and_no_others(world, root, model, place, reached):
    villages = [world.village, world.sibling, world.foreign]
    rows = [MAKERS[model](world.household("户", village), root, number) for number, village in enumerate(villages)]
    panel = Panel(world.post("录入员", Post.CLERK, getattr(world, place)))

    assert set(panel.rows(model)) == set(rows[:reached])
    for number, row in enumerate(rows):
        expected = 200 if number < reached else 404
        pages = ("change", "history", "delete")
        assert {panel.open(row, page).status_code for page in pages} == {expected}
        assert panel.client.post(address(model, "change", row.pk), {}).status_code == expected


@pytest.mark.parametrize("model", [*MAKERS, ExitRecord], ids=name_of)
@pytest.mark.parametrize("who", ["outsider", "chief", "helper", "district_secretary"])
def test_whoever_is_not_of_the_office_does_not_find_the_pages(world, root, model, who):
    household = world.household("刘家")
    row = exit_of(household) if model is ExitRecord else MAKERS[model](household, root, 0)
    client = Client()
    client.force_login(world.help("帮扶人", household) if who == "helper" else world.cast()[who])

    for url in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("model", OFFERED, ids=name_of)
def test_forms_offer_only_what_lies_in_reach(world, root, model):
    person_of(world.household("刘家"), TODAY)
    person_of(world.household("赖家", world.foreign), TODAY, 1, "赖水生")
    panel = Panel(world.post("镇录入员", Post.CLERK, world.town))

    offered = panel.offers(model, OFFERED[model])

    assert len(offered) == 1
    assert "刘家" in offered[0]


def test_a_search_finds_nothing_out_of_reach(world):
    person_of(world.household("赖家", world.foreign), TODAY, 1, "赖水生")
    panel = Panel(world.post("镇录入员", Post.CLERK, world.town))

    assert panel.rows(Person, q="赖") == panel.rows(Household, q="赖") == []


def test_a_form_cannot_point_out_of_reach(world):
    foreign = world.household("赖家", world.foreign)
    panel = Panel(world.post("镇录入员", Post.CLERK, world.town))

    response = panel.add(Income, household=foreign, year=2025, as_of=TODAY, wages=1)

    assert len(complaints(response)) == 1
    assert not Income.objects.exists()


# Personal numbers -----------------------------------------------------------------------------


def test_no_page_shows_a_number_in_full_nor_four_last_digits_beside_an_age(world, root, clerk):
    household = world.household("刘家")
    person = person_of(household, TODAY)
    clerk.save(person, place_of_work="赣州", reason="电话核实")
    number = identity_number(BORN)

    pages = [
        clerk.client.get(address(Person, "changelist")),
        clerk.open(person),
        clerk.open(person, "history"),
        clerk.open(household),
        clerk.open(household, "history"),
        clerk.client.get(address(AuditEntry, "changelist")),
        *(clerk.open(entry) for entry in AuditEntry.objects.filter(target_type="households.Person")),
    ]

    for response in pages:
        text = without_drawn(response.content.decode())
        assert response.status_code == 200
        assert not [secret for secret in (number, number[-4:], PHONE, ACCOUNT) if secret in text]
    assert f"{number[:6]}************" in pages[0].content.decode()
    assert "138****1234" in pages[0].content.decode()


def test_saving_the_masked_form_keeps_the_numbers(world, clerk):
    person = person_of(world.household("刘家"), TODAY)

    response = clerk.save(person, place_of_work="赣州")

    assert response.status_code == 302
    person.refresh_from_db()
    sealed: Any = person
    assert sealed.id_number.reveal() == identity_number(BORN)
    assert (sealed.phone.reveal(), sealed.place_of_work) == (PHONE, "赣州")


def test_a_mistyped_identity_number_is_refused_beside_its_field_with_the_text_kept(world, clerk):
    person = person_of(world.household("刘家"), TODAY)
    wrong = identity_number(BORN)[:-1] + ("1" if identity_number(BORN)[-1] != "1" else "2")

    response = clerk.save(person, id_number=wrong)

    form = response.context["adminform"].form
    assert list(form.errors) == ["id_number"]
    assert form["id_number"].value() == wrong


# The household's form -------------------------------------------------------------------------


def test_the_households_form_stands_in_the_registers_order_and_shows_its_file(world, root, clerk):
    household = world.household("刘家")
    for maker in MAKERS.values():
        maker(household, root, 0)
    exit_of(household)

    page = clerk.open(household)

    titles = [str(fieldset.name) for fieldset in page.context["adminform"]]
    assert titles == ["None", "户类型与致贫原因", "监测情况", "在册情况", "None"]
    assert (page.context["title"], "<p>None</p>" in page.text) == ("修改农户", False)
    incomes = json.loads(page.context["inline_admin_formsets"][1].inline_formset_data())
    assert incomes["options"]["addText"] == "再加一条年度收入"
    counts = {str(one.opts.model.__name__): len(one.formset.forms) for one in page.context["inline_admin_formsets"]}
    assert counts == {
        **{"Person": 1, "Income": 1, "Guarantee": 1, "Measure": 1, "BenefitLink": 1},
        **{"HelperPairing": 0, "ExitRecord": 1, "HouseholdMove": 0},
    }
    assert page.content.decode().count("<details open>") == 6


def test_incomes_and_checks_are_typed_on_the_households_page(world, clerk):
    household = world.household("刘家", members=2)
    values = filled_in(clerk.open(household)) | {
        **{"incomes-TOTAL_FORMS": "1", "incomes-0-year": "2025", "incomes-0-wages": "30000"},
        **{"incomes-0-source": "office", "incomes-0-as_of": "2026-01-05", "incomes-0-household": household.pk},
        **{"guarantees-TOTAL_FORMS": "1", "guarantees-0-kind": "water", "guarantees-0-state": "met"},
        **{"guarantees-0-checked_on": "2026-09-01", "guarantees-0-source": "office"},
        **{"guarantees-0-household": household.pk, "reason": "入户核实"},
    }

    response = clerk.client.post(address(Household, "change", household.pk), values)

    assert response.status_code == 302
    assert Income.objects.get().per_head == Decimal(15000)
    assert Guarantee.objects.get().recorded_by == Cadre.objects.get(name="区录入员")
    verbs = AuditEntry.objects.filter(reason="入户核实").values_list("verb", flat=True)
    assert set(verbs) == {"income.recorded", "guarantee.recorded"}


def test_what_an_inlines_verb_refuses_comes_back_with_the_text_kept(world, clerk):
    household = world.household("刘家")
    values = filled_in(clerk.open(household)) | {
        **{"incomes-TOTAL_FORMS": "1", "incomes-0-year": "2027", "incomes-0-wages": "30000"},
        **{"incomes-0-source": "office", "incomes-0-as_of": "2026-01-05", "incomes-0-household": household.pk},
    }

    response = clerk.client.post(address(Household, "change", household.pk), values)

    assert complaints(response) == ["该年度尚未开始，请更正年度。"]
    assert response.context["inline_admin_formsets"][1].formset.forms[0]["wages"].value() == "30000"
    assert not Income.objects.exists()


@pytest.mark.parametrize(
    ("main", "others", "said"),
    [
        ("illness", ["land", "water", "labour"], "除主要致贫原因外，最多再选两项，请去掉多余的。"),
        ("illness", ["illness"], "其他致贫原因中不要重复主要致贫原因。"),
    ],
)
def test_causes_for_which_the_register_has_no_room_are_refused(world, clerk, main, others, said):
    response = clerk.save(world.household("刘家"), main_cause=main, other_causes=others)

    assert complaints(response) == [said]


def test_what_monitoring_finds_cannot_be_typed_over(world, clerk):
    household = world.household("刘家", monitoring_type="unstable", risks=["illness"])

    clerk.save(household, monitoring_type="", is_risk_cleared="true", risks="[]", natural_village="下坝")

    household.refresh_from_db()
    assert (household.monitoring_type, household.risks, household.is_risk_cleared) == ("unstable", ["illness"], None)
    assert household.natural_village == "下坝"


def test_whoever_may_not_change_a_household_gets_no_links_to_enter(world):
    foreign = world.household("赖家", world.foreign)
    cadre = world.post("镇录入员", Post.CLERK, world.town)
    world.help(cadre, foreign)

    page = Panel(cadre).open(foreign)

    assert f"{address(Person, 'add')}?household=" not in page.content.decode()
    assert not page.context["has_change_permission"]


# Entering and changing ------------------------------------------------------------------------


def test_who_adds_from_the_households_page_comes_back_to_it(world, clerk):
    household = world.household("刘家")
    url = f"{address(Measure, 'add')}?household={household.pk}"
    form = filled_in(clerk.client.get(url))
    assert form["household"] == str(household.pk)

    response = clerk.client.post(url, form | {"kind": "industry", "content": "油茶奖补", "starts_on": "2026-03-01"})

    assert response.url == address(Household, "change", household.pk)
    assert AuditEntry.objects.get(verb="measure.entered").target_id == str(Measure.objects.get().pk)


def test_a_correction_of_a_measure_asks_why_beside_the_field(world, root, clerk):
    measure = measure_of(world.household("刘家"), TODAY, root)

    refused = clerk.save(measure, content="油茶奖补6亩")
    assert list(refused.context["adminform"].form.errors) == ["reason"]
    clerk.save(measure, content="油茶奖补6亩", reason="丈量后更正")

    measure.refresh_from_db()
    assert measure.content == "油茶奖补6亩"
    assert AuditEntry.objects.get(verb="measure.corrected").reason == "丈量后更正"


def test_a_person_of_another_household_is_refused_for_a_measure(world, root, clerk):
    other = person_of(world.household("钟家"), TODAY)
    measure = measure_of(world.household("刘家"), TODAY, root)

    response = clerk.save(measure, person=other, reason="更正")

    assert list(response.context["adminform"].form.errors) == ["person"]


def test_the_years_of_a_link_are_typed_on_its_page(world, root, clerk):
    link = link_of(world.household("刘家"), TODAY, root)
    values = filled_in(clerk.open(link)) | {
        **{"years-TOTAL_FORMS": "2", "years-0-received": "800", "years-1-year": "2026", "years-1-promised": "900"},
        "years-1-link": link.pk,
    }

    response = clerk.client.post(address(BenefitLink, "change", link.pk), values)

    assert response.status_code == 302
    assert list(BenefitYear.objects.values_list("year", "promised", "received")) == [
        (2026, Decimal(900), None),
        (2025, Decimal(800), Decimal(800)),
    ]


def test_a_year_of_a_link_does_not_become_another(world, root, clerk):
    link = link_of(world.household("刘家"), TODAY, root)
    values = filled_in(clerk.open(link)) | {"years-0-year": "2024"}

    response = clerk.client.post(address(BenefitLink, "change", link.pk), values)

    assert complaints(response) == ["年度不能改。请清空该年金额，另录一行正确的年度。"]
    assert list(BenefitYear.objects.values_list("year", flat=True)) == [2025]


def test_a_person_leaves_the_household_and_is_counted_no_more(world, clerk):
    household = world.household("刘家", members=2)
    leaver, stayer = person_of(household, TODAY), person_of(household, TODAY, 1, "钟木生")

    clerk.act(leaver, "leave", left_on=TODAY)

    household.refresh_from_db()
    assert household.members == 1
    assert clerk.rows(Person, belongs="yes") == [stayer]
    assert clerk.rows(Person, belongs="no") == [leaver]


@pytest.mark.parametrize("model", MAKERS, ids=name_of)
def test_what_was_entered_by_mistake_is_taken_back_with_a_reason(world, root, clerk, model):
    row = MAKERS[model](world.household("刘家"), root, 0)

    clerk.act(row, "delete", reason="录错了户")

    assert not model.objects.filter(pk=row.pk).exists()
    assert AuditEntry.objects.get(verb__endswith=".removed").reason == "录错了户"


def test_exits_are_only_looked_at(world, clerk):
    record = exit_of(world.household("刘家"))

    assert clerk.rows(ExitRecord) == [record]
    assert clerk.open(record).status_code == 200
    assert clerk.client.get(address(ExitRecord, "add")).status_code == 403
    assert clerk.client.post(address(ExitRecord, "change", record.pk), {"approved_on": "2020-01-01"}).status_code == 403


# Filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "born"), [("small", "2022-01-01"), ("school", "2015-10-15"), ("adult", "1990-02-28"), ("old", "1966-10-15")]
)
def test_persons_are_found_by_the_ages_that_tasks_ask_for(world, clerk, age, born):
    person = person_of(world.household("刘家"), TODAY)
    Person.objects.filter(pk=person.pk).update(born_on=born)

    found = {name: clerk.rows(Person, age=name) for name in ("small", "school", "adult", "old", "unknown")}

    assert {name for name, rows in found.items() if rows} == {age}


def test_incomes_are_found_by_year_and_nonsense_finds_all(world, clerk):
    household = world.household("刘家")
    old, new = income_of(household, TODAY, 2024), income_of(household, TODAY, 2025)

    assert clerk.rows(Income, year="2025") == [new]
    assert set(clerk.rows(Income, year="二")) == {old, new}


# History --------------------------------------------------------------------------------------


def test_the_households_history_tells_of_its_whole_file_by_name(world, root, clerk):
    household = world.household("刘家")
    rows = [maker(household, root, 0) for maker in MAKERS.values()]
    other = income_of(world.household("钟家"), TODAY)

    told = clerk.open(household, "history").context["told"]

    about = {(one.entry.target_type, one.entry.target_id) for one in told}
    assert {(row._meta.label, str(row.pk)) for row in rows} < about
    assert (other._meta.label, str(other.pk)) not in about
    assert f"2025 · 刘家 · {household.number}" not in {one.name for one in told}
    assert f"钟水生 · 之子 · 刘家 · {world.village}" in {one.name for one in told}


def test_history_says_values_in_words_and_leaves_keys_and_empty_fields_out(world, clerk):
    household = world.household("刘家", other_causes=["schooling"])
    person = person_of(household, TODAY)
    clerk.save(person, phone="13900001111", reason="换号")

    changed, entered = clerk.open(person, "history").context["told"]

    assert changed.lines == [("联系电话", "138****1234", "139****1111（已换号码）")]
    labels = {line.label for line in entered.lines}
    assert not {"ID", "务工地点"} & labels
    assert ("证件号码", "—", "*" * 18) in entered.lines
    told = clerk.open(household, "history").context["told"]
    assert ("其他致贫原因", "—", "因学") in [line for one in told for line in one.lines]


def test_the_households_history_says_risks_and_causes_in_words_before_and_after(world, clerk):
    household = world.household("刘家", other_causes=["schooling"], main_cause="illness", risks=["illness"])
    household.other_causes, household.main_cause = ["disaster", "labour"], "disability"
    household.risks = ["accident", "disaster"]
    save_household(household, actor=None, on=TODAY)

    changed = clerk.open(household, "history").context["told"][0]

    lines = {label: (before, after) for label, before, after in changed.lines}
    assert lines["其他致贫原因"] == ("因学", "因灾、缺劳力")
    assert lines["主要致贫原因"] == ("因病", "因残")
    assert lines["返贫致贫风险"] == ("因病", "因意外事故、因自然灾害")


# Cost -----------------------------------------------------------------------------------------


def cost(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


@pytest.mark.parametrize("model", [*MAKERS, ExitRecord], ids=name_of)
def test_a_list_costs_the_same_queries_at_one_and_three_rows(world, root, clerk, model):
    def make(number: int) -> Any:
        household = world.household(f"户{number}")
        return exit_of(household) if model is ExitRecord else MAKERS[model](household, root, number)

    make(0)
    at_one = cost(lambda: clerk.rows(model))
    make(1)
    make(2)

    assert cost(lambda: clerk.rows(model)) == at_one
    assert at_one <= 12


@pytest.mark.parametrize("page", ["change", "history"])
def test_the_households_page_costs_the_same_queries_at_one_and_three_rows_of_each_kind(world, root, clerk, page):
    household = world.household("刘家")
    for maker in MAKERS.values():
        maker(household, root, 0)
    clerk.open(household, page)  # content types may not be known yet
    at_one = cost(lambda: clerk.open(household, page))
    for number in (1, 2):
        for maker in MAKERS.values():
            maker(household, root, number)

    assert cost(lambda: clerk.open(household, page)) == at_one


def test_a_number_is_shown_in_full_only_by_the_page_that_asks_why(world, clerk):
    person = person_of(world.household("刘家"), TODAY)

    assert reverse("person_reveal", args=[person.pk]) in clerk.open(person).content.decode()
