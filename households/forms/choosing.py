"""For which households something is entered: those of a village, or the ones a helper helps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from households.entering import can_enter_measure, helped_by, households_to_enter
from households.models import Household
from households.models.households import HouseholdQuerySet
from villages.models import Cadre, Village

EXITED, MONITORED = "exited", "monitored"
KINDS = [("", _("all")), (EXITED, _("exited from poverty")), (MONITORED, _("monitored"))]
MOST = 2000  # more than any village has


class ChoiceQuery(forms.Form):
    """The village, the kind of household and the words searched for, as an address or a form names them."""

    place = forms.RegexField(r"^\d{12}\Z", required=False)
    who = forms.ChoiceField(choices=KINDS, required=False)
    q = forms.CharField(required=False, max_length=50)

    def asked(self, name: str) -> str:
        """One of the answers; what makes no sense counts as not asked."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


@dataclass(frozen=True, slots=True)
class Choice:
    """The households offered to a cadre at one place, and which of them are ticked."""

    cadre: Cadre
    on: date
    village: Village | None
    who: str
    words: str

    def offered(self) -> HouseholdQuerySet:
        """The households that can be ticked, in the order of the groups."""
        rows = households_to_enter(self.cadre, self.on)
        if self.village is not None:
            rows = rows.filter(village=self.village)
        else:
            rows = rows.filter(pk__in=helped_by(self.cadre, self.on).values("pk"))
        if self.who:
            rows = rows.poor() if self.who == EXITED else rows.monitored()
        return rows.select_related("group", "village")

    def shown(self, ticked: set[int]) -> list[Household]:
        """What the list shows: all that match the words, and whatever is ticked already."""
        rows = self.offered()
        if self.words:
            found = Q(head_name__contains=self.words) | Q(number__contains=self.words)
            rows = rows.filter(found | Q(pk__in=ticked))
        return list(rows[:MOST])

    def groups_of(self, data: Any) -> set[int]:
        """Ids of the households of those villager groups that are ticked as a whole."""
        groups = numbers(data.getlist("group"))
        return set(self.offered().filter(group__in=groups).values_list("pk", flat=True)) if groups else set()

    @property
    def place_query(self) -> str:
        """How an address names the place."""
        return f"place={self.village.pk}" if self.village else ""

    @property
    def query(self) -> str:
        """How an address names the place and the kind of household."""
        return f"{self.place_query}&who={self.who}" if self.who else self.place_query


def choice_of(data: Any, cadre: Cadre, on: date) -> Choice:
    """The choice an address asks for. Raises Http404 for a village out of reach, PermissionDenied to enter there."""
    query = ChoiceQuery(data)
    code = query.asked("place")
    village = None
    if code:
        village = get_object_or_404(Village.objects.visible_to(cadre, on).select_related("town"), pk=code)
        if not can_enter_measure(cadre, village.pk, on):
            raise PermissionDenied
    return Choice(cadre, on, village, query.asked("who"), query.asked("q"))


def numbers(values: Iterable[str]) -> set[int]:
    """Whole numbers among what was sent; the rest is nobody's household. A text may hold several, after commas."""
    parts = [part for value in values for part in value.split(",")]
    return {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19}


def chosen(ids: set[int], cadre: Cadre, on: date) -> list[Household]:
    """The households behind the ids. Raises Http404 for one out of sight, PermissionDenied for one to look at only."""
    visible = Household.objects.visible_to(cadre, on).filter(pk__in=ids)
    if visible.count() < len(ids):
        raise Http404
    found = list(households_to_enter(cadre, on).filter(pk__in=ids).select_related("group", "village"))
    if len(found) < len(ids):
        raise PermissionDenied
    return found
