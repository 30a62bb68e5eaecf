"""Derive the credit of many duties again from the facts, and write what is different."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from casework.credit import Credit, DutyFact, Rule, Tenures, VisitFact, credit_of
from casework.ledger import rule_of, tenures_of, visit_facts
from casework.models import Duty, Round, Visit
from casework.models.seats import posts_of
from households.models import HelperPairing, Household, HouseholdMove
from villages.facts import FactChange
from villages.models import Post, Posting, Town, Village

# A household that leaves the place a post answers for is no longer owed by it: how many digits of the
# village's code name that place. A helper goes along, wherever the household moves.
DIGITS_OF_POST = {Post.HELPER: 0, Post.DISTRICT_SECRETARY: 6, Post.TOWN_SECRETARY: 9}
TOWN_DIGITS, VILLAGE_DIGITS = 9, 12
BATCH = 1000


class Derived(NamedTuple):
    """The derived columns of one duty."""

    credited_visit_id: UUID | None
    credited_on: date | None
    in_person_on: date | None
    left_on: date | None


class Difference(NamedTuple):
    """A duty whose stored columns are not what the facts say."""

    duty_id: int
    stored: Derived
    derived: Derived


def after_fact_change(change: FactChange) -> None:
    """Follow a changed post, pairing or residence: the duties it may touch are derived again."""
    scopes = [Q(village__code__startswith=code) for code in change.place_codes]
    if scopes and change.posts:
        scopes = [reduce(or_, scopes) & reduce(or_, (Q(seat__contains=post) for post in change.posts))]
    if change.household_ids:
        scopes.append(Q(household__in=change.household_ids))
    if scopes:
        _wait_for_openings(change)
        recredit(Duty.objects.filter(reduce(or_, scopes), round__last_credit_on__gte=change.since))


def _wait_for_openings(change: FactChange) -> None:
    """Let a round that is being opened here come first: its duties cannot be seen before it is done."""
    if change.place_codes:
        towns = reduce(or_, (Q(code__startswith=code[:TOWN_DIGITS]) for code in change.place_codes))
        lock_rows(Town.objects.filter(towns))
    lock_rows(Household.objects.filter(pk__in=change.household_ids))


def wait_for_others(town: Town, targets: QuerySet[Any]) -> None:
    """Before duties are made for these targets: wait for visits and changed facts there, and make later ones wait."""
    lock_rows(Town.objects.filter(pk=town.pk))
    if targets.model is Village:
        lock_rows(targets)
        targets = Household.objects.filter(village__in=targets)
    lock_rows(targets)


def lock_rows(rows: QuerySet[Any]) -> None:
    """Lock in the order of keys, so that nobody waits in a circle, and no joined row with them."""
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


@transaction.atomic
def recredit(duties: QuerySet[Duty]) -> int:
    """Lock the targets, derive the duties again and write the differences. Returns how many there were."""
    by_village = lock_targets(duties)
    changed = 0
    for keys in by_village.values():
        # By their keys: what chose the duties may be dear, and need not be asked again for every village.
        changed += sum(
            _write(list(differences(Duty.objects.filter(pk__in=batch)))) for batch in _batches(keys, size=4 * BATCH)
        )
    return changed


def lock_targets(duties: QuerySet[Duty]) -> dict[str, list[int]]:
    """Wait for visits being recorded at these targets, and make later ones wait for us.

    Returns the keys of the duties by village code.
    """
    by_village: dict[str, list[int]] = defaultdict(list)
    villages: set[str] = set()
    households: set[int] = set()
    rows: Any = duties.order_by("village_id", "pk").values_list("pk", "village_id", "household_id")
    for pk, village_id, household_id in rows:
        by_village[village_id].append(pk)
        if household_id is None:
            villages.add(village_id)
        else:
            households.add(household_id)
    if villages:
        lock_rows(Village.objects.filter(pk__in=villages))
        # A visit to any household that lives, or lived, in the village is a visit to the village.
        lived = Q(village__in=villages) | Q(moves__from_village__in=villages)
        households.update(Household.objects.filter(lived).order_by().values_list("pk", flat=True))
    for batch in _batches(sorted(households)):
        lock_rows(Household.objects.filter(pk__in=batch))
    return by_village


def villages_of(duties: QuerySet[Duty]) -> list[str]:
    """Codes of the villages the duties are counted under."""
    return list(duties.order_by("village_id").values_list("village_id", flat=True).distinct())


def differences(duties: QuerySet[Duty]) -> Iterator[Difference]:
    """Duties whose stored credit is not what the facts say. Reads everything for them; use per village."""
    rows = list(
        duties.order_by("pk").values_list("pk", "seat", "village_id", "household_id", "round_id", *Derived._fields)
    )
    rounds = Round.objects.in_bulk({row[4] for row in rows})
    rules = {pk: rule_of(round) for pk, round in rounds.items()}
    households = sorted({row[3] for row in rows if row[3] is not None})
    facts = _Facts.read(rows, households, rules.values())
    for pk, seat, village_id, household_id, round_id, *stored in rows:
        duty = DutyFact(pk, seat, village_id, household_id, rules[round_id])
        credit = facts.credit(duty)
        derived = Derived(*credit, facts.left_on(duty, rounds[round_id].opened_on))
        if tuple(stored) != derived:
            yield Difference(pk, Derived(*stored), derived)


class _Facts(NamedTuple):
    """Everything needed to derive the duties of one village."""

    visits_by_household: dict[int | None, list[VisitFact]]
    visits_by_village: dict[str, list[VisitFact]]
    tenures: Tenures
    residences: dict[int, tuple[Household, list[HouseholdMove]]]

    @classmethod
    def read(cls, rows: list[tuple], households: list[int], rules: Iterable[Rule]) -> "_Facts":
        first = min((rule.starts_on for rule in rules), default=date.max)
        last = max((rule.last_credit_on for rule in rules), default=date.min)
        villages = sorted({row[2] for row in rows})
        targets = sorted({row[2] for row in rows if row[3] is None})
        in_period = Visit.objects.standing().filter(visited_on__range=(first, last))
        found = {
            visit.id: visit
            for batch in _batches(households)
            for visit in visit_facts(in_period.filter(household__in=batch))
        }
        if targets:
            found |= {visit.id: visit for visit in visit_facts(in_period.filter(village__in=targets))}
        by_household, by_village = defaultdict(list), defaultdict(list)
        for visit in found.values():
            by_household[visit.household_id].append(visit)
            by_village[visit.village_id].append(visit)
        places = {code[:digits] for code in villages for digits in (6, 9, VILLAGE_DIGITS)}
        is_helped = any(Post.HELPER in row[1] for row in rows)
        tenures = tenures_of(
            Posting.objects.overlapping(first, last).filter(place_code__in=places),
            HelperPairing.objects.overlapping(first, last).filter(household__in=households if is_helped else []),
        )
        return cls(by_household, by_village, tenures, _residences(households))

    def credit(self, duty: DutyFact) -> Credit:
        if duty.household_id is None:
            return credit_of(duty, self.visits_by_village.get(duty.village_id, ()), self.tenures)
        return credit_of(duty, self.visits_by_household.get(duty.household_id, ()), self.tenures)

    def left_on(self, duty: DutyFact, opened_on: date) -> date | None:
        """First day since opening on which the household is not where the post answers for it."""
        if duty.household_id not in self.residences:
            return None
        household, moves = self.residences[duty.household_id]
        digits = min(DIGITS_OF_POST.get(Post(post), VILLAGE_DIGITS) for post in posts_of(duty.seat))
        place = duty.village_id[:digits]
        days = [max(household.left_on, opened_on)] if household.left_on else []
        at_opening = next((move.from_village_id for move in moves if move.moved_on > opened_on), household.village_id)
        if not at_opening.startswith(place):
            days.append(opened_on)
        days += [
            move.moved_on for move in moves if move.moved_on > opened_on and not move.to_village_id.startswith(place)
        ]
        return min(days, default=None)


def _residences(households: list[int]) -> dict[int, tuple[Household, list[HouseholdMove]]]:
    """Households that moved or left the register, with their moves in order of days."""
    restless = Q(moved_on__isnull=False) | Q(left_on__isnull=False)
    return {
        household.pk: (household, sorted(household.moves.all(), key=lambda move: move.moved_on))
        for batch in _batches(households)
        for household in Household.objects.filter(restless, pk__in=batch).prefetch_related("moves")
    }


def _batches(ids: list[int], size: int = BATCH) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _write(found: list[Difference]) -> int:
    if found and connection.vendor == "postgresql":
        _write_at_once(found)
    elif found:
        _write_one_by_one(found)
    return len(found)


def _write_at_once(found: list[Difference]) -> None:
    """One UPDATE from five arrays: bulk_update's CASE for every row and column takes ten times as long."""
    visits, credited, in_person, left = zip(*(difference.derived for difference in found), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE casework_duty AS duty SET credited_visit_id = new.visit, credited_on = new.credited,"
            " in_person_on = new.in_person, left_on = new.left_on"
            " FROM unnest(%s::bigint[], %s::uuid[], %s::date[], %s::date[], %s::date[])"
            " AS new(duty, visit, credited, in_person, left_on) WHERE duty.id = new.duty",
            [
                [difference.duty_id for difference in found],
                [visit and str(visit) for visit in visits],
                list(credited),
                list(in_person),
                list(left),
            ],
        )


def _write_one_by_one(found: list[Difference]) -> None:
    """The same on SQLite, where nothing is quicker than one prepared UPDATE for each row."""
    columns = {field.attname: field for field in Duty._meta.concrete_fields}
    fields = [columns[name] for name in Derived._fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE casework_duty SET credited_visit_id = %s, credited_on = %s, in_person_on = %s, left_on = %s"
            " WHERE id = %s",
            [
                (
                    *(
                        field.get_db_prep_save(value, connection)
                        for field, value in zip(fields, difference.derived, strict=True)
                    ),
                    difference.duty_id,
                )
                for difference in found
            ],
        )
