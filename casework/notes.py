"""Write, correct, finish and withdraw reviewers' notes, and find those at a place."""

from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from casework.models import ReviewNote
from casework.models.duties import village_codes
from households.models import Household
from villages import audit, reach
from villages.models import Cadre, Post, Town, Village
from villages.models.places import short_village_name
from villages.prepared import Prepared
from villages.prepared_rows import Rows

# Who looks over a place: the office, and those who lead above the village.
REVIEWERS = reach.CLERKS | {Post.DISTRICT_SECRETARY, Post.DISTRICT_LEADER, Post.TOWN_SECRETARY, Post.VILLAGE_CHIEF}
TOWN_DIGITS = 9
MOST_LISTED, MOST_DUE = 50, 5

Subject = Household | Village | Town


def code_of(subject: Subject) -> str:
    """Code of the place a note on it belongs to."""
    return subject.village_id if isinstance(subject, Household) else subject.pk


def can_write_note(cadre: Cadre, place_code: str, on: date) -> bool:
    """The office, leaders and chiefs, at or above the place."""
    return reach.holds_any(cadre, REVIEWERS, on, place_code)


def can_change_note(cadre: Cadre, note: ReviewNote, on: date) -> bool:
    """Its author, while still a reviewer of the place, and the office."""
    if not note.is_open:
        return False
    is_author = note.author_id == cadre.pk and can_write_note(cadre, note.place_code, on)
    return is_author or reach.holds_any(cadre, reach.CLERKS, on, note.place_code)


def can_finish_note(cadre: Cadre, note: ReviewNote, on: date) -> bool:
    """Those who answer for the matter, its reviewers, and its author."""
    if not note.is_open:
        return False
    answers = ReviewNote.objects.answered_for_by(cadre, on).filter(pk=note.pk).exists()
    return answers or can_write_note(cadre, note.place_code, on)


@transaction.atomic
def write_note(*, subject: Subject, text: str, due_on: date, actor: Cadre, on: date) -> ReviewNote:
    """Ask for something at a household, village or town; the same words sent twice are one note.

    Raises PermissionDenied, ValidationError by field.
    """
    if not can_write_note(actor, code_of(subject), on):
        raise PermissionDenied(_("Notes are written by the office and by those who lead the place."))
    name = {Household: "household", Village: "village", Town: "town"}[type(subject)]
    asked: dict[str, Any] = {"text": text.strip(), "due_on": due_on, "written_on": on, "author": actor, name: subject}
    if same := ReviewNote.objects.filter(**asked, done_on=None, withdrawn_on=None).first():
        return same
    return _saved(ReviewNote(**asked), actor, "note.written")


@transaction.atomic
def correct_note(*, note_id: int, text: str, due_on: date, actor: Cadre, on: date) -> ReviewNote:
    """Say it otherwise, or set another day. Raises as write_note() does."""
    note = _locked(note_id, actor, on)
    _require(can_change_note(actor, note, on))
    note.text, note.due_on = text.strip(), due_on
    return _saved(note, actor, "note.corrected")


@transaction.atomic
def finish_note(*, note_id: int, outcome: str, actor: Cadre, on: date) -> ReviewNote:
    """Say what has become of it. Raises as write_note() does."""
    note = _locked(note_id, actor, on)
    _require(can_finish_note(actor, note, on))
    if not outcome.strip():
        raise ValidationError({"outcome": _("Say in a few words what has become of it.")})
    note.outcome, note.done_on, note.done_by = outcome.strip(), on, actor
    return _saved(note, actor, "note.done")


@transaction.atomic
def withdraw_note(*, note_id: int, reason: str, actor: Cadre, on: date) -> ReviewNote:
    """Take a note back that was not needed; it stays in the trail. Raises as write_note() does."""
    note = _locked(note_id, actor, on)
    _require(can_change_note(actor, note, on))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why.")})
    note.withdrawn_on = on
    return _saved(note, actor, "note.withdrawn", reason=reason.strip())


def _locked(note_id: int, actor: Cadre, on: date) -> ReviewNote:
    return ReviewNote.objects.visible_to(actor, on).select_for_update(of=("self",)).get(pk=note_id)


def _require(has_leave: bool) -> None:
    if not has_leave:
        raise PermissionDenied(_("This note is not yours to change, or it is over already."))


def _saved(note: ReviewNote, actor: Cadre, verb: str, reason: str = "") -> ReviewNote:
    before: dict[str, Any] = audit.snapshot(ReviewNote.objects.get(pk=note.pk)) if note.pk else {}
    note.full_clean(exclude=["household", "village", "town"])
    note.save()
    if changes := audit.difference(before, audit.snapshot(note)):
        village_id = note.place_code if len(note.place_code) > TOWN_DIGITS else None
        audit.record(actor=actor, verb=verb, target=note, village_id=village_id, reason=reason, changes=changes)
    return note


# Finding --------------------------------------------------------------------------------------


class NoteLine(NamedTuple):
    """A note as a page lists it; a household's own page need not name the place."""

    pk: int
    text: str
    due_on: date
    author: str
    place: str = ""


def notes_at(place_code: str, cadre: Cadre, on: date) -> list[NoteLine]:
    """Open notes on a village and its town, or on a town and its villages; households' stand on their own pages."""
    first, last = village_codes(place_code)
    rows = _NOTES_AT.rows(
        cadre_id=cadre.pk,
        town=place_code[:TOWN_DIGITS],
        first=first,
        last=last,
        on=on,
        is_superuser=cadre.is_superuser,
    )
    return [
        NoteLine(pk, text, due_on, author, short_village_name(village) if village else town)
        for pk, text, due_on, author, village, town in rows
    ]


def _notes_at(cadre_id: int, town: str, first: str, last: str, on: date, *, is_superuser: bool) -> Any:
    """Found by their places, and only of these places is asked whether they are seen: there are many others."""
    seen = ReviewNote.objects.on_places(Cadre(pk=cadre_id, is_superuser=is_superuser), on, town, (first, last))
    notes = seen.open().filter(Q(town=town) | Q(village__code__range=(first, last))).order_by("due_on", "pk")
    # Looked up for the few there are: to join them, the database reads the villages of all districts.
    names = (
        Subquery(places._default_manager.filter(pk=OuterRef(name)).order_by().values("name"))
        for places, name in ((Village, "village"), (Town, "town"))
    )
    return notes.values_list("pk", "text", "due_on", "author__name", *names)[:MOST_LISTED]


def notes_from(rows: Rows) -> list[NoteLine]:
    """Notes by what a query of lines has found."""
    return [NoteLine(*row) for row in rows]


def may_write_from(rows: Rows, place_code: str, *, is_superuser: bool) -> bool:
    """can_write_note() by what WRITER_AT has found."""
    return is_superuser or any(place_code.startswith(code) for (code,) in rows if code)


def _notes_on(household: int) -> Any:
    notes = ReviewNote.objects.open().filter(household=household).order_by("due_on", "pk")
    return notes.values_list("pk", "text", "due_on", "author__name")


def _writing_at(cadre_id: int, on: date) -> Any:
    held = reach.own_postings(Cadre(pk=cadre_id), on).filter(post__in=sorted(REVIEWERS)).order_by()
    return held.values_list("place_code")


def _due(cadre_id: int, on: date) -> Any:
    notes = ReviewNote.objects.answered_for_by(Cadre(pk=cadre_id), on).open().order_by("due_on", "pk")
    where = Coalesce("household__head_name", "village__name", "town__name")
    return notes.values_list("pk", "text", "due_on", "author__name", where)[:MOST_DUE]


# Whoever sees the household sees its notes; DUE are those the cadre answers for.
NOTES_ON, WRITER_AT, DUE = Prepared(_notes_on), Prepared(_writing_at), Prepared(_due)
_NOTES_AT = Prepared(_notes_at)
