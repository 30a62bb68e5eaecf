"""People are found by what is known of them, in the cadre's places only, and no number is kept anywhere."""

from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import TODAY, World
from households.models import Household, Person, Relation
from households.models.names import LAST, InIndexOrder
from households.persons import save_person
from households.pinyin import fill_in
from households.search import Asked, ask, find
from households.tests.numbers import identity_number
from households.views.search import KEPT
from villages.models import Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NUMBER = identity_number()


class Scene:
    """A household in each village, each with a head and a son; the cast."""

    def __init__(self) -> None:
        self.world = World()
        self.cast = self.world.cast()
        villages = {"own": self.world.village, "sibling": self.world.sibling, "foreign": self.world.foreign}
        self.homes = {place: self._home(place, village) for place, village in villages.items()}
        self.cast["helper"] = self.world.help("帮扶", self.homes["own"])
        fill_in()

    def _home(self, place: str, village: Any) -> Household:
        serial = {"own": 3, "sibling": 5, "foreign": 7}[place]
        home = self.world.household("曾长生", village)
        for index, (name, relation) in enumerate([("曾长生", Relation.HEAD), ("曾小明", Relation.SON)]):
            row = Person(household=home, number=f"3600{serial}000{index}", name=name, relation=relation)
            row.id_number = identity_number(serial=2 * serial + index)
            save_person(row, actor=None, on=TODAY)
        return home

    def found(self, words: str, role: str = "clerk") -> list[tuple[str, str]]:
        places = {home.pk: place for place, home in self.homes.items()}
        rows = find(ask(words), self.cast[role], TODAY)
        return sorted((places[one.household.pk], one.person.name if one.person else "") for one in rows)

    def places(self, words: str, role: str = "clerk") -> list[str]:
        return [place for place, _name in self.found(words, role)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


ALL = ["foreign", "own", "sibling"]


@pytest.mark.parametrize("words", ["曾", "曾长生", "长", "长生", " 曾 长生", "zcs", "ZC", "z"])
def test_a_household_is_found_by_its_heads_name_and_initials(scene: Scene, words: str) -> None:
    assert scene.places(words) == ALL


@pytest.mark.parametrize("words", ["曾生", "生长", "李", "cs", "", "  ", "%", "_", "曾_生", "\\"])
def test_what_does_not_match_is_not_found(scene: Scene, words: str) -> None:
    assert scene.places(words) == []


def test_a_member_is_found_and_named(scene: Scene) -> None:
    assert scene.found("小明", "chief") == [("own", "曾小明")]
    assert scene.found("zxm", "chief") == [("own", "曾小明")]
    assert scene.found("长生", "chief") == [("own", "")]


def test_a_child_is_named_only_to_who_works_with_the_family(scene: Scene) -> None:
    Person.objects.filter(name="曾小明").update(born_on=date(2018, 5, 1))

    assert scene.found("小明", "chief") == scene.found("小明", "helper") == [("own", "曾小明")]
    assert scene.found("小明", "unit_leader") == [("own", "")]


def test_numbers_are_found_by_their_first_and_last_digits(scene: Scene) -> None:
    number = scene.homes["own"].number

    assert scene.places(number) == scene.places(number[-5:]) == ["own"]
    assert scene.places(number[-LAST - 3 :]) == ["own"] and scene.places("X" + number[-LAST - 2 :]) == []
    assert scene.places(number[:9]) == ["own", "sibling"]
    assert scene.found("360030001") == [("own", "曾小明")]
    assert scene.places(number[3:9]) == []


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("helper", ["own"]),
        ("chief", ["own"]),
        ("unit_leader", ["own"]),
        ("town_secretary", ["own", "sibling"]),
        ("town_clerk", ["own", "sibling"]),
        ("supervisor", ALL),
        ("outsider", []),
    ],
)
def test_only_what_is_in_reach_is_found(scene: Scene, role: str, places: list[str]) -> None:
    assert [scene.places(words, role) for words in ("曾", "zcs", "3607")] == [places] * 3


@pytest.mark.parametrize(
    ("role", "places"), [("clerk", ["foreign"]), ("town_clerk", []), ("chief", []), ("district_secretary", [])]
)
def test_identity_numbers_are_found_by_the_office_in_its_own_places(scene: Scene, role: str, places: list[str]) -> None:
    number = identity_number(serial=14)

    assert scene.places(number, role) == places
    assert ("foreign" in scene.places(number[-4:], role)) is bool(places)


def test_a_certificate_and_blanks_find_the_same_person(scene: Scene) -> None:
    number = identity_number(serial=6)

    assert scene.places(f"{number[:6]} {number[6:14]} {number[14:].lower()}") == scene.places(f"{number}42") == ["own"]


def test_who_left_is_not_found(scene: Scene) -> None:
    Person.objects.filter(name="曾小明").update(left_on=TODAY)
    Household.objects.filter(pk=scene.homes["foreign"].pk).update(left_on=TODAY)

    assert scene.found("曾") == [("own", ""), ("sibling", "")]
    assert scene.found("小明") == []


def test_the_exact_name_comes_first_and_is_never_cut_off() -> None:
    world = World()
    chief = world.cast()["chief"]
    for number in range(3):
        world.household(f"张三{number}")
    exact = world.household("张三")

    found = find(ask("张三"), chief, TODAY, most=2)

    assert (found[0].household, len(found)) == (exact, 3)


def test_of_one_household_the_member_with_the_exact_name_is_meant() -> None:
    world = World()
    chief = world.cast()["chief"]
    home = world.household("李四")
    for number, name in enumerate(("张三丰", "张三")):
        Person.objects.create(household=home, number=f"P{number}", name=name, relation=Relation.SON)

    (found,) = find(ask("张三"), chief, TODAY)

    assert found.person and found.person.name == "张三"


@given(words=st.text(max_size=60))
def test_whatever_is_typed_is_taken_apart_without_keeping_an_identity_number(words: str) -> None:
    asked = ask(f"{words}{NUMBER}"[-18:] if len(words) % 2 else words)

    assert NUMBER not in str(asked)
    assert Asked.of_kept(asked.kept()) == asked


def test_reach_as_keys_is_the_reach_of_visible_to(scene: Scene) -> None:
    for role, cadre in scene.cast.items():
        visible = set(Household.objects.visible_to(cadre, TODAY))
        assert {one.household for one in find(ask("曾"), cadre, TODAY)} == visible, role


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads the whole table")
@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ({"name__mentions": "长"}, "person_name_characters"),
        ({"name": "曾长生"}, "person_by_name"),
        ({"number__ends": "0001"}, "person_number_backwards"),
        ({"number__ends": "360030001"}, "person_number_backwards"),
        ({"number__startswith": "3600"}, "person_number_once"),
        ({"number__in": ["360030001", "360050001"]}, "person_number_once"),
        ({"number__among": frozenset({"360030001"})}, "person_number_once"),
        ({"initials__startswith": "zc"}, "person_by_initials"),
    ],
)
def test_the_database_has_an_index_for_every_question(condition: dict[str, Any], index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert index in Person.objects.filter(**condition).order_by().explain()
    assert "person_by_name" in Person.objects.order_by(InIndexOrder(F("name")))[:9].explain()


# The page -----------------------------------------------------------------------------------------


def client_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def page(client: Client, words: str) -> str:
    answer = client.post(reverse("search"), {"q": words}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_who_was_found_and_an_address_without_the_name(scene: Scene) -> None:
    answer = client_of(scene.cast["chief"]).post(reverse("search"), {"q": "小明"}, follow=True)

    text = answer.content.decode()
    assert [words in text for words in ("曾小明", "曾长生户", scene.homes["own"].number)] == [True] * 3
    assert "曾长生" not in answer.request["QUERY_STRING"] and "小明" not in answer.request["QUERY_STRING"]


def test_a_whole_identity_number_leaves_no_trace(scene: Scene) -> None:
    client = client_of(scene.cast["clerk"])
    number = identity_number(serial=6)

    text = page(client, number)

    kept = [session.get_decoded() for session in Session.objects.all()]
    assert scene.homes["own"].number in text
    assert [number in trace for trace in (text, str(kept), str(list(Session.objects.values())))] == [False] * 3


def test_who_is_not_the_office_is_told_to_search_by_name(scene: Scene) -> None:
    text = page(client_of(scene.cast["chief"]), identity_number(serial=6))

    assert "notice-warn" in text
    assert reverse("household", args=[scene.homes["own"].pk]) not in text


def test_an_old_or_foreign_key_shows_the_villages_instead(scene: Scene) -> None:
    text = client_of(scene.cast["chief"]).get(reverse("search"), {"of": "unknown"}).content.decode()

    assert reverse("village", args=[scene.world.village.pk]) in text


def test_a_session_keeps_the_last_few_searches(scene: Scene) -> None:
    client = client_of(scene.cast["chief"])
    for words in "一二三四五六七":
        page(client, words)

    kept = list(client.session[KEPT].values())
    assert [Asked.of_kept(one).name for one in kept] == list("三四五六七")
    assert not set("三四五六七") & set(str(kept))


def test_a_persons_number_typed_otherwise_is_refused_and_neither_said_again_nor_kept(scene: Scene) -> None:
    client = client_of(scene.cast["clerk"])
    typed = [f"曾长生 {NUMBER}", f"{NUMBER}曾长生", f"A{NUMBER}", NUMBER[:-1], f"{NUMBER[:6]}.{NUMBER[6:]}"]
    typed += ["13807971234", "电话 138 0797 1234", "360721680203123"]

    answers = {words: page(client, words) for words in typed}

    assert {Asked.of_kept(kept) for kept in client.session[KEPT].values()} == {Asked(withheld="number")}
    assert [words for words, text in answers.items() if words in text or "请按姓名查找" not in text] == []


def test_a_search_that_no_key_reads_any_more_shows_the_villages(scene: Scene, settings: Any) -> None:
    client = client_of(scene.cast["chief"])
    address = client.post(reverse("search"), {"q": "小明"})["Location"]

    settings.PERSONAL_DATA_KEYS = {"new": bytes(32)}

    assert reverse("village", args=[scene.world.village.pk]) in client.get(address).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("words", "queries"), [("曾", 10), ("zc", 9), ("3607", 11), ("", 5)])
def test_a_search_sends_a_fixed_number_of_queries(
    rows: int, words: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world = World()
    clerk = world.cast()["clerk"]
    for _row in range(rows):
        world.household("曾长生", registered_on=date(2020, 1, 1))
    fill_in()
    client = client_of(clerk)
    key = client.post(reverse("search"), {"q": words})["Location"]

    with django_assert_num_queries(queries):
        client.get(key)
