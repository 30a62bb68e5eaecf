"""Names have the initials people type; filling them in twice changes nothing; the web never loads the dictionary."""

import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from casework import tasks
from casework.tests.world import World
from households.models import Household, Person
from households.pinyin import fill_in, initials_of

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("张三丰", "zsf"),
        ("曾长生", "zcs"),
        ("单小红", "sxh"),
        ("仇英", "qy"),
        ("区志强", "ozq"),
        ("解放军", "xfj"),
        ("查良明", "zlm"),
        ("盖秀英", "gxy"),
        ("尉健行", "wjx"),
        ("尉迟恭", "ycg"),
        ("欧阳修", "oyx"),
        ("长孙文", "zsw"),
        ("重金水", "cjs"),
        ("买买提·艾山", "mmtas"),
        ("张 三", "zs"),
        ("John", "john"),
        ("○", "?"),
        ("", "?"),
        ("王" * 30, "w" * 20),
    ],
)
def test_a_name_has_the_initials_that_people_type(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def persons(*names: str) -> Household:
    household = World().household("曾长生")
    for number, name in enumerate(names):
        Person.objects.create(household=household, number=f"P{number}", name=name, relation="other")
    return household


def initials() -> list[str]:
    return [*Person.objects.order_by("pk").values_list("initials", flat=True), Household.objects.get().initials]


@pytest.mark.django_db
def test_blank_initials_are_filled_in_and_a_second_run_changes_nothing() -> None:
    persons("张三丰", "单小红", "张三丰")

    runs = [fill_in(), fill_in()]

    assert runs == [4, 0]
    assert initials() == ["zsf", "sxh", "zsf", "zcs"]


@pytest.mark.django_db
def test_what_is_there_already_stays() -> None:
    persons("张三丰")
    Person.objects.update(initials="abc")

    fill_in()

    assert initials() == ["abc", "zcs"]


@pytest.mark.django_db
def test_a_sweep_takes_a_bite_and_the_next_one_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    persons("张三丰", "单小红", "仇英")
    monkeypatch.setattr("households.pinyin.BATCH", 2)

    assert fill_in(most=2) == 2
    assert fill_in(most=2) == 2
    assert fill_in(most=2) == 0


@pytest.mark.django_db
def test_the_sweep_and_the_command_fill_them_in() -> None:
    persons("张三丰")
    tasks.sweep()
    assert initials() == ["zsf", "zcs"]

    Person.objects.update(initials="")
    said = StringIO()
    call_command("fill_initials", stdout=said)

    assert initials() == ["zsf", "zcs"]
    assert "1" in said.getvalue()


def test_a_web_process_does_not_carry_the_dictionary() -> None:
    """A process of its own answers a page and the panel's way in, then says what it has loaded: no demo either."""
    asked = (
        "import sys, config.wsgi\n"
        "from django.test import Client\n"
        "assert Client(headers={'host': 'localhost'}).get('/login/').status_code == 200\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "print('pypinyin' in sys.modules, any(name.startswith('casework.demo') for name in sys.modules))\n"
    )
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}

    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True, env=environment)

    assert said.stdout.strip() == "False False"
