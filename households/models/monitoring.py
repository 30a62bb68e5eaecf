"""Monitoring against relapse (防返贫监测): a case, its steps, and the one table of legal moves."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from households.models.categories import MOST_RISKS, Risk
from households.models.households import Household, MonitoringType
from households.models.living import OfHouseholdQuerySet
from villages.models import Cadre
from villages.models.words import LongWords, Words


class IllegalMove(ValidationError):
    """The case is not in a state from which this step can be taken."""


class Channel(models.TextChoices):
    """How a case was discovered."""

    APPLICATION = "application", gettext_lazy("the household applied")
    CADRE = "cadre", gettext_lazy("a cadre found it")
    WARNING = "warning", gettext_lazy("warning of a department")
    HOTLINE = "hotline", gettext_lazy("hotline")


class CaseState(models.TextChoices):
    """How far a case has come: the last step that was done."""

    FOUND = "found", gettext_lazy("found")
    CHECKED = "checked", gettext_lazy("checked at home")
    APPRAISED = "appraised", gettext_lazy("appraised")
    NOTICED = "noticed", gettext_lazy("public notice")
    REVIEWED = "reviewed", gettext_lazy("reviewed by the town")
    DECIDED = "decided", gettext_lazy("decided by the district")
    CLEARED = "cleared", gettext_lazy("risk cleared")
    REJECTED = "rejected", gettext_lazy("not accepted")


class Step(models.TextChoices):
    """What can be done with a case."""

    CHECK = "check", gettext_lazy("home check and signed authorisation")
    APPRAISE = "appraise", gettext_lazy("democratic appraisal")
    NOTICE = "notice", gettext_lazy("public notice in the village")
    REVIEW = "review", gettext_lazy("town review")
    DECIDE = "decide", gettext_lazy("district decision")
    CLEAR = "clear", gettext_lazy("clear the risk")
    REJECT = "reject", gettext_lazy("do not accept")
    REVOKE = "revoke", gettext_lazy("take the decision back")
    REOPEN = "reopen", gettext_lazy("take the clearing back")
    RESUME = "resume", gettext_lazy("take the refusal back")


# A case whose refusal is taken back goes on from where it was refused: its steps that stand say where that is.
WHERE_IT_STOOD = ""
# From which states a step can be taken, and where it leads: the only list of legal moves.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    Step.CHECK: (frozenset({CaseState.FOUND}), CaseState.CHECKED),
    Step.APPRAISE: (frozenset({CaseState.CHECKED}), CaseState.APPRAISED),
    Step.NOTICE: (frozenset({CaseState.APPRAISED}), CaseState.NOTICED),
    Step.REVIEW: (frozenset({CaseState.NOTICED}), CaseState.REVIEWED),
    Step.DECIDE: (frozenset({CaseState.REVIEWED}), CaseState.DECIDED),
    Step.CLEAR: (frozenset({CaseState.DECIDED}), CaseState.CLEARED),
    Step.REJECT: (
        frozenset({CaseState.FOUND, CaseState.CHECKED, CaseState.APPRAISED, CaseState.NOTICED, CaseState.REVIEWED}),
        CaseState.REJECTED,
    ),
    Step.REVOKE: (frozenset({CaseState.DECIDED}), CaseState.REVIEWED),
    Step.REOPEN: (frozenset({CaseState.CLEARED}), CaseState.DECIDED),
    Step.RESUME: (frozenset({CaseState.REJECTED}), WHERE_IT_STOOD),
}
# What takes a step back, and which one.
TAKES_BACK: dict[str, Step] = {Step.REVOKE: Step.DECIDE, Step.REOPEN: Step.CLEAR, Step.RESUME: Step.REJECT}
ENDED = frozenset({CaseState.CLEARED, CaseState.REJECTED})
# The clock runs until the district has decided.
BEFORE_DECISION = frozenset(
    {CaseState.FOUND, CaseState.CHECKED, CaseState.APPRAISED, CaseState.NOTICED, CaseState.REVIEWED}
)
# The way of a case that is accepted, in its order.
WAY = (Step.CHECK, Step.APPRAISE, Step.NOTICE, Step.REVIEW, Step.DECIDE, Step.CLEAR)
# What is reported of a case; the others take a report back.
REPORTED = (*WAY, Step.REJECT)


def step_after(state: str) -> str:
    """The one step that leads on from a state; empty where the way has ended."""
    return next((step for step in WAY if state in MOVES[step][0]), "")


# A rejected case may have had its notice or not.
BEFORE_NOTICE = sorted({CaseState.FOUND, CaseState.CHECKED, CaseState.APPRAISED, CaseState.REJECTED})
AFTER_NOTICE = sorted(set(CaseState) - set(BEFORE_NOTICE) | {CaseState.REJECTED})


class Clearing(models.TextChoices):
    """How a risk was cleared (风险消除方式)."""

    HELP = "help", gettext_lazy("cleared by help")
    NATURAL = "natural", gettext_lazy("cleared by itself")


class MonitoringCaseQuerySet(OfHouseholdQuerySet):
    """Cases."""

    def running(self) -> Self:
        """Cases that are neither cleared nor refused."""
        return self.exclude(state__in=ENDED)

    def before_decision(self) -> Self:
        """Cases whose clock still runs."""
        return self.filter(state__in=BEFORE_DECISION)

    def overdue(self, on: date) -> Self:
        """Cases that should have been decided before that day and are not."""
        return self.before_decision().filter(decide_by__lt=on)

    def within(self, place_code: str) -> Self:
        """Cases of a district, a town or a village by its code."""
        return self.filter(household__village__code__startswith=place_code)


class MonitoringCase(models.Model):
    """One household's way through monitoring: at most one at a time. `risks` is a list of Risk values.

    `decide_by` is the last day of the clock, set when the case opens by the office's setting of that day.
    `notice_from` and `notice_until` are the first and the last day of the notice. `request_key` is made with the
    form that opens the case, so that a form sent twice opens one.
    """

    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=gettext_lazy("household"), related_name="monitoring_cases"
    )
    channel = models.CharField(gettext_lazy("discovery channel"), max_length=12, choices=Channel)
    monitoring_type = models.CharField(gettext_lazy("monitoring type"), max_length=10, choices=MonitoringType)
    risks = models.JSONField(gettext_lazy("risks"), default=list, blank=True)
    found_on = models.DateField(gettext_lazy("found on"))
    description = LongWords(gettext_lazy("what was found"), max_length=1000, blank=True)
    state = models.CharField(
        gettext_lazy("state"), max_length=10, choices=CaseState, default=CaseState.FOUND, editable=False
    )
    decide_by = models.DateField(gettext_lazy("to be decided by"))
    notice_from = models.DateField(gettext_lazy("notice from"), null=True, blank=True)
    notice_until = models.DateField(gettext_lazy("notice until"), null=True, blank=True)
    clearing = models.CharField(pgettext_lazy("monitoring", "how cleared"), max_length=8, choices=Clearing, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=gettext_lazy("opened by"),
        related_name="+",
        null=True,
        blank=True,
    )
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = MonitoringCaseQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("monitoring case")
        verbose_name_plural = gettext_lazy("monitoring cases")
        ordering = ["-found_on", "pk"]
        indexes = [
            models.Index(
                fields=["state", "decide_by"],
                condition=~Q(state__in=["cleared", "rejected"]),
                name="running_cases_by_state",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=~Q(state__in=["cleared", "rejected"]),
                name="one_running_case_per_household",
                violation_error_message=gettext_lazy("This household is being monitored already. Open that case."),
            ),
            models.CheckConstraint(
                condition=Q(notice_until__isnull=True) | Q(notice_until__gte=F("notice_from")),
                name="notice_ends_after_it_begins",
                violation_error_message=gettext_lazy("The notice cannot end before it begins. Correct one day."),
            ),
            models.CheckConstraint(
                condition=Q(notice_from__isnull=True, notice_until__isnull=True, state__in=BEFORE_NOTICE)
                | Q(notice_from__isnull=False, notice_until__isnull=False, state__in=AFTER_NOTICE),
                name="notice_has_its_days",
                violation_error_message=gettext_lazy("A case goes on only with the first and last day of its notice."),
            ),
            models.CheckConstraint(
                condition=Q(state="cleared", clearing__in=Clearing.values) | (~Q(state="cleared") & Q(clearing="")),
                name="cleared_says_how",
                violation_error_message=gettext_lazy("Say how the risk was cleared: by help or by itself."),
            ),
            models.CheckConstraint(
                condition=Q(decide_by__gte=F("found_on")),
                name="case_decided_after_found",
                violation_error_message=gettext_lazy("A case cannot be due before it was found. Correct the day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} · {self.get_monitoring_type_display()}"

    @property
    def risk_labels(self) -> list[str]:
        """The risks in words."""
        words = dict(Risk.choices)
        return [str(words.get(risk, risk)) for risk in self.risks]

    @property
    def next_step(self) -> str:
        """The one step that leads on from the present state; empty when the case has ended."""
        return step_after(self.state)

    @property
    def taking_back(self) -> str:
        """The step that would take the last one back; empty where nothing can be taken back."""
        return next((step for step in TAKES_BACK if self.can_move(step)), "")

    @property
    def stood_at(self) -> str:
        """The state to which the steps that stand lead, a refusal left out. One query."""
        last = self.steps.standing().filter(step__in=WAY).order_by("pk").last()
        return MOVES[last.step][1] if last else CaseState.FOUND

    @property
    def steps_ahead(self) -> list[Step]:
        """The steps that still lie before the case, in their order; none when it has ended."""
        return list(WAY[WAY.index(Step(self.next_step)) :]) if self.next_step else []

    def clean(self) -> None:
        """Refuse no risk, more than five, or an unknown one."""
        if not self.risks or len(self.risks) > MOST_RISKS or not set(self.risks) <= set(Risk.values):
            raise ValidationError({"risks": _("Choose one to five risks.")})

    def can_move(self, step: str) -> bool:
        """Whether the step can be taken from the present state."""
        return step in MOVES and self.state in MOVES[step][0]

    def move(self, step: str) -> None:
        """Change the state by a step. Raises IllegalMove from any other state."""
        if not self.can_move(step):
            raise IllegalMove(
                _("“%(step)s” is not possible now: the case is “%(state)s”.")
                % {"step": Step(step).label, "state": self.get_state_display()}
            )
        self.state = MOVES[step][1] or self.stood_at


class CaseStepQuerySet(models.QuerySet):
    """Steps of cases."""

    def visible_to(self, cadre: object, on: date) -> Self:
        """Steps of the cases the cadre sees on that day."""
        return self.filter(case__in=MonitoringCase.objects.visible_to(cadre, on))  # type: ignore[arg-type]

    def standing(self) -> Self:
        """Steps that were not taken back."""
        return self.filter(taken_back_on__isnull=True)


class CaseStep(models.Model):
    """A step that was done: on which day, by whom, with what result. Changed only by a correction with its reason.

    `conditions` is what was found fulfilled when a risk was cleared (households/clearing.py); `replaced` is what the
    household's record said before the decision. A step that was taken back stays, and may be taken once more.
    """

    case = models.ForeignKey(
        MonitoringCase, models.PROTECT, verbose_name=gettext_lazy("monitoring case"), related_name="steps"
    )
    step = models.CharField(gettext_lazy("step"), max_length=10, choices=Step)
    done_on = models.DateField(gettext_lazy("taken on"))
    people = Words(gettext_lazy("who took part"), max_length=200, blank=True)
    note = Words(gettext_lazy("result"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=gettext_lazy("entered by"),
        related_name="+",
        null=True,
        blank=True,
    )
    recorded_at = models.DateTimeField(gettext_lazy("entered at"))
    correction = Words(gettext_lazy("reason of the last correction"), max_length=200, blank=True)
    corrected_on = models.DateField(gettext_lazy("corrected on"), null=True, blank=True)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=gettext_lazy("corrected by"),
        related_name="+",
        null=True,
        blank=True,
    )

    conditions = models.JSONField(gettext_lazy("conditions checked"), default=list, blank=True, editable=False)
    replaced = models.JSONField(gettext_lazy("record before"), default=dict, blank=True, editable=False)
    taken_back_on = models.DateField(gettext_lazy("taken back on"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=gettext_lazy("taken back by"),
        related_name="+",
        null=True,
        blank=True,
    )
    taken_back = Words(gettext_lazy("why it was taken back"), max_length=200, blank=True)

    objects = CaseStepQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("step of a case")
        verbose_name_plural = gettext_lazy("steps of cases")
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"],
                condition=Q(taken_back_on__isnull=True),
                name="step_once_per_case",
                violation_error_message=gettext_lazy("This step is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(taken_back_on__isnull=True, taken_back="")
                | (Q(taken_back_on__isnull=False) & ~Q(taken_back="")),
                name="step_taken_back_says_why",
                violation_error_message=gettext_lazy("Say in a few words why it is taken back."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.get_step_display()}"


class PovertyLineQuerySet(models.QuerySet):
    """The yearly lines."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """All: the lines are public."""
        return self

    def amount_of(self, year: int) -> Decimal | None:
        """Yuan per head in that year; None while the office has not entered it."""
        return self.filter(year=year).values_list("amount", flat=True).first()


class PovertyLine(models.Model):
    """The monitoring line of a year (防返贫监测范围): yuan per head."""

    year = models.PositiveSmallIntegerField(
        gettext_lazy("year"), unique=True, error_messages={"unique": gettext_lazy("This year has a line already.")}
    )
    amount = models.DecimalField(gettext_lazy("yuan per head"), max_digits=10, decimal_places=2)

    objects = PovertyLineQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("monitoring line of a year")
        verbose_name_plural = gettext_lazy("monitoring lines by year")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="line_of_a_likely_year",
                violation_error_message=gettext_lazy("Write the year with four digits, for example 2026."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="line_is_positive",
                violation_error_message=gettext_lazy("The line is an amount above zero, in yuan per head and year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"
