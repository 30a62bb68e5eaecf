"""What is due, as markup made without a loop in the template, which would cost four times as much."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from casework.due import Corner, Due, Owed
from casework.templatetags.days import days_left, last_visit

register = template.Library()

NOTHING = SafeString("")
SELECTED = SafeString(" selected")
HOUSE = '<span class="quiet">{}</span>'
DUTY = '<span class="row-line row-cut quiet">{}</span>'
ROW = (
    '<li><a href="{form}?{query}">'
    '<span class="row-head"><span class="row-name">{name}</span>{house}</span>'
    '<span class="row-line">{seen}</span>{duties}'
    "</a></li>"
)


@register.filter
def options(corners: Iterable[Corner], chosen: str) -> SafeString:
    """Each corner with how much is due there; the chosen one is marked."""
    return format_html_join(
        "",
        '<option value="{}"{}>{} ({})</option>',
        ((corner.key, SELECTED if corner.key == chosen else "", corner.label, corner.targets) for corner in corners),
    )


@register.filter
def rows(dues: Iterable[Due], on: date) -> SafeString:
    """Each target as one large link to the visit form: who, where, when last seen, and which visits are owed."""
    form, listed = reverse("visit_new"), list(dues)
    # Few different duties stand on many targets.
    distinct = {duty for due in listed for duty in due.target.duties}
    duties = {duty: format_html(DUTY, _owed(duty, on)) for duty in distinct}
    return format_html_join(
        "\n",
        ROW,
        (
            {
                "form": form,
                "query": due.query,
                "name": due.name,
                "house": format_html(HOUSE, due.house) if due.house else NOTHING,
                "seen": _seen(due, on),
                "duties": SafeString("".join(duties[duty] for duty in due.target.duties)),
            }
            for due in listed
        ),
    )


def _seen(due: Due, on: date) -> str:
    seen = last_visit(due.last_visit_on, on)
    return f"{seen} · {_('whole family away')}" if due.is_away else seen


def _owed(duty: Owed, on: date) -> str:
    return f"{days_left(duty.due_on, on)} · {duty.label}" if duty.is_overdue else duty.label
