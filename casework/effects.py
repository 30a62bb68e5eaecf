"""Whether reminders help: of the duties named in digests, and of those not, how many were done within a week.

Sums by round, post and day, so that useless reminders can be dropped; never by person.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Q, Sum

from casework import heartbeat
from casework.misaddressed import VILLAGE_DIGITS
from casework.models import Duty, Kind, Reminder, ReminderEffect, Round
from casework.models.duties import PENDING, DutyQuerySet
from casework.models.seats import posts_of, seat_label
from villages.calendar import day_of
from villages.models import Post

WEEK = timedelta(days=7)
# A day whose week is over for longer is not counted any more.
LONGEST_AGO = timedelta(days=28)
CHUNK = 500


class Named(NamedTuple):
    """What the digests of a day named of one round: households for helpers, (post, place code) for others."""

    households: set[int]
    places: set[tuple[str, str]]


class Effect(NamedTuple):
    """The sums of one post in one kind of round, before or after the due date."""

    rule: str
    seat: str
    is_before: bool
    named: int
    named_done: int
    others: int
    others_done: int

    @property
    def post(self) -> str:
        """The post in words."""
        return seat_label(self.seat)

    @property
    def named_share(self) -> str:
        """Of those named, in percent."""
        return share(self.named_done, self.named)

    @property
    def others_share(self) -> str:
        """Of those not named, in percent."""
        return share(self.others_done, self.others)


def share(part: int, whole: int) -> str:
    """In percent with two decimals; a dash of nothing."""
    return f"{100 * part / whole:.2f}%" if whole else "–"


def count_effects(*, on: date, now: datetime) -> int:
    """Count each day with digests once its week is over, looking once a day. Returns how many days were counted."""
    looked = heartbeat.last_beat(heartbeat.EFFECTS)
    if looked and day_of(looked) >= on:
        return 0
    over = Reminder.objects.filter(
        kind=Kind.DIGEST, delivered_at__isnull=False, for_day__range=(on - LONGEST_AGO, on - WEEK - timedelta(days=1))
    )
    told = over.order_by().values_list("for_day", flat=True).distinct()
    done = ReminderEffect.objects.order_by().values_list("for_day", flat=True).distinct()
    days = sorted(set(told) - set(done))
    for day in days:
        _count_day(day)
    heartbeat.beat(heartbeat.EFFECTS, now=now)
    return len(days)


def _count_day(day: date) -> None:
    named = _named_on(day)
    rounds = Round.objects.in_bulk(named)
    rows = [row for pk, round in rounds.items() for row in _of_round(round, named[pk], day)]
    ReminderEffect.objects.bulk_create(rows, ignore_conflicts=True)


def _named_on(day: date) -> dict[int, Named]:
    """By round, what stood in the digests; read in pieces, so that memory does not grow with the district."""
    found: dict[int, Named] = defaultdict(lambda: Named(set(), set()))
    told = Reminder.objects.filter(kind=Kind.DIGEST, for_day=day, delivered_at__isnull=False).order_by()
    for lines in told.values_list("lines", flat=True).iterator(chunk_size=CHUNK):
        for about in (item["about"] for place in lines for item in place["items"] if "about" in item):
            round_id, post, key = about.split(":")
            if post == Post.HELPER:
                found[int(round_id)].households.add(int(key))
            else:
                found[int(round_id)].places.add((post, key))
    return found


def _of_round(round: Round, named: Named, day: date) -> Iterable[ReminderEffect]:
    """A row for each seat of the round. Vacant duties compare with nothing: nobody could have done them."""
    owed = Duty.objects.in_round(round).with_state(day).filter(state__in=PENDING)  # type: ignore[misc]  # annotated
    for seat in round.seats():
        of_seat = owed.filter(seat=seat)
        told = of_seat.filter(_is_named(seat, named))
        all_of, all_done = _done(of_seat, day)
        named_of, named_done = _done(told, day)
        yield ReminderEffect(
            round=round,
            seat=seat,
            for_day=day,
            days_left=(round.due_on - day).days,
            named=named_of,
            named_done=named_done,
            others=all_of - named_of,
            others_done=all_done - named_done,
        )


def _is_named(seat: str, named: Named) -> Q:
    posts = set(posts_of(seat))
    found = Q(household__in=named.households) if Post.HELPER in posts and named.households else Q(pk=None)
    places = [code for post, code in named.places if post in posts]
    villages = [code for code in places if len(code) == VILLAGE_DIGITS]
    towns = [code for code in places if len(code) < VILLAGE_DIGITS]
    if villages:
        found |= Q(village__in=villages)
    if towns:
        found |= Q(village__town__in=towns)
    return found


def _done(duties: DutyQuerySet, day: date) -> tuple[int, int]:
    """How many there are, and how many were credited within the week that began on that day."""
    in_week = Q(credited_on__gt=day, credited_on__lte=day + WEEK)
    counts = duties.order_by().aggregate(all=Count("pk"), done=Count("pk", filter=in_week))
    return counts["all"], counts["done"]


def effects(*, rounds: Iterable[int]) -> list[Effect]:
    """The sums over the rounds of the same name and post, before and after the due date apart. Two queries."""
    rows = ReminderEffect.objects.filter(round__in=list(rounds)).order_by()
    parts = {True: rows.filter(days_left__gte=0), False: rows.filter(days_left__lt=0)}
    found = []
    for is_before, part in parts.items():
        sums = part.values("round__template", "round__target_kind", "seat").annotate(
            name=Max("round__name"),
            all_named=Sum("named"),
            all_named_done=Sum("named_done"),
            all_others=Sum("others"),
            all_others_done=Sum("others_done"),
        )
        for row in sums:
            told, others = (row["all_named"], row["all_named_done"]), (row["all_others"], row["all_others_done"])
            found.append(Effect(row["name"], row["seat"], is_before, *told, *others))
    return sorted(found, key=lambda effect: (effect.rule, effect.seat, not effect.is_before))
