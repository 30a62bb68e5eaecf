"""Fixed words are looked up once a language, and are the same as without."""

import pytest
from django.template import Context, Template
from django.templatetags.i18n import TranslateNode
from django.utils import translation

from villages.templatetags.fixed_words import FixedWordsNode

pytestmark = pytest.mark.core


def written(text: str, language: str, **values: str) -> str:
    with translation.override(language):
        return Template(text).render(Context(values))


def test_each_language_has_its_own_words() -> None:
    page = Template('{% load i18n fixed_words %}{% translate "Visits" %}')
    said = []
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            said.append(page.render(Context()))

    assert said == [written('{% load i18n %}{% translate "Visits" %}', each) for each in ("zh-hans", "en", "zh-hans")]
    assert said[0] != said[1]
    (node,) = page.nodelist.get_nodes_by_type(FixedWordsNode)
    assert isinstance(node, FixedWordsNode)
    assert len(node.words) == 2


def test_a_message_with_a_value_stays_as_it_was() -> None:
    text = '{% load i18n fixed_words %}{% translate word %}{% translate "now" context "period" %}'
    page = Template(text)

    assert len(page.nodelist.get_nodes_by_type(TranslateNode)) == 2
    assert written(text, "en", word="<甲>") == "&lt;甲&gt;now"
