"""What a cadre reports of a visit, before it is stored: the same for form, API, phone and import."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from casework.confirmations import Answer
from casework.credit import VisitFact
from casework.extras import NOTHING_MORE, Extras
from households.models import Household
from households.residence import village_on
from villages.models import Cadre, Village


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """What a cadre reports; household or village is set, the id was made when the form opened."""

    id: UUID
    visited_on: date
    contact: str
    outcome: str
    visitors: list[Cadre]
    household: Household | None = None
    village: Village | None = None
    note: str = ""
    problem: str = ""
    confirmations: tuple[Answer, ...] = ()
    extras: Extras = NOTHING_MORE

    @property
    def target_village_id(self) -> str:
        """Code of the village in which the visit took place."""
        if self.household is not None:
            return village_on(self.household, self.visited_on)
        return self.village.pk if self.village else ""

    def digest(self) -> str:
        """SHA-256 over everything reported, the same on every machine."""
        content: list[Any] = [
            self.household.pk if self.household else None,
            self.village.pk if self.village and not self.household else None,
            self.visited_on.isoformat(),
            str(self.contact),
            str(self.outcome),
            sorted({cadre.pk for cadre in self.visitors}),
            self.note,
            self.problem,
        ]
        if self.confirmations:  # without any, the digest stays what it was before there were any
            content.append(sorted([*answer] for answer in self.confirmations))
        if more := self.extras.said():  # the same holds for what may be added since
            content.append(more)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def fact(self) -> VisitFact:
        """The visit as far as credit asks."""
        return VisitFact(
            self.id,
            self.visited_on,
            self.contact,
            self.outcome,
            self.household.pk if self.household else None,
            self.target_village_id,
            frozenset(cadre.pk for cadre in self.visitors),
        )
