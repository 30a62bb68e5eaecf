"""Who would hear what on a day and why: the sweep's own questions, with nothing written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Min, Q

from casework.changes import who_has_news
from casework.digests import Line, by_place, told_lines
from casework.letters import LETTERS
from casework.models import Channel, Kind, Round
from casework.policies import TELLING, Why
from casework.pressing import Pressing, muted, owing, pressing_on
from casework.routes import routes
from casework.telling import channels_named
from households.models import HelperPairing
from villages.models import Cadre, Post, Posting
from villages.reach import DISTRICT_DIGITS

# What can be foretold; a notice for the office tells of what has gone wrong.
TOLD_BEFORE = (Kind.DIGEST, Kind.SUMMARY, Kind.ESCALATION)


class RuleToday(NamedTuple):
    """One round and post: whether its people are told that day, and why or why not."""

    round: Round
    post: str
    why: Why
    is_told: bool


@dataclass(frozen=True)
class Hearer:
    """Somebody who would be told, of what, and through which channels besides the inbox.

    `for_news`: no policy names the day; something has changed, and what is due is listed along with it.
    """

    cadre: Cadre
    lines: list[dict[str, Any]]
    channels: list[Channel]
    for_news: bool = False


class DryRun:
    """The day's digests for one place: a district, a town or a village by its code."""

    def __init__(self, on: date, place_code: str) -> None:
        self.on, self.place_code = on, place_code
        self.pressing: Pressing = pressing_on(on)

    @cached_property
    def owing(self) -> set[int]:
        """Ids of those whom the policies tell that day of what they owe in the place's district.

        Rounds of other districts are not asked for: whoever owes something there would hear nothing about this place.
        """
        return owing({pk: posts for pk, posts in self.pressing.told.items() if self._is_near(pk)}, self.on)

    @property
    def is_worked(self) -> bool:
        """Whether people work that day."""
        return self.pressing.days.is_worked

    def rules(self) -> list[RuleToday]:
        """Each running round of the place and each of its posts, in order of the due date."""
        rounds = sorted(self.pressing.rounds.values(), key=lambda round: (round.due_on, round.pk))
        here = [round for round in rounds if _overlap(round.place_code, self.place_code)]
        return [
            RuleToday(round, str(Post(post).label), why, why in TELLING)
            for round in here
            for post in round.posts
            if (why := self.pressing.whys.get((round.pk, post)))
        ]

    def hearers(self) -> list[int]:
        """Ids of those of the place who would get a digest, in order of their places' codes."""
        told = self.owing
        if self.is_worked:
            told = told | who_has_news(self.on, since=self.pressing.days.since) - muted(self.on)
        return [pk for pk in self._in_order() if pk in told]

    def muted(self) -> list[int]:
        """Ids of those of the place who owe something that would be told, and rest."""
        resting = muted(self.on)
        return [pk for pk in self._in_order() if pk in resting] if resting else []

    def told(self, cadre_ids: Iterable[int]) -> list[Hearer]:
        """What each would hear about this place, in the order given."""
        ids = list(cadre_ids)
        lines = told_lines(ids, on=self.on)
        ways = routes(Kind.DIGEST, ids, channels_named(self.on))
        cadres = Cadre.objects.in_bulk(ids)
        return [
            Hearer(cadres[pk], by_place(self._here(lines.get(pk, []))), ways.get(pk, []), pk not in self.owing)
            for pk in ids
        ]

    def letters(self, kind: Kind, now: datetime) -> list[Hearer]:
        """Who of the place would get a letter of another kind, and what would stand in it.

        Whoever has a post elsewhere, too, may hear of places that are not this office's: that is not shown.
        """
        letter = LETTERS[kind]
        told = letter.recipients(self.on, now) if self.is_worked else set()
        ids = [pk for pk in self._in_order() if pk in told] if told else []
        lines = letter.lines(ids, self.on, now) if ids else {}
        ways, cadres = routes(kind, list(lines), {}), Cadre.objects.in_bulk(list(lines))
        posts = Posting.objects.in_force(self.on).filter(cadre__in=list(lines)).exclude(place_code="")
        elsewhere = set(posts.exclude(place_code__startswith=self.place_code).values_list("cadre", flat=True))
        return [Hearer(cadres[pk], [] if pk in elsewhere else lines[pk], ways.get(pk, [])) for pk in ids if pk in lines]

    def _is_near(self, round_id: int) -> bool:
        return _overlap(self.pressing.rounds[round_id].district_id, self.place_code[:DISTRICT_DIGITS])

    def _here(self, lines: Iterable[Line]) -> list[Line]:
        """The office of a place hears nothing about families elsewhere."""
        return [line for line in lines if _overlap(line.place, self.place_code)]

    def _in_order(self) -> list[int]:
        """Everybody with a post or a family in the place, by the lowest code of either, then by account."""
        inside = Q(place_code__startswith=self.place_code)
        posts = Posting.objects.in_force(self.on).filter(inside, cadre__is_active=True).order_by()
        helping = HelperPairing.objects.in_force(self.on).filter(
            household__village__code__startswith=self.place_code, cadre__is_active=True
        )
        first: dict[tuple[int, str], str] = {}
        rows = [
            *posts.values_list("cadre", "cadre__username").annotate(code=Min("place_code")),
            *helping.order_by().values_list("cadre", "cadre__username").annotate(code=Min("household__village")),
        ]
        for pk, account, code in rows:
            first[pk, account] = min(code, first.get((pk, account), code))
        return [pk for (pk, account), _code in sorted(first.items(), key=lambda item: (item[1], item[0][1]))]


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
