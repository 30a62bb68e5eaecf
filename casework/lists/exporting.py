"""A list to act on as a workbook: asked for by an office, written by the export in the background."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from casework.lists import LISTS
from casework.lists.base import ActList, Asked
from casework.models import Round
from households.exports import ask_for_list
from households.models import Export
from households.workbooks import Heading, Table, Value
from villages import reach
from villages.models import Cadre

AT_ONCE = 2000


def export_of(act_list: ActList, asked: Asked, *, key: uuid.UUID, actor: Cadre, now: datetime, reason: str) -> Export:
    """Ask for the list as a workbook, as far as the actor's own office goes. Raises as ask_for_list() does."""
    return ask_for_list(
        key=key,
        name=act_list.key,
        rows=[_plain(one) for one in act_list.keys(of_office(asked))],
        options={"days": asked.days, "round": asked.round.pk if asked.round else None, "place": asked.place},
        actor=actor,
        now=now,
        as_of=asked.on,
        reason=reason,
    )


def of_office(asked: Asked) -> Asked:
    """The same question, narrowed to the places of the reader's office."""
    return replace(asked, offices=tuple(reach.office_places(asked.cadre, asked.seen_on)))


def _plain(key: Any) -> Any:
    return key if isinstance(key, int) else str(key)


class ListWorkbook:
    """What households/exports.py asks about lists; named in settings.LIST_SOURCE."""

    @staticmethod
    def name_of(key: str) -> str:
        """What the list is called; one that is no more keeps its key."""
        return str(LISTS[key].name) if key in LISTS else key

    @staticmethod
    def table_of(export: Export) -> Table:
        """The sheet: title with the day, number, place, name, and the list's own columns."""
        act_list = LISTS[export.rule]
        title = _("%(list)s, as of %(day)s") % {"list": act_list.name, "day": date_format(export.as_of)}
        return Table(_("List"), _headings(act_list), _rows(act_list, export), title=title)


def _headings(act_list: ActList) -> list[Heading]:
    return [
        Heading(_("No."), 6, is_text=False),
        Heading(str(capfirst(_("town"))), 14),
        Heading(str(capfirst(_("village"))), 14),
        Heading(str(capfirst(_("villager group"))), 12),
        Heading(str(capfirst(act_list.subject)), 16),
        *(Heading(str(capfirst(column)), 24) for column in act_list.columns),
    ]


def _rows(act_list: ActList, export: Export) -> Iterator[list[Value]]:
    round = Round.objects.filter(pk=export.options["round"]).first() if export.options["round"] else None
    asked = Asked(export.maker, export.as_of, export.as_of, export.options["place"], export.options["days"], round)
    serial = 0
    for start in range(0, len(export.households), AT_ONCE):
        for line in act_list.lines(export.households[start : start + AT_ONCE], asked):
            serial += 1
            yield [serial, line.spot.town, line.spot.village, line.spot.group, line.name, *line.cells]
