"""How the rows of long lists become records, one for each household: helpers, and exits from poverty.

A district has as many of them as households. Asking the database for each row by itself, as the short lists do, would
take half an hour; what a batch of rows speaks of is read at once, and what is the first of its household is written so.
"""

from abc import abstractmethod
from collections.abc import Sequence
from copy import copy
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q

from households import exits, pairings
from households.models import ExitRecord, HelperPairing, Household
from households.models.exits import STEPS
from households.register_import.list_kinds import ListKind, with_days
from households.register_import.villages_by_name import NoVillage
from villages.models import Cadre

OF_HOUSEHOLD = ("number", "head_name", "village")


class OfHouseholds(ListKind):
    """Records of households. `known` are those that are stored, by what makes two of them the same."""

    def __init__(self, actor: Cadre | None, on: date) -> None:
        super().__init__(actor, on)
        self._households: dict[str, Household] = {}
        self._known: dict[Any, Any] = {}
        self._stored: dict[int, Any] = {}
        self._taken: set[Any] = set()  # whose first record is stored, or came in an earlier row
        self._may_at = cache(self.may_at)

    def know(self, rows: Sequence[dict[str, Any]]) -> None:
        """The households of the rows, and what is stored of them."""
        numbers = frozenset(row["number"] for row in rows if row.get("number"))
        households = Household.objects.filter(number__among=numbers).only(*OF_HOUSEHOLD).order_by()
        self._households = {household.number: household for household in households}

    def remember(self, records: dict[Any, Any]) -> None:
        """Keep what is stored, by what makes two records the same."""
        self._known, self._stored = records, {record.pk: record for record in records.values()}

    def meant(self, same: Any) -> Any:
        """A copy of the stored record, to be changed as a row says; None when there is none."""
        return copy(self._known[same]) if same in self._known else None

    def stored(self, record: Any) -> Any:
        """Read with the batch."""
        return self._stored.get(record.pk)

    def household(self, values: dict[str, Any]) -> Household:
        """The household of the number; a head's name beside it must be the head's."""
        household = self._households.get(values["number"])
        if household is None:
            raise NoVillage("number", "unknown_household")
        if values.get("head_name") and values["head_name"] != household.head_name:
            raise NoVillage("head_name", "name_differs", household.head_name)
        return household

    def may(self, record: Any) -> bool:
        """As the verb says of its village; a batch has few."""
        return self.actor is None or self._may_at(self.village_of(record))

    @abstractmethod
    def village_of(self, record: Any) -> str:
        """The code of the village."""

    @abstractmethod
    def may_at(self, village_code: str) -> bool:
        """Whether the actor may write records of that village."""

    @abstractmethod
    def check_first(self, record: Any) -> None:
        """check(), without asking the database what is known of a record that comes first."""

    def check(self, record: Any) -> None:
        """As the verb does."""
        if self.comes_first(record):
            self.check_first(record)
        else:
            super().check(record)


class Helpers(OfHouseholds):
    """Helper pairings: the same household, cadre and first day is the same pairing."""

    shown = ("is_primary", "ends_on")

    def know(self, rows: Sequence[dict[str, Any]]) -> None:
        """The households, and their pairings."""
        super().know(rows)
        keys = [household.pk for household in self._households.values()]
        stored = HelperPairing.objects.filter(household__pk__among=keys).order_by()
        self.remember({(one.household_id, one.cadre_id, one.starts_on): one for one in stored})
        self._taken |= {one.household_id for one in stored}

    def record(self, values: dict[str, Any]) -> HelperPairing:
        """The pairing."""
        household, cadre, starts_on = (
            self.household(values),
            self.cadre(values),
            date.fromisoformat(values["starts_on"]),
        )
        pairing = self.meant((household.pk, cadre.pk, starts_on)) or HelperPairing(starts_on=starts_on)
        pairing.household, pairing.cadre = household, cadre
        if values.get("is_primary") is not None:
            pairing.is_primary = values["is_primary"]
        pairing.ends_on = values.get("ends_on") or pairing.ends_on
        return with_days(pairing)

    def village_of(self, record: HelperPairing) -> str:
        """Of the household."""
        return record.household.village_id

    def may_at(self, village_code: str) -> bool:
        """As the verb says."""
        return self.actor is None or pairings.can_change_pairings(self.actor, village_code, self.on)

    def comes_first(self, record: HelperPairing) -> bool:
        """The first of its household, and without a last day that might lie before the first."""
        if record.pk or record.ends_on or record.household_id in self._taken:
            return False
        self._taken.add(record.household_id)
        return True

    def check_first(self, record: HelperPairing) -> None:
        """As the verb for many does."""
        pairings.check_first(record)

    def save(self, record: HelperPairing) -> None:
        """By the verb."""
        pairings.save_helper_pairing(record, actor=self.actor, on=self.on)

    def save_first(self, records: Sequence[HelperPairing]) -> None:
        """By the verb for many."""
        pairings.start_helpers(records, actor=self.actor, on=self.on)

    def name(self, record: HelperPairing) -> tuple[str, str, str | None]:
        """Household and helper."""
        key = f"{record.household.number} {record.cadre.username} {record.starts_on}"
        return key, f"{record.household.head_name} · {record.cadre.name}", record.household.village_id


class Exits(OfHouseholds):
    """Exits from poverty: one for each household, and one for each village when no household is named."""

    shown = (*STEPS, "is_wrong")

    def know(self, rows: Sequence[dict[str, Any]]) -> None:
        """The households, and the exits of them and of villages."""
        super().know(rows)
        keys = [household.pk for household in self._households.values()]
        stored = ExitRecord.objects.filter(Q(household__pk__among=keys) | Q(household=None)).order_by()
        self.remember({_same(one.household, one.village_id): one for one in stored.select_related("household")})
        self._taken |= set(self._known)

    def record(self, values: dict[str, Any]) -> ExitRecord:
        """The exit."""
        household = self.household(values) if values.get("number") else None
        village_id = household.village_id if household else self.villages.find(self.place(values))
        record = self.meant(_same(household, village_id)) or ExitRecord(village_id=village_id)
        record.household = household
        for name in STEPS:
            if day := values.get(name):
                setattr(record, name, date.fromisoformat(day) if isinstance(day, str) else day)
        if values.get("is_wrong") is not None:
            record.is_wrong = values["is_wrong"]
        return record

    def village_of(self, record: ExitRecord) -> str:
        """Its own."""
        return record.village_id

    def may_at(self, village_code: str) -> bool:
        """As the verb says."""
        return self.actor is None or exits.can_import_exit(self.actor, village_code, self.on)

    def comes_first(self, record: ExitRecord) -> bool:
        """The first of its household or village."""
        same = _same(record.household, record.village_id)
        if record.pk or same in self._taken:
            return False
        self._taken.add(same)
        return True

    def check_first(self, record: ExitRecord) -> None:
        """As the verb for many does."""
        exits.check_first(record)

    def save(self, record: ExitRecord) -> None:
        """By the verb."""
        exits.import_exit(record, actor=self.actor, on=self.on)

    def save_first(self, records: Sequence[ExitRecord]) -> None:
        """By the verb for many."""
        exits.import_first_exits(records, actor=self.actor, on=self.on)

    def name(self, record: ExitRecord) -> tuple[str, str, str | None]:
        """Household or village."""
        village = self.villages.names[record.village_id]
        if record.household is None:
            return record.village_id, village, record.village_id
        return record.household.number, f"{record.household.head_name} · {village}", record.village_id


def _same(household: Household | None, village_id: str) -> tuple[Any, ...]:
    """What makes two exits the same."""
    return ("household", household.pk) if household else ("village", village_id)
