"""Enter benefit links for one or many households with one form, and what each year brought: the only writers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from households.batches import claim, digest_of, require_same
from households.entering import (
    can_enter_for,
    can_remove,
    households_to_enter,
    lock_households,
    require_enter_for,
)
from households.models import BenefitLink, BenefitYear
from villages import audit
from villages.models import Cadre

SAID_BY_THE_FORM = ("operator", "form", "starts_on", "ends_on")


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


def can_change_link(cadre: Cadre, link: BenefitLink, on: date) -> bool:
    """Whoever may enter for the household corrects and ends its links, and records their years."""
    return can_enter_for(cadre, link.household, on)


def can_remove_link(cadre: Cadre, link: BenefitLink, on: date) -> bool:
    """Whoever entered it, and the office of the village."""
    return can_remove(cadre, link, on)


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

    The same form sent twice returns the rows entered first. Raises ValidationError, PermissionDenied for a household
    the actor may not enter for, OtherContent when the form with this id said something else before.
    """
    ids = set(household_ids)
    given = {key: year for key, year in (years or {}).items() if year.is_known}
    values = audit.snapshot(link)
    content = [[key, year.year, year.promised, year.received] for key, year in sorted(given.items())]
    digest = digest_of([{name: values[name] for name in SAID_BY_THE_FORM}, sorted(ids), content])
    try:
        return _enter(link, ids, given, batch_id, digest, actor, on)
    except (IntegrityError, PermissionDenied, ValidationError) as refusal:
        require_same(batch_id, digest, actor=actor, refusal=refusal)
        return list(BenefitLink.objects.filter(batch=batch_id).select_related("household"))


def alike(rows: Collection[BenefitLink]) -> list[BenefitLink]:
    """Links entered by another form with the same operator, form and household that share a day with these."""
    if not rows:
        return []
    one = next(iter(rows))
    others = BenefitLink.objects.filter(household__in={row.household_id for row in rows}, operator=one.operator)
    others = others.filter(form=one.form).exclude(batch=one.batch).select_related("household")
    return [
        other
        for other in others
        if (other.ends_on is None or other.ends_on >= one.starts_on)
        and (one.ends_on is None or other.starts_on <= one.ends_on)
    ]


@transaction.atomic
def _enter(
    link: BenefitLink, ids: set[int], given: dict[int, YearGiven], batch_id: UUID, digest: str, actor: Cadre, on: date
) -> list[BenefitLink]:
    if not ids:
        raise ValidationError(_("Choose at least one household."))
    households = lock_households(ids, actor=actor, on=on)
    claim(batch_id, digest, actor=actor, on=on)
    said = {name: getattr(link, name) for name in SAID_BY_THE_FORM}
    made = [
        BenefitLink(household=household, batch=batch_id, recorded_by=actor, recorded_on=on, **said)
        for household in households
    ]
    made[0].full_clean()  # they differ in the household only
    rows = BenefitLink.objects.bulk_create(made)
    audit.record_new(actor=actor, verb="link.entered", rows=[(row, row.household.village_id) for row in rows])
    _store_years({row: given[row.household_id] for row in rows if row.household_id in given}, {}, actor)
    return rows


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


@transaction.atomic
def correct_link(link: BenefitLink, *, actor: Cadre, on: date, reason: str) -> BenefitLink:
    """Store what the link says now, with the reason; its household stays. Raises ValidationError, PermissionDenied."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is corrected.")})
    return _change(link, "link.corrected", actor, on, reason)


@transaction.atomic
def end_link(link: BenefitLink, *, ends_on: date, actor: Cadre, on: date) -> BenefitLink:
    """Let the link end on that day. Raises ValidationError, PermissionDenied."""
    link.ends_on = ends_on
    return _change(link, "link.ended", actor, on, "")


def _change(link: BenefitLink, verb: str, actor: Cadre, on: date, reason: str) -> BenefitLink:
    stored = BenefitLink.objects.select_for_update(of=("self",)).select_related("household").get(pk=link.pk)
    require_enter_for(actor, stored.household, on)
    link.household = stored.household
    link.full_clean()
    link.save()
    changes = audit.difference(audit.snapshot(stored), audit.snapshot(link))
    if changes:
        audit.record(
            actor=actor,
            verb=verb,
            target=link,
            village_id=stored.household.village_id,
            reason=reason.strip(),
            changes=changes,
        )
    return link


@transaction.atomic
def remove_batch(batch_id: UUID, *, actor: Cadre, on: date, reason: str) -> int:
    """Take back everything one form entered, or nothing: returns how many. Raises like remove_link."""
    rows = list(BenefitLink.objects.filter(batch=batch_id).order_by("pk"))
    for row in rows:
        remove_link(row, actor=actor, on=on, reason=reason)
    return len(rows)


@transaction.atomic
def remove_link(link: BenefitLink, *, actor: Cadre, on: date, reason: str) -> None:
    """Take back a link entered by mistake, its years with it; the values stay in the audit trail.

    Raises ValidationError without a reason, PermissionDenied.
    """
    stored = BenefitLink.objects.select_for_update(of=("self",)).select_related("household").get(pk=link.pk)
    if not can_remove_link(actor, stored, on):
        raise PermissionDenied(_("Only the office, or whoever entered it, takes it back."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is taken back.")})
    years = [[year.year, audit.as_json(year.promised), audit.as_json(year.received)] for year in stored.years.all()]
    changes = audit.difference(audit.snapshot(stored), {}) | ({"years": [years, None]} if years else {})
    audit.record(
        actor=actor,
        verb="link.removed",
        target=stored,
        village_id=stored.household.village_id,
        reason=reason.strip(),
        changes=changes,
    )
    stored.delete()
