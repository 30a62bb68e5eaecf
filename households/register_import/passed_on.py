"""Whose identity number a row may take: that of a person whom the same file gives another one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

from households.register_import.check import Checked, Member
from households.register_import.compare import PersonChange

MOST_READINGS = 6  # of one file; whoever is then still in doubt keeps the number


class Unsettled(Exception):
    """Somebody may take another person's number after all, or may not: the file must be read once more."""


class PassedOn:
    """Who gives up an identity number, found out while a file is read, as often as that takes.

    The first reading trusts nobody: it refuses whoever takes another person's number, and notes whose, and who is given
    another one. What follows is the largest set of persons who all give theirs up if the others do, so that an
    exchange, or a row of persons who each take the next one's, is taken in as a whole or not at all, whatever the order
    of the rows. The next reading trusts these. Where one of them keeps the number nevertheless (it was changed here as
    well, the household is refused), one more reading trusts neither him nor those who depend on him.
    """

    def __init__(self) -> None:
        self._trusted: Set[str] = frozenset()
        self._readings = 1
        self.begin()

    def begin(self) -> None:
        """A reading begins: nothing is known of what the file says."""
        self._given: dict[str, Sequence[str]] = {}  # who gets another number in any case, and what finds that one
        self._wanted: dict[str, Sequence[str]] = {}  # whose number is taken, and what finds it
        self._let: dict[str, tuple[str, ...]] = {}  # who takes whose, being let
        self._refused: dict[str, tuple[str, ...]] = {}  # who would take whose

    def may_take(self, member: Member, holders: Set[str]) -> bool:
        """Whether a row may have a number that is recorded here under these persons' numbers."""
        is_let = holders <= self._trusted
        noted = self._let if is_let else self._refused
        noted[member.number] = (*noted.get(member.number, ()), *holders)
        self._wanted |= dict.fromkeys(holders, member.digests)
        return is_let

    def note(self, checked: Checked, changes: Iterable[PersonChange]) -> None:
        """What becomes of a household's persons. Whose number is an update gives the old one up in any case.

        Not who has it changed here as well: somebody decides about that later.
        """
        if given := {change.number for change in changes if "id_number" in change.updates}:
            self._given |= {member.number: member.digests for member in checked.members if member.number in given}

    def settle(self) -> None:
        """The file is read. Raises Unsettled when others are to be trusted than were."""
        if not self._wanted:
            return
        trusted = self._largest(self._wanted.keys() if self._readings == 1 else self._trusted)
        if trusted == self._trusted:
            return
        self._readings += 1
        self._trusted = trusted if self._readings < MOST_READINGS else frozenset()
        raise Unsettled

    def _largest(self, possible: Set[str]) -> Set[str]:
        """Those who give their number up as long as all of them do."""
        sure = {holder for holder in possible if holder in self._refused or self._is_given(holder)}
        if not sure:
            return sure
        depending: defaultdict[str, list[str]] = defaultdict(list)
        for taker, holders in (*self._let.items(), *self._refused.items()):
            for holder in holders:
                depending[holder].append(taker)
        lost = [holder for holder in depending if holder not in sure]
        while lost:
            fallen = {one for one in depending[lost.pop()] if one in sure and not self._gives_up(one, sure)}
            sure -= fallen
            lost += fallen
        return sure

    def _gives_up(self, holder: str, sure: set[str]) -> bool:
        """Whether a row of theirs that needs nobody but these gives them another number."""
        if self._is_given(holder) and sure.issuperset(self._let.get(holder, ())):
            return True
        return holder in self._refused and sure.issuperset(self._refused[holder])

    def _is_given(self, holder: str) -> bool:
        """Whether it is another number, not the same one as of a certificate."""
        return holder in self._given and {*self._given[holder]}.isdisjoint(self._wanted.get(holder, ()))
