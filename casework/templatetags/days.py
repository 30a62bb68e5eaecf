"""How a day is said: without the year when it is this year's, and how long ago."""

from datetime import date
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def short_day(day: date | None, on: date) -> str:
    """11月23日 within the year of `on`, otherwise 2025年11月23日; nothing for no day."""
    if day is None:
        return ""
    return _written(day, "MONTH_DAY_FORMAT" if day.year == on.year else "DATE_FORMAT", get_language())


@lru_cache(maxsize=4096)
def _written(day: date, format_name: str, language: str | None) -> str:
    """A day in that language; the same few days stand on every page."""
    return date_format(day, format_name)


@register.filter
def days_ago(day: date, on: date) -> str:
    """Today, yesterday, or so many days ago."""
    days = (on - day).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


@register.filter
def last_visit(day: date | None, on: date) -> str:
    """How long ago somebody was there, and on which day."""
    return _last_visit(day, on, get_language())


@lru_cache(maxsize=4096)
def _last_visit(day: date | None, on: date, language: str | None) -> str:
    """A list says it of each of its families, of the same few days."""
    if day is None:
        return _("Never visited")
    return _("Last visit %(ago)s (%(day)s)") % {"ago": days_ago(day, on), "day": short_day(day, on)}


@register.filter
def days_left(day: date, on: date) -> str:
    """Today, tomorrow, in so many days, or so many days over."""
    return _days_left((day - on).days, get_language())


@lru_cache(maxsize=1024)
def _days_left(days: int, language: str | None) -> str:
    if days < 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
