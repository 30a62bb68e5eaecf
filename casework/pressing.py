"""Which pending duties press on a day, whom, and who is told of them today: due soon or overdue, by the policies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, Q

from casework.models import Duty, Mute, Round
from casework.models.duties import PENDING, DutyQuerySet
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import posts_of
from casework.policies import IN_THE_WINDOW, TELLING, Days, Policies, Rule, Why, why_today
from households.models import HelperPairing
from villages.models import Post, Posting

# Round and posts: {round id: {"helper", "village_chief"}}.
PostsOf = Mapping[int, set[str]]


@dataclass
class Pressing:
    """The running rounds on a day, with the rule and the answer for each of their posts."""

    days: Days
    rounds: dict[int, Round]
    rules: dict[tuple[int, str], Rule] = field(default_factory=dict)
    whys: dict[tuple[int, str], Why] = field(default_factory=dict)

    def posts(self, whys: Iterable[Why], *, hour: int | None = None) -> dict[int, set[str]]:
        """Rounds and posts with one of these answers; with an hour only those asleep at it."""
        found: dict[int, set[str]] = defaultdict(set)
        for (round_id, post), why in self.whys.items():
            if why in whys and (hour is None or not self.rules[round_id, post].is_awake(hour)):
                found[round_id].add(post)
        return dict(found)

    @property
    def in_the_window(self) -> dict[int, set[str]]:
        """What may stand in a digest: near its due date, and not too long past it."""
        return self.posts(IN_THE_WINDOW)

    @property
    def told(self) -> dict[int, set[str]]:
        """What makes a digest today."""
        return self.posts(TELLING)


def pressing_on(on: date, *, since: date | None = None) -> Pressing:
    """Three queries. `since` is the last working day on which everybody was told."""
    days = Days.around(on, since)
    found = Pressing(days, {round.pk: round for round in Round.objects.running(on)})
    policies = Policies.read((settings.REMIND_FROM_HOUR, settings.REMIND_UNTIL_HOUR)) if found.rounds else None
    for round in found.rounds.values():
        for post, rule in policies.rules(round).items() if policies else ():
            found.rules[round.pk, post] = rule
            found.whys[round.pk, post] = why_today(rule, starts_on=round.starts_on, due_on=round.due_on, days=days)
    return found


def pressing_duties(rounds: Iterable[int], on: date) -> DutyQuerySet:
    """What somebody still has to do in these rounds."""
    return Duty.objects.pending(on).filter(round__in=list(rounds))


def owing(posts: PostsOf, on: date) -> set[int]:
    """Ids of the active cadres who hold one of these posts and owe at least one duty of its round on that day.

    A vacant post has no holder, so nobody hears of it here; nor does who has muted the digests.
    """
    helped = [round_id for round_id, of_round in posts.items() if Post.HELPER in of_round]
    held = {pk: others for pk, of_round in posts.items() if (others := of_round - {Post.HELPER.value})}
    found = _helpers(helped, on) if helped else set()
    if held:
        found |= _holders(held, on)
    return found - muted(on) if found else found


def muted(on: date) -> set[int]:
    """Who hears of no duties on that day, by their own wish."""
    return set(Mute.objects.in_force(on).order_by().values_list("cadre", flat=True))


def recipients(on: date, *, since: date | None = None) -> set[int]:
    """Who is told of pressing duties on that day."""
    return owing(pressing_on(on, since=since).told, on)


def _helpers(rounds: list[int], on: date) -> set[int]:
    owed = pressing_duties(rounds, on).filter(seat__contains=Post.HELPER, household__isnull=False)
    pairings = HelperPairing.objects.in_force(on).filter(household__in=owed.values("household"), cadre__is_active=True)
    return set(pairings.order_by().values_list("cadre", flat=True))


def _holders(posts: PostsOf, on: date) -> set[int]:
    # Grouped before the state is asked for: four times faster than a DISTINCT over the pending ones.
    duties = Duty.objects.filter(round__in=list(posts)).exclude(seat=Post.HELPER).with_state(on)
    groups = duties.order_by().values_list("round", "seat", "village")
    seats = groups.annotate(left=Count("pk", filter=Q(state__in=PENDING)))
    owing = [(posts[round_id], seat, code) for round_id, seat, code, left in seats if left]
    held = {(post, code) for told, seat, code in owing for post in posts_of(seat) if post in told}
    owed = {(post, code[:digits]) for post, code in held for digits in (6, 9, 12)}
    postings = Posting.objects.in_force(on).filter(post__in=VISITING_POSTS, cadre__is_active=True).order_by()
    rows = postings.values_list("cadre", "post", "place_code")
    return {cadre_id for cadre_id, post, place in rows if (post, place) in owed}
