"""Who belongs to a household: enter a person, correct, let leave, take back. The only writers.

What cannot be true is refused here, whoever asks: `check_facts` needs no database and serves the import as well.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _

from households.identity import Identity, read_identity
from households.models import Health, Household, Person, Relation
from households.numbers import tidy
from households.residence import save_household
from households.sealed import Sealed
from villages import audit, reach
from villages.models import Cadre

# Not for the trail: derived from what is told, and an index tells nothing to people.
UNTOLD = ("initials", "id_index", "id_tail_index")
# A mobile, or a landline with or without its area code.
TELEPHONE = re.compile(r"(\+?86)?(1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7})", re.ASCII)
ACCOUNT = re.compile(r"\d{8,30}", re.ASCII)


def can_change_person(actor: Cadre, village_code: str, on: date) -> bool:
    """Clerks and supervisors change the persons of households at and below their own place."""
    return reach.holds_any(actor, reach.CLERKS, on, village_code)


# What cannot be true ------------------------------------------------------------------------------


def identity_of(person: Person, *, on: date) -> Identity | None:
    """What the person's identity number says; None without one. Raises ValidationError for a wrong number."""
    sealed: Any = person.id_number
    return read_identity(sealed.reveal(), on=on) if sealed else None


def check_facts(person: Person, *, on: date) -> None:
    """Refuse what contradicts itself within one person. Asks no database.

    An empty birth date or sex is filled in from the identity number first. Raises ValidationError by field.
    """
    errors: dict[str, str] = {}
    try:
        identity = identity_of(person, on=on)
    except ValidationError as error:
        identity = None
        errors["id_number"] = error.messages[0]
    if identity:
        errors |= identity.contradictions(born_on=person.born_on, sex=person.sex)
        person.born_on = person.born_on or identity.born_on
        person.sex = person.sex or identity.sex
    for found in (_dates(person, on), _numbers(person), _health(person)):
        errors = found | errors
    if errors:
        raise ValidationError(errors)


def _dates(person: Person, on: date) -> dict[str, str]:
    errors = {}
    if person.born_on and person.born_on > on:
        errors["born_on"] = _("The birth date lies in the future. Correct it.")
    if person.identified_on and person.identified_on > on:
        errors["identified_on"] = _("This day lies in the future. Correct it.")
    if person.identified_on and person.born_on and person.identified_on < person.born_on:
        errors["identified_on"] = _("This day is before the person's birth. Correct one of the two dates.")
    if person.left_on and person.born_on and person.left_on < person.born_on:
        errors["left_on"] = _("The person cannot leave before being born. Correct one of the two dates.")
    elif person.left_on and person.identified_on and person.left_on < person.identified_on:
        errors["left_on"] = _("The person cannot leave before being identified. Correct one of the two dates.")
    return errors


def _numbers(person: Person) -> dict[str, str]:
    errors = {}
    if not _fits(person.phone, TELEPHONE):
        errors["phone"] = _("This is no telephone number: a mobile has 11 digits, a landline its area code first.")
    if not _fits(person.bank_account, ACCOUNT):
        errors["bank_account"] = _("A bank account has digits only, at least eight. Compare it with the card.")
    return errors


def _fits(number: Any, shape: re.Pattern[str]) -> bool:
    return not isinstance(number, Sealed) or bool(shape.fullmatch(tidy(number.reveal())))


def _health(person: Person) -> dict[str, str]:
    values = person.health if isinstance(person.health, list) else [person.health]
    if unknown := [str(value) for value in values if value not in Health.values]:
        return {"health": _("%(words)s is no state of health of the register.") % {"words": _(", ").join(unknown)}}
    if Health.HEALTHY in values and len(values) > 1:
        return {"health": _("Healthy excludes every other state. Leave one of them out.")}
    return {}


# Changing -----------------------------------------------------------------------------------------


@transaction.atomic
def save_person(person: Person, *, actor: Cadre | None, on: date, reason: str = "") -> Person:
    """Enter a person or correct the record. An empty birth date or sex is taken from the identity number.

    The household's number of members and its head's name follow. Raises ValidationError for what cannot be true,
    PermissionDenied outside the actor's places.
    """
    stored = Person.objects.filter(pk=person.pk).first() if person.pk else None
    with _homes(filter(None, (stored, person)), actor, on, reason):
        stored = Person.objects.get(pk=person.pk) if stored else None
        _write_down(person)
        check_facts(person, on=on)
        person.full_clean()
        _refuse_second_record(person, actor, on)
        if stored and stored.name != person.name:
            person.initials = ""
        person.save()
        _tell(person, told(stored) if stored else {}, told(person), actor, reason)
    return person


@transaction.atomic
def leave_household(*, person: Person, left_on: date, actor: Cadre | None, on: date, reason: str = "") -> Person:
    """From that day on the person no longer belongs to the household (death, marriage, own household).

    Raises ValidationError, PermissionDenied.
    """
    person.left_on = left_on
    return save_person(person, actor=actor, on=on, reason=reason)


@transaction.atomic
def remove_person(*, person: Person, actor: Cadre | None, on: date, reason: str) -> None:
    """Take back a person entered by mistake; the values stay in the audit trail, numbers masked.

    Raises ValidationError when measures or the like were entered for the person, PermissionDenied.
    """
    stored = Person.objects.select_related("household").get(pk=person.pk)
    with _homes([stored], actor, on, reason):
        try:
            Person.objects.get(pk=stored.pk).delete()
        except ProtectedError as error:
            raise ValidationError(
                _("Measures or other records belong to this person. Enter the day of leaving instead.")
            ) from error
        _tell(stored, told(stored), {}, actor, reason)


def told(person: Person) -> dict[str, Any]:
    """The person's values for the audit trail: sealed numbers by their mask, nothing that is derived."""
    return {name: value for name, value in audit.snapshot(person).items() if name not in UNTOLD}


def _tell(person: Person, before: dict[str, Any], after: dict[str, Any], actor: Cadre | None, reason: str) -> None:
    changes = audit.difference(before, after)
    if not changes:
        return
    verb = "person.removed" if not after else "person.corrected" if before else "person.registered"
    village_id = person.household.village_id
    audit.record(actor=actor, verb=verb, target=person, village_id=village_id, reason=reason, changes=changes)


def _write_down(person: Person) -> None:
    """Numbers as they are compared: no blanks, capital X."""
    for name in ("id_number", "phone", "bank_account"):
        sealed: Any = getattr(person, name)
        if sealed and tidy(sealed.reveal()) != sealed.reveal():
            setattr(person, name, tidy(sealed.reveal()))


# The same person twice ------------------------------------------------------------------------------


def others_with_identity(person: Person, *, on: date) -> QuerySet[Person]:
    """Who else has this identity number in the whole district on that day.

    A number belongs to one person, so reach must not hide the other record; what is told of it is another matter.
    """
    index: Any = Person._meta.get_field("id_index")
    sealed: Any = person.id_number
    if not sealed:
        return Person.objects.none()
    return Person.objects.filter(id_index__in=index.digests(sealed.reveal())).registered(on).exclude(pk=person.pk)


def _refuse_second_record(person: Person, actor: Cadre | None, on: date) -> None:
    if person.left_on and person.left_on <= on:
        return
    _wait_for_the_same_number(person)
    other = others_with_identity(person, on=on).select_related("household__village").first()
    if other is None:
        return
    if actor is None or Person.objects.visible_to(actor, on).filter(pk=other.pk).exists():
        home = other.household
        said = _(
            "This identity number is already recorded for %(name)s in the household of %(head)s "
            "(%(number)s, %(village)s). Enter the day of leaving there first, or correct the number."
        ) % {"name": other.name, "head": home.head_name, "number": home.number, "village": home.village}
    else:
        said = _(
            "This identity number is already recorded in a household outside your places. "
            "Compare it with the card, then ask the district's office."
        )
    raise ValidationError({"id_number": said})


def _wait_for_the_same_number(person: Person) -> None:
    """Let two desks that enter one number at the same moment go one after the other.

    SQLite lets only one of them write anyway.
    """
    sealed: Any = person.id_number
    if sealed and connection.vendor == "postgresql":
        index: Any = Person._meta.get_field("id_index")
        key = int.from_bytes(bytes.fromhex(index.digest(sealed.reveal()))[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


# The household in step ------------------------------------------------------------------------------


@contextmanager
def _homes(persons: Iterable[Person], actor: Cadre | None, on: date, reason: str) -> Iterator[None]:
    """Lock the households of these persons, ask for leave, and let them follow what is done inside."""
    keys = {person.household_id for person in persons if person.household_id}
    homes = list(Household.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    for home in homes:
        if actor is not None and not can_change_person(actor, home.village_id, on):
            raise PermissionDenied(_("This household is not in one of your places."))
    counted = [len(_listed(home, on)) for home in homes]
    yield
    for home, listed_before in zip(homes, counted, strict=True):
        _keep_in_step(home, listed_before, actor, on, reason)


def _listed(household: Household, on: date) -> list[tuple[str, str]]:
    """Relation and name of everybody who belongs to the household that day."""
    return list(household.persons.registered(on).order_by("pk").values_list("relation", "name"))  # type: ignore[attr-defined]


def _keep_in_step(household: Household, listed_before: int, actor: Cadre | None, on: date, reason: str) -> None:
    """The head's name follows the head; the number of members follows a list that was complete, or is longer.

    While a list is still being typed in, the register's number of members stands.
    """
    listed = _listed(household, on)
    heads = [name for relation, name in listed if relation == Relation.HEAD]
    was_complete = household.members == listed_before
    members = len(listed) if listed and (was_complete or len(listed) > household.members) else household.members
    head_name = heads[0] if heads else household.head_name
    if (household.head_name, household.members) != (head_name, members):
        household.head_name, household.members = head_name, members
        save_household(household, actor=actor, on=on, reason=reason)
