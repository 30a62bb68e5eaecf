"""Enter benefit links for one or many households with one form, and what each year brought: the only writers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from households import entries
from households.entering import can_change, can_remove, households_to_enter
from households.models import BenefitLink, BenefitYear
from villages import audit
from villages.models import Cadre


@dataclass(frozen=True, slots=True, kw_only=True)
class YearGiven:
    """What one year of a link was to bring and did bring, in yuan; None: not known."""

    year: int
    promised: Decimal | None = None
    received: Decimal | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to record."""
        return self.promised is not None or self.received is not None


def _years_of(link: BenefitLink) -> dict[str, list[Any]]:
    years = [[year.year, audit.as_json(year.promised), audit.as_json(year.received)] for year in link.years.all()]
    return {"years": [years, None]} if years else {}


LINKS = entries.Kind(
    model=BenefitLink,
    name="link",
    said=("operator", "form", "starts_on", "ends_on"),
    same=("operator", "form"),
    gone_along=_years_of,
)
can_change_link, can_remove_link = can_change, can_remove
correct_link = partial(entries.correct, LINKS)
end_link = partial(entries.end, LINKS)
remove_link = partial(entries.remove, LINKS)


def enter_links(
    link: BenefitLink,
    *,
    batch_id: UUID,
    household_ids: Iterable[int],
    years: Mapping[int, YearGiven] | None = None,
    actor: Cadre,
    on: date,
) -> list[BenefitLink]:
    """Enter the link for each of the households, with what the year brings to each (by household).

    Raises as entries.enter().
    """
    given = {key: year for key, year in (years or {}).items() if year.is_known}

    def store(rows: list[BenefitLink]) -> None:
        _store_years({row: given[row.household_id] for row in rows if row.household_id in given}, {}, actor)

    own = [[key, year.year, year.promised, year.received] for key, year in sorted(given.items())]
    options: dict[str, Any] = {"batch_id": batch_id, "household_ids": household_ids, "actor": actor, "on": on}
    return entries.enter(LINKS, link, own=own, after=store, **options)


@transaction.atomic
def record_years(years: Mapping[int, YearGiven], *, actor: Cadre, on: date) -> int:
    """Record what a year brought, by link; what was recorded of that year is replaced, nothing known takes it away.

    Returns how many links changed. Raises ValidationError, PermissionDenied when one link is not the actor's.
    """
    found = BenefitLink.objects.filter(pk__in=years, household__in=households_to_enter(actor, on))
    links = list(found.select_related("household").order_by("pk").select_for_update(of=("self",)))
    if len(links) < len(years):
        raise PermissionDenied(_("One of the links is not, or no longer, one of yours. Open the list again."))
    asked = {year.year for year in years.values()}
    known = {(row.link_id, row.year): row for row in BenefitYear.objects.filter(link__in=links, year__in=asked)}
    stored = {link: known[link.pk, years[link.pk].year] for link in links if (link.pk, years[link.pk].year) in known}
    return _store_years({link: years[link.pk] for link in links}, stored, actor)


def _store_years(
    given: Mapping[BenefitLink, YearGiven], stored: Mapping[BenefitLink, BenefitYear], actor: Cadre
) -> int:
    """Write the years that differ from what is stored, each with its audit entry."""
    new, changed, gone = [], [], []
    for link, year in given.items():
        row = stored.get(link)
        if row is None and year.is_known:
            new.append(BenefitYear(link=link, year=year.year, promised=year.promised, received=year.received))
        elif row is not None and not year.is_known:
            gone.append(row)
        elif row is not None and (row.promised, row.received) != (year.promised, year.received):
            before = audit.snapshot(row)
            row.promised, row.received = year.promised, year.received
            changed.append((row, before))
    for row in [*new, *(row for row, _before in changed)]:
        row.clean_fields(exclude={"link"})
    if new:
        new[0].full_clean()
    village_of = {link.pk: link.household.village_id for link in given}
    made = BenefitYear.objects.bulk_create(new)
    audit.record_new(actor=actor, verb="link.year_recorded", rows=[(row, village_of[row.link_id]) for row in made])
    BenefitYear.objects.bulk_update([row for row, _before in changed], ["promised", "received"])
    for row, before in changed:
        changes = audit.difference(before, audit.snapshot(row))
        _tell(row, "link.year_corrected", village_of[row.link_id], changes, actor)
    for row in gone:
        _tell(row, "link.year_removed", village_of[row.link_id], audit.difference(audit.snapshot(row), {}), actor)
    BenefitYear.objects.filter(pk__in=[row.pk for row in gone]).delete()
    return len(new) + len(changed) + len(gone)


def _tell(row: BenefitYear, verb: str, village_id: str, changes: dict[str, list[object]], actor: Cadre) -> None:
    audit.record(actor=actor, verb=verb, target=row, village_id=village_id, changes=changes)
