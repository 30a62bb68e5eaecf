"""Leave the docstrings of our classes out of the schema: they speak to programmers, and in English only."""

from typing import Any


def without_docstrings(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """The schema without descriptions of objects; what a field means stands with the field."""
    for component in result.get("components", {}).get("schemas", {}).values():
        if component.get("type") == "object":
            component.pop("description", None)
    return result
