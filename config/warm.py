"""Load what pages need before the first is asked for, and have the garbage collector leave it alone from then on."""

import gc
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation

# Rows of a page are many small objects that die with it: it need not be looked for garbage thirty times.
OBJECTS_BETWEEN_LOOKS = 10_000


def warm_up() -> None:
    """Addresses in every language and all templates of our own: half a second, for each process that serves pages.

    What is loaded by then lives as long as the process. Otherwise a full collection looks at all of it again, 100 ms
    during which no thread of the process answers, after every dozen pages of a few thousand rows.
    """
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            get_resolver().reverse_dict  # noqa: B018  # read to be made
    for name in _our_templates():
        get_template(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, *gc.get_threshold()[1:])


def _our_templates() -> list[str]:
    folders = [Path(folder) for engine in engines.all() for folder in engine.dirs]
    return [str(path.relative_to(folder)) for folder in folders for path in sorted(folder.rglob("*.html"))]
