"""Lines of the log: an id of the request from the proxy to the worker, JSON or words, and nobody's numbers."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from casework import tasks
from config.log_lines import logging_for
from villages import tracing
from villages.bell import ring
from villages.tracing import belonging_to, for_the_bell, request_id

FROM_A_PROXY = "7f3c9a1e-2b4d-4c6f-8a90-1b2c3d4e5f60"
ID_NUMBER = "36070419800101123X"


@pytest.fixture
def lines() -> Iterator[Callable[[str], io.StringIO]]:
    """Call with a format: what the log gets from then on."""
    written, root = io.StringIO(), logging.getLogger()
    kept, handler = root.level, logging.StreamHandler(written)
    requests = logging.getLogger("casework.requests")
    requests.setLevel("INFO")

    def begin(form: str) -> io.StringIO:
        told = logging_for(form, "INFO", tells_requests=True)["formatters"]["lines"]
        maker = told.pop("()")
        handler.setFormatter(maker(**told))
        root.addHandler(handler)
        root.setLevel("INFO")
        return written

    yield begin
    root.removeHandler(handler)
    root.setLevel(kept)
    requests.setLevel("WARNING")


def test_a_request_answers_with_the_id_its_proxy_gave(client: Client) -> None:
    answer = client.get(reverse("login"), headers={"X-Request-ID": FROM_A_PROXY})

    assert answer.headers["X-Request-ID"] == FROM_A_PROXY


def test_each_request_without_an_id_gets_a_fresh_one(client: Client) -> None:
    first, second = (client.get(reverse("login")).headers["X-Request-ID"] for _time in range(2))

    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize("asked", [None, "", "short", "x" * 65, "two words here", "a\nb" * 5, ID_NUMBER, "13812345678"])
def test_an_id_that_is_none_is_not_taken_over(asked: str | None) -> None:
    assert request_id(asked) != asked


@pytest.mark.parametrize("form", ["json", "plain"])
def test_a_line_carries_its_request_and_the_page_but_no_key_of_a_row(
    lines: Callable[[str], io.StringIO], client: Client, form: str
) -> None:
    written = lines(form)

    client.get(reverse("login"), {"next": "/households/987654321/"}, headers={"X-Request-ID": FROM_A_PROXY})

    (line,) = [line for line in written.getvalue().splitlines() if "casework.requests" in line]
    assert FROM_A_PROXY in line
    assert "GET login 200" in line
    assert "987654321" not in line


def test_what_is_not_there_is_told_once_and_with_its_request(
    lines: Callable[[str], io.StringIO], client: Client
) -> None:
    written = lines("plain")

    client.get("/metrics", headers={"X-Request-ID": FROM_A_PROXY, "X-Forwarded-For": "192.0.2.1"})

    (line,) = [line for line in written.getvalue().splitlines() if "Not Found" in line]
    assert f"request_id={FROM_A_PROXY}" in line


def test_json_has_one_object_a_line_with_level_logger_moment_and_words(lines: Callable[[str], io.StringIO]) -> None:
    written = lines("json")

    with belonging_to(request_id=FROM_A_PROXY):
        logging.getLogger("casework.x").warning("邮件 %s 未发出", 7)

    line = json.loads(written.getvalue())
    assert line.pop("timestamp").endswith("+0800")
    assert line == {
        "event": "邮件 7 未发出",
        "level": "warning",
        "logger": "casework.x",
        "request_id": FROM_A_PROXY,
    }


@pytest.mark.parametrize("form", ["json", "plain"])
def test_a_number_that_slips_into_a_message_or_an_error_is_starred_and_no_variable_is_told(
    lines: Callable[[str], io.StringIO], form: str
) -> None:
    written, secret = lines(form), "王小明"

    try:
        raise ValueError(f"no such person: {ID_NUMBER}")
    except ValueError:
        logging.getLogger("casework.x").exception("looked for %s and 138 1234 5678", ID_NUMBER)

    text = written.getvalue()
    assert ("ValueError" in text, "Traceback" in text) == (True, True)
    assert [number for number in (ID_NUMBER, "1234 5678", secret) if number in text.replace(__file__, "")] == []


@pytest.mark.parametrize("fails", [False, True])
def test_every_line_of_a_task_carries_its_id_and_that_of_the_request_that_rang(
    lines: Callable[[str], io.StringIO], monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    written, task = lines("json"), tasks.continue_opening

    def tell(*_args: Any) -> None:
        logging.getLogger("casework.x").info("working")
        if fails:
            raise ValueError("no such round")

    monkeypatch.setattr(task, "run", tell)
    result = task.apply((1,), headers={tracing.KEY: FROM_A_PROXY})
    logging.getLogger("casework.x").info("afterwards")

    *told, afterwards = [json.loads(line) for line in written.getvalue().splitlines()]
    ids = [(line.get("task_id"), line.get("request_id"), line.get("task")) for line in told]
    assert (told[0]["event"], len(told)) == ("working", 2)
    assert ids == [(result.id, FROM_A_PROXY, task.name)] * 2
    assert "task_id" not in afterwards


def test_a_bell_takes_the_id_along_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr("villages.bell.current_app.send_task", lambda _task, **options: rung.append(options))

    with belonging_to(request_id=FROM_A_PROXY, task_id="t"):
        ring("casework.tasks.sweep")
    ring("casework.tasks.sweep")

    assert [options["headers"] for options in rung] == [{tracing.KEY: FROM_A_PROXY}, {}]
    assert for_the_bell() == {}
