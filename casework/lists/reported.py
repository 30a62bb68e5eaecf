"""Lists about visits: with a question about them, and the week's sample with the household's answer."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.flags import in_words
from casework.lists.base import ActList, Asked, Key, Line, in_order, spot_of, written
from casework.models import Recheck, Visit, VisitFlag
from casework.rechecks import last_week
from villages.models import Cadre

OF_VISIT = ("village", "household__group__number", "household__number", "visited_on", "pk")
WITH_PLACE = ("household__group", "village__town")


class VisitList(ActList):
    """Rows about one visit each; `path` leads from the row to it."""

    subject = _("Household or village")
    path = "visit__"

    @abstractmethod
    def told(self, row: Any, visit: Visit) -> tuple[str, ...]:
        """What the list says of a row and its visit."""

    @abstractmethod
    def found(self, keys: Sequence[Key]) -> Any:
        """The rows of these keys."""

    def visit_of(self, row: Any) -> Visit:
        """The visit the row is about."""
        return row.visit

    def address(self, row: Any) -> str:
        """Where the record is."""
        return reverse("visit_receipt", args=[self.visit_of(row).pk])

    def lines(self, keys: Sequence[Key], asked: Asked) -> list[Line]:
        """By the household's name, or the village's."""
        rows = self.found(keys).select_related(*(f"{self.path}{name}" for name in WITH_PLACE))
        rows = rows.prefetch_related(Prefetch(f"{self.path}visitors", Cadre.objects.only("name", "username")))
        lines = []
        for row in in_order([str(key) for key in keys], {str(row.pk): row for row in rows}):
            visit = self.visit_of(row)
            name = visit.household.head_name if visit.household else visit.village.short_name
            spot = spot_of(visit.village, visit.household)
            lines.append(Line(str(row.pk), name, self.address(row), spot, self.told(row, visit)))
        return lines


def who_went(visit: Visit) -> str:
    """Those who went, by name."""
    return gettext(", ").join(person.name for person in visit.visitors.all())


def how(visit: Visit) -> str:
    """Day and contact of a visit."""
    return f"{written(visit.visited_on)} · {visit.get_contact_display()}"


class Questions(VisitList):
    """Visits with a soft flag that the household's word has not settled."""

    key = "questions"
    name = _("Visits that ask for a word")
    purpose = _("Nobody is accused: read what those who went say, and ask the family where it is still unclear.")
    columns = (_("day and contact"), _("what was noticed"), _("what those who went say"), _("who went"))
    days = "LIST_BACK_DAYS"
    days_label = _("noticed within … days")
    takes_round = True
    village = "visit__village"
    order = tuple(f"visit__{name}" for name in OF_VISIT)

    def rows(self, asked: Asked) -> Any:
        """Lasting flags in sight, not settled."""
        flags = VisitFlag.objects.visible_to(asked.cadre, asked.seen_on).lasting().unsettled()
        flags = flags.filter(asked.at("visit__village__code"), raised_on__lte=asked.on)
        first, last = asked.period
        return (
            flags.filter(visit__visited_on__range=(first, last)) if asked.round else flags.filter(raised_on__gte=first)
        )

    def found(self, keys: Sequence[Key]) -> Any:
        """The flags of these keys."""
        return VisitFlag.objects.filter(pk__in=list(keys))

    def told(self, row: Any, visit: Visit) -> tuple[str, ...]:
        """What was noticed and what was said."""
        said = f"{row.get_reason_display()} {row.words}".strip() if row.is_explained else gettext("not explained yet")
        return how(visit), in_words(row), said, who_went(visit)


class Sample(VisitList):
    """The random re-check sample of the week that was last drawn by that day."""

    key = "sample"
    name = _("Re-check sample of the week")
    purpose = _("Phone the family or go there, and write down its own answer. It is no score and blocks nothing.")
    columns = (_("day and contact"), _("the household's answer"), _("in its own words"), _("reply"), _("who asks"))
    village = "village"
    order = ("village", "household__group__number", "household__number", "pk")

    def rows(self, asked: Asked) -> Any:
        """Those of the week before the day's."""
        seen = Recheck.objects.visible_to(asked.cadre, asked.seen_on).lasting()
        return seen.filter(asked.at("village__code"), draw__week=last_week(asked.on))

    def said(self, asked: Asked) -> str:
        """Of which week."""
        return gettext("Of the visits entered in the week from %(day)s.") % {"day": written(last_week(asked.on))}

    def found(self, keys: Sequence[Key]) -> Any:
        """The re-checks of these keys."""
        return Recheck.objects.filter(pk__in=list(keys)).select_related("reviewer", "answered_by")

    def address(self, row: Any) -> str:
        """The page on which the answer is written down."""
        return reverse("recheck", args=[row.pk])

    def told(self, row: Any, visit: Visit) -> tuple[str, ...]:
        """Its answer, or that it is still to be asked."""
        answer = row.get_answer_display() if row.answer else gettext("not asked yet")
        who = row.answered_by or row.reviewer
        return how(visit), str(answer), row.words, row.reply, who.name if who else gettext("the office of the place")
