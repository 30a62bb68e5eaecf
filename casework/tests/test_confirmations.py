"""At the next visit the household says whether it has received a measure: asked once, never compulsory."""

import hashlib
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.confirmations import LINK, MEASURE, Answer, answers_of, questions_for, said_not_received, with_answers
from casework.corrections import correct_visit
from casework.models import Confirmation, Outcome, Visit
from casework.tests.world import TODAY, World, at
from casework.visit_rows import DifferentContent
from casework.visits import record_visit
from households.links import enter_links
from households.measures import enter_measures, remove_measure
from households.models import BenefitLink, Household, LinkForm, Measure, MeasureKind
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def home(world: World) -> Household:
    return world.household("刘家")


@pytest.fixture
def page(client: Client, chief: Cadre) -> Client:
    client.force_login(chief)
    return client


def chickens(actor: Cadre, *homes: Household, on: date = YESTERDAY, **changed: Any) -> Measure:
    fields = {"kind": MeasureKind.INDUSTRY, "content": "发放鸡苗", "amount": Decimal(200), "starts_on": on} | changed
    ids = [home.pk for home in homes]
    return enter_measures(Measure(**fields), batch_id=uuid.uuid4(), household_ids=ids, actor=actor, on=on)[0]


def dividend(actor: Cadre, home: Household) -> BenefitLink:
    link = BenefitLink(operator="脐橙合作社", form=LinkForm.DIVIDEND, starts_on=date(2026, 1, 1))
    return enter_links(link, batch_id=uuid.uuid4(), household_ids=[home.pk], actor=actor, on=YESTERDAY)[0]


def said(row: Measure | BenefitLink, answer: str) -> tuple[Answer, ...]:
    return (Answer(MEASURE if isinstance(row, Measure) else LINK, row.pk, answer),)


def asked(home: Household, cadre: Cadre, on: date = TODAY) -> list[Any]:
    return [question.row for question in questions_for(home, cadre, on)]


def form_of(home: Household) -> str:
    return f"{reverse('visit_new')}?household={home.pk}"


def sent(cadre: Cadre, **changed: Any) -> dict[str, Any]:
    usual = {
        "id": str(uuid.uuid4()),
        "visitors": [cadre.pk],
        "visited_on": "2026-10-15",
        "contact": "home",
        "outcome": "met",
        "has_problem": "no",
    }
    return usual | changed


# What is asked --------------------------------------------------------------------------------


def test_what_was_entered_is_asked_until_the_household_says_received(
    world: World, home: Household, chief: Cadre
) -> None:
    measure, link = chickens(chief, home), dividend(chief, home)

    before = asked(home, chief)
    world.visit(home, YESTERDAY, chief, confirmations=said(measure, "yes"))
    world.visit(home, YESTERDAY, chief, confirmations=said(link, "no"))
    after = questions_for(home, chief, TODAY)

    assert before == [measure, link]
    assert [question.row for question in after] == [link]
    assert after[0].earlier is not None and after[0].earlier.on == YESTERDAY


def test_what_has_not_begun_or_was_entered_long_ago_is_not_asked(home: Household, chief: Cadre, settings: Any) -> None:
    settings.CONFIRM_WITHIN_DAYS = 30
    chickens(chief, home, starts_on=TODAY + timedelta(days=1))
    chickens(chief, home, on=TODAY - timedelta(days=31))
    lately = chickens(chief, home, on=TODAY - timedelta(days=30))

    assert asked(home, chief) == [lately]


def test_health_is_asked_only_by_those_who_work_with_the_family(world: World, home: Household, chief: Cadre) -> None:
    chickens(chief, home, kind=MeasureKind.HEALTH)
    leader = world.post("区领导", Post.DISTRICT_LEADER, world.town)

    assert len(asked(home, chief)) == 1
    assert asked(home, leader) == []


# What is stored -------------------------------------------------------------------------------


def test_the_answer_is_stored_with_the_visit(world: World, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)

    visit = world.visit(home, TODAY, chief, confirmations=said(measure, "no"))

    assert answers_of(home) == {MEASURE: {measure.pk: ("no", TODAY, visit.pk)}, LINK: {}}


def test_a_visit_without_answers_has_the_digest_it_always_had(world: World, home: Household, chief: Cadre) -> None:
    content = f'[{home.pk}, null, "2026-10-15", "home", "met", [{chief.pk}], "一切都好", ""]'

    report = world.report(home, TODAY, chief, note="一切都好")

    assert report.digest() == hashlib.sha256(content.encode()).hexdigest()


def test_answers_change_the_digest_whatever_their_order(world: World, home: Household, chief: Cadre) -> None:
    measure, link = chickens(chief, home), dividend(chief, home)
    both = said(measure, "yes") + said(link, "no")
    key = uuid.uuid4()

    digests = {
        world.report(home, TODAY, chief, id=key, confirmations=answers).digest()
        for answers in (both, both[::-1], said(measure, "yes"), ())
    }

    assert len(digests) == 3


def test_sending_twice_stores_each_answer_once(world: World, home: Household, chief: Cadre) -> None:
    report = world.report(home, TODAY, chief, confirmations=said(chickens(chief, home), "yes"))

    first, second = (record_visit(report, actor=chief, now=at(TODAY)) for _time in range(2))

    assert first == second
    assert Confirmation.objects.count() == 1


def test_the_same_visit_with_another_answer_is_held_back(world: World, home: Household, chief: Cadre) -> None:
    measure, key = chickens(chief, home), uuid.uuid4()
    world.visit(home, TODAY, chief, id=key, confirmations=said(measure, "yes"))

    with pytest.raises(DifferentContent):
        world.visit(home, TODAY, chief, id=key, confirmations=said(measure, "no"))

    assert Confirmation.objects.get().answer == "yes"


@pytest.mark.parametrize("outcome", [Outcome.NOBODY_HOME, Outcome.FAMILY_AWAY, Outcome.REFUSED])
def test_nobody_met_has_answered_nothing(world: World, home: Household, chief: Cadre, outcome: str) -> None:
    answers = said(chickens(chief, home), "yes")

    with pytest.raises(ValidationError, match="没有见到"):
        world.visit(home, TODAY, chief, outcome=outcome, confirmations=answers)

    assert not Visit.objects.exists()


def test_another_households_measure_is_refused(world: World, home: Household, chief: Cadre) -> None:
    foreign = chickens(chief, world.household("赖家"))

    with pytest.raises(ValidationError):
        world.visit(home, TODAY, chief, confirmations=said(foreign, "yes"))

    assert not Visit.objects.exists()


def test_a_village_visit_has_no_answers(world: World, home: Household, chief: Cadre) -> None:
    answers = said(chickens(chief, home), "yes")

    with pytest.raises(ValidationError):
        world.visit(world.village, TODAY, chief, confirmations=answers)


def test_the_database_refuses_an_answer_about_nothing_or_about_two_things(
    world: World, home: Household, chief: Cadre
) -> None:
    measure, link = chickens(chief, home), dividend(chief, home)
    visit = world.visit(home, TODAY, chief)

    for fields in ({}, {"measure": measure, "link": link}):
        with pytest.raises(IntegrityError, match="confirmation_of_one_thing"), transaction.atomic():
            Confirmation.objects.create(visit=visit, answer="yes", **fields)


def test_a_visit_without_answers_sends_no_further_statement(
    page: Client, world: World, home: Household, chief: Cadre, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page.post(form_of(home), sent(chief))
    with django_assert_max_num_queries(20) as without_measures:
        page.post(form_of(home), sent(chief))
    measure = chickens(chief, home)

    with django_assert_max_num_queries(20) as unanswered:
        page.post(form_of(home), sent(chief, **{f"received_measure_{measure.pk}": ""}))

    assert Visit.objects.count() == 3
    assert len(unanswered) == len(without_measures)
    assert not any("confirmation" in query["sql"] for query in unanswered.captured_queries)


# Corrections ----------------------------------------------------------------------------------


def corrected(visit: Visit, world: World, home: Household, chief: Cadre, **fields: Any) -> Visit:
    withdraw = fields.pop("withdraw", False)
    report = world.report(home, TODAY, chief, **fields)
    return correct_visit(visit, report, actor=chief, now=at(TODAY, 11), reason="改", withdraw=withdraw)


def test_a_correction_changes_the_answer_and_tells_it(world: World, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)
    visit = world.visit(home, TODAY, chief, confirmations=said(measure, "no"))

    version = corrected(visit, world, home, chief, confirmations=said(measure, "yes"))

    assert answers_of(home)[MEASURE] == {measure.pk: ("yes", TODAY, version.pk)}
    told = AuditEntry.objects.get(verb="visit.corrected").changes["confirmations"]
    assert told == [[[MEASURE, measure.pk, "no"]], [[MEASURE, measure.pk, "yes"]]]


def test_a_withdrawn_visit_has_said_nothing(world: World, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)
    visit = world.visit(home, TODAY, chief, confirmations=said(measure, "yes"))

    corrected(visit, world, home, chief, withdraw=True, confirmations=said(measure, "yes"))

    assert answers_of(home)[MEASURE] == {}
    assert asked(home, chief) == [measure]


def test_the_correction_form_carries_the_answers_on(page: Client, world: World, home: Household, chief: Cadre) -> None:
    measure, link = chickens(chief, home), dividend(chief, home)
    visit = world.visit(home, TODAY, chief, confirmations=said(measure, "yes") + said(link, "no"))
    address = reverse("visit_correct", args=[visit.pk])

    shown = page.get(address)
    page.post(address, sent(chief, reason="补一句", note="补的话", **{f"received_link_{link.pk}": "yes"}))

    assert [(line.question.row, line.chosen) for line in shown.context["questions"]] == [(measure, "yes"), (link, "no")]
    found = answers_of(home)
    assert (found[MEASURE][measure.pk].answer, found[LINK][link.pk].answer) == ("yes", "yes")


def test_the_history_names_the_changed_answer(page: Client, world: World, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)
    visit = world.visit(home, TODAY, chief, confirmations=said(measure, "no"))
    version = corrected(visit, world, home, chief, confirmations=said(measure, "yes"))

    shown = page.get(reverse("visit_history", args=[version.pk])).content.decode()

    assert "未收到" in shown and "已收到" in shown and "发放鸡苗" in shown


# Forms and pages ------------------------------------------------------------------------------


def test_the_form_asks_and_nothing_is_chosen(page: Client, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)

    shown = page.get(form_of(home)).content.decode()

    assert f'name="received_measure_{measure.pk}" value="" checked' in shown
    assert "发放鸡苗" in shown


def test_no_measure_no_question(page: Client, home: Household) -> None:
    assert "received_" not in page.get(form_of(home)).content.decode()


def test_an_answer_of_the_form_is_on_the_receipt(page: Client, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)

    receipt = page.post(form_of(home), sent(chief, **{f"received_measure_{measure.pk}": "no"}), follow=True)

    assert "发放鸡苗：未收到" in receipt.content.decode()


def test_a_refused_form_keeps_the_answer(page: Client, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)

    name = f"received_measure_{measure.pk}"
    shown = page.post(form_of(home), sent(chief, visited_on="2026-10-16", **{name: "no"})).content.decode()

    assert f'name="{name}" value="no" checked' in shown


def test_an_answer_comes_by_the_api_too(page: Client, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)
    report = {"id": str(uuid.uuid4()), "household": home.pk, "visited_on": "2026-10-15"}

    wrong = page.post(
        reverse("api_visits"), report | {"confirmations": [{"answer": "yes"}]}, content_type="application/json"
    )
    right = page.post(
        reverse("api_visits"),
        report | {"confirmations": [{"measure": measure.pk, "answer": "yes"}]},
        content_type="application/json",
    )

    assert (wrong.status_code, right.status_code) == (400, 201)
    assert answers_of(home)[MEASURE][measure.pk].is_received


def test_the_list_says_what_was_answered_and_finds_what_was_not_received(
    page: Client, world: World, home: Household, chief: Cadre
) -> None:
    other, third = world.household("赖家"), world.household("钟家")
    chickens(chief, home, other, third)
    by_home = {measure.household_id: measure for measure in Measure.objects.all()}
    world.visit(home, YESTERDAY, chief, confirmations=said(by_home[home.pk], "no"))
    world.visit(home, TODAY, chief, confirmations=said(by_home[home.pk], "yes"))
    world.visit(other, TODAY, chief, confirmations=said(by_home[other.pk], "no"))
    address = f"{reverse('measure_list')}?place={world.village.pk}"

    def homes(query: str) -> list[Household]:
        return [row.household for row in page.get(address + query).context["page"]]

    assert homes("&answer=no") == [other]
    assert homes("&answer=yes") == [home]
    assert homes("&answer=none") == [third]
    assert "10月15日反映未收到" in page.get(address).content.decode()


def test_the_office_of_the_town_finds_them_in_all_its_villages(client: Client, world: World, home: Household) -> None:
    cast = world.cast()
    measure = chickens(cast["clerk"], home)
    world.visit(home, TODAY, cast["chief"], confirmations=said(measure, "no"))
    address = f"{reverse('measure_list')}?place={world.town.pk}&answer=no"

    found = {}
    for name in ("town_clerk", "supervisor", "outsider"):
        client.force_login(cast[name])
        answer = client.get(address)
        found[name] = answer.status_code if answer.status_code != 200 else answer.context["sums"]["count"]

    assert found == {"town_clerk": 1, "supervisor": 1, "outsider": 404}


def test_links_are_listed_by_their_answer_too(page: Client, world: World, home: Household, chief: Cadre) -> None:
    link = dividend(chief, home)
    world.visit(home, TODAY, chief, confirmations=said(link, "no"))
    address = f"{reverse('link_list')}?place={world.village.pk}"

    assert list(page.get(address + "&answer=no").context["page"]) == [link]
    assert not list(page.get(address + "&answer=yes").context["page"])
    assert list(said_not_received(with_answers(BenefitLink.objects.all(), LINK), LINK)) == [link]


def test_a_measure_taken_back_takes_its_answers_along(world: World, home: Household, chief: Cadre) -> None:
    measure = chickens(chief, home)
    world.visit(home, TODAY, chief, confirmations=said(measure, "no"))

    remove_measure(measure, actor=chief, on=TODAY, reason="选错户")

    assert not Confirmation.objects.exists()
    assert Visit.objects.count() == 1


def test_answers_are_seen_with_their_household(world: World, home: Household, chief: Cadre) -> None:
    world.visit(home, TODAY, chief, confirmations=said(chickens(chief, home), "yes"))

    assert Confirmation.objects.visible_to(chief, TODAY).count() == 1
    assert not Confirmation.objects.visible_to(world.cadre("局外人"), TODAY).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_asks_a_fixed_number_of_queries(
    page: Client, home: Household, chief: Cadre, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(count):
        chickens(chief, home)
        dividend(chief, home)
    page.get(form_of(home))

    with django_assert_num_queries(12):
        page.get(form_of(home))
