"""Is somebody due to hear of a round today, and why: the one place that knows, asked by the sweep and the dry run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.models import RemindingPolicy, Round
from casework.models.rounds import VISITING_POSTS
from villages.calendar import workdays_in

# What was missed is made up for, but not for longer than this.
LOOK_BACK = timedelta(days=14)
ONE_DAY = timedelta(days=1)


class Why(models.TextChoices):
    """Why today, or why not."""

    WEEKDAY = "weekday", _("the policy's weekday")
    AHEAD = "ahead", _("a few days before the due date")
    TOO_EARLY = "too_early", _("the due date is still far")
    LONG_PAST = "long_past", _("the due date is too long past, by the policy")
    DAY_OFF = "day_off", _("a day off")
    OTHER_DAY = "other_day", _("not on one of the policy's days")


TELLING = frozenset({Why.WEEKDAY, Why.AHEAD})
IN_THE_WINDOW = TELLING | {Why.DAY_OFF, Why.OTHER_DAY}


class Rule(NamedTuple):
    """What holds for one round and post. `days_after` None: until the round is closed; `ahead` None: not ahead."""

    days_before: int
    days_after: int | None
    weekdays: frozenset[int]
    ahead: int | None
    on_days_off: bool
    from_hour: int
    until_hour: int
    channels: tuple[int, ...]
    escalate_after: int | None

    def is_awake(self, hour: int) -> bool:
        """Whether people may be told at that hour."""
        return self.from_hour <= hour < self.until_hour


@dataclass(frozen=True, slots=True)
class Days:
    """A day, the working days around it, and since when what was missed is made up for (that day not included)."""

    on: date
    since: date
    workdays: frozenset[date]

    @classmethod
    def around(cls, on: date, since: date | None = None) -> Self:
        """One query. Without `since`: everything up to the last working day before was told."""
        worked = workdays_in(on - LOOK_BACK, on + LOOK_BACK)
        before = max((day for day in worked if day < on), default=on - ONE_DAY)
        return cls(on, max(min(since or before, before), on - LOOK_BACK), frozenset(worked))

    @property
    def is_worked(self) -> bool:
        """Whether it is a working day."""
        return self.on in self.workdays

    def at_or_before(self, day: date) -> date:
        """The day itself or the last working day before it, as far as is known."""
        return max((worked for worked in self.workdays if worked <= day), default=day)

    def at_or_after(self, day: date) -> date:
        """The day itself or the first working day after it, as far as is known."""
        return min((worked for worked in self.workdays if worked >= day), default=day)

    def to_answer_for(self, rule: Rule) -> list[date]:
        """The days whose telling falls on this one: since the last telling, or the day alone where days off count."""
        if rule.on_days_off:
            return [self.on]
        return [self.since + timedelta(days=number) for number in range(1, (self.on - self.since).days + 1)]


def why_today(rule: Rule, *, starts_on: date, due_on: date, days: Days) -> Why:
    """Whether whoever owes visits in a round of these dates is told on that day, and why or why not."""
    left = (due_on - days.on).days
    if left > rule.days_before:
        return Why.TOO_EARLY
    if rule.days_after is not None and -left > rule.days_after:
        return Why.LONG_PAST
    if not (days.is_worked or rule.on_days_off):
        return Why.DAY_OFF
    answered = days.to_answer_for(rule)
    if rule.ahead is not None and _ahead_on(rule, starts_on, due_on, days) in answered:
        return Why.AHEAD
    return Why.WEEKDAY if any(day.weekday() in rule.weekdays for day in answered) else Why.OTHER_DAY


def _ahead_on(rule: Rule, starts_on: date, due_on: date, days: Days) -> date:
    """The day of the telling ahead: on a day off the working day before it, but not before the round begins."""
    wanted = max(due_on - timedelta(days=min(rule.ahead or 0, rule.days_before)), starts_on)
    if rule.on_days_off:
        return wanted
    moved = days.at_or_before(wanted)
    return moved if moved >= starts_on else days.at_or_after(wanted)


class Policies:
    """The office's policies, read once; `hours` are those of the whole system."""

    def __init__(self, rows: Iterable[RemindingPolicy], hours: tuple[int, int]) -> None:
        self.by_key = {row.key: row for row in rows}
        self.hours = hours

    @classmethod
    def read(cls, hours: tuple[int, int]) -> Self:
        """One query."""
        return cls(RemindingPolicy.objects.all(), hours)

    def policy_for(self, round: Round | None, post: str) -> RemindingPolicy:
        """The most particular policy; without a round those that name none."""
        key_of = RemindingPolicy.key_of
        of_template = [(None, round.template_id)] if round and round.template_id else []
        of_round = [(round.pk, None)] if round else []
        for round_id, template_id in [*of_round, *of_template, (None, None)]:
            for key in (key_of(round_id, template_id, post), key_of(round_id, template_id, "")):
                if key in self.by_key:
                    return self.by_key[key]
        return RemindingPolicy()

    def rule_for(self, round: Round, post: str) -> Rule:
        """What holds for those of this post in the round."""
        policy, (first, last) = self.policy_for(round, post), self.hours
        return Rule(
            days_before=round.remind_days_before if policy.days_before is None else policy.days_before,
            days_after=policy.days_after,
            weekdays=frozenset(policy.weekdays),
            ahead=policy.ahead,
            on_days_off=policy.on_days_off,
            from_hour=first if policy.from_hour is None else max(first, policy.from_hour),
            until_hour=last if policy.until_hour is None else min(last, policy.until_hour),
            channels=tuple(policy.channels),
            escalate_after=policy.escalate_after,
        )

    def rules(self, round: Round) -> dict[str, Rule]:
        """By post, for each post that owes visits in the round."""
        return {post: self.rule_for(round, post) for post in round.posts if post in VISITING_POSTS}
