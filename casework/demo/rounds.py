"""The rounds of the made-up district: the four rounds of the year, the helpers' months, one that is overdue."""

from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import Q

from casework.demo.district import Demo
from casework.demo.trips import Month
from casework.demo.visits import Written
from casework.models import Duty, Repetition, Round, RoundTemplate, TargetKind
from casework.recredit import recredit
from casework.rounds import close_round, continue_opening, excuse_duty, open_round
from villages.models import Post

YEARLY = ("district_secretary", "district_leader", "town_secretary", "village_posts")
EXCUSES = ("户主住院治疗，暂缓走访", "全家赴外地探亲，年后返回", "村道塌方抢修，暂不能通行")


def make_rounds(demo: Demo, months: list[Month]) -> list[Round]:
    """Open this year's four rounds, the round that is overdue by now, and the helper round of each month.

    Returns the helper rounds, the oldest first.
    """
    year = demo.on.replace(month=1, day=1)
    for key in YEARLY:
        _open(demo, RoundTemplate.objects.get(key=key), year, year + relativedelta(years=1, days=-1))
    _open(demo, _monitored(), months[-1].first - relativedelta(months=1), demo.on - timedelta(days=5))
    helper = RoundTemplate.objects.get(key="helper")
    rounds: list[Round] = []
    for month in months:
        rounds.append(_open(demo, helper, month.first, month.last, rounds[-1] if rounds else None))
    return rounds


def _monitored() -> RoundTemplate:
    """A rule of the office's own, any one post being enough; kept among the templates."""
    rule = {
        "name": "监测对象走访（大村长或帮扶干部）",
        "posts": [Post.HELPER, Post.VILLAGE_CHIEF],
        "target_kind": TargetKind.MONITORED_HOUSEHOLD,
        "is_any_post": True,
        "repetition": Repetition.ONCE,
    }
    template, _is_new = RoundTemplate.objects.get_or_create(key="demo_monitored", defaults=rule)
    return template


def _open(demo: Demo, template: RoundTemplate, starts_on: date, due_on: date, previous: Round | None = None) -> Round:
    """Open the round on its first day, as a supervisor would have done."""
    round = Round(
        **template.rule_fields(),
        district=demo.district,
        starts_on=starts_on,
        due_on=due_on,
        previous=previous,
        template=template,
    )
    round = open_round(round, actor=demo.accounts["supervisor"], on=starts_on)
    continue_opening(round.pk)
    return round


def close_past(demo: Demo, rounds: list[Round], months: list[Month]) -> None:
    """Close the helper rounds of the months that are over, each a few days after its end."""
    for round, month in zip(rounds, months, strict=True):
        if month.last < demo.on:
            close_round(round=round, actor=demo.accounts["supervisor"], on=min(month.closes_on, demo.on))


def credit_late(late: list[Written]) -> None:
    """Derive the credit of what was visited, but typed in only after the closing."""
    households, villages = defaultdict(set), set()
    for visit, _party in late:
        villages.add(visit.village_id)
        if visit.household_id:
            households[visit.village_id].add(visit.household_id)
    for code in sorted(villages):
        touched = Q(village=code, household=None) | Q(household__in=sorted(households[code]))
        recredit(Duty.objects.filter(touched))


def excuse_some(demo: Demo) -> None:
    """Excuse a few duties of the year's round in the shown town, with a reason."""
    supervisor, town = demo.accounts["supervisor"], demo.showcase.town_id
    duties = Duty.objects.within(town).pending(demo.on).filter(seat=Post.FIRST_SECRETARY)
    # By their numbers: the order in which the database made the duties may differ from run to run.
    keys = list(duties.order_by("household__number").values_list("pk", flat=True))
    picked = demo.draws("excuses").sample(keys, min(len(keys), len(EXCUSES)))
    for pk, reason in zip(picked, EXCUSES, strict=False):
        excuse_duty(duty=Duty.objects.get(pk=pk), actor=supervisor, on=demo.on, reason=reason)
