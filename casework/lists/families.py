"""Lists of families: met by nobody, met by telephone alone, without a helper."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.lists.base import ActList, Asked, Key, Line, Spot, in_order, written
from casework.models import Duty, Outcome, Visit
from casework.models.visits import REMOTE_CONTACTS
from casework.unseen import BY_PHONE, IN_PERSON, REACHED_AT_ALL, UNSEEN, households_behind
from households.models import BaseType, HelperPairing, Household, MonitoringType
from households.words import word_of
from villages import among  # noqa: F401, the lookup of that name
from villages.models.places import short_village_name
from villages.ways import way_to

REMOTE = Q(contact__in=sorted(REMOTE_CONTACTS))
MET_IN_PERSON = Q(outcome=Outcome.MET, contact__in=IN_PERSON)


def met(first: date, last: date, how: Q = MET_IN_PERSON) -> Any:
    """Standing visits of those days at which the family was met, or reached that way, to be joined to a household."""
    return Visit.objects.standing().filter(how, household=OuterRef("pk"), visited_on__range=(first, last))


class Family(NamedTuple):
    """A household as a list tells of it: columns and no instance, because a file tells of all of a district."""

    pk: int
    name: str
    base_type: str
    monitoring_type: str
    is_away: bool
    house: str
    village_id: str
    village: str
    town: str
    group_number: int | None
    group: str | None
    met_on: date | None
    called_on: date | None

    @property
    def kind(self) -> tuple[str, str, bool]:
        """Monitoring type, base type, and whether the whole family is away."""
        return self.monitoring_type, self.base_type, self.is_away


Subject = TypeVar("Subject")


class Words(dict[Subject, str]):
    """Says the same of the same once: to ask the language for each cell took a fifth of a file of a district."""

    def __init__(self, say: Callable[[Subject], str]) -> None:
        super().__init__()
        self.say = say

    def __missing__(self, subject: Subject) -> str:
        self[subject] = self.say(subject)
        return self[subject]


class FamilyWords:
    """What is said of families, in the language of the moment it is made."""

    def __init__(self) -> None:
        self.kinds: Words[tuple[str, str, bool]] = Words(_kind_said)
        self.days: Words[date | None] = Words(day_said)
        self.groups: Words[int] = Words(numbered_group)
        self.villages: Words[str] = Words(short_village_name)

    def spot(self, one: Family) -> Spot:
        """Where it lives."""
        number = one.group_number or 0
        group = one.group or (self.groups[number] if number else "")
        return Spot(one.village_id, self.villages[one.village], one.town, group, number, one.house)


def _kind_said(kind: tuple[str, str, bool]) -> str:
    monitoring_type, base_type, is_away = kind
    kinds = [word_of(MonitoringType, monitoring_type)] if monitoring_type else []
    kinds.append(word_of(BaseType, base_type))
    return " · ".join([*kinds, gettext("whole family away")] if is_away else kinds)


def numbered_group(number: int) -> str:
    """What a villager group without a name of its own is called."""
    return gettext("Group %(number)s") % {"number": number}


COLUMNS = (
    *("pk", "head_name", "base_type", "monitoring_type", "is_away", "house"),
    *("village_id", "village__name", "village__town__name", "group__number", "group__name"),
)


class FamilyList(ActList):
    """Households on the register that day, as far as the reader sees them."""

    order = ("village", "group__number", "number", "pk")

    def cells(self, family: Family, helpers: str, words: FamilyWords) -> tuple[str, ...]:
        """What the list says of a family."""
        return words.kinds[family.kind], words.days[family.met_on], words.days[family.called_on], helpers or "–"

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """By name, with the last days somebody met or called them, and who helps. Two queries."""
        met_on, called_on = (_latest(met(date.min, asked.on, how)) for how in (MET_IN_PERSON, REMOTE & REACHED_AT_ALL))
        meant = frozenset(keys)
        rows = Household.objects.filter(pk__among=meant).order_by().values_list(*COLUMNS, met_on, called_on)
        helpers: dict[int, list[str]] = defaultdict(list)
        held = HelperPairing.objects.in_force(asked.on).filter(household__pk__among=meant).order_by("-is_primary", "pk")
        for pk, name in held.values_list("household", "cadre__name"):
            helpers[pk].append(name)
        found, words = in_order(keys, {row[0]: Family(*row) for row in rows}), FamilyWords()
        comma = gettext(", ")  # once: an export has a hundred thousand of these
        return [
            Line(
                one.pk,
                one.name,
                way_to("household", one.pk),
                words.spot(one),
                self.cells(one, comma.join(helpers[one.pk]), words),
            )
            for one in found
        ]


def day_said(day: date | None) -> str:
    """A day with its year; nothing known: never."""
    return written(day) if day else gettext("never")


def _latest(visits: Any) -> Subquery:
    return Subquery(visits.order_by("-visited_on").values("visited_on")[:1])


class SeenList(FamilyList):
    """Households by how they were seen lately, as the coverage page counts them: casework/unseen.py defines it."""

    seen: ClassVar[str]
    columns = (_("household type"), _("last met"), _("last called"), _("helper cadre"))

    def rows(self, asked: Asked) -> Any:
        """Those in reach that were seen in that way within the days."""
        behind = households_behind(
            cadre=asked.cadre,
            on=asked.on,
            days=asked.days,
            place_code=asked.place,
            seen=self.seen,
            seen_on=asked.seen_on,
        )
        return behind.filter(asked.at("village__code"))


class Unseen(SeenList):
    """Neither met nor reached by anybody for so many days, whatever the rounds ask."""

    key = "unseen"
    name = _("Families nobody has met")
    purpose = _(
        "Go and see them, or ask why nobody could. Families reached by telephone alone have a list of their own."
    )
    seen = UNSEEN
    days = "UNSEEN_AFTER_DAYS"
    days_label = _("met by nobody for … days")


class PhoneOnly(SeenList):
    """Reached, but by telephone or video alone."""

    key = "phone-only"
    name = _("Families met by telephone alone")
    purpose = _("Perhaps they are away. Ask when they come home, and plan a visit for then.")
    seen = BY_PHONE
    days = "LIST_BACK_DAYS"
    days_label = _("within … days")
    takes_round = True

    def rows(self, asked: Asked) -> Any:
        """In a round: its targets, reached in its period and not met in person."""
        if not asked.round:
            return super().rows(asked)
        first, last = asked.period
        households = Household.objects.visible_to(asked.cadre, asked.seen_on).registered(asked.on)
        targets = Duty.objects.filter(household=OuterRef("pk"), round=asked.round)
        return households.filter(
            asked.at("village__code"),
            Exists(targets),
            Exists(met(first, last, REMOTE & REACHED_AT_ALL)),
            ~Exists(met(first, last)),
        )


class WithoutHelper(FamilyList):
    """Exited or monitored, and paired with nobody."""

    key = "without-helper"
    name = _("Families without a helper")
    purpose = _("Every family that left poverty or is monitored has a helper. Pair one in the office.")
    columns = SeenList.columns[:3]

    def rows(self, asked: Asked) -> Any:
        """In the national register, and no pairing in force that day."""
        households = Household.objects.visible_to(asked.cadre, asked.seen_on).registered(asked.on)
        helped = HelperPairing.objects.in_force(asked.on).filter(household=OuterRef("pk"))
        return households.in_national_register().filter(asked.at("village__code"), ~Exists(helped))

    def cells(self, family: Family, helpers: str, words: FamilyWords) -> tuple[str, ...]:
        """Without the helper's column."""
        return super().cells(family, helpers, words)[:3]
