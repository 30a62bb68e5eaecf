"""A page that is written is forgotten at once; one that fails keeps what its report shows."""

import gc
import weakref

import pytest
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template


class Row:
    """Something a page shows."""

    def __str__(self) -> str:
        return "<一行>"


def test_what_a_page_has_shown_is_gone_without_a_garbage_collector() -> None:
    row = Row()
    gone = weakref.ref(row)
    page = engines["django"].from_string(
        "{% for row in rows %}{{ row }}{% endfor %}{% with one=rows.0 %}{{ one }}{% endwith %}"
    )
    gc.disable()
    try:
        written = page.render({"rows": [row]})
        del row
        assert gone() is None
    finally:
        gc.enable()

    assert written == "&lt;一行&gt;" * 2


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(TemplateDoesNotExist, match="nowhere"):
        get_template("nowhere.html")
    with pytest.raises(TemplateDoesNotExist, match="elsewhere"):
        engines["django"].from_string('{% include "elsewhere.html" %}').render({})
