"""The optional questions below a visit form: has the family received the measure? yes, no, or not asked."""

import re
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from casework.confirmations import Answer, Question, answers_at, questions_for
from casework.models import Received, Visit
from households.models import Household
from villages.models import Cadre

KEY = re.compile(r"^received_(measure|link)_([0-9]{1,18})$")


class Line(NamedTuple):
    """A question and what is chosen: yes, no, or nothing for not asked."""

    question: Question
    chosen: str

    @property
    def name(self) -> str:
        """Name of the field."""
        return f"received_{self.question.key}"


class Confirming:
    """The questions of one form; `known` is the version being corrected. A new visit's answers ask no query."""

    def __init__(self, data: Any, known: Visit | None = None) -> None:
        self._data = data
        self._visit = known

    @cached_property
    def _known(self) -> list[Answer]:
        return answers_at(self._visit) if self._visit is not None else []

    def answers(self) -> tuple[Answer, ...]:
        """What is answered, in a fixed order; what the version before says stays, unless the form asks it again."""
        sent = self._data or {}
        found = ((KEY.match(name), sent[name]) for name in sent)
        answered = [Answer(key[1], int(key[2]), answer) for key, answer in found if key and answer in Received.values]
        kept = [answer for answer in self._known if f"received_{answer.key}" not in sent]
        return tuple(sorted([*answered, *kept]))

    def lines(self, household: Household | None, cadre: Cadre, on: date) -> list[Line]:
        """The lines to show; none for a visit to a village."""
        if household is None:
            return []
        chosen = {answer.key: answer.answer for answer in self.answers()}
        asked = questions_for(household, cadre, on, [*self._known, *self.answers()])
        return [Line(question, chosen.get(question.key, "")) for question in asked]
