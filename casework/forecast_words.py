"""What an outlook says in words: one sentence for the end of the round, one for the reason."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework.pace import Kind, Outlook, Pace, Period, Reason
from casework.templatetags.days import short_day


def headline(found: Outlook, period: Period, on: date) -> str:
    """Whether the round is finished in time at the present pace, and when."""
    if found.kind == Kind.IN_TIME:
        return _("At the present pace it is finished on %(day)s, in time.") % {"day": short_day(found.done_on, on)}
    if found.kind == Kind.LATE:
        late = _("Not before the due date: %(short)s would be missing.") % {"short": found.short}
        return _("%(first)s %(second)s") % {"first": late, "second": _done_on(found, on)}
    return str(_PLAIN[found.kind]) % {
        "remaining": found.remaining,
        "day": short_day(period.last_credit_on, on),
        "starts": short_day(period.starts_on, on),
        "workdays": found.pace.workdays,
    }


def verdict(found: Outlook, on: date) -> str:
    """The same in a few words, for a table."""
    if found.kind == Kind.IN_TIME:
        return _("in time, %(day)s") % {"day": short_day(found.done_on, on)}
    if found.kind == Kind.LATE:
        return _("%(short)s short") % {"short": found.short}
    return str(_SHORT[found.kind]) % {"remaining": found.remaining}


def reason(found: Outlook, vacant: int) -> str:
    """Why, in one sentence; nothing where there is no forecast."""
    if found.reason is None:
        return ""
    return str(_REASONS[found.reason]) % {
        "vacant": vacant,
        "pace": number(found.pace.a_day),
        "earlier": number(found.earlier.a_day),
        "needed": number(found.needed),
    }


def pace_words(pace: Pace) -> str:
    """How many a working day, in how many working days."""
    if not pace.workdays:
        return "–"
    words = ngettext(
        "%(pace)s a working day (%(done)s in the last %(workdays)s working day)",
        "%(pace)s a working day (%(done)s in the last %(workdays)s working days)",
        pace.workdays,
    )
    return words % {"pace": number(pace.a_day), "done": pace.done, "workdays": pace.workdays}


def number(value: float | None) -> str:
    """With one decimal; a dash when there is none."""
    return "–" if value is None else f"{value:.1f}"


def _done_on(found: Outlook, on: date) -> str:
    if found.done_on is None:
        return _("At the present pace it would take more than a year longer.")
    return _("At the present pace the last is done on %(day)s.") % {"day": short_day(found.done_on, on)}


_PLAIN: dict[Kind, Any] = {
    Kind.NOTHING_OWED: gettext_lazy("Nothing is owed here in this round."),
    Kind.DONE: gettext_lazy("Everything that is owed is done."),
    Kind.CLOSED: gettext_lazy("The round is closed; %(remaining)s were not done."),
    Kind.NOT_STARTED: gettext_lazy("The round begins on %(starts)s."),
    Kind.OVER: gettext_lazy("Visits after %(day)s no longer count; %(remaining)s were not done."),
    Kind.NO_PACE_YET: gettext_lazy("No whole working day has passed yet: there is no pace to go by."),
    Kind.STANDSTILL: gettext_lazy(
        "Nothing was done in the last %(workdays)s working days; %(remaining)s are still to do."
    ),
}
_SHORT: dict[Kind, Any] = {
    Kind.NOTHING_OWED: "–",
    Kind.DONE: gettext_lazy("all done"),
    Kind.CLOSED: gettext_lazy("closed, %(remaining)s not done"),
    Kind.NOT_STARTED: gettext_lazy("not begun"),
    Kind.OVER: gettext_lazy("over, %(remaining)s not done"),
    Kind.NO_PACE_YET: gettext_lazy("no pace yet"),
    Kind.STANDSTILL: gettext_lazy("at a standstill, %(remaining)s to do"),
}
_REASONS: dict[Reason, Any] = {
    Reason.PAST_DUE: gettext_lazy("No working day is left until the due date."),
    Reason.VACANT: gettext_lazy(
        "%(vacant)s of those still to do have no holder: the vacant posts are what is missing."
    ),
    Reason.FELL: gettext_lazy(
        "The pace fell from %(earlier)s to %(pace)s a working day; at the earlier pace it would be in time."
    ),
    Reason.SOME_VACANT: gettext_lazy(
        "%(needed)s a working day are needed, %(pace)s are done, and %(vacant)s of those still to do have no holder."
    ),
    Reason.NEEDED: gettext_lazy("%(needed)s a working day are needed, %(pace)s are done."),
}
