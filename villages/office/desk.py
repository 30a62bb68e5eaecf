"""Who sits at the office desk, on which day, and for which places."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from villages import reach
from villages.calendar import today
from villages.models import Cadre


@dataclass(frozen=True, slots=True)
class Desk:
    """The signed-in cadre, the day, and the codes of the places for which the cadre is clerk or supervisor."""

    cadre: Cadre
    on: date
    place_codes: tuple[str, ...]

    @property
    def is_staffed(self) -> bool:
        """Whether the cadre may enter at all."""
        return bool(self.place_codes)

    @property
    def is_for_district(self) -> bool:
        """Whether the cadre works for a whole district, and so on what all of it shares."""
        return any(len(code) <= reach.DISTRICT_DIGITS for code in self.place_codes)


def desk_of(request: HttpRequest) -> Desk:
    """The desk of this request, asked from the postings once: every page asks many times."""
    desk = getattr(request, "office_desk", None)
    if desk is None:
        cadre, on = request.user, today()
        is_known = cadre.is_authenticated and cadre.is_active
        desk = Desk(cadre, on, tuple(reach.office_places(cadre, on)) if is_known else ())  # type: ignore[arg-type]
        request.office_desk = desk  # type: ignore[attr-defined]
    return desk
