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
from casework.models.matters import Escalation, Matter, MatterKind, Rung
from casework.templatetags.days import short_day


def lines_for(raised: Iterable[Escalation], true: Mapping[int, Found], *, on: date) -> list[dict[str, Any]]:
    """The lines of one letter under their places: village by village, for a district town by town.

    `true` has the matters that still are, by id, as they are now. The words are in the site's language.
    """
    places: dict[str, dict[tuple[Any, ...], list[Escalation]]] = defaultdict(lambda: defaultdict(list))
    for row in raised:
        matter = row.matter
        is_by_town = row.rung == Rung.DISTRICT
        place = matter.village.town_id if is_by_town else matter.village_id
        places[place][row.rung, matter.kind, matter.seat, matter.round_id].append(row)
    with translation.override(settings.LANGUAGE_CODE):
        return [
            {
                "village": _heading(next(iter(groups.values()))[0]),
                "items": [_item(rows, true, place, on) for rows in groups.values()],
            }
            for place, groups in sorted(places.items())
        ]


def _heading(row: Escalation) -> str:
    village = row.matter.village
    return village.town.name if row.rung == Rung.DISTRICT else reasons.heading(village)


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
