"""Start, end, correct and hand over posts and unit pairings: the only writers of both, but for undone imports."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from villages import audit, reach
from villages.facts import FactChange, announce
from villages.models import Cadre, Pairing, Posting


def can_change_postings(actor: Cadre, place_code: str, on: date) -> bool:
    """Clerks and supervisors change posts at and below their own place; posts of a unit (no place) the district's."""
    if not place_code:
        return reach.is_district_office(actor, on)
    return reach.holds_any(actor, reach.CLERKS, on, place_code)


@transaction.atomic
def save_posting(posting: Posting, *, actor: Cadre | None, on: date, reason: str = "") -> Posting:
    """Enter a new posting or correct one, and let credit follow.

    Raises ValidationError for what must never be true, PermissionDenied outside the actor's places.
    """
    before = _before(posting)
    posting.full_clean()
    _require(actor, _code_of(posting), on)
    if before:
        _require(actor, _stored_code(before), on)
    posting.save()
    _follow(posting, before, actor, "posting", reason)
    return posting


@transaction.atomic
def end_posting(*, posting: Posting, ends_on: date, actor: Cadre | None, on: date, reason: str = "") -> Posting:
    """Let a posting end on that day. Raises ValidationError when it is before the first day."""
    posting.ends_on = ends_on
    return save_posting(posting, actor=actor, on=on, reason=reason)


@transaction.atomic
def replace_holder(*, posting: Posting, cadre: Cadre, starts_on: date, actor: Cadre | None, on: date) -> Posting:
    """End the posting the day before and start another one for the new holder at the same post and place.

    Raises ValidationError when the new holder would start on or before the old one's first day.
    """
    posting = Posting.objects.select_for_update(of=("self",)).get(pk=posting.pk)
    if starts_on <= posting.starts_on:
        raise ValidationError(
            {
                "starts_on": _("The new holder must start after %(day)s, when the present one started.")
                % {"day": posting.starts_on}
            }
        )
    if posting.ends_on is None or posting.ends_on >= starts_on:
        end_posting(posting=posting, ends_on=starts_on - timedelta(days=1), actor=actor, on=on)
    successor = Posting(
        cadre=cadre,
        post=posting.post,
        district_id=posting.district_id,
        town_id=posting.town_id,
        village_id=posting.village_id,
        unit_id=posting.unit_id,
        starts_on=starts_on,
    )
    return save_posting(successor, actor=actor, on=on)


@transaction.atomic
def remove_posting(*, posting: Posting, actor: Cadre | None, on: date, reason: str) -> None:
    """Take back a posting entered by mistake; its values stay in the audit trail."""
    before = _before(posting)
    _require(actor, _stored_code(before), on)
    key = posting.pk
    posting.delete()
    posting.pk = key
    _follow(posting, before, actor, "posting", reason, removed=True)


@transaction.atomic
def save_pairing(pairing: Pairing, *, actor: Cadre | None, on: date, reason: str = "") -> Pairing:
    """Enter or correct the pairing of a unit with a village. Raises ValidationError."""
    before = _before(pairing)
    pairing.full_clean()
    for code in {pairing.village_id, before.get("village", pairing.village_id)}:
        _require(actor, code, on)
    pairing.save()
    changes = audit.difference(before, audit.snapshot(pairing))
    verb = "pairing.corrected" if before else "pairing.started"
    audit.record(actor=actor, verb=verb, target=pairing, village_id=pairing.village_id, reason=reason, changes=changes)
    return pairing


def _before(row: Posting | Pairing) -> dict[str, Any]:
    """The row as the database has it now; empty for a new one."""
    stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    return audit.snapshot(stored) if stored else {}


def _code_of(posting: Posting) -> str:
    return posting.village_id or posting.town_id or posting.district_id or ""


def _stored_code(before: dict[str, Any]) -> str:
    return before["village"] or before["town"] or before["district"] or ""


def _require(actor: Cadre | None, place_code: str, on: date) -> None:
    if actor is not None and not can_change_postings(actor, place_code, on):
        raise PermissionDenied(_("This place is not one of yours."))


def _follow(
    posting: Posting, before: dict[str, Any], actor: Cadre | None, what: str, reason: str, *, removed: bool = False
) -> None:
    after = {} if removed else audit.snapshot(posting)
    changes = audit.difference(before, after)
    if not changes:
        return
    verb = f"{what}.removed" if removed else f"{what}.corrected" if before else f"{what}.started"
    audit.record(actor=actor, verb=verb, target=posting, village_id=posting.village_id, reason=reason, changes=changes)
    follow(before, after)


def follow(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Let credit follow a posting that is now otherwise, new or gone (no values)."""
    codes = {values.get(place) for values in (before, after) for place in ("village", "town", "district")}
    days = [date.fromisoformat(values["starts_on"]) for values in (before, after) if values]
    posts = frozenset(values["post"] for values in (before, after) if values)
    announce(FactChange(since=min(days), place_codes=frozenset(code for code in codes if code), posts=posts))
