"""A page that is written is forgotten at once; one that fails keeps what its report shows."""

import gc
import weakref
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from config.templating import PlainSelects


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


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.RadioSelect])
@pytest.mark.parametrize("chosen", [None, "b&", ["1000"]])
def test_choices_are_written_as_the_templates_of_django_write_them(widget: Any, chosen: Any) -> None:
    choices = [("", gettext_lazy("no")), ("b&", "<b>"), (1000, 1000), ("组", [("'c'", mark_safe("<i>三</i>"))])]
    field = widget(attrs={"class": 'a"b', "required": True, "multiple": False, "data-n": 1234}, choices=choices)

    ours, theirs = (field.render("n", chosen, renderer=renderer) for renderer in (PlainSelects(), DjangoTemplates()))

    assert ours == theirs
    assert "<" in ours
