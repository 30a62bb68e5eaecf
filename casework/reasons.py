"""The reason a line of a digest gives, in words: since when, which round, last visit, due day."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.templatetags.days import short_day
from villages.models import Post, Village

WEEK = 7


def helper_since(since: date, *, on: date) -> str:
    """Why a household's helper is addressed."""
    return _("you have been this household's helper cadre since %(day)s") % {"day": short_day(since, on)}


def heading(village: Village) -> str:
    """A village with its town before it: there are villages of the same name in different towns."""
    return f"{village.town.name} {village.short_name}"


def holder_since(post: str, place: str, since: date, *, on: date) -> str:
    """Why the holder of a post is addressed."""
    return _("you have been %(post)s of %(place)s since %(day)s") % {
        "post": Post(post).label,
        "place": place,
        "day": short_day(since, on),
    }


def last_visit(day: date | None, *, on: date) -> str:
    """How long ago somebody was there."""
    if day is None:
        return _("never visited")
    days = (on - day).days
    if days == 0:
        return _("last visit today")
    return ngettext("last visit %(days)s day ago", "last visit %(days)s days ago", days) % {"days": days}


def due(day: date, *, on: date) -> str:
    """How near the due date is, or how far past."""
    days = (day - on).days
    if days < 0:
        overdue = ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
        return _("%(overdue)s (was due on %(day)s)") % {"overdue": overdue, "day": short_day(day, on)}
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    if days < WEEK:
        return _("due on %(weekday)s, %(day)s") % {"weekday": date_format(day, "l"), "day": short_day(day, on)}
    return _("due on %(day)s") % {"day": short_day(day, on)}
