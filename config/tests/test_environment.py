"""The environment is read once and a senseless value stops the program with a message."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import environment

pytestmark = pytest.mark.core

KEY, NEW_KEY = (base64.b64encode(letter * 32).decode() for letter in (b"k", b"n"))
SEALING = {"PERSONAL_DATA_KEYS": f"2026:{KEY}", "PERSONAL_DATA_INDEX_KEY": f"2026:{KEY}"}


def start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a fresh process that knows only these variables."""
    command = [sys.executable, "-c", "import config.settings as s; print(s.DATABASES['default']['ENGINE'], s.DEBUG)"]
    known = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder)} | variables
    return subprocess.run(command, cwd=settings.BASE_DIR, env=known, capture_output=True, text=True, check=False)


def test_a_text_is_stripped_and_an_empty_one_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "  blue ")
    monkeypatch.setenv("NOTHING", " ")

    assert environment.text("WORD") == "blue"
    assert environment.text("NOTHING", "red") == "red"


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("1", True), ("OFF", False), ("no", False)])
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("SWITCH", value)

    assert environment.flag("SWITCH", default=not expected) is expected


def test_a_flag_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", "ture")

    with pytest.raises(ImproperlyConfigured, match="SWITCH must be yes or no, not 'ture'"):
        environment.flag("SWITCH")


def test_texts_by_code_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONES", "360704101:0797-0000000, 360704:0797-1111111")

    assert environment.by_code("PHONES") == {"360704101": "0797-0000000", "360704": "0797-1111111"}
    assert environment.by_code("UNSET") == {}


@pytest.mark.parametrize("value", ["0797-0000000", "36070:1", "360704101:", "３６０７０４:1"])
def test_texts_by_code_refuse_what_names_no_place(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PHONES", value)

    with pytest.raises(ImproperlyConfigured, match="PHONES must be like 360704101:"):
        environment.by_code("PHONES")


@pytest.mark.parametrize("value", ["-1", "3.5", "many"])
def test_a_whole_number_refuses_anything_else(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COUNT", value)

    with pytest.raises(ImproperlyConfigured, match="COUNT must be a whole number"):
        environment.whole_number("COUNT", 3)


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "a.example, b.example,")

    assert environment.words("HOSTS", []) == ["a.example", "b.example"]


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"

    first = environment.secret_key("NO_SUCH_KEY", is_production=False, keep_in=path)
    second = environment.secret_key("NO_SUCH_KEY", is_production=False, keep_in=path)

    assert first == second
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_sealing_keys_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "personal_data_keys"

    first = environment.sealing_keys("NO_SUCH_KEYS", is_production=False, keep_in=path)
    second = environment.sealing_keys("NO_SUCH_KEYS", is_production=False, keep_in=path)

    assert first == second
    assert {name: len(key) for name, key in first.items()} == {"dev": 32}
    assert path.stat().st_mode & 0o777 == 0o600


def test_several_sealing_keys_keep_their_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEYS", f"2026:{NEW_KEY}, 2025:{KEY}")

    keys = environment.sealing_keys("KEYS", is_production=True, keep_in=tmp_path)

    assert list(keys.items()) == [("2026", b"n" * 32), ("2025", b"k" * 32)]


@pytest.mark.parametrize("value", ["2026", "2026:", "2026:c2hvcnQ=", f":{'a' * 44}", "2026:%%%"])
def test_a_sealing_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("KEYS", value)

    with pytest.raises(ImproperlyConfigured, match="KEYS must be like 2026:KEY"):
        environment.sealing_keys("KEYS", is_production=True, keep_in=tmp_path)


def test_nothing_set_means_sqlite_and_no_debugging(tmp_path: Path) -> None:
    started = start(tmp_path)

    assert started.stdout.split() == ["django.db.backends.sqlite3", "False"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PRODUCTION": "yes", "ALLOWED_HOSTS": "a.example"}, "SECRET_KEY must be set"),
        ({"PRODUCTION": "yes", "SECRET_KEY": "x" * 50}, "PERSONAL_DATA_KEYS must be set"),
        ({"PRODUCTION": "yes", "SECRET_KEY": "x" * 50} | SEALING, "ALLOWED_HOSTS must name the site"),
        ({"PRODUCTION": "yes", "DEBUG": "yes"}, "PRODUCTION and DEBUG cannot both be on"),
        ({"DEBUG": "perhaps"}, "DEBUG must be yes or no"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT must be a whole number"),
    ],
)
def test_senseless_settings_stop_the_program(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    started = start(tmp_path, **variables)

    assert started.returncode != 0
    assert message in started.stderr


def test_production_starts_when_all_is_said(tmp_path: Path) -> None:
    said = {"PRODUCTION": "yes", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "a.example"} | SEALING

    started = start(tmp_path, **said, DATABASE_URL="postgres://casework:word@localhost/casework")

    assert started.stdout.split() == ["django.db.backends.postgresql", "False"]
