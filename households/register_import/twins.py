"""A person number, or an identity number, belongs to one row of a file and to one person of the register."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from households.models import Person
from households.numbers import IDENTITY_LENGTH
from households.register_import.cells import Number
from households.register_import.check import Checked, Line, Member, refuse_member
from households.register_import.gathering import Gathered
from households.register_import.passed_on import PassedOn
from households.register_import.plan import Sheets
from households.register_import.villages_by_name import VillagesByName
from households.sealing import indexing_for

ROW_BITS = 32
PERSON, PERSON_NUMBER = "person_number", Number()
IDENTITY_INDEX = "households.Person.id_index"

Homes = Mapping[str, tuple[int, str]]  # household and village by person number


class Twins:
    """The persons, and the identity numbers, that a file has named so far, and in which row."""

    def __init__(
        self, sheets: Sheets, villages: VillagesByName, passed_on: PassedOn, *, on: date, has_persons: bool
    ) -> None:
        self.sheets, self.villages, self.on, self.has_persons = sheets, villages, on, has_persons
        self._passed_on = passed_on
        # Sheet and row as one figure, see place_of(): there is one for each of half a million persons. Its complement
        # where the household is recognised as unchanged, so that nobody comes to it.
        self._persons: dict[str, int] = {}
        self._identities: dict[str, int] = {}
        self._indexes = indexing_for(IDENTITY_INDEX)

    def __contains__(self, number: str) -> bool:
        """Whether the file has named that person."""
        return number in self._persons

    def stay(self, members: Iterable[Member]) -> None:
        """These rows are those of the last import: nobody comes to their household."""
        self._persons |= {member.number: ~place_of(member.line) for member in members}

    def comes(self, number: str) -> bool:
        """Whether the file names that person in a household that was compared: there they will be."""
        return self._persons.get(number, -1) >= 0

    def is_first(self, gathered: Gathered) -> bool:
        """Whether no earlier row of the file names any of these persons, of a household that is recognised as
        unchanged. From now on these rows do.
        """
        if not self.has_persons:
            return True
        places = {PERSON_NUMBER.parse(line.cells[line.plan.index[PERSON]]): ~place_of(line) for line in gathered.lines}
        is_first = self._persons.keys().isdisjoint(places)
        if is_first:
            self._persons |= places
        return is_first

    def refuse_in(self, batch: list[Checked], homes: Homes) -> None:
        """Refuse the rows that name somebody once more. `homes` are those of persons who are in the register here."""
        members = [member for checked in batch for member in checked.members]
        if not members:
            return
        self.recognise(members)
        recorded = self._recorded([digest for member in members for digest in member.digests])
        others = {number for number, (_key, village) in homes.items() if not self.villages.is_mine(village)}
        if doubtful := {id(member) for member in self._doubtful(members, others, recorded)}:
            for checked in batch:
                for member in [member for member in checked.members if id(member) in doubtful]:
                    self._judge(checked, member, others, recorded)

    def _judge(self, checked: Checked, member: Member, others: set[str], recorded: dict[str, str]) -> None:
        code, name, hint = self._amiss(member, others, recorded)
        if not code:
            self._note([member])
            return
        refuse_member(checked, member, code, name, hint=hint)

    def recognise(self, members: Iterable[Member]) -> None:
        """Ask what their identity numbers are found by, unless that is known."""
        for member in members:
            if not member.digests and (number := member.values.get("id_number")):
                member.digests = self._indexes(number[:IDENTITY_LENGTH])

    def _doubtful(self, members: list[Member], others: set[str], recorded: dict[str, str]) -> list[Member]:
        """Those who must be looked at one by one, in their order; the others are noted at once.

        That is nearly all of them, unless one of the batch is named twice: then the first of the two counts.
        """
        numbers = [member.number for member in members]
        identities = [member.digests[0] for member in members if member.digests]
        are_different = len({*numbers}) == len(numbers) and len({*identities}) == len(identities)
        if not are_different or not self._are_new(numbers, identities):
            return members
        doubtful = [
            member for member in members if member.number in others or not recorded.keys().isdisjoint(member.digests)
        ]
        spared = {member.number for member in doubtful}
        self._note([member for member in members if member.number not in spared] if spared else members)
        return doubtful

    def _are_new(self, numbers: list[str], identities: list[str]) -> bool:
        return self._persons.keys().isdisjoint(numbers) and self._identities.keys().isdisjoint(identities)

    def _note(self, members: list[Member]) -> None:
        for member in members:
            place = self._persons[member.number] = place_of(member.line)
            if member.digests:
                self._identities[member.digests[0]] = place

    def _amiss(self, member: Member, others: set[str], recorded: dict[str, str]) -> tuple[str, str, str]:
        """Why a row is refused (code, field, hint); an empty code when it is not."""
        digests = member.digests
        if member.number in self._persons:
            return "twice", "person_number", self._told(self._persons[member.number], member.line)
        if member.number in others:
            return "person_elsewhere", "person_number", ""
        if digests and member.id_index in self._identities:
            return "same_identity_in_file", "id_number", self._told(self._identities[member.id_index], member.line)
        holders = {recorded.get(digest, member.number) for digest in digests} - {member.number}
        if holders and not self._passed_on.may_take(member, holders):
            return "same_identity", "id_number", ""
        return "", "", ""

    def _told(self, place: int, line: Line) -> str:
        """How an earlier row is named beside this one."""
        place = max(place, ~place)
        plan = self.sheets.plans[place >> ROW_BITS]
        return line.other(Line(plan, place & (1 << ROW_BITS) - 1, ()))

    def _recorded(self, digests: Collection[str]) -> dict[str, str]:
        """Person number by identity digest, of everybody listed here."""
        found: Any = Person.objects.registered(self.on).with_identity()
        rows = found.filter(id_index__among=frozenset(digests)).order_by()
        return dict(rows.values_list("id_index", "number"))


def place_of(line: Line) -> int:
    """Sheet and row as one figure."""
    return line.plan.number << ROW_BITS | line.row
