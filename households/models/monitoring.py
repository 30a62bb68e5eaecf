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
}
ENDED = frozenset({CaseState.CLEARED, CaseState.REJECTED})
# The clock runs until the district has decided.
BEFORE_DECISION = frozenset(
    {CaseState.FOUND, CaseState.CHECKED, CaseState.APPRAISED, CaseState.NOTICED, CaseState.REVIEWED}
)


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


class MonitoringCase(models.Model):
    """One household's way through monitoring: at most one at a time. `risks` is a list of Risk values.

    `decide_by` is the last day of the clock, set when the case opens by the office's setting of that day.
    """

    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=gettext_lazy("household"), related_name="monitoring_cases"
    )
    channel = models.CharField(gettext_lazy("discovery channel"), max_length=12, choices=Channel)
    monitoring_type = models.CharField(gettext_lazy("monitoring type"), max_length=10, choices=MonitoringType)
    risks = models.JSONField(gettext_lazy("risks"), default=list)
    found_on = models.DateField(gettext_lazy("found on"))
    description = models.TextField(gettext_lazy("what was found"), max_length=1000, blank=True)
    state = models.CharField(
        gettext_lazy("state"), max_length=10, choices=CaseState, default=CaseState.FOUND, editable=False
    )
    decide_by = models.DateField(gettext_lazy("to be decided by"))
    notice_from = models.DateField(gettext_lazy("notice from"), null=True, blank=True)
    notice_until = models.DateField(gettext_lazy("notice until"), null=True, blank=True)
    clearing = models.CharField(pgettext_lazy("monitoring", "how cleared"), max_length=8, choices=Clearing, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=gettext_lazy("opened by"), related_name="+", null=True
    )

    objects = MonitoringCaseQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("monitoring case")
        verbose_name_plural = gettext_lazy("monitoring cases")
        ordering = ["-found_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=~Q(state__in=["cleared", "rejected"]),
                name="one_running_case_per_household",
                violation_error_message=gettext_lazy("This household is being monitored already. Open that case."),
            ),
            models.CheckConstraint(
                condition=Q(notice_until__isnull=True) | Q(notice_until__gt=F("notice_from")),
                name="notice_ends_after_it_begins",
                violation_error_message=gettext_lazy("The notice must end after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} · {self.get_monitoring_type_display()}"

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
        self.state = MOVES[step][1]


class CaseStepQuerySet(models.QuerySet):
    """Steps of cases."""

    def visible_to(self, cadre: object, on: date) -> Self:
        """Steps of the cases the cadre sees on that day."""
        return self.filter(case__in=MonitoringCase.objects.visible_to(cadre, on))  # type: ignore[arg-type]


class CaseStep(models.Model):
    """A step that was done: on which day, by whom, with what result. Never changed afterwards."""

    case = models.ForeignKey(
        MonitoringCase, models.PROTECT, verbose_name=gettext_lazy("monitoring case"), related_name="steps"
    )
    step = models.CharField(gettext_lazy("step"), max_length=10, choices=Step)
    done_on = models.DateField(gettext_lazy("done on"))
    people = models.CharField(gettext_lazy("who took part"), max_length=200, blank=True)
    note = models.CharField(gettext_lazy("result"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=gettext_lazy("entered by"), related_name="+", null=True
    )
    recorded_at = models.DateTimeField(gettext_lazy("entered at"))

    objects = CaseStepQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("step of a case")
        verbose_name_plural = gettext_lazy("steps of cases")
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"],
                name="step_once_per_case",
                violation_error_message=gettext_lazy("This step is recorded already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.get_step_display()}"


class PovertyLineQuerySet(models.QuerySet):
    """The yearly lines."""

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

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"
