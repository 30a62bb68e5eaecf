"""Which files the phone's own pages consist of, and the versions they have together."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

FOLDER = "casework/js/phone"
# What the service worker needs too: keeping, sealing and sending, without any screen.
CORE = ("store", "seal", "digest", "keys", "facts", "queue", "api", "send")
SCREENS = (
    "words", "dom", "windows", "status", "shell", "caseload", "counting", "made", "plan", "drafts", "fields", "photo",
    "position", "visit", "scan", "lists", "explain", "waiting", "leave", "lock", "sending", "entry", "app",
)  # fmt: skip
STYLES = ("casework/phone.css", "casework/frame.css", "casework/fields.css", "casework/lists.css")
ICONS = ("casework/icon.svg",)
# Fetched after the families by phones whose browser cannot read codes itself.
CODE_READER = "vendor/jsqr-1.4.0/jsQR.js"


def script() -> str:
    """Everything the shell runs, as one file: on a slow line each further file costs a round trip."""
    return f"{_said_version()}\n{_joined((*CORE, *SCREENS))}"


def worker(page: str, app: str) -> str:
    """The service worker: the addresses it keeps and the version they have, then its code."""
    files = [app, *map(static, (*STYLES, *ICONS))]
    kept = {"version": version(), "page": page, "files": files, "later": [static(CODE_READER)]}
    return f"self.SHELL = {json.dumps(kept)};\n{_said_version()}\n{_joined((*CORE, 'worker'))}"


def app_version() -> str:
    """Changes with every byte of the scripts: what the phone calls itself to the server."""
    return _known_app_version() if settings.PRODUCTION else _digest(map(_file, _scripts()))


@cache
def _known_app_version() -> str:
    return _digest(map(_file, _scripts()))


def _said_version() -> str:
    return f"(self.phone = self.phone || {{}}).version = {json.dumps(app_version())};"


def version() -> str:
    """Changes with every byte of the shell's scripts, styles, templates and words."""
    return _known_version() if settings.PRODUCTION else _version()


@cache
def _known_version() -> str:
    return _version()


def _version() -> str:
    return _digest([*map(_file, [*_scripts(), *STYLES, *ICONS, CODE_READER]), *_templates(), *_catalogues()])


def _digest(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _scripts() -> list[str]:
    return [f"{FOLDER}/{name}.js" for name in (*CORE, *SCREENS, "worker")]


def _templates() -> list[Path]:
    return sorted((settings.BASE_DIR / "templates" / "phone").glob("*.html"))


def _catalogues() -> list[Path]:
    words = [path for folder in settings.LOCALE_PATHS for path in folder.glob("*/LC_MESSAGES/*.mo")]
    return [*sorted(words), Path(__file__).with_name("phone_words.py")]


def _file(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found)


def _joined(names: Iterable[str]) -> str:
    return "\n".join(_file(f"{FOLDER}/{name}.js").read_text(encoding="utf-8") for name in names)
