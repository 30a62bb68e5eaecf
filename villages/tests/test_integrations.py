"""Another program comes in by its token, as far as its place and its scopes, until it is revoked or over."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from casework.corrections import correct_visit
from casework.models import Visit
from casework.tests.world import TODAY, World, at
from villages.integrations import make_token, revoke_integration, save_integration
from villages.models import AuditEntry, Cadre, Integration, Post, Posting, Scope
from villages.tests.panel import Panel, complaints

pytestmark = [pytest.mark.django_db, pytest.mark.core]

EVERYTHING = list(Scope.values)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def integration_of(clerk: Cadre, place_code: str, **fields: Any) -> Integration:
    defaults = {
        "name": "省平台",
        "organisation": "省信息中心",
        "contact": "某人",
        "scopes": EVERYTHING,
        "place_code": place_code,
        "expires_on": TODAY + timedelta(days=30),
    }
    return save_integration(Integration(**(defaults | fields)), actor=clerk, on=TODAY)


def client_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def client_of(integration: Integration, clerk: Cadre) -> APIClient:
    return client_with(make_token(integration, actor=clerk, on=TODAY))


def reported(target: Any, *visitors: Cadre, **fields: Any) -> dict[str, Any]:
    visit = {"id": str(uuid.uuid4()), "household": target.pk, "visited_on": TODAY.isoformat()}
    return visit | {"visitors": [cadre.pk for cadre in visitors]} | fields


# What it reaches ------------------------------------------------------------------------------


def test_a_program_sees_the_visits_of_its_own_place_and_of_no_other(world, clerk):
    here, there = world.household("张三"), world.household("李四", world.foreign)
    mine = world.visit(here, TODAY, world.help("甲", here))
    world.visit(there, TODAY, world.help("乙", there))

    answer = client_of(integration_of(clerk, world.town.pk), clerk).get("/api/v1/visits/")

    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == [str(mine.pk)]


def test_a_list_of_visits_holds_no_free_text(world, clerk):
    home = world.household("张三")
    world.visit(home, TODAY, world.help("甲", home), note="住院", problem="吃药")

    text = client_of(integration_of(clerk, world.town.pk), clerk).get("/api/v1/visits/").content.decode()

    assert "住院" not in text
    assert "吃药" not in text


def test_a_corrected_visit_names_the_one_it_replaces(world, clerk):
    home = world.household("张三")
    helper = world.help("甲", home)
    first = world.visit(home, TODAY, helper)
    report = world.report(home, TODAY, helper, note="更正")
    second = correct_visit(first, report, actor=helper, now=at(TODAY), reason="补充")
    client = client_of(integration_of(clerk, world.town.pk), clerk)

    rows = client.get("/api/v1/visits/").json()["results"]

    assert [(row["id"], row["replaces"]) for row in rows] == [(str(second.pk), str(first.pk))]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_of_a_list_does_not_grow(world, clerk, count, django_assert_num_queries):
    for number in range(count):
        home = world.household(f"户{number}")
        world.visit(home, TODAY, world.help(f"甲{number}", home))
    client = client_of(integration_of(clerk, world.town.pk), clerk)
    client.get("/api/v1/visits/")  # notes the day of use

    with django_assert_num_queries(4):  # token, integration, visits, visitors
        assert len(client.get("/api/v1/visits/").json()["results"]) == count


def test_a_program_reports_a_visit_for_those_who_went(world, clerk):
    home = world.household("张三")
    helper = world.help("甲", home)
    integration = integration_of(clerk, world.town.pk)

    answer = client_of(integration, clerk).post("/api/v1/visits/", reported(home, helper), format="json")

    assert answer.status_code == 201
    visit = Visit.objects.get()
    assert (list(visit.visitors.all()), visit.entered_by) == ([helper], integration.account)


def test_a_program_does_not_visit_anybody_itself(world, clerk):
    home = world.household("张三")
    integration = integration_of(clerk, world.town.pk)
    client = client_of(integration, clerk)

    answers = [
        client.post("/api/v1/visits/", visit, format="json")
        for visit in (reported(home), reported(home, integration.account))
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert [list(answer.json()) for answer in answers] == [["visitors"], ["visitors"]]


def test_a_household_of_another_town_does_not_exist_for_a_program(world, clerk):
    there = world.household("李四", world.foreign)
    helper = world.help("乙", there)

    answer = client_of(integration_of(clerk, world.town.pk), clerk).post(
        "/api/v1/visits/", reported(there, helper), format="json"
    )

    assert answer.status_code == 400
    assert Visit.objects.count() == 0


# What it may ----------------------------------------------------------------------------------


def test_each_scope_opens_its_own_addresses_and_no_other(world, clerk):
    home = world.household("张三")
    helper = world.help("甲", home)
    round = world.round([Post.VILLAGE_CHIEF])
    found = {}
    for scope in Scope.values:
        client = client_of(integration_of(clerk, world.district.pk, name=scope, scopes=[scope]), clerk)
        answers = {
            "rounds": client.get("/api/v1/rounds/"),
            "coverage": client.get(f"/api/v1/rounds/{round.pk}/coverage/"),
            "visits": client.get("/api/v1/visits/"),
            "problems": client.get("/api/v1/problems/"),
            "report": client.post("/api/v1/visits/", reported(home, helper), format="json"),
            "counts": client.post("/api/v1/visits/counts-for/", reported(home, helper), format="json"),
        }
        found[scope] = {name for name, answer in answers.items() if answer.status_code < 300}
        assert {answer.status_code for answer in answers.values()} <= {200, 201, 403}

    assert found == {
        Scope.READ_COVERAGE: {"rounds", "coverage"},
        Scope.READ_VISITS: {"visits"},
        Scope.READ_PROBLEMS: {"problems"},
        Scope.WRITE_VISITS: {"report", "counts"},
    }


def test_no_scope_opens_what_is_for_people(world, clerk):
    client = client_of(integration_of(clerk, world.district.pk), clerk)

    statuses = {
        client.get("/api/v1/cases/").status_code,
        client.get("/api/v1/phone/session/").status_code,
        client.post("/api/v1/phone/hello/", {}, format="json").status_code,
        client.get("/api/v1/phone/caseload/").status_code,
    }

    assert statuses == {403}


def test_a_token_opens_no_page(world, clerk):
    token = make_token(integration_of(clerk, world.district.pk), actor=clerk, on=TODAY)

    answer: Any = Client().get("/", headers={"Authorization": f"Token {token}"})

    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


def test_nobody_signs_in_with_the_account_of_a_program(world, clerk):
    account = integration_of(clerk, world.district.pk).account
    account.set_password("secret-words")
    account.save()
    client = Client()

    answer = client.post("/login/", {"username": account.username, "password": "secret-words"})

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


# Tokens ---------------------------------------------------------------------------------------


def test_a_token_is_stored_as_a_hash_alone(world, clerk):
    token = make_token(integration_of(clerk, world.town.pk), actor=clerk, on=TODAY)

    assert len(token) == 64
    assert token not in str(AuthToken.objects.values())
    assert token[:20] not in str(list(AuditEntry.objects.values("changes")))


def test_a_new_token_ends_the_one_before(world, clerk):
    integration = integration_of(clerk, world.town.pk)
    first = make_token(integration, actor=clerk, on=TODAY)
    second = make_token(integration, actor=clerk, on=TODAY)

    statuses = [client_with(token).get("/api/v1/rounds/").status_code for token in (first, second)]

    assert statuses == [401, 200]


@pytest.mark.parametrize("token", ["", "x", "ab cd", "0" * 64, "ü" * 64])
def test_what_is_no_token_is_a_401(world, token):
    client = APIClient()

    answer = client.get("/api/v1/rounds/", HTTP_AUTHORIZATION=f"Token {token}".encode())

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_a_revoked_program_is_out_at_once_and_its_post_ends(world, clerk):
    integration = integration_of(clerk, world.town.pk)
    client = client_of(integration, clerk)

    for _time in range(2):
        revoke_integration(integration, actor=clerk, on=TODAY, reason="合同到期")

    integration.refresh_from_db()
    assert client.get("/api/v1/rounds/").status_code == 401
    assert integration.revoked_on == TODAY
    assert Posting.objects.get(cadre=integration.account).ends_on == TODAY
    assert AuditEntry.objects.filter(verb="integration.revoked", reason="合同到期").count() == 1
    with pytest.raises(ValidationError):
        make_token(integration, actor=clerk, on=TODAY)


def test_a_program_whose_time_is_over_is_out(world, clerk, frozen):
    client = client_of(integration_of(clerk, world.town.pk, expires_on=TODAY), clerk)
    today = client.get("/api/v1/rounds/").status_code

    frozen.shift(timedelta(days=1))

    assert (today, client.get("/api/v1/rounds/").status_code) == (200, 401)


def test_the_day_of_use_is_kept_and_no_more(world, clerk):
    integration = integration_of(clerk, world.town.pk)
    client = client_of(integration, clerk)
    entries = AuditEntry.objects.count()

    client.get("/api/v1/rounds/")

    integration.refresh_from_db()
    assert integration.last_used_on == TODAY
    assert AuditEntry.objects.count() == entries


def test_too_often_is_a_429_for_reading_and_writing_apart(world, clerk, settings):
    settings.INTEGRATION_READS_A_MINUTE, settings.INTEGRATION_WRITES_A_MINUTE = 2, 1
    home = world.household("张三")
    helper = world.help("甲", home)
    client = client_of(integration_of(clerk, world.town.pk), clerk)

    reads = [client.get("/api/v1/rounds/").status_code for _time in range(3)]
    writes = [client.post("/api/v1/visits/", reported(home, helper), format="json") for _time in range(2)]

    assert reads == [200, 200, 429]
    assert [answer.status_code for answer in writes] == [201, 429]
    assert 0 < int(writes[1].headers["Retry-After"]) <= 60


def test_people_are_not_counted(world, clerk, settings):
    settings.INTEGRATION_READS_A_MINUTE = 1
    client = APIClient()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    assert [client.get("/api/v1/rounds/").status_code for _time in range(3)] == [200, 200, 200]


# The office -----------------------------------------------------------------------------------


def test_only_the_districts_office_lets_programs_in(world, clerk):
    for actor in (world.post("镇录入员", Post.CLERK, world.town), world.cadre("局外人")):
        with pytest.raises(PermissionDenied):
            integration_of(actor, world.town.pk)
    assert Integration.objects.count() == 0
    assert not Cadre.objects.filter(username__startswith="integration").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place_code", "360799"),
        ("place_code", "36"),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("expires_on", TODAY - timedelta(days=1)),
    ],
)
def test_what_cannot_be_is_refused_by_field(world, clerk, field, value):
    with pytest.raises((ValidationError, PermissionDenied)) as refused:
        integration_of(clerk, **({"place_code": world.town.pk} | {field: value}))

    if isinstance(refused.value, ValidationError):
        assert list(refused.value.message_dict) == [field]


def test_the_place_stands_and_a_later_end_moves_the_post_too(world, clerk):
    integration = integration_of(clerk, world.town.pk)
    later = TODAY + timedelta(days=60)
    integration.expires_on = later
    save_integration(integration, actor=clerk, on=TODAY, reason="延期")
    integration.place_code = world.district.pk

    with pytest.raises(ValidationError):
        save_integration(integration, actor=clerk, on=TODAY)

    assert Posting.objects.get(cadre=integration.account).ends_on == later


def test_the_office_sees_those_at_its_places(world, clerk):
    town, other = integration_of(clerk, world.town.pk), integration_of(clerk, world.other_town.pk, name="乙平台")
    seen = {
        name: set(Integration.objects.visible_to(cadre, TODAY))
        for name, cadre in {
            "clerk": clerk,
            "town": world.post("镇录入员", Post.CLERK, world.town),
            "chief": world.post("村长", Post.VILLAGE_CHIEF, world.village),
            "outsider": world.cadre("局外人"),
        }.items()
    }

    assert seen == {"clerk": {town, other}, "town": {town}, "chief": set(), "outsider": set()}


def test_the_panel_makes_one_shows_its_token_once_and_revokes_it(world, clerk):
    panel = Panel(clerk)
    values = {"name": "省平台", "organisation": "省信息中心", "contact": "某人", "place_code": world.town.pk}
    panel.add(Integration, **values, scopes=["read_coverage"], expires_on=TODAY + timedelta(days=9))
    integration = Integration.objects.get()

    shown = panel.act(integration, "token")
    token = shown.context["token"]

    assert token in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert token not in panel.open(integration).content.decode()
    assert token not in panel.open(integration, "history").content.decode()
    assert client_with(token).get("/api/v1/rounds/").status_code == 200
    panel.act(integration, "revoke", reason="到期")
    assert client_with(token).get("/api/v1/rounds/").status_code == 401
    assert panel.act(integration, "token").status_code == 403


def test_a_town_clerk_looks_on(world, clerk):
    integration = integration_of(clerk, world.town.pk)
    foreign = integration_of(clerk, world.other_town.pk, name="乙平台")
    panel = Panel(world.post("镇录入员", Post.CLERK, world.town))

    assert panel.rows(Integration) == [integration]
    assert panel.open(integration).status_code == 200
    assert panel.act(integration, "token").status_code == 403
    assert panel.act(foreign, "token").status_code == 404
    assert panel.client.get("/admin/villages/integration/add/").status_code == 403


def test_the_panel_says_by_field_what_is_wrong(world, clerk):
    values = {"name": "省平台", "organisation": "省", "contact": "某人", "place_code": "360704999"}

    answer = Panel(clerk).add(Integration, **values, scopes=["read_coverage"], expires_on=TODAY)

    assert len(complaints(answer)) == 1


def test_other_systems_may_name_the_household_by_its_number_and_people_by_their_accounts(world, clerk):
    home, there = world.household("张三"), world.household("李四", world.foreign)
    helper = world.help("甲", home)
    client = client_of(integration_of(clerk, world.town.pk), clerk)

    def report(number: str, *accounts: str) -> Any:
        visit = {"id": str(uuid.uuid4()), "household_number": number, "visited_on": TODAY.isoformat()}
        return client.post("/api/v1/visits/", visit | {"visitor_accounts": list(accounts)}, format="json")

    stored, foreign, unknown = (
        report(home.number, helper.username),
        report(there.number, helper.username),
        report(home.number, "nobody-of-ours"),
    )

    assert [answer.status_code for answer in (stored, foreign, unknown)] == [201, 400, 400]
    assert [list(answer.json()) for answer in (foreign, unknown)] == [["household"], ["visitor_accounts"]]
    visit = Visit.objects.get()
    assert (visit.household, list(visit.visitors.all())) == (home, [helper])
