"""Our settings with the reference views added; the stack around them is the same."""

from pathlib import Path

from config import settings as ours
from config.settings import *  # noqa: F403, the same settings are the point

ROOT_URLCONF = "bench.reference_app.urls"
WSGI_APPLICATION = "bench.reference_app.wsgi.application"
TEMPLATES = [ours.TEMPLATES[0] | {"DIRS": [Path(__file__).resolve().parent / "templates", ours.BASE_DIR / "templates"]}]
