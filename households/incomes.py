"""How a household's net income of a year comes about, and how it stands to the monitoring line of that year."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from households.models import Income
from households.words import Fact, words_of

CENT = Decimal("0.01")
# The bridge from wages to net income, in the order of the national form; costs are subtracted.
NO_SIGN = "\u3000"  # as wide as a sign
EARNED = ("wages", "production", "property_income", "transfers")


class Part(NamedTuple):
    """One part of the bridge in yuan: `sign` is "", "+" or "−"; the amount is None while nobody knows it."""

    sign: str
    label: str
    amount: Decimal | None


@dataclass(frozen=True)
class IncomeYear:
    """A year's income with the line of that year; `members` is how many the household has now."""

    income: Income
    line: Decimal | None
    members: int

    @property
    def year(self) -> int:
        """The year."""
        return self.income.year

    @property
    def parts(self) -> list[Part]:
        """Wages + production + property + transfers − costs, each with the words of the form."""
        words = words_of(Income)
        earned = [
            Part("+" if place else "", words.label(name), getattr(self.income, name))
            for place, name in enumerate(EARNED)
        ]
        return [*earned, Part("−", words.label("costs"), self.income.costs)]

    @property
    def bridge(self) -> list[Fact]:
        """The parts as sign, label and amount in words."""
        return [Fact(f"{part.sign or NO_SIGN} {part.label}", in_yuan(part.amount)) for part in self.parts]

    @property
    def not_entered(self) -> str:
        """Which parts the sum below them had to leave out; empty when none is missing, or nothing is summed up."""
        missing = [part.label for part in self.parts if part.amount is None]
        if self.net is None or not missing:
            return ""
        return _("Not entered, counted as nothing: %(parts)s") % {"parts": _(", ").join(missing)}

    @cached_property
    def net(self) -> Decimal | None:
        """What the bridge adds up to."""
        return self.income.net

    @property
    def computed_per_head(self) -> Decimal | None:
        """Net income shared out to the members of today."""
        if self.net is None or not self.members:
            return None
        return (self.net / self.members).quantize(CENT, ROUND_HALF_UP)

    @cached_property
    def per_head(self) -> Decimal | None:
        """Net income per head: as the source says, otherwise as computed."""
        return self.computed_per_head if self.income.per_head is None else self.income.per_head

    @property
    def is_computed(self) -> bool:
        """Whether the figure per head is ours, because the source says none."""
        return self.income.per_head is None and self.per_head is not None

    @property
    def is_below_line(self) -> bool:
        """Whether the figure per head is known to be under the line."""
        return self.line is not None and self.per_head is not None and self.per_head < self.line

    def against_line(self) -> str:
        """The figure per head against the line of the year, in one sentence."""
        if self.per_head is None:
            return _("Income per head is not known yet.")
        if self.line is None:
            return _("The office has not entered the monitoring line of %(year)s yet.") % {"year": self.year}
        said = {"year": self.year, "line": in_yuan(self.line), "gap": in_yuan(abs(self.per_head - self.line))}
        if self.is_below_line:
            return _("%(gap)s below the monitoring line of %(year)s (%(line)s per head)") % said
        if self.per_head == self.line:
            return _("just at the monitoring line of %(year)s (%(line)s per head)") % said
        return _("%(gap)s above the monitoring line of %(year)s (%(line)s per head)") % said


def grouped(amount: Decimal | None) -> str:
    """1,234 or 1,234.50: thousands apart, cents only where there are some; a dash while nobody knows it."""
    return "–" if amount is None else f"{amount:,.2f}".removesuffix(".00").replace("-", "−")


def in_yuan(amount: Decimal | None) -> str:
    """The amount with its unit; a dash while nobody knows it."""
    return "–" if amount is None else _("%(amount)s yuan") % {"amount": grouped(amount)}
