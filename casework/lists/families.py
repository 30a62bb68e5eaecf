"""Lists of families: met by nobody, met by telephone alone, without a helper."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.lists.base import ActList, Asked, Key, Line, in_order, spot_of
from casework.models import Contact, Duty, Outcome, Visit
from casework.models.visits import REMOTE_CONTACTS
from households.models import HelperPairing, Household

IN_PERSON = tuple(sorted(set(Contact) - REMOTE_CONTACTS))
REMOTE = tuple(sorted(REMOTE_CONTACTS))


def met(first: date, last: date, contacts: Sequence[str] = IN_PERSON) -> Any:
    """Standing visits of those days at which somebody of the family was met, to be joined to a household."""
    return Visit.objects.standing().filter(
        household=OuterRef("pk"), visited_on__range=(first, last), outcome=Outcome.MET, contact__in=contacts
    )


def day_said(day: date | None) -> str:
    """A day with its year; nothing known: never."""
    return date_format(day) if day else gettext("never")


class FamilyList(ActList):
    """Households on the register that day, as far as the reader sees them."""

    order = ("village", "group__number", "number", "pk")

    def meant(self, households: Any, asked: Asked) -> Any:
        """Which of the households are meant."""
        raise NotImplementedError

    def cells(self, household: Any, asked: Asked) -> tuple[str, ...]:
        """What the list says of a household with `met_on`, `called_on` and `helpers_now`."""
        return (
            kind_of(household),
            day_said(household.met_on),
            day_said(household.called_on),
            "、".join(pairing.cadre.name for pairing in household.helpers_now) or "–",
        )

    def rows(self, asked: Asked) -> Any:
        """Households in reach."""
        seen = Household.objects.visible_to(asked.cadre, asked.seen_on).registered(asked.on)
        return self.meant(seen.filter(asked.at("village__code")), asked)

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """By name, with the last days somebody met or called them, and who helps."""
        helping = HelperPairing.objects.in_force(asked.on).select_related("cadre").order_by("-is_primary")
        rows = (
            Household.objects.filter(pk__in=list(keys))
            .select_related("village__town", "group")
            .prefetch_related(Prefetch("helper_pairings", helping, to_attr="helpers_now"))
            .annotate(met_on=_latest(met(date.min, asked.on)), called_on=_latest(met(date.min, asked.on, REMOTE)))
        )
        found = in_order(keys, {row.pk: row for row in rows})
        return [
            Line(
                row.pk,
                row.head_name,
                reverse("household", args=[row.pk]),
                spot_of(row.village, row),
                self.cells(row, asked),
            )
            for row in found
        ]


def kind_of(household: Household) -> str:
    """Base type and monitoring type in words, and that the whole family is away."""
    kinds = [household.get_monitoring_type_display(), household.get_base_type_display()]
    away = gettext("whole family away") if household.is_away else ""
    return " · ".join(str(kind) for kind in (*kinds, away) if kind)


def _latest(visits: Any) -> Subquery:
    return Subquery(visits.order_by("-visited_on").values("visited_on")[:1])


class Unseen(FamilyList):
    """Met in person by nobody for so many days, whatever the rounds ask."""

    key = "unseen"
    name = _("Families nobody has met")
    purpose = _("Go and see them, or ask why nobody could. Whoever was only called is still in this list.")
    columns = (_("household type"), _("last met"), _("last called"), _("helper cadre"))
    days = "UNSEEN_DAYS"
    days_label = _("met by nobody for … days")

    def meant(self, households: Any, asked: Asked) -> Any:
        """No standing visit in person at which somebody was met; who came to the register since is not meant yet."""
        first, last = asked.period
        return households.filter(~Exists(met(first, last)), registered_on__lte=first)


class PhoneOnly(FamilyList):
    """Reached, but by telephone or video alone."""

    key = "phone-only"
    name = _("Families met by telephone alone")
    purpose = _("Perhaps they are away. Ask when they come home, and plan a visit for then.")
    columns = Unseen.columns
    days = "LIST_BACK_DAYS"
    days_label = _("within … days")
    takes_round = True

    def meant(self, households: Any, asked: Asked) -> Any:
        """Called in the period and not met in person; in a round, of its targets."""
        first, last = asked.period
        if asked.round:
            households = households.filter(Exists(Duty.objects.filter(household=OuterRef("pk"), round=asked.round)))
        return households.filter(Exists(met(first, last, REMOTE)), ~Exists(met(first, last)))


class WithoutHelper(FamilyList):
    """Exited or monitored, and paired with nobody."""

    key = "without-helper"
    name = _("Families without a helper")
    purpose = _("Every family that left poverty or is monitored has a helper. Pair one in the office.")
    columns = Unseen.columns[:3]

    def meant(self, households: Any, asked: Asked) -> Any:
        """In the national register, and no pairing in force that day."""
        helped = HelperPairing.objects.in_force(asked.on).filter(household=OuterRef("pk"))
        return households.in_national_register().filter(~Exists(helped))

    def cells(self, household: Any, asked: Asked) -> tuple[str, ...]:
        """Without the helper's column."""
        return super().cells(household, asked)[:3]
