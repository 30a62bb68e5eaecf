"""The persons of the made-up households: numbers, schooling by age, health, labour, work, insurances."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from casework.demo.district import Demo
from casework.demo.families import Member, family_of
from casework.demo.numbers import IdentityNumbers, bank_account, phone
from casework.demo.rows import pour_all
from casework.demo.words import WORKPLACES
from households.models import (
    BaseType,
    Education,
    Health,
    Household,
    LabourSkill,
    Person,
    Relation,
    Schooling,
    Sex,
)
from households.models.sealed import BlindIndexField, Sealed, SealedField
from households.pinyin import initials_of

CHILDRENS_SCHOOLING = [
    *[Schooling.PRESCHOOL_AGE] * 3,
    *[Schooling.PRESCHOOL] * 3,
    *[Schooling.PRIMARY] * 6,
    *[Schooling.GRADE_7, Schooling.GRADE_8, Schooling.GRADE_9],
]
SENIOR = (Schooling.SENIOR_1, Schooling.SENIOR_2, Schooling.SENIOR_3)
VOCATIONAL = (Schooling.VOCATIONAL_1, Schooling.VOCATIONAL_2, Schooling.VOCATIONAL_3)
WORKING_AGE, RETIRING_AGE, WEAK_UNTIL = 16, 60, 70
NAMES = 50_000  # made-up names repeat; the dictionary is slow
SCHOOL_YEAR_BEGINS = (9, 1)
# Share of each level, from illiterate to bachelor, by age.
EDUCATION = {
    30: (0, 2, 44, 26, 18, 10),
    45: (0, 14, 58, 18, 7, 3),
    60: (3, 40, 46, 10, 1, 0),
    200: (22, 58, 17, 3, 0, 0),
}


class PersonRow(NamedTuple):
    """A row of the persons' table, column by column."""

    household_id: int
    number: str
    name: str
    initials: str
    relation: str
    sex: str
    born_on: date
    id_number: Sealed | None
    id_index: str
    id_tail_index: str
    id_problem: str
    ethnicity: str
    education: str
    schooling: str
    health: list[str]
    labour_skill: str
    months_of_work: int
    place_of_work: str
    has_medical_insurance: bool
    has_major_illness_insurance: bool
    has_pension: bool
    has_minimum_allowance: bool
    has_destitute_support: bool
    phone: Sealed | None
    bank_account: Sealed | None
    identified_on: date | None


class Home(NamedTuple):
    """What is known of a household before its persons."""

    pk: int
    number: str
    village_id: str
    head_name: str
    members: int
    base_type: str
    monitoring_type: str
    is_away: bool
    phone: Sealed | None
    identified_on: date | None
    registered_on: date
    left_on: date | None


@dataclass
class Family:
    """A household of the national register as far as its income, measures and cases depend on its persons."""

    home: Home
    has_labour: bool = False
    has_allowance: bool = False
    workers: list[str] = field(default_factory=list)
    pupils: list[str] = field(default_factory=list)

    @property
    def is_exited(self) -> bool:
        """Whether it left poverty."""
        return self.home.base_type == BaseType.EXITED


def make_persons(demo: Demo) -> list[Family]:
    """Pour the persons of every household; the families of exited and monitored ones are handed on."""
    families: list[Family] = []
    rows = Household.objects.order_by("pk").values_list(*Home._fields)
    homes = (Home(*row) for row in rows)
    pour_all(Person, PersonRow._fields, Census(demo, families).rows(homes))
    return families


class Census:
    """Writes down who lives in each household."""

    def __init__(self, demo: Demo, families: list[Family]) -> None:
        self.on, self.rng, self.families = demo.on, demo.draws("persons"), families
        self.numbers = IdentityNumbers()
        self.school_year = date(demo.on.year, *SCHOOL_YEAR_BEGINS)
        if demo.on < self.school_year:
            self.school_year = self.school_year.replace(year=demo.on.year - 1)
        self.sealed = {name: _sealed(name) for name in ("id_number", "phone", "bank_account")}
        self.index, self.tail_index = _index("id_index"), _index("id_tail_index")
        self.initials = lru_cache(maxsize=NAMES)(initials_of)

    def rows(self, homes: Iterator[Home]) -> Iterator[PersonRow]:
        """The persons of the households, one after the other."""
        for home in homes:
            yield from self._family(home)

    def _family(self, home: Home) -> list[PersonRow]:
        rng = self.rng
        is_exited = home.base_type == BaseType.EXITED
        has_allowance = rng.random() < (0.22 if is_exited else 0.03)
        is_destitute = has_allowance and home.members == 1
        ethnicity = "畲族" if rng.random() < 0.03 else "汉族"
        family = Family(home, has_allowance=has_allowance)
        rows = [
            self._person(home, family, member, serial, ethnicity, is_destitute=is_destitute)
            for serial, member in enumerate(family_of(rng, home.head_name, home.members, self.on), start=1)
        ]
        if is_exited or home.monitoring_type:
            self.families.append(family)
        return rows

    def _person(
        self, home: Home, family: Family, member: Member, serial: int, ethnicity: str, *, is_destitute: bool
    ) -> PersonRow:
        rng = self.rng
        age = age_on(member.born_on, self.on)
        schooling = self._schooling(member)
        health = _health(rng, age, is_poor=family.is_exited)
        skill = _labour(rng, age, schooling, health)
        months, place = _work(rng, skill, is_away=home.is_away)
        number = f"{home.number}{serial:02d}"
        _note(family, number, skill, months, schooling)
        identity = self.numbers.next(member.born_on, is_woman=member.sex == Sex.FEMALE)
        is_head = member.relation == Relation.HEAD
        is_insured = rng.random() < 0.985
        return PersonRow(
            household_id=home.pk,
            number=number,
            name=member.name,
            initials=self.initials(member.name),
            relation=member.relation,
            sex=member.sex,
            born_on=member.born_on,
            id_number=self.sealed["id_number"].sealed(identity),
            id_index=self.index.digest(identity),
            id_tail_index=self.tail_index.digest(identity),
            id_problem="",
            ethnicity=ethnicity,
            education="" if schooling != Schooling.NONE else _education(rng, age),
            schooling=schooling,
            health=health,
            labour_skill=skill,
            months_of_work=months,
            place_of_work=place,
            has_medical_insurance=is_insured,
            has_major_illness_insurance=is_insured,
            has_pension=schooling == Schooling.NONE and rng.random() < 0.96,
            has_minimum_allowance=family.has_allowance and not is_destitute,
            has_destitute_support=is_destitute,
            phone=self.sealed["phone"].sealed(self._phone(home, age, is_head=is_head)),
            bank_account=self.sealed["bank_account"].sealed(
                bank_account(rng) if is_head and family.is_exited and rng.random() < 0.8 else ""
            ),
            identified_on=max(home.identified_on, member.born_on) if home.identified_on else None,
        )

    def _phone(self, home: Home, age: int, *, is_head: bool) -> str:
        """The head's is the household's; of the others, grown-ups mostly have one of their own."""
        if is_head:
            return home.phone.reveal() if home.phone else ""
        return phone(self.rng) if age >= WORKING_AGE and self.rng.random() < 0.6 else ""

    def _schooling(self, member: Member) -> Schooling:
        age = age_on(member.born_on, self.school_year)
        if age < len(CHILDRENS_SCHOOLING):
            return CHILDRENS_SCHOOLING[max(age, 0)]
        chance = self.rng.random()
        year = age - len(CHILDRENS_SCHOOLING)
        if year < len(SENIOR):
            return SENIOR[year] if chance < 0.55 else VOCATIONAL[year] if chance < 0.9 else Schooling.NONE
        if year < len(SENIOR) + 4:
            return Schooling.COLLEGE if chance < 0.28 else Schooling.BACHELOR if chance < 0.46 else Schooling.NONE
        return Schooling.NONE


def age_on(born_on: date, day: date) -> int:
    """Completed years; below zero before birth."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _sealed(name: str) -> SealedField:
    field: Any = Person._meta.get_field(name)
    return field


def _index(name: str) -> BlindIndexField:
    field: Any = Person._meta.get_field(name)
    return field


def _note(family: Family, number: str, skill: str, months: int, schooling: str) -> None:
    """Remember what measures and income depend on."""
    family.has_labour = family.has_labour or skill in (LabourSkill.SKILLED, LabourSkill.ORDINARY)
    if months:
        family.workers.append(number)
    if schooling not in (Schooling.NONE, Schooling.PRESCHOOL_AGE, Schooling.PRESCHOOL):
        family.pupils.append(number)


def _health(rng: Random, age: int, *, is_poor: bool) -> list[str]:
    chance = rng.random() / (1.6 if is_poor else 1)
    if chance < 0.015:
        return [Health.DISABLED, Health.CHRONIC] if age > 40 else [Health.DISABLED]
    if chance < 0.035 and age > 6:
        return [Health.DISABLED]
    if chance < 0.045 and age > 25:
        return [Health.SERIOUS]
    if chance < 0.045 + max(age - 35, 0) * 0.006:
        return [Health.CHRONIC]
    return [Health.HEALTHY]


def _labour(rng: Random, age: int, schooling: str, health: list[str]) -> str:
    if age < WORKING_AGE or schooling != Schooling.NONE:
        return LabourSkill.NONE
    if age >= RETIRING_AGE:
        return LabourSkill.WEAK if age < WEAK_UNTIL and rng.random() < 0.5 else LabourSkill.NONE
    if Health.DISABLED in health:
        return LabourSkill.LOST if rng.random() < 0.4 else LabourSkill.WEAK
    if Health.SERIOUS in health:
        return LabourSkill.WEAK
    return LabourSkill.SKILLED if rng.random() < 0.18 else LabourSkill.ORDINARY


def _work(rng: Random, skill: str, *, is_away: bool) -> tuple[int, str]:
    """Months of work in the year, and where."""
    is_able = skill in (LabourSkill.SKILLED, LabourSkill.ORDINARY)
    if is_able and (is_away or rng.random() < 0.66):
        return rng.choice((6, 8, 9, 10, 10, 11, 11, 12)), rng.choice(WORKPLACES)
    if is_able or (skill == LabourSkill.WEAK and rng.random() < 0.2):
        return rng.choice((0, 0, 2, 3, 4)), "本村"
    return 0, ""


def _education(rng: Random, age: int) -> str:
    weights = next(weights for until, weights in EDUCATION.items() if age < until)
    return str(rng.choices(list(Education), weights)[0])
