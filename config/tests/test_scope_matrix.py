"""Every address against every role at the own, the sibling's and a foreign place, from the register of policies."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from casework import heartbeat
from casework.bulletins import ask_for_bulletin, count_bulletin, release_bulletin
from casework.models import (
    FlagKind,
    Heartbeat,
    HeldVisit,
    Recheck,
    RecheckDraw,
    Reminder,
    ReviewNote,
    Round,
    Visit,
    VisitFlag,
)
from casework.phones import say_hello
from casework.photos import add_photo
from casework.sync import receive
from casework.tests.pictures import picture
from casework.tests.sealed_visit import sealed
from casework.tests.world import LONG_AGO, TODAY, World, at
from config.endpoints import POLICIES, Policy, Sample, Shows, Who
from households.models import (
    BenefitLink,
    HelperPairing,
    Household,
    HouseholdLabel,
    LinkForm,
    Measure,
    MeasureKind,
    Person,
    Relation,
)
from households.persons import save_person
from households.tests.cases import appraised_case
from villages.models import Cadre, Post, Posting, Village

pytestmark = pytest.mark.django_db

OWN, SIBLING, FOREIGN = PLACES = ("own", "sibling", "foreign")
NOBODY = "nobody"
VILLAGE_ROLES = ("chief", "first_secretary", "unit_leader")
TOWN_ROLES = ("town_secretary", "town_supervisor")
DISTRICT_ROLES = ("supervisor", "clerk")
ROLES = ("helper", *VILLAGE_ROLES, *TOWN_ROLES, *DISTRICT_ROLES, "outsider")
DOOR = {"helper", "chief", "first_secretary", "town_supervisor", "supervisor", "clerk"}
SUPERVISORS, CLERKS = {"town_supervisor", "supervisor"}, {"town_supervisor", "supervisor", "clerk"}
WORKING = set(ROLES) - {"unit_leader", "outsider"}
MAY: dict[Who, set[str]] = {
    Who.SUPERVISOR: SUPERVISORS,
    Who.OFFICE: CLERKS,
    Who.AT_THE_DOOR: DOOR,
    Who.ENTERING: WORKING,
    Who.ACTING: WORKING,
    Who.CHECKER: {"helper", "chief", "first_secretary"},
    Who.REVIEWING: {"chief", "town_secretary", "town_supervisor", "supervisor", "clerk"},
    Who.DISTRICT: set(DISTRICT_ROLES),
    Who.PROVINCE: set(),  # the cast has one district
    Who.VISITOR: set(),  # nobody of the cast went
    Who.VILLAGE_POST: {"chief", "first_secretary"},
}

REACHED: dict[str, set[str]] = {
    "helper": {OWN},
    **{role: {OWN} for role in VILLAGE_ROLES},
    **{role: {OWN, SIBLING} for role in TOWN_ROLES},
    **{role: {OWN, SIBLING, FOREIGN} for role in DISTRICT_ROLES},
    "outsider": set(),
}


def sees(role: str, shows: Shows, place: str) -> bool:
    """What the rules of access say, in plain words and without asking the system."""
    reached = REACHED[role]
    if shows == Shows.NOTHING:
        return True
    if shows == Shows.VILLAGE:
        return place in reached and role != "helper"
    if shows == Shows.ROUND:
        return bool(reached & ({FOREIGN} if place == FOREIGN else {OWN, SIBLING}))
    if shows == Shows.DESK:
        return place in reached and role in CLERKS
    if shows == Shows.FLAG:
        return place in reached and role in SUPERVISORS
    if shows == Shows.REMINDER:
        return place == OWN
    return place in reached


def expected(role: str, policy: Policy, place: str) -> int:
    if not sees(role, policy.shows, place):
        return policy.hides
    may = MAY.get(policy.who, set(ROLES))
    return policy.answers if role in may else policy.refuses


def wanted(role: str) -> dict[str, int]:
    """The status of every address at every place for the role."""
    found = {}
    for name, policy in POLICIES.items():
        for place in PLACES:
            public = policy.answers if policy.who == Who.PUBLIC else policy.strangers
            found[f"{name} {place}"] = public if role == NOBODY else expected(role, policy, place)
            if name == "login" and role != NOBODY:
                found[f"{name} {place}"] = 302  # whoever is signed in is led on
    return found


def ask(client: Client, policy: Policy, sample_at: Callable[[str], Sample]) -> dict[str, Any]:
    """The answer at every place. A page whose address is the same at all of them is opened once."""
    found: dict[str, Any] = {}
    opened: dict[str, Any] = {}
    for place in PLACES:
        sample = sample_at(place)
        address = policy.address(sample)
        if policy.data:
            found[place] = client.post(address, policy.data(sample), content_type="application/json")
        elif policy.method != "GET":
            found[place] = client.post(address)
        else:
            if address not in opened:
                opened[address] = client.get(address)
            found[place] = opened[address]
    return found


class Scene:
    """The three places with a row of each kind, and the cast with a reminder each."""

    def __init__(self) -> None:
        self.world = World()
        self.cast = self.world.cast()
        villages = {OWN: self.world.village, SIBLING: self.world.sibling, FOREIGN: self.world.foreign}
        households = {place: self.world.household("户主", village) for place, village in villages.items()}
        self.cast["helper"] = self.world.help("帮扶干部", households[OWN])
        rounds = {town.pk: self._round(town.pk) for town in (self.world.town, self.world.other_town)}
        self.samples = {
            place: self._sample(household, villages[place], rounds[villages[place].town_id])
            for place, household in households.items()
        }
        Heartbeat.objects.create(name=heartbeat.SWEEP, at=at(TODAY))
        self.reminders = {role: self._reminder(self.cast[role]) for role in ROLES}

    def _round(self, town_id: str) -> int:
        return self.world.round([Post.VILLAGE_CHIEF], town_id=town_id).pk

    def _sample(self, household: Household, village: Village, round_id: int) -> Sample:
        visitor = self.world.help("走访人", household, is_primary=False)
        visit = self.world.visit(household, TODAY, visitor, problem="屋顶漏雨")
        person = Person(household=household, number=f"{household.number}01", name="户主", relation=Relation.HEAD)
        save_person(person, actor=None, on=TODAY)
        measure = Measure.objects.create(
            household=household, kind=MeasureKind.INDUSTRY, content="发放鸡苗", starts_on=TODAY, recorded_on=TODAY
        )
        link = BenefitLink.objects.create(
            household=household, operator="合作社", form=LinkForm.DIVIDEND, starts_on=TODAY, recorded_on=TODAY
        )
        return Sample(
            household=household.pk,
            village=village.pk,
            round=round_id,
            visit=visit.pk,
            problem=visit.pk,
            reminder=self._reminder(visitor),
            person=person.pk,
            measure=measure.pk,
            measure_batch=measure.batch,
            link=link.pk,
            link_batch=link.batch,
            case=appraised_case(household).pk,
            held=self._held(household, visitor),
            phone=say_hello(
                key=uuid.uuid4(), cadre=visitor, app_version="1", waiting=0, oldest_waiting_at=None, on=TODAY
            ).pk,
            photo=add_photo(
                photo_id=uuid.uuid4(), visit_id=visit.pk, content=picture(), actor=visitor, now=at(TODAY)
            ).pk,
            flag=VisitFlag.objects.create(
                visit=visit, kind=FlagKind.FAR_AWAY, facts={"metres": 9000}, raised_on=LONG_AGO
            ).pk,
            bulletin=self._bulletin(village, round_id, is_released=True),
            draft=self._bulletin(village, round_id),
            recheck=self._recheck(visit, visitor),
            note=ReviewNote.objects.create(
                village=village, text="请核实", due_on=TODAY, written_on=TODAY, author=visitor
            ).pk,
            posting=Posting.objects.create(
                cadre=visitor, post=Post.TEAM_LEADER, village=village, starts_on=LONG_AGO, ends_on=LONG_AGO
            ).pk,
            pairing=HelperPairing.objects.get(cadre=visitor).pk,
            label=HouseholdLabel.objects.create(household=household, made_on=TODAY).token,
        )

    def _bulletin(self, village: Village, round_id: int, *, is_released: bool = False) -> int:
        """Of the village's town: counted, and released when it is to be."""
        options: dict[str, Any] = {"actor": self.cast["supervisor"], "now": at(TODAY)}
        days = {"starts_on": TODAY, "cut_off_on": TODAY}
        rounds = Round.objects.filter(pk=round_id)
        made = ask_for_bulletin(key=uuid.uuid4(), place=village.town, rounds=rounds, **days, **options)
        count_bulletin(made.pk, now=at(TODAY))
        return release_bulletin(bulletin_id=made.pk, **options).pk if is_released else made.pk

    def _recheck(self, visit: Visit, visitor: Cadre) -> int:
        draw, _is_new = RecheckDraw.objects.get_or_create(
            town_id=visit.village_id[:9], week=LONG_AGO, defaults={"drawn_at": at(TODAY)}
        )
        fields = {"household_id": visit.household_id, "village_id": visit.village_id, "visited_on": visit.visited_on}
        return Recheck.objects.create(draw=draw, visit=visit, **fields).pk

    def _held(self, household: Household, sender: Cadre) -> uuid.UUID:
        receive([sealed(household, TODAY + timedelta(days=1), sender)], sender=sender, now=at(TODAY))
        return HeldVisit.objects.get(sent_by=sender).pk

    def _reminder(self, cadre: Cadre) -> int:
        moment = at(TODAY)
        return Reminder.objects.create(
            recipient=cadre, for_day=TODAY, prepared_at=moment, delivered_at=moment, lines=[]
        ).pk

    def sample(self, place: str, role: str) -> Sample:
        """The rows of a place; at the own place the role's own reminder."""
        sample = self.samples[place]
        return sample._replace(reminder=self.reminders[role]) if place == OWN and role != NOBODY else sample

    def client(self, role: str) -> Client:
        """Somebody of the cast, signed in; or a stranger."""
        client = Client()
        if role != NOBODY:
            client.force_login(self.cast[role])
        return client

    def answers(self, role: str, sample_at: Callable[[str], Sample] | None = None) -> dict[str, Any]:
        """Every address of the register at every place, asked as that role."""
        client = self.client(role)
        found: dict[str, Any] = {}
        for name, policy in sorted(POLICIES.items(), key=lambda entry: entry[0] == "logout"):  # the way out comes last
            answers = ask(client, policy, sample_at or partial(self.sample, role=role))
            found |= {f"{name} {place}": answer for place, answer in answers.items()}
        return found


@pytest.fixture(autouse=True)
def photos_in_a_folder_of_their_own(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


# All of them on PostgreSQL by test_canary.py, which looks into the answers as well; on SQLite here whoever works in a
# village, whoever does not, and strangers.
@pytest.mark.core
@pytest.mark.skipif(connection.vendor == "postgresql", reason="test_canary.py walks the whole matrix")
@pytest.mark.parametrize("role", ["chief", "outsider", NOBODY])
def test_every_address_answers_as_its_policy_says(role: str) -> None:
    answers = Scene().answers(role)

    assert {name: answer.status_code for name, answer in answers.items()} == wanted(role)


def names_of(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    """Every URL name; a namespace counts as one."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        elif pattern.namespace:
            yield f"{pattern.namespace}:"
        else:
            yield from names_of(pattern.url_patterns)


def test_the_register_names_every_address_and_no_other() -> None:
    names = list(names_of(get_resolver().url_patterns))

    assert None not in names
    assert set(names) == set(POLICIES)
