"""The words a phone offers to choose from, in the language of its owner, and how long a text may be."""

from typing import Any

from django.conf import settings

from casework.models import Contact, FlagReason, Outcome, Received, Talk
from casework.models.visits import LONGEST_LINE
from casework.sent import LONGEST
from casework.sync import MOST_AT_ONCE
from households.models import GuaranteeKind, GuaranteeState

OFFERED: dict[str, Any] = {
    "contacts": Contact,
    "outcomes": Outcome,
    "talks": Talk,
    "guarantee_kinds": GuaranteeKind,
    "guarantee_states": GuaranteeState,
    "answers": Received,
    "flag_reasons": FlagReason,
}


def choices() -> dict[str, list[dict[str, str]]]:
    """Value and label of each."""
    return {
        name: [{"value": str(value), "label": str(label)} for value, label in offered.choices]
        for name, offered in OFFERED.items()
    }


def limits() -> dict[str, int]:
    """Characters of the texts, visits in a batch, and from how many days on an entry is late."""
    return {
        **LONGEST,
        "line": LONGEST_LINE,
        "batch": MOST_AT_ONCE,
        "late_after_days": settings.LATE_AFTER_DAYS,
    }
