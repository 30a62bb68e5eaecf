"""Which duties a visit satisfies, by whose post on that day. Pure: facts in, credit out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.models.seats import posts_of
from casework.models.visits import REMOTE_CONTACTS, Outcome
from villages.models import Post


class WhyNot(Enum):
    """Why a visit does not count for a duty; the words are what the form shows."""

    NOT_IN_PERIOD = _("the day is outside the round's period")
    NOT_YOURS = _("none of the visitors held this post on that day")
    CONTACT = _("this kind of contact does not count in this round")
    OUTCOME = _("nobody was met")

    @property
    def words(self) -> Promise:
        """The reason as a person reads it."""
        return self.value


class VisitFact(NamedTuple):
    """A visit as far as credit asks."""

    id: UUID
    visited_on: date
    contact: str
    outcome: str
    household_id: int | None
    village_id: str
    cadre_ids: frozenset[int]


class Rule(NamedTuple):
    """What a round lets count, and in which period (both days included)."""

    starts_on: date
    last_credit_on: date
    contacts: frozenset[str]
    outcomes: frozenset[str]
    counts_away_by_phone: bool


class DutyFact(NamedTuple):
    """A duty as far as credit asks: whose seat, which target, under which rule."""

    id: int
    seat: str
    village_id: str
    household_id: int | None
    rule: Rule


class Tenure(NamedTuple):
    """A cadre holds a post at a place, or helps a household, from a day to a day (None: still)."""

    cadre_id: int
    post: str
    place: str | int
    starts_on: date
    ends_on: date | None


class Credit(NamedTuple):
    """What a duty owes to its visits: the first that counts, and the first day in person."""

    visit_id: UUID | None = None
    credited_on: date | None = None
    in_person_on: date | None = None


NO_CREDIT = Credit()


@dataclass(frozen=True, slots=True)
class Tenures:
    """Dated posts, ready to be asked who holds a seat on a day."""

    by_place: dict[tuple[str, str | int], list[Tenure]]

    @classmethod
    def of(cls, rows: Iterable[Tenure]) -> "Tenures":
        """Sort the rows by post and place."""
        by_place: dict[tuple[str, str | int], list[Tenure]] = defaultdict(list)
        for row in rows:
            by_place[row.post, row.place].append(row)
        return cls(dict(by_place))

    def holders(self, seat: str, village_id: str, household_id: int | None, on: date) -> set[int]:
        """Ids of the cadres who hold the seat for this target on that day."""
        places: list[str | int] = [village_id, village_id[:9], village_id[:6]]
        found: set[int] = set()
        for post in posts_of(seat):
            for place in [household_id] if post == Post.HELPER and household_id else places:
                for tenure in self.by_place.get((post, place), ()):
                    if tenure.starts_on <= on and (tenure.ends_on is None or on <= tenure.ends_on):
                        found.add(tenure.cadre_id)
        return found


def is_target_of(visit: VisitFact, duty: DutyFact) -> bool:
    """Whether the visit went to the duty's target; a household visit is also a visit to its village."""
    if duty.household_id is None:
        return visit.village_id == duty.village_id
    return visit.household_id == duty.household_id


def why_not(visit: VisitFact, duty: DutyFact, tenures: Tenures) -> WhyNot | None:
    """Why the visit does not satisfy the duty on its target; None when it does.

    Source of the rule: the round's own definition of an effective visit (有效走访), and the district's
    principle that a duty belongs to the post, so the visitor must hold it on the day of the visit.
    """
    rule = duty.rule
    if not rule.starts_on <= visit.visited_on <= rule.last_credit_on:
        return WhyNot.NOT_IN_PERIOD
    holders = tenures.holders(duty.seat, duty.village_id, duty.household_id, visit.visited_on)
    if not holders & visit.cadre_ids:
        return WhyNot.NOT_YOURS
    if rule.counts_away_by_phone and visit.contact in REMOTE_CONTACTS and visit.outcome == Outcome.FAMILY_AWAY:
        return None
    if visit.contact not in rule.contacts:
        return WhyNot.CONTACT
    return None if visit.outcome in rule.outcomes else WhyNot.OUTCOME


def credit_of(duty: DutyFact, visits: Iterable[VisitFact], tenures: Tenures) -> Credit:
    """The duty's credit from all standing visits: earliest day first, then the smallest id."""
    counting = [visit for visit in visits if is_target_of(visit, duty) and why_not(visit, duty, tenures) is None]
    if not counting:
        return NO_CREDIT
    first = min(counting, key=lambda visit: (visit.visited_on, visit.id))
    in_person = [visit.visited_on for visit in counting if visit.contact not in REMOTE_CONTACTS]
    return Credit(first.id, first.visited_on, min(in_person, default=None))
