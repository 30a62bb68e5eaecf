"""Django's templates, which let go of a page's data as soon as the page is written."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
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
