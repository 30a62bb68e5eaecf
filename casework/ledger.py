"""Read the facts that credit is derived from: duties, standing visits and dated posts."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast

from casework.credit import DutyFact, Rule, Tenure, Tenures, VisitFact
from casework.models import Duty, Round, Visit
from casework.models.rounds import VISITING_POSTS
from households.models import HelperPairing
from villages.models import Post, Posting
from villages.prepared import Prepared

DUTY_COLUMNS = ("pk", "seat", "village_id", "household_id", "round_id")
TENURE_COLUMNS = ("cadre_id", "post", "stands_at", "starts_on", "ends_on")


def rule_of(round: Round) -> Rule:
    """What the round lets count."""
    return Rule(
        round.starts_on,
        round.last_credit_on,
        frozenset(round.contacts),
        frozenset(round.outcomes),
        round.counts_away_by_phone,
    )


def visit_facts(visits: QuerySet[Visit]) -> list[VisitFact]:
    """The visits, each with everybody who went."""
    rows = visits.order_by().values_list(
        "pk", "visited_on", "contact", "outcome", "household_id", "village_id", "visit_visitors__cadre_id"
    )
    found: dict[Any, VisitFact] = {}
    for pk, visited_on, contact, outcome, household_id, village_id, cadre_id in rows:
        others = found[pk].cadre_ids if pk in found else frozenset()
        found[pk] = VisitFact(pk, visited_on, contact, outcome, household_id, village_id, others | {cadre_id})
    return list(found.values())


def tenures_of(postings: QuerySet[Posting], pairings: QuerySet[HelperPairing]) -> Tenures:
    """Posts at places and helper pairings as one set of tenures, read in one query."""
    return Tenures.of(as_tenures(tenure_rows(postings, pairings)))


def tenure_rows(postings: QuerySet[Posting], pairings: QuerySet[HelperPairing], *more: str) -> QuerySet[Any]:
    """Posts and pairings as rows of tenures, in one query; `more` are columns that both have."""
    posts = postings.filter(post__in=VISITING_POSTS).order_by().annotate(stands_at=Cast("place_code", CharField()))
    helped = pairings.order_by().annotate(
        post=Value(Post.HELPER.value, output_field=CharField()), stands_at=Cast("household_id", CharField())
    )
    return posts.values_list(*TENURE_COLUMNS, *more).union(helped.values_list(*TENURE_COLUMNS, *more), all=True)


def as_tenures(rows: Iterable[tuple[Any, ...]]) -> Iterator[Tenure]:
    """Rows of tenures as facts: a helper's place is the household."""
    for cadre_id, post, place, starts_on, ends_on in rows:
        yield Tenure(cadre_id, post, int(place) if post == Post.HELPER else place, starts_on, ends_on)


def tenures_on_visit(cadre_ids: Iterable[int], household_id: int | None, day: date) -> Tenures:
    """What the visitors held on the day of their visit."""
    cadres = tuple(sorted(cadre_ids))
    return Tenures.of(as_tenures(_TENURES_ON_VISIT.rows(cadres=cadres, household_id=household_id, day=day)))


def _tenures_on_visit(cadres: tuple[int, ...], household_id: int | None, day: date) -> QuerySet[Any]:
    return tenure_rows(
        Posting.objects.in_force(day).filter(cadre__in=cadres),
        HelperPairing.objects.in_force(day).filter(cadre__in=cadres, household=household_id),
    )


_TENURES_ON_VISIT = Prepared(_tenures_on_visit)


def duties_at(household_id: int | None, village_id: str) -> Q:
    """Duties a visit there can count for: the household's, and the village's own."""
    village = Q(village_id=village_id, household__isnull=True)
    return village if household_id is None else village | Q(household_id=household_id)


def duties_on_visit(household_id: int | None, village_id: str, day: date) -> list[DutyFact]:
    """The duties at the target in whose period the day lies."""
    return [
        DutyFact(pk, seat, village, household, Rule(first, last, frozenset(contacts), frozenset(outcomes), by_phone))
        for pk, seat, village, household, first, last, contacts, outcomes, by_phone in _DUTIES_ON_VISIT.rows(
            household_id=household_id, village_id=village_id, day=day
        )
    ]


def _duties_on_visit(household_id: int | None, village_id: str, day: date) -> QuerySet[Any]:
    duties = Duty.objects.filter(duties_at(household_id, village_id), round__in=Round.objects.taking_visits_of(day))
    return duties.order_by().values_list(*DUTY_COLUMNS[:-1], *(f"round__{name}" for name in Rule._fields))


_DUTIES_ON_VISIT = Prepared(_duties_on_visit)
