"""The lines of a digest: what presses a cadre and what has changed, by place, each with its reason and a link."""

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
from casework.changes import news_of
from casework.due import last_visit_on
from casework.load_ahead import Ahead, far_away, in_words, weeks_from
from casework.models import Round
from casework.models.policies import MONDAY
from casework.pressing import PostsOf, Pressing, muted, pressing_duties, pressing_on
from casework.workloads import LISTED, Workload, workloads_of
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


# What Reminder.lines holds: [{"village": heading, "items": [{"text", "why", "url", "kind", "about"}]}]. `kind` is
# overdue, soon, new or load; `about` names the duty as misaddressed.py reads it, and is missing where there is none.
Lines = list[dict[str, Any]]


OVERDUE, SOON, NEW, LOAD = "overdue", "soon", "new", "load"
# Group numbers of lines that stand below the duties of their place.
NEWS_LAST = 10_000


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
    kind: str
    about: str = ""
    left: int = 1


def digests(cadre_ids: Collection[int], *, on: date) -> dict[int, Lines]:
    """What presses each of the cadres at this moment, and their news; who has nothing left is not in it.

    A fixed number of queries, however many cadres. The words are in the site's language.
    """
    with translation.override(settings.LANGUAGE_CODE):
        pressing = pressing_on(on) if cadre_ids else None
        found = told_lines(cadre_ids, on=on, pressing=pressing)
        loads = _loads(found, pressing, on) if found and pressing and on.weekday() == MONDAY else {}
        told = {cadre_id: by_place(lines) for cadre_id, lines in found.items()}
        for cadre_id, load in loads.items():
            if load["items"]:
                told[cadre_id].append(load)
    return told


def told_lines(cadre_ids: Collection[int], *, on: date, pressing: Pressing | None = None) -> dict[int, list[Line]]:
    """The lines themselves, in the language of the moment."""
    awake = set(cadre_ids) - muted(on) if cadre_ids else set()
    found: dict[int, list[Line]] = defaultdict(list)
    if awake:
        for line in chain(_pressing_lines(awake, pressing or pressing_on(on), on), _news_lines(awake, on)):
            found[line.cadre_id].append(line)
    return found


def by_place(lines: Iterable[Line]) -> Lines:
    """The lines under their headings, what is due first on top."""
    places: dict[str, dict[str, Any]] = {}
    for line in sorted(lines, key=lambda line: (line.due_on, line.place, line.order)):
        place = places.setdefault(line.place, {"village": line.heading, "items": []})
        item = {"text": line.text, "why": line.why, "url": line.url, "kind": line.kind}
        if line.about:
            item["about"] = line.about
        place["items"].append(item)
    return list(places.values())


def _pressing_lines(cadre_ids: Collection[int], pressing: Pressing, on: date) -> Iterator[Line]:
    """What is due soon or overdue, by the policies."""
    posts = pressing.in_the_window
    helping = {pk: pressing.rounds[pk] for pk, of_round in posts.items() if Post.HELPER in of_round}
    holding = {pk: pressing.rounds[pk] for pk, of_round in posts.items() if of_round != {Post.HELPER.value}}
    if helping:
        yield from _helper_lines(cadre_ids, helping, on)
    if holding:
        yield from _holder_lines(cadre_ids, holding, posts, on)


def _news_lines(cadre_ids: Collection[int], on: date) -> Iterator[Line]:
    """What has changed since the last digest; it stands below what is due."""
    for changes in news_of(cadre_ids, on).values():
        for change in changes:
            place, heading = change.village.pk, reasons.heading(change.village)
            order = (NEWS_LAST, "", change.key)
            yield Line(change.cadre_id, date.max, place, heading, order, change.text, change.why, change.url, NEW)


def _loads(found: dict[int, list[Line]], pressing: Pressing, on: date) -> dict[int, dict[str, Any]]:
    """For those who are told anything, the weeks ahead in each village, or in each town where it is many."""
    weeks = weeks_from(on, max((round.due_on for round in pressing.rounds.values()), default=on))
    loads: dict[int, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    far: dict[int, list[Ahead]] = defaultdict(list)
    for one in far_away(set(found), pressing, on):
        far[one.cadre_id].append(one)
    for cadre_id, lines in found.items():
        owed = [((line.place, line.heading), line.left, line.due_on) for line in lines if line.kind != NEW]
        is_by_town = len({one.village.pk for one in far[cadre_id]}) > LISTED
        for one in far[cadre_id]:
            town = one.village.town
            place = (town.pk, town.name) if is_by_town else (one.village.pk, reasons.heading(one.village))
            owed.append((place, one.left, one.due_on))
        for place, left, due_on in owed:
            for week, share in enumerate(weeks.shares(left, due_on)):
                loads[cadre_id][place][week] += share
    said = Words(lambda shares, on: in_words(*shares), on=on)
    return {cadre_id: _load_section(places, said) for cadre_id, places in loads.items()}


def _load_section(places: dict[tuple[str, str], list[int]], said: Words) -> dict[str, Any]:
    """One heading for all places, in order of their codes."""
    why = _("spread over the working days until the due dates, overdue visits first")
    items = [
        {"text": _("%(place)s: %(visits)s") % {"place": heading, "visits": said[tuple(shares)]}, "why": why, "url": ""}
        for (_place, heading), shares in sorted(places.items())
        if any(shares)
    ]
    return {"village": _("The weeks ahead"), "kind": LOAD, "items": [item | {"kind": LOAD} for item in items]}


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
    kinds = {pk: _kind(round, on) for pk, round in rounds.items()}
    for pk, round_id, code, group, number, head, seen in rows:
        round = rounds[round_id]
        order = (group or 0, number, round_id)
        for cadre_id, since in helpers[pk]:
            why = semicolon.join((since_words[since], round.name, seen_words[seen], due_words[round.due_on]))
            said = text % {"name": head}
            yield Line(
                *(cadre_id, round.due_on, code, headings[code], order, said, why, f"{form}?household={pk}"),
                *(kinds[round_id], f"{round_id}:helper:{pk}"),
            )


def _holder_lines(cadre_ids: Collection[int], rounds: dict[int, Round], posts: PostsOf, on: date) -> Iterator[Line]:
    """One line for every round and place in which the holder of a post owes visits."""
    for load in workloads_of(cadre_ids, rounds, posts, on):
        cadre_id, post, _place, since = load.held
        parts = [reasons.holder_since(post, load.seat_place, since, on=on), load.round.name]
        if load.is_for_villages and not load.is_by_town:
            parts.append(reasons.last_visit(load.longest[0][1], on=on))
        due_on = load.round.due_on
        why = _("; ").join([*parts, reasons.due(due_on, on=on)])
        order = (0, "", load.round.pk)
        about = f"{load.round.pk}:{post}:{load.place}"
        yield Line(
            *(cadre_id, due_on, load.place, load.heading, order, _text(load, on), why, _url(load)),
            *(_kind(load.round, on), about, load.left),
        )


def _kind(round: Round, on: date) -> str:
    return OVERDUE if round.due_on < on else SOON


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
