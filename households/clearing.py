"""Whether the risk of a monitored household may be cleared: each condition, met or not, in words.

Source: 风险消除 asks that income stays over the year's line, that the guarantees hold, and that the risks are gone.
The first two are read from the household's file; that the risks are gone is declared by the office that decides.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.guarantees import Assurance, said_by_register
from households.models import (
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    Household,
    Income,
    MonitoringCase,
    PovertyLine,
    Risk,
)

# Income of a year is known early in the next one; what is older says nothing about today.
OLDEST_INCOME_YEARS = 1
INCOME, GUARANTEE, RISK = "income", "guarantee", "risk"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its name, whether it is met, and what the file says about it or what to do.

    `facts` are kept when the risk is cleared; told() puts them into words again, in the reader's language.
    """

    name: str
    is_met: bool
    words: str
    facts: dict[str, Any] = field(default_factory=dict)


def conditions_to_clear(case: MonitoringCase, on: date) -> list[Condition]:
    """What the household's file says: income against the line, and each guarantee. Three queries."""
    return [_income_condition(case.household, on), *_guarantee_conditions(case.household, on)]


def declared_gone(case: MonitoringCase, gone: Collection[str]) -> list[Condition]:
    """One condition for each risk of the case: that somebody declares it gone."""
    words = dict(Risk.choices)
    return [
        told({"kind": RISK, "risk": risk})
        if risk in gone
        else Condition(name=str(words[risk]), is_met=False, words=_("not declared gone"))
        for risk in case.risks
    ]


def told(facts: Mapping[str, Any]) -> Condition:
    """A condition that is, or was, met."""
    kept = dict(facts)
    if facts["kind"] == INCOME:
        words = _("%(year)s: %(amount)s yuan per head, line %(line)s yuan") % facts
        return Condition(_("Income over the line"), True, words, kept)
    if facts["kind"] == GUARANTEE:
        said = {"state": GuaranteeState.MET.label, "day": date_format(date.fromisoformat(facts["checked_on"]))}
        return Condition(str(GuaranteeKind(facts["guarantee"]).label), True, _("%(state)s (%(day)s)") % said, kept)
    return Condition(str(Risk(facts["risk"]).label), True, _("gone"), kept)


def unmet(conditions: Iterable[Condition]) -> list[str]:
    """What is missing, one sentence each."""
    return [sentence(condition) for condition in conditions if not condition.is_met]


def sentence(condition: Condition) -> str:
    """The condition's name, and what the file says about it."""
    return _("%(name)s: %(words)s") % {"name": condition.name, "words": condition.words}


def _income_condition(household: Household, on: date) -> Condition:
    name = _("Income over the line")
    newest = Income.objects.filter(household=household, year__lte=on.year).order_by("-year").first()
    oldest = on.year - OLDEST_INCOME_YEARS
    if newest is None or newest.year < oldest:
        return Condition(
            name, False, _("no income of %(year)s or later is on file. Enter it first.") % {"year": oldest}
        )
    if newest.per_head is None:
        return Condition(
            name, False, _("the net income per head of %(year)s is blank. Enter it first.") % {"year": newest.year}
        )
    line = PovertyLine.objects.amount_of(newest.year)
    if line is None:
        return Condition(
            name, False, _("enter the line of %(year)s first; the district's office does it.") % {"year": newest.year}
        )
    facts = {"kind": INCOME, "year": newest.year, "amount": str(newest.per_head), "line": str(line)}
    if newest.per_head > line:
        return told(facts)
    return Condition(
        name, False, _("%(year)s: %(amount)s yuan per head is not over the line of %(line)s yuan.") % facts
    )


def _guarantee_conditions(household: Household, on: date) -> list[Condition]:
    """The latest word on each kind, of a check or of the register; of several of one day the least favourable."""
    latest: dict[str, Guarantee | Assurance] = {}
    for check in Guarantee.objects.filter(household=household, checked_on__lte=on).order_by("-checked_on"):
        known = latest.setdefault(check.kind, check)
        if check.checked_on == known.checked_on and check.state != GuaranteeState.MET:
            latest[check.kind] = check
    for said in said_by_register(household):
        held = latest.get(said.kind)
        if said.checked_on and said.checked_on <= on and (held is None or _outweighs(said, held)):
            latest[said.kind] = said
    return [_guarantee_condition(kind, latest.get(kind)) for kind in GuaranteeKind]


def _outweighs(said: Assurance, known: Guarantee | Assurance) -> bool:
    if said.checked_on == known.checked_on:
        return said.state != GuaranteeState.MET
    return bool(said.checked_on and known.checked_on and said.checked_on > known.checked_on)


def _guarantee_condition(kind: GuaranteeKind, check: Guarantee | Assurance | None) -> Condition:
    if check is None or check.checked_on is None:
        return Condition(str(kind.label), False, _("never checked. Enter the check first."))
    if check.state == GuaranteeState.MET:
        return told({"kind": GUARANTEE, "guarantee": kind.value, "checked_on": check.checked_on.isoformat()})
    facts = {"state": GuaranteeState(check.state).label, "day": date_format(check.checked_on)}
    words = _("%(state)s (%(day)s). See to it, then enter the new check.")
    return Condition(str(kind.label), False, words % facts)
