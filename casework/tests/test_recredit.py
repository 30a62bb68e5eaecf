"""Credit follows every change of the facts, finds its own mistakes, and stays right when two things happen at once."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from casework.corrections import correct_visit
from casework.models import Duty, Round, Visit
from casework.models.rounds import RoundState
from casework.recredit import differences, recredit
from casework.rounds import close_round, continue_opening, open_round
from casework.tests.world import TODAY, at
from casework.visits import record_visit
from households.models import HelperPairing
from households.pairings import remove_helper_pairing, replace_helper, save_helper_pairing
from villages.models import Post, Posting
from villages.postings import end_posting, remove_posting, save_posting

OCTOBER_5 = date(2026, 10, 5)
SECONDS = 30

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one writer in at a time; there is nothing to race"
)


def done() -> dict[str, date | None]:
    return dict(Duty.objects.values_list("seat", "credited_on"))


def no_difference() -> bool:
    return list(differences(Duty.objects.all())) == []


# One after the other ------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.django_db
class TestFollowing:
    def test_removing_a_posting_entered_by_mistake_takes_its_credit_back(self, world):
        home = world.household("张三")
        chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
        world.round([Post.VILLAGE_CHIEF])
        world.visit(home, OCTOBER_5, chief)

        remove_posting(posting=Posting.objects.get(cadre=chief), actor=None, on=TODAY, reason="误录")

        assert done() == {"village_chief": None}
        assert no_difference()

    def test_a_helper_replaced_corrected_and_removed_is_followed(self, world):
        home = world.household("张三")
        old = world.help("旧帮扶", home)
        new = world.cadre("新帮扶")
        world.round([Post.HELPER])
        world.visit(home, OCTOBER_5, old)
        pairing = HelperPairing.objects.get()

        successor = replace_helper(pairing=pairing, cadre=new, starts_on=OCTOBER_5, actor=None, on=TODAY)
        assert done() == {"helper": None}
        successor.starts_on = TODAY
        save_helper_pairing(successor, actor=None, on=TODAY)
        pairing.refresh_from_db()
        pairing.ends_on = OCTOBER_5
        save_helper_pairing(pairing, actor=None, on=TODAY)
        assert done() == {"helper": OCTOBER_5}
        remove_helper_pairing(pairing=pairing, actor=None, on=TODAY, reason="误录")
        assert done() == {"helper": None}
        assert no_difference()

    def test_a_pairing_corrected_to_another_household_takes_its_credit_along(self, world):
        wrong, right = world.household("张三"), world.household("李四")
        helper = world.help("帮扶", wrong)
        world.help(helper, right, ends_on=date(2026, 9, 1))
        world.post(helper, Post.TEAM_MEMBER, world.village)
        world.round([Post.HELPER])
        world.visit(wrong, OCTOBER_5, helper)
        world.visit(right, OCTOBER_5, helper)
        pairing = HelperPairing.objects.get(household=wrong)
        pairing.household, pairing.starts_on = right, date(2026, 9, 2)

        save_helper_pairing(pairing, actor=None, on=TODAY)

        assert dict(Duty.objects.values_list("household", "credited_on")) == {wrong.pk: None, right.pk: OCTOBER_5}
        assert no_difference()

    def test_running_it_again_changes_nothing(self, world):
        home = world.household("张三")
        world.visit(home, OCTOBER_5, world.help("帮扶", home))
        world.round([Post.HELPER])
        stored = list(Duty.objects.values())

        assert recredit(Duty.objects.all()) == 0
        assert list(Duty.objects.values()) == stored

    @pytest.mark.parametrize("wrong", [{"credited_on": None}, {"in_person_on": TODAY}, {"left_on": TODAY}])
    def test_a_duty_tampered_with_is_found_by_the_command_and_put_right(self, world, wrong, capsys):
        home = world.household("张三")
        world.round([Post.HELPER])
        world.visit(home, OCTOBER_5, world.help("帮扶", home))
        call_command("verify_credit")
        Duty.objects.update(**wrong)

        with pytest.raises(CommandError):
            call_command("verify_credit")
        assert len(list(differences(Duty.objects.all()))) == 1
        assert recredit(Duty.objects.all()) == 1
        call_command("verify_credit")

    def test_a_change_of_a_post_touches_no_duty_of_other_posts_or_places(self, world, monkeypatch):
        world.household("张三")
        world.household("李四", world.foreign)
        world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY])
        touched: list[set[tuple[str, str]]] = []
        monkeypatch.setattr(
            "casework.recredit.recredit", lambda duties: touched.append(set(duties.values_list("seat", "village")))
        )

        world.post("村长", Post.VILLAGE_CHIEF, world.village)

        assert touched == [{("village_chief", world.village.pk)}]


# At once ------------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do the acts in threads of their own, started together; their results, or errors, in order."""
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait(SECONDS)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive()
    return results


def while_uncommitted(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Do `second` in a thread while what `first` did is not committed yet; both results."""
    first_done = threading.Event()
    second_waits_or_is_done = threading.Event()

    def hold() -> object:
        with transaction.atomic():
            result = first()
            first_done.set()
            # Long enough for the other to read what it must not trust, unless it waits for our lock.
            second_waits_or_is_done.wait(0.5)
            return result

    def follow() -> object:
        first_done.wait(SECONDS)
        try:
            return second()
        finally:
            second_waits_or_is_done.set()

    return at_once(hold, follow)


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_visit_sent_twice_at_once_is_stored_once(self, world):
        home = world.household("张三")
        helper = world.help("帮扶", home)
        world.round([Post.HELPER])
        report = world.report(home, OCTOBER_5, helper)

        results = at_once(*[lambda: record_visit(report, actor=helper, now=at(TODAY))] * 4)

        assert results == [Visit.objects.get()] * 4
        assert no_difference()

    def test_of_two_corrections_at_once_one_stands(self, world):
        home = world.household("张三")
        helper = world.help("帮扶", home)
        world.round([Post.HELPER])
        visit = world.visit(home, OCTOBER_5, helper)

        def correct(note: str) -> Callable[[], object]:
            stale = Visit.objects.get(pk=visit.pk)
            report = world.report(home, OCTOBER_5, helper, note=note)
            return lambda: correct_visit(stale, report, actor=helper, now=at(TODAY), reason=note)

        results = at_once(correct("一"), correct("二"))

        assert sorted(type(result).__name__ for result in results) == ["ValidationError", "Visit"]
        assert Visit.objects.standing().count() == 1
        assert no_difference()

    def test_corrections_in_one_village_and_a_change_of_its_chief_do_not_wait_in_a_circle(self, world):
        homes = [world.household(f"户{n}") for n in range(6)]
        leader = world.post("区领导", Post.DISTRICT_LEADER, world.town)
        world.round([Post.DISTRICT_LEADER], "attached_village")
        made = [world.visit(home, OCTOBER_5, leader) for home in homes]

        def correct(visit: Visit) -> Callable[[], object]:
            report = world.report(visit.household, OCTOBER_5, leader, note="补充")
            return lambda: correct_visit(visit, report, actor=leader, now=at(TODAY), reason="补充")

        def change() -> object:
            return end_posting(posting=Posting.objects.get(cadre=leader), ends_on=OCTOBER_5, actor=None, on=TODAY)

        results = at_once(*[correct(visit) for visit in made], change)

        assert [result for result in results if isinstance(result, Exception)] == []
        assert no_difference()

    @pytest.mark.parametrize("is_visit_first", [True, False])
    def test_a_visit_while_its_visitors_post_is_ended_leaves_no_difference(self, world, is_visit_first):
        home = world.household("张三")
        chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
        world.help(chief, home)
        world.round([Post.VILLAGE_CHIEF])
        posting = Posting.objects.get(cadre=chief)
        report = world.report(home, OCTOBER_5, chief)
        acts = [
            lambda: record_visit(report, actor=chief, now=at(TODAY)),
            lambda: end_posting(posting=posting, ends_on=date(2026, 9, 30), actor=None, on=TODAY),
        ]

        results = while_uncommitted(*(acts if is_visit_first else reversed(acts)))

        assert [result for result in results if isinstance(result, Exception)] == []
        assert done() == {"village_chief": None}
        assert no_difference()

    @pytest.mark.parametrize("is_visit_first", [True, False])
    def test_a_visit_while_its_round_is_being_opened_is_credited(self, world, is_visit_first):
        home = world.household("张三")
        helper = world.help("帮扶", home)
        round = open_round(self.draft(world, ["helper"]), actor=None, on=TODAY)
        report = world.report(home, OCTOBER_5, helper)
        acts = [
            lambda: record_visit(report, actor=helper, now=at(TODAY)),
            lambda: continue_opening(round.pk),
        ]

        results = while_uncommitted(*(acts if is_visit_first else reversed(acts)))

        assert [result for result in results if isinstance(result, Exception)] == []
        assert done() == {"helper": OCTOBER_5}
        assert no_difference()

    @pytest.mark.parametrize("is_post_first", [True, False])
    def test_a_post_entered_while_a_round_is_being_opened_is_followed(self, world, is_post_first):
        home = world.household("张三")
        chief = world.cadre("村长")
        world.help(chief, home)
        world.visit(home, OCTOBER_5, chief)
        round = open_round(self.draft(world, ["village_chief"]), actor=None, on=TODAY)
        posting = Posting(cadre=chief, post="village_chief", village=world.village, starts_on=OCTOBER_5)
        acts = [
            lambda: save_posting(posting, actor=None, on=TODAY),
            lambda: continue_opening(round.pk),
        ]

        results = while_uncommitted(*(acts if is_post_first else reversed(acts)))

        assert [result for result in results if isinstance(result, Exception)] == []
        assert done() == {"village_chief": OCTOBER_5}
        assert no_difference()

    def test_two_workers_opening_at_once_make_the_duties_once(self, world):
        for n, village in enumerate((world.village, world.sibling, world.foreign)):
            world.household(f"户{n}", village)
        round = open_round(self.draft(world, ["village_chief", "helper"]), actor=None, on=TODAY)

        results = at_once(*[lambda: continue_opening(round.pk)] * 3)

        round.refresh_from_db()
        assert results == [True] * 3
        assert (round.state, round.steps_done, Duty.objects.count()) == (RoundState.OPEN, 2, 6)

    def test_open_pressed_twice_at_once_opens_one_round(self, world):
        key = "5f0f0fd4-6c1b-4a5e-9d7e-3a8b0f0c2b11"

        results = at_once(
            *[lambda: open_round(self.draft(world, ["helper"], request_key=key), actor=None, on=TODAY)] * 3
        )

        assert results == [Round.objects.get()] * 3

    def test_a_visit_while_the_round_closes_is_either_in_its_figures_or_in_none_of_them(self, world):
        home = world.household("张三")
        helper = world.help("帮扶", home)
        round = world.round([Post.HELPER])
        report = world.report(home, OCTOBER_5, helper)

        at_once(
            lambda: close_round(round=round, actor=None, on=TODAY),
            lambda: record_visit(report, actor=helper, now=at(TODAY)),
        )

        figure = round.closing_figures.get()
        assert {"done": figure.done, "open": figure.open}[Duty.objects.get().closing_state] == 1

    def draft(self, world, posts: list[str], **fields) -> Round:
        return Round(
            name="并发",
            posts=posts,
            target_kind="rural_household",
            district=world.district,
            starts_on=date(2026, 10, 1),
            due_on=date(2026, 10, 31),
            **fields,
        )
