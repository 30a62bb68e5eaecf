"""Whose turn it is in a monitoring case, and who may do what with it.

Source: the order of the work (防返贫监测): the village and the helper find and check, the village holds the appraisal
and the notice, the town reviews, the district decides. Each level acts for itself: a district cannot review in a
town's stead, because the review would then check nothing.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from households.models import CaseState, HelperPairing, Household, MonitoringCase, Step
from households.models.monitoring import BEFORE_DECISION, ENDED, MOVES, REPORTED, WAY, step_after
from villages import reach
from villages.models import Cadre, Post

HELPER, VILLAGE, TOWN, DISTRICT = LEVELS = "helper", "village", "town", "district"

# Which posts act for a level, and how long the code of their place is. A clerk of the village types for it.
VILLAGE_POSTS = (
    *(Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER, Post.TEAM_MEMBER),
    *(Post.CLERK, Post.SUPERVISOR),
)
SEATS: dict[str, tuple[tuple[str, ...], int]] = {
    VILLAGE: (tuple(post.value for post in VILLAGE_POSTS), 12),
    TOWN: ((Post.TOWN_SECRETARY.value, Post.SUPERVISOR.value, Post.CLERK.value), 9),
    DISTRICT: ((Post.SUPERVISOR.value, Post.CLERK.value), 6),
}
# Warnings of departments and calls to the hotline come in at the town's and the district's office.
FINDERS = frozenset({HELPER, VILLAGE, TOWN, DISTRICT})
WHO: dict[str, frozenset[str]] = {
    Step.CHECK: frozenset({HELPER, VILLAGE}),
    Step.APPRAISE: frozenset({VILLAGE}),
    Step.NOTICE: frozenset({VILLAGE}),
    Step.REVIEW: frozenset({TOWN}),
    Step.DECIDE: frozenset({DISTRICT}),
    Step.CLEAR: frozenset({DISTRICT}),
    Step.REVOKE: frozenset({DISTRICT}),
    Step.REOPEN: frozenset({DISTRICT}),
    Step.RESUME: frozenset({DISTRICT}),  # and the levels of _may_resume()
}
WAITS_FOR: dict[str, Any] = {
    Step.CHECK: _("the helper or the posts of the village"),
    Step.APPRAISE: _("the posts of the village"),
    Step.NOTICE: _("the posts of the village"),
    Step.REVIEW: _("the town: its Party Secretary, supervisor or clerk"),
    Step.DECIDE: _("the district's office"),
    Step.CLEAR: _("the district's office"),
}
# The order of the list of cases.
MINE, UNDER_WAY, HELPED, OVER = 0, 1, 2, 3


def levels_of(cadre: Cadre, household: Household, on: date) -> frozenset[str]:
    """The levels for which the cadre acts in matters of the household on that day. Two queries."""
    if cadre.is_superuser:
        return FINDERS
    code = household.village_id
    held = set(reach.own_postings(cadre, on).order_by().values_list("post", "place_code"))
    levels = {
        level
        for level, (posts, digits) in SEATS.items()
        if any(place == code[:digits] and post in posts for post, place in held)
    }
    if HelperPairing.objects.in_force(on).filter(cadre=cadre, household=household).exists():
        levels.add(HELPER)
    return frozenset(levels)


def can_open_case(cadre: Cadre, household: Household, on: date) -> bool:
    """Helpers, the posts of the village, and the offices of its town and district open a case."""
    return bool(levels_of(cadre, household, on) & FINDERS)


def can_see_finding(cadre: Cadre, case: MonitoringCase, on: date) -> bool:
    """Risks and reports tell somebody's health: for those who act for the household, not for all who see it."""
    return bool(levels_of(cadre, case.household, on))


def can_take_step(cadre: Cadre, case: MonitoringCase, step: str, on: date) -> bool:
    """Whether the step is for the cadre to take; whether it is its time, MOVES says."""
    return step in steps_of(levels_of(cadre, case.household, on), case)


def can_correct_step(cadre: Cadre, case: MonitoringCase, step: str, on: date) -> bool:
    """Until the decision whoever may take the step, from then on the district's office."""
    return step in correctable_by(levels_of(cadre, case.household, on), case)


def can_correct_case(cadre: Cadre, case: MonitoringCase, on: date) -> bool:
    """What was found: until the decision whoever may open a case, from then on the district's office."""
    return is_correctable_by(levels_of(cadre, case.household, on), case)


def steps_of(levels: Collection[str], case: MonitoringCase) -> set[str]:
    """The steps that are for these levels to take; whoever takes the next one may also refuse the case."""
    steps: set[str] = {step for step, mine in WHO.items() if not mine.isdisjoint(levels)}
    if case.next_step in steps:
        steps.add(Step.REJECT)
    if case.state == CaseState.REJECTED and not _may_resume(case).isdisjoint(levels):
        steps.add(Step.RESUME)
    return steps


def _may_resume(case: MonitoringCase) -> frozenset[str]:
    """Who takes the refusal of a case back: the levels that could refuse it where it stood, and those above."""
    refusing = WHO[step_after(case.stood_at)]
    return frozenset(LEVELS[min(LEVELS.index(level) for level in refusing) :])


def correctable_by(levels: Collection[str], case: MonitoringCase) -> set[str]:
    """The steps whose records these levels may correct."""
    if case.state not in BEFORE_DECISION:
        return set(REPORTED) if DISTRICT in levels else set()
    return {step for step, mine in WHO.items() if not mine.isdisjoint(levels)}


def is_correctable_by(levels: Collection[str], case: MonitoringCase) -> bool:
    """Whether these levels may correct what was found."""
    return bool(levels) if case.state in BEFORE_DECISION else DISTRICT in levels


# Many cases at once -------------------------------------------------------------------------------


def awaiting(cadre: Cadre, on: date) -> Q:
    """The condition that a case waits for the cadre: the same rule as can_take_step, for many cases at once.

    A notice that still hangs waits for nobody, and a case that is decided waits for the family to get better. One
    branch a level, joined by UNION: an OR over them would make the database read every household of the district.
    """
    if cadre.is_superuser:
        return _at([step for step in WAY if step != Step.CLEAR], on)
    helping = HelperPairing.objects.in_force(on).filter(cadre=cadre).order_by()
    first = _waiting_at(HELPER, on).filter(household__in=helping.values("household"))
    return Q(pk__in=first.values("pk").union(*(_waiting_for(level, cadre, on).values("pk") for level in SEATS)))


def _waiting_for(level: str, cadre: Cadre, on: date) -> QuerySet[MonitoringCase]:
    """Cases that wait for a post of the level which the cadre holds where the household lives.

    By the beginning of the village's code, so that the database starts from the few cases that wait: asked for the
    households of a district, it would read all of them. For whoever holds no such post it looks at no case at all.
    """
    posts, digits = SEATS[level]
    mine = reach.own_postings(cadre, on).filter(post__in=posts).order_by()
    placed = _waiting_at(level, on).annotate(_place=Left("household__village_id", digits))
    return placed.filter(Exists(mine), _place__in=mine.values("place_code"))


def _waiting_at(level: str, on: date) -> QuerySet[MonitoringCase]:
    return MonitoringCase.objects.filter(_at(_steps_for(level), on)).order_by()


def _steps_for(level: str) -> list[str]:
    return [step for step in WAY if level in WHO[step] and step != Step.CLEAR]


def _at(steps: Iterable[str], on: date) -> Q:
    """The condition that one of the steps comes next and can be taken on that day."""
    found = Q()
    for step in steps:
        is_next = Q(state__in=sorted(MOVES[step][0]))
        found |= is_next & Q(notice_until__lt=on) if step == Step.REVIEW else is_next
    return found


def by_turn(cadre: Cadre, on: date) -> Case:
    """What a list of cases is ordered by: mine to act on, under way, decided and being helped, over."""
    return Case(
        When(awaiting(cadre, on), then=Value(MINE)),
        When(state__in=sorted(BEFORE_DECISION), then=Value(UNDER_WAY)),
        When(state__in=sorted(ENDED), then=Value(OVER)),
        default=Value(HELPED),
        output_field=IntegerField(),
    )


def days_of_waiting_cases(cadre: Cadre, on: date) -> QuerySet[Any, Any]:
    """For each case that waits for the cadre the day by which it is to be decided, the most pressing first.

    Whoever must act sees the case: every level of SEATS, and helping, gives sight of the household.
    """
    waiting = MonitoringCase.objects.filter(awaiting(cadre, on)).order_by("decide_by")
    return waiting.values_list("decide_by", flat=True)
