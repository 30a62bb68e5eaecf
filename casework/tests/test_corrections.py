"""Correcting a visit: a reason, a new version, nothing lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.corrections import can_correct_visit, correct_visit
from casework.models import Visit
from casework.tests.world import TODAY, at
from households.residence import save_household
from villages.models import AuditEntry, Post, Posting
from villages.postings import remove_posting

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


def test_a_correction_is_a_new_version_with_a_reason_and_the_old_one_stays(world, home, helper):
    visit = world.visit(home, TODAY, helper, note="旧")

    version = correct_visit(
        visit, world.report(home, TODAY, helper, note="新"), actor=helper, now=NOW, reason=" 写错了 "
    )

    visit.refresh_from_db()
    assert (visit.superseded_by, visit.note) == (version, "旧")
    assert (version.note, version.reason) == ("新", "写错了")
    assert list(Visit.objects.standing()) == [version]
    assert AuditEntry.objects.get(verb="visit.corrected").changes == {"note": ["旧", "新"]}


def test_a_correction_needs_a_reason(world, home, helper):
    visit = world.visit(home, TODAY, helper)

    with pytest.raises(ValidationError) as refusal:
        correct_visit(visit, world.report(home, TODAY, helper), actor=helper, now=NOW, reason="  ")

    assert list(refusal.value.message_dict) == ["reason"]


def test_who_went_who_typed_it_in_and_the_office_may_correct_and_nobody_else(world, home, helper):
    cast = world.cast()
    visit = world.visit(home, TODAY, helper, cast["chief"], actor=cast["town_secretary"])

    may = {role for role, cadre in (cast | {"helper": helper}).items() if can_correct_visit(cadre, visit, TODAY)}

    office = {"supervisor", "town_supervisor", "clerk", "town_clerk"}
    assert may == office | {"helper", "chief", "town_secretary"}


def test_a_correction_by_an_outsider_is_refused(world, home, helper):
    outsider = world.cadre("局外人")
    visit = world.visit(home, TODAY, helper)

    with pytest.raises(PermissionDenied):
        correct_visit(visit, world.report(home, TODAY, outsider), actor=outsider, now=NOW, reason="试试")

    assert Visit.objects.count() == 1


def test_of_two_corrections_of_one_version_the_second_is_refused(world, home, helper):
    visit = world.visit(home, TODAY, helper)
    stale = Visit.objects.get(pk=visit.pk)
    correct_visit(visit, world.report(home, TODAY, helper, note="一"), actor=helper, now=NOW, reason="一")

    with pytest.raises(ValidationError):
        correct_visit(stale, world.report(home, TODAY, helper, note="二"), actor=helper, now=NOW, reason="二")

    assert Visit.objects.count() == 2


def test_the_same_correction_sent_again_is_the_same_version(world, home, helper):
    visit = world.visit(home, TODAY, helper)
    report = world.report(home, TODAY, helper, note="新")

    first = correct_visit(visit, report, actor=helper, now=NOW, reason="写错了")
    again = correct_visit(Visit.objects.get(pk=visit.pk), report, actor=helper, now=NOW, reason="写错了")

    assert again == first
    assert Visit.objects.count() == 2


def test_a_correction_cannot_change_the_household(world, home, helper):
    other = world.household("李四")
    world.help(helper, other)
    visit = world.visit(home, TODAY, helper)

    with pytest.raises(ValidationError):
        correct_visit(visit, world.report(other, TODAY, helper), actor=helper, now=NOW, reason="换户")


def test_correcting_a_word_weeks_later_does_not_make_the_visit_late(world, home, helper):
    visit = world.visit(home, TODAY, helper)
    weeks_later = at(TODAY + timedelta(days=30))

    same_day = correct_visit(
        visit, world.report(home, TODAY, helper, note="补充"), actor=helper, now=weeks_later, reason="补充"
    )
    other_day = correct_visit(
        same_day, world.report(home, TODAY + timedelta(days=1), helper), actor=helper, now=weeks_later, reason="日期"
    )

    assert (same_day.is_late, other_day.is_late) == (False, True)


def test_a_visit_that_did_not_take_place_can_be_withdrawn_even_when_it_could_not_be_entered_now(world, home, helper):
    visit = world.visit(home, TODAY, helper)
    home.left_on = TODAY - timedelta(days=1)
    save_household(home, actor=None, on=TODAY)

    version = correct_visit(
        visit, world.report(home, TODAY, helper), actor=helper, now=NOW, reason="没去", withdraw=True
    )

    assert version.is_withdrawn
    assert Visit.objects.standing().count() == 0


def test_former_visitors_stay_allowed_in_a_correction(world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    visit = world.visit(home, TODAY, helper, chief)
    remove_posting(posting=Posting.objects.get(cadre=chief), actor=None, on=TODAY, reason="误录")

    version = correct_visit(
        visit, world.report(home, TODAY, helper, chief, note="新"), actor=helper, now=NOW, reason="补充"
    )

    assert set(version.visitors.all()) == {helper, chief}
