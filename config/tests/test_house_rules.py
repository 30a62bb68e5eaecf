"""The rules of docs/ and style that a program can check: imports, writes, templates, translations."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from villages.office.trail import ACTIONS

ROOT = Path(settings.BASE_DIR)
APPS = ["villages", "households", "casework", "config"]  # each may import itself and those before it
TEMPLATES = ROOT / "templates"
LONGEST_FILE = 500
WRITES = {
    "save", "create", "delete", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
}  # fmt: skip
NO_VERB = {"html", "pk"}  # what else follows the name of a kind and a dot
# Django looks for these by name when a page cannot be shown.
CALLED_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html", "registration/login.html"}


def modules(*, with_tests: bool = True) -> list[Path]:
    """Our Python files, migrations left out."""
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    found += [*(ROOT / "scripts").rglob("*.py"), ROOT / "manage.py", ROOT / "conftest.py"]
    return sorted(path for path in found if "migrations" not in path.parts and (with_tests or not is_test(path)))


def is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and module of each import below the node."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            # A relative import stays inside its app; it is named for what it is.
            yield child.lineno, "." * child.level + (child.module or "")


def where(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"


def test_imports_go_one_way() -> None:
    wrong = []
    for path in modules(with_tests=False):
        app = path.relative_to(ROOT).parts[0]
        if app not in APPS:
            continue
        above = APPS[APPS.index(app) + 1 :]
        if app == "config" or path == ROOT / "config" / "settings.py":
            continue
        wrong += [where(path, line, name) for line, name in imports(tree(path)) if name.split(".")[0] in above]

    assert wrong == []


def test_every_module_begins_with_a_sentence() -> None:
    without = []
    for path in modules():
        source = path.read_text(encoding="utf-8")
        docstring = ast.get_docstring(tree(path)) or ""
        if source.strip() and not docstring.split("\n")[0].endswith((".", "?")):
            without.append(where(path, 1, "no sentence"))

    assert without == []


def test_imports_stand_at_the_top() -> None:
    wrong = [
        where(path, line, name)
        for path in modules()
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for line, name in imports(function)
    ]

    assert wrong == []


def test_views_do_not_write() -> None:
    wrong = []
    for path in modules(with_tests=False):
        # The benchmark's reference view writes on purpose: it is the plain code that ours is compared with.
        if "bench" not in path.parts and not {"views", "views.py", "api", "api.py"}.isdisjoint(path.parts):
            wrong += [
                where(path, call.lineno, f".{call.func.attr}()")
                for call in ast.walk(tree(path))
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WRITES
            ]

    assert wrong == []


def test_every_verb_of_the_trail_has_words() -> None:
    paths = [path for path in modules(with_tests=False) if path.relative_to(ROOT).parts[0] in APPS]
    nodes = [node for path in paths for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    pairs = {tuple(node.value.split(".")) for node in nodes if re.fullmatch(r"[a-z]+\.[a-z_]+", str(node.value))}
    kinds = {kind for kind, action in pairs if action in ACTIONS}

    silent = {f"{kind}.{action}" for kind, action in pairs if kind in kinds and action not in {*ACTIONS, *NO_VERB}}

    assert silent == set()


def test_nobody_uses_signals() -> None:
    wrong = [
        where(path, line, name)
        for path in modules(with_tests=False)
        for line, name in imports(tree(path))
        if name.endswith(".signals") or name == "django.dispatch"
    ]

    assert wrong == []


def test_no_file_is_too_long() -> None:
    kept_by_us = [*modules(), *TEMPLATES.rglob("*.html")]
    for app in APPS:
        kept_by_us += [path for path in (ROOT / app).glob("static/*/**/*") if path.suffix in {".js", ".css"}]
    too_long = []
    for path in kept_by_us:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE and "vendor" not in path.parts:
            too_long.append(where(path, lines, "split it"))

    assert too_long == []


def test_every_template_is_used() -> None:
    pages = {path.relative_to(TEMPLATES).as_posix(): path for path in TEMPLATES.rglob("*") if path.is_file()}
    sources = [*modules(with_tests=False), *pages.values()]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)

    dead = [
        name
        for name in pages
        if name not in CALLED_BY_DJANGO
        and not overrides_a_template_of_others(name)
        and not re.search(rf"""["']{re.escape(name)}["']""", text)
    ]

    assert dead == []


def overrides_a_template_of_others(name: str) -> bool:
    return any((Path(app.path) / "templates" / name).exists() for app in apps.get_app_configs())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's driver")
def test_the_driver_is_psycopg2() -> None:
    # Django silently prefers psycopg 3 as soon as any package installs it.
    driver: Any = connection
    assert driver.Database.__name__ == "psycopg2"


@pytest.mark.core
@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)

    assert "No changes detected" in capsys.readouterr().out


def test_every_word_is_translated(tmp_path: Path) -> None:
    used = words_in_use(tmp_path)
    catalogue = polib.pofile(str(ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    done = {(entry.msgctxt, entry.msgid) for entry in catalogue if entry.translated() and "fuzzy" not in entry.flags}

    assert sorted(msgid for context, msgid in used - done) == []


def test_chinese_is_written_with_chinese_marks() -> None:
    catalogue = polib.pofile(str(ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    said = {entry.msgid: entry.msgstr + "".join(entry.msgstr_plural.values()) for entry in catalogue}
    half_width = re.compile(r"[\u4e00-\u9fff”）][,;:!?(]|[,;:!?)][\u4e00-\u9fff“（]")
    registers_own_words = {"father-in-law", "mother-in-law"}

    assert {word for word, text in said.items() if half_width.search(text)} == registers_own_words


def words_in_use(folder: Path) -> set[tuple[str | None, str]]:
    """Every (context, word) to translate, collected by makemessages from a copy of our sources."""
    for name in [*APPS, "templates"]:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "tests", "vendor"))
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--keep-pot", "--verbosity", "0"]
    # Without the settings, so that it cannot find, and write into, the real catalogue.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(folder / "locale" / "django.pot"))}
