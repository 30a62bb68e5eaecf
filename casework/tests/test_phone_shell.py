"""The phone's shell: small, of one version, readable by old browsers, and without anybody's data."""

import gzip
import re
from pathlib import Path

import esprima
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from casework import shell

pytestmark = pytest.mark.core

ROOT = Path(settings.BASE_DIR)
SCRIPTS = [path for app in ("villages", "households", "casework") for path in (ROOT / app / "static").glob("**/*.js")]
STYLES = [path for app in ("households", "casework") for path in (ROOT / app / "static").glob("**/*.css")]
# What Chromium 70 lacks though its syntax is old: methods and properties added since.
TOO_NEW = [
    ".flat(", ".flatMap(", ".matchAll(", ".replaceAll(", ".at(", "fromEntries", "allSettled", "randomUUID",
    "replaceChildren", "structuredClone", "queueMicrotask", ".arrayBuffer(", "Promise.any", "globalThis", ".finally(",
]  # fmt: skip
FIRST_LOAD = 150 * 1024


# Selectors and values that Chromium 70 does not know. A rule with one such selector is dropped as a whole.
NEW_SELECTORS = (":focus-visible", ":is(", ":where(", ":has(", "::file-selector-button", "::marker")
NEW_VALUES = re.compile(
    r"(?:^|[^-])\b(?:min|max|clamp)\(|\binset:|aspect-ratio|color-mix|\b\d+[dsl]v[hw]\b|@layer|@container"
    r"|(?:margin|padding)-(?:inline|block)\b|overflow: clip|display: flex[^}]*[^-]gap:"
)


def own(path: Path) -> bool:
    return "vendor" not in path.parts


def served(path: Path) -> bool:
    return own(path) or path.as_posix().endswith(shell.CODE_READER)


@pytest.mark.parametrize("path", [path for path in SCRIPTS if served(path)], ids=lambda path: path.stem)
def test_every_script_can_be_read_by_old_browsers(path: Path) -> None:
    esprima.parseScript(path.read_text(encoding="utf-8"))  # knows ECMAScript 2017 and nothing newer


@pytest.mark.parametrize("path", [path for path in STYLES if own(path)], ids=lambda path: path.stem)
def test_no_rule_of_a_style_is_lost_on_old_browsers(path: Path) -> None:
    style = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    lists = [[one.strip() for one in found.split(",")] for found in re.findall(r"([^{}]+)\{", style)]

    new = [[any(word in one for word in NEW_SELECTORS) for one in selectors] for selectors in lists]

    assert [selectors for selectors, which in zip(lists, new, strict=True) if any(which) and not all(which)] == []
    assert NEW_VALUES.findall(style) == []
    # What stands for itself on new browsers has something before it that old ones take.
    assert style.count("overflow-wrap: anywhere") <= style.count("overflow-wrap: break-word;")


@pytest.mark.parametrize("path", [path for path in SCRIPTS if served(path)], ids=lambda path: path.stem)
def test_no_script_calls_what_old_browsers_lack(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for old in ("new Response(blob).arrayBuffer(", "clients.matchAll("):  # other things of the same name
        text = text.replace(old, "")

    assert [name for name in TOO_NEW if name in text] == []


def test_every_script_of_the_phone_is_in_the_shell() -> None:
    known = {*shell.CORE, *shell.SCREENS, "worker"}

    assert {path.stem for path in SCRIPTS if path.parent.name == "phone"} == known


def test_every_screen_that_a_script_asks_for_is_in_the_templates() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "phone").glob("*.html"))
    asked = set(re.findall(r'copy\("([\w-]+)"', shell.script())) | set(re.findall(r'shut\("([\w-]+)"', shell.script()))

    there = set(re.findall(r'data-view="([\w-]+)"', pages))

    assert asked <= there


def test_every_word_that_a_script_says_is_known(client: Client) -> None:
    said = set(re.findall(r'say\("(\w+)"', shell.script()))

    page = client.get(reverse("phone")).content.decode()

    assert [word for word in sorted(said) if f'"{word}": ' not in page] == []


@pytest.mark.django_db
def test_the_shell_is_the_same_for_everybody_and_opens_without_login(client: Client) -> None:
    answer = client.get(reverse("phone"))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_script_is_kept_for_ever_under_its_version_and_no_other_version_is_there(client: Client) -> None:
    answer = client.get(reverse("phone_script", args=[shell.version()]))

    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(reverse("phone_script", args=["0"])).status_code == 404


def test_the_service_worker_reaches_the_whole_site_and_is_asked_for_anew(client: Client) -> None:
    answer = client.get("/sw.js")

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert f'"version": "{shell.version()}"' in answer.content.decode()


def test_the_manifest_lets_the_app_be_put_on_the_home_screen(client: Client) -> None:
    found = client.get("/manifest.webmanifest").json()

    assert (found["start_url"], found["scope"], found["display"]) == ("/phone/", "/", "standalone")
    assert [icon["sizes"] for icon in found["icons"]] == ["192x192", "512x512"]


def test_the_first_load_is_small(client: Client) -> None:
    addresses = [reverse("phone"), reverse("phone_script", args=[shell.version()]), "/sw.js", "/manifest.webmanifest"]
    sizes = {}
    for address in addresses:
        sizes[address] = len(client.get(address, headers={"Accept-Encoding": "gzip"}).content)
    for name in (*shell.STYLES, *shell.ICONS):
        sizes[name] = len(gzip.compress(shell._file(name).read_bytes()))

    print(f"first load, gzip: {sum(sizes.values()) / 1024:.1f} KB", sizes)
    assert sum(sizes.values()) <= FIRST_LOAD
