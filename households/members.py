"""Members as a page shows them: age, not birth date; health and children only to those who need them."""

from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from households.models import Health, Person, Schooling
from households.sensitive import is_like_a_child
from households.templatetags.personal import age, id_beside_age
from households.words import Fact, Words, word_of, words_of
from villages.ways import way_to

# What a line at the door tells about school: who is not at school needs no word there.
NOT_AT_SCHOOL = frozenset({"", Schooling.NONE, Schooling.PRESCHOOL_AGE})
YES_OR_NO = ("has_medical_insurance", "has_major_illness_insurance", "has_pension")
SUPPORT = ("has_minimum_allowance", "has_destitute_support")


class Member(NamedTuple):
    """One person as of a day. `shows_sensitive`: to a reader whose task needs health and children's data."""

    person: Person
    on: date
    shows_sensitive: bool
    words: Words

    @property
    def age(self) -> str:
        """The age in words."""
        return age(self.person, self.on)

    @property
    def brief(self) -> str:
        """Relation and age: "spouse · 63 years old"."""
        return f"{self.words.of(self.person, 'relation')} · {self.age}"

    @property
    def doing(self) -> str:
        """School or work, as far as anybody knows: "works 8 months a year · 广东东莞"."""
        school = ""
        if self.person.schooling not in NOT_AT_SCHOOL:
            school = _("at school: %(school)s") % {"school": self.words.of(self.person, "schooling")}
        return " · ".join(said for said in (school, self.work) if said)

    @property
    def work(self) -> str:
        """How long and where the person works away or at home."""
        person, said = self.person, []
        if person.months_of_work:
            said.append(_("works %(months)s months a year") % {"months": person.months_of_work})
        if person.place_of_work:
            said.append(person.place_of_work)
        return " · ".join(said)

    @property
    def ill(self) -> str:
        """What the register says of illness and disability; empty for the healthy."""
        return _(", ").join(word_of(Health, word) for word in self.person.health if word != Health.HEALTHY)

    @property
    def way_in_full(self) -> str:
        """Where a number is shown in full; empty for a reader whose task does not need it."""
        return way_to("person_reveal", self.person.pk) if self.shows_sensitive else ""

    @property
    def told(self) -> str:
        """Who this is in one line: relation and age, illness, school and work."""
        return " · ".join(filter(None, (self.brief, self.ill if self.shows_sensitive else "", self.doing)))

    @property
    def health(self) -> str:
        """What the register says of health; a dash when it says nothing."""
        return self.ill or (_("healthy") if self.person.health else "–")

    @property
    def id_number(self) -> str:
        """The identity number, masked as it must be beside an age."""
        return id_beside_age(self.person.id_number)

    @property
    def phone(self) -> str:
        """The telephone, masked."""
        return str(self.person.phone) if self.person.phone else ""

    @property
    def facts(self) -> list[Fact]:
        """Everything about the person as label and words, in the order of the national form, numbers masked."""
        person, words = self.person, self.words
        told = [
            (words.label("sex"), words.of(person, "sex")),
            (words.label("ethnicity"), person.ethnicity),
            (words.label("education"), words.of(person, "education")),
            (words.label("schooling"), words.of(person, "schooling")),
            (words.label("health"), self.health if self.shows_sensitive else ""),
            (words.label("labour_skill"), words.of(person, "labour_skill")),
            (_("Work"), self.work),
            *((words.label(name), _yes_or_no(getattr(person, name))) for name in YES_OR_NO),
            *((words.label(name), _("yes")) for name in SUPPORT if getattr(person, name)),
            (words.label("id_number"), self.id_number),
            (words.label("phone"), self.phone),
            (words.label("bank_account"), str(person.bank_account) if person.bank_account else ""),
            (words.label("number"), person.number),
        ]
        return [Fact(label, said) for label, said in told if said]


def members_shown(persons: list[Person], on: date, *, shows_sensitive: bool) -> tuple[list[Member], int]:
    """The members to show by name, and how many children are only counted."""
    words = words_of(Person)
    members = [Member(person, on, shows_sensitive, words) for person in persons]
    shown = [member for member in members if shows_sensitive or not is_like_a_child(member.person, on)]
    return shown, len(members) - len(shown)


def _yes_or_no(answer: bool | None) -> str:
    return "" if answer is None else _("yes") if answer else _("no")
