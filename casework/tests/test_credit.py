"""Which duties a visit satisfies: the cases people argue about, each by its name."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from casework.corrections import correct_visit
from casework.models import Contact, Duty, Outcome, TargetKind
from casework.models.rounds import VISITING_POSTS
from casework.recredit import differences
from casework.tests.world import at, state_on
from households.residence import move_household
from villages.models import Post, Posting
from villages.postings import end_posting, replace_holder, save_posting

pytestmark = [pytest.mark.django_db, pytest.mark.core]

OCTOBER_5, OCTOBER_10, OCTOBER_20 = date(2026, 10, 5), date(2026, 10, 10), date(2026, 10, 20)
CHIEF_AND_SECRETARIES = [Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY]


@pytest.fixture(autouse=True)
def _no_difference_at_the_end(world):
    yield
    assert list(differences(Duty.objects.all())) == []


def done(**which) -> dict[str, date | None]:
    """Seat: the day its duty was done."""
    return dict(Duty.objects.filter(**which).values_list("seat", "credited_on"))


def posting_of(cadre) -> Posting:
    return Posting.objects.get(cadre=cadre)


def test_no_post_is_named_by_a_part_of_another():
    names = [post.value for post in VISITING_POSTS]

    assert [(one, other) for one in names for other in names if one != other and one in other] == []


# Posts that change hands --------------------------------------------------------------------------


def test_a_chief_replaced_in_the_middle_of_a_round_keeps_credit_and_the_successor_earns_the_rest(world):
    first_home, second_home = world.household("张三"), world.household("李四")
    old = world.post("旧村长", Post.VILLAGE_CHIEF, world.village)
    new = world.cadre("新村长")
    world.round([Post.VILLAGE_CHIEF])
    world.visit(first_home, OCTOBER_5, old)

    replace_holder(posting=posting_of(old), cadre=new, starts_on=OCTOBER_10, actor=None, on=OCTOBER_10)
    world.visit(second_home, OCTOBER_20, new)

    assert done(household=first_home) == {"village_chief": OCTOBER_5}
    assert done(household=second_home) == {"village_chief": OCTOBER_20}
    assert Duty.objects.owed_by(new, OCTOBER_20).count() == 2
    assert Duty.objects.owed_by(old, OCTOBER_20).count() == 0


def test_a_visit_by_the_former_chief_after_the_change_does_not_count(world):
    home = world.household("张三")
    old = world.post("旧村长", Post.VILLAGE_CHIEF, world.village, ends_on=OCTOBER_5)
    world.round([Post.VILLAGE_CHIEF])
    world.help(old, home)

    world.visit(home, OCTOBER_10, old)

    assert done() == {"village_chief": None}


def test_a_visit_back_dated_before_the_new_holders_start_does_not_count(world):
    home = world.household("张三")
    new = world.post("新村长", Post.VILLAGE_CHIEF, world.village, starts_on=OCTOBER_10)
    world.round([Post.VILLAGE_CHIEF])

    world.visit(home, OCTOBER_10 - timedelta(days=1), new, now=at(OCTOBER_20))
    assert done() == {"village_chief": None}

    world.visit(home, OCTOBER_10, new, now=at(OCTOBER_20))
    assert done() == {"village_chief": OCTOBER_10}


def test_a_vacant_post_filled_later_owes_the_duty_from_then_on(world):
    home = world.household("张三")
    world.round([Post.VILLAGE_CHIEF])
    assert state_on(OCTOBER_5) == "vacant"

    chief = world.post("新村长", Post.VILLAGE_CHIEF, world.village, starts_on=OCTOBER_10)
    assert state_on(OCTOBER_10 - timedelta(days=1)) == "vacant"
    assert state_on(OCTOBER_10) == "open"

    world.visit(home, OCTOBER_20, chief)
    assert state_on(OCTOBER_20) == "done"


def test_a_posting_entered_after_the_fact_credits_the_visits_made_under_it(world):
    home = world.household("张三")
    chief = world.cadre("村长")
    world.help(chief, home)
    world.round([Post.VILLAGE_CHIEF])
    world.visit(home, OCTOBER_5, chief)
    assert done() == {"village_chief": None}

    world.post(chief, Post.VILLAGE_CHIEF, world.village, starts_on=date(2026, 10, 1))

    assert done() == {"village_chief": OCTOBER_5}


def test_a_posting_corrected_after_the_fact_takes_credit_back_and_gives_it_again(world):
    home = world.household("张三")
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.round([Post.VILLAGE_CHIEF])
    world.visit(home, OCTOBER_5, chief)
    posting = posting_of(chief)

    end_posting(posting=posting, ends_on=date(2026, 9, 30), actor=None, on=OCTOBER_20)
    assert done() == {"village_chief": None}

    posting.ends_on = OCTOBER_5
    save_posting(posting, actor=None, on=OCTOBER_20)
    assert done() == {"village_chief": OCTOBER_5}


def test_a_posting_moved_to_another_village_takes_its_credit_along(world):
    here, there = world.household("张三"), world.household("李四", world.sibling)
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.help(chief, there)
    world.round([Post.VILLAGE_CHIEF])
    world.visit(here, OCTOBER_5, chief)
    world.visit(there, OCTOBER_5, chief)
    posting = posting_of(chief)

    posting.village = world.sibling
    save_posting(posting, actor=None, on=OCTOBER_20)

    assert done(household=here) == {"village_chief": None}
    assert done(household=there) == {"village_chief": OCTOBER_5}


# Several duties, several visitors -----------------------------------------------------------------


def test_a_first_secretary_who_is_also_helper_satisfies_two_duties_with_one_visit(world):
    home = world.household("张三")
    cadre = world.post("第一书记", Post.FIRST_SECRETARY, world.village)
    world.help(cadre, home)
    world.round([Post.FIRST_SECRETARY])
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    visit = world.visit(home, OCTOBER_5, cadre)

    assert done() == {"first_secretary": OCTOBER_5, "helper": OCTOBER_5}
    assert set(Duty.objects.values_list("credited_visit", flat=True)) == {visit.pk}


def test_three_co_visitors_satisfy_three_duties_of_an_each_post_round(world):
    home = world.household("张三")
    visitors = [world.post(f"{post.label}", post, world.village) for post in CHIEF_AND_SECRETARIES]
    world.round(CHIEF_AND_SECRETARIES)

    world.visit(home, OCTOBER_5, *visitors)

    assert done() == dict.fromkeys(["village_chief", "first_secretary", "village_secretary"], OCTOBER_5)


def test_in_an_each_post_round_one_visitor_leaves_the_others_open(world):
    home = world.household("张三")
    chief, *_others = [world.post(f"{post.label}", post, world.village) for post in CHIEF_AND_SECRETARIES]
    world.round(CHIEF_AND_SECRETARIES)

    world.visit(home, OCTOBER_5, chief)

    assert done() == {"village_chief": OCTOBER_5, "first_secretary": None, "village_secretary": None}


def test_in_an_any_post_round_one_visitor_suffices_and_there_is_one_duty(world):
    home = world.household("张三")
    secretary = world.post("第一书记", Post.FIRST_SECRETARY, world.village)
    world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY], is_any_post=True)

    world.visit(home, OCTOBER_5, secretary)

    assert done() == {"any:first_secretary+village_chief": OCTOBER_5}


def test_an_any_post_duty_with_a_helper_is_satisfied_by_the_helper_of_that_household_only(world):
    mine, not_mine = world.household("张三"), world.household("李四")
    helper = world.help("帮扶", mine)
    world.post(helper, Post.CLERK, world.village)
    world.round([Post.HELPER, Post.VILLAGE_CHIEF], is_any_post=True)

    world.visit(mine, OCTOBER_5, helper)
    world.visit(not_mine, OCTOBER_5, helper)

    assert done(household=mine) == {"any:helper+village_chief": OCTOBER_5}
    assert done(household=not_mine) == {"any:helper+village_chief": None}


def test_the_visitor_counts_and_not_who_typed_it_in(world):
    home = world.household("张三")
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    member = world.post("队员", Post.TEAM_MEMBER, world.village)
    world.round([Post.VILLAGE_CHIEF, Post.TEAM_MEMBER])

    world.visit(home, OCTOBER_5, chief, actor=member)

    assert done() == {"village_chief": OCTOBER_5, "team_member": None}


def test_a_visit_to_a_household_is_also_a_visit_to_its_village(world):
    home = world.household("张三")
    leader = world.post("区领导", Post.DISTRICT_LEADER, world.town)
    world.round([Post.DISTRICT_LEADER], TargetKind.ATTACHED_VILLAGE)

    world.visit(home, OCTOBER_5, leader)

    assert done(village=world.village) == {"district_leader": OCTOBER_5}
    assert done(village=world.sibling) == {"district_leader": None}


def test_the_earliest_of_several_visits_gets_the_credit_whatever_the_order_of_entry(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])

    world.visit(home, OCTOBER_20, helper)
    earlier = world.visit(home, OCTOBER_5, helper, now=at(OCTOBER_20))
    world.visit(home, OCTOBER_10, helper, now=at(OCTOBER_20))

    assert Duty.objects.get().credited_visit == earlier


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_visits_on_one_day_always_the_same_gets_the_credit(world, order):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])

    for number in order:
        world.visit(home, OCTOBER_5, helper, id=UUID(int=number), contact=Contact.ELSEWHERE)

    assert Duty.objects.get().credited_visit_id == UUID(int=1)


# Households that come and go ----------------------------------------------------------------------


def test_a_household_registered_after_opening_is_not_in_the_round(world):
    helper = world.help("帮扶", world.household("张三"))
    world.round([Post.HELPER])
    late = world.household("新来户", registered_on=OCTOBER_5)
    world.help(helper, late, starts_on=OCTOBER_5)

    world.visit(late, OCTOBER_10, helper)

    assert Duty.objects.filter(household=late).count() == 0
    assert Duty.objects.filter(credited_on__isnull=False).count() == 0


def test_a_household_moved_to_another_village_leaves_the_chiefs_duty_and_keeps_the_helpers(world):
    home = world.household("张三")
    world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.post("邻村村长", Post.VILLAGE_CHIEF, world.sibling)
    helper = world.help("帮扶", home)
    world.round([Post.VILLAGE_CHIEF, Post.TOWN_SECRETARY, Post.HELPER])

    move_household(household=home, to_village=world.sibling, moved_on=OCTOBER_10, actor=None, on=OCTOBER_10)
    world.visit(home, OCTOBER_20, helper)

    assert dict(Duty.objects.values_list("seat", "left_on")) == {
        "village_chief": OCTOBER_10,
        "town_secretary": None,
        "helper": None,
    }
    states = dict(Duty.objects.with_state(OCTOBER_20).values_list("seat", "state"))
    assert states == {"village_chief": "excused", "town_secretary": "vacant", "helper": "done"}


def test_a_visit_before_the_move_still_counts_for_the_former_village(world):
    home = world.household("张三")
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.round([Post.VILLAGE_CHIEF])
    move_household(household=home, to_village=world.foreign, moved_on=OCTOBER_10, actor=None, on=OCTOBER_10)

    world.visit(home, OCTOBER_5, chief, now=at(OCTOBER_20))

    assert done() == {"village_chief": OCTOBER_5}


# What counts --------------------------------------------------------------------------------------


def test_phone_contact_with_an_away_family_counts_by_rule_and_is_shown_apart(world):
    home = world.household("张三", is_away=True)
    helper = world.help("帮扶", home)
    world.round([Post.HELPER], counts_away_by_phone=True)

    world.visit(home, OCTOBER_5, helper, contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY)
    columns = ("state", "is_by_phone", "credited_on")
    by_phone = Duty.objects.with_state(OCTOBER_5).values_list(*columns).get()
    world.visit(home, OCTOBER_10, helper)
    met = Duty.objects.with_state(OCTOBER_10).values_list(*columns).get()

    assert by_phone == ("done", True, OCTOBER_5)
    assert met == ("done", False, OCTOBER_5)


def test_phone_contact_with_an_away_family_does_not_count_when_the_rule_says_so(world):
    home = world.household("张三", is_away=True)
    helper = world.help("帮扶", home)
    world.round([Post.HELPER], counts_away_by_phone=False)

    world.visit(home, OCTOBER_5, helper, contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY)

    assert done() == {"helper": None}


@pytest.mark.parametrize("outcome", [Outcome.NOBODY_HOME, Outcome.REFUSED, Outcome.FAMILY_AWAY])
def test_a_home_visit_that_met_nobody_does_not_count(world, outcome):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])

    world.visit(home, OCTOBER_5, helper, outcome=outcome)

    assert done() == {"helper": None}


def test_days_of_grace_still_count_but_the_duty_is_overdue_until_then(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER], due_on=OCTOBER_10, grace_days=3)

    assert state_on(OCTOBER_10 + timedelta(days=1)) == "overdue"
    world.visit(home, OCTOBER_10 + timedelta(days=4), helper)
    assert done() == {"helper": None}
    world.visit(home, OCTOBER_10 + timedelta(days=3), helper, now=at(OCTOBER_20))
    assert done() == {"helper": OCTOBER_10 + timedelta(days=3)}


@pytest.mark.parametrize(
    ("entered_at", "day", "credited_on"),
    [
        (at(date(2026, 10, 31), 23, 59), date(2026, 10, 31), date(2026, 10, 31)),
        # In Shanghai the round is over, although it is still the 31st in London.
        (at(date(2026, 11, 1), 0, 1), date(2026, 11, 1), None),
        # Typed in after midnight, made before it: the visit's own day decides.
        (at(date(2026, 11, 1), 0, 1), date(2026, 10, 31), date(2026, 10, 31)),
    ],
)
def test_a_visit_on_the_last_day_counts_until_midnight_in_shanghai(world, entered_at, day, credited_on):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])

    world.visit(home, day, helper, now=entered_at)

    assert done() == {"helper": credited_on}


# Corrections --------------------------------------------------------------------------------------


def test_a_correction_that_removes_credit_gives_it_to_the_next_visit(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])
    first = world.visit(home, OCTOBER_5, helper)
    second = world.visit(home, OCTOBER_10, helper)
    report = world.report(home, OCTOBER_5, helper, outcome=Outcome.NOBODY_HOME)

    correct_visit(first, report, actor=helper, now=at(OCTOBER_20), reason="那天没见到人")

    assert Duty.objects.get().credited_visit == second


def test_a_withdrawn_visit_credits_nothing(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.round([Post.HELPER])
    visit = world.visit(home, OCTOBER_5, helper)
    report = world.report(home, OCTOBER_5, helper)

    correct_visit(visit, report, actor=helper, now=at(OCTOBER_20), reason="录错户", withdraw=True)

    assert done() == {"helper": None}
