"""Tests of the comparison with the period before: on the same day of its time, and as it was closed."""

from datetime import date

import pytest

from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, Counts
from casework.last_period import last_period
from casework.models import Round
from casework.rounds import close_round
from casework.splits import BY_CLASS
from casework.tests.world import TODAY, World
from casework.views.figures import difference
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds(world: World, supervisor: Cadre) -> tuple[Round, Round]:
    """September: one of two on the 10th, the other on the 20th; closed on the 3rd of October. October: none yet."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.unit("区档案馆", world.village)
    homes = [world.household("早"), world.household("晚")]
    september = world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    world.visit(homes[0], date(2026, 9, 10), chief)
    world.visit(homes[1], date(2026, 9, 20), chief)
    september = close_round(round=september, actor=supervisor, on=date(2026, 10, 3))
    october = world.round([Post.VILLAGE_CHIEF], previous=september)
    return september, october


def last(round: Round, supervisor: Cadre, on: date = TODAY, by: str = BY_PLACE):
    return last_period(round, cadre=supervisor, on=on, place_code="360704", by=by)


def test_the_same_day_is_counted_from_the_first_day_of_the_period(
    supervisor: Cadre, rounds: tuple[Round, Round]
) -> None:
    found = last(rounds[1], supervisor)

    assert found.same_day == date(2026, 9, 15)
    assert (found.total.done, found.total.total) == (1, 2)
    assert found.counts == {"360704101": Counts(total=2, done=1, open=1)}


@pytest.mark.parametrize("by", [BY_PLACE, BY_POST, BY_UNIT])
def test_the_closing_figures_are_those_that_were_stored(
    world: World, supervisor: Cadre, rounds: tuple[Round, Round], by: str
) -> None:
    found = last(rounds[1], supervisor, by=by)

    assert list(found.closing.values()) == [Counts(total=2, done=2)]
    assert set(found.closing) == set(found.counts)


def test_by_class_there_are_no_closing_figures_to_show(supervisor: Cadre, rounds: tuple[Round, Round]) -> None:
    assert last(rounds[1], supervisor, by=BY_CLASS).closing == {}


def test_the_first_period_has_none_before_it(supervisor: Cadre, rounds: tuple[Round, Round]) -> None:
    assert last(rounds[0], supervisor) is None


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        (Counts(total=4, done=3), Counts(total=4, done=1), "+50.00 points, higher"),
        (Counts(total=3, done=1), Counts(total=3, done=2), "−33.33 points, lower"),
        (Counts(total=3, done=1), Counts(total=6, done=2), "equal"),
        (Counts(total=3, done=1), Counts(), ""),
    ],
)
def test_the_difference_is_said_with_its_sign(now: Counts, then: Counts, words: str, settings) -> None:
    settings.LANGUAGE_CODE = "en"

    assert difference(now, then) == words
