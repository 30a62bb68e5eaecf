"""“Not mine any more”: a line of a digest that is reported to the supervisor of the place, and settled there."""

from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.models import Misaddressed, Reminder
from households.models import Household
from villages import audit, reach
from villages.models import Cadre, Post

VILLAGE_DIGITS = 12


class About(NamedTuple):
    """The duty a line of a digest is about, as its `about` names it: "round:post:household or place"."""

    round_id: int
    post: str
    household_id: int | None
    place_code: str


def line_about(reminder: Reminder, about: str) -> dict[str, Any] | None:
    """The line of the digest that is about this duty."""
    items = (item for place in reminder.lines for item in place["items"])
    return next((item for item in items if about and item.get("about") == about), None)


def read_about(about: str) -> About:
    """Raises ValueError for what no digest has written, and Household.DoesNotExist."""
    round_id, post, key = about.split(":")
    if post != Post.HELPER:
        return About(int(round_id), post, None, key)
    household = Household.objects.only("pk", "village_id").get(pk=int(key))
    return About(int(round_id), post, household.pk, household.village_id)


@transaction.atomic
def report_not_mine(*, reminder: Reminder, about: str, words: str, actor: Cadre, on: date) -> Misaddressed:
    """Tell the supervisor of the place; a second time, while it is open, tells nothing more.

    Raises PermissionDenied for a digest of somebody else, ValidationError for a line that is not in it.
    """
    if reminder.recipient_id != actor.pk:
        raise PermissionDenied(_("Only the recipient can say so."))
    if line_about(reminder, about) is None:
        raise ValidationError(_("This line is not in the reminder."))
    found = read_about(about)
    facts = {**found._asdict(), "cadre": actor}
    Cadre.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    if told := Misaddressed.objects.open().filter(**facts).first():
        return told
    row = Misaddressed(**facts, words=words.strip(), reported_on=on)
    row.full_clean()
    row.save()
    audit.record(
        actor=actor,
        verb="duty.not_mine",
        target=row,
        village_id=found.place_code if len(found.place_code) == VILLAGE_DIGITS else None,
        reason=row.words,
    )
    return row


def can_settle(cadre: Cadre, row: Misaddressed, on: date) -> bool:
    """Supervisors at or above the place, while it is open."""
    return row.settled_on is None and reach.holds_any(cadre, reach.SUPERVISORS, on, row.place_code)


@transaction.atomic
def settle(*, report_id: int, is_accepted: bool, answer: str, actor: Cadre, on: date) -> Misaddressed:
    """Accept or decline, with words. Accepting changes no post by itself. Raises PermissionDenied, ValidationError."""
    rows = Misaddressed.objects.visible_to(actor, on).select_for_update(of=("self",))
    row = rows.get(pk=report_id)
    if row.settled_on is not None:
        return row
    if not can_settle(actor, row, on):
        raise PermissionDenied(_("Only a supervisor of the place settles this."))
    if not is_accepted and not answer.strip():
        raise ValidationError({"answer": _("Say in a few words why it stays with the cadre.")})
    row.settled_on, row.settled_by, row.is_accepted, row.answer = on, actor, is_accepted, answer.strip()
    row.full_clean()
    row.save(update_fields=["settled_on", "settled_by", "is_accepted", "answer"])
    audit.record(
        actor=actor,
        verb="duty.not_mine_accepted" if is_accepted else "duty.not_mine_declined",
        target=row,
        village_id=row.place_code if len(row.place_code) == VILLAGE_DIGITS else None,
        reason=row.answer,
    )
    return row
