"""A person number, or an identity number, belongs to one row of a file and to one person of the register."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from households.models import Person
from households.numbers import IDENTITY_LENGTH
from households.register_import.cells import Number
from households.register_import.check import Checked, Line, Member, refuse
from households.register_import.gathering import Gathered
from households.register_import.plan import Sheets
from households.register_import.villages_by_name import VillagesByName
from households.sealing import indexing_for

ROW_BITS = 32
PERSON, PERSON_NUMBER = "person_number", Number()
IDENTITY_INDEX = "households.Person.id_index"

Homes = Mapping[str, tuple[int, str]]  # household and village by person number


class Twins:
    """The persons, and the identity numbers, that a file has named so far, and in which row."""

    def __init__(self, sheets: Sheets, villages: VillagesByName, *, on: date, has_persons: bool) -> None:
        self.sheets, self.villages, self.on, self.has_persons = sheets, villages, on, has_persons
        # Sheet and row as one figure, see place_of(): there is one for each of half a million persons.
        self._persons: dict[str, int] = {}
        self._identities: dict[str, int] = {}
        self._indexes = indexing_for(IDENTITY_INDEX)

    def __contains__(self, number: str) -> bool:
        """Whether the file has named that person."""
        return number in self._persons

    def is_first(self, gathered: Gathered) -> bool:
        """Whether no earlier row of the file names any of these persons. From now on these rows do."""
        if not self.has_persons:
            return True
        places = {PERSON_NUMBER.parse(line.cells[line.plan.index[PERSON]]): place_of(line) for line in gathered.lines}
        is_first = self._persons.keys().isdisjoint(places)
        if is_first:
            self._persons |= places
        return is_first

    def refuse_in(self, batch: list[Checked], homes: Homes) -> None:
        """Refuse the rows that name somebody once more. `homes` are those of persons who are in the register here."""
        members = [(checked, member) for checked in batch for member in checked.members]
        if not members:
            return
        digests = [self._digests(member) for _checked, member in members]
        recorded = self._recorded([digest for several in digests for digest in several])
        if self._are_all_first([member for _checked, member in members], digests, homes, recorded):
            return
        for (checked, member), mine in zip(members, digests, strict=True):
            code, name, hint = self._amiss(member, mine, homes, recorded)
            if code:
                plan = member.line.plan
                checked.members.remove(member)
                checked.refusals.append(refuse(member.line, plan.columns[plan.index[name]], code, hint))
                continue
            place = self._persons[member.number] = place_of(member.line)
            if mine:
                self._identities[member.id_index] = place

    def _digests(self, member: Member) -> Sequence[str]:
        number = member.values.get("id_number")
        if not number:
            return ()
        digests = self._indexes(number[:IDENTITY_LENGTH])
        member.id_index = digests[0]
        return digests

    def _are_all_first(
        self, members: list[Member], digests: list[Sequence[str]], homes: Homes, recorded: dict[str, str]
    ) -> bool:
        """Whether nothing is amiss with any of them, as in nearly every batch: then they are noted at once."""
        if not all(self.villages.is_mine(village) for _household, village in homes.values()):
            return False
        if recorded and any(map(partial(_is_of_another, recorded), members, digests)):
            return False
        persons = {member.number: place_of(member.line) for member in members}
        identities = {member.id_index: persons[member.number] for member in members if member.id_index}
        are_first = (
            len(persons) == len(members)
            and len(identities) == sum(map(bool, digests))
            and self._persons.keys().isdisjoint(persons)
            and self._identities.keys().isdisjoint(identities)
        )
        if are_first:
            self._persons |= persons
            self._identities |= identities
        return are_first

    def _amiss(
        self, member: Member, digests: Sequence[str], homes: Homes, recorded: dict[str, str]
    ) -> tuple[str, str, str]:
        """Why a row is refused (code, field, hint); an empty code when it is not."""
        home = homes.get(member.number)
        if member.number in self._persons:
            return "twice", "person_number", self._told(self._persons[member.number], member.line)
        if home and not self.villages.is_mine(home[1]):
            return "person_elsewhere", "person_number", ""
        if digests and member.id_index in self._identities:
            return "same_identity_in_file", "id_number", self._told(self._identities[member.id_index], member.line)
        if recorded and _is_of_another(recorded, member, digests):
            return "same_identity", "id_number", ""
        return "", "", ""

    def _told(self, place: int, line: Line) -> str:
        """How an earlier row is named beside this one."""
        plan = self.sheets.plans[place >> ROW_BITS]
        return line.other(Line(plan, place & (1 << ROW_BITS) - 1, ()))

    def _recorded(self, digests: Collection[str]) -> dict[str, str]:
        """Person number by identity digest, of everybody listed here."""
        found: Any = Person.objects.registered(self.on).with_identity()
        rows = found.filter(id_index__among=frozenset(digests)).order_by()
        return dict(rows.values_list("id_index", "number"))


def _is_of_another(recorded: dict[str, str], member: Member, digests: Sequence[str]) -> bool:
    """Whether somebody else has that identity number."""
    return any(recorded.get(digest, member.number) != member.number for digest in digests)


def place_of(line: Line) -> int:
    """Sheet and row as one figure."""
    return line.plan.number << ROW_BITS | line.row
