"""The schema covers every address of the API without a warning, and every example in it is sent and checked."""

import copy
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

from casework.api.described.examples import BULLETIN, CASE, DECIDED, FLAG, HOUSEHOLD, ROUND, VISITORS
from casework.bulletins import ask_for_bulletin, count_bulletin, release_bulletin
from casework.models import Bulletin, FlagKind, Round, VisitFlag
from casework.tests.pictures import picture
from casework.tests.world import TODAY, World, at
from households.models import Household, MonitoringCase, Step
from households.tests.cases import WAY, found_case, walk
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

FACTS = {"villages": 5, "minutes": 8}
# Bodies that are no JSON: a picture.
NOT_JSON = {"phone_photos_send"}
# What only the district's office may do.
OF_THE_OFFICE = {"cases_take_back"}


class Operation(NamedTuple):
    """One method of one address, as the schema describes it."""

    path: str
    method: str
    said: dict[str, Any]

    @property
    def success(self) -> int:
        return max(int(status) for status in self.said["responses"] if int(status) < 300)


def schema_in(language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in sorted(schema["paths"].items()):
        for method in sorted(methods):
            yield Operation(path, method, methods[method])


def value_of(parameter: dict[str, Any]) -> Any:
    [example] = parameter["examples"].values()
    return example["value"]


def bodies(operation: Operation) -> dict[str, Any]:
    content = operation.said.get("requestBody", {}).get("content", {})
    examples = content.get("application/json", {}).get("examples", {})
    return {name: example["value"] for name, example in examples.items()}


def exact(schema: Any) -> Any:
    """The same schema, in which an object has no key that is not named."""
    schema = copy.deepcopy(schema)
    for component in schema["components"]["schemas"].values():
        if component.get("type") == "object" and "properties" in component:
            component["additionalProperties"] = False
    return schema


def problems_with(answer: Any, operation: Operation, schema: dict[str, Any]) -> list[str]:
    said = operation.said["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema | said, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json())]


class Stage:
    """The rows that the examples speak of, under the numbers the schema names."""

    def __init__(self) -> None:
        world = World()
        helper, chief = (Cadre.objects.create(pk=pk, username=f"example{pk}", name=f"示例{pk}") for pk in VISITORS)
        world.post(chief, Post.VILLAGE_CHIEF, world.village)
        for pk in (HOUSEHOLD, HOUSEHOLD + 1):
            world.help(helper, world.household(f"户主{pk}", pk=pk, number=f"{world.village.pk}{pk:05}"))
        world.round([Post.VILLAGE_CHIEF], pk=ROUND)
        case = found_case(Household.objects.get(pk=HOUSEHOLD), found_on=date(2026, 10, 14))
        MonitoringCase.objects.filter(pk=case.pk).update(id=CASE)
        decided = found_case(world.household("已认定"))
        MonitoringCase.objects.filter(pk=decided.pk).update(id=DECIDED)
        walk(MonitoringCase.objects.get(pk=DECIDED), *WAY[: WAY.index(Step.CLEAR)])
        self.visit = visit = world.visit(world.village, date(2026, 10, 14), chief, problem="路灯不亮")
        VisitFlag.objects.create(pk=FLAG, visit=visit, kind=FlagKind.MANY_VILLAGES, facts=FACTS, raised_on=TODAY)
        office = world.post("区录入员", Post.CLERK, world.district)
        self._bulletin(office)
        self.client, self.office = (_signed_in(cadre) for cadre in (chief, office))

    def _bulletin(self, office: Cadre) -> None:
        """One that was released for the district."""
        days = {"starts_on": date(2026, 10, 1), "cut_off_on": TODAY}
        place, rounds = office.postings.get().district, Round.objects.all()
        made = ask_for_bulletin(key=uuid4(), place=place, rounds=rounds, actor=office, now=at(TODAY), **days)
        Bulletin.objects.filter(pk=made.pk).update(id=BULLETIN)
        count_bulletin(BULLETIN, now=at(TODAY))
        release_bulletin(bulletin_id=BULLETIN, actor=office, now=at(TODAY))

    def send(self, operation: Operation, body: Any) -> Any:
        """The example as the schema writes it: path, query and body."""
        path, query = operation.path, {}
        for parameter in operation.said.get("parameters", []):
            value = value_of(parameter)
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(value))
            else:
                query[parameter["name"]] = value
        client = self.office if operation.said["operationId"] in OF_THE_OFFICE else self.client
        if operation.method == "get":
            return client.get(path, query)
        return getattr(client, operation.method)(path, body, format="json")


def _signed_in(cadre: Cadre) -> APIClient:
    client = APIClient()
    client.force_login(cadre, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_example_gets_the_status_and_the_answer_that_the_schema_promises() -> None:
    schema, stage, sent = exact(schema_in()), Stage(), []

    for operation in operations(schema):
        if operation.said["operationId"] in NOT_JSON:
            continue
        for name, body in (bodies(operation) or {"": None}).items():
            answer = stage.send(operation, body)
            sent.append(f"{operation.said['operationId']} {name}")
            assert answer.status_code == operation.success, (sent[-1], answer.content.decode())
            assert problems_with(answer, operation, schema) == [], (sent[-1], answer.json())

    assert len(sent) > 12


def test_a_photo_is_answered_as_the_schema_says() -> None:
    schema, stage = exact(schema_in()), Stage()
    [photo] = [one for one in operations(schema) if one.said["operationId"] in NOT_JSON]
    file = SimpleUploadedFile("photo.jpg", picture(), "image/jpeg")

    answer = stage.client.post(photo.path, {"id": str(uuid4()), "visit": str(stage.visit.pk), "file": file})

    assert (answer.status_code, problems_with(answer, photo, schema)) == (200, [])


def test_an_example_sent_again_is_answered_as_the_schema_says(frozen: time_machine.Traveller) -> None:
    schema, stage = exact(schema_in()), Stage()
    [report] = [one for one in operations(schema) if one.said["operationId"] == "visits_report"]
    body = bodies(report)["Household"]

    first = stage.send(report, body)
    frozen.shift(timedelta(minutes=1))
    again, conflict = stage.send(report, body), stage.send(report, body | {"note": "别的"})

    assert [answer.status_code for answer in (first, again, conflict)] == [201, 200, 409]
    assert again.json() == first.json()
    assert problems_with(conflict, report, schema) == []


def test_the_schema_is_made_without_a_warning() -> None:
    reset_generator_stats()
    schema = schema_in()

    validate_schema(schema)
    assert not GENERATOR_STATS, (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache)


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, str(pattern.name)
        elif not pattern.namespace:
            yield from routes(pattern.url_patterns, path)


def test_the_schema_covers_every_address_of_the_api() -> None:
    found = {path for path, name in routes(get_resolver().url_patterns) if path.startswith("api/v1/")}
    named = {re.sub(r"<\w+:pk>", "{id}", f"/{path}") for path in found - {"api/v1/schema/"}}

    assert {operation.path for operation in operations(schema_in())} == named
    assert len(named) > 10


def test_every_operation_is_described_in_both_languages() -> None:
    english, chinese = (list(operations(schema_in(language))) for language in ("en", "zh-hans"))

    for one, other in zip(english, chinese, strict=True):
        for key in ("summary", "description"):
            assert re.search(r"[一-鿿]", other.said[key]), (other.path, key)
            assert not re.search(r"[一-鿿]", one.said[key]), (one.path, key)
    untranslated = [text for text in words(schema_in("zh-hans")) if not re.search(r"[一-鿿]", text)]
    assert untranslated == []


def words(part: Any) -> Iterator[str]:
    """Every description and summary in the schema, but the names of examples and of enumerated values."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "description" and isinstance(value, str) and value and not value.startswith("* `"):
                yield value
            elif key not in ("examples", "example"):
                yield from words(value)
    elif isinstance(part, list):
        for one in part:
            yield from words(one)


def test_every_body_and_every_parameter_has_an_example() -> None:
    for operation in operations(schema_in()):
        for parameter in operation.said.get("parameters", []):
            assert len(parameter.get("examples", {})) == 1, (operation.path, parameter["name"])
        if "requestBody" in operation.said and operation.said["operationId"] not in NOT_JSON:
            assert bodies(operation), operation.path


def test_a_token_is_named_only_where_one_opens_the_door() -> None:
    opened = {op.said["operationId"] for op in operations(schema_in()) if {"token": []} in op.said["security"]}

    assert opened == {
        *("rounds_list", "rounds_coverage", "rounds_progress"),
        *("bulletins_list", "bulletins_read"),
        *("visits_list", "visits_report", "visits_counts_for", "problems_list"),
    }


def test_strangers_read_neither_schema_nor_page() -> None:
    assert Client().get("/api/v1/schema/").status_code == 403
    assert Client().get("/api/docs/").status_code == 302


def test_the_schema_is_served_in_the_language_asked_for() -> None:
    client = Stage().client

    answers = {lang: client.get(f"/api/v1/schema/?format=json&lang={lang}") for lang in ("en", "zh-hans", "../x")}

    assert {lang: answer.status_code for lang, answer in answers.items()} == {"en": 200, "zh-hans": 200, "../x": 404}
    assert answers["en"].json()["paths"]["/api/v1/visits/"]["post"]["summary"] == "Report a visit"
    assert answers["zh-hans"].json()["paths"]["/api/v1/visits/"]["post"]["summary"] != "Report a visit"
