"""Read a visit as a phone sends it: what can be read becomes a Sent, what cannot says why."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from casework.canon import digest_of, tidied
from casework.confirmations import LINK, MEASURE, Answer
from casework.extras import LINES, Extras
from casework.models import Contact, Outcome, Received
from villages.personal_numbers import LEAVE_IT_OUT, has_personal_number

LARGEST = 64 * 1024  # characters of one visit; the longest note is 5,000
LARGEST_ID = 2**63
LONGEST = {"note": 5000, "problem": 500}
MOST_VISITORS = 20
PLAIN = frozenset({"id", "digest", "village", "visited_on", "filled_at"})  # keys and days, not words
MOST_ANSWERS = 200
KNOWN = frozenset(
    {
        *("id", "household", "village", "visited_on", "contact", "outcome", "visitors", "note", "problem"),
        *("confirmations", "talk", "head_count", "position", "guarantees", "filled_at", "digest", *LINES),
    }
)


class Unreadable(Exception):
    """This is no visit. Carries a code for the phone and words for its owner; nothing of it is stored."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A visit as it was sent: every value has the right shape, whether it can be is not asked yet."""

    id: uuid.UUID
    digest: str
    content: dict[str, Any]
    household_id: int | None
    village_code: str | None
    visited_on: date
    contact: str
    outcome: str
    visitor_ids: tuple[int, ...]
    note: str
    problem: str
    confirmations: tuple[Answer, ...]
    extras: Extras

    @property
    def unknown_fields(self) -> list[str]:
        """What a later version of the app says and this server does not understand."""
        return sorted(set(self.content) - KNOWN)


def names_in(item: Any) -> tuple[str, str]:
    """Id and digest as they were sent, to answer by; empty texts when there are none."""
    if not isinstance(item, dict):
        return "", ""
    return tuple(value if isinstance(value, str) else "" for value in (item.get("id"), item.get("digest")))  # type: ignore[return-value]


def read(item: Any) -> Sent:
    """The visit. Raises Unreadable."""
    if not isinstance(item, dict):
        raise Unreadable("unreadable", _("This is not a visit."))
    if len(repr(item)) > LARGEST:
        raise Unreadable("too_large", _("This visit is too long. Shorten the text."))
    key = _uuid(item.get("id"))
    _check_digest(item)
    _check_numbers(item)
    household, village = _target(item)
    return Sent(
        id=key,
        digest=item["digest"],
        content=item,
        household_id=household,
        village_code=village,
        visited_on=_day(item.get("visited_on")),
        contact=_choice(item, "contact", Contact.values, _("How you met")),
        outcome=_choice(item, "outcome", Outcome.values, _("Whom you met")),
        visitor_ids=_visitors(item.get("visitors")),
        note=_line(item, "note", LONGEST["note"]),
        problem=_line(item, "problem", LONGEST["problem"]),
        confirmations=_answers(item.get("confirmations")),
        extras=_extras(item),
    )


def _check_digest(item: dict[str, Any]) -> None:
    try:
        computed = digest_of(item)
    except (ValueError, RecursionError):
        raise Unreadable("unreadable", _("This visit holds characters that cannot be stored.")) from None
    if computed != item.get("digest"):
        raise Unreadable("damaged", _("This visit was damaged on the way. It will be sent again."))


def _check_numbers(item: dict[str, Any]) -> None:
    """What is held is kept as it was sent, so a text with a personal number stays on the phone to be corrected."""
    if any(isinstance(value, str) and name not in PLAIN and has_personal_number(value) for name, value in item.items()):
        raise Unreadable("personal_number", str(LEAVE_IT_OUT))


def _fails(field: str) -> Unreadable:
    return Unreadable("unreadable", _("“%(field)s” cannot be read.") % {"field": field})


def _uuid(value: Any) -> uuid.UUID:
    try:
        found = uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise _fails("id") from None
    if str(found) != value:
        raise _fails("id")
    return found


def _target(item: dict[str, Any]) -> tuple[int | None, str | None]:
    household, village = item.get("household"), item.get("village")
    if (household is None) == (village is None):
        raise Unreadable("unreadable", _("Choose a household or a village."))
    if household is not None and not _is_id(household):
        raise _fails("household")
    if village is not None and not (isinstance(village, str) and village.isascii() and village.isdigit()):
        raise _fails("village")
    return household, village


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < LARGEST_ID


def _day(value: Any) -> date:
    try:
        found = date.fromisoformat(value)
    except (ValueError, TypeError):
        raise _fails("visited_on") from None
    if found.isoformat() != value:
        raise _fails("visited_on")
    return found


def _choice(item: dict[str, Any], name: str, known: list[str], label: str) -> str:
    value = item.get(name)
    if value not in known:
        raise _fails(label)
    return value  # type: ignore[no-any-return]


def _line(item: dict[str, Any], name: str, most: int) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _fails(name)
    text = tidied(value)
    if len(text) > most:
        raise Unreadable("unreadable", _("Shorten this to %(most)s characters.") % {"most": most})
    return text


def _visitors(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_VISITORS or not all(map(_is_id, value)):
        raise Unreadable("unreadable", _("Name at least one person who went."))
    return tuple(dict.fromkeys(value))


def _answers(value: Any) -> tuple[Answer, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_ANSWERS:
        raise _fails("confirmations")
    return tuple(sorted({_answer(said) for said in value}))


def _answer(said: Any) -> Answer:
    sorts = [sort for sort in (MEASURE, LINK) if isinstance(said, dict) and said.get(sort) is not None]
    if len(sorts) != 1 or not _is_id(said[sorts[0]]) or said.get("answer") not in Received.values:
        raise Unreadable("unreadable", _("An answer is about one measure or about one benefit link."))
    return Answer(sorts[0], said[sorts[0]], said["answer"])


def _extras(item: dict[str, Any]) -> Extras:
    lines: dict[str, Any] = {name: _line(item, name, LONGEST["note"]) for name in LINES}
    return Extras(
        talk=_line(item, "talk", 20),
        head_count=_count(item.get("head_count")),
        guarantees=_guarantees(item.get("guarantees")),
        **lines,
        **_position(item.get("position")),
    )


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < 2**15:
        raise _fails("head_count")
    return value


def _guarantees(value: Any) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, dict) or not all(isinstance(state, str) for state in value.values()):
        raise _fails("guarantees")
    return tuple(sorted(value.items()))


def _position(value: Any) -> dict[str, Any]:
    """Latitude and longitude come as texts: languages do not agree on how a fraction is written."""
    if not value:
        return {}
    try:
        numbers = {name: _degrees(value[name]) for name in ("latitude", "longitude")}
        accuracy = value.get("accuracy")
    except (TypeError, KeyError, AttributeError, InvalidOperation):
        raise _fails("position") from None
    if accuracy is not None and (type(accuracy) is not int or not 0 <= accuracy < 2**31):
        raise _fails("position")
    return {**numbers, "accuracy": accuracy}


def _degrees(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise TypeError
    found = Decimal(value)
    if not found.is_finite() or abs(found) > 180:  # degrees
        raise InvalidOperation
    return found.quantize(Decimal("0.000001"))
