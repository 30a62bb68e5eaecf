"""Which posts at a village that running rounds ask for nobody holds on a day."""

from collections import Counter
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework.models import Duty, Round, Seat
from casework.models.duties import seats_held_within
from casework.models.seats import SeatQuerySet, posts_of
from villages.models import Cadre, Post, Village


def seats_asked(*, cadre: Cadre, on: date, place_code: str, seen_on: date | None = None) -> SeatQuerySet:
    """Seats that owe something in a running round, in the villages the cadre reaches, by village and post.

    A helper's seat belongs to each household; it is counted with the duties, not here.
    """
    rounds = list(_running(on))
    names = {seat for round in rounds for seat in round.seats() if Post.HELPER not in posts_of(seat)}
    villages = Village.objects.visible_to(cadre, seen_on or on).within(place_code)
    asked = Duty.objects.filter(round__in=rounds, village=OuterRef("village_id"), seat=OuterRef("name"))
    seats = Seat.objects.filter(village__in=villages.order_by(), name__in=sorted(names))
    return seats.filter(Exists(asked)).order_by("village_id", "name")


def vacant_seats(*, cadre: Cadre, on: date, place_code: str, seen_on: date | None = None) -> SeatQuerySet:
    """Those of the seats asked that nobody holds that day."""
    seats = seats_asked(cadre=cadre, on=on, place_code=place_code, seen_on=seen_on)
    return seats.exclude(pk__in=seats_held_within(place_code, on).values("pk"))


def by_place(seats: SeatQuerySet, digits: int) -> dict[str, int]:
    """How many seats there are, by the place's code of so many digits; places without any left out."""
    return dict(Counter(village_id[:digits] for village_id in seats.values_list("village_id", flat=True)))


def _running(on: date) -> QuerySet[Round]:
    """Rounds running that day; closed since counts, too, where a past day is asked for."""
    not_closed_by_then = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    return Round.objects.filter(not_closed_by_then, starts_on__lte=on).only("posts", "is_any_post")
