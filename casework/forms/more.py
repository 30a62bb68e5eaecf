"""The folded part of a visit form: what may be added and never has to be. A usual visit does not pay for it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import Model

from casework.canon import tidied
from casework.extras import LINES, NOTHING_MORE, OF_VILLAGES, Extras, extras_of
from casework.models import Talk, Visit
from households.models import GuaranteeKind, GuaranteeState

NOT_A_NUMBER = -1  # what the verb refuses


class Text(NamedTuple):
    """A text to fill in."""

    name: str
    label: str
    value: str


class Choice(NamedTuple):
    """A list to choose from; the first, empty choice says nothing."""

    name: str
    label: str
    value: str
    options: list[tuple[Any, Any]]


class More:
    """What was added on one form; `known` is the version being corrected, of which everything else stays."""

    def __init__(self, data: Any, *, is_household: bool, known: Visit | None = None) -> None:
        self._data, self._is_household = data or {}, is_household
        self._known = extras_of(known) if known is not None else NOTHING_MORE

    def extras(self) -> Extras:
        """What is reported."""
        sent = {name.removeprefix("more_"): value for name, value in self._data.items() if name.startswith("more_")}
        changes: dict[str, Any] = {name: tidied(sent[name]) for name in (*LINES, "talk") if name in sent}
        if "head_count" in sent:
            changes["head_count"] = _number(sent["head_count"])
        guarantees = dict(self._known.guarantees)
        for kind in GuaranteeKind.values:
            if f"guarantee_{kind}" in sent:
                guarantees[kind] = sent[f"guarantee_{kind}"]
        said = tuple(sorted((kind, state) for kind, state in guarantees.items() if state))
        if said != self._known.guarantees:
            changes["guarantees"] = said
        return replace(self._known, **changes) if changes else self._known

    @property
    def is_used(self) -> bool:
        """Whether something is filled in, so that the part stands open."""
        return bool(self.extras().said())

    def texts(self) -> list[Text]:
        """Needs, ideas, results."""
        said = self.extras()
        return [Text(f"more_{name}", _label(Visit, name), getattr(said, name)) for name in LINES]

    def talk(self) -> Choice:
        """What kind of visit it was."""
        kinds = [(value, label) for value, label in Talk.choices if not self._is_household or value not in OF_VILLAGES]
        return Choice("more_talk", _label(Visit, "talk"), self.extras().talk, kinds)

    def head_count(self) -> Text | None:
        """How many came, at a meeting of the village."""
        if self._is_household:
            return None
        number = self.extras().head_count
        value = "" if number in (None, NOT_A_NUMBER) else str(number)
        return Text("more_head_count", _label(Visit, "head_count"), value)

    def guarantees(self) -> Iterator[Choice]:
        """The six guarantees, of a household."""
        said = dict(self.extras().guarantees)
        for kind, label in GuaranteeKind.choices if self._is_household else []:
            yield Choice(f"more_guarantee_{kind}", str(label), said.get(kind, ""), GuaranteeState.choices)


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    return int(text) if text.strip().isascii() and text.strip().isdigit() else NOT_A_NUMBER


def _label(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
