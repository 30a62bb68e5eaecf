"""Tests of the visit form: what it stores, what it says, and that nothing typed is lost."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.models import TargetKind, Visit
from casework.tests.world import TODAY, World
from households.models import Household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def household(world: World) -> Household:
    return world.household("钟家")


@pytest.fixture
def helper(world: World, household: Household) -> Cadre:
    helper = world.help("帮扶干部", household)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="十月走访")
    return helper


@pytest.fixture
def phone(client: Client, helper: Cadre) -> Client:
    client.force_login(helper)
    return client


def address(household: Household) -> str:
    return f"{reverse('visit_new')}?household={household.pk}"


def answers(cadre: Cadre, **changed: Any) -> dict[str, Any]:
    usual = {
        "id": str(uuid.uuid4()),
        "visitors": [cadre.pk],
        "visited_on": "2026-10-15",
        "contact": "home",
        "outcome": "met",
        "note": "一切都好",
        "has_problem": "no",
    }
    return usual | changed


def test_saving_leads_to_the_receipt_that_says_what_it_counts_for(
    phone: Client, helper: Cadre, household: Household
) -> None:
    receipt = phone.post(address(household), answers(helper), follow=True)

    visit = Visit.objects.get()
    assert receipt.redirect_chain == [(reverse("visit_receipt", args=[visit.pk]), 302)]
    assert "十月走访" in receipt.content.decode()
    assert (visit.note, visit.visited_on, visit.entered_by) == ("一切都好", TODAY, helper)


def test_sending_twice_stores_once_and_shows_the_same_receipt(
    phone: Client, helper: Cadre, household: Household
) -> None:
    sent = answers(helper)

    first, second = (phone.post(address(household), sent) for _time in range(2))

    assert first["Location"] == second["Location"]
    assert Visit.objects.count() == 1


def test_the_same_id_with_other_words_overwrites_nothing_and_keeps_both_texts(
    phone: Client, helper: Cadre, household: Household
) -> None:
    sent = answers(helper)
    phone.post(address(household), sent)

    answer = phone.post(address(household), sent | {"note": "另一次的话"})

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "一切都好" in shown and "另一次的话" in shown and sent["id"] not in shown.split("<form")[-2]
    assert Visit.objects.get().note == "一切都好"


def test_a_refused_day_keeps_every_word_typed(phone: Client, helper: Cadre, household: Household) -> None:
    answer = phone.post(
        address(household), answers(helper, visited_on="2026-10-16", has_problem="yes", problem="屋顶漏雨")
    )

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "一切都好" in shown and "屋顶漏雨" in shown
    assert not Visit.objects.exists()


def test_a_problem_needs_its_line(phone: Client, helper: Cadre, household: Household) -> None:
    answer = phone.post(address(household), answers(helper, has_problem="yes"))

    assert "problem" in answer.context["form"].errors


def test_no_problem_means_none_is_stored(phone: Client, helper: Cadre, household: Household) -> None:
    phone.post(address(household), answers(helper, problem="先写了又改主意"))

    assert Visit.objects.get().problem == ""


def test_a_colleague_who_has_handed_over_since_can_be_named_for_the_day_of_the_visit(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    october_5 = date(2026, 10, 5)
    former = world.post("前任大村长", Post.VILLAGE_CHIEF, world.village, ends_on=october_5)

    offered = phone.get(address(household)).content.decode()
    too_late = phone.post(address(household), answers(helper, visitors=[helper.pk, former.pk]))
    phone.post(address(household), answers(helper, visitors=[helper.pk, former.pk], visited_on="2026-10-05"))

    assert "前任大村长" in offered
    assert "visitors" in too_late.context["form"].errors
    assert set(Visit.objects.get().visitors.all()) == {helper, former}


def test_a_household_out_of_reach_is_not_there_for_a_saved_visit_either(client: Client, household: Household) -> None:
    outsider = Cadre.objects.create_user("outsider", name="局外人")
    client.force_login(outsider)

    assert client.post(address(household), answers(outsider)).status_code == 404
    assert client.post(address(household), answers(outsider, has_problem="yes")).status_code == 404
    assert not Visit.objects.exists()


def test_a_colleague_of_the_village_can_be_named(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    phone.post(address(household), answers(helper, visitors=[helper.pk, chief.pk]))

    assert set(Visit.objects.get().visitors.all()) == {helper, chief}


def test_a_stranger_cannot_be_named(phone: Client, world: World, helper: Cadre, household: Household) -> None:
    answer = phone.post(address(household), answers(helper, visitors=[helper.pk, world.cadre("外人").pk]))

    assert "visitors" in answer.context["form"].errors


def test_a_late_entry_is_taken_and_marked(phone: Client, helper: Cadre, household: Household) -> None:
    receipt = phone.post(address(household), answers(helper, visited_on="2026-10-02"), follow=True)

    assert Visit.objects.get().is_late
    assert "state-late" in receipt.content.decode()


def test_the_form_says_before_saving_what_the_visit_counts_for(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访")

    shown = phone.get(address(household))

    assert [counting.duty.round.name for counting in shown.context["counted"]] == ["十月走访"]
    assert [counting.duty.round.name for counting in shown.context["not_counted"]] == ["大村长遍访"]


def test_the_live_answer_follows_the_changed_contact(phone: Client, helper: Cadre, household: Household) -> None:
    asked = f"{reverse('counts_for')}?household={household.pk}"

    at_home, by_phone = (phone.post(asked, answers(helper, contact=contact)) for contact in ("home", "phone"))

    assert (len(at_home.context["counted"]), len(by_phone.context["counted"])) == (1, 0)
    assert not Visit.objects.exists()


def test_checking_without_scripts_shows_the_answer_and_stores_nothing(
    phone: Client, helper: Cadre, household: Household
) -> None:
    shown = phone.post(address(household), answers(helper, check="1"))

    assert len(shown.context["counted"]) == 1
    assert not Visit.objects.exists()


def test_an_expired_login_leads_back_to_the_same_form(client: Client, helper: Cadre, household: Household) -> None:
    answer = client.post(address(household), answers(helper))

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('login')}?next=")
    client.force_login(helper)
    assert client.get(address(household)).status_code == 200


def test_a_village_visit_uses_the_same_form(client: Client, world: World) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    client.force_login(chief)

    client.post(f"{reverse('visit_new')}?village={world.village.pk}", answers(chief))

    assert (Visit.objects.get().village, Visit.objects.get().household) == (world.village, None)


def test_the_receipt_offers_the_next_household_of_the_group(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    following = world.household("下一家")
    world.help(helper, following)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    receipt = phone.post(address(household), answers(helper), follow=True)

    assert receipt.context["next"].target.household_id == following.pk


def test_a_correction_needs_a_reason_and_leaves_a_history(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    visit = world.visit(household, TODAY, helper, note="写错了")
    correct = reverse("visit_correct", args=[visit.pk])

    without = phone.post(correct, answers(helper, note="改好了"))
    phone.post(correct, answers(helper, note="改好了", reason="笔误"))

    assert "reason" in without.context["form"].errors
    latest = Visit.objects.current().get()
    history = phone.get(reverse("visit_history", args=[latest.pk])).content.decode()
    assert latest.note == "改好了"
    assert all(words in history for words in ("写错了", "改好了", "笔误"))


def test_a_withdrawn_visit_counts_for_nothing(phone: Client, world: World, helper: Cadre, household: Household) -> None:
    visit = world.visit(household, TODAY, helper)

    phone.post(reverse("visit_correct", args=[visit.pk]), answers(helper, reason="没有去", withdraw="on"))

    assert not Visit.objects.standing().exists()
    assert household.duties.get().credited_on is None


def test_an_older_version_leads_on_to_the_latest(
    phone: Client, world: World, helper: Cadre, household: Household
) -> None:
    visit = world.visit(household, TODAY, helper)
    phone.post(reverse("visit_correct", args=[visit.pk]), answers(helper, reason="笔误"))

    answer = phone.get(reverse("visit_correct", args=[visit.pk]))

    assert answer["Location"] == reverse("visit_receipt", args=[Visit.objects.current().get().pk])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_form_sends_a_fixed_number_of_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    household = world.household("户")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    for number in range(rows):
        world.help(f"帮扶{number}", household, is_primary=not number)
        world.round([Post.VILLAGE_CHIEF])
    client = Client()
    client.force_login(chief)

    with django_assert_num_queries(12):
        client.get(address(household))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_receipt_and_the_history_send_a_fixed_number_of_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    household = world.household("户")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    colleagues = [world.help(f"帮扶{number}", household, is_primary=not number) for number in range(rows)]
    for _number in range(rows):
        world.round([Post.VILLAGE_CHIEF])
    visit = world.visit(household, date(2026, 10, 14), chief, *colleagues)
    client = Client()
    client.force_login(chief)

    with django_assert_num_queries(13 + (0 if connection.vendor == "postgresql" else 12)):
        client.get(reverse("visit_receipt", args=[visit.pk]))
    with django_assert_num_queries(8):
        client.get(reverse("visit_history", args=[visit.pk]))
