"""Bulletins: drafted by hand or by the calendar, counted in the background, released and withdrawn by a person."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from casework.bulletin_figures import count_figures, digest_of
from casework.bulletin_words import text_of, title_of
from casework.models import Bulletin, BulletinKind, BulletinState, Round
from casework.models.rounds import RoundState
from villages import audit, reach
from villages.bell import ring_after_commit
from villages.calendar import day_of
from villages.models import Cadre, District, Town

MOST_ROUNDS = 12
# What people write; everything else of a draft is counted.
WRITTEN = ("title", "number", "text", "unit", "filled_by", "checked_by", "telephone", "dated_on")
UNTOLD = {"figures", "text", "place_code"}  # too long for the trail, or said there already


class IllegalMove(Exception):
    """The bulletin is not in a state from which this can be done. The text says what to do."""


def can_make_bulletin(cadre: Cadre, place_code: str, on: date) -> bool:
    """The office of the place, or of a place above."""
    return reach.holds_any(cadre, reach.CLERKS, on, place_code)


def can_change_bulletin(cadre: Cadre, bulletin: Bulletin, on: date) -> bool:
    """The same office edits, releases and withdraws."""
    return can_make_bulletin(cadre, bulletin.code, on)


def waiting_for(cadre: Cadre, on: date, posts: Iterable[tuple[str, str]] | None = None) -> int:
    """How many drafts wait for the cadre's office; no query for whoever is known to be in none."""
    if posts is not None and not cadre.is_superuser and reach.CLERKS.isdisjoint(post for post, _place in posts):
        return 0
    return Bulletin.objects.of_office(cadre, on).drafts().count()


def covers(round: Round, place_code: str) -> bool:
    """Whether the round's duties lie in the place, or around it."""
    return round.place_code.startswith(place_code) or place_code.startswith(round.place_code)


def ask_for_bulletin(
    *,
    key: uuid.UUID,
    place: District | Town,
    rounds: Iterable[Round],
    starts_on: date,
    cut_off_on: date,
    actor: Cadre,
    now: datetime,
) -> Bulletin:
    """Store a draft by hand and ring for its figures; the same key again returns the first.

    Raises PermissionDenied outside the actor's places, ValidationError for a future day or rounds of other places.
    """
    if first := Bulletin.objects.filter(request_key=key, made_by=actor).first():
        return first
    if not can_make_bulletin(actor, place.pk, day_of(now)):
        raise PermissionDenied(_("You can make bulletins only for your own place."))
    chosen = list(rounds)
    if starts_on > cut_off_on:
        raise ValidationError({"starts_on": _("The cut-off day is before the first day. Correct one of the two days.")})
    _refuse(chosen, place.pk, cut_off_on, on=day_of(now))
    bulletin = _draft(
        place, BulletinKind.BY_HAND, starts_on=starts_on, cut_off_on=cut_off_on, rounds=chosen, actor=actor, now=now
    )
    bulletin.request_key = key
    return _store(bulletin) or Bulletin.objects.get(request_key=key)


def draft_by_calendar(
    place: District | Town, kind: str, *, starts_on: date, cut_off_on: date, rounds: Iterable[Round], now: datetime
) -> Bulletin | None:
    """Store the draft of a month or quarter and ring for its figures; None when it is there already."""
    return _store(_draft(place, kind, starts_on=starts_on, cut_off_on=cut_off_on, rounds=rounds, actor=None, now=now))


def _refuse(rounds: list[Round], place_code: str, cut_off_on: date, *, on: date) -> None:
    if cut_off_on > on:
        raise ValidationError({"cut_off_on": _("The future cannot be counted. Choose today or an earlier day.")})
    if not rounds:
        raise ValidationError({"rounds": _("Choose at least one round.")})
    if len(rounds) > MOST_ROUNDS:
        raise ValidationError({"rounds": _("Choose at most %(most)s rounds.") % {"most": MOST_ROUNDS}})
    for round in rounds:
        if not covers(round, place_code) or round.state == RoundState.OPENING:
            raise ValidationError({"rounds": _("“%(round)s” is not a round of this place.") % {"round": round.name}})
        if round.starts_on > cut_off_on:
            raise ValidationError(
                {"rounds": _("“%(round)s” begins after the cut-off day. Leave it out.") % {"round": round.name}}
            )


def _draft(
    place: District | Town,
    kind: str,
    *,
    starts_on: date,
    cut_off_on: date,
    rounds: Iterable[Round],
    actor: Cadre | None,
    now: datetime,
) -> Bulletin:
    """A draft without figures, not stored: its title and what the signing block can know."""
    bulletin = Bulletin(kind=kind, starts_on=starts_on, cut_off_on=cut_off_on, made_at=now, made_by=actor)
    if isinstance(place, Town):
        bulletin.town, bulletin.district = place, place.district
    else:
        bulletin.district = place
    bulletin.round_ids = [round.pk for round in rounds]
    bulletin.unit, bulletin.filled_by = place.name, actor.name if actor else ""
    bulletin.telephone = settings.NOTICE_TELEPHONES.get(place.pk, "")
    with translation.override(settings.LANGUAGE_CODE):  # a document of the office, whoever asks for it
        bulletin.title = title_of(bulletin)
    return bulletin


@transaction.atomic
def _store(bulletin: Bulletin) -> Bulletin | None:
    """Insert it and ring; None when another has been faster, by its key or its period."""
    bulletin.full_clean(exclude=["place_code"], validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            bulletin.save(force_insert=True)
    except IntegrityError:
        if bulletin.request_key is None and bulletin.kind == BulletinKind.BY_HAND:
            raise
        return None
    audit.record(actor=bulletin.made_by, verb="bulletin.drafted", target=bulletin, changes=_told({}, bulletin))
    ring_after_commit("casework.tasks.count_bulletin", bulletin.pk)
    return bulletin


def _told(before: dict[str, Any], bulletin: Bulletin) -> dict[str, list[Any]]:
    """What the trail keeps: all that changed but the figures themselves, of which it keeps the digest."""
    after = audit.snapshot(bulletin)
    return {name: pair for name, pair in audit.difference(before, after).items() if name not in UNTOLD}


@transaction.atomic
def count_bulletin(bulletin_id: int, *, now: datetime) -> bool:
    """Count a draft's figures and fill in its text; whether this call did. Another run changes nothing.

    The row stays locked while counting: a second worker passes by, and a killed one leaves it as it was.
    """
    waiting = Bulletin.objects.uncounted().select_for_update(of=("self",), skip_locked=True)
    bulletin = waiting.filter(pk=bulletin_id).first()
    if bulletin is None:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        bulletin.figures = count_figures(bulletin, now=now)
        bulletin.text = text_of(bulletin.figures)
    bulletin.digest, bulletin.counted_at = digest_of(bulletin.figures), now
    bulletin.dated_on = bulletin.dated_on or day_of(now)
    bulletin.save(update_fields=["figures", "text", "digest", "counted_at", "dated_on"])
    return True


def count_waiting(*, now: datetime) -> int:
    """Count every draft whose bell nobody heard; how many."""
    return sum(count_bulletin(pk, now=now) for pk in list(Bulletin.objects.uncounted().values_list("pk", flat=True)))


def _mine(bulletin_id: int, actor: Cadre, on: date, *states: str) -> Bulletin:
    """The row, locked, when the actor may change it and it is in one of the states."""
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("district", "town")
    bulletin = rows.get(pk=bulletin_id)
    if not can_change_bulletin(actor, bulletin, on):
        raise PermissionDenied(_("Only the office of the place changes its bulletins."))
    if bulletin.state not in states:
        raise IllegalMove(
            _("This bulletin is %(state)s: that cannot be done any more. Look at its page.")
            % {"state": bulletin.get_state_display()}
        )
    return bulletin


@transaction.atomic
def edit_bulletin(changed: Bulletin, *, actor: Cadre, on: date) -> Bulletin:
    """Write the WRITTEN fields of a draft; the figures cannot be edited. Raises ValidationError, IllegalMove."""
    bulletin = _mine(changed.pk, actor, on, BulletinState.DRAFT)
    before = audit.snapshot(bulletin)
    for name in WRITTEN:
        setattr(bulletin, name, getattr(changed, name))
    bulletin.full_clean(exclude=["place_code"])
    bulletin.save(update_fields=WRITTEN)
    changes = _told(before, bulletin) | ({"text": [None, "…"]} if before["text"] != bulletin.text else {})
    audit.record(actor=actor, verb="bulletin.edited", target=bulletin, changes=changes)
    return bulletin


@transaction.atomic
def recount_bulletin(*, bulletin_id: int, actor: Cadre, now: datetime) -> Bulletin:
    """Let a draft be counted again, with what has been entered since; its text is filled in anew."""
    bulletin = _mine(bulletin_id, actor, day_of(now), BulletinState.DRAFT)
    before = audit.snapshot(bulletin)
    bulletin.figures, bulletin.counted_at, bulletin.digest = None, None, ""
    bulletin.save(update_fields=["figures", "counted_at", "digest"])
    audit.record(actor=actor, verb="bulletin.recounted", target=bulletin, changes=_told(before, bulletin))
    ring_after_commit("casework.tasks.count_bulletin", bulletin.pk)
    return bulletin


@transaction.atomic
def release_bulletin(*, bulletin_id: int, actor: Cadre, now: datetime) -> Bulletin:
    """Let a counted draft out, under the actor's name; from now on it stands as it is. Raises IllegalMove."""
    bulletin = _mine(bulletin_id, actor, day_of(now), BulletinState.DRAFT)
    if not bulletin.is_counted:
        raise IllegalMove(_("The figures are still being counted. Wait a moment."))
    before = audit.snapshot(bulletin)
    bulletin.state, bulletin.released_at, bulletin.released_by = BulletinState.RELEASED, now, actor
    bulletin.save(update_fields=["state", "released_at", "released_by"])
    changes = _told(before, bulletin) | {"digest": [None, bulletin.digest]}
    audit.record(actor=actor, verb="bulletin.released", target=bulletin, changes=changes)
    return bulletin


@transaction.atomic
def withdraw_bulletin(*, bulletin_id: int, actor: Cadre, now: datetime, reason: str) -> Bulletin:
    """Take a released one back, or discard a draft, with a reason; it stays to be looked up. Raises ValidationError."""
    bulletin = _mine(bulletin_id, actor, day_of(now), BulletinState.DRAFT, BulletinState.RELEASED)
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is withdrawn.")})
    before = audit.snapshot(bulletin)
    bulletin.state, bulletin.withdrawn_at, bulletin.withdrawn_by = BulletinState.WITHDRAWN, now, actor
    bulletin.withdrawal = reason.strip()
    bulletin.full_clean(exclude=["place_code"], validate_unique=False)
    bulletin.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawal"])
    audit.record(
        actor=actor, verb="bulletin.withdrawn", target=bulletin, reason=reason, changes=_told(before, bulletin)
    )
    return bulletin


@transaction.atomic
def correct_bulletin(*, bulletin_id: int, actor: Cadre, now: datetime) -> Bulletin:
    """A draft for the same place, period and rounds that names the released one; pressing twice returns the first.

    The released one stays as it is, and stays the one in force until the correction is released.
    """
    wrong = _mine(bulletin_id, actor, day_of(now), BulletinState.RELEASED)
    if first := wrong.corrections.exclude(state=BulletinState.WITHDRAWN).first():
        return first
    bulletin = Bulletin(corrects=wrong, made_at=now, made_by=actor)
    for name in ("district", "town", "kind", "starts_on", "cut_off_on", "round_ids", *WRITTEN):
        setattr(bulletin, name, getattr(wrong, name))
    bulletin.number, bulletin.text, bulletin.dated_on = "", "", None
    return _store(bulletin) or wrong.corrections.exclude(state=BulletinState.WITHDRAWN).get()
