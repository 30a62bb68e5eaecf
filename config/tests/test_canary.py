"""Five persons with known numbers: 0 of these in the open in any answer, log, dump, file, mail or Redis."""

import io
import logging
import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import redis
import xlsxwriter
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from casework import reminders, sending, tasks
from casework.models import Channel, ChannelKind, MessageNumber, TargetKind
from casework.tests.world import TODAY, World, at
from config.endpoints import POLICIES, Sample
from config.tests.canary import Canary, dump, health_words, kept_files, sealed_models
from config.tests.canary_files import Paperwork
from config.tests.test_scope_matrix import NOBODY, OWN, ROLES, Scene, ask, wanted
from households.models import Household, Person, RegisterImport
from households.persons import leave_household, save_person
from households.rotation import rotate
from households.sealed import Sealed
from villages import bell
from villages.models import Cadre, Post

# Not core: it takes a minute, and what a page shows does not depend on the database.
pytestmark = pytest.mark.django_db

LARGE = 1_000_000
TOMORROW = TODAY + timedelta(days=1)
WITHOUT_NEED = ("unit_leader", "town_secretary", "outsider", NOBODY)


class Aviary:
    """The scene of the scope matrix, with the canaries in the household of the own place."""

    def __init__(self) -> None:
        self.scene = Scene()
        Person.objects.filter(household=self.scene.samples[OWN].household).update(left_on=TODAY)
        self.canary = Canary(Household.objects.get(pk=self.scene.samples[OWN].household))
        self.sample = self.scene.samples[OWN]._replace(person=self.canary.persons[0].pk)
        self.paperwork = Paperwork(self.canary, self.scene.cast["clerk"])
        self._ways_out()

    def _ways_out(self) -> None:
        """A robot whose address is a secret, and a cadre's number for messages."""
        number = self.canary.watch("number for messages", "13977770998")
        MessageNumber.objects.create(cadre=self.scene.cast["helper"], phone=number)
        secret = self.canary.watch("robot", "77770999123456789")
        Channel.objects.create(
            name="群机器人", kind=ChannelKind.WECOM, address=f"wecombot://{secret}", is_default=False
        )

    def client(self, role: str) -> Client:
        return self.scene.client(role)

    def answers(self, role: str) -> dict[str, Any]:
        """Every address of the register, as that role, at the own place and elsewhere."""
        return self.scene.answers(role, partial(self._sample, role=role))

    def answer(self, name: str, role: str) -> Any:
        """One of them, at the own place."""
        return ask(self.client(role), POLICIES[name], partial(self._sample, role=role))[OWN]

    def _sample(self, place: str, role: str) -> Sample:
        """The rows of the place; at the own one a canary."""
        sample = self.scene.sample(place, role)
        return sample._replace(person=self.sample.person) if place == OWN else sample

    def panel(self, cadre: Cadre) -> dict[str, Any]:
        """Every list, form and history of the panel."""
        client, found = Client(), {}
        client.force_login(cadre)
        for model in admin.site._registry:
            names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            found[f"{names} list"] = client.get(reverse(f"{names}_changelist"))
            found[f"{names} search"] = client.get(reverse(f"{names}_changelist"), {"q": "金丝雀"})
            found[f"{names} add"] = client.get(reverse(f"{names}_add"))
            rows = model._default_manager.all()
            for row in rows.filter(household=self.canary.household) if model is Person else rows[:3]:
                for page in ("change", "history", "delete"):
                    found[f"{names} {page} {row.pk}"] = client.get(reverse(f"{names}_{page}", args=[row.pk]))
        return found

    def live(self) -> None:
        """What people do with these persons all day long."""
        clerk, helper = self.scene.cast["clerk"], self.scene.cast["helper"]
        person = self.canary.persons[0]
        secrets = self.canary.secrets
        self.paperwork.do()
        person.refresh_from_db()
        for cadre in (clerk, helper):
            client = Client()
            client.force_login(cadre)
            number, account = secrets["id_number 0"], secrets["bank_account 0"]
            for words in (number, number[-4:], "金丝雀", f"金丝雀甲 {number}", secrets["phone 0"], account):
                answer = client.post(reverse("search"), {"q": words}, follow=True)
                assert self.canary.in_answer(answer) == set()
            asked = {"field": "phone", "purpose": "call", "detail": ""}
            client.post(reverse("person_reveal", args=[person.pk]), asked)
        person.phone = secrets["phone 1"]
        save_person(person, actor=clerk, on=TODAY, reason="换号")
        second = Person(household=person.household, number="X", name="冒名", relation="other")
        second.id_number = secrets["id_number 1"]
        with pytest.raises(ValidationError):
            save_person(second, actor=clerk, on=TODAY)
        leave_household(person=self.canary.persons[3], left_on=TODAY, actor=clerk, on=TODAY)
        rotate()
        Cadre.objects.filter(pk=helper.pk).update(email="helper@example.org")
        self.scene.world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, starts_on=TOMORROW, due_on=TOMORROW)
        reminders.prepare(on=TOMORROW, now=at(TOMORROW))
        reminders.deliver(now=at(TOMORROW))
        sending.send_deliveries(now=at(TOMORROW))
        tasks.sweep()


@pytest.fixture
def aviary() -> Aviary:
    return Aviary()


@pytest.fixture
def canary(world: World) -> Canary:
    """The persons alone."""
    return Canary(world.household("户主"))


def leaks(aviary: Aviary, answers: dict[str, Any]) -> dict[str, set[str]]:
    return {name: found for name, answer in answers.items() if (found := aviary.canary.in_answer(answer))}


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
def test_every_address_answers_as_its_policy_says_and_without_a_number_in_the_open(aviary: Aviary, role: str) -> None:
    """The scope matrix, walked once for both: who may open what, and what stands there."""
    answers = aviary.answers(role)

    told_of_illness = [
        name
        for name, answer in answers.items()
        if role in WITHOUT_NEED and any(word in answer.content.decode(errors="replace") for word in health_words())
    ]
    assert {name: answer.status_code for name, answer in answers.items()} == wanted(role)
    assert leaks(aviary, answers) == {}
    assert told_of_illness == []


@pytest.mark.parametrize("role", ["clerk", "town_supervisor", "administrator"])
def test_no_list_form_or_history_of_the_panel_has_a_number_in_the_open(aviary: Aviary, role: str) -> None:
    aviary.live()
    cadre = aviary.scene.cast.get(role) or Cadre.objects.create_superuser("root", name="技术")

    answers = aviary.panel(cadre)

    assert leaks(aviary, answers) == {}
    assert sum(answer.status_code == 200 for answer in answers.values()) > len(admin.site._registry)


def test_the_one_answer_that_shows_a_number_shows_no_other(aviary: Aviary) -> None:
    client = aviary.client("helper")

    answer = client.post(
        reverse("person_reveal", args=[aviary.sample.person]), {"field": "id_number", "purpose": "card", "detail": ""}
    )

    assert aviary.canary.in_answer(answer) == {"id_number 0"}
    assert aviary.canary.in_the_open(str(answer.headers)) == set()


def test_files_show_numbers_to_nobody_but_whoever_brought_them_or_gave_a_reason(aviary: Aviary) -> None:
    aviary.paperwork.do()

    handed_out = aviary.paperwork.handed_out
    ours = ("bank_account", "robot", "number for messages")
    national = {name for name in aviary.canary.secrets if not name.startswith(ours)}
    job = RegisterImport.objects.earliest("pk")
    assert aviary.paperwork.leaks() == {}
    assert (job.state, job.rows, job.refused, job.created) == ("applied", 10, 4, 1)
    assert aviary.canary.in_the_open(handed_out["export, in_full"]) == national - {"phone 2"}
    assert aviary.canary.in_the_open(handed_out["result"]) == {
        *("id_number 1", "id_number 4", "household phone"),
        *(f"phone {number}" for number in range(5)),
        *(f"bank_account {number}" for number in (0, 1, 2, 4)),
    }


def test_what_people_do_all_day_leaves_no_number_in_the_database_logs_mails_and_files(
    aviary: Aviary, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    aviary.live()

    logs = "\n".join([*(f"{record.getMessage()} {record.__dict__}" for record in caplog.records), *capfd.readouterr()])
    mails = "\n".join(str(message.message()) for message in mail.outbox)
    traces: dict[str, str | bytes] = {"database": dump(), "logs": logs, "mails": mails}
    traces["file names"] = "\n".join(map(str, kept_files()))
    files = [path for path in kept_files() if path.stat().st_size < LARGE]
    traces |= {str(path): path.read_bytes() for path in files}
    assert {place: found for place, trace in traces.items() if (found := aviary.canary.in_the_open(trace))} == {}
    assert mail.outbox
    assert "person.revealed" in str(traces["database"])


def test_the_bells_leave_no_number_in_redis(
    aviary: Aviary, settings: Any, redis_url: str, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    settings.CELERY_BROKER_URL = redis_url

    with django_capture_on_commit_callbacks(execute=True):
        aviary.live()
    bell.ring("casework.tasks.sweep")

    with redis.Redis.from_url(redis_url) as client:
        kept = redis_texts(client)
    assert aviary.canary.in_the_open("\n".join(kept)) == set()
    assert any("casework.tasks.sweep" in text for text in kept)


def redis_texts(client: Any) -> list[str]:
    """Every key of the database with what it holds."""
    reads = {"string": client.get, "hash": client.hgetall, "set": client.smembers}
    texts = []
    for key in client.scan_iter():
        kind = client.type(key).decode()
        value = client.lrange(key, 0, -1) if kind == "list" else reads.get(kind, client.dump)(key)
        texts.append(f"{key} {value}")
    return texts


def test_every_model_with_a_sealed_column_has_a_canary(aviary: Aviary) -> None:
    aviary.live()

    # A phone's sealed column is a random key, about nobody; the scope matrix has phones.
    rows = {model: apps.get_model(model)._default_manager.count() for model in sealed_models()}
    assert list(rows) == [
        *("casework.Channel", "casework.MessageNumber", "casework.Phone"),
        *("households.ExportPart", "households.Household", "households.ImportGroup", "households.ImportPart"),
        *("households.ImportRefusal", "households.Person"),
    ]
    assert all(rows.values())


# The canary must be able to sing -------------------------------------------------------------------


def test_a_page_that_prints_a_number_is_noticed(aviary: Aviary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sealed, "__str__", Sealed.reveal)

    page = aviary.answer("person_reveal", "helper")

    assert aviary.canary.in_answer(page) == {"id_number 0", "phone 0", "bank_account 0"}


def test_a_number_in_the_database_in_a_log_or_in_a_session_is_noticed(
    aviary: Aviary, caplog: pytest.LogCaptureFixture
) -> None:
    client = aviary.client("clerk")
    session = client.session
    session["last"] = aviary.canary.secrets["phone 2"]
    session.save()
    Household.objects.filter(pk=aviary.sample.household).update(house=f"电话 {aviary.canary.secrets['phone 1']}")
    logging.getLogger("planted").warning("searched for %s", aviary.canary.secrets["id_number 3"])

    assert aviary.canary.in_the_open(dump()) == {"phone 1", "phone 2"}
    assert aviary.canary.in_the_open(caplog.records[-1].getMessage()) == {"id_number 3"}


def test_a_number_in_a_task_argument_is_noticed(aviary: Aviary, settings: Any, redis_url: str) -> None:
    settings.CELERY_BROKER_URL = redis_url

    bell.ring("casework.tasks.sweep", aviary.canary.secrets["bank_account 4"])

    with redis.Redis.from_url(redis_url) as client:
        assert aviary.canary.in_the_open("\n".join(redis_texts(client))) == {"bank_account 4"}


@pytest.mark.parametrize("written", ["{0}", "{1} {2}", "{1}-{2}", "tel:{0}", "<b>{0}</b>"])
def test_a_number_is_noticed_however_it_is_written(canary: Canary, written: str) -> None:
    number = canary.secrets["id_number 0"]

    assert canary.in_the_open(written.format(number, number[:6], number[6:])) == {"id_number 0"}


def test_a_mask_is_no_number(canary: Canary) -> None:
    masks = [str(getattr(person, kind)) for person in canary.persons for kind in ("id_number", "phone")]

    assert canary.in_the_open(" ".join(masks)) == set()


def test_a_number_is_noticed_in_a_workbook_and_in_a_binary_column(canary: Canary) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as workbook:
        workbook.add_worksheet().write_string(0, 0, canary.secrets["bank_account 2"])

    compressed = zlib.compress(canary.secrets["phone 4"].encode(), 1)

    workbook_in_dumps = [f"(1,\\\\x{written.getvalue().hex()})", f"VALUES(1,X'{written.getvalue().hex().upper()}')"]
    assert canary.in_the_open(written.getvalue()) == {"bank_account 2"}
    assert [canary.in_the_open(text) for text in workbook_in_dumps] == [{"bank_account 2"}] * 2
    assert canary.in_the_open(f"(1,\\\\x{compressed.hex()})") == {"phone 4"}
