"""Import a file of visits that a phone could not send: by the office, in the name of who made them."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from casework.models.phones import works_in_places_of
from casework.sync import Answer, receive
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre

KIND, VERSION = "casework-unsent", 1
LARGEST_FILE = 10 * 1024 * 1024
MOST_VISITS = 2000


class Imported(NamedTuple):
    """Whose visits they were, and what became of each."""

    person: Cadre
    answers: list[Answer]


def can_import_unsent(cadre: Cadre, on: date) -> bool:
    """The office."""
    return bool(reach.office_places(cadre, on))


def import_unsent(content: bytes, *, actor: Cadre, now: datetime) -> Imported:
    """Take the visits in as if their phone had sent them now; twice is once.

    Raises ValidationError for another file, PermissionDenied for somebody who does not work in the actor's places.
    """
    on = day_of(now)
    if not can_import_unsent(actor, on):
        raise PermissionDenied
    visits, person_id = _read(content)
    person = Cadre.objects.filter(pk=person_id).first()
    if person is None or not works_in_places_of(actor, person, on):
        raise PermissionDenied(_("These are visits of somebody who does not work in your places."))
    answers = receive(visits, sender=person, now=now, imported_by=actor)
    changes = {"visits": [None, [answer.id for answer in answers]]}
    audit.record(actor=actor, verb="visits.imported", target=person, changes=changes)
    return Imported(person, answers)


def _read(content: bytes) -> tuple[list[Any], Any]:
    another = ValidationError(_("This is not a file of unsent visits. Choose the file that the phone has saved."))
    if len(content) > LARGEST_FILE:
        raise another
    try:
        found = json.loads(content.decode("utf-8-sig"))
        kind, version, person, visits = found["kind"], found["version"], found["person"]["id"], found["visits"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise another from None
    if kind != KIND or version != VERSION or type(person) is not int or not isinstance(visits, list):
        raise another
    if len(visits) > MOST_VISITS:
        raise ValidationError(_("At most %(most)s visits at once.") % {"most": MOST_VISITS})
    return visits, person
