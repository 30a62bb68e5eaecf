"""A phone's batch: stored, stored already, or held for a person and why; never dropped, never doubled."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.extras import extras_of
from casework.models import Duty, HeldReason, HeldState, HeldVisit, Visit
from casework.sent_words import lines_of_extras
from casework.sync import present_state, receive
from casework.tests.sealed_visit import resealed, sealed
from casework.tests.world import LONG_AGO, TODAY, at
from households.models import HelperPairing
from households.residence import move_household
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
YESTERDAY = TODAY - timedelta(days=1)


def states(answers):
    return [(answer.state, answer.code) for answer in answers]


# Stored once ------------------------------------------------------------------------------------


def test_a_visit_is_stored_and_its_answer_repeats_id_and_digest(world, home, helper):
    world.round([Post.HELPER], "paired_household", name="十月帮扶走访")
    visit = sealed(home, TODAY, helper, note="屋顶漏雨")

    [answer] = receive([visit], sender=helper, now=NOW)

    assert (answer.id, answer.digest, answer.state) == (visit["id"], visit["digest"], "stored")
    assert [(counting.duty.round.name, counting.is_counted) for counting in answer.counts] == [("十月帮扶走访", True)]
    assert Visit.objects.get(pk=visit["id"]).note == "屋顶漏雨"
    assert Duty.objects.get().credited_on == TODAY


def test_the_same_visit_again_gives_the_same_receipt_and_one_row(world, home, helper):
    visit = sealed(home, TODAY, helper)

    [first] = receive([visit], sender=helper, now=NOW)
    [second, third] = receive([visit, visit], sender=helper, now=NOW + timedelta(hours=3))

    assert first.visit.received_at == second.visit.received_at == third.visit.received_at == NOW
    assert (Visit.objects.count(), HeldVisit.objects.count()) == (1, 0)


def test_the_order_of_visits_does_not_matter(world, home, helper):
    world.round([Post.HELPER], "paired_household")
    visits = [sealed(home, TODAY - timedelta(days=days), helper, note=str(days)) for days in range(6)]
    random.Random(4).shuffle(visits)

    receive(visits[:3], sender=helper, now=NOW)
    receive(visits[2:], sender=helper, now=NOW)

    assert Visit.objects.count() == 6
    assert Duty.objects.get().credited_on == TODAY - timedelta(days=5)


def test_what_may_be_added_is_stored_with_the_visit(world, home, helper):
    visit = sealed(
        home,
        TODAY,
        helper,
        needs="修屋顶",
        ideas="办合作社",
        results="路通了",
        talk="night_visit",
        position={"latitude": "25.861234", "longitude": "115.012345", "accuracy": 35},
        guarantees={"water": "met", "housing": "not_met"},
    )

    [answer] = receive([visit], sender=helper, now=NOW)

    stored = Visit.objects.get(pk=answer.id)
    assert (stored.needs, stored.ideas, stored.results, stored.talk) == ("修屋顶", "办合作社", "路通了", "night_visit")
    assert (str(stored.latitude), str(stored.longitude), stored.accuracy) == ("25.861234", "115.012345", 35)
    assert ("位置（自愿记录）", "25.861234, 115.012345（精度35米）") in lines_of_extras(extras_of(stored))
    checks = home.guarantees.order_by("kind").values_list("kind", "state", "source", "checked_on")
    assert list(checks) == [("housing", "not_met", "visit", TODAY), ("water", "met", "visit", TODAY)]


def test_an_evening_talk_of_the_village_is_stored_like_a_visit(world):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    visit = sealed(world.village, TODAY, chief, talk="evening_talk", head_count=38)

    [answer] = receive([visit], sender=chief, now=NOW)

    stored = Visit.objects.get(pk=answer.id)
    assert (stored.household, stored.village, stored.talk, stored.head_count) == (
        None,
        world.village,
        "evening_talk",
        38,
    )


# Held -------------------------------------------------------------------------------------------


def test_the_same_id_with_other_content_is_held_and_both_stay(world, home, helper):
    visit = sealed(home, TODAY, helper, note="一")
    other = resealed(visit, note="二")

    answers = receive([visit, other], sender=helper, now=NOW)

    assert states(answers) == [("stored", ""), ("held", "other_content")]
    held = HeldVisit.objects.get()
    assert (Visit.objects.get().note, held.content["note"], held.sent_by, held.village) == (
        "一",
        "二",
        helper,
        world.village,
    )
    assert AuditEntry.objects.get(verb="visit.held").target_id == str(held.pk)


def test_a_held_visit_sent_again_is_held_once(world, home, helper):
    visit = sealed(home, TODAY + timedelta(days=1), helper)

    answers = [receive([visit], sender=helper, now=NOW + timedelta(hours=hours))[0] for hours in range(3)]

    assert states(answers) == [("held", "future_day")] * 3
    assert HeldVisit.objects.count() == AuditEntry.objects.filter(verb="visit.held").count() == 1
    assert HeldVisit.objects.get().received_at == NOW


def test_a_household_that_was_in_reach_on_the_day_is_accepted_after_the_hand_over(world, home):
    former = world.help("前任", home, starts_on=LONG_AGO, ends_on=YESTERDAY)

    [answer] = receive([sealed(home, YESTERDAY, former)], sender=former, now=NOW)

    assert answer.state == "stored"


def test_a_household_that_moved_away_is_accepted_for_a_day_before(world, home):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    visit = sealed(home, TODAY - timedelta(days=3), chief)
    move_household(household=home, to_village=world.foreign, moved_on=YESTERDAY, actor=None, on=TODAY)

    [answer] = receive([visit], sender=chief, now=NOW)

    assert answer.state == "stored"
    assert Visit.objects.get().village == world.village


def test_out_of_reach_on_the_day_is_held_for_the_office_of_the_place(world, home):
    other = world.household("李四", world.foreign)
    helper = world.help("李帮扶", home)

    [answer] = receive([sealed(other, TODAY, helper)], sender=helper, now=NOW)

    assert (answer.state, answer.code) == ("held", "out_of_reach")
    assert HeldVisit.objects.get().village == world.foreign


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"household": 999_999}, HeldReason.UNKNOWN_TARGET),
        ({"household": None, "village": "999999999999"}, HeldReason.UNKNOWN_TARGET),
        ({"visitors": [999_999]}, HeldReason.UNKNOWN_VISITOR),
        ({"visited_on": "2026-10-16"}, HeldReason.FUTURE_DAY),
        ({"visited_on": "2020-01-01"}, HeldReason.OUT_OF_REACH),
        ({"mood": "good"}, HeldReason.UNKNOWN_FIELD),
        ({"outcome": "nobody_home", "confirmations": [{"measure": 1, "answer": "yes"}]}, HeldReason.NOT_ACCEPTABLE),
        ({"guarantees": {"water": "perhaps"}}, HeldReason.NOT_ACCEPTABLE),
    ],
)
def test_what_cannot_simply_be_stored_is_held_with_its_reason(world, home, helper, fields, code):
    visit = resealed(sealed(home, TODAY, helper), **fields)
    if code == HeldReason.OUT_OF_REACH:
        HelperPairing.objects.update(ends_on=YESTERDAY)

    [answer] = receive([visit], sender=helper, now=NOW)

    assert (answer.state, answer.code) == ("held", code)
    assert answer.words != ""
    assert HeldVisit.objects.get().content == visit
    assert HeldVisit.objects.get().village == world.village


def test_a_visitor_without_a_post_there_is_held(world, home, helper):
    stranger = world.cadre("局外人")

    [answer] = receive([sealed(home, TODAY, helper, stranger)], sender=helper, now=NOW)

    assert (answer.state, answer.code) == ("held", "unknown_visitor")


def test_a_day_before_the_registration_is_held(world, helper):
    late_comer = world.household("新来", registered_on=TODAY)
    world.help(helper, late_comer)

    [answer] = receive([sealed(late_comer, YESTERDAY, helper)], sender=helper, now=NOW)

    assert (answer.state, answer.code) == ("held", "not_registered")


# Refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("words", "unreadable"),
        (None, "unreadable"),
        ({}, "unreadable"),
        ({"id": "no uuid"}, "unreadable"),
        ({"visited_on": "15.10.2026"}, "unreadable"),
        ({"visited_on": 20261015}, "unreadable"),
        ({"contact": "pigeon"}, "unreadable"),
        ({"contact": ["home"]}, "unreadable"),
        ({"visitors": []}, "unreadable"),
        ({"visitors": ["7"]}, "unreadable"),
        ({"visitors": [True]}, "unreadable"),
        ({"household": 10**30}, "unreadable"),
        ({"household": 1, "village": "360704101200"}, "unreadable"),
        ({"note": 7}, "unreadable"),
        ({"note": "a\0b"}, "unreadable"),
        ({"filled_at": "a\0b"}, "unreadable"),
        ({"note": "\ud800"}, "unreadable"),
        ({"note": "x" * 5001}, "unreadable"),
        ({"note": "电话 138 1234 5678"}, "personal_number"),
        ({"needs": "证件 360721197001011232"}, "personal_number"),
        ({"note": "x" * 70_000}, "too_large"),
        ({"position": {"latitude": 25.8, "longitude": "115"}}, "unreadable"),
        ({"position": {"latitude": "NaN", "longitude": "115"}}, "unreadable"),
        ({"confirmations": [{"measure": 1}]}, "unreadable"),
        ({"mood": [[[[[[[[1]]]]]]]]}, "unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason_and_the_rest_of_the_batch_stands(home, helper, broken, code):
    good = sealed(home, TODAY, helper)
    try:
        bad = resealed(sealed(home, TODAY, helper), **broken) if broken else broken
    except (ValueError, TypeError, AttributeError):
        bad = sealed(home, TODAY, helper) | broken if isinstance(broken, dict) else broken

    answers = receive([bad, good], sender=helper, now=NOW)

    assert [answer.state for answer in answers] == ["refused", "stored"]
    assert answers[0].code == code
    assert answers[0].words != ""
    assert HeldVisit.objects.count() == 0


def test_a_visit_damaged_on_the_way_is_refused_and_not_stored(home, helper):
    visit = sealed(home, TODAY, helper, note="屋顶漏雨")

    [answer] = receive([visit | {"note": "屋顶漏"}], sender=helper, now=NOW)

    assert (answer.state, answer.code) == ("refused", "damaged")
    assert Visit.objects.count() == 0


# How they stand ---------------------------------------------------------------------------------


def test_the_present_state_is_told_of_ones_own_alone(world, home, helper):
    other = world.help("王帮扶", home, is_primary=False)
    stored, held = sealed(home, TODAY, helper), sealed(home, TODAY + timedelta(days=2), helper)
    receive([stored, held], sender=helper, now=NOW)
    keys = [Visit.objects.get().pk, HeldVisit.objects.get().visit_key]

    assert [answer.state for answer in present_state(keys, sender=helper)] == ["stored", "held"]
    assert [answer.state for answer in present_state(keys, sender=other)] == ["unknown", "unknown"]


def test_a_declined_visit_says_why(world, home, helper):
    visit = sealed(home, TODAY + timedelta(days=2), helper)
    receive([visit], sender=helper, now=NOW)
    HeldVisit.objects.update(state=HeldState.DECLINED, decided_at=NOW, words="日期不对")

    [answer] = receive([visit], sender=helper, now=NOW)

    assert (answer.state, answer.words) == ("declined", "日期不对")


# Cost -------------------------------------------------------------------------------------------


def test_two_more_visits_cost_the_same_again_each(world, helper):
    homes = [world.household(f"户主{number}") for number in range(4)]
    for home in homes:
        world.help(helper, home)
    world.round([Post.HELPER], "paired_household")
    receive([sealed(homes[3], TODAY, helper)], sender=helper, now=NOW)  # hot queries are compiled

    with CaptureQueriesContext(connection) as for_one:
        receive([sealed(homes[0], TODAY, helper)], sender=helper, now=NOW)
    with CaptureQueriesContext(connection) as for_three:
        receive([sealed(home, TODAY, helper) for home in homes[:3]], sender=helper, now=NOW)

    # Four for the batch; PostgreSQL takes a visit's writes in one message.
    each = 8 if connection.vendor == "postgresql" else 11
    assert (len(for_one), len(for_three)) == (4 + each, 4 + 3 * each)


def test_what_is_sent_again_costs_only_its_receipt(world, home, helper):
    visits = [sealed(home, TODAY, helper, note=note) for note in "一二三"]
    receive(visits, sender=helper, now=NOW)

    with CaptureQueriesContext(connection) as again:
        receive(visits, sender=helper, now=NOW)

    assert len(again) == 4 + 3 * 2  # the batch, and what each counts for
