"""Who holds which post over a village on a day, and which posts nobody holds."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from villages.models import Cadre, Pairing, Post, Posting

# In the order people name them; those in the second list stand in every village, held or vacant.
SHOWN = [
    Post.DISTRICT_LEADER,
    Post.TOWN_SECRETARY,
    Post.VILLAGE_CHIEF,
    Post.FIRST_SECRETARY,
    Post.VILLAGE_SECRETARY,
    Post.TEAM_LEADER,
    Post.TEAM_MEMBER,
]
EXPECTED = {
    Post.TOWN_SECRETARY,
    Post.VILLAGE_CHIEF,
    Post.FIRST_SECRETARY,
    Post.VILLAGE_SECRETARY,
    Post.TEAM_LEADER,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A post over the village and its holders; nobody: vacant."""

    post: str
    holders: list[Cadre]

    @property
    def label(self) -> str:
        """The post's name."""
        return str(Post(self.post).label)


def seats_of(village_id: str, on: date) -> list[Seat]:
    """The posts over the village, with their holders; a post is left out when it may well not exist there."""
    holders: dict[str, list[Cadre]] = defaultdict(list)
    held = Posting.objects.in_force(on).covering(village_id).filter(post__in=SHOWN).select_related("cadre")
    for posting in held.order_by("pk"):
        holders[posting.post].append(posting.cadre)
    return [Seat(post, holders[post]) for post in SHOWN if holders[post] or post in EXPECTED]


def units_of(village_id: str, on: date) -> list[str]:
    """Names of the partner units, the lead unit first."""
    pairings = Pairing.objects.in_force(on).filter(village=village_id).order_by("-is_lead", "unit__name")
    return list(pairings.values_list("unit__name", flat=True))
