"""Let other programs in, give them a token, and shut them out again: the only writers of Integration."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from knox.models import AuthToken

from villages import audit, reach
from villages.models import Cadre, District, Integration, Post, Posting, Scope, Town, Village
from villages.postings import end_posting, save_posting

PLACES: dict[int, tuple[str, type[models.Model]]] = {
    6: ("district", District),
    9: ("town", Town),
    12: ("village", Village),
}
TOLD_OF_A_TOKEN = 8  # characters; the whole is shown once and kept nowhere
# Not for the trail: says when a program was at work, not what anybody changed.
UNTOLD = ("last_used_on",)


def can_change_integrations(actor: Cadre, place_code: str, on: date) -> bool:
    """The district's office: a token opens a door to many rows at once."""
    return reach.is_district_office(actor, on, place_code)


@transaction.atomic
def save_integration(integration: Integration, *, actor: Cadre, on: date, reason: str = "") -> Integration:
    """Enter an integration, with an account and a posting of its own, or correct one.

    Raises ValidationError, PermissionDenied. The place stands once it is entered: revoke it and enter another.
    """
    before = _before(integration)
    if not can_change_integrations(actor, before.get("place_code") or integration.place_code, on):
        raise PermissionDenied(_("This place is not one of yours."))
    _check(integration, before, on)
    if not before:
        integration.account = _account_of(integration)
    integration.full_clean()
    integration.save()
    if before and str(before["expires_on"]) != str(integration.expires_on):
        _end_posts(integration, integration.expires_on, actor, on)
    if not before:
        save_posting(_posting_of(integration, on), actor=actor, on=on)
    _tell(integration, before, actor, "corrected" if before else "added", reason)
    return integration


@transaction.atomic
def make_token(integration: Integration, *, actor: Cadre, on: date) -> str:
    """A new token in place of the one before. Returned once: the database keeps its hash alone.

    Raises PermissionDenied, ValidationError for one that is revoked or over.
    """
    integration = _lock(integration, actor, on)
    if not integration.is_open(on):
        raise ValidationError(_("This integration is revoked or its time is over. It gets no token."))
    AuthToken.objects.filter(user=integration.account).delete()
    # Until when it holds stands with the integration alone, so that two places cannot differ.
    _row, token = AuthToken.objects.create(integration.account, expiry=None)
    changes = {"token": [None, f"{token[:TOLD_OF_A_TOKEN]}…"]}
    audit.record(actor=actor, verb="integration.token_made", target=integration, changes=changes)
    return token


@transaction.atomic
def revoke_integration(integration: Integration, *, actor: Cadre, on: date, reason: str) -> Integration:
    """Shut it out from now on. Twice changes nothing. Raises PermissionDenied."""
    integration = _lock(integration, actor, on)
    if integration.revoked_on is None:
        before = _before(integration)
        integration.revoked_on = on
        integration.save(update_fields=["revoked_on"])
        AuthToken.objects.filter(user=integration.account).delete()
        _end_posts(integration, on, actor, on)
        _tell(integration, before, actor, "revoked", reason)
    return integration


def note_use(integration: Integration, *, on: date) -> None:
    """Remember the day, at most once a day: a token that nobody uses should be revoked."""
    if integration.last_used_on != on:
        Integration.objects.filter(pk=integration.pk).update(last_used_on=on)


def _before(integration: Integration) -> dict[str, Any]:
    stored = Integration.objects.filter(pk=integration.pk).first() if integration.pk else None
    return audit.snapshot(stored) if stored else {}


def _lock(integration: Integration, actor: Cadre, on: date) -> Integration:
    found = Integration.objects.visible_to(actor, on).select_for_update(of=("self",)).get(pk=integration.pk)
    if not can_change_integrations(actor, found.place_code, on):
        raise PermissionDenied(_("This place is not one of yours."))
    return found


def _check(integration: Integration, before: dict[str, Any], on: date) -> None:
    problems = {}
    kind = PLACES.get(len(integration.place_code))
    if kind is None or not kind[1]._default_manager.filter(pk=integration.place_code).exists():
        problems["place_code"] = _("There is no district, town or village with this code.")
    elif before and before["place_code"] != integration.place_code:
        problems["place_code"] = _("The place cannot be changed. Revoke this integration and enter another.")
    if not integration.scopes or not set(integration.scopes) <= set(Scope.values):
        problems["scopes"] = _("Choose what it may do.")
    if integration.expires_on and integration.expires_on < on:
        problems["expires_on"] = _("Choose today or a later day.")
    if before and before["revoked_on"]:
        problems["name"] = _("This integration is revoked. Enter another.")
    if problems:
        raise ValidationError(problems)


def _account_of(integration: Integration) -> Cadre:
    """The account it acts by: no password, and closed, so that nobody signs in with it."""
    named = _("Interface: %(name)s") % {"name": integration.name}
    return Cadre.objects.create_user(f"integration-{uuid4().hex[:12]}", name=named[:50], is_active=False)


def _posting_of(integration: Integration, on: date) -> Posting:
    place, _model = PLACES[len(integration.place_code)]
    where = {f"{place}_id": integration.place_code}
    return Posting(cadre=integration.account, post=Post.CLERK, starts_on=on, ends_on=integration.expires_on, **where)


def _end_posts(integration: Integration, ends_on: date, actor: Cadre, on: date) -> None:
    for posting in Posting.objects.filter(cadre=integration.account_id).order_by("pk"):
        end_posting(posting=posting, ends_on=max(ends_on, posting.starts_on), actor=actor, on=on)


def _tell(integration: Integration, before: dict[str, Any], actor: Cadre, action: str, reason: str) -> None:
    changes = audit.difference(before, audit.snapshot(integration))
    for name in UNTOLD:
        changes.pop(name, None)
    if changes:
        verb = f"integration.{action}"
        audit.record(actor=actor, verb=verb, target=integration, reason=reason, changes=changes)
