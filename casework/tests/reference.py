"""What is owed and done, worked out slowly from plain loops: the measure the engine is held against.

Written from the rules in words and only for the tests. It shares no code with credit.py, coverage.py
or the state expression: it reads all rows once and asks every question of every row, day by day.
"""

import json
from collections import Counter
from datetime import date, timedelta
from functools import cache
from typing import Any

from casework.models import Duty, Round, Visit, VisitVisitor
from households.models import HelperPairing, Household, HouseholdMove
from villages.models import Cadre, Pairing, Posting, Village

# After this day nothing happens in the tests.
LAST_DAY = date(2026, 12, 31)
STATES = ["done", "open", "overdue", "vacant", "excused"]


class Reference:
    """All facts as they stand now, and the answers that follow from them."""

    def __init__(self) -> None:
        self.rounds = {round.pk: round for round in Round.objects.all()}
        self.duties = {duty.pk: duty for duty in Duty.objects.all()}
        self.postings = list(Posting.objects.all())
        self.helper_pairings = list(HelperPairing.objects.all())
        self.unit_pairings = list(Pairing.objects.all())
        self.households = {household.pk: household for household in Household.objects.all()}
        self.moves = list(HouseholdMove.objects.all())
        self.visits = list(Visit.objects.all())
        self.visitors: dict[Any, set[int]] = {visit.pk: set() for visit in self.visits}
        for visitor in VisitVisitor.objects.all():
            self.visitors[visitor.visit_id].add(visitor.cadre_id)
        self.villages = {village.pk: village for village in Village.objects.all()}
        # Nothing changes while a reference lives, so that each duty is worked out once.
        self.derived = cache(self._derived)

    # Who lives and serves where -------------------------------------------------------------------

    def lives_in(self, household: Household, day: date) -> str:
        """Code of the household's village that day: undo the moves that came later, the last first."""
        code = household.village_id
        for move in sorted((m for m in self.moves if m.household_id == household.pk), key=lambda m: m.moved_on)[::-1]:
            if move.moved_on > day:
                code = move.from_village_id
        return code

    def holders(self, duty: Duty, day: date) -> set[int]:
        """Ids of the cadres who hold the duty's post, or one of its posts, that day."""
        found = set()
        for post in posts(duty):
            if post == "helper":
                for pairing in self.helper_pairings:
                    if pairing.household_id == duty.household_id and holds(pairing, day):
                        found.add(pairing.cadre_id)
                continue
            for posting in self.postings:
                code = posting.village_id or posting.town_id or posting.district_id
                if posting.post == post and code and duty.village_id.startswith(code) and holds(posting, day):
                    found.add(posting.cadre_id)
        return found

    # Duties ---------------------------------------------------------------------------------------

    def targets(self, round: Round) -> set[tuple[str, int | None]]:
        """(village code, household id or None) of everything the round must visit when opened now."""
        found: set[tuple[str, int | None]] = set()
        place, day = round.town_id or round.district_id, round.opened_on
        if round.target_kind in ("poor_village", "attached_village"):
            for village in self.villages.values():
                if village.pk.startswith(place) and (village.is_poor or round.target_kind == "attached_village"):
                    found.add((village.pk, None))
            return found
        for household in self.households.values():
            is_registered = household.registered_on <= day and not (household.left_on and household.left_on <= day)
            is_there = is_registered and household.village_id.startswith(place)
            if is_there and self._is_wanted(household, round.target_kind, day):
                found.add((household.village_id, household.pk))
        return found

    def _is_wanted(self, household: Household, target_kind: str, day: date) -> bool:
        is_poor = household.base_type == "exited"
        is_monitored = household.monitoring_type != ""
        is_paired = any(p.household_id == household.pk and holds(p, day) for p in self.helper_pairings)
        return {
            "poor_household": is_poor,
            "rural_household": True,
            "monitored_household": is_monitored,
            "paired_household": is_paired or is_poor or is_monitored,
        }[target_kind]

    def counting_visits(self, duty: Duty) -> list[Visit]:
        """The visits that satisfy the duty, in the order in which they are preferred."""
        found = [visit for visit in self.visits if self._counts(visit, duty)]
        return sorted(found, key=lambda visit: (visit.visited_on, visit.pk.int))

    def _counts(self, visit: Visit, duty: Duty) -> bool:
        round = self.rounds[duty.round_id]
        if visit.superseded_by_id is not None or visit.is_withdrawn:
            return False
        if duty.household_id is None and visit.village_id != duty.village_id:
            return False
        if duty.household_id is not None and visit.household_id != duty.household_id:
            return False
        last_day = round.due_on + timedelta(days=round.grace_days)
        if visit.visited_on < round.starts_on or visit.visited_on > last_day:
            return False
        if not self.visitors[visit.pk] & self.holders(duty, visit.visited_on):
            return False
        if round.counts_away_by_phone and visit.contact in ("phone", "video") and visit.outcome == "family_away":
            return True
        return visit.contact in round.contacts and visit.outcome in round.outcomes

    def _derived(self, duty: Duty) -> tuple[Any, date | None, date | None, date | None]:
        """The visit that satisfies the duty, its day, the first such day in person, the day the target left."""
        counting = self.counting_visits(duty)
        in_person = [visit.visited_on for visit in counting if visit.contact in ("home", "elsewhere")]
        first = counting[0] if counting else None
        return (
            first.pk if first else None,
            first.visited_on if first else None,
            in_person[0] if in_person else None,
            self.left_on(duty),
        )

    def left_on(self, duty: Duty) -> date | None:
        """The first day since opening on which the household is not where the post answers for it."""
        if duty.household_id is None:
            return None
        household = self.households[duty.household_id]
        # The farthest-reaching of the posts decides: a helper goes along anywhere.
        digits = min({"helper": 0, "district_secretary": 6, "town_secretary": 9}.get(p, 12) for p in posts(duty))
        day = self.rounds[duty.round_id].opened_on
        while day <= LAST_DAY:
            has_left = household.left_on is not None and household.left_on <= day
            if has_left or self.lives_in(household, day)[:digits] != duty.village_id[:digits]:
                return day
            day += timedelta(days=1)
        return None

    def state(self, duty: Duty, day: date) -> tuple[str, bool]:
        """The duty's state that day, and whether it is done by phone only so far."""
        _visit, done_on, in_person_on, left_on = self.derived(duty)
        if done_on and done_on <= day:
            return "done", in_person_on is None or in_person_on > day
        if (duty.excused_on and duty.excused_on <= day) or (left_on and left_on <= day):
            return "excused", False
        if not self.holders(duty, day):
            return "vacant", False
        return ("overdue" if self.rounds[duty.round_id].due_on < day else "open"), False

    # Figures --------------------------------------------------------------------------------------

    def sees(self, cadre: Cadre, duty: Duty, day: date) -> bool:
        """Whether the cadre may see the duty that day."""
        for posting in self.postings:
            if posting.cadre_id != cadre.pk or not holds(posting, day):
                continue
            code = posting.village_id or posting.town_id or posting.district_id
            if code and duty.village_id.startswith(code):
                return True
            if posting.unit_id and self._pairs(posting.unit_id, duty.village_id, day):
                return True
        return cadre.is_superuser or any(
            pairing.cadre_id == cadre.pk and pairing.household_id == duty.household_id and holds(pairing, day)
            for pairing in self.helper_pairings
        )

    def _pairs(self, unit_id: int, village_id: str, day: date) -> bool:
        return any(p.unit_id == unit_id and p.village_id == village_id and holds(p, day) for p in self.unit_pairings)

    def lead_unit(self, village_id: str, day: date) -> str:
        """Id of the village's lead unit that day, or "none"."""
        for pairing in self.unit_pairings:
            if pairing.village_id == village_id and pairing.is_lead and holds(pairing, day):
                return str(pairing.unit_id)
        return "none"

    def figures(self, round: Round, cadre: Cadre, on: date, place: str, by: str) -> dict[str, Counter[str]]:
        """Row key: total, by_phone and each state, for the duties the cadre sees at the place."""
        day = min(on, round.closed_on) if round.closed_on else on
        found: dict[str, Counter[str]] = {}
        for duty in self.duties.values():
            if duty.round_id != round.pk or not duty.village_id.startswith(place) or not self.sees(cadre, duty, on):
                continue
            state, is_by_phone = self.state(duty, day)
            row = found.setdefault(self._row_of(duty, place, by, on), Counter(dict.fromkeys([*STATES, "by_phone"], 0)))
            row["total"] += 1
            row[state] += 1
            row["by_phone"] += is_by_phone
        return found

    def _row_of(self, duty: Duty, place: str, by: str, on: date) -> str:
        if by == "post":
            return duty.seat
        if by == "unit":
            return self.lead_unit(duty.village_id, on)
        return duty.village_id if len(place) >= 9 else duty.village_id[:9]


def posts(duty: Duty) -> list[str]:
    """The posts of a duty's seat."""
    return duty.seat[4:].split("+") if duty.seat.startswith("any:") else [duty.seat]


def expected_seats(round: Round) -> list[str]:
    """What owes each target of the round a visit."""
    if round.is_any_post and len(round.posts) > 1:
        return ["any:" + "+".join(sorted(round.posts))]
    return list(round.posts)


def holds(fact: Posting | HelperPairing | Pairing, day: date) -> bool:
    """Whether the dated fact holds that day, both its days included."""
    return fact.starts_on <= day and not (fact.ends_on is not None and fact.ends_on < day)


def as_text(rows: dict[str, Counter[str]]) -> str:
    """Rows as text to compare and to read in a failure; zeros left out."""
    return json.dumps({key: {name: n for name, n in sorted(rows[key].items()) if n} for key in sorted(rows)}, indent=1)
