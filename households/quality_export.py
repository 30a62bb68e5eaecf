"""The households that contradict a rule as rows of a workbook: what the page lists, for working through it offline."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from households.contradictions import persons_concerned
from households.models import HelperPairing, Household
from households.quality import RULES
from households.register_export import HOUSEHOLDS_AT_ONCE
from households.workbooks import Heading, Table, Value


def table_of(key: str, household_ids: Sequence[int], *, on: date) -> Table:
    """The list of a rule in the order of the page: place, group, household, whom it concerns, the helpers."""
    title = _("%(rule)s, as of %(day)s") % {"rule": RULES[key].name, "day": date_format(on)}
    return Table(_("Data quality"), _headings(), _rows(key, household_ids, on), title=title)


def _headings() -> list[Heading]:
    return [
        Heading(_("No."), 6, is_text=False),
        Heading(str(capfirst(_("town"))), 14),
        Heading(str(capfirst(_("village"))), 14),
        Heading(str(capfirst(_("villager group"))), 10),
        Heading(str(capfirst(_("household number"))), 20),
        Heading(str(capfirst(_("head of household"))), 12),
        Heading(_("Concerns"), 24),
        Heading(str(capfirst(_("household type"))), 16),
        Heading(str(capfirst(_("helper cadre"))), 16),
        Heading(pgettext("quality", "What to do"), 40),
    ]


def _rows(key: str, ids: Sequence[int], on: date) -> Iterator[list[Value]]:
    serial, remedy = 0, str(RULES[key].remedy)
    for start in range(0, len(ids), HOUSEHOLDS_AT_ONCE):
        households = _households(ids[start : start + HOUSEHOLDS_AT_ONCE], on)
        concerned = persons_concerned(key, households, on)
        for household in households:
            serial += 1
            yield [serial, *_cells(household), _(", ").join(concerned.get(household.pk, [])), *_told(household), remedy]


def _households(ids: Sequence[int], on: date) -> list[Household]:
    """In the order of the ids; a household that was deleted meanwhile is left out."""
    now = HelperPairing.objects.in_force(on).select_related("cadre").order_by("-is_primary")
    rows = Household.objects.filter(pk__in=ids).select_related("village__town", "group")
    found = {row.pk: row for row in rows.prefetch_related(Prefetch("helper_pairings", now, to_attr="helpers_now"))}
    return [found[pk] for pk in ids if pk in found]


def _cells(household: Household) -> list[Value]:
    village = household.village
    place: list[Value] = [village.town.name, village.short_name, str(household.group or "")]
    return [*place, household.number, household.head_name]


def _told(household: Household) -> list[Value]:
    helpers = household.helpers_now  # type: ignore[attr-defined]
    kinds = [household.get_base_type_display(), household.get_monitoring_type_display()]
    return [" · ".join(filter(None, kinds)), _(", ").join(pairing.cadre.name for pairing in helpers)]
