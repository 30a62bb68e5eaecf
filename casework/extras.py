"""What a visit may report besides the three usual fields; nothing of it is ever compulsory."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from casework.models.visits import LONGEST_LINE, Talk, Visit
from households.models import GuaranteeKind, GuaranteeState
from villages.personal_numbers import numbers_in

OF_VILLAGES = frozenset({Talk.YARD_MEETING, Talk.EVENING_TALK})
MOST_PEOPLE = 5000
LINES = ("needs", "ideas", "results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Needs, ideas and results (问需 问计 问效), the kind of meeting, guarantees looked at, and where it was.

    `guarantees` names only what has changed: pairs of guarantee and state.
    """

    needs: str = ""
    ideas: str = ""
    results: str = ""
    talk: str = ""
    head_count: int | None = None
    guarantees: tuple[tuple[str, str], ...] = ()
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy: int | None = None

    def columns(self) -> dict[str, Any]:
        """The values by column of Visit."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return found | {"guarantees": dict(sorted(self.guarantees)) or None}

    def said(self) -> dict[str, Any]:
        """What was reported, as plain values; empty when nothing was, so that the digest stays what it was."""
        return {name: _plain(value) for name, value in self.columns().items() if value not in ("", None)}


NOTHING_MORE = Extras()


def _plain(value: Any) -> Any:
    return f"{value:.6f}" if isinstance(value, Decimal) else value


def extras_of(visit: Visit) -> Extras:
    """What a stored version says."""
    values = {field.name: getattr(visit, field.name) for field in fields(Extras)}
    return Extras(**values | {"guarantees": tuple(sorted((visit.guarantees or {}).items()))})


def problems_with(extras: Extras, *, is_household: bool) -> dict[str, Any]:
    """Why it cannot be, in words by field; nothing when it can. No query."""
    found: dict[str, Any] = numbers_in(**{name: getattr(extras, name) for name in LINES})
    for name in LINES:
        if len(getattr(extras, name)) > LONGEST_LINE:
            found[name] = _("Shorten this to %(most)s characters.") % {"most": LONGEST_LINE}
    if extras.talk and (extras.talk not in Talk.values or (is_household and extras.talk in OF_VILLAGES)):
        found["talk"] = _("A meeting is entered for the village, not for a household.")
    if extras.head_count is not None and not 0 <= extras.head_count <= MOST_PEOPLE:
        found["head_count"] = _("Check how many people were there.")
    if not _is_known(extras.guarantees) or (extras.guarantees and not is_household):
        found["guarantees"] = _("Guarantees are looked at in a household. Choose from the list.")
    if not _is_on_earth(extras):
        found["latitude"] = _("The position cannot be. Leave it out.")
    return found


def _is_known(guarantees: tuple[tuple[str, str], ...]) -> bool:
    return all(kind in GuaranteeKind.values and state in GuaranteeState.values for kind, state in guarantees)


def _is_on_earth(extras: Extras) -> bool:
    if extras.latitude is None or extras.longitude is None:
        return extras.latitude is None and extras.longitude is None and extras.accuracy is None
    return abs(extras.latitude) <= 90 and abs(extras.longitude) <= 180
