"""The lines of a digest: what presses a cadre, by place, each with its reason and a link."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import OuterRef
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from casework import reasons
from casework.due import last_visit_on
from casework.models import Round
from casework.pressing import pressing_duties, pressing_rounds
from casework.workloads import Workload, workloads_of
from households.models import HelperPairing
from villages.models import Post, Village

HELPED = (
    "household_id",
    "round_id",
    "household__village_id",
    "household__group__number",
    "household__number",
    "household__head_name",
)


# What Reminder.lines holds: [{"village": heading, "items": [{"text", "why", "url"}]}].
Lines = list[dict[str, Any]]


class Words(dict[Any, str]):
    """Says the same about the same thing once: thousands of lines share a few days and places."""

    def __init__(self, say: Callable[..., str], *, on: date) -> None:
        self.say, self.on = say, on

    def __missing__(self, subject: Any) -> str:
        self[subject] = self.say(subject, on=self.on)
        return self[subject]


class Line(NamedTuple):
    """One line for one cadre, under the heading of a place."""

    cadre_id: int
    due_on: date
    place: str
    heading: str
    order: tuple[Any, ...]
    text: str
    why: str
    url: str


def digests(cadre_ids: Collection[int], *, on: date) -> dict[int, Lines]:
    """What presses each of the cadres at this moment; who has nothing left is not in it.

    A fixed number of queries, however many cadres. The words are in the site's language.
    """
    rounds = pressing_rounds(on)
    found: dict[int, list[Line]] = defaultdict(list)
    if rounds and cadre_ids:
        with translation.override(settings.LANGUAGE_CODE):
            for line in chain(_helper_lines(cadre_ids, rounds, on), _holder_lines(cadre_ids, rounds, on)):
                found[line.cadre_id].append(line)
    return {cadre_id: _by_place(lines) for cadre_id, lines in found.items()}


def _by_place(lines: Iterable[Line]) -> Lines:
    """The lines under their headings, what is due first on top."""
    places: dict[str, dict[str, Any]] = {}
    for line in sorted(lines, key=lambda line: (line.due_on, line.place, line.order)):
        place = places.setdefault(line.place, {"village": line.heading, "items": []})
        place["items"].append({"text": line.text, "why": line.why, "url": line.url})
    return list(places.values())


def _helper_lines(cadre_ids: Collection[int], rounds: dict[int, Round], on: date) -> Iterator[Line]:
    """One line for every household a helper owes a visit in a round."""
    pairings = HelperPairing.objects.in_force(on).filter(cadre__in=cadre_ids)
    helpers: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for household_id, cadre_id, since in pairings.order_by().values_list("household", "cadre", "starts_on"):
        helpers[household_id].append((cadre_id, since))
    if not helpers:
        return
    owed = pressing_duties(rounds, on).filter(seat__contains=Post.HELPER, household__in=list(helpers))
    last = last_visit_on(on, household=OuterRef("household"))
    rows = list(owed.order_by().values_list(*HELPED, last))
    villages = Village.objects.select_related("town").in_bulk({row[2] for row in rows})
    headings = {code: reasons.heading(village) for code, village in villages.items()}
    seen_words, due_words, since_words = (
        Words(say, on=on) for say in (reasons.last_visit, reasons.due, reasons.helper_since)
    )
    form, text, semicolon = reverse("visit_new"), _("household of %(name)s"), _("; ")
    for pk, round_id, code, group, number, head, seen in rows:
        round = rounds[round_id]
        order = (group or 0, number, round_id)
        for cadre_id, since in helpers[pk]:
            why = semicolon.join((since_words[since], round.name, seen_words[seen], due_words[round.due_on]))
            said = text % {"name": head}
            yield Line(cadre_id, round.due_on, code, headings[code], order, said, why, f"{form}?household={pk}")


def _holder_lines(cadre_ids: Collection[int], rounds: dict[int, Round], on: date) -> Iterator[Line]:
    """One line for every round and place in which the holder of a post owes visits."""
    for load in workloads_of(cadre_ids, rounds, on):
        cadre_id, post, _place, since = load.held
        parts = [reasons.holder_since(post, load.seat_place, since, on=on), load.round.name]
        if load.is_for_villages and not load.is_by_town:
            parts.append(reasons.last_visit(load.longest[0][1], on=on))
        due_on = load.round.due_on
        why = _("; ").join([*parts, reasons.due(due_on, on=on)])
        order = (0, "", load.round.pk)
        yield Line(cadre_id, due_on, load.place, load.heading, order, _text(load, on), why, _url(load))


def _text(load: Workload, on: date) -> str:
    if load.is_for_villages and not load.is_by_town:
        return _("visit to the village")
    named = [{"name": name, "seen": reasons.last_visit(seen, on=on)} for name, seen in load.longest]
    names = _(", ").join(_("%(name)s (%(seen)s)") % row for row in named)
    values = {"left": load.left, "total": load.total, "names": names}
    if load.is_for_villages:
        return _("%(left)s villages not yet visited; longest without a visit: %(names)s") % values
    return _("%(left)s of %(total)s households not yet visited; longest without a visit: %(names)s") % values


def _url(load: Workload) -> str:
    if load.is_by_town:
        return reverse("home")
    if load.is_for_villages:
        return f"{reverse('visit_new')}?village={load.place}"
    return reverse("village", args=[load.place])
