"""Open and change the accounts of cadres: who may, and the only writers.

It stands in this room because it asks for posts and for households helped.
"""

from datetime import date
from typing import Any

from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from households.models import HelperPairing
from villages import audit, reach
from villages.models import Cadre, Posting
from villages.postings import can_change_postings

# Not for the trail: a secret, and what nobody may count.
UNTOLD = ("password", "last_login")


def accounts_of(actor: Cadre, on: date) -> QuerySet[Cadre]:
    """Cadres with a post or a helped household in the office's places, and those who have neither anywhere yet."""
    if actor.is_superuser:
        return Cadre.objects.all()
    helping = HelperPairing.objects.visible_to(actor, on).values("cadre")
    posted = Cadre.objects.visible_to(actor, on).order_by().values("pk")
    is_new = ~Exists(Posting.objects.filter(cadre=OuterRef("pk"))) & ~Exists(
        HelperPairing.objects.filter(cadre=OuterRef("pk"))
    )
    return Cadre.objects.filter(Q(pk__in=posted) | Q(pk__in=helping) | is_new, is_superuser=False)


def can_change_account(actor: Cadre, cadre: Cadre, on: date) -> bool:
    """The office of all the cadre's places, now and to come: an account opens every one of them.

    The technical administrator's account is changed by technical administrators only.
    """
    if actor.is_superuser or cadre.is_superuser:
        return actor.is_superuser
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    codes = set(Posting.objects.filter(lasting, cadre_id=cadre.pk).values_list("place_code", flat=True))
    codes |= set(HelperPairing.objects.filter(lasting, cadre_id=cadre.pk).values_list("household__village", flat=True))
    return reach.holds_any(actor, reach.CLERKS, on) and all(can_change_postings(actor, code, on) for code in codes)


@transaction.atomic
def save_account(cadre: Cadre, *, actor: Cadre | None, on: date, password: str = "", reason: str = "") -> Cadre:
    """Open an account or correct it. Raises ValidationError, PermissionDenied.

    Without a password a new account cannot sign in until one is set.
    """
    stored = Cadre.objects.select_for_update(of=("self",)).filter(pk=cadre.pk).first() if cadre.pk else None
    if stored is None:
        cadre.set_password(password or None)
    cadre.full_clean()
    if stored and actor == stored and stored.is_active and not cadre.is_active:
        raise ValidationError({"is_active": _("You cannot close your own account. Ask a colleague.")})
    _require(actor, stored or cadre, on)
    before = _told(stored) if stored else {}
    cadre.save()
    changes = audit.difference(before, _told(cadre))
    if changes:
        verb = "cadre.corrected" if before else "cadre.added"
        audit.record(actor=actor, verb=verb, target=cadre, reason=reason, changes=changes)
    return cadre


@transaction.atomic
def set_password(cadre: Cadre, *, password: str, actor: Cadre | None, on: date) -> Cadre:
    """Give the account a new password; every device signed in with the old one is signed out."""
    _require(actor, cadre, on)
    return _set_password(cadre, password, actor)


@transaction.atomic
def set_own_password(cadre: Cadre, *, password: str) -> Cadre:
    """Change one's own password; every other device is signed out."""
    return _set_password(cadre, password, cadre)


class OwnPasswordForm(PasswordChangeForm):
    """Ask for the old password, then twice for the new one."""

    def save(self, commit: bool = True) -> Any:
        """Set the password by the verb."""
        return set_own_password(self.user, password=self.cleaned_data["new_password1"])


def _set_password(cadre: Cadre, password: str, actor: Cadre | None) -> Cadre:
    cadre.set_password(password)
    cadre.save(update_fields=["password"])
    audit.record(actor=actor, verb="cadre.password_set", target=cadre)
    return cadre


def _told(cadre: Cadre) -> dict[str, Any]:
    return {name: value for name, value in audit.snapshot(cadre).items() if name not in UNTOLD}


def _require(actor: Cadre | None, cadre: Cadre, on: date) -> None:
    if actor is not None and not can_change_account(actor, cadre, on):
        raise PermissionDenied(_("This cadre also works at places that are not yours. Ask the district's office."))
