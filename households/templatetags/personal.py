"""Personal data as a page may show them: the mask that fits its company, an age instead of a birth date."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.masking import masked_id_beside_age, masked_id_beside_name
from households.models import Person

register = template.Library()
MONTHS_ARE_SAID_UNTIL = 2


@register.filter
def id_beside_age(number: Any) -> str:
    """The identity number where an age or a grade at school stands on the same page; nothing without one."""
    return _masked(number, masked_id_beside_age)


@register.filter
def id_beside_name(number: Any) -> str:
    """The identity number where nothing on the page tells the person's age: a list of names, a label."""
    return _masked(number, masked_id_beside_name)


@register.filter
def age(person: Person, on: date) -> str:
    """The age in years, of a small child in months; "unknown" without a date of birth."""
    if person.born_on is None:
        return _("age unknown")
    years = person.age_on(on) or 0
    if years >= MONTHS_ARE_SAID_UNTIL:
        return ngettext("%(years)s year old", "%(years)s years old", years) % {"years": years}
    born = person.born_on
    months = max(0, 12 * (on.year - born.year) + on.month - born.month - (on.day < born.day))
    return ngettext("%(months)s month old", "%(months)s months old", months) % {"months": months}


def _masked(number: Any, mask: Callable[[str], str]) -> str:
    return mask(number.reveal()) if number else ""
