"""Which pending duties press on a day, and whom: due soon or overdue."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q

from casework.models import Duty, Round
from casework.models.duties import PENDING, DutyQuerySet
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import posts_of
from households.models import HelperPairing
from villages.models import Post, Posting


def pressing_rounds(on: date) -> dict[int, Round]:
    """Running rounds whose due date is over, or so near that their rule says to remind; by id."""
    running = Round.objects.running(on)
    return {round.pk: round for round in running if (round.due_on - on).days <= round.remind_days_before}


def pressing_duties(rounds: Iterable[int], on: date) -> DutyQuerySet:
    """What somebody still has to do in these rounds."""
    return Duty.objects.pending(on).filter(round__in=list(rounds))


def recipients(on: date) -> set[int]:
    """Ids of the active cadres who hold the seat of at least one pressing duty on that day.

    A vacant post has no holder, so nobody hears of it here.
    """
    rounds = pressing_rounds(on)
    return _helpers(rounds, on) | _holders(rounds, on) if rounds else set()


def _helpers(rounds: Iterable[int], on: date) -> set[int]:
    owed = pressing_duties(rounds, on).filter(seat__contains=Post.HELPER, household__isnull=False)
    pairings = HelperPairing.objects.in_force(on).filter(household__in=owed.values("household"), cadre__is_active=True)
    return set(pairings.order_by().values_list("cadre", flat=True))


def _holders(rounds: Iterable[int], on: date) -> set[int]:
    # Grouped before the state is asked for: four times faster than a DISTINCT over the pending ones.
    duties = Duty.objects.filter(round__in=list(rounds)).exclude(seat=Post.HELPER).with_state(on)
    seats = duties.order_by().values_list("seat", "village").annotate(left=Count("pk", filter=Q(state__in=PENDING)))
    owing = [(seat, village) for seat, village, left in seats if left]
    owed = {(post, code[:digits]) for seat, code in owing for post in posts_of(seat) for digits in (6, 9, 12)}
    postings = Posting.objects.in_force(on).filter(post__in=VISITING_POSTS, cadre__is_active=True).order_by()
    rows = postings.values_list("cadre", "post", "place_code")
    return {cadre_id for cadre_id, post, place in rows if (post, place) in owed}
