"""On Mondays: about how many visits lie ahead this week and next in each place, spread evenly until the due dates."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.models import Duty
from casework.models.duties import PENDING
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import posts_of
from casework.pressing import PostsOf, Pressing
from casework.workloads import Held, of_seats, villages_under
from households.models import HelperPairing
from villages.calendar import workdays_in
from villages.models import Post, Posting, Village

DAYS = 7


class Ahead(NamedTuple):
    """So many visits of one cadre that are due in one place until a day."""

    cadre_id: int
    village: Village
    due_on: date
    left: int


class Weeks:
    """The working days from a Monday on: this week's and the next one's."""

    def __init__(self, on: date, workdays: Sequence[date]) -> None:
        self.on, self.workdays = on, workdays
        self._known: dict[date, tuple[int, int, int]] = {}

    def shares(self, left: int, due_on: date) -> tuple[int, int]:
        """How many of the visits fall into this week and into the next. What is overdue falls into this one."""
        if due_on not in self._known:
            ends = (self.on + timedelta(days=DAYS - 1), self.on + timedelta(days=2 * DAYS - 1), due_on)
            this, both, days = (sum(day <= min(end, due_on) for day in self.workdays) for end in ends)
            self._known[due_on] = this, both, days
        this, both, days = self._known[due_on]
        if not days:
            return left, 0
        first = ceil(left * this / days)
        return first, ceil(left * both / days) - first


def in_words(this: int, following: int) -> str:
    """About so many this week, so many the next."""
    first = ngettext("this week about %(count)s visit", "this week about %(count)s visits", this) % {"count": this}
    return _("%(this_week)s, next week about %(count)s") % {"this_week": first, "count": following}


def weeks_from(on: date, last_due_on: date) -> Weeks:
    """One query."""
    return Weeks(on, workdays_in(on, max(last_due_on, on + timedelta(days=2 * DAYS))))


def far_away(cadre_ids: set[int], pressing: Pressing, on: date) -> Iterator[Ahead]:
    """What they owe in running rounds that do not press yet."""
    near = pressing.in_the_window
    far: dict[int, set[str]] = defaultdict(set)
    for round_id, post in pressing.rules:
        if post not in near.get(round_id, ()) and pressing.rounds[round_id].due_on >= on:
            far[round_id].add(post)
    if far:
        yield from _of_helpers(cadre_ids, far, pressing, on)
        yield from _of_holders(cadre_ids, far, pressing, on)


def _of_helpers(cadre_ids: set[int], far: PostsOf, pressing: Pressing, on: date) -> Iterator[Ahead]:
    rounds = [pk for pk, posts in far.items() if Post.HELPER in posts]
    pairings = HelperPairing.objects.in_force(on).filter(cadre__in=cadre_ids).order_by()
    helpers: dict[int, list[int]] = defaultdict(list)
    for household_id, cadre_id in pairings.values_list("household", "cadre") if rounds else ():
        helpers[household_id].append(cadre_id)
    if not helpers:
        return
    owed = Duty.objects.filter(round__in=rounds, seat__contains=Post.HELPER, household__in=list(helpers))
    rows = list(owed.unfinished(on, are_held=True).order_by().values_list("household", "round", "village"))
    villages = Village.objects.select_related("town").in_bulk({code for _pk, _round, code in rows})
    counts: dict[tuple[int, int, str], int] = defaultdict(int)
    for household_id, round_id, code in rows:
        for cadre_id in helpers[household_id]:
            counts[cadre_id, round_id, code] += 1
    for (cadre_id, round_id, code), left in counts.items():
        yield Ahead(cadre_id, villages[code], pressing.rounds[round_id].due_on, left)


def _of_holders(cadre_ids: set[int], far: PostsOf, pressing: Pressing, on: date) -> Iterator[Ahead]:
    postings = Posting.objects.in_force(on).filter(cadre__in=cadre_ids, post__in=VISITING_POSTS).order_by("pk")
    held = [Held(*row) for row in postings.values_list("cadre_id", "post", "place_code", "starts_on")]
    if not held:
        return
    villages = villages_under({posting.place for posting in held})
    duties = Duty.objects.filter(of_seats(held, villages), round__in=list(far)).with_state(on).order_by()
    groups = duties.values_list("round", "village", "seat").annotate(left=Count("pk", filter=Q(state__in=PENDING)))
    owed: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for round_id, code, seat, left in groups:
        for post in posts_of(seat) if left else ():
            if post in far[round_id]:
                owed[post, code].append((round_id, left))
    for posting in held:
        for village in villages[posting.place]:
            for round_id, left in owed.get((posting.post, village.pk), ()):
                yield Ahead(posting.cadre_id, village, pressing.rounds[round_id].due_on, left)
