"""Write a list row by row from one pattern: {% rows members %}<li>{name}[ · {work}]</li>{% endrows %}.

For pages with hundreds of values: a loop of template nodes costs about ten times as much. A row is any object whose
attributes hold finished words; {name} and {person.name} stand for them, {} for a row that is a text itself. What stands
in square brackets is left out of a row that has no words for any name in it. A list that belongs to each row is written
by a pattern inside: {% rows {facts} %}…{% endrows %}. Words are always escaped. Other tags inside, such as
{% translate %}, are rendered once for all rows; braces and brackets that come out of them mean nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from villages.templatetags.fixed_words import is_fixed

register = template.Library()

_MARKS = re.compile(r"(\{[a-z_.]*\}|[\[\]])")
_OF_THE_ROW = re.compile(r"\{([a-z_.]+)\}")
Fill = Callable[[Any], str]


class Segment(NamedTuple):
    """A stretch of the pattern: what stands between the names, as text or tags, and how many names it has."""

    is_optional: bool
    pieces: list[str | Node]
    names: int


class Stretch(NamedTuple):
    """A segment with its tags rendered: %s for each value, which are those from `first` until before `end`."""

    is_optional: bool
    words: str
    first: int
    end: int


class RowsNode(Node):
    """Fills the pattern for each row of a list; `rows` is None where the list belongs to a row of the node around."""

    def __init__(self, rows: FilterExpression | None, segments: list[Segment], names: list[str | Node]) -> None:
        self.rows, self.segments, self.belongs_to = rows, segments, ""
        self.is_fixed = all(
            isinstance(piece, str) or is_fixed(piece) for segment in segments for piece in segment.pieces
        )
        self.lines: dict[str | None, Callable[[tuple[str, ...]], str]] = {}
        self.inner = [name if isinstance(name, RowsNode) else None for name in names]
        self.read = _reader([name.belongs_to if isinstance(name, RowsNode) else str(name) for name in names])

    def render(self, context: Context) -> SafeString:
        """All rows, one after the other."""
        if self.rows is None:
            raise TemplateSyntaxError("{% rows {name} %} stands only inside another: the name is one of its row.")
        rows = self.rows.resolve(context)
        return SafeString(self.filler(context, _Escaped().__getitem__)(rows) if rows else "")

    def filler(self, context: Context, escaped: Fill) -> Fill:
        """What writes the rows of a list: the pattern with its tags rendered, once for all lists."""
        read, line = self.read, self._filled(context)
        if not any(self.inner):
            return lambda rows: "".join([line(tuple(map(escaped, read(row)))) for row in rows])
        fills = [inner.filler(context, escaped) if inner else escaped for inner in self.inner]
        return lambda rows: "".join(
            [line(tuple([fill(value) for fill, value in zip(fills, read(row), strict=True)])) for row in rows]
        )

    def _filled(self, context: Context) -> Callable[[tuple[str, ...]], str]:
        """The pattern's line; one whose tags only say fixed words is put together once a language."""
        if not self.is_fixed:
            return _line(self._stretches(context))
        language = get_language()
        if language not in self.lines:
            self.lines[language] = _line(self._stretches(context))
        return self.lines[language]

    def _stretches(self, context: Context) -> list[Stretch]:
        found: list[Stretch] = []
        first = 0
        for segment in self.segments:
            words = (
                piece if isinstance(piece, str) else str(piece.render_annotated(context)).replace("%", "%%")
                for piece in segment.pieces
            )
            found.append(Stretch(segment.is_optional, "".join(words), first, first + segment.names))
            first += segment.names
        return found


@register.tag
def rows(parser: Parser, token: Token) -> RowsNode:
    """{% rows LIST %} pattern {% endrows %}; the list of an inner one is a {name} of the row around it."""
    words = token.split_contents()
    if len(words) != 2:
        raise TemplateSyntaxError("{% rows %} takes one list.")
    pattern = parser.parse(("endrows",))
    parser.delete_first_token()
    of_the_row = _OF_THE_ROW.fullmatch(words[1])
    node = RowsNode(None if of_the_row else parser.compile_filter(words[1]), *_segments(pattern))
    if of_the_row:
        node.belongs_to = of_the_row.group(1)
    return node


class _Escaped(dict[str, str]):
    """Words and how they are escaped, each found out once a page: most stand there many times."""

    def __missing__(self, words: str) -> str:
        self[words] = found = escape(words)
        return found


def _line(stretches: list[Stretch]) -> Callable[[tuple[str, ...]], str]:
    """What puts the values of one row into the pattern."""
    if len(stretches) == 1:  # nothing is optional
        return stretches[0].words.__mod__
    known: dict[tuple[bool, ...], Callable[[tuple[str, ...]], str]] = {}

    def line(values: tuple[str, ...]) -> str:
        said = tuple(map(bool, values))
        if said not in known:
            known[said] = _line_of(stretches, said)
        return known[said](values)

    return line


def _line_of(stretches: list[Stretch], said: tuple[bool, ...]) -> Callable[[tuple[str, ...]], str]:
    """The pattern for rows that have words for these names and for no others: put together once for all of them."""
    left = [part for part in stretches if not part.is_optional or any(said[part.first : part.end])]
    words = "".join(part.words for part in left)
    places = [place for part in left for place in range(part.first, part.end)]
    if len(places) < 2:  # itemgetter gives a tuple of two and more only
        return lambda values: words % tuple([values[place] for place in places])
    choose = itemgetter(*places)
    return lambda values: words % choose(values)


def _reader(names: list[str]) -> Callable[[Any], Iterable[Any]]:
    """How the values of all names are taken from a row."""
    if names == [""]:
        return lambda row: (row,)
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda row: (read(row),)


def _segments(pattern: NodeList) -> tuple[list[Segment], list[str | Node]]:
    """The pattern cut at its brackets, and the names in it in their order. Raises TemplateSyntaxError."""
    segments: list[Segment] = [Segment(False, [], 0)]
    names: list[str | Node] = []
    for piece in _pieces(pattern):
        last = segments[-1]
        if piece == "[" or piece == "]":
            if (piece == "[") == last.is_optional or (last.is_optional and not last.names):
                raise TemplateSyntaxError("In {% rows %} brackets come in pairs, with a name between them.")
            segments.append(Segment(piece == "[", [], 0))
        elif isinstance(piece, RowsNode) or (isinstance(piece, str) and _MARKS.fullmatch(piece)):
            names.append(piece[1:-1] if isinstance(piece, str) else piece)
            last.pieces.append("%s")
            segments[-1] = last._replace(names=last.names + 1)
        else:
            last.pieces.append(piece.replace("%", "%%") if isinstance(piece, str) else piece)
    if segments[-1].is_optional or not names or ("" in names and len(names) > 1):
        raise TemplateSyntaxError("{% rows %} needs names, or {} alone, and a ] for each [.")
    return [segment for segment in segments if segment.pieces], names


def _pieces(pattern: NodeList) -> Iterator[str | Node]:
    """Texts without marks, marks, and tags. Raises TemplateSyntaxError for a tag that holds others."""
    for node in pattern:
        if isinstance(node, TextNode):
            yield from filter(None, _MARKS.split(node.s))
        elif isinstance(node, RowsNode) or not any(getattr(node, name, None) for name in node.child_nodelists):
            if isinstance(node, RowsNode) and not node.belongs_to:
                raise TemplateSyntaxError("{% rows %} inside another takes a list of its row, by {name}.")
            yield node
        else:
            raise TemplateSyntaxError("{% rows %} holds no loops and no conditions: give finished words, use brackets.")
