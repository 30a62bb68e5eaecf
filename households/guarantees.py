"""Which of the six guarantees hold (两不愁三保障及饮水安全): by the latest check of each, whoever made it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from households.models import Guarantee, GuaranteeKind, GuaranteeState, Household, HousingGrade, Source
from households.words import word_of
from villages import audit
from villages.models import Cadre


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
        latest = found.setdefault(check.kind, assurance)
        # A visit says whether the house is safe, not its grade: that of the look before holds while both agree.
        if check.housing_grade and not latest.housing_grade and latest.state == check.state:
            found[check.kind] = latest._replace(housing_grade=check.housing_grade)
    for said in said_by_register(household):
        known = found.get(said.kind)
        if known is None:
            found[said.kind] = said
        elif _is_newer(said, known):
            # The register tells no grade: that of the last look at the house holds while both agree.
            grade = known.housing_grade if known.state == said.state else ""
            found[said.kind] = said._replace(housing_grade=grade)
    return [found.get(kind, Assurance(kind)) for kind in GuaranteeKind.values]


def said_by_register(household: Household) -> list[Assurance]:
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


def set_checks(household: Household, states: Mapping[str, str | None], *, on: date, source: str, actor: Cadre) -> None:
    """Let each guarantee named have been found so on that day by that source; None: it was not looked at after all.

    In the caller's transaction, who holds the household's row and knows that the actor may.
    """
    known = {check.kind: check for check in household.guarantees.filter(checked_on=on, source=source, kind__in=states)}  # type: ignore[attr-defined]
    for kind, state in states.items():
        check = known.get(kind)
        if state is None:
            if check is not None:
                _audited(check, "guarantee.taken_back", audit.snapshot(check), {}, actor)
                check.delete()
        elif check is None or check.state != state:
            _set(check or Guarantee(household=household, kind=kind, checked_on=on, source=source), state, actor)


def _set(check: Guarantee, state: str, actor: Cadre) -> None:
    before = audit.snapshot(check) if check.pk else {}
    # A visitor says whether the house is safe; its grade is the expert's, and holds while both agree.
    check.housing_grade = ""
    check.state, check.recorded_by = state, actor
    check.save()
    _audited(check, "guarantee.checked", before, audit.snapshot(check), actor)


def _audited(check: Guarantee, verb: str, before: dict, after: dict, actor: Cadre) -> None:
    changes = audit.difference(before, after)
    audit.record(actor=actor, verb=verb, target=check, village_id=check.household.village_id, changes=changes)
