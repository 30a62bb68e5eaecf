"""The contradictions we look for in household files; importing it fills the register of rules."""

from households.quality import clearing, dates, help_given, living, persons
from households.quality.register import RULES, Rule

# The order of the page: what assessments ask about first, then what is missing, then what cannot be.
TOPICS = (clearing, help_given, persons, living, dates)


def rules_of(topic: object) -> list[Rule]:
    """The rules of a topic, which is a module of this package, as they stand in it."""
    return [rule for rule in RULES.values() if rule.find.__module__ == getattr(topic, "__name__", "")]


def rules() -> list[Rule]:
    """All rules in the order of the page."""
    return [rule for topic in TOPICS for rule in rules_of(topic)]


__all__ = ["RULES", "TOPICS", "Rule", "rules", "rules_of"]
