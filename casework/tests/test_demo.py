"""The made-up district by itself: every role, every kind of visit and round, and credit that is right."""

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F

from casework.demo.accounts import ROLES, accounts
from casework.models import Contact, Duty, Outcome, Round, State, Visit
from casework.models.rounds import RoundState
from casework.tests.small_demo import ON, load_small_register, make
from casework.tests.world import SHANGHAI
from villages.models import Cadre

pytestmark = [pytest.mark.core]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[None]:
    """One district for all these tests, none of which changes it for the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_small_register()
        make()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(made, db) -> None:
    pass


def test_its_credit_is_what_the_facts_say(demo) -> None:
    call_command("verify_credit")

    assert Duty.objects.filter(credited_visit__isnull=False).exists()


def test_every_role_has_an_account_that_can_sign_in(demo) -> None:
    made = accounts(ON)

    assert [account.username for account in made] == list(ROLES)
    assert all(account.place for account in made)
    assert all(Cadre.objects.get(username=account.username).check_password(account.password) for account in made)


def test_the_helper_has_something_due_and_something_overdue(demo) -> None:
    helper = Cadre.objects.get(username="helper")

    states = set(Duty.objects.pending(ON).owed_by(helper, ON).values_list("state", flat=True))

    assert states == {State.OPEN, State.OVERDUE}


def test_visits_are_of_every_kind(demo) -> None:
    current = Visit.objects.current()

    assert current.filter(is_late=True).exists()
    assert current.filter(contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY).exists()
    assert current.annotate(party=Count("visitors")).filter(party__gte=3).exists()
    assert current.exclude(reason="").filter(is_withdrawn=False).exists()
    assert current.filter(household=None).exists()
    assert current.exclude(problem="").exists()


def test_no_visit_lies_in_the_future_or_before_the_register(demo) -> None:
    today = datetime.combine(ON, time(), SHANGHAI)

    assert not Visit.objects.filter(received_at__gte=today).exists()
    assert not Visit.objects.filter(visited_on__gt=F("received_at__date")).exists()
    assert not Visit.objects.filter(visited_on__lt=F("household__registered_on")).exists()


def test_past_helper_rounds_are_closed_and_the_present_one_is_open(demo) -> None:
    rounds = Round.objects.filter(posts=["helper"]).order_by("starts_on")

    assert list(rounds.values_list("starts_on", "state")) == [
        (date(2026, 8, 1), RoundState.CLOSED),
        (date(2026, 9, 1), RoundState.CLOSED),
        (date(2026, 10, 1), RoundState.OPEN),
    ]
    assert [round.previous for round in rounds[1:]] == list(rounds[:2])


def test_the_four_rounds_of_the_year_are_open(demo) -> None:
    year = Round.objects.filter(starts_on=date(2026, 1, 1), due_on=date(2026, 12, 31), state=RoundState.OPEN)

    assert year.count() == 4
