"""Who holds which post where, from which day to which; which unit is paired with which village."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from villages import reach
from villages.models.cadres import Cadre, PartnerUnit
from villages.models.periods import DatedFact, DatedQuerySet, OneAtATime, ends_after_start
from villages.models.places import District, Town, Village


class Post(models.TextChoices):
    """Every post of the field; helpers hold theirs by a helper pairing, not by a posting."""

    DISTRICT_SECRETARY = "district_secretary", _("District Party Secretary")
    DISTRICT_LEADER = "district_leader", _("district leader")
    TOWN_SECRETARY = "town_secretary", _("Town Party Secretary")
    VILLAGE_CHIEF = "village_chief", _("big village chief")
    FIRST_SECRETARY = "first_secretary", _("First Secretary")
    VILLAGE_SECRETARY = "village_secretary", _("village Party Secretary")
    TEAM_LEADER = "team_leader", _("resident team leader")
    TEAM_MEMBER = "team_member", _("resident team member")
    UNIT_LEADER = "unit_leader", _("partner unit leader")
    SUPERVISOR = "supervisor", _("supervisor")
    CLERK = "clerk", _("clerk")
    HELPER = "helper", _("helper cadre")


POSTING_CHOICES = [(post.value, post.label) for post in Post if post != Post.HELPER]

# One person at a time at one place. Team members, supervisors and clerks may be many.
SINGLE_HOLDER_POSTS = [
    Post.DISTRICT_SECRETARY,
    Post.DISTRICT_LEADER,
    Post.TOWN_SECRETARY,
    Post.VILLAGE_CHIEF,
    Post.FIRST_SECRETARY,
    Post.VILLAGE_SECRETARY,
    Post.TEAM_LEADER,
]

# At which level each post may stand: the name of the posting's place field.
LEVELS_OF_POST: dict[str, tuple[str, ...]] = {
    Post.DISTRICT_SECRETARY: ("district",),
    Post.DISTRICT_LEADER: ("town", "village"),
    Post.TOWN_SECRETARY: ("town",),
    Post.VILLAGE_CHIEF: ("village",),
    Post.FIRST_SECRETARY: ("village",),
    Post.VILLAGE_SECRETARY: ("village",),
    Post.TEAM_LEADER: ("village",),
    Post.TEAM_MEMBER: ("village",),
    Post.UNIT_LEADER: ("unit",),
    Post.SUPERVISOR: ("district", "town", "village"),
    Post.CLERK: ("district", "town", "village"),
}
PLACE_FIELDS = ("district", "town", "village", "unit")


def exactly_one_place() -> Q:
    """The condition that one place field is filled and the others are empty."""
    condition = Q()
    for filled in PLACE_FIELDS:
        condition |= Q(**{f"{field}__isnull": field != filled for field in PLACE_FIELDS})
    return condition


class PostingQuerySet(DatedQuerySet):
    """Dated posts."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Posts at the places the cadre reaches on that day, and the cadre's own."""
        return self.filter(reach.is_inside(cadre, on) | Q(cadre=cadre))

    def covering(self, village_code: str) -> Self:
        """Posts at the village, at its town or at its district."""
        return self.filter(place_code__in=[village_code, village_code[:9], village_code[:6]])


class Posting(DatedFact):
    """A cadre holds a post at a place from one day to another."""

    cadre = models.ForeignKey(Cadre, models.PROTECT, verbose_name=_("cadre"), related_name="postings")
    post = models.CharField(_("post"), max_length=20, choices=POSTING_CHOICES)
    district = models.ForeignKey(
        District, models.PROTECT, verbose_name=_("district"), related_name="postings", null=True, blank=True
    )
    town = models.ForeignKey(
        Town, models.PROTECT, verbose_name=_("town"), related_name="postings", null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, verbose_name=_("village"), related_name="postings", null=True, blank=True
    )
    unit = models.ForeignKey(
        PartnerUnit, models.PROTECT, verbose_name=_("partner unit"), related_name="postings", null=True, blank=True
    )
    # The fields by name, not by column ("village_id"): otherwise full_clean() silently skips every check constraint.
    place_code = models.GeneratedField(
        expression=Coalesce("village", "town", "district", models.Value("")),
        output_field=models.CharField(max_length=12),
        db_persist=True,
        verbose_name=_("place code"),
    )

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["place_code", "post", "-starts_on"]
        indexes = [
            models.Index(fields=["cadre", "post"], name="posting_by_cadre"),
            models.Index(fields=["place_code", "post", "starts_on"], name="posting_by_place"),
        ]
        constraints = [
            ends_after_start("posting_ends_after_start"),
            models.CheckConstraint(
                condition=exactly_one_place(),
                name="posting_at_exactly_one_place",
                violation_error_message=_("Fill in exactly one place: a district, a town, a village or a unit."),
            ),
            models.CheckConstraint(
                condition=Q(post__in=[post for post, _label in POSTING_CHOICES]),
                name="posting_of_a_known_post",
                violation_error_message=_("Choose one of the posts in the list; helpers are entered as pairings."),
            ),
            *(
                OneAtATime(
                    name=f"one_holder_per_post_and_{place}",
                    fields=["post", place],
                    condition=Q(post__in=SINGLE_HOLDER_POSTS),
                    violation_error_message=_(
                        "Somebody else holds this post at this place in that time. "
                        "End the other posting first, or use “Change the holder”."
                    ),
                )
                for place in ("district", "town", "village")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} · {self.get_post_display()} · {self.place}"

    @property
    def place(self) -> District | Town | Village | PartnerUnit | None:
        """The one place the post stands at."""
        return self.village or self.town or self.district or self.unit

    def clean(self) -> None:
        """Refuse a post at a level where it cannot stand."""
        levels = LEVELS_OF_POST.get(self.post, PLACE_FIELDS)
        wrong = [field for field in PLACE_FIELDS if getattr(self, f"{field}_id") and field not in levels]
        if wrong:
            labels = {field.name: str(field.verbose_name) for field in Posting._meta.concrete_fields}
            allowed = "/".join(labels[level] for level in levels)
            raise ValidationError(
                {wrong[0]: _("This post stands at a %(levels)s. Fill in that field instead.") % {"levels": allowed}}
            )


class PairingQuerySet(DatedQuerySet):
    """Dated pairings of units with villages."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Pairings of the villages the cadre reaches on that day."""
        return self.filter(village__in=reach.villages_of(cadre, on))


class Pairing(DatedFact):
    """A partner unit is paired with a village; the lead unit is the one the village counts under."""

    unit = models.ForeignKey(PartnerUnit, models.PROTECT, verbose_name=_("partner unit"), related_name="pairings")
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="pairings")
    is_lead = models.BooleanField(
        _("lead unit"), default=True, help_text=_("The village is counted under its lead unit.")
    )

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing of unit and village")
        verbose_name_plural = _("pairings of units and villages")
        ordering = ["village", "-starts_on"]
        constraints = [
            ends_after_start("pairing_ends_after_start"),
            OneAtATime(
                name="pairing_once_at_a_time",
                fields=["unit", "village"],
                violation_error_message=_("This unit is already paired with this village in that time."),
            ),
            OneAtATime(
                name="one_lead_unit_at_a_time",
                fields=["village"],
                condition=Q(is_lead=True),
                violation_error_message=_("This village already has a lead unit in that time. End that pairing first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} – {self.village}"
