"""The form says before saving what a visit will count for, and why not for the rest."""

from datetime import date

import pytest
from django.utils import translation

from casework.counting import counts_for
from casework.models import Contact, Duty, Outcome, TargetKind
from casework.tests.world import TODAY
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(report) -> dict[str, str]:
    """Seat: "" when the visit counts, otherwise the reason."""
    return {counting.duty.seat: "" if counting.is_counted else counting.reason for counting in counts_for(report)}


def test_the_form_names_what_counts_first_and_the_reasons_for_the_others(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.VILLAGE_CHIEF])
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    found = counts_for(world.report(home, TODAY, helper))

    assert [(counting.duty.seat, counting.is_counted) for counting in found] == [
        ("helper", True),
        ("village_chief", False),
    ]
    assert found[1].reason == "none of the visitors held this post on that day"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"contact": Contact.PHONE}, "this kind of contact does not count in this round"),
        ({"outcome": Outcome.REFUSED}, "nobody was met"),
        ({"visited_on": date(2026, 9, 30)}, "the day is outside the round's period"),
        ({}, ""),
    ],
)
def test_the_form_says_why_a_visit_does_not_count(world, fields, reason):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])

    assert said(world.report(home, fields.pop("visited_on", TODAY), helper, **fields)) == {"helper": reason}


def test_a_duty_already_done_still_counts_and_says_since_when(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])
    world.visit(home, date(2026, 10, 5), helper)

    (counting,) = counts_for(world.report(home, TODAY, helper))

    assert (counting.is_counted, counting.already_on) == (True, date(2026, 10, 5))


def test_on_the_receipt_the_visit_itself_is_not_called_already_done(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])
    report = world.report(home, TODAY, helper)
    world.visit(home, TODAY, helper, id=report.id)

    (counting,) = counts_for(report)

    assert (counting.is_counted, counting.reason, counting.already_on) == (True, "", None)


def test_naming_a_colleague_adds_what_the_visit_counts_for(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.round([Post.HELPER, Post.VILLAGE_CHIEF])

    alone = said(world.report(home, TODAY, helper))
    together = said(world.report(home, TODAY, helper, chief))

    assert alone["village_chief"] != ""
    assert together == {"helper": "", "village_chief": ""}


def test_asking_changes_nothing_and_costs_the_same_for_one_and_three_duties(world, django_assert_num_queries):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])
    report = world.report(home, TODAY, helper)
    counts_for(report)

    with django_assert_num_queries(2):
        counts_for(report)
    world.round([Post.HELPER, Post.VILLAGE_CHIEF])
    with django_assert_num_queries(2):
        assert len(counts_for(report)) == 3
    assert Duty.objects.filter(credited_on__isnull=False).count() == 0
