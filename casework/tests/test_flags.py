"""Soft flags: raised afterwards by what came before, explained by who went, seen later by the supervisor."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from casework.corrections import correct_visit
from casework.extras import Extras
from casework.flags import (
    can_explain_flag,
    explain_flag,
    flags_by_visit,
    flags_of,
    in_words,
    metres_away,
    own_flags,
    raise_flags,
    supervised_flags,
)
from casework.models import Contact, FlagKind, FlagReason, Visit, VisitFlag
from casework.tests.world import TODAY, World, at
from villages.models import AuditEntry, Cadre, Post, Village

pytestmark = [pytest.mark.django_db, pytest.mark.core]

TEXT = "到户走访，了解生产生活情况，一切正常。"
LATER = at(TODAY, 18)
HERE = Extras(latitude=Decimal("25.860000"), longitude=Decimal("115.010000"), accuracy=30)
AWAY = Extras(latitude=Decimal("25.960000"), longitude=Decimal("115.010000"), accuracy=30)  # 11.1 km to the north


def moments(minutes: int = 1) -> Iterator[datetime]:
    """One after the other."""
    moment = at(TODAY)
    while True:
        yield moment
        moment += timedelta(minutes=minutes)


def kinds(visit: Visit) -> list[str]:
    return list(VisitFlag.objects.filter(visit=visit).order_by("kind").values_list("kind", flat=True))


def same_text_visits(world: World, helper: Cadre, number: int, text: str = TEXT) -> list[Visit]:
    homes = [world.household(f"户{one}") for one in range(number)]
    for home in homes:
        world.help(helper, home)
    return [world.visit(home, TODAY, helper, note=text, now=now) for home, now in zip(homes, moments(60), strict=False)]


def flagged(world: World, helper: Cadre | None = None) -> tuple[VisitFlag, Cadre]:
    """A flag of a visit of that helper."""
    helper = helper or world.cadre("帮扶人")
    same_text_visits(world, helper, 3)
    [flag] = raise_flags(now=LATER)
    return VisitFlag.objects.get(visit=flag.visit_id), helper


# The same text --------------------------------------------------------------------------------


def test_the_third_family_with_the_same_text_is_asked_about(world):
    visits = same_text_visits(world, world.cadre("帮扶人"), 4)

    raise_flags(now=LATER)

    assert [kinds(visit) for visit in visits] == [[], [], ["same_text"], ["same_text"]]
    assert VisitFlag.objects.get(visit=visits[3]).facts == {"visits": 4}


def test_short_texts_and_the_same_family_again_are_nothing(world):
    helper = world.cadre("帮扶人")
    same_text_visits(world, helper, 4, text="一切正常。")
    home = world.household("李四")
    world.help(helper, home)
    for now, _again in zip(moments(30), range(4), strict=False):
        world.visit(home, TODAY, helper, note=TEXT, now=now)

    assert raise_flags(now=LATER) == []


def test_the_same_text_of_different_people_is_nothing(world):
    for number in range(4):
        home = world.household(f"户{number}")
        world.visit(home, TODAY, world.help(f"帮扶{number}", home), note=TEXT)

    assert raise_flags(now=LATER) == []


# Many villages --------------------------------------------------------------------------------


def chief_of_villages(world: World, number: int) -> tuple[Cadre, list[Village]]:
    chief = world.cadre("大村长")
    villages = [world.make_village(f"3607041012{10 + one}", f"村{one}") for one in range(number)]
    for village in villages:
        world.post(chief, Post.TEAM_MEMBER, village)
    return chief, villages


def test_five_villages_in_ten_minutes_are_asked_about_once(world):
    chief, villages = chief_of_villages(world, 5)
    visits = [world.visit(place, TODAY, chief, now=now) for place, now in zip(villages, moments(2), strict=False)]

    raise_flags(now=LATER)

    assert [kinds(visit) for visit in visits] == [[], [], [], [], ["many_villages"]]
    assert VisitFlag.objects.get().facts == {"villages": 5, "minutes": 8}


@pytest.mark.parametrize("minutes", [3, 60])
def test_five_villages_in_more_time_are_nothing(world, minutes):
    chief, villages = chief_of_villages(world, 5)
    for place, now in zip(villages, moments(minutes), strict=False):
        world.visit(place, TODAY, chief, now=now)

    assert raise_flags(now=LATER) == []


def test_visits_that_came_in_one_batch_say_nothing_of_when_they_were(world):
    chief, villages = chief_of_villages(world, 8)
    for place in villages:
        world.visit(place, TODAY, chief, now=at(TODAY))

    assert raise_flags(now=LATER) == []


def test_a_clerk_who_types_in_for_others_and_calls_by_phone_are_nothing(world):
    chief, villages = chief_of_villages(world, 5)
    clerk = world.post("录入员", Post.CLERK, world.town)
    for place, now in zip(villages, moments(1), strict=False):
        world.visit(place, TODAY, chief, actor=clerk, now=now)
        world.visit(place, TODAY, chief, contact=Contact.PHONE, now=now + timedelta(hours=2))

    assert raise_flags(now=LATER) == []


# Far away -------------------------------------------------------------------------------------


def placed(world: World) -> tuple[Any, Cadre]:
    Village.objects.filter(pk=world.village.pk).update(latitude="25.860000", longitude="115.010000")
    home = world.household("张三")
    return home, world.help("帮扶人", home)


def test_a_home_visit_far_from_the_village_is_asked_about_and_keeps_no_place(world):
    home, helper = placed(world)
    near, far = world.visit(home, TODAY, helper, extras=HERE), world.visit(home, TODAY, helper, extras=AWAY)

    raise_flags(now=LATER)

    assert (kinds(near), kinds(far)) == ([], ["far_away"])
    assert VisitFlag.objects.get().facts == {"metres": 11000}


def test_without_both_positions_or_met_elsewhere_nobody_is_asked(world):
    home, helper = placed(world)
    world.visit(home, TODAY, helper)
    world.visit(home, TODAY, helper, contact=Contact.ELSEWHERE, extras=AWAY)
    there = world.household("李四", world.sibling)
    world.visit(there, TODAY, world.help("乙", there), extras=AWAY)  # its village has no position

    assert raise_flags(now=LATER) == []


@given(
    latitude=st.decimals("-89", "89", places=6),
    longitude=st.decimals("-180", "180", places=6),
    accuracy=st.integers(0, 50_000),
)
def test_a_distance_is_symmetrical_never_negative_and_less_by_the_doubt(latitude, longitude, accuracy):
    here, there = (Decimal("25.86"), Decimal("115.01")), (latitude, longitude)

    def metres(one: Any, other: Any, doubt: int) -> int | None:
        village = Village(latitude=other[0], longitude=other[1])
        visit = Visit(contact="home", latitude=one[0], longitude=one[1], accuracy=doubt)
        visit._state.fields_cache["village"] = village
        return metres_away(visit)

    assert metres(here, here, 0) == 0
    assert metres(here, there, 0) == metres(there, here, 0)
    assert 0 <= (metres(here, there, accuracy) or 0) <= (metres(here, there, 0) or 0) <= 20_100_000


# When they are looked at ----------------------------------------------------------------------


def test_looking_twice_finds_the_same_and_looking_again_from_the_start_too(world):
    same_text_visits(world, world.cadre("帮扶人"), 4)
    first = {(flag.visit_id, flag.kind) for flag in raise_flags(now=LATER)}

    again = raise_flags(now=LATER + timedelta(minutes=5))
    from_scratch = {(flag.visit_id, flag.kind) for flag in flags_of(list(Visit.objects.all()), on=TODAY)}

    assert again == []
    assert from_scratch == first
    assert VisitFlag.objects.count() == len(first) == 2


def test_a_visit_that_was_stored_just_now_is_looked_at_a_little_later(world):
    visits = same_text_visits(world, world.cadre("帮扶人"), 3)
    soon = visits[-1].received_at + timedelta(seconds=30)

    assert raise_flags(now=soon) == []
    assert len(raise_flags(now=soon + timedelta(minutes=2))) == 1


def test_small_hands_find_what_one_large_hand_finds(world, monkeypatch):
    same_text_visits(world, world.cadre("帮扶人"), 5)
    monkeypatch.setattr("casework.flags.AT_ONCE", 2)

    found = [len(raise_flags(now=LATER)) for _time in range(4)]

    assert sum(found) == 3
    assert found[-1] == 0


@pytest.mark.parametrize("number", [3, 9])
def test_the_number_of_statements_does_not_grow_with_the_visits(world, number, django_assert_num_queries):
    same_text_visits(world, world.cadre("帮扶人"), number)

    # The last look, the end of the hand, the visits, their texts, their villages, the flags, the next look.
    with django_assert_num_queries(7):
        raise_flags(now=LATER)


def test_saving_a_visit_raises_nothing(world):
    same_text_visits(world, world.cadre("帮扶人"), 4)

    assert VisitFlag.objects.count() == 0


# Corrections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("withdraw", [True, False])
def test_a_corrected_or_withdrawn_visit_loses_its_flags(world, withdraw):
    flag, helper = flagged(world)
    report = world.report(flag.visit.household, TODAY, helper, note=TEXT)
    correct_visit(flag.visit, report, actor=helper, now=LATER, reason="更正", withdraw=withdraw)

    raise_flags(now=LATER + timedelta(hours=1))

    assert list(own_flags(helper)) == []
    assert list(VisitFlag.objects.lasting()) == []


# Explaining -----------------------------------------------------------------------------------


def explain(flag: VisitFlag, actor: Cadre, **fields: Any) -> VisitFlag:
    said = {"reason": FlagReason.SAME_MATTER, "words": "同一批发苗"} | fields
    return explain_flag(flag_id=flag.pk, actor=actor, on=TODAY, **said)


def test_who_went_explains_and_the_trail_knows(world):
    flag, helper = flagged(world)

    explained = explain(flag, helper)
    explain(flag, helper)

    assert (explained.reason, explained.explained_by, explained.explained_on) == ("same_matter", helper, TODAY)
    entry = AuditEntry.objects.get(verb="visitflag.explained")
    assert (entry.actor, entry.village) == (helper, world.village)


def test_nobody_else_explains(world):
    flag, _helper = flagged(world)
    VisitFlag.objects.update(raised_on=TODAY - timedelta(days=9))
    cast = world.cast()
    for name, cadre in cast.items():
        with pytest.raises((PermissionDenied, VisitFlag.DoesNotExist)):
            explain(flag, cadre)
        assert not can_explain_flag(cadre, flag), name
    flag.refresh_from_db()
    assert not flag.is_explained


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": "nonsense"}, "reason"),
        ({"reason": "other", "words": " "}, "words"),
        ({"words": "电话13812345678"}, "words"),
        ({"words": "长" * 201}, "words"),
    ],
)
def test_what_cannot_be_is_refused_by_field(world, fields, field):
    flag, helper = flagged(world)

    with pytest.raises(ValidationError) as refused:
        explain(flag, helper, **fields)

    assert list(refused.value.message_dict) == [field]


# Who sees them --------------------------------------------------------------------------------


def test_first_who_went_then_the_supervisor_of_the_place_and_never_anybody_else(world, frozen):
    flag, helper = flagged(world)
    cast = world.cast() | {"helper": helper}
    foreign = world.post("外镇督导", Post.SUPERVISOR, world.other_town)

    def seeing(day: Any) -> set[str]:
        everybody = cast | {"foreign": foreign}
        return {name for name, cadre in everybody.items() if VisitFlag.objects.visible_to(cadre, day).exists()}

    supervisors = {"supervisor", "town_supervisor"}
    assert seeing(TODAY) == {"helper"}
    assert seeing(TODAY + timedelta(days=3)) == {"helper", *supervisors}
    explain(flag, helper)
    assert seeing(TODAY) == {"helper", *supervisors}


def test_the_list_of_a_place_is_in_order_of_places(world):
    for place in (world.foreign, world.village):
        helper = world.cadre("帮扶")
        for number in range(3):
            home = world.household(f"户{number}", place)
            world.help(helper, home)
            world.visit(home, TODAY, helper, note=TEXT)
    raise_flags(now=LATER)
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)

    rows = supervised_flags(supervisor, TODAY + timedelta(days=4))

    places = [flag.visit.village_id for flag in rows]
    assert places == sorted(places)
    assert set(places) == {world.foreign.pk, world.village.pk}


def page_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def test_one_tap_on_the_receipt_explains_and_leads_back(world):
    flag, helper = flagged(world)
    client, receipt = page_of(helper), reverse("visit_receipt", args=[flag.visit_id])

    before = client.get(receipt).content.decode()
    answer = client.post(
        reverse("flag_explain", args=[flag.pk]), {"reason": "written_later", "words": "", "next": receipt}
    )

    assert f'data-flag="{flag.pk}"' in before
    assert (answer.status_code, answer.headers["Location"]) == (302, receipt)
    flag.refresh_from_db()
    assert flag.reason == "written_later"
    assert str(FlagReason.WRITTEN_LATER.label) in client.get(receipt).content.decode()


def test_a_tap_leads_to_no_foreign_address(world):
    flag, helper = flagged(world)

    answer = page_of(helper).post(
        reverse("flag_explain", args=[flag.pk]), {"reason": "written_later", "next": "//evil.example/"}
    )

    assert answer.headers["Location"] == f"/visits/{flag.visit_id}/"


def test_what_is_refused_stands_in_the_page_with_what_was_typed(world):
    flag, helper = flagged(world)

    answer = page_of(helper).post(
        reverse("flag_explain", args=[flag.pk]), {"reason": "same_matter", "words": "13812345678"}
    )

    assert answer.status_code == 200
    assert "13812345678" in answer.content.decode()


def test_a_colleague_reads_the_receipt_without_the_question(world):
    flag, _helper = flagged(world)
    other = world.help("同事", flag.visit.household, is_primary=False)

    text = page_of(other).get(reverse("visit_receipt", args=[flag.visit_id])).content.decode()

    assert "data-flag" not in text


@pytest.mark.parametrize("number", [3, 5])
def test_the_lists_send_a_fixed_number_of_queries(world, number, django_assert_max_num_queries):
    helper = world.post(world.cadre("督导兼帮扶"), Post.SUPERVISOR, world.town)
    same_text_visits(world, helper, number)
    raise_flags(now=LATER)
    VisitFlag.objects.update(raised_on=TODAY - timedelta(days=9))
    client = page_of(helper)

    for query in ("", "?places=1"):
        with django_assert_max_num_queries(9):
            answer = client.get(reverse("flags") + query)
        assert len(answer.context["rows"]) == number - 2


# The phone ------------------------------------------------------------------------------------


def phone_of(cadre: Cadre) -> APIClient:
    client = APIClient()
    client.force_login(cadre, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_phone_reads_the_flag_in_the_receipt_and_explains_it(world):
    flag, helper = flagged(world)
    client, address = phone_of(helper), f"/api/v1/phone/visits/?ids={flag.visit_id}"

    [told] = client.get(address).json()["answers"][0]["receipt"]["flags"]
    answer = client.post(f"/api/v1/phone/flags/{flag.pk}/", {"reason": "same_matter", "words": ""}, format="json")
    [after] = client.get(address).json()["answers"][0]["receipt"]["flags"]

    assert (told["id"], told["kind"], told["is_explained"]) == (flag.pk, "same_text", False)
    assert (answer.status_code, after["is_explained"]) == (200, True)
    assert client.get(f"/api/v1/phone/visits/?ids={Visit.objects.first().pk}").json()


def test_a_visit_without_flags_has_no_such_key(world):
    visits = same_text_visits(world, world.cadre("帮扶人"), 1)
    client = phone_of(visits[0].entered_by)

    [answer] = client.get(f"/api/v1/phone/visits/?ids={visits[0].pk}").json()["answers"]

    assert "flags" not in answer["receipt"]


def test_somebody_elses_flag_does_not_exist_for_a_phone(world):
    flag, _helper = flagged(world)
    VisitFlag.objects.update(raised_on=TODAY - timedelta(days=9))

    statuses = {
        phone_of(cadre).post(f"/api/v1/phone/flags/{flag.pk}/", {"reason": "mistake"}, format="json").status_code
        for cadre in (world.cadre("局外人"), world.post("督导", Post.SUPERVISOR, world.district))
    }

    assert statuses == {404}


def test_every_kind_has_words_in_both_languages(world):
    facts = {"visits": 3, "villages": 5, "minutes": 8, "metres": 9000}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert len({in_words(VisitFlag(kind=kind, facts=facts)) for kind in FlagKind}) == 3


def test_flags_of_many_visits_are_read_at_once(world, django_assert_num_queries):
    flag, helper = flagged(world)
    keys = list(Visit.objects.values_list("pk", flat=True))

    with django_assert_num_queries(1):
        found = flags_by_visit(keys, helper)

    assert {key: [one.pk for one in flags] for key, flags in found.items()} == {flag.visit_id: [flag.pk]}
