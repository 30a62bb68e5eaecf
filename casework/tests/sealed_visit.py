"""Visits as a phone seals them, for tests."""

import uuid
from datetime import date
from typing import Any

from casework.canon import digest_of
from households.models import Household
from villages.models import Cadre, Village


def sealed(target: Household | Village | int, day: date, *visitors: Cadre, **fields: Any) -> dict[str, Any]:
    """A home visit at which the family was met, with its digest."""
    where: dict[str, Any] = (
        {"village": target.pk}
        if isinstance(target, Village)
        else {"household": target if isinstance(target, int) else target.pk}
    )
    content = {
        "id": str(uuid.uuid4()),
        **where,
        "visited_on": day.isoformat(),
        "contact": "home",
        "outcome": "met",
        "visitors": [cadre.pk for cadre in visitors],
        "filled_at": "2026-10-15T09:30:00+08:00",
    } | fields
    return content | {"digest": digest_of(content)}


def resealed(visit: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The same visit with other content, sealed anew."""
    content = {key: value for key, value in (visit | fields).items() if key != "digest"}
    return content | {"digest": digest_of(content)}
