"""What others ask of the ledger: counts by village, found and solved in a period, hand-overs, deadlines passed.

`problem_counts` serves the wall, `problems_between` the bulletin, `handed_over` a cadre's digest and
`past_deadline_lines` a supervisor's summary.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Left

from casework.models import Problem
from casework.models.problems import past_deadline_on
from households.models import HelperPairing
from villages.models import Cadre, Post, Posting

# A finder who holds several posts over the village is counted under the first of these.
FINDERS = (
    *(Post.DISTRICT_SECRETARY, Post.DISTRICT_LEADER, Post.TOWN_SECRETARY, Post.VILLAGE_CHIEF),
    *(Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER, Post.TEAM_MEMBER),
    *(Post.SUPERVISOR, Post.CLERK),
)


class ProblemCount(NamedTuple):
    """How many problems of a village are open, and how many of these are past their deadline."""

    open: int
    past_deadline: int


class PeriodCount(NamedTuple):
    """Problems found and problems solved in a period; `post` is the finder's on the day ("" when none is known)."""

    village: str
    post: str
    found: int
    solved: int


class HandedOver(NamedTuple):
    """A problem given to somebody, as a digest tells it. `name` is the household's head, or empty."""

    problem: UUID
    village: str
    village_name: str
    name: str
    text: str
    handed_on: date
    due_on: date


class PastDeadline(NamedTuple):
    """A problem past its deadline: where, at which level it stands, who has it."""

    problem: UUID
    village: str
    village_name: str
    name: str
    text: str
    level: str
    given_to: str
    due_on: date | None


def problem_counts(cadre: Cadre, on: date, place_code: str) -> dict[str, ProblemCount]:
    """For each village of the place with open problems how many, as of any day. One grouped query.

    Counts what /problems/ lists for the same cadre, place and day; a village without an open problem is not in it.
    """
    rows = Problem.objects.visible_to(cadre, on).within(place_code).open(on).order_by()
    counted = rows.values("village").annotate(open=Count("pk"), past=Count("pk", filter=past_deadline_on(on)))
    return {row["village"]: ProblemCount(row["open"], row["past"]) for row in counted}


def problems_between(cadre: Cadre, first: date, last: date, place_code: str, *, on: date) -> list[PeriodCount]:
    """Found and solved from first to last, both included, by village and the finder's post; by code. One query.

    Solved is counted by the day of solution, also of problems found earlier; withdrawn ones are not counted. `on` is
    the day on which the cadre's reach is asked.
    """
    is_found, is_solved = Q(found_on__range=(first, last)), Q(solved_on__range=(first, last))
    rows = Problem.objects.visible_to(cadre, on).within(place_code).filter(is_found | is_solved, withdrawn_on=None)
    counted = (
        rows.order_by()
        .annotate(post=_post_of_finder())
        .values("village", "post")
        .annotate(found=Count("pk", filter=is_found), solved=Count("pk", filter=is_solved))
        .order_by("village", "post")
    )
    return [PeriodCount(row["village"], row["post"], row["found"], row["solved"]) for row in counted]


def _post_of_finder() -> Coalesce:
    """The first of FINDERS that the finder held over the village on the day; helper; "" for others."""
    places = [OuterRef("village_id"), Left(OuterRef("village_id"), 9), Left(OuterRef("village_id"), 6)]
    found_on = OuterRef("found_on")
    in_force = Q(starts_on__lte=found_on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=found_on))
    held = Posting.objects.filter(in_force, cadre=OuterRef("found_by"), place_code__in=places, post__in=FINDERS)
    order = Case(
        *(When(post=post, then=Value(number)) for number, post in enumerate(FINDERS)), output_field=IntegerField()
    )
    helping = HelperPairing.objects.filter(in_force, cadre=OuterRef("found_by"), household=OuterRef("household"))
    helper = Case(When(Exists(helping), then=Value(Post.HELPER.value)), default=Value(""))
    return Coalesce(Subquery(held.order_by(order).values("post")[:1]), helper)


def handed_over(cadre_ids: Collection[int], on: date, *, since: date) -> dict[int, list[HandedOver]]:
    """New hand-overs of the days from `since` to `on` that still wait for whom they were given to. Two queries.

    A problem given to a unit is told to those who lead it on that day. By village, the earliest deadline first.
    """
    ids = list(cadre_ids)
    led: dict[int, list[int]] = defaultdict(list)
    leading = Posting.objects.in_force(on).filter(cadre__in=ids).exclude(unit=None).order_by("pk")
    for unit, cadre in leading.values_list("unit", "cadre"):
        led[unit].append(cadre)
    mine = Q(responsible__in=ids) | Q(unit__in=list(led))
    rows = Problem.objects.in_hand().filter(mine, handed_on__range=(since, on))
    rows = rows.select_related("village", "household").order_by("village", "due_on", "pk")
    found: dict[int, list[HandedOver]] = defaultdict(list)
    for problem in rows:
        owners = [problem.responsible_id] if problem.responsible_id is not None else led[problem.unit_id or 0]
        for owner in owners:
            found[owner].append(_handed(problem))
    return found


def _handed(problem: Problem) -> HandedOver:
    if problem.handed_on is None or problem.due_on is None:
        raise ValueError("a problem in hand has its days, the database says so")
    name = problem.household.head_name if problem.household else ""
    place = problem.village
    return HandedOver(problem.pk, place.pk, place.name, name, problem.text, problem.handed_on, problem.due_on)


def past_deadline_lines(place_codes: Iterable[str], on: date) -> dict[str, list[PastDeadline]]:
    """For each of these places its problems past their deadline on that day, by village. One query.

    `level` says where a matter stands: what a town is told of is `level == "town"`, and so on up.
    """
    codes = set(place_codes)
    lengths = sorted({len(code) for code in codes})
    inside = Q(pk=None)
    for code in codes:
        inside |= Q(village__code__startswith=code)
    rows = Problem.objects.past_deadline(on).filter(inside).order_by("village", "due_on", "pk")
    name, given_to = Coalesce("household__head_name", Value("")), Coalesce("responsible__name", "unit__name", Value(""))
    columns = ("pk", "village", "village__name", name, "text", "level", given_to, "due_on")
    found: dict[str, list[PastDeadline]] = defaultdict(list)
    for row in rows.values_list(*columns):
        line = PastDeadline(*row)
        for length in lengths:
            if line.village[:length] in codes:
                found[line.village[:length]].append(line)
    return found
