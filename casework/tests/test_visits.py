"""Recording a visit: once, by whom it concerns, never refused for being late."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import Contact, Duty, Outcome, Visit
from casework.report_checks import colleagues_of
from casework.tests.world import TODAY, at
from casework.visit_rows import DifferentContent
from casework.visits import record_visit
from households.residence import move_household, save_household
from villages.models import AuditEntry, Post, Posting
from villages.postings import remove_posting

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


# Once ---------------------------------------------------------------------------------------------


def test_a_visit_is_stored_with_its_visitors_and_audited(world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)

    visit = record_visit(world.report(home, TODAY, helper, chief, note="修屋顶"), actor=helper, now=NOW)

    assert set(visit.visitors.all()) == {helper, chief}
    assert (visit.entered_by, visit.village, visit.received_at, visit.is_late) == (helper, world.village, NOW, False)
    entry = AuditEntry.objects.get(verb="visit.recorded")
    assert (entry.actor, entry.target_id, entry.village) == (helper, str(visit.pk), world.village)


def test_the_same_visit_sent_again_is_the_same_visit(world, home, helper):
    report = world.report(home, TODAY, helper)

    first = record_visit(report, actor=helper, now=NOW)
    again = record_visit(report, actor=helper, now=NOW + timedelta(hours=1))

    assert again == first
    assert Visit.objects.count() == 1
    assert AuditEntry.objects.filter(verb="visit.recorded").count() == 1


def test_a_visit_sent_again_after_the_post_was_taken_back_is_still_the_same_visit(world, home):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    report = world.report(home, TODAY, chief)
    first = record_visit(report, actor=chief, now=NOW)
    remove_posting(posting=Posting.objects.get(cadre=chief), actor=None, on=TODAY, reason="误录")

    assert record_visit(report, actor=chief, now=NOW) == first


def test_the_same_id_with_other_content_is_held_and_changes_nothing(world, home, helper):
    report = world.report(home, TODAY, helper, note="一")
    first = record_visit(report, actor=helper, now=NOW)
    other = world.report(home, TODAY, helper, note="二", id=report.id)

    with pytest.raises(DifferentContent) as refusal:
        record_visit(other, actor=helper, now=NOW)

    assert refusal.value.stored == first
    assert Visit.objects.get().note == "一"


def test_the_same_id_from_somebody_else_is_held(world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    report = world.report(home, TODAY, helper)
    record_visit(report, actor=helper, now=NOW)

    with pytest.raises(DifferentContent):
        record_visit(report, actor=chief, now=NOW)


def test_a_visitor_named_twice_went_once(world, home, helper):
    visit = record_visit(world.report(home, TODAY, helper, helper), actor=helper, now=NOW)

    assert list(visit.visitors.all()) == [helper]


# When ---------------------------------------------------------------------------------------------


def test_a_visit_in_the_future_is_refused_by_the_day_in_shanghai(world, home, helper):
    tomorrow = TODAY + timedelta(days=1)

    with pytest.raises(ValidationError) as refusal:
        record_visit(world.report(home, tomorrow, helper), actor=helper, now=at(TODAY, 23, 59))
    assert list(refusal.value.message_dict) == ["visited_on"]

    # One minute past midnight in Shanghai is still the day before by the clock of London.
    assert record_visit(world.report(home, tomorrow, helper), actor=helper, now=at(tomorrow, 0, 1))


def test_a_visit_before_the_household_was_registered_is_refused(world):
    home = world.household("新户", registered_on=TODAY - timedelta(days=5))
    helper = world.help("帮扶", home)

    with pytest.raises(ValidationError) as refusal:
        record_visit(world.report(home, TODAY - timedelta(days=6), helper), actor=helper, now=NOW)

    assert list(refusal.value.message_dict) == ["visited_on"]
    assert record_visit(world.report(home, TODAY - timedelta(days=5), helper), actor=helper, now=NOW)


def test_a_visit_from_the_day_on_which_the_household_left_the_register_is_refused(world, home, helper):
    home.left_on = TODAY - timedelta(days=2)
    save_household(home, actor=None, on=TODAY)

    with pytest.raises(ValidationError):
        record_visit(world.report(home, TODAY - timedelta(days=2), helper), actor=helper, now=NOW)
    assert record_visit(world.report(home, TODAY - timedelta(days=3), helper), actor=helper, now=NOW)


def test_late_entry_is_accepted_and_marked_late_after_the_days_the_district_allows(world, home, helper, settings):
    settings.LATE_AFTER_DAYS = 3

    in_time = record_visit(world.report(home, TODAY - timedelta(days=3), helper), actor=helper, now=NOW)
    late = record_visit(world.report(home, TODAY - timedelta(days=4), helper), actor=helper, now=NOW)

    assert (in_time.is_late, late.is_late) == (False, True)


# Who ----------------------------------------------------------------------------------------------


def test_an_outsider_cannot_record_a_visit(world, home):
    outsider = world.cast()["outsider"]

    with pytest.raises(PermissionDenied):
        record_visit(world.report(home, TODAY, outsider), actor=outsider, now=NOW)
    with pytest.raises(PermissionDenied):
        record_visit(world.report(world.village, TODAY, outsider), actor=outsider, now=NOW)
    assert Visit.objects.count() == 0


def test_a_helper_cannot_record_a_visit_to_the_neighbours_or_to_the_village(world, helper):
    neighbour = world.household("李四")

    for target in (neighbour, world.village):
        with pytest.raises(PermissionDenied):
            record_visit(world.report(target, TODAY, helper), actor=helper, now=NOW)


def test_who_has_handed_over_a_post_may_still_enter_a_visit_made_under_it(world, home):
    chief = world.post("旧村长", Post.VILLAGE_CHIEF, world.village, ends_on=TODAY - timedelta(days=1))

    assert record_visit(world.report(home, TODAY - timedelta(days=1), chief), actor=chief, now=NOW)
    with pytest.raises(PermissionDenied):
        record_visit(world.report(home, TODAY, chief), actor=chief, now=NOW)


def test_a_visit_made_before_the_household_moved_away_may_still_be_entered(world, home):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    move_household(
        household=home,
        to_village=world.foreign,
        moved_on=TODAY - timedelta(days=1),
        actor=None,
        on=TODAY - timedelta(days=1),
    )

    visit = record_visit(world.report(home, TODAY - timedelta(days=2), chief), actor=chief, now=NOW)

    assert visit.village == world.village
    with pytest.raises(PermissionDenied):
        record_visit(world.report(home, TODAY, chief), actor=chief, now=NOW)


def test_only_colleagues_of_the_village_may_be_named_as_visitors(world, home, helper):
    foreign = world.post("外村村长", Post.VILLAGE_CHIEF, world.foreign)

    with pytest.raises(ValidationError) as refusal:
        record_visit(world.report(home, TODAY, helper, foreign), actor=helper, now=NOW)

    assert list(refusal.value.message_dict) == ["visitors"]


def test_somebody_must_have_gone_somewhere_and_met_somehow(world, home, helper):
    report = world.report(home, TODAY, contact="letter", outcome="")

    with pytest.raises(ValidationError) as refusal:
        record_visit(report, actor=helper, now=NOW)
    assert sorted(refusal.value.message_dict) == ["contact", "outcome", "visitors"]

    with pytest.raises(ValidationError):
        record_visit(world.report(home, TODAY, helper, household=None), actor=helper, now=NOW)


def test_colleagues_are_those_with_a_post_over_the_village_or_a_household_in_it(world, home, helper):
    cast = world.cast()
    world.post("邻村村长", Post.VILLAGE_CHIEF, world.sibling)

    # The unit leader's post stands at the unit, the offices do not visit.
    left_out = {"unit_leader", "supervisor", "town_supervisor", "clerk", "town_clerk", "outsider"}
    expected = {cadre for role, cadre in cast.items() if role not in left_out} | {helper}
    assert set(colleagues_of(world.village.pk, TODAY, TODAY)) == expected


# Who sees -----------------------------------------------------------------------------------------


def test_visits_are_seen_by_the_village_the_offices_the_helper_and_those_who_went(world, home, helper):
    cast = world.cast()
    guest = world.post("邻村队员", Post.TEAM_MEMBER, world.sibling)
    visit = world.visit(home, TODAY, helper)

    see = {role for role, cadre in cast.items() if visit in Visit.objects.visible_to(cadre, TODAY)}

    assert see == set(cast) - {"outsider"}
    assert visit in Visit.objects.visible_to(helper, TODAY)
    assert visit not in Visit.objects.visible_to(guest, TODAY)


def test_recording_takes_as_many_statements_for_three_duties_as_for_one(world, home, helper):
    world.round([Post.HELPER])
    world.visit(home, TODAY - timedelta(days=1), helper, contact=Contact.PHONE, outcome=Outcome.REFUSED)
    with CaptureQueriesContext(connection) as for_one:
        world.visit(home, TODAY - timedelta(days=2), helper)
    world.round([Post.HELPER])
    world.round([Post.HELPER])

    with CaptureQueriesContext(connection) as for_three:
        world.visit(home, TODAY - timedelta(days=3), helper)

    assert Duty.objects.filter(credited_on=TODAY - timedelta(days=3)).count() == 3
    assert len(for_three) == len(for_one) <= 9
