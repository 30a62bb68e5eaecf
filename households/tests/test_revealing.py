"""One number in full: asked for with a reason, noted, limited a day, in one answer and nowhere else."""

from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World, at
from households.models import Person, Relation
from households.persons import save_person
from households.revealing import left_today, reveal
from households.tests.numbers import identity_number
from villages.models import AuditEntry, Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NUMBER, PHONE = identity_number(), "13812345678"
ASKED = {"field": "phone", "purpose": "call", "detail": ""}


class Home:
    """A household with one person who has numbers, and a helper."""

    def __init__(self) -> None:
        self.world = World()
        self.household = self.world.household("张三", phone="13987654321")
        person = Person(household=self.household, number="P1", name="张三", relation=Relation.HEAD)
        person.id_number, person.phone = NUMBER, PHONE
        self.person = save_person(person, actor=None, on=TODAY)
        self.helper = self.world.help("帮扶", self.household)

    def reveal(self, actor: Cadre | None = None, field: str = "phone", reason: str = "电话联系") -> Any:
        return reveal(self.person, field=field, reason=reason, actor=actor or self.helper, on=TODAY)

    def ask(self, cadre: Cadre | None = None, method: str = "post", **data: str) -> Any:
        client = Client()
        client.force_login(cadre or self.helper)
        address = reverse("person_reveal", args=[self.person.pk])
        return client.get(address, data) if method == "get" else client.post(address, {**ASKED, **data})


@pytest.fixture
def home() -> Home:
    return Home()


def test_the_number_is_shown_and_the_trail_knows_who_whose_where_and_why(home: Home) -> None:
    shown = home.reveal(field="id_number", reason="核对证件")

    entry = AuditEntry.objects.get(verb="person.revealed")
    assert (shown.number, shown.left_today) == (NUMBER, 29)
    assert (entry.actor, entry.target_id, entry.village_id) == (
        home.helper,
        str(home.person.pk),
        home.household.village_id,
    )
    assert (entry.reason, list(entry.changes), entry.at) == ("核对证件", ["id_number"], at(TODAY))
    assert NUMBER not in str(entry.changes)


def test_who_does_not_work_with_the_family_is_refused_and_nothing_is_noted(home: Home) -> None:
    cast = home.world.cast()
    may = set()
    for role, cadre in cast.items():
        try:
            home.reveal(cadre)
            may.add(role)
        except PermissionDenied:
            pass

    village = {"chief", "first_secretary", "village_secretary", "team_member"}
    assert may == {*village, "supervisor", "clerk", "town_supervisor", "town_clerk"}
    assert AuditEntry.objects.filter(verb="person.revealed").count() == len(may)


@pytest.mark.parametrize(("field", "reason"), [("bank_account", "核对"), ("name", "核对"), ("phone", "  ")])
def test_without_a_number_or_a_reason_nothing_is_shown(home: Home, field: str, reason: str) -> None:
    with pytest.raises(ValidationError):
        home.reveal(field=field, reason=reason)

    assert not AuditEntry.objects.filter(verb="person.revealed").exists()


def test_a_cadre_sees_so_many_a_day_and_is_told_what_to_do_then(home: Home, settings: Any) -> None:
    settings.REVEALS_A_DAY = 2
    for _once in range(2):
        home.reveal()

    with pytest.raises(ValidationError) as refusal:
        home.reveal()

    assert "2" in refusal.value.messages[0]
    assert left_today(home.world.help("同事", home.household, is_primary=False), TODAY) == 2


def test_the_next_day_begins_in_shanghai_at_midnight(home: Home, settings: Any) -> None:
    settings.REVEALS_A_DAY = 1
    with time_machine.travel(at(TODAY, 23, 59), tick=False):
        home.reveal()
        assert left_today(home.helper, TODAY) == 0
    with time_machine.travel(at(TODAY.replace(day=16), 0, 1), tick=False):
        assert left_today(home.helper, TODAY.replace(day=16)) == 1


def test_opening_the_page_shows_masks_and_notes_nothing(home: Home) -> None:
    answer = home.ask(method="get", which="phone", field="phone", purpose="call")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert [secret in page for secret in (NUMBER, PHONE, "138****5678")] == [False, False, True]
    assert not AuditEntry.objects.filter(verb="person.revealed").exists()


def test_the_answer_to_the_post_has_the_one_number_and_is_kept_by_nobody(home: Home) -> None:
    answer = home.ask()

    page = answer.content.decode()
    assert [secret in page for secret in (PHONE, NUMBER)] == [True, False]
    assert "no-store" in answer["Cache-Control"]
    assert not any(PHONE in value for value in answer.headers.values())


@pytest.mark.parametrize(
    "asked",
    [{"purpose": ""}, {"field": "bank_account"}, {"purpose": "other"}, {"purpose": "other", "detail": f"核对{PHONE}"}],
)
def test_a_form_that_is_not_filled_in_shows_nothing_and_keeps_what_was_typed(home: Home, asked: Any) -> None:
    page = home.ask(**asked).content.decode()

    assert 'role="alert"' in page
    assert not AuditEntry.objects.filter(verb="person.revealed").exists()
    assert asked.get("detail", "") in page


def test_over_the_limit_the_page_says_so(home: Home, settings: Any) -> None:
    settings.REVEALS_A_DAY = 0

    page = home.ask().content.decode()

    assert PHONE not in page
    assert "明天" in page


def test_a_households_telephone_is_shown_likewise(home: Home) -> None:
    client = Client()
    client.force_login(home.helper)

    answer = client.post(reverse("household_reveal", args=[home.household.pk]), ASKED)

    assert "13987654321" in answer.content.decode()
    assert AuditEntry.objects.get(verb="household.revealed").target_id == str(home.household.pk)


def test_out_of_reach_there_is_no_such_page(home: Home) -> None:
    assert home.ask(home.world.cadre("局外人")).status_code == 404
