"""A duty: one post owes one target a visit in one round. Its state is defined here and only here."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from casework.models.rounds import Round
from casework.models.seats import Seat, SeatQuerySet, posts_of, seat_label
from casework.models.visits import Visit
from households.models import HelperPairing, Household
from villages import reach
from villages.models import Cadre, Post, Village
from villages.models.words import Words


class State(models.TextChoices):
    """The one list of states; exclusive, and they add up to the total."""

    DONE = "done", _("done")
    OPEN = "open", _("open")
    OVERDUE = "overdue", _("overdue")
    VACANT = "vacant", _("vacant")
    EXCUSED = "excused", _("excused")


VILLAGE_DIGITS = 12
# A place by its code, or by the first and the last code that a village of it can have.
Place = str | tuple[str, str]
PENDING = (State.OVERDUE, State.OPEN)


# The conditions that make a state, each written once: with_state() judges duty by duty, tallied() counts by groups.


def is_done(on: date) -> Q:
    """The condition that a visit up to that day fulfils the duty."""
    return Q(credited_on__lte=on)


def is_done_by_phone(on: date) -> Q:
    """The condition that it is done by that day, and nobody has been there in person."""
    return is_done(on) & (Q(in_person_on__isnull=True) | Q(in_person_on__gt=on))


def is_excused(on: date) -> Q:
    """The condition that the visit is not required any more; of no matter once it is done."""
    return Q(excused_on__lte=on) | Q(left_on__lte=on)


def is_overdue(on: date) -> Q:
    """The condition that the round's due date is over."""
    return Q(round__due_on__lt=on)


def is_helped(on: date) -> Q:
    """The condition that a helper is among the seat's posts and the household has one on that day.

    Looked up for each household. An EXISTS would let the database hash the pairings of all districts instead.
    Nobody found is 0, not NULL: the condition is also asked the other way round, and NOT NULL would hold for nobody.
    """
    helped = HelperPairing.objects.in_force(on).filter(household=OuterRef("household")).order_by()
    found = Coalesce(Subquery(helped.values("household")[:1]), Value(0), output_field=models.BigIntegerField())
    return Q(seat__contains=Post.HELPER, household=found)


def seats_held_within(place: Place, on: date) -> SeatQuerySet:
    """Seats at the villages of a place of which somebody holds a post on that day."""
    return Seat.objects.held(on).filter(village__code__range=village_codes(place))


def is_held(on: date, place: Place = "") -> Q:
    """The condition that somebody holds the duty's seat on that day.

    The subqueries are independent of the duty: the database runs and hashes each once, so that the price for
    400,000 duties is one look-up each. For the duties of one place only that place's seats are read, so that the
    price does not grow with the number of districts. Pairings cannot be cut to a place, because families move: of
    those whose seat is not held by a post, each is looked up.
    """
    if place:
        return Q(_seat_key__in=seats_held_within(place, on).values("key")) | is_helped(on)
    helped = HelperPairing.objects.in_force(on).values("household")
    return Q(_seat_key__in=Seat.objects.held(on).values("key")) | Q(seat__contains=Post.HELPER, household__in=helped)


def seat_key() -> Concat:
    """Seat.key of the seat that a duty names."""
    return Concat("seat", Value(" "), "village_id", output_field=CharField())


def is_held_one_by_one(on: date) -> Q:
    """The same condition, asked of each duty by itself: for the few duties of one household."""
    seats = Seat.objects.held(on).filter(village=OuterRef("village"), name=OuterRef("seat"))
    return Q(Exists(seats)) | is_helped(on)


def village_codes(place: Place) -> tuple[str, str]:
    """First and last code a village of that place can have: a code's prefix is its parent."""
    if isinstance(place, tuple):
        return place
    return place.ljust(VILLAGE_DIGITS, "0"), place.ljust(VILLAGE_DIGITS, "9")


def seats_of(post: str, seats: Iterable[str]) -> list[str]:
    """Those of the seats that a holder of the post sits in: its own, and those of which any one post suffices."""
    return sorted(seat for seat in seats if post in posts_of(seat))


def seats_held(held: Iterable[tuple[str, str]], seats: Collection[str]) -> list[tuple[str, str, str]]:
    """For posts held at places: each seat sat in, with the first and the last village code of its place."""
    return sorted((seat, *village_codes(place)) for post, place in held for seat in seats_of(post, seats))


class DutyQuerySet(models.QuerySet):
    """Duties; facts about them chain and read aloud."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Duties in the villages the cadre reaches on that day, and for the households the cadre helps."""
        if cadre.is_superuser:
            return self
        helped = HelperPairing.objects.in_force(on).filter(cadre=cadre).values("household")
        return self.filter(Q(village__in=reach.villages_of(cadre, on)) | Q(household__in=helped))

    def visible_within(self, place_code: str, cadre: Cadre, on: date) -> Self:
        """The same below one place. Whose post stands at or above it sees all of it: then no duty is asked about."""
        within = self.within(place_code)
        return within if reach.reaches_all_of(cadre, place_code, on) else within.visible_to(cadre, on)

    def in_round(self, round: Round) -> Self:
        """Duties of one round."""
        return self.filter(round=round)

    def within(self, place: Place) -> Self:
        """Duties of a district, a town or a village by its code."""
        # A range and not the beginning of a word: it is found by index whatever the database's order of letters.
        return self.filter(village__code__range=village_codes(place))

    def visited_in_period(self, round: Round) -> Self:
        """Duties whose target has any standing visit in the round's period."""
        made = Visit.objects.standing().filter(visited_on__range=(round.starts_on, round.last_credit_on))
        if round.is_for_villages:
            return self.filter(village__in=made.values("village"))
        return self.filter(household__in=made.filter(household__isnull=False).values("household"))

    def owed_by(self, cadre: Cadre, on: date) -> Self:
        """Duties whose post the cadre holds on that day."""
        helping = HelperPairing.objects.in_force(on).filter(cadre=cadre).order_by()
        held = reach.own_postings(cadre, on).order_by().values_list("post", "place_code")
        seats = {seat for round in Round.objects.only("posts", "is_any_post") for seat in round.seats()}
        helped = helping.values_list("household", flat=True)
        return self.owed_at(list(helped), seats_of(Post.HELPER, seats), seats_held(held, seats))

    def owed_at(
        self, helped: Iterable[int], helper_seats: Iterable[str], places: Iterable[tuple[str, str, str]]
    ) -> Self:
        """Duties of the helper of these households, and of each seat from its first to its last village code."""
        # Ids, ranges and whole names, not subqueries or parts of names: together they are found by index.
        owed = Q(household__in=helped, seat__in=helper_seats)
        for seat, first, last in places:
            owed |= Q(village__code__range=(first, last), seat=seat)
        return self.filter(owed)

    def with_state(self, on: date, *, are_held: bool = False, are_few: bool = False, place: Place = "") -> Self:
        """Add `state` as of that day: done, excused, vacant, overdue or open, the first that holds.

        `are_held` says that the duties are known to have a holder that day, as those of owed_by() do,
        so that nobody needs to be looked for. `are_few` says that they are those of one household, `place` that
        they all lie in that place.
        """
        held = is_held_one_by_one(on) if are_few else is_held(on, place)
        vacant = [] if are_held else [When(~held, then=Value(State.VACANT))]
        return self.annotate(
            _seat_key=seat_key(),
        ).annotate(
            state=Case(
                When(is_done(on), then=Value(State.DONE)),
                When(is_excused(on), then=Value(State.EXCUSED)),
                *vacant,
                When(is_overdue(on), then=Value(State.OVERDUE)),
                default=Value(State.OPEN),
                output_field=CharField(choices=State),
            ),
            is_by_phone=Case(
                When(is_done_by_phone(on), then=Value(True)),
                default=Value(False),
                output_field=models.BooleanField(),
            ),
        )

    def tallied(
        self, on: date, *, place: Place, has_helpers: bool, by: tuple[str, ...] = ()
    ) -> models.QuerySet[Any, dict[str, Any]]:
        """The duties counted by village and seat: total, done, by_phone and excused as of that day, and vacant.

        `by` names columns that part the groups further.

        What is neither done nor excused is vacant, overdue or open. One look at the seat and at the due date says
        which for a whole group (casework/coverage.py), so that nothing is looked up for each duty and one index
        holds all columns: with_state() asked of groups at a third of the price. Only a helper's seat belongs to a
        household: `vacant` is counted where `has_helpers` says that there are such seats, and 0 otherwise.
        """
        left = ~is_done(on) & ~is_excused(on)
        vacant = Count("seat", filter=left & ~is_held(on, place)) if has_helpers else Value(0)
        return (
            self.order_by()
            .annotate(_seat_key=seat_key())
            .values(*by, "village_id", "seat")
            .annotate(
                total=Count("*"),
                done=Count("seat", filter=is_done(on)),
                by_phone=Count("seat", filter=is_done_by_phone(on)),
                excused=Count("seat", filter=~is_done(on) & is_excused(on)),
                vacant=vacant,
            )
        )

    def pending(self, on: date, *, are_held: bool = False) -> Self:
        """Duties of running rounds that somebody still has to do: open or overdue as of that day."""
        return self.filter(round__in=Round.objects.running(on)).unfinished(on, are_held=are_held)

    def unfinished(self, on: date, *, are_held: bool = False) -> Self:
        """Duties that are open or overdue as of that day, whatever has become of their rounds."""
        return self.with_state(on, are_held=are_held).filter(
            Q(credited_on__isnull=True) | Q(credited_on__gt=on), state__in=PENDING
        )


class Duty(models.Model):
    """A required visit (应访): unique by round, seat and target.

    `seat` is a post, or "any:" and the posts of which any one suffices. `village` is the village in
    which the target stood when the round opened, and never changes. The credit columns and left_on are
    derived from facts and re-derivable at any time (casework/recredit.py); excused_on is entered.
    """

    # Without an index of its own: that of the coverage figures begins with the round.
    round = models.ForeignKey(Round, models.CASCADE, related_name="duties", verbose_name=_("round"), db_index=False)
    seat = models.CharField(_("post"), max_length=200)
    village = models.ForeignKey(Village, models.PROTECT, related_name="duties", verbose_name=_("village"))
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="duties", verbose_name=_("household"), null=True
    )
    credited_visit = models.ForeignKey(
        Visit, models.SET_NULL, related_name="credited_duties", verbose_name=_("credited visit"), null=True
    )
    credited_on = models.DateField(_("done on"), null=True)
    in_person_on = models.DateField(_("first done in person on"), null=True)
    left_on = models.DateField(_("target left on"), null=True)
    excused_on = models.DateField(_("excused on"), null=True)
    excuse = Words(_("reason of the excuse"), max_length=200, blank=True)
    excused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("excused by"), null=True
    )
    closing_state = models.CharField(_("state at closing"), max_length=10, choices=State, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        indexes = [
            models.Index(
                # With all that tallied() asks for, so that counting never reads the table itself.
                fields=["round", "village", "seat"],
                include=["credited_on", "in_person_on", "left_on", "excused_on"],
                name="duty_by_round_with_days",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "round", "seat"],
                condition=Q(household__isnull=False),
                name="duty_once_per_household",
            ),
            models.UniqueConstraint(
                fields=["village", "round", "seat"],
                condition=Q(household__isnull=True),
                name="duty_once_per_village",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.seat_label} · {self.household or self.village}"

    @property
    def seat_label(self) -> str:
        """The post's name, or the names of the posts of which any one suffices."""
        return seat_label(self.seat)
