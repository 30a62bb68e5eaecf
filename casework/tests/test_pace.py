"""The outlook of a round: what the present pace leads to, and why. Whatever the numbers, it agrees with counting on."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.pace import Kind, Pace, Period, Progress, Reason, Sums, monday_of, outlook, weeks_between

pytestmark = pytest.mark.core

MONDAY = date(2026, 9, 7)
SEARCH = settings(max_examples=40, derandomize=True, database=None, deadline=None)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def weekdays(first: date, count: int) -> list[date]:
    return [day for day in days(first, count) if day.weekday() < 5]


def progress(until: date, owed: int, done_on: dict[date, int], **fields) -> Progress:
    """Four weeks from a Monday, looked at on the evening of a day."""
    due_on = MONDAY + timedelta(days=27)
    period = Period(MONDAY, due_on, fields.pop("last", due_on), until, until, weekdays(MONDAY, 400))
    return Progress(period, owed, Sums(done_on), fields.pop("vacant", 0))


@st.composite
def progresses(draw) -> Progress:
    """A round of some weeks, looked at on some day, with whatever done on whichever days."""
    length = draw(st.integers(1, 60))
    off = draw(st.sets(st.integers(0, 400), max_size=12))
    worked = [day for number, day in enumerate(days(MONDAY, 400)) if day.weekday() < 5 and number not in off]
    as_of = MONDAY + timedelta(days=draw(st.integers(-3, length + 10)))
    until = as_of - timedelta(days=draw(st.integers(0, 1)))
    due_on = MONDAY + timedelta(days=length - 1)
    period = Period(MONDAY, due_on, due_on + timedelta(days=draw(st.integers(0, 9))), as_of, until, worked)
    done_on = {
        MONDAY + timedelta(days=number): count
        for number, count in draw(st.dictionaries(st.integers(0, length), st.integers(1, 9))).items()
        if MONDAY + timedelta(days=number) <= as_of
    }
    owed = sum(done_on.values()) + draw(st.integers(0, 200))
    return Progress(period, owed, Sums(done_on), vacant=draw(st.integers(0, owed - sum(done_on.values()))))


@SEARCH
@given(progresses(), st.integers(1, 20))
def test_the_outlook_agrees_with_counting_on_day_by_day(given: Progress, window: int) -> None:
    found = outlook(given, window)
    period = given.period
    if found.kind not in {Kind.IN_TIME, Kind.LATE}:
        return

    undone = given.owed - given.done_by(period.until)
    ahead = [day for day in period.workdays if day > period.until]
    counted = next((day for n, day in enumerate(ahead, 1) if found.pace.done * n >= undone * found.pace.workdays), None)

    assert found.done_on == (counted if undone else period.until)
    # In time, nothing short at the due date, and done by it: three ways to say one thing.
    is_by_due = found.done_on is not None and found.done_on <= max(period.due_on, period.until)
    assert (found.kind == Kind.IN_TIME) == (found.short == 0) == is_by_due


@SEARCH
@given(progresses(), st.integers(1, 20))
def test_the_paces_add_up_to_the_whole_round(given: Progress, window: int) -> None:
    recent, earlier = given.recent(window), given.earlier(window)
    until = given.period.until

    assert recent.done + earlier.done == given.done_by(until)
    assert recent.workdays + earlier.workdays == given.period.workdays_between(MONDAY, until)
    assert recent.workdays <= window


@SEARCH
@given(progresses())
def test_the_expected_line_never_falls_and_ends_at_all(given: Progress) -> None:
    period = given.period
    shares = [period.expected_share(day) for day in days(MONDAY - timedelta(days=2), 80)]

    assert shares == sorted(shares)
    assert period.expected_share(period.due_on) == 1.0
    assert period.expected_share(MONDAY - timedelta(days=1)) == 0.0


@SEARCH
@given(progresses(), st.integers(1, 20))
def test_every_reason_is_true_of_its_numbers(given: Progress, window: int) -> None:
    found = outlook(given, window)
    undone = given.owed - given.done_by(given.period.until)

    assert (found.reason is not None) == (found.kind in {Kind.IN_TIME, Kind.LATE, Kind.STANDSTILL})
    assert {
        Reason.PAST_DUE: found.left == 0,
        Reason.VACANT: 0 < found.short <= given.vacant,
        Reason.FELL: found.earlier.within(found.left) >= undone > found.pace.within(found.left),
        Reason.SOME_VACANT: 0 < given.vacant < found.short,
        Reason.NEEDED: found.needed is not None,
        None: True,
    }[found.reason]


@SEARCH
@given(st.dates(date(2025, 12, 1), date(2026, 2, 1)), st.integers(0, 60))
def test_weeks_cover_every_day_once(first: date, count: int) -> None:
    last = first + timedelta(days=count)

    weeks = weeks_between(first, last)

    assert [day for week in weeks for day in days(week.first, (week.last - week.first).days + 1)] == days(
        first, count + 1
    )
    assert all(monday_of(week.first) == monday_of(week.last) for week in weeks)


def test_a_round_at_an_even_pace_ends_on_its_last_working_day() -> None:
    # 20 working days, 5 a day: after two weeks half is done, the rest takes the two weeks that are left.
    done_on = dict.fromkeys(weekdays(MONDAY, 12), 5)

    found = outlook(progress(MONDAY + timedelta(days=13), 100, done_on), window=10)

    assert (found.kind, found.left, found.short) == (Kind.IN_TIME, 10, 0)
    assert (found.done_on, found.pace, found.needed) == (date(2026, 10, 2), Pace(50, 10), 5.0)


def test_too_slow_says_how_much_will_be_missing_and_when_it_would_be_done() -> None:
    done_on = dict.fromkeys(weekdays(MONDAY, 12), 4)

    found = outlook(progress(MONDAY + timedelta(days=13), 100, done_on), window=10)

    assert (found.kind, found.short, found.reason) == (Kind.LATE, 60 - 40, Reason.NEEDED)
    assert found.done_on == date(2026, 10, 9)  # 15 working days on


def test_who_was_faster_before_hears_that_the_pace_fell() -> None:
    done_on = dict.fromkeys(weekdays(MONDAY, 7), 8) | dict.fromkeys(weekdays(MONDAY + timedelta(days=7), 5), 1)

    found = outlook(progress(MONDAY + timedelta(days=13), 100, done_on), window=5)

    assert (found.reason, found.pace, found.earlier) == (Reason.FELL, Pace(5, 5), Pace(40, 5))


def test_vacant_posts_are_the_reason_when_they_hold_what_will_be_missing() -> None:
    done_on = dict.fromkeys(weekdays(MONDAY, 12), 4)

    found = outlook(progress(MONDAY + timedelta(days=13), 100, done_on, vacant=20), window=10)

    assert found.reason == Reason.VACANT


@pytest.mark.parametrize(
    ("until", "owed", "done_on", "kind"),
    [
        (MONDAY, 0, {}, Kind.NOTHING_OWED),
        (MONDAY, 3, {MONDAY: 3}, Kind.DONE),
        (MONDAY - timedelta(days=1), 3, {}, Kind.NOT_STARTED),
        (MONDAY + timedelta(days=20), 3, {}, Kind.STANDSTILL),
        (MONDAY + timedelta(days=27), 3, {MONDAY: 1}, Kind.OVER),
    ],
)
def test_where_no_pace_leads_anywhere_it_is_said(until: date, owed: int, done_on: dict, kind: Kind) -> None:
    assert outlook(progress(until, owed, done_on), window=10).kind == kind


def test_the_first_morning_has_no_pace_yet() -> None:
    period = Period(MONDAY, MONDAY + timedelta(days=27), MONDAY, MONDAY, MONDAY - timedelta(days=1), [MONDAY])

    assert outlook(Progress(period, 3, Sums({MONDAY: 1})), window=10).kind == Kind.NO_PACE_YET


def test_today_counts_as_a_day_that_is_left_and_not_as_a_slow_one() -> None:
    thursday = MONDAY + timedelta(days=3)
    due_on = MONDAY + timedelta(days=4)
    period = Period(MONDAY, due_on, due_on, thursday, thursday - timedelta(days=1), weekdays(MONDAY, 30))

    found = outlook(Progress(period, 25, Sums(dict.fromkeys(days(MONDAY, 3), 5))), window=10)

    assert (found.kind, found.left, found.pace.a_day) == (Kind.IN_TIME, 2, 5.0)
