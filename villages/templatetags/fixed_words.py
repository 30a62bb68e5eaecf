"""The fixed words of a page, looked up once a language: {% load i18n fixed_words %}, in this order.

{% translate "Visits" %} makes a lazy text each time it is written and looks it up anew, forty times on a page. With
this library it is the same tag, for the same messages, which keeps what it has found.
"""

from typing import Any

from django import template
from django.template.base import Node, Parser, Token, Variable
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

register = template.Library()


class FixedWordsNode(Node):
    """A message without values, in the words of each language asked for so far."""

    child_nodelists = ()

    def __init__(self, message: TranslateNode) -> None:
        self.message = message
        self.words: dict[tuple[str | None, bool], Any] = {}

    def render(self, context: Context) -> Any:
        """The message in the reader's language."""
        key = get_language(), context.autoescape
        if key not in self.words:
            self.words[key] = self.message.render(context)
        return self.words[key]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """As Django's; one with a variable, a filter, a context or `as` remains Django's."""
    message = do_translate(parser, token)
    return FixedWordsNode(message) if is_fixed(message) else message


def is_fixed(node: Node) -> bool:
    """Whether a node writes the same on every page of a language: a message without anything else."""
    if isinstance(node, FixedWordsNode):
        return True
    if not isinstance(node, TranslateNode) or node.asvar or node.message_context:
        return False
    words = node.filter_expression
    return isinstance(words.var, Variable) and words.var.literal is not None and not words.filters
