"""What passes from one holder of a post to the next: the families, what they were promised, and what is under way.

The pack is for the two holders, for some weeks around the change, and for the office of the place. It shows what its
reader may see on the last day of the own post: whoever left keeps nothing that the post did not show. Its number of
queries does not depend on the number of families.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from casework.models import Duty, Problem, Round, Visit
from casework.models.duties import village_codes
from casework.models.seats import posts_of
from households.clock import Clock, clocks
from households.measures import measures_shown_to
from households.models import HelperPairing, Household, Measure, MonitoringCase
from households.words import word_of
from villages import reach
from villages.models import Cadre, Post, Posting, Village
from villages.models.postings import SINGLE_HOLDER_POSTS

VISITS_EACH = 3
ALL_IN_FULL = 12  # up to so many families each one is shown in full
MOST_IN_FULL = 150
VILLAGE_DIGITS = 12


class Eyes(NamedTuple):
    """With whose sight, as of which day, the pack is read."""

    cadre: Cadre
    day: date


class Progress(NamedTuple):
    """How far the post's duty of a round is."""

    round: Round
    done: int
    owed: int


@dataclass(slots=True)
class Family:
    """One family with what its next visitor must know."""

    household: Household
    helpers: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    case: MonitoringCase | None = None
    clock: Clock | None = None
    visits: list[Visit] = field(default_factory=list)
    owed: list[Round] = field(default_factory=list)

    @property
    def lacks_helper(self) -> bool:
        """Whether it should have a helper and has none."""
        return not self.helpers and self.household.is_entitled  # type: ignore[attr-defined]

    def has_something_open(self, on: date) -> bool:
        """Whether the family stands in full: a promise, a case, monitoring, no helper, or a visit overdue."""
        is_late = any(round.due_on < on for round in self.owed)
        return bool(self.problems or self.case or self.household.monitoring_type or self.lacks_helper or is_late)


class Section(NamedTuple):
    """A villager group with its families: in full, and the others in a line each."""

    label: str
    full: list[Family]
    short: list[Family]


@dataclass(frozen=True, slots=True)
class Handover:
    """Who hands what over to whom; `coming` is empty while nobody has been named."""

    post: str
    leaving: Cadre
    coming: Cadre | None
    starts_on: date
    ends_on: date | None
    village: Village | None
    place: str
    households: QuerySet[Household]
    duties: QuerySet[Duty]
    problems: QuerySet[Problem]
    eyes: Eyes


# Who hands over to whom -----------------------------------------------------------------------


def handover_of_post(cadre: Cadre, pk: int, on: date) -> Handover | None:
    """The pack of a posting; None for everybody but its two holders and the office of the place."""
    posting = Posting.objects.filter(pk=pk).select_related("cadre", "village__town", "town", "district").first()
    if posting is None or not posting.place_code:
        return None
    coming = _successor(posting)
    eyes = _eyes(cadre, posting, coming, posting.place_code, on)
    if eyes is None:
        return None
    code = posting.place_code
    seats = [seat for seat in _seats(on) if posting.post in posts_of(seat)]
    households = Household.objects.visible_to(*eyes).registered(on).within(code)
    problems = Problem.objects.visible_to(*eyes).within(code).unsolved(on)
    if posting.village is None:  # a leader takes over what asks for the leader, not ten thousand names
        problems = problems.filter(Q(responsible=posting.cadre) | Q(household=None))
        pressing = Q(pk__in=problems.order_by().values("household")) | Q(monitoring_cases__in=_running())
        households = households.filter(pressing).distinct()
    return Handover(
        post=word_of(Post, posting.post),
        leaving=posting.cadre,
        coming=coming.cadre if coming else None,
        starts_on=posting.starts_on,
        ends_on=posting.ends_on,
        village=posting.village,
        place=str(posting.place),
        households=households,
        duties=Duty.objects.filter(seat__in=seats, village__code__range=village_codes(code)),
        problems=problems,
        eyes=eyes,
    )


def handover_of_helper(cadre: Cadre, pk: int, on: date) -> Handover | None:
    """The pack of a helper's pairing, with all families that go the same way on the same day; None as above."""
    pairing = HelperPairing.objects.filter(pk=pk).select_related("cadre", "household__village__town").first()
    if pairing is None:
        return None
    coming = _next_helper(pairing)
    village = pairing.household.village
    eyes = _eyes(cadre, pairing, coming, village.pk, on)
    if eyes is None:
        return None
    homes = Household.objects.filter(pk__in=_going_together(pairing, coming))
    seats = [seat for seat in _seats(on) if Post.HELPER in posts_of(seat)]
    seen = homes.filter(pk__in=Household.objects.visible_to(*eyes).values("pk"))
    return Handover(
        post=word_of(Post, Post.HELPER),
        leaving=pairing.cadre,
        coming=coming.cadre if coming else None,
        starts_on=pairing.starts_on,
        ends_on=pairing.ends_on,
        village=village,
        place=str(village),
        households=seen,
        duties=Duty.objects.filter(seat__in=seats, household__in=seen.values("pk")),
        problems=Problem.objects.filter(household__in=seen.values("pk")).unsolved(on),
        eyes=eyes,
    )


def _eyes(
    cadre: Cadre, left: Posting | HelperPairing, coming: Posting | HelperPairing | None, code: str, on: date
) -> Eyes | None:
    """The reader's sight: the office's of today, a holder's of the own time at the post; None: not theirs to see."""
    if reach.holds_any(cadre, reach.CLERKS, on, code):
        return Eyes(cadre, on)
    is_over = left.ends_on is not None and left.ends_on + timedelta(days=settings.HANDOVER_DAYS) < on
    if is_over:
        return None
    if left.cadre_id == cadre.pk and left.starts_on <= on:
        return Eyes(cadre, min(on, left.ends_on or on))
    if coming is not None and coming.cadre_id == cadre.pk:
        return Eyes(cadre, max(on, coming.starts_on))
    return None


def _successor(posting: Posting) -> Posting | None:
    """Who came, or comes, next to a post that one person holds at a time."""
    if posting.post not in SINGLE_HOLDER_POSTS:
        return None
    later = Posting.objects.filter(post=posting.post, place_code=posting.place_code, starts_on__gt=posting.starts_on)
    return later.select_related("cadre").order_by("starts_on").first()


def _next_helper(pairing: HelperPairing) -> HelperPairing | None:
    later = HelperPairing.objects.filter(
        household=pairing.household_id, is_primary=pairing.is_primary, starts_on__gt=pairing.starts_on
    )
    return later.exclude(cadre=pairing.cadre_id).select_related("cadre").order_by("starts_on").first()


def _going_together(pairing: HelperPairing, coming: HelperPairing | None) -> list[int]:
    """Households that the same helper leaves on the same day to the same successor, or to nobody. Two queries."""
    leaving = HelperPairing.objects.filter(cadre=pairing.cadre_id, ends_on=pairing.ends_on)
    started = dict(leaving.order_by("starts_on").values_list("household", "starts_on"))
    later = HelperPairing.objects.filter(household__in=started, is_primary=pairing.is_primary)
    takers: dict[int, int] = {}
    for home, cadre_id, starts_on in (
        later.exclude(cadre=pairing.cadre_id).order_by("starts_on").values_list("household", "cadre", "starts_on")
    ):
        if starts_on > started[home]:
            takers.setdefault(home, cadre_id)
    taker = coming.cadre_id if coming else None
    return [home for home in started if takers.get(home) == taker]


def _seats(on: date) -> list[str]:
    return sorted({seat for round in Round.objects.running(on).only("posts", "is_any_post") for seat in round.seats()})


def _running() -> Any:
    return MonitoringCase.objects.running().order_by()


# What is handed over --------------------------------------------------------------------------


def progress_of(handover: Handover, on: date) -> list[Progress]:
    """How far each running round is, the earliest due date first. One grouped query and its rounds."""
    is_done = Q(credited_on__isnull=False, credited_on__lte=on)
    is_owed = (Q(left_on=None) | Q(left_on__gt=on)) & (Q(excused_on=None) | Q(excused_on__gt=on))
    rounds = {round.pk: round for round in Round.objects.running(on)}
    duties = handover.duties.filter(round__in=list(rounds)).order_by()
    counted = duties.values_list("round").annotate(
        done=Count("pk", filter=is_done), owed=Count("pk", filter=is_done | is_owed)
    )
    found = [Progress(rounds[pk], done, owed) for pk, done, owed in counted]
    return sorted(found, key=lambda one: (one.round.due_on, one.round.pk))


def families_of(handover: Handover, on: date) -> list[Family]:
    """The families with all that is known to be open, in the order of a walk. Ten queries, however many families."""
    rows = handover.households.select_related("village__town", "group").order_by(
        "village", "group__number", "number", "pk"
    )
    families = {row.pk: Family(row) for row in rows}
    entitled = set(Household.objects.filter(pk__in=families).in_national_register().values_list("pk", flat=True))
    for pk, family in families.items():
        family.household.is_entitled = pk in entitled  # type: ignore[attr-defined]
    _add_helpers(families, on)
    for problem in handover.problems.filter(household__in=families).order_by("found_on", "pk"):
        families[problem.household_id].problems.append(problem)  # type: ignore[index]
    for measure in _measures(handover.eyes, families, on):
        families[measure.household_id].measures.append(measure)
    _add_cases(families, on)
    _add_visits(families, on)
    _add_owed(handover, families, on)
    return list(families.values())


def village_problems(handover: Handover) -> list[Problem]:
    """Open problems of the place itself, not of a family."""
    return list(
        handover.problems.filter(household=None).select_related("village").order_by("village", "found_on", "pk")
    )


def sections_of(families: Iterable[Family], on: date) -> list[Section]:
    """By villager group; few families all in full, of many only those with something open, and those up to a limit."""
    listed, left = list(families), MOST_IN_FULL
    are_few = len(listed) <= ALL_IN_FULL
    found: dict[str, Section] = {}
    for family in listed:
        household = family.household
        group = str(household.group) if household.group else _("without a group")
        label = f"{household.village.short_name} · {group}"
        section = found.setdefault(label, Section(label, [], []))
        if left and (are_few or family.has_something_open(on)):
            section.full.append(family)
            left -= 1
        else:
            section.short.append(family)
    return list(found.values())


def _add_helpers(families: dict[int, Family], on: date) -> None:
    held = HelperPairing.objects.in_force(on).filter(household__in=families).order_by("-is_primary", "pk")
    for pk, name in held.values_list("household", "cadre__name"):
        families[pk].helpers.append(name)


def _measures(eyes: Eyes, families: dict[int, Family], on: date) -> Any:
    """Measures under way that the reader may see."""
    lasting = Q(ends_on=None) | Q(ends_on__gte=on)
    return measures_shown_to(*eyes).filter(lasting, household__in=families).order_by("starts_on", "pk")


def _add_cases(families: dict[int, Family], on: date) -> None:
    cases = list(MonitoringCase.objects.running().filter(household__in=families).order_by("found_on", "pk"))
    times = clocks(cases, on)
    for case in cases:
        families[case.household_id].case = case
        families[case.household_id].clock = times.get(case.pk)


def _add_visits(families: dict[int, Family], on: date) -> None:
    """The last three standing visits of each family."""
    place = Window(RowNumber(), partition_by=F("household"), order_by=[F("visited_on").desc(), F("received_at").desc()])
    visits = Visit.objects.standing().filter(household__in=families, visited_on__lte=on)
    latest = visits.annotate(place=place).filter(place__lte=VISITS_EACH).order_by("-visited_on", "-received_at")
    for visit in latest.prefetch_related("visitors"):
        families[visit.household_id].visits.append(visit)  # type: ignore[index]


def _add_owed(handover: Handover, families: dict[int, Family], on: date) -> None:
    """The rounds in which the post still owes the family a visit."""
    rounds = {round.pk: round for round in Round.objects.running(on)}
    open_now = Q(credited_on__isnull=True) | Q(credited_on__gt=on)
    duties = handover.duties.filter(open_now, left_on=None, excused_on=None, household__in=families, round__in=rounds)
    owed: dict[int, list[Round]] = defaultdict(list)
    for pk, round_id in duties.order_by("round__due_on", "round").values_list("household", "round"):
        if rounds[round_id] not in owed[pk]:
            owed[pk].append(rounds[round_id])
    for pk, found in owed.items():
        families[pk].owed = found
