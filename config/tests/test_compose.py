"""The files for running in containers agree with the settings and carry no password."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = ["web", "worker", "beat", "migrate"]
# Read by Docker Compose or by the database's image, not by our settings.
NOT_FOR_SETTINGS = {"POSTGRES_PASSWORD", "PORT"}
# Where a computer is set up for development, or a container for itself: nothing an office fills in.
NOT_IN_ENV_FILE = {"PRODUCTION", "DEBUG", "VAR_DIR", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_BACKEND"}


def names_read_by_settings() -> set[str]:
    """The first argument of each environment.…("NAME") in config/settings.py."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return {
        call.args[0].value
        for call in calls
        if re.fullmatch(r"environment\.\w+", ast.unparse(call.func))
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def env_file() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {*OURS, "database", "broker"}


def test_every_lasting_service_has_a_health_check() -> None:
    lasting = {name for name, service in SERVICES.items() if service.get("restart") != "no"}

    assert {name for name in lasting if "healthcheck" not in SERVICES[name]} == set()
    assert set(SERVICES) - lasting == {"migrate"}


def test_the_others_wait_for_the_migrations() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_database_sorts_and_searches_chinese() -> None:
    assert "--locale=C.UTF-8" in SERVICES["database"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_the_database_has_the_settings_that_the_figures_are_taken_with() -> None:
    program, *words = SERVICES["database"]["command"]
    settings_given = dict(word.removeprefix("--").split("=") for word in words)

    source = ast.parse((ROOT / "scripts" / "servers.py").read_text(encoding="utf-8"))
    durable = next(
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DURABLE"
    )
    assert (program, settings_given) == ("postgres", durable)


def test_the_database_is_kept_in_a_volume() -> None:
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql/data"]


@pytest.mark.parametrize("name", OURS)
def test_settings_know_every_variable(name: str) -> None:
    assert set(SERVICES[name]["environment"]) - names_read_by_settings() == set()


def test_nothing_secret_has_a_default() -> None:
    used = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)(:?[-?])?([^}]*)\}", COMPOSE)
    defaults = [name for name, mark, text in used if mark != ":?" and not (mark == ":-" and text == "")]

    assert defaults == []
    assert {"SECRET_KEY", "POSTGRES_PASSWORD"} <= {name for name, mark, _ in used if mark == ":?"}


def test_the_example_has_exactly_the_variables_in_use_and_no_value() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))
    example = env_file()

    assert set(example) == used
    assert [name for name, value in example.items() if value] == []


def test_the_example_names_all_an_office_can_decide() -> None:
    assert names_read_by_settings() - NOT_IN_ENV_FILE == set(env_file()) - NOT_FOR_SETTINGS


def test_the_image_does_not_run_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["casework"]
    assert "HEALTHCHECK" in dockerfile
