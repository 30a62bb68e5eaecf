"""Which of the six guarantees hold (两不愁三保障及饮水安全): by the latest check of each, whoever made it."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from households.models import Guarantee, GuaranteeKind, GuaranteeState, Household, HousingGrade, Source
from households.words import word_of


class Assurance(NamedTuple):
    """One guarantee as it stands. Without any check the state is unknown, without day and source."""

    kind: str
    state: str = GuaranteeState.UNKNOWN
    housing_grade: str = ""
    checked_on: date | None = None
    source: str = ""

    @property
    def label(self) -> str:
        """What is guaranteed."""
        return word_of(GuaranteeKind, self.kind)

    @property
    def state_label(self) -> str:
        """Whether it is."""
        return word_of(GuaranteeState, self.state)

    @property
    def grade_label(self) -> str:
        """The grade of the house; empty for all others."""
        return word_of(HousingGrade, self.housing_grade) if self.housing_grade else ""


def assurances_of(household: Household, checks: Iterable[Guarantee]) -> list[Assurance]:
    """All six in the order of the national form. `checks` stand latest first."""
    found: dict[str, Assurance] = {}
    for check in checks:
        assurance = Assurance(check.kind, check.state, check.housing_grade, check.checked_on, check.source)
        found.setdefault(check.kind, assurance)
    for said in _said_by_register(household):
        known = found.get(said.kind)
        if known is None:
            found[said.kind] = said
        elif _is_newer(said, known):
            # The register tells no grade: that of the last look at the house holds while both agree.
            grade = known.housing_grade if known.state == said.state else ""
            found[said.kind] = said._replace(housing_grade=grade)
    return [found.get(kind, Assurance(kind)) for kind in GuaranteeKind.values]


def _said_by_register(household: Household) -> list[Assurance]:
    """The two columns of the national export that tell about a guarantee: dangerous house, safe water."""
    answers = {GuaranteeKind.HOUSING: household.has_dangerous_house, GuaranteeKind.WATER: household.has_safe_water}
    good = {GuaranteeKind.HOUSING: False, GuaranteeKind.WATER: True}
    return [
        Assurance(
            kind=kind,
            state=GuaranteeState.MET if answer is good[kind] else GuaranteeState.NOT_MET,
            checked_on=household.register_as_of,
            source=Source.REGISTER if household.register_as_of else Source.OFFICE,
        )
        for kind, answer in answers.items()
        if answer is not None
    ]


def _is_newer(said: Assurance, known: Assurance) -> bool:
    return bool(said.checked_on and known.checked_on and said.checked_on > known.checked_on)
