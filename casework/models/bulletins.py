"""A bulletin (走访情况通报): the figures of a place as they were counted, its words, and who let it out."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext_lazy as _

from households.models import Household
from villages import reach
from villages.models import Cadre, District, Town, Village
from villages.models.words import LongWords, Words

LONGEST_TEXT = 8000


class BulletinKind(models.TextChoices):
    """Which period a bulletin is about."""

    MONTHLY = "monthly", _("monthly bulletin")
    QUARTERLY = "quarterly", _("quarterly bulletin")
    BY_HAND = "by_hand", _("bulletin made by hand")


class BulletinState(models.TextChoices):
    """Where a bulletin stands."""

    DRAFT = "draft", _("draft")
    RELEASED = "released", _("released")
    WITHDRAWN = "withdrawn", _("withdrawn")


class BulletinQuerySet(models.QuerySet):
    """Bulletins."""

    def of_office(self, cadre: Cadre, on: date) -> Self:
        """Those of the places at or below the cadre's office, in every state."""
        return self if cadre.is_superuser else self.filter(_is_of_office(cadre, on))

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """The office's own, and those that were released for a place in which the cadre reaches a village or helps."""
        if cadre.is_superuser:
            return self
        reached = reach.villages_of(cadre, on).order_by().values("pk")
        helped = Household.objects.helped_by(cadre, on).order_by().values("village")
        villages = Village.objects.filter(Q(pk__in=reached) | Q(pk__in=helped)).order_by()
        towns, districts = villages.values("town"), villages.values("town__district")
        for_them = Q(town__in=towns) | Q(town=None, district__in=districts)
        seen = Q(released_at__isnull=False) & for_them
        return self.filter(seen | _is_of_office(cadre, on))

    def drafts(self) -> Self:
        """What waits for a person."""
        return self.filter(state=BulletinState.DRAFT)

    def uncounted(self) -> Self:
        """Drafts whose figures the background still has to count."""
        return self.drafts().filter(counted_at=None)

    def issued(self) -> Self:
        """Released, and neither withdrawn nor replaced by a correction."""
        replaced = self.model._default_manager.filter(state=BulletinState.RELEASED, corrects__isnull=False)
        return self.filter(state=BulletinState.RELEASED).exclude(pk__in=replaced.values("corrects"))


def _is_of_office(cadre: Cadre, on: date) -> Q:
    """The condition that the cadre is clerk or supervisor of the bulletin's place, or of the district above it."""
    here_or_above = [OuterRef("place_code"), Left(OuterRef("place_code"), reach.DISTRICT_DIGITS)]
    held = reach.own_postings(cadre, on).filter(post__in=reach.CLERKS, place_code__in=here_or_above)
    return Q(Exists(held))


def _cadre(label: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, related_name="+", null=True, blank=True
    )


class Bulletin(models.Model):
    """One bulletin of a district or a town.

    `figures` (see casework/bulletin_figures.py) are counted once and are all that page, print, workbook and API show:
    what was issued can be shown again at any time, whatever has been entered since. `round_ids` are the rounds covered.
    A draft has no figures until the background has counted them. Nothing of a released one changes any more but that
    it may be withdrawn; a correction is a bulletin of its own that names it.
    """

    district = models.ForeignKey(District, models.PROTECT, verbose_name=_("district"), related_name="bulletins")
    town = models.ForeignKey(
        Town, models.PROTECT, verbose_name=_("town"), related_name="bulletins", null=True, blank=True
    )
    place_code = models.GeneratedField(
        expression=Coalesce("town", "district"),
        output_field=models.CharField(max_length=9),
        db_persist=True,
        verbose_name=_("place code"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=BulletinKind, default=BulletinKind.BY_HAND)
    starts_on = models.DateField(_("from"))
    cut_off_on = models.DateField(_("cut-off day"))
    round_ids = models.JSONField(_("rounds"), default=list)
    title = Words(_("title"), max_length=200)
    number = Words(_("document number"), max_length=60, blank=True)
    text = LongWords(_("text"), max_length=LONGEST_TEXT, blank=True)
    unit = Words(_("unit that fills it in"), max_length=80, blank=True)
    filled_by = Words(_("filled in by"), max_length=40, blank=True)
    checked_by = Words(_("checked by"), max_length=40, blank=True)
    telephone = Words(
        _("telephone of the office"), max_length=40, blank=True, help_text=_("Of the office, not of a person.")
    )
    dated_on = models.DateField(_("date"), null=True, blank=True)
    figures = models.JSONField(_("counted figures"), null=True, blank=True, editable=False)
    digest = models.CharField(_("digest of the figures"), max_length=64, blank=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    made_at = models.DateTimeField(_("made at"))
    made_by = _cadre(_("made by"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    released_by = _cadre(_("released by"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = _cadre(_("withdrawn by"))
    withdrawal = Words(_("reason of the withdrawal"), max_length=200, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("corrects"), related_name="corrections", null=True, blank=True
    )
    request_key = models.UUIDField(unique=True, null=True, blank=True, editable=False)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        ordering = ["-cut_off_on", "place_code", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place_code", "kind", "starts_on"],
                condition=Q(kind__in=["monthly", "quarterly"], corrects__isnull=True),
                name="bulletin_once_per_place_and_period",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(corrects__isnull=False) & ~Q(state="withdrawn"),
                name="bulletin_corrected_once",
                violation_error_message=_("A correction of this bulletin is there already."),
            ),
            models.CheckConstraint(
                condition=Q(cut_off_on__gte=F("starts_on")),
                name="bulletin_cut_off_after_start",
                violation_error_message=_("The cut-off day is before the first day. Correct one of the two days."),
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | Q(released_at__isnull=False, released_by__isnull=False, counted_at__isnull=False),
                name="bulletin_is_released_by_somebody",
                violation_error_message=_("A bulletin is released by a person, once its figures are counted."),
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False) & ~Q(withdrawal=""),
                name="bulletin_is_withdrawn_with_a_reason",
                violation_error_message=_("Say in a few words why it is withdrawn."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> District | Town:
        """The town, or the whole district."""
        return self.town or self.district

    @property
    def code(self) -> str:
        """Code of the place, also before the row is stored."""
        return self.town_id or self.district_id

    @property
    def is_counted(self) -> bool:
        """Whether its figures are there."""
        return self.counted_at is not None

    @property
    def counted(self) -> dict[str, Any]:
        """The figures, when they are there. Raises ValueError before they are counted."""
        if self.figures is None:
            raise ValueError("the figures of this bulletin are not counted yet")
        return self.figures

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == BulletinState.DRAFT

    def correction(self) -> "Bulletin | None":
        """The released bulletin that replaces this one."""
        manager: Any = Bulletin.objects
        return manager.filter(corrects=self, state=BulletinState.RELEASED).first()
