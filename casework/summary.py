"""The weekly summary of one's places: vacant posts, visits overdue by policy, villages behind, problems late."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import reasons
from casework.behind import Behind, villages_behind
from casework.forms.problems import LATE
from casework.matters import MatterKey, matters_on
from casework.models import Kind, Problem, Round
from casework.models.matters import Escalation, Matter, Rung
from casework.models.seats import seat_label
from casework.supervising import overseers
from villages.calendar import workdays_in
from villages.models import Village

WEEK = timedelta(days=7)
NAMED = 3


@dataclass(slots=True)
class Figures:
    """What needs the supervisor at one place: visits by vacant seat, and overdue by round and seat."""

    vacant: Counter[str] = field(default_factory=Counter)
    overdue: Counter[tuple[int, str]] = field(default_factory=Counter)
    behind: list[Behind] = field(default_factory=list)
    late_problems: int = 0
    settled: int = 0

    def add(self, other: "Figures") -> None:
        """Add those of another place."""
        self.vacant.update(other.vacant)
        self.overdue.update(other.overdue)
        self.behind += other.behind
        self.late_problems += other.late_problems
        self.settled += other.settled


def is_day_of_summary(on: date) -> bool:
    """The first working day of the week."""
    return workdays_in(on - timedelta(days=on.weekday()), on) == [on]


def recipients(on: date, now: datetime) -> set[int]:
    """Supervisors of towns and districts, or who stands in for them, on the first working day of the week."""
    if not is_day_of_summary(on):
        return set()
    places = overseers(on, kind=Kind.SUMMARY).of_place
    return {pk for place, pks in places.items() if len(place) < Rung.VILLAGE.digits for pk in pks}


def lines(cadre_ids: Collection[int], on: date, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """For each the own places: a town's villages, a district's towns. Whoever has nothing to hear is not in it."""
    wanted = set(cadre_ids)
    figures = figures_by_village(on)
    villages = Village.objects.select_related("town").in_bulk(figures)
    rounds = Round.objects.in_bulk({pk for one in figures.values() for pk, _seat in one.overdue})
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with translation.override(settings.LANGUAGE_CODE):
        for place, pks in sorted(overseers(on, kind=Kind.SUMMARY).of_place.items()):
            if len(place) < Rung.VILLAGE.digits and not wanted.isdisjoint(pks):
                rows = list(_of_place(place, figures, villages, rounds))
                for pk in wanted.intersection(pks):
                    told[pk] += rows
    return {pk: rows for pk, rows in told.items() if rows}


def figures_by_village(on: date) -> dict[str, Figures]:
    """What needs somebody, by village code; villages where all is well are not in it."""
    found: dict[str, Figures] = defaultdict(Figures)
    raised = Escalation.objects.standing().filter(matter__round__isnull=False).order_by()
    beyond = {MatterKey(*row) for row in raised.values_list("matter__village", "matter__seat", "matter__round")}
    for key, facts in matters_on(on).items():
        if key.round_id is None:
            found[key.village_id].vacant[key.seat] = facts.left
        elif key in beyond:
            found[key.village_id].overdue[key.round_id, key.seat] = facts.left
    for row in villages_behind(on):
        found[row.village_id].behind.append(row)
    late = Problem.objects.past_deadline(on).order_by().values_list("village").annotate(count=Count("pk"))
    for village_id, count in late:
        found[village_id].late_problems = count
    settled = Matter.objects.filter(settled_on__gt=on - WEEK, escalations__isnull=False).order_by().distinct()
    for _pk, village_id in settled.values_list("pk", "village"):
        found[village_id].settled += 1
    return dict(found)


def _of_place(
    place: str, figures: Mapping[str, Figures], villages: Mapping[str, Village], rounds: Mapping[int, Round]
) -> Iterator[dict[str, Any]]:
    """One heading with its lines for each village of a town, or each town of a district."""
    is_by_town = len(place) == Rung.DISTRICT.digits
    parts: dict[str, Figures] = defaultdict(Figures)
    headings: dict[str, str] = {}
    for code in sorted(code for code in figures if code.startswith(place)):
        part = code[: Rung.TOWN.digits] if is_by_town else code
        parts[part].add(figures[code])
        headings[part] = villages[code].town.name if is_by_town else reasons.heading(villages[code])
    for code, sums in parts.items():
        yield {"village": headings[code], "items": list(_items(code, sums, villages, rounds))}


def _items(
    place: str, sums: Figures, villages: Mapping[str, Village], rounds: Mapping[int, Round]
) -> Iterator[dict[str, str]]:
    matters = f"{reverse('matters')}?{urlencode({'place': place})}"
    if sums.vacant:
        posts = _(", ").join(seat_label(seat) for seat in sorted(sums.vacant))
        text = _("vacant posts: %(posts)s") % {"posts": posts}
        why = _("%(left)s visits are owed there by nobody") % {"left": sum(sums.vacant.values())}
        yield {"text": text, "why": why, "url": matters}
    for (round_id, seat), left in sorted(sums.overdue.items()):
        text = _("overdue: %(left)s visits of %(post)s") % {"left": left, "post": seat_label(seat)}
        asked = urlencode({"place": place, "post": seat, "state": "overdue"})
        yield {
            "text": text,
            "why": _("“%(round)s”, and not settled below in time") % {"round": rounds[round_id].name},
            "url": f"{reverse('coverage_list', args=[round_id])}?{asked}",
        }
    for _round_id, rows in groupby(sorted(sums.behind, key=_by_round), key=attrgetter("round.pk")):
        yield _behind(place, list(rows), villages)
    if count := sums.late_problems:
        said = ngettext("%(count)s problem past its deadline", "%(count)s problems past their deadline", count)
        asked = urlencode({"place": place, "state": LATE})
        why = _("nobody has reported them as solved")
        yield {"text": said % {"count": count}, "why": why, "url": f"{reverse('problems')}?{asked}"}
    if count := sums.settled:
        said = ngettext("%(count)s matter settled within a week", "%(count)s matters settled within a week", count)
        yield {"text": said % {"count": count}, "why": _("nothing to do any more"), "url": matters}


def _by_round(row: Behind) -> tuple[date, int, str]:
    return row.round.due_on, row.round.pk, row.village_id


def _behind(place: str, rows: list[Behind], villages: Mapping[str, Village]) -> dict[str, str]:
    """The villages behind in one round, in order of codes; the first of them by name."""
    named = [
        _("%(village)s (%(done)s of %(owed)s)")
        % {"village": villages[row.village_id].short_name, "done": row.done, "owed": row.owed}
        for row in rows[:NAMED]
    ]
    more = len(rows) - len(named)
    text = _("behind the calendar: %(villages)s") % {"villages": _(", ").join(named)}
    if more:
        text += ngettext(" and %(count)s more", " and %(count)s more", more) % {"count": more}
    first = rows[0].round
    asked = urlencode({"place": place})
    return {
        "text": text,
        "why": _("less done than the working days of “%(round)s” would ask") % {"round": first.name},
        "url": f"{reverse('coverage', args=[first.pk])}?{asked}",
    }
