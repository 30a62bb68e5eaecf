"""An escalation in words: what waits where, since when, and why it has come up to the reader."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import reasons
from casework.matters import Found
from casework.models import Level, Problem
from casework.models.matters import Escalation, Matter, MatterKind, Rung
from casework.templatetags.days import short_day
from villages.models import Village


def lines_for(
    raised: Iterable[Escalation], true: Mapping[int, Found], problems: Iterable[Problem], *, on: date
) -> list[dict[str, Any]]:
    """The lines of one letter under their places: village by village, for a district town by town.

    `true` has the matters that still are, by id, as they are now. The words are in the site's language.
    """
    places: dict[str, dict[tuple[Any, ...], list[Escalation]]] = defaultdict(lambda: defaultdict(list))
    told: dict[str, list[Problem]] = defaultdict(list)
    headings: dict[str, str] = {}
    for row in raised:
        matter = row.matter
        place = _place(matter.village, row.rung == Rung.DISTRICT, headings)
        places[place][row.rung, matter.kind, matter.seat, matter.round_id].append(row)
    for problem in problems:
        told[_place(problem.village, problem.level == Level.DISTRICT, headings)].append(problem)
    with translation.override(settings.LANGUAGE_CODE):
        return [
            {
                "village": headings[place],
                "items": [
                    *(_item(rows, true, place, on) for rows in places.get(place, {}).values()),
                    *(_problem(problem, on) for problem in told.get(place, ())),
                ],
            }
            for place in sorted(headings)
        ]


def _place(village: Village, is_by_town: bool, headings: dict[str, str]) -> str:
    """Under which place a line of that village stands; its heading is noted."""
    place = village.town_id if is_by_town else village.pk
    headings[place] = village.town.name if is_by_town else reasons.heading(village)
    return place


def _problem(problem: Problem, on: date) -> dict[str, str]:
    """A problem that has come up to this level."""
    due = short_day(problem.due_on, on) if problem.due_on else ""
    return {
        "text": _("problem: %(text)s") % {"text": problem.text},
        "why": _("past its deadline of %(day)s, not solved below") % {"day": due},
        "url": reverse("problem", args=[problem.pk]),
    }


def _item(rows: list[Escalation], true: Mapping[int, Found], place: str, on: date) -> dict[str, str]:
    """One line for the matters of one kind, round and post at one place."""
    left = sum(true[row.matter_id].left for row in rows)
    text = what(rows[0].matter, left)
    if len(rows) > 1:
        text = _("%(count)s villages; %(what)s") % {"count": len(rows), "what": text}
    return {"text": text, "why": _why(rows, on), "url": address(rows[0].matter, place)}


def what(matter: Matter, left: int) -> str:
    """What waits, and how much of it."""
    values = {"post": matter.seat_label, "left": left, "round": matter.round.name if matter.round else ""}
    if matter.kind == MatterKind.VACANT:
        said = ngettext(
            "%(post)s: vacant, %(left)s visit owed by nobody",
            "%(post)s: vacant, %(left)s visits owed by nobody",
            left,
        )
    else:
        said = ngettext(
            "%(post)s: %(left)s visit of “%(round)s” overdue", "%(post)s: %(left)s visits of “%(round)s” overdue", left
        )
    return said % values


def _why(rows: list[Escalation], on: date) -> str:
    first = min(row.matter.since for row in rows)
    parts = [_("since %(day)s") % {"day": short_day(first, on)}]
    if any(row.is_from_nobody for row in rows):
        parts.append(_("nobody below could be reached"))
    else:
        parts.append(_("not settled below in time"))
    return _("; ").join(parts)


def address(matter: Matter, place: str) -> str:
    """The named list behind the line: the duties of the round, or the matters of the place."""
    if matter.round_id is None:
        return f"{reverse('matters')}?{urlencode({'place': place})}"
    asked = {"place": place, "post": matter.seat, "state": "overdue"}
    return f"{reverse('coverage_list', args=[matter.round_id])}?{urlencode(asked)}"
