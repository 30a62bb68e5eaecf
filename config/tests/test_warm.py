"""A process that serves pages is warm before its first request; gunicorn is set up in one place."""

import gc
import runpy
from collections.abc import Iterator

import pytest
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.loaders.cached import Loader

from config.tests.test_house_rules import ROOT
from config.warm import warm_up


@pytest.fixture
def collector() -> Iterator[None]:
    """The garbage collector, left as it was found."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_what_is_loaded_beforehand_is_never_looked_at_for_garbage(collector: None) -> None:
    warm_up()

    (templates,) = engines.all()
    assert isinstance(templates, DjangoTemplates)
    (loader,) = templates.engine.template_loaders
    assert isinstance(loader, Loader)
    assert "coverage.html" in loader.get_template_cache
    assert gc.get_freeze_count() > 100_000


def test_no_worker_takes_more_than_its_threads_can_answer() -> None:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    assert (settings["worker_connections"], settings["keepalive"]) == (settings["threads"], 0)
