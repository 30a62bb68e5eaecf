"""The families of the made-up households: who lives there, how they are related, when they were born."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from casework.demo.names import given_name, is_womans, surname, surname_of
from households.models import Relation, Sex

SONS_GENERATION = {Relation.SON, Relation.DAUGHTER}
# Who joins a household next, until it is full.
YOUNG = ("spouse", "child", "child", "mother", "father", "child", "brother", "sister", "brother")
OLD = ("spouse", "heir", "heirs_wife", "grandchild", "grandchild", "child", "grandchild", "child", "child")
YEAR = 365.25


class Member(NamedTuple):
    """A member of a family."""

    relation: str
    name: str
    sex: str
    born_on: date


class Family:
    """Adds one member after the other, each at an age that fits the others."""

    def __init__(self, rng: Random, head: str, age: float, on: date) -> None:
        self.rng, self.on = rng, on
        self.surname = surname_of(head)
        self.is_womans = is_womans(head)
        sex = Sex.FEMALE if self.is_womans else Sex.MALE
        self.head = Member(Relation.HEAD, head, sex, self._ago(age))
        self.mother_born = self.head.born_on if self.is_womans else self._near(self.head.born_on, -1, 4)
        self.last_child = self._after(self.mother_born, 21, 25)
        self.heir_born = self.last_child
        self.last_grandchild: date | None = None
        # Children bear their father's name.
        self.childrens_surname = surname(rng) if self.is_womans else self.surname

    def add(self, kind: str) -> Member:
        """The next member of that kind."""
        make: Callable[[], Member] = getattr(self, f"_{kind}")
        return make()

    def _spouse(self) -> Member:
        if self.is_womans:
            name = self.childrens_surname + given_name(self.rng, is_woman=False)
            return Member(Relation.SPOUSE, name, Sex.MALE, self._near(self.head.born_on, -4, 1))
        return self._member(Relation.SPOUSE, surname(self.rng), self.mother_born, is_woman=True)

    def _child(self) -> Member:
        born_on = self.last_child
        self.last_child = self._after(born_on, 2, 4)
        is_woman = self.rng.random() < 0.48
        relation = Relation.DAUGHTER if is_woman else Relation.SON
        return self._member(relation, self.childrens_surname, born_on, is_woman=is_woman)

    def _heir(self) -> Member:
        """The grown-up son who stayed."""
        self.heir_born, self.last_child = self.last_child, self._after(self.last_child, 2, 5)
        return self._member(Relation.SON, self.childrens_surname, self.heir_born, is_woman=False)

    def _heirs_wife(self) -> Member:
        born_on = self._near(self.heir_born, 0, 3)
        self.last_grandchild = self._after(born_on, 21, 25)
        return self._member(Relation.DAUGHTER_IN_LAW, surname(self.rng), born_on, is_woman=True)

    def _grandchild(self) -> Member:
        born_on = self.last_grandchild or self._after(self.heir_born, 22, 26)
        self.last_grandchild = self._after(born_on, 2, 4)
        is_woman = self.rng.random() < 0.48
        relation = Relation.GRANDDAUGHTER if is_woman else Relation.GRANDSON
        return self._member(relation, self.childrens_surname, born_on, is_woman=is_woman)

    def _mother(self) -> Member:
        return self._member(Relation.MOTHER, surname(self.rng), self._near(self.head.born_on, -27, -20), is_woman=True)

    def _father(self) -> Member:
        return self._member(Relation.FATHER, self.surname, self._near(self.head.born_on, -30, -22), is_woman=False)

    def _brother(self) -> Member:
        return self._member(Relation.BROTHER, self.surname, self._near(self.head.born_on, 1, 8), is_woman=False)

    def _sister(self) -> Member:
        return self._member(Relation.SISTER, self.surname, self._near(self.head.born_on, 1, 8), is_woman=True)

    def _member(self, relation: str, family_name: str, born_on: date, *, is_woman: bool) -> Member:
        # Whoever would not be born yet is an infant.
        if born_on >= self.on:
            born_on = self.on - timedelta(days=self.rng.randint(40, 800))
        name = family_name + given_name(self.rng, is_woman=is_woman)
        return Member(relation, name, Sex.FEMALE if is_woman else Sex.MALE, born_on)

    def _ago(self, years: float) -> date:
        return self.on - timedelta(days=int(years * YEAR) + self.rng.randint(0, 364))

    def _near(self, day: date, least: float, most: float) -> date:
        return day + timedelta(days=self.rng.randint(int(least * YEAR), int(most * YEAR)))

    _after = _near


def family_of(rng: Random, head: str, count: int, on: date) -> list[Member]:
    """The head and so many members in all, as they are on that day."""
    is_old = rng.random() < (0.75 if count < 3 else 0.45)
    if count == 1:
        age = rng.uniform(60, 84) if is_old else rng.uniform(42, 60)
    else:
        age = rng.uniform(56, 70) if is_old else rng.uniform(35, 54)
    family = Family(rng, head, age, on)
    kinds = list(OLD if is_old else YOUNG)
    # Most women who head a household are widows.
    if family.is_womans and rng.random() < 0.6:
        kinds.remove("spouse")
    return [family.head, *(family.add(kind) for kind in kinds[: count - 1])]
