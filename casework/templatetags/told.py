"""How an amount and the source of a fact are written on the pages of the household file."""

from collections.abc import Mapping
from datetime import date

from django import template
from django.utils.html import format_html

from casework.confirmations import Said
from casework.doorstep import source_said
from casework.file_rows import answer_said
from households.incomes import grouped, in_yuan
from households.words import in_words

register = template.Library()
register.filter("in_words", in_words)
register.filter("yuan", in_yuan)
register.filter("plain", grouped)


@register.filter
def iso(day: date | None) -> str:
    """2026-06-30, as on paper; nothing for no day."""
    return day.isoformat() if day else ""


@register.filter
def answer_about(answers: Mapping[int, Said], pk: int) -> str:
    """What the family answered last about the measure or link; nothing when it was not asked."""
    return answer_said(answers.get(pk))


@register.simple_tag
def source(source: str, day: date | None, on: date | None) -> str:
    """Where a fact comes from and of which day; on paper, without `on`, the day has its year and stays whole."""
    if on or not day:
        return source_said(source, day, on)
    return format_html('{} <span class="short">{}</span>', source_said(source, None, None), day.isoformat())
