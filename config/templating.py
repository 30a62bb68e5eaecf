"""Django's templates, which let go of a page's data as soon as it is written; fields without one for each choice."""

from typing import Any

from django.forms import Select, renderers
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


class LettingGo(DjangoTemplates):
    """The engine of all pages.

    A context and the values put into it hold one another, so that every row of a page stayed until the garbage
    collector found it: 300 objects a page, and every 25th page waited 3 ms for it.
    """

    def from_string(self, template_code: str) -> Template:
        """A template by its text."""
        return _Page(self.engine.from_string(template_code), self)

    def get_template(self, template_name: str) -> Template:
        """A template by its name. Raises TemplateDoesNotExist."""
        try:
            return _Page(self.engine.get_template(template_name), self)
        except TemplateDoesNotExist as missing:
            reraise(missing, self)


class _Page(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        """The page; a failed one keeps its values, which the report of the failure shows."""
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            page = self.template.render(made)
        except TemplateDoesNotExist as missing:
            reraise(missing, self.backend)
        made.dicts.clear()
        return page


class PlainSelects(renderers.DjangoTemplates):
    """Fields as Django's templates write them, to the letter; but no template for each line of a list of choices.

    A page offers twenty towns, a form of the office all villages, and each cost two templates.
    """

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The field; a list of choices with templates of its own by these."""
        widget = context["widget"] if template_name == Select.template_name else {"optgroups": []}
        lines = [option for _name, options, _number in widget["optgroups"] for option in options]
        if lines and all(option["template_name"] == Select.option_template_name for option in lines):
            return _select(widget)
        return super().render(template_name, context, request)


def _select(widget: dict[str, Any]) -> SafeString:
    parts = []
    for name, options, _number in widget["optgroups"]:
        listed = "".join(map(_option, options))
        parts.append(f'\n  <optgroup label="{conditional_escape(name)}">{listed}\n  </optgroup>' if name else listed)
    opening = f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>'
    return SafeString(f"{opening}{''.join(parts)}\n</select>")


def _option(option: dict[str, Any]) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'\n  <option value="{conditional_escape(option["value"])}"{_attributes(option)}>{label}</option>\n'


def _attributes(widget: dict[str, Any]) -> str:
    said = ((name, value) for name, value in widget["attrs"].items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{conditional_escape(value)}"' for name, value in said)
