"""How an amount and the source of a fact are written on the pages of the household file."""

from collections.abc import Iterable, Mapping
from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from casework.confirmations import Said
from casework.doorstep import duty_line, measure_line, source_said
from casework.models.duties import State
from households.incomes import grouped, in_yuan
from households.words import in_words

register = template.Library()
register.filter("in_words", in_words)
register.filter("yuan", in_yuan)
register.filter("plain", grouped)
register.filter("duty_line", duty_line)
register.filter("measure_line", measure_line)


@register.filter
def state_label(state: str) -> str:
    """What a duty's state is called."""
    return str(State(state).label)


@register.filter
def pairs(facts: Iterable[tuple[str, str]]) -> SafeString:
    """Labels and words as the rows of a definition list; a loop in the template would cost four times as much."""
    return format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", facts)


@register.filter
def said_of(answers: Mapping[int, Said], key: int) -> str:
    """What the family answered about a measure or link when it was asked last; nothing when it was not asked."""
    said = answers.get(key)
    if said is None:
        return ""
    day = date_format(said.on)
    if said.is_received:
        return _("The family confirmed it on %(day)s.") % {"day": day}
    return _("The family said on %(day)s that it has not received it.") % {"day": day}


@register.filter
def iso(day: date | None) -> str:
    """2026-06-30, as on paper; nothing for no day."""
    return day.isoformat() if day else ""


@register.simple_tag
def source(source: str, day: date | None, on: date | None) -> str:
    """Where a fact comes from and of which day; on paper, without `on`, the day has its year and stays whole."""
    if on or not day:
        return source_said(source, day, on)
    return format_html('{} <span class="short">{}</span>', source_said(source, None, None), day.isoformat())
