"""The reviewers' notes of a place, for its pages: one line in a template."""

from typing import Any

from django import template

from casework.notes import can_write_note, notes_at
from villages.calendar import today

register = template.Library()


@register.inclusion_tag("_notes.html", takes_context=True)
def place_notes(context: dict[str, Any], place: str) -> dict[str, Any]:
    """Open notes on the village or town, and the way to write one; of a district none."""
    user, day = context["request"].user, today()
    is_place = len(place) in (9, 12)
    return {
        "today": day,
        "review_notes": notes_at(place, user, day) if is_place else [],
        "note_query": f"place={place}" if is_place and can_write_note(user, place, day) else "",
    }
