"""A seat: a post at a village that owes visits, or several posts of which any one suffices."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Concat, Left, StrIndex
from django.utils.translation import gettext_lazy as _

from households.words import word_of
from villages.models import Post, Posting, Village

ANY = "any:"


class SeatQuerySet(models.QuerySet):
    """Seats."""

    def held(self, on: date) -> Self:
        """Seats of which somebody holds a post on that day, at the village or above it."""
        above = [OuterRef("village_id"), Left(OuterRef("village_id"), 9), Left(OuterRef("village_id"), 6)]
        holders = Posting.objects.in_force(on).filter(place_code__in=above)
        # No post's name is part of another's (a test says so), so a part of the seat's name is one of its posts.
        among = holders.annotate(position=StrIndex(OuterRef("name"), "post")).filter(position__gt=0)
        return self.filter(Exists(among))


class Seat(models.Model):
    """One row per seat name and village that any round asks of; few, so that asking who sits is cheap.

    Duties carry the same name and village. Whether a duty is vacant is asked of these rows, once per
    seat and not once per duty. A helper's seat belongs to a household and is asked of the pairings.
    """

    village = models.ForeignKey(Village, models.PROTECT, related_name="seats", verbose_name=_("village"))
    name = models.CharField(_("post"), max_length=200)
    key = models.GeneratedField(
        expression=Concat("name", Value(" "), "village_id"),
        output_field=CharField(max_length=220),
        db_persist=True,
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["village", "name"]
        constraints = [models.UniqueConstraint(fields=["village", "name"], name="seat_once_per_village")]

    def __str__(self) -> str:
        return f"{seat_label(self.name)} · {self.village}"


def posts_of(seat: str) -> list[str]:
    """The posts behind a seat: one, or several of which any one suffices."""
    return seat.removeprefix(ANY).split("+")


def seat_label(seat: str) -> str:
    """What a seat is called."""
    return " / ".join(word_of(Post, post) for post in posts_of(seat))
