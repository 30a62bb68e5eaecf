"""The phone's addresses: hello, take along, send, ask again; and what a phone that is cut off gets."""

import base64
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from casework import shell
from casework.app_versions import versions_accepted
from casework.epochs import current_epoch, new_epoch
from casework.models import HeldVisit, Phone, Visit
from casework.phones import cut_off_phone
from casework.tests.sealed_visit import resealed, sealed
from casework.tests.world import TODAY, at
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

API = "/api/v1/phone"
KEY = "0b6c4d0e-5d0e-4a55-9f5e-7a3a5f6b1c2d"


def client_of(cadre: Cadre, key: str = KEY) -> APIClient:
    client = APIClient(headers={"X-Phone": key})
    client.force_login(cadre, backend="django.contrib.auth.backends.ModelBackend")
    return client


def hello(client: APIClient, **fields):
    return client.post(f"{API}/hello/", {"phone": KEY, "app_version": "1"} | fields, format="json")


def send(client: APIClient, *visits, **fields):
    body = {"phone": KEY, "app_version": "1", "sent_at": "2026-10-15T10:00:00+08:00", "visits": visits} | fields
    return client.post(f"{API}/visits/", body, format="json")


# Hello ------------------------------------------------------------------------------------------


def test_hello_gives_a_key_of_its_own_to_each_person_and_phone(helper, world):
    other = world.cadre("别人")

    first, again = hello(client_of(helper)).json(), hello(client_of(helper)).json()
    others = hello(client_of(other)).json()

    assert len(base64.b64decode(first["storage_key"])) == 32
    assert first["storage_key"] == again["storage_key"] != others["storage_key"]
    assert (first["phone"], first["is_cut_off"], first["epoch"]) == (KEY, False, current_epoch())
    assert first["person"] == {"id": helper.pk, "name": "李帮扶"}
    assert Phone.objects.count() == 2


def test_the_key_lies_sealed_in_the_database(helper):
    key = base64.b64decode(hello(client_of(helper)).json()["storage_key"])

    with connection.cursor() as cursor:
        cursor.execute("SELECT storage_key FROM casework_phone")
        [(stored,)] = cursor.fetchall()

    assert key not in bytes(stored)


def test_hello_says_what_waits_on_the_phone(helper):
    hello(client_of(helper), waiting=3, oldest_waiting_at="2026-10-12T08:00:00+08:00")

    phone = Phone.objects.get()
    assert (phone.waiting, phone.oldest_waiting_at, phone.last_seen_on) == (3, at(date(2026, 10, 12), 8), TODAY)
    assert list(Phone.objects.with_old_queue(date(2026, 10, 13))) == [phone]
    hello(client_of(helper), waiting=0, oldest_waiting_at=None)
    assert not Phone.objects.with_old_queue(date(2026, 10, 13)).exists()


@pytest.mark.parametrize("body", [{}, {"phone": "x", "app_version": "1"}, {"phone": KEY}, []])
def test_a_hello_that_cannot_be_read_is_a_bad_request(helper, body):
    assert client_of(helper).post(f"{API}/hello/", body, format="json").status_code == 400


def test_an_app_that_is_too_old_is_told_so_and_nothing_is_taken(helper, home):
    client = client_of(helper)

    assert hello(client, app_version="0").status_code == 426
    assert send(client, sealed(home, TODAY, helper), app_version="0").status_code == 426
    assert Visit.objects.count() == 0


def test_each_version_is_taken_for_a_month_after_the_next_one_came(helper, monkeypatch):
    begun = at(TODAY)

    def accepted(name: str, days: int) -> list[str]:
        monkeypatch.setattr(shell, "app_version", lambda: name)
        return versions_accepted(begun + timedelta(days=days))

    assert accepted("aaa", 0) == ["1", "aaa"]
    assert accepted("aaa", 400) == ["aaa"]
    # However late the office installs it, and however many come in a month.
    assert accepted("bbb", 401) == ["aaa", "bbb"]
    assert accepted("ccc", 402) == ["aaa", "bbb", "ccc"]
    assert accepted("ccc", 431) == ["aaa", "bbb", "ccc"]
    assert accepted("ccc", 432) == ["bbb", "ccc"]
    # Gone back to the one before: what is handed out is always taken.
    assert accepted("bbb", 440) == ["ccc", "bbb"]
    assert accepted("bbb", 471) == ["bbb"]


def test_the_app_calls_itself_by_its_scripts(helper):
    said = f'(self.phone = self.phone || {{}}).version = "{shell.app_version()}";'

    assert said in shell.script()
    assert said in shell.worker("/phone/", "app.js")
    assert (
        hello(client_of(helper), app_version=shell.app_version()).json()["versions_accepted"][-1] == shell.app_version()
    )


# Cut off ----------------------------------------------------------------------------------------


def test_a_phone_that_was_cut_off_gets_nothing_and_its_session_ends(world, home, helper):
    supervisor = world.post("督导", Post.SUPERVISOR, world.town)
    client = client_of(helper)
    hello(client)
    cut_off_phone(phone_id=Phone.objects.get().pk, actor=supervisor, now=at(TODAY), reason="手机丢失")

    assert client.get("/").status_code == 302  # the session has ended, for the pages too
    client.force_login(helper, backend="django.contrib.auth.backends.ModelBackend")
    answer = hello(client)

    assert (answer.status_code, answer.json()["is_cut_off"]) == (410, True)
    assert client.get("/").status_code == 302
    for again in (client_of(helper), client_of(world.cadre("拾到者"))):
        assert send(again, sealed(home, TODAY, helper)).status_code == 410
    assert client_of(helper).get(f"{API}/caseload/").status_code == 410
    assert Visit.objects.count() == 0
    assert Phone.objects.get().storage_key is None
    assert AuditEntry.objects.get(verb="phone.cut_off").actor == supervisor


def test_only_the_office_of_ones_places_and_the_holder_cut_a_phone_off(world, helper):
    hello(client_of(helper))
    phone = Phone.objects.get()
    on_its_side = world.post("镇督导", Post.SUPERVISOR, world.other_town)
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)

    for stranger in (on_its_side, chief):
        with pytest.raises(Phone.DoesNotExist):
            cut_off_phone(phone_id=phone.pk, actor=stranger, now=at(TODAY), reason="试试")
    cut_off_phone(phone_id=phone.pk, actor=helper, now=at(TODAY), reason="丢了")

    phone.refresh_from_db()
    assert phone.cut_off_by == helper


# Sending ----------------------------------------------------------------------------------------


def test_a_batch_is_answered_visit_by_visit(world, home, helper):
    world.round([Post.HELPER], "paired_household", name="十月帮扶走访")
    good, future = sealed(home, TODAY, helper), sealed(home, TODAY + timedelta(days=1), helper)

    answer = send(client_of(helper), good, future, {"id": "x"})

    assert answer.status_code == 200
    stored, held, refused = answer.json()["answers"]
    assert (stored["id"], stored["digest"], stored["state"]) == (good["id"], good["digest"], "stored")
    assert stored["receipt"]["is_late"] is False
    assert stored["receipt"]["counts_for"][0] == {
        "round": "十月帮扶走访",
        "seat": "帮扶干部",
        "counts": True,
        "reason": "",
        "done_on": None,
    }
    assert (held["state"], held["reason_code"], held["receipt"]) == ("held", "future_day", None)
    assert (refused["id"], refused["state"]) == ("x", "refused")
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_the_same_batch_again_gives_the_same_answer(home, helper):
    client, visits = client_of(helper), [sealed(home, TODAY, helper), sealed(home, TODAY + timedelta(days=1), helper)]

    assert send(client, *visits).json() == send(client, *visits).json()
    assert (Visit.objects.count(), HeldVisit.objects.count()) == (1, 1)


def test_a_batch_of_one_person_is_not_taken_under_the_login_of_another(world, home, helper):
    other = world.help("赖帮扶", home, is_primary=False)

    answer = send(client_of(other), sealed(home, TODAY, helper), person=helper.pk)

    assert (answer.status_code, Visit.objects.count()) == (403, 0)
    assert send(client_of(helper), sealed(home, TODAY, helper), person=helper.pk).status_code == 200


def test_a_held_visit_can_be_asked_for_later(home, helper):
    visit = sealed(home, TODAY + timedelta(days=1), helper)
    client = client_of(helper)
    send(client, visit)

    answer = client.get(f"{API}/visits/", {"ids": f"{visit['id']},{uuid.uuid4()}"}).json()

    assert [(one["state"], one["digest"]) for one in answer["answers"]] == [("held", visit["digest"]), ("unknown", "")]


@pytest.mark.parametrize(
    "body", ["[]", "{", "7", '{"visits": 7}', '{"visits": []}', '{"visits": [], "phone": 7}', "[" * 5000]
)
def test_a_batch_that_cannot_be_read_is_a_bad_request(helper, body):
    answer = client_of(helper).post(f"{API}/visits/", body, content_type="application/json")

    assert answer.status_code == 400


def test_more_than_fifty_at_once_are_too_many(home, helper):
    visit = sealed(home, TODAY, helper)

    assert send(client_of(helper), *[resealed(visit, note=str(number)) for number in range(51)]).status_code == 400
    assert Visit.objects.count() == 0


def test_a_batch_of_more_than_a_megabyte_is_too_much(home, helper):
    assert send(client_of(helper), "x" * 1024 * 1024).status_code == 413


def test_nobody_sends_without_signing_in(home, helper):
    assert APIClient().get(f"{API}/session/").status_code == 403
    assert send(APIClient(), sealed(home, TODAY, helper)).status_code == 403


def test_a_session_without_its_token_is_refused_and_the_session_address_gives_one(home, helper):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(helper, backend="django.contrib.auth.backends.ModelBackend")
    token = client.get(f"{API}/session/").json()["csrf_token"]

    assert send(client, sealed(home, TODAY, helper)).status_code == 403
    client.credentials(HTTP_X_CSRFTOKEN=token)
    assert send(client, sealed(home, TODAY, helper)).status_code == 200


# Taking along -----------------------------------------------------------------------------------


def test_only_what_has_changed_comes_again_and_who_is_gone_is_not_among_the_ids(world, home, helper):
    other = world.household("李四")
    world.help(helper, other)
    client = client_of(helper)
    full = client.get(f"{API}/caseload/").json()
    world.visit(other, TODAY, helper, problem="水管坏了")

    delta = client.get(f"{API}/caseload/", {"since": full["version"]}).json()
    nothing = client.get(f"{API}/caseload/", {"since": delta["version"]}).json()

    assert (full["is_full"], len(full["households"])) == (True, 2)
    assert (delta["is_full"], [row["problems"] for row in delta["households"]]) == (False, [["水管坏了"]])
    assert (nothing["households"], nothing["ids"]) == ([], [home.pk, other.pk])


def test_after_a_restored_backup_everything_comes_again_under_another_epoch(home, helper):
    client = client_of(helper)
    full = client.get(f"{API}/caseload/").json()

    new_epoch()

    again = client.get(f"{API}/caseload/", {"since": full["version"]}).json()
    assert again["is_full"]
    assert again["epoch"] != full["epoch"]
    assert AuditEntry.objects.get(verb="epoch.began").actor is None


def test_a_village_of_others_does_not_exist(world, helper):
    client = client_of(helper)

    assert client.get(f"{API}/caseload/", {"scope": f"village:{world.foreign.pk}"}).status_code == 404
    assert client.get(f"{API}/caseload/", {"scope": "all"}).status_code == 400


def test_the_answer_is_compressed(world, helper):
    for number in range(20):
        world.help(helper, world.household(f"户主{number}"))

    answer = client_of(helper).get(f"{API}/caseload/", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_hello_and_a_batch_cost_few_queries(home, helper):
    client = client_of(helper)
    hello(client)
    send(client, sealed(home, TODAY, helper))

    with CaptureQueriesContext(connection) as saying_hello:
        hello(client)

    assert len(saying_hello) == 8  # with the versions that are taken
