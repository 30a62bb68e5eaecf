"""What is due, as markup made without a loop in the template, which would cost four times as much.

Escaped by the standard library and joined as plain text: format_html() asks of each of hundreds of values whether it
is lazy, and that was a fifth of the page.
"""

from collections.abc import Iterable
from datetime import date
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from casework.due import Corner, Due, Owed
from casework.templatetags.days import days_left, last_visit

register = template.Library()


@register.filter
def options(corners: Iterable[Corner], chosen: str) -> SafeString:
    """Each corner with how much is due there; the chosen one is marked."""
    return SafeString("".join(_option(corner, is_chosen=corner.key == chosen) for corner in corners))


def _option(corner: Corner, *, is_chosen: bool) -> str:
    selected = " selected" if is_chosen else ""
    return f'<option value="{escape(corner.key)}"{selected}>{escape(corner.label)} ({corner.targets})</option>'


@register.filter
def rows(dues: Iterable[Due], on: date) -> SafeString:
    """Each target as one large link to the visit form: who, where, when last seen, and which visits are owed."""
    form, listed = reverse("visit_new"), list(dues)
    # Few different duties stand on many targets.
    distinct = {duty for due in listed for duty in due.target.duties}
    duties = {duty: f'<span class="row-line row-cut quiet">{escape(_owed(duty, on))}</span>' for duty in distinct}
    return SafeString("\n".join(_row(due, form, duties, on) for due in listed))


def _row(due: Due, form: str, duties: dict[Owed, str], on: date) -> str:
    house = f'<span class="quiet">{escape(due.house)}</span>' if due.house else ""
    owed = "".join(duties[duty] for duty in due.target.duties)
    return (
        f'<li><a href="{form}?{escape(due.query)}">'
        f'<span class="row-head"><span class="row-name">{escape(due.name)}</span>{house}</span>'
        f'<span class="row-line">{escape(_seen(due, on))}</span>{owed}'
        "</a></li>"
    )


def _seen(due: Due, on: date) -> str:
    seen = last_visit(due.last_visit_on, on)
    return f"{seen} · {_('whole family away')}" if due.is_away else seen


def _owed(duty: Owed, on: date) -> str:
    return f"{days_left(duty.due_on, on)} · {duty.label}" if duty.is_overdue else duty.label
