"""The cadres' phones, what came from them and waits for a person, and which life of the database this is."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.models.visits import Visit
from households.models import HelperPairing, Household
from households.models.sealed import SealedBytesField
from villages import reach
from villages.models import Cadre, Posting, Village
from villages.models.words import Words


class Epoch(models.Model):
    """One row: the name of this life of the database. A restored backup gets another (manage.py new_epoch)."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    value = models.UUIDField(_("epoch"), default=uuid.uuid4)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    objects = models.Manager()

    class Meta:
        verbose_name = _("epoch of the database")
        verbose_name_plural = _("epochs of the database")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_epoch")]

    def __str__(self) -> str:
        return str(self.value)


def _in_places(codes: list[str], field: str) -> Q:
    """The condition that a village code lies in one of the places; nowhere: never."""
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__startswith": code})
    return condition


def _works_in(places: list[str], on: date) -> Q:
    """The condition that the row's cadre holds a post or helps a household in one of the places that day."""
    posted = Posting.objects.in_force(on).filter(_in_places(places, "place_code"))
    helping = HelperPairing.objects.in_force(on).filter(_in_places(places, "household__village__code"))
    return Q(cadre__in=posted.values("cadre")) | Q(cadre__in=helping.values("cadre"))


def works_in_places_of(office: Cadre, person: Cadre, on: date) -> bool:
    """Whether the person works where the other one is the office that day."""
    places = reach.office_places(office, on)
    if "" in places:
        return True
    posted = Posting.objects.in_force(on).filter(_in_places(places, "place_code"), cadre=person)
    helping = HelperPairing.objects.in_force(on).filter(_in_places(places, "household__village__code"), cadre=person)
    return posted.exists() or helping.exists()


class PhoneQuerySet(models.QuerySet):
    """Phones."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own, and for the office those of everybody who works in its places that day."""
        places = reach.office_places(cadre, on)
        return self if "" in places else self.filter(Q(cadre=cadre) | _works_in(places, on))

    def with_old_queue(self, before: date) -> Self:
        """Phones in use whose oldest unsent visit is from before that day."""
        return self.filter(cut_off_at=None, waiting__gt=0, oldest_waiting_at__date__lt=before)


class Phone(models.Model):
    """A phone in a cadre's hands, by the id it gave itself. Another person on the same phone is another row.

    Days, not moments, and only the first and the last: nobody keeps who was online when.
    """

    key = models.UUIDField(_("id of the phone"), editable=False)
    cadre = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("cadre"), related_name="phones", editable=False
    )
    storage_key = SealedBytesField(null=True, editable=False)
    app_version = models.CharField(_("version of the app"), max_length=20, blank=True)
    first_seen_on = models.DateField(_("first seen on"))
    last_seen_on = models.DateField(_("last seen on"))
    waiting = models.PositiveIntegerField(_("waiting"), default=0)
    oldest_waiting_at = models.DateTimeField(_("the oldest since"), null=True, blank=True)
    # Which session to end when the phone is cut off: whoever has it must not go on by the pages either.
    session_key = models.CharField(max_length=40, blank=True, editable=False)
    cut_off_at = models.DateTimeField(_("cut off at"), null=True, blank=True)
    cut_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("cut off by"), related_name="+", null=True, blank=True
    )

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("cadre's phone")
        verbose_name_plural = _("cadres' phones")
        ordering = ["oldest_waiting_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["key", "cadre"], name="phone_once_per_cadre")]

    def __str__(self) -> str:
        return f"{self.cadre} · {str(self.key)[:8]}"


class HeldReason(models.TextChoices):
    """Why a visit from a phone waits for a person."""

    OTHER_CONTENT = "other_content", _("a visit with this id is stored already, with other content")
    OUT_OF_REACH = "out_of_reach", _("neither today nor on the day of the visit was this one of the visitor's places")
    UNKNOWN_TARGET = "unknown_target", _("this household or village is not in the register")
    UNKNOWN_VISITOR = "unknown_visitor", _("one of those who went had no post or household there that day")
    FUTURE_DAY = "future_day", _("the day of the visit lies in the future")
    NOT_REGISTERED = "not_registered", _("the household was not on the register that day")
    UNKNOWN_FIELD = "unknown_field", _("it holds something this version of the system does not know")
    NOT_ACCEPTABLE = "not_acceptable", _("something in it cannot be")


class HeldState(models.TextChoices):
    """What has become of it."""

    WAITING = "waiting", _("waiting for a decision")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")


class HeldVisitQuerySet(models.QuerySet):
    """Visits that wait, or waited, for a person."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own, and for the office those of its places."""
        places = reach.office_places(cadre, on)
        return self if "" in places else self.filter(Q(sent_by=cadre) | _in_places(places, "village__code"))

    def waiting(self) -> Self:
        """Those nobody has decided yet."""
        return self.filter(state=HeldState.WAITING)


class HeldVisit(models.Model):
    """A visit as a phone sent it that could not simply be stored. Its content is never changed.

    `village` is where it is decided: the target's, or, when the target is not known, the sender's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit_key = models.UUIDField(_("id of the visit"), editable=False)
    digest = models.CharField(_("content digest"), max_length=64, editable=False)
    content = models.JSONField(_("as sent"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("sent by"), related_name="held_visits"
    )
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("imported by"), related_name="+", null=True
    )
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="+", null=True)
    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="+", null=True)
    visited_on = models.DateField(_("day of the visit"))
    received_at = models.DateTimeField(_("received at"))
    reason = models.CharField(_("why it waits"), max_length=20, choices=HeldReason)
    detail = Words(_("in detail"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=HeldState, default=HeldState.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    words = Words(_("reason of the decision"), max_length=200, blank=True)
    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name=_("visit"), related_name="+", null=True)

    objects = HeldVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit held for review")
        verbose_name_plural = _("visits held for review")
        ordering = ["-received_at", "pk"]
        indexes = [models.Index(fields=["village", "state"], name="held_by_village")]
        constraints = [
            models.UniqueConstraint(fields=["visit_key", "digest", "sent_by"], name="held_once_per_content"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="held_decided_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.household or self.village or self.visit_key}"
