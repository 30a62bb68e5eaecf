"""Which posts at a village that running rounds ask for nobody holds on a day."""

from collections import Counter
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from casework.models import Duty, Round, Seat
from casework.models.duties import seats_held_within, village_codes
from casework.models.seats import SeatQuerySet, posts_of
from casework.shelf import Shelf
from villages.models import Cadre, Post, Village
from villages.prepared import Prepared, padded

DISTRICT_DIGITS = 6


def seats_asked(*, cadre: Cadre, on: date, place_code: str, seen_on: date | None = None) -> SeatQuerySet:
    """Seats that owe something in a running round, in the villages the cadre reaches, by village and post.

    A helper's seat belongs to each household; it is counted with the duties, not here.
    """
    rounds, names = _running(place_code, on)
    villages = Village.objects.visible_to(cadre, seen_on or on).within(place_code)
    asked = Duty.objects.filter(round__in=rounds, village=OuterRef("village_id"), seat=OuterRef("name"))
    seats = Seat.objects.filter(village__in=villages.order_by(), name__in=names)
    return seats.filter(Exists(asked)).order_by("village_id", "name")


def vacant_seats(*, cadre: Cadre, on: date, place_code: str, seen_on: date | None = None) -> SeatQuerySet:
    """Those of the seats asked that nobody holds that day."""
    seats = seats_asked(cadre=cadre, on=on, place_code=place_code, seen_on=seen_on)
    return seats.exclude(pk__in=seats_held_within(place_code, on).values("pk"))


def by_place(seats: SeatQuerySet, digits: int) -> dict[str, int]:
    """How many seats there are, by the place's code of so many digits; places without any left out."""
    return dict(Counter(village_id[:digits] for village_id in seats.values_list("village_id", flat=True)))


class Posts(NamedTuple):
    """Of a whole place, whoever may see it: how many seats each village is asked for, and how many nobody holds."""

    asked: Counter[str]
    vacant: Counter[str]


def posts_within(place_code: str, on: date, *, now: datetime, is_anew: bool = False) -> tuple[Posts, datetime]:
    """The seats of a place and their moment; those of a district with many villages may be a minute old.

    Who asks leaves out what the reader does not reach.
    """
    if len(place_code) > DISTRICT_DIGITS:
        return _posts(place_code, on), now
    return _SHELF.kept_or_counted((place_code, on), lambda: _posts(place_code, on), now=now, is_anew=is_anew)


def _posts(place_code: str, on: date) -> Posts:
    rounds, names = _running(place_code, on)
    first, last = village_codes(place_code)
    seats = _SEATS.rows(rounds=padded(rounds), names=padded(names), first=first, last=last, on=on)
    vacant = Counter(village_id for village_id, is_held in seats if not is_held)
    return Posts(Counter(village_id for village_id, _is_held in seats), vacant)


def _seats(rounds: tuple[int, ...], names: tuple[str, ...], first: str, last: str, on: date) -> Any:
    asked = Duty.objects.filter(round__in=rounds, village=OuterRef("village_id"), seat=OuterRef("name"))
    seats = Seat.objects.filter(village__code__range=(first, last), name__in=names).filter(Exists(asked))
    is_held = ExpressionWrapper(Q(pk__in=seats_held_within((first, last), on).values("pk")), BooleanField())
    return seats.order_by().values_list("village_id", is_held)


def _running(place_code: str, on: date) -> tuple[list[int], list[str]]:
    """Rounds of the place's district running that day, and the seats they ask for, without the helpers'.

    Rounds closed since count, too, where a past day is asked for.
    """
    found = _RUNNING.rows(district=place_code[:DISTRICT_DIGITS], on=on)
    seats = {seat for _pk, posts, is_any in found for seat in Round(posts=posts, is_any_post=is_any).seats()}
    return [pk for pk, *_rule in found], sorted(seat for seat in seats if Post.HELPER not in posts_of(seat))


def _running_rounds(district: str, on: date) -> Any:
    not_closed_by_then = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    running = Round.objects.filter(not_closed_by_then, district=district, starts_on__lte=on)
    return running.order_by("pk").values_list("pk", "posts", "is_any_post")


_SEATS, _RUNNING = Prepared(_seats), Prepared(_running_rounds)
_SHELF: Shelf[Posts] = Shelf(lambda posts: len(posts.asked) >= settings.UNSEEN_KEPT_FROM)
