"""Who is told of a matter at each level, and which of them can be reached outside the inbox."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from casework.models import Channel
from casework.models.matters import Rung
from casework.routes import routes
from villages import among  # noqa: F401, the lookup of that name
from villages.models import Cadre, Post, Posting

# At each level the first of these posts that somebody holds is told; all its holders, where there are several.
TOLD: dict[Rung, tuple[Post, ...]] = {
    Rung.VILLAGE: (Post.VILLAGE_CHIEF, Post.VILLAGE_SECRETARY, Post.FIRST_SECRETARY),
    Rung.TOWN: (Post.SUPERVISOR, Post.TOWN_SECRETARY),
    Rung.DISTRICT: (Post.SUPERVISOR, Post.DISTRICT_SECRETARY),
}


@dataclass
class Overseers:
    """Who answers for each place, by its code. Who stands in, and who can be reached, is asked only when needed.

    `has_ways` says that there are ways out of the house at all: without any, the inbox must do.
    """

    kind: str
    of_place: dict[str, list[int]]

    @cached_property
    def administrators(self) -> list[int]:
        """Who stands in at the highest level where nobody has a post."""
        roots = Cadre.objects.filter(is_superuser=True, is_active=True)
        return list(roots.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def reachable(self) -> set[int]:
        """Who can be reached outside the inbox."""
        people = {pk for pks in self.of_place.values() for pk in pks}
        ways = routes(self.kind, people | set(self.administrators), {})
        return {pk for pk, channels in ways.items() if channels}

    @cached_property
    def has_ways(self) -> bool:
        """Whether there are channels at all."""
        return Channel.objects.in_use().exists()

    def at(self, village_code: str, rung: Rung) -> list[int]:
        """Ids of those told of a matter of that village at that level; nobody, perhaps."""
        return self.of_place.get(village_code[: rung.digits], [])

    def can_be_told(self, cadre_ids: Iterable[int]) -> bool:
        """Whether one of them will hear of it: by a channel, or by the inbox where there are no channels."""
        return any(not self.has_ways or pk in self.reachable for pk in cadre_ids)

    def told(self, village_code: str, rung: Rung) -> list[int]:
        """Those told at that level; at the highest the system's administrators stand in for nobody."""
        people = self.at(village_code, rung)
        return people or (self.administrators if rung == Rung.DISTRICT else [])


def overseers(on: date, *, kind: str, villages: Iterable[str] | None = None) -> Overseers:
    """Whoever is told on that day of what happens in these villages, or anywhere. One query, however many places."""
    posts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    asked = {post for told in TOLD.values() for post in told}
    held = Posting.objects.in_force(on).filter(post__in=asked, cadre__is_active=True).exclude(place_code="")
    if villages is not None:
        held = held.filter(place_code__among={code[: rung.digits] for code in villages for rung in Rung})
    for cadre_id, post, place in held.order_by("cadre").values_list("cadre", "post", "place_code"):
        posts[place][post].append(cadre_id)
    of_place = {place: _first(TOLD[_rung_of(place)], by_post) for place, by_post in posts.items()}
    return Overseers(kind, of_place)


def _rung_of(place_code: str) -> Rung:
    return next(rung for rung in Rung if len(place_code) == rung.digits)


def _first(posts: Sequence[Post], by_post: dict[str, list[int]]) -> list[int]:
    return next((by_post[post] for post in posts if by_post.get(post)), [])
