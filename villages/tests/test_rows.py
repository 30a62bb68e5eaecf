"""Lists written row by row: words in their places, escaped, and what is empty left out."""

from typing import Any, NamedTuple

import pytest
from django.template import Context, Template, TemplateSyntaxError

pytestmark = pytest.mark.core


class Row(NamedTuple):
    name: str
    work: str = ""
    place: str = ""
    years: tuple[str, ...] = ()


class Home(NamedTuple):
    head: Row


def written(pattern: str, rows: Any, **context: Any) -> str:
    template = Template("{% load i18n rows %}{% rows list %}" + pattern + "{% endrows %}")
    return template.render(Context({"list": rows, **context}))


def test_each_row_fills_the_pattern() -> None:
    assert (
        written("<li>{name}: {work}</li>", [Row("甲", "务工"), Row("乙", "种田")])
        == "<li>甲: 务工</li><li>乙: 种田</li>"
    )


def test_no_rows_are_nothing() -> None:
    assert (written("<li>{name}</li>", []), written("<li>{name}</li>", None)) == ("", "")


def test_words_are_escaped() -> None:
    told = written('<a title="{work}">{name}</a>', [Row("<b>&", "say \"x\" 'y'")])

    assert told == '<a title="say &quot;x&quot; &#x27;y&#x27;">&lt;b&gt;&amp;</a>'


def test_words_with_braces_brackets_and_percents_stay_words() -> None:
    told = written("{name}[ {work}] 5%", [Row("{work} [x] %s %(a)s", "{0.__class__}")])

    assert told == "{work} [x] %s %(a)s {0.__class__} 5%"


def test_what_stands_in_brackets_is_left_out_where_all_its_words_are_empty() -> None:
    rows = [Row("甲", "务工", "东莞"), Row("乙", "", "赣州"), Row("丙")]

    assert written("{name}[ ({work}, {place})];", rows) == "甲 (务工, 东莞);乙 (, 赣州);丙;"


def test_a_name_may_lead_through_another_and_a_row_may_be_a_text() -> None:
    assert written("{head.name} ", [Home(Row("甲"))]) == "甲 "
    assert written("<i>{}</i>", ["甲", "<乙>"]) == "<i>甲</i><i>&lt;乙&gt;</i>"


def test_a_list_of_the_row_is_written_by_a_pattern_inside() -> None:
    rows = [Row("甲", years=("2025", "<2026>")), Row("乙")]

    told = written("{name}:[ {work}]{% rows {years} %} <b>{}</b>{% endrows %};", rows)

    assert told == "甲: <b>2025</b> <b>&lt;2026&gt;</b>;乙:;"


def test_other_tags_are_rendered_once_and_what_comes_out_of_them_is_no_pattern() -> None:
    told = written("{{ word }} {% translate 'Problem:' %} {name}\n", [Row("甲"), Row("乙")], word="{work} [100%] <")

    assert told == "{work} [100%] &lt; 问题： 甲\n{work} [100%] &lt; 问题： 乙\n"


def test_a_list_of_the_row_needs_a_row_around_it() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load rows %}{% rows {years} %}{}{% endrows %}").render(Context())


def test_a_name_the_row_does_not_have_is_an_error() -> None:
    with pytest.raises(AttributeError):
        written("{nobody}", [Row("甲")])


@pytest.mark.parametrize(
    "pattern",
    ["no name", "{name}[", "{name}]", "[{name}", "[{name}[{work}]]", "{name}[ nothing]", "{}{name}"],
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        written(pattern, [])


@pytest.mark.parametrize(
    "pattern",
    [
        "{% if list %}{name}{% endif %}",
        "{% for one in list %}{name}{% endfor %}",
        "{name}{% rows list %}{work}{% endrows %}",
        "{name}{% endrows %}{% rows %}",
    ],
)
def test_loops_and_conditions_inside_are_refused(pattern: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        written(pattern, [])
