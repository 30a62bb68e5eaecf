"""Enter and correct the office's policies of reminding."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.models import RemindingPolicy
from villages import audit
from villages.models import Cadre
from villages.places import can_change_shared, save_told


def save_policy(policy: RemindingPolicy, *, actor: Cadre | None, on: date, reason: str = "") -> RemindingPolicy:
    """Enter a policy or correct it; it holds from the next sweep on. Raises ValidationError, PermissionDenied."""
    _require(actor, on)
    return save_told(policy, actor=actor, reason=reason)


@transaction.atomic
def remove_policy(*, policy: RemindingPolicy, actor: Cadre | None, on: date, reason: str) -> None:
    """Let the more general policy hold again. Raises ValidationError for the one that holds for everybody."""
    _require(actor, on)
    if policy.key == RemindingPolicy.key_of(None, None, ""):
        raise ValidationError(_("The policy for everybody stays. Change it instead."))
    changes = audit.difference(audit.snapshot(policy), {})
    audit.record(actor=actor, verb="remindingpolicy.removed", target=policy, reason=reason, changes=changes)
    policy.delete()


def _require(actor: Cadre | None, on: date) -> None:
    if actor is not None and not can_change_shared(actor, on):
        raise PermissionDenied(_("Policies are kept by the district's office. Ask a colleague there."))
