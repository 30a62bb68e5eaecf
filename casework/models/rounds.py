"""A round of required visits: who owes a visit to which targets, in which period, and what counts."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from casework.models.seats import ANY
from casework.models.visits import Contact, Outcome
from villages import reach
from villages.models import Cadre, District, Post, Town, Village
from villages.models.words import Words

# Posts that can owe visits; supervisors, clerks and unit leaders do not.
VISITING_POSTS = [
    Post.DISTRICT_SECRETARY,
    Post.DISTRICT_LEADER,
    Post.TOWN_SECRETARY,
    Post.VILLAGE_CHIEF,
    Post.FIRST_SECRETARY,
    Post.VILLAGE_SECRETARY,
    Post.TEAM_LEADER,
    Post.TEAM_MEMBER,
    Post.HELPER,
]


class TargetKind(models.TextChoices):
    """What is visited."""

    POOR_VILLAGE = "poor_village", _("every poor village")
    ATTACHED_VILLAGE = "attached_village", _("every village attached to the leader")
    POOR_HOUSEHOLD = "poor_household", _("every poor household")
    RURAL_HOUSEHOLD = "rural_household", _("every rural household")
    MONITORED_HOUSEHOLD = "monitored_household", _("every monitored household")
    PAIRED_HOUSEHOLD = "paired_household", _("every own paired household")


VILLAGE_TARGETS = frozenset({TargetKind.POOR_VILLAGE, TargetKind.ATTACHED_VILLAGE})


class Repetition(models.TextChoices):
    """How often the round comes back by itself."""

    ONCE = "once", _("once")
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")
    YEARLY = "yearly", _("yearly")


def in_person() -> list[str]:
    """The contacts that count unless the rule says otherwise."""
    return [Contact.HOME.value, Contact.ELSEWHERE.value]


def family_met() -> list[str]:
    """The outcomes that count unless the rule says otherwise."""
    return [Outcome.MET.value]


def seats_asked(posts: Iterable[str], *, is_any_post: bool) -> list[str]:
    """The seats behind a rule's posts: every post by itself, or one "any:" seat of them all."""
    names = sorted(posts)
    return [ANY + "+".join(names)] if is_any_post and len(names) > 1 else names


class VisitRule(models.Model):
    """Who owes which visits how often, and what counts as an effective visit (有效走访)."""

    name = Words(_("name"), max_length=80)
    posts = models.JSONField(_("visitors' posts"), default=list)
    target_kind = models.CharField(_("targets"), max_length=20, choices=TargetKind)
    is_any_post = models.BooleanField(
        _("any one post suffices"), default=False, help_text=_("Otherwise each of the posts must go.")
    )
    repetition = models.CharField(_("repeats"), max_length=10, choices=Repetition, default=Repetition.ONCE)
    contacts = models.JSONField(_("contacts that count"), default=in_person)
    outcomes = models.JSONField(_("outcomes that count"), default=family_met)
    counts_away_by_phone = models.BooleanField(
        _("phone contact counts for a family that is away"),
        default=True,
        help_text=_("Such visits are always shown apart."),
    )
    remind_days_before = models.PositiveSmallIntegerField(_("remind from … days before the due date"), default=7)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a rule without posts or with words the system does not know."""
        for name, known in (("posts", VISITING_POSTS), ("contacts", Contact), ("outcomes", Outcome)):
            chosen = getattr(self, name)
            if not chosen or not set(chosen) <= {choice.value for choice in known}:
                raise ValidationError({name: _("Choose at least one of the list.")})
        if Post.HELPER in self.posts and self.target_kind in VILLAGE_TARGETS:
            raise ValidationError(
                {"posts": _("Helpers visit households, not villages. Choose other posts or targets.")}
            )

    @property
    def is_for_villages(self) -> bool:
        """Whether villages are visited, not households."""
        return self.target_kind in VILLAGE_TARGETS

    def seats(self) -> list[str]:
        """What owes each target a visit: every post by itself, or one "any:" seat of them all."""
        return seats_asked(self.posts, is_any_post=self.is_any_post)

    def rule_fields(self) -> dict[str, Any]:
        """The rule's own fields and values, to copy into a round."""
        return {field.name: getattr(self, field.name) for field in VisitRule._meta.get_fields()}


class RoundTemplateQuerySet(models.QuerySet):
    """Round templates."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """All for the office, which opens rounds from them; nobody else needs them."""
        return self if reach.office_places(cadre, on) else self.none()


class RoundTemplate(VisitRule):
    """A rule to open rounds from; the four rounds and the helper's monthly visit come ready."""

    key = models.CharField(max_length=40, unique=True, null=True, editable=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    objects = RoundTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("round template")
        verbose_name_plural = _("round templates")
        ordering = ["order", "pk"]


class RoundState(models.TextChoices):
    """Where a round stands."""

    OPENING = "opening", _("opening")
    OPEN = "open", _("under way")
    CLOSED = "closed", _("closed")


class RoundQuerySet(models.QuerySet):
    """Rounds."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Rounds of the district or town of any village the cadre reaches, or of a household helped."""
        if cadre.is_superuser:
            return self
        # By the few places of the cadre, not by the villages in reach: a district's are many, a province's more.
        seen = Q(town__isnull=False, district__in=reach.whole_districts_of(cadre, on).values("pk"))
        for code, rows in (
            ("place_code", reach.own_postings(cadre, on).exclude(place_code="")),
            ("village", reach.paired_villages(cadre, on)),
            ("household__village", cadre.helper_pairings.in_force(on)),  # type: ignore[attr-defined]
        ):
            places = rows.order_by()
            seen |= Q(town=None, district__in=places.values(above=Left(code, reach.DISTRICT_DIGITS)))
            seen |= Q(town__in=places.values(above=Left(code, reach.TOWN_DIGITS)))
        return self.filter(seen)

    def running(self, on: date) -> Self:
        """Open rounds that have started by that day."""
        return self.filter(state=RoundState.OPEN, starts_on__lte=on)

    def taking_visits_of(self, day: date) -> Self:
        """Rounds in whose period the day lies, whatever their state."""
        return self.filter(starts_on__lte=day, last_credit_on__gte=day)


class Round(VisitRule):
    """One period of required visits (遍访轮次), its rule copied so that later rule changes leave it alone."""

    district = models.ForeignKey(District, models.PROTECT, verbose_name=_("district"), related_name="rounds")
    town = models.ForeignKey(
        Town,
        models.PROTECT,
        verbose_name=_("town"),
        related_name="rounds",
        null=True,
        blank=True,
        help_text=_("Empty: the whole district."),
    )
    template = models.ForeignKey(
        RoundTemplate,
        models.SET_NULL,
        verbose_name=_("round template"),
        related_name="rounds",
        null=True,
        blank=True,
        editable=False,
        help_text=_("Whose policies of reminding hold for it."),
    )
    starts_on = models.DateField(_("from"))
    due_on = models.DateField(_("due on"))
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=0, help_text=_("Visits so many days after the due date still count.")
    )
    last_credit_on = models.DateField(_("last day that counts"), editable=False)
    state = models.CharField(_("state"), max_length=10, choices=RoundState, default=RoundState.OPENING)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("opened by"), related_name="+", null=True, blank=True
    )
    opened_on = models.DateField(_("targets frozen on"))
    steps_done = models.PositiveIntegerField(default=0, editable=False)
    steps_total = models.PositiveIntegerField(default=0, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("closed by"), related_name="+", null=True, blank=True
    )
    previous = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("previous period"),
        related_name="next",
        null=True,
        blank=True,
        editable=False,
    )
    request_key = models.UUIDField(
        unique=True,
        null=True,
        blank=True,
        editable=False,
        help_text=_("Made when the form opens: pressing twice opens once."),
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")),
                name="round_due_after_start",
                violation_error_message=_("The due date is before the first day. Correct one of the two dates."),
            ),
            models.CheckConstraint(
                condition=Q(state=RoundState.CLOSED, closed_on__isnull=False)
                | (~Q(state=RoundState.CLOSED) & Q(closed_on__isnull=True)),
                name="round_closed_has_a_day",
                violation_error_message=_("A closed round needs the day it was closed, an open one has none."),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the last day that counts beside the dates it follows from."""
        self.last_credit_on = self.due_on + timedelta(days=self.grace_days)
        super().save(*args, **kwargs)

    @property
    def place_code(self) -> str:
        """Code of the town or district the round covers."""
        return self.town_id or self.district_id

    def day_of_figures(self, on: date) -> date:
        """The day on which states are judged: a closed round's figures stand still at its closing."""
        return min(on, self.closed_on) if self.closed_on else on


class ClosingFigure(models.Model):
    """What a round's figures were when it closed: one row per village and seat; never changed."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="closing_figures", verbose_name=_("round"))
    village = models.ForeignKey(Village, models.PROTECT, related_name="+", verbose_name=_("village"))
    seat = models.CharField(_("post"), max_length=200)
    total = models.PositiveIntegerField(_("total"))
    done = models.PositiveIntegerField(_("done"))
    by_phone = models.PositiveIntegerField(_("of it by phone"))
    open = models.PositiveIntegerField(_("open"))
    overdue = models.PositiveIntegerField(_("overdue"))
    vacant = models.PositiveIntegerField(_("vacant"))
    excused = models.PositiveIntegerField(_("excused"))

    objects = models.Manager()

    class Meta:
        verbose_name = _("closing figure")
        verbose_name_plural = _("closing figures")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "village", "seat"], name="closing_figure_once_per_village_and_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.village} {self.seat}"
