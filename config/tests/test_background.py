"""What every background task must keep: limits, late acknowledgement, nothing prefetched, kept or planned ahead."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.celery import app

ROOT = Path(settings.BASE_DIR)
APPS = ("villages", "households", "casework", "config")
PLANNED_AHEAD = {"eta", "countdown"}


def ours() -> dict[str, Any]:
    """Every task of ours by its name."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(APPS)}


def test_every_app_with_tasks_is_looked_at() -> None:
    assert {"casework.tasks.sweep", "households.tasks.continue_import"} <= set(ours())


@pytest.mark.parametrize("name", sorted(ours()))
def test_a_task_is_stopped_in_time_acknowledged_late_and_leaves_nothing(name: str) -> None:
    task = app.tasks[name]
    hard = task.time_limit or app.conf.task_time_limit
    soft = task.soft_time_limit or app.conf.task_soft_time_limit

    assert 0 < soft < hard <= 1800
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.ignore_result
    assert task.max_retries in (None, 3)  # Celery's default, which nothing of ours uses
    assert not task.rate_limit


def test_a_worker_takes_one_at_a_time_and_a_lost_one_is_given_out_again_after_it_must_have_ended() -> None:
    longest = max(task.time_limit or app.conf.task_time_limit for task in ours().values())

    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.result_backend is None
    assert app.conf.task_publish_retry is False
    assert "visibility_timeout" not in settings.CELERY_BROKER_TRANSPORT_OPTIONS or (
        settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] >= longest
    )


def test_nothing_is_planned_ahead_in_the_broker() -> None:
    """A moment to come is a column of a row, never an ETA: Redis may be emptied at any time."""
    found = []
    for path in sorted(path for name in APPS for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found += [f"{path}:{node.lineno}" for word in node.keywords if word.arg in PLANNED_AHEAD]
                called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                if called in {"apply_async", "delay", "retry"}:
                    found.append(f"{path}:{node.lineno}: {called}")

    assert found == []


def test_every_bell_is_rung_by_the_one_that_gives_up_early() -> None:
    senders = [
        path.relative_to(ROOT).as_posix()
        for name in APPS
        for path in (ROOT / name).rglob("*.py")
        if "tests" not in path.relative_to(ROOT).parts and "send_task(" in path.read_text(encoding="utf-8")
    ]

    assert senders == ["villages/bell.py"]
