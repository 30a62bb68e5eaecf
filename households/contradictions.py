"""Which households contradict which rule, and how many there are in each place: one definition for number and list."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Value
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.models import Household, Person
from households.models.households import HouseholdQuerySet
from households.quality import RULES, rules
from households.sensitive import is_like_a_child, worked_with
from villages.models import Cadre

DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
# How long the codes of the places below a place are.
BELOW = {DISTRICT_DIGITS: TOWN_DIGITS, TOWN_DIGITS: VILLAGE_DIGITS, VILLAGE_DIGITS: VILLAGE_DIGITS}


@dataclass(frozen=True, slots=True)
class Found:
    """How many households of a place contradict each rule, in all and in each place below it."""

    by_rule: Counter[str]
    by_place: dict[str, Counter[str]]


def households_behind(key: str, *, cadre: Cadre, on: date, place_code: str) -> HouseholdQuerySet:
    """The households of the place that contradict the rule, in order of village, group and number."""
    found = RULES[key].find(_asked(cadre, on, place_code), on)
    return found.order_by("village_id", "group__number", "number")


def count_all(*, cadre: Cadre, on: date, place_code: str) -> Found:
    """All rules at once, in one statement."""
    return _counted([rule.key for rule in rules()], cadre, on, place_code)


def count_one(key: str, *, cadre: Cadre, on: date, place_code: str) -> Found:
    """One rule."""
    return _counted([key], cadre, on, place_code)


def persons_concerned(
    key: str, households: list[Household], on: date, *, cadre: Cadre | None = None
) -> dict[int, list[str]]:
    """Names of the members the rule is about, by household, and what is the matter with each where that is known.

    Empty for rules that are not about members. Children are only counted for a cadre who does not work with the
    family; without a cadre it is the office that asks.
    """
    rule, named = RULES[key], dict[int, list[str]]()
    if rule.persons is None:
        return named
    persons: Any = Person.objects.registered(on).filter(rule.persons(on), household__in=households)
    children = Counter[int]()
    if cadre is not None:
        needed = Exists(worked_with(cadre, on).filter(pk=OuterRef("household_id")))
        persons = persons.annotate(is_needed=needed)
    for person in persons.only("household", "name", "born_on", *filter(None, [rule.detail])).order_by("pk"):
        if cadre is not None and not person.is_needed and is_like_a_child(person, on):
            children[person.household_id] += 1
            continue
        detail = getattr(person, f"get_{rule.detail}_display")() if rule.detail else ""
        words = _("%(name)s (%(detail)s)") % {"name": person.name, "detail": detail} if detail else person.name
        named.setdefault(person.household_id, []).append(words)
    for household, number in children.items():
        named.setdefault(household, []).append(_children(number))
    return named


def _children(number: int) -> str:
    return ngettext("%(number)s child", "%(number)s children", number) % {"number": number}


def _asked(cadre: Cadre, on: date, place_code: str) -> HouseholdQuerySet:
    return Household.objects.visible_to(cadre, on).registered(on).within(place_code)


def _counted(keys: list[str], cadre: Cadre, on: date, place_code: str) -> Found:
    asked, digits = _asked(cadre, on, place_code), BELOW[len(place_code)]
    parts = [_grouped(key, asked, on, digits) for key in keys]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = Found(Counter(), {})
    for key, place, count in rows:
        found.by_rule[key] += count
        found.by_place.setdefault(place, Counter())[key] += count
    return found


def _grouped(key: str, asked: HouseholdQuerySet, on: date, digits: int) -> Any:
    rule_key, place = Value(key, output_field=CharField()), Left("village_id", digits)
    found = RULES[key].find(asked, on).order_by().annotate(rule_key=rule_key, place=place)
    return found.values("rule_key", "place").annotate(count=Count("pk")).values_list("rule_key", "place", "count")
