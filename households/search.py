"""Find households and persons by what people know: a name, its initials, a number, the last four of the identity card.

What is looked for is taken apart once (`Asked`) and may then wait in a session, sealed: an identity number is kept
there as its blind indexes, never as it was typed; what else reads like a person's number is not looked for and not
kept. Only the office finds by identity numbers, and only in its own places.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db.models import Q, QuerySet

from households.models import Household, Person, Relation
from households.numbers import tidy
from households.sealing import CannotUnseal, seal, unseal
from households.sensitive import is_like_a_child, worked_with
from villages import reach
from villages.models import Cadre
from villages.personal_numbers import is_no_question
from villages.prepared import Prepared

MOST = 30
SESSION = "a search in a session"  # what it is sealed for
LONGEST = 50
LONGEST_SHOWN = 12  # a longer one may be that of a bank account
# What is asked of a person who is found.
FOUND = ("household_id", "name", "pk", "relation")
INITIALS = re.compile(r"[A-Za-z]{1,20}", re.ASCII)
NUMBER = re.compile(r"[0-9A-Z]*\d[0-9A-Z]*", re.ASCII)
TAIL = re.compile(r"\d{3}[\dX]", re.ASCII)
# Eighteen characters with a birth date where one belongs, right or mistyped; a certificate's digits may follow.
IDENTITY = re.compile(r"\d{6}(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX](\d\d(B\d)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `shown` is what the search box says again: never a person's number.

    `withheld` is set where such a number was typed with other words, or not as a whole: nothing is looked for.
    """

    shown: str = ""
    name: str = ""
    initials: str = ""
    number: str = ""
    tail_index: str = ""
    id_index: str = ""
    withheld: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def is_identity(self) -> bool:
        """Whether a whole identity number was typed."""
        return bool(self.id_index)

    def kept(self) -> str:
        """For a session: sealed, because people type other numbers and names of others, too."""
        said = {name: value for name, value in asdict(self).items() if value}
        return seal(json.dumps(said), column=SESSION)

    @classmethod
    def of_kept(cls, kept: str) -> Self:
        """The same again; nothing asked where it cannot be read, or is not there any more."""
        try:
            return cls(**json.loads(unseal(kept, column=SESSION)))
        except CannotUnseal:
            return cls()


@dataclass(frozen=True, slots=True)
class Found:
    """A household, and the person in it who was meant; none when it was found by its own name or number."""

    household: Household
    person: Person | None = None


def ask(words: str) -> Asked:
    """Take apart what was typed; four digits are looked for as the end of either kind of number."""
    text = " ".join(words.split())[:LONGEST]
    number = tidy(text)
    if IDENTITY.fullmatch(number):
        return Asked(id_index=_digest("id_index", number))
    if is_no_question(text):
        return Asked(withheld="number")
    if TAIL.fullmatch(number):
        return Asked(text, number=number, tail_index=_digest("id_tail_index", number))
    if INITIALS.fullmatch(text):
        return Asked(text, initials=text.lower())
    if NUMBER.fullmatch(number):
        return Asked(text if len(number) <= LONGEST_SHOWN else "", number=number)
    return Asked(text, name=text.replace(" ", ""))


def find(asked: Asked, cadre: Cadre, on: date, *, most: int = MOST) -> list[Found]:
    """Households in the cadre's reach, at most so many and one more to tell that there are others.

    Exact names first, then in the order of places and numbers.
    """
    meant: dict[int, tuple[str, int | None]] = {}
    for household_id, name, person_id in _hits(asked, cadre, on, most + 1):
        if household_id not in meant or name == asked.name:
            meant[household_id] = (name, person_id)
    households = Household.objects.select_related("village__town", "group").in_bulk(meant)
    members = {person_id for _name, person_id in meant.values() if person_id}
    persons = _shown(members, cadre, on)
    found = [
        (household, *meant[household.pk], household.group.number if household.group else 0)
        for household in households.values()
    ]
    found.sort(key=lambda one: (one[1] != asked.name, one[0].village_id, one[3], one[0].number))
    return [Found(household, persons.get(person_id or 0)) for household, _name, person_id, _group in found[: most + 1]]


def _shown(members: set[int], cadre: Cadre, on: date) -> dict[int, Person]:
    """The persons to name: children only to who works with their families; others see whose household it is."""
    found = Person.objects.only("name", "relation", "household", "born_on").in_bulk(members)
    children = {person.household_id for person in found.values() if is_like_a_child(person, on)}
    if not children:
        return found
    mine = set(worked_with(cadre, on).filter(pk__in=children).values_list("pk", flat=True))
    return {
        pk: person for pk, person in found.items() if person.household_id in mine or not is_like_a_child(person, on)
    }


# The reach is asked for first, as keys: with them the database can choose between the few rows of a village and the
# few rows of a name. As a subquery inside it would go through all rows of a common name.


def _villages(cadre_id: int, is_superuser: bool, day: date) -> QuerySet[Any]:
    return reach.villages_of(Cadre(pk=cadre_id, is_superuser=is_superuser), day).order_by().values_list("pk")


def _helped(cadre_id: int, is_superuser: bool, day: date) -> QuerySet[Any]:
    return Household.objects.helped_by(Cadre(pk=cadre_id), day).order_by().values_list("pk")


_VILLAGES, _HELPED = Prepared(_villages), Prepared(_helped)


def _scopes(cadre: Cadre, on: date) -> list[Q]:
    """Household.objects.visible_to(), in at most two parts: the villages reached, the households helped."""
    if cadre.is_superuser:
        return [Q()]
    who: dict[str, Any] = {"cadre_id": cadre.pk, "is_superuser": False, "day": on}
    villages = [code for (code,) in _VILLAGES.rows(**who)]
    helped = [key for (key,) in _HELPED.rows(**who)]
    return [Q(village__in=villages)] * bool(villages) + [Q(pk__in=helped)] * bool(helped)


def _office(cadre: Cadre, on: date) -> list[Q]:
    """The places for which the cadre is the office."""
    codes = reach.office_places(cadre, on)
    return [reduce(or_, (Q(village__code__startswith=code) for code in codes))] if codes else []


def _hits(asked: Asked, cadre: Cadre, on: date, most: int) -> Iterator[tuple[int, str, int | None]]:
    """Household, the name that was found, and the person when it is not the head."""
    registered = Person.objects.registered(on).order_by()
    persons = registered.values_list(*FOUND)
    scopes = _scopes(cadre, on) if asked.name or asked.initials or asked.number else []
    indexes = {"id_index__in": asked.id_index.split(), "id_tail_index__in": asked.tail_index.split()}
    by_index = [Q(**{name: found}) for name, found in indexes.items() if found]
    homes = [Household.objects.registered(on).filter(scope).order_by() for scope in scopes]
    persons_of = [persons.filter(household__in=some) for some in homes]
    rows = [*_rows(persons_of, _conditions(asked, "name"), most)]
    if by_index:
        offices = [Household.objects.registered(on).filter(scope).order_by() for scope in _office(cadre, on)]
        identified = registered.with_identity().values_list(*FOUND)
        rows += _rows([identified.filter(household__in=some) for some in offices], by_index, most)
    for household_id, name, person_id, relation in rows:
        yield household_id, name, None if relation == Relation.HEAD else person_id
    heads = [some.values_list("pk", "head_name") for some in homes]
    for household_id, name in _rows(heads, _conditions(asked, "head_name"), most):
        yield household_id, name, None


def _conditions(asked: Asked, name: str) -> list[Q]:
    """What to look for; after a name the exact name, should longer ones have cut it off."""
    if asked.name:
        return [Q(**{f"{name}__mentions": asked.name}), Q(**{name: asked.name})]
    if asked.initials:
        return [Q(initials__startswith=asked.initials)]
    return [Q(number__startswith=asked.number) | Q(number__ends=asked.number)] if asked.number else []


def _rows(parts: list[QuerySet[Any, Any]], conditions: list[Q], most: int) -> Iterator[Any]:
    """What meets one of the conditions; the next one is asked only when this one found too many."""
    for rows in parts:
        for condition in conditions:
            found = list(rows.filter(condition)[:most])
            yield from found
            if len(found) < most:
                break


def _digest(index: str, number: str) -> str:
    field: Any = Person._meta.get_field(index)
    return " ".join(field.digests(number))
