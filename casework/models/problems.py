"""The problem ledger (问题台账): a problem, the steps of its way, and the one table of legal moves."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from casework.models.problem_words import Difficulty, Level, Move, ProblemKind, ProblemSource, ProblemState, View
from casework.models.visits import Visit
from households.models import Household
from households.models.monitoring import IllegalMove
from villages import among, reach  # noqa: F401, the lookup of that name
from villages.models import Cadre, PartnerUnit, Village
from villages.models.words import Words

FOUND, ASSIGNED, IN_PROGRESS = ProblemState.FOUND, ProblemState.ASSIGNED, ProblemState.IN_PROGRESS
DONE, VERIFIED, RETURNED = ProblemState.DONE, ProblemState.VERIFIED, ProblemState.RETURNED
CLOSED, WITHDRAWN = ProblemState.CLOSED, ProblemState.WITHDRAWN

# Somebody has it in hand, and a day until which it is to be solved.
IN_HAND = frozenset({ASSIGNED, IN_PROGRESS, RETURNED})
# Nobody says yet that it is solved.
UNSOLVED = IN_HAND | {FOUND}
ENDED = frozenset({CLOSED, WITHDRAWN})
STAYS = ""

# From which states a move can be made, and where it leads (STAYS: the state it was in): the only list of legal moves.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    Move.ASSIGN: (frozenset(UNSOLVED), ASSIGNED),
    Move.PROGRESS: (frozenset(IN_HAND), IN_PROGRESS),
    Move.SOLVE: (frozenset(UNSOLVED), DONE),
    Move.VERIFY: (frozenset({DONE}), VERIFIED),
    Move.CLOSE: (frozenset({VERIFIED}), CLOSED),
    Move.RETURN: (frozenset({DONE, VERIFIED}), RETURNED),
    Move.EXTEND: (frozenset(IN_HAND), STAYS),
    Move.ESCALATE: (frozenset(UNSOLVED), STAYS),
    Move.WITHDRAW: (frozenset(UNSOLVED), WITHDRAWN),
    Move.FIND_AGAIN: (frozenset({WITHDRAWN}), FOUND),
    Move.REWORD: (frozenset(set(ProblemState) - {WITHDRAWN}), STAYS),
    Move.UNNAME: (frozenset(set(ProblemState) - {FOUND, WITHDRAWN}), STAYS),
}
# Levels, the lowest first: who stands above may do what those below may.
LEVELS = (Level.VILLAGE, Level.TOWN, Level.DISTRICT)
LEVEL_OF_DIFFICULTY: dict[str, Level] = {
    Difficulty.SPOT: Level.VILLAGE,
    Difficulty.VILLAGE: Level.VILLAGE,
    Difficulty.TOWN: Level.TOWN,
    Difficulty.DISTRICT: Level.DISTRICT,
}


def unsolved_on(on: date) -> Q:
    """The condition that nobody had reported an open problem as solved by the end of that day."""
    refused_later = ProblemStep.objects.filter(move=Move.RETURN, taken_on__gt=on, solved_before__lte=on)
    # Few steps are later than the day: they are looked up once, not for each problem.
    return (Q(solved_on__isnull=True) | Q(solved_on__gt=on)) & ~Q(pk__in=refused_later.values("problem"))


def past_deadline_on(on: date) -> Q:
    """The condition that the deadline, as it stood on that day, had passed for an open problem nobody had solved.

    A deadline is never set before its own day, so one that has passed by now was in force then; one that was moved
    later stands in the step that moved it.
    """
    moved_later = ProblemStep.objects.filter(taken_on__gt=on, due_before__lt=on)
    return (Q(due_on__lt=on) | Q(pk__in=moved_later.values("problem"))) & unsolved_on(on)


class ProblemQuerySet(models.QuerySet):
    """Entries of the ledger."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Problems of the villages the cadre reaches and the households the cadre helps, and those given to them."""
        if cadre.is_superuser:
            return self
        helped = Household.objects.helped_by(cadre, on).order_by()
        return self.filter(
            Q(village__code__among=reach.villages_of(cadre, on).order_by().values("code"))
            | Q(household__id__among=helped.values("pk"))
            | Q(unit__id__among=_units_led(cadre, on))
            | Q(responsible=cadre)
            | Q(found_by=cadre)
        )

    def within(self, place_code: str) -> Self:
        """Problems of a district, a town or a village by its code."""
        return self.filter(village__code__startswith=place_code)

    def open(self, on: date) -> Self:
        """Problems found by the end of that day that were neither closed nor withdrawn by then."""
        not_ended = {f"{day}__isnull": True for day in ("closed_on", "withdrawn_on")}
        return self.filter(
            Q(**not_ended) | Q(closed_on__gt=on) | Q(withdrawn_on__gt=on),
            found_on__lte=on,
        )

    def unsolved(self, on: date) -> Self:
        """Open problems that nobody had reported as solved by the end of that day."""
        return self.open(on).filter(unsolved_on(on))

    def past_deadline(self, on: date) -> Self:
        """Problems whose deadline, as it stood on that day, had passed while nobody had reported them as solved."""
        return self.open(on).filter(past_deadline_on(on))

    def in_hand(self) -> Self:
        """Problems that wait for whom they were given to."""
        return self.filter(state__in=sorted(IN_HAND))

    def handed_to(self, cadre: Cadre, on: date) -> Self:
        """Problems given to the cadre, or to a unit the cadre leads on that day, and not reported as solved."""
        return self.in_hand().filter(Q(responsible=cadre) | Q(unit__id__among=_units_led(cadre, on)))


def _units_led(cadre: Cadre, on: date) -> models.QuerySet[Any, Any]:
    return reach.own_postings(cadre, on).exclude(unit=None).order_by().values("unit")


def _cadre(label: Any, **more: Any) -> models.ForeignKey:
    fixed = {"verbose_name": label, "related_name": "+", "null": True, "blank": True}
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, **{**fixed, **more})


class Problem(models.Model):
    """One entry of the ledger: what was found, who must act until when, and how it ended.

    The id is made when the form opens, so that sending twice is noticed; what a visit found has the id of the visit's
    first version, and `visit` is that version: it stays whatever is corrected later. `level` is the level the matter
    stands at, `handed_on` the day it was last given to somebody, `escalated_on` the day it last went a level up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=gettext_lazy("village"), related_name="problems")
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        verbose_name=gettext_lazy("household"),
        related_name="problems",
        null=True,
        blank=True,
    )
    source = models.CharField(pgettext_lazy("problem", "source"), max_length=10, choices=ProblemSource)
    visit = models.OneToOneField(
        Visit, models.PROTECT, verbose_name=gettext_lazy("visit"), related_name="found_problem", null=True, blank=True
    )
    found_on = models.DateField(gettext_lazy("found on"))
    found_by = _cadre(gettext_lazy("found by"), db_index=True)
    recorded_at = models.DateTimeField(gettext_lazy("entered at"))
    text = Words(gettext_lazy("problem"), max_length=500)
    kind = models.CharField(pgettext_lazy("problem", "class"), max_length=12, choices=ProblemKind, blank=True)
    difficulty = models.CharField(
        gettext_lazy("difficulty"), max_length=10, choices=Difficulty, default=Difficulty.VILLAGE
    )
    level = models.CharField(gettext_lazy("stands at"), max_length=10, choices=Level, default=Level.VILLAGE)
    state = models.CharField(gettext_lazy("state"), max_length=12, choices=ProblemState, default=FOUND)
    responsible = _cadre(gettext_lazy("responsible"), db_index=True)
    unit = models.ForeignKey(
        PartnerUnit,
        models.PROTECT,
        verbose_name=gettext_lazy("responsible unit"),
        related_name="+",
        null=True,
        blank=True,
    )
    handed_on = models.DateField(gettext_lazy("handed over on"), null=True, blank=True)
    due_on = models.DateField(gettext_lazy("to be solved by"), null=True, blank=True)
    escalated_on = models.DateField(gettext_lazy("taken a level up on"), null=True, blank=True)
    measure = Words(gettext_lazy("what is to be done"), max_length=500, blank=True)
    result = Words(gettext_lazy("result"), max_length=500, blank=True)
    solved_on = models.DateField(gettext_lazy("solved on"), null=True, blank=True)
    solved_by = _cadre(gettext_lazy("solved by"), db_index=False)
    view = models.CharField(gettext_lazy("the household's view"), max_length=12, choices=View, blank=True)
    verified_on = models.DateField(gettext_lazy("verified on"), null=True, blank=True)
    verified_by = _cadre(gettext_lazy("verified by"), db_index=False)
    closed_on = models.DateField(gettext_lazy("closed on"), null=True, blank=True)
    withdrawn_on = models.DateField(gettext_lazy("withdrawn on"), null=True, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("problem")
        verbose_name_plural = gettext_lazy("problems")
        ordering = ["village", "-found_on", "pk"]
        indexes = [
            models.Index(
                fields=["village"], condition=Q(closed_on__isnull=True, withdrawn_on__isnull=True), name="problem_open"
            ),
            # With the one before, what was open on a past day: most of a ledger was closed long ago.
            models.Index(fields=["closed_on"], condition=Q(closed_on__isnull=False), name="problem_by_closing"),
            models.Index(fields=["withdrawn_on"], condition=Q(withdrawn_on__isnull=False), name="problem_withdrawn"),
            models.Index(fields=["solved_on"], condition=Q(solved_on__isnull=False), name="problem_by_solution"),
            models.Index(
                fields=["level", "village"],
                condition=Q(state__in=["done", "found", "verified"]),
                name="problem_to_decide_by_level",
            ),
            models.Index(
                fields=["due_on"],
                condition=Q(state__in=["assigned", "in_progress", "returned"]),
                name="problem_in_hand_by_deadline",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(responsible__isnull=True) | Q(unit__isnull=True),
                name="problem_of_a_cadre_or_a_unit",
                violation_error_message=gettext_lazy("Give it to one person or to one unit, not to both."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["assigned", "in_progress", "returned"])
                | (
                    (Q(responsible__isnull=False) | Q(unit__isnull=False))
                    & Q(due_on__isnull=False, handed_on__isnull=False)
                ),
                name="problem_in_hand_has_a_deadline",
                violation_error_message=gettext_lazy("Say who is to solve it, and until which day."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "verified", "closed"], solved_on__isnull=False)
                | (~Q(state__in=["done", "verified", "closed"]) & Q(solved_on__isnull=True)),
                name="problem_solved_has_its_day",
                violation_error_message=gettext_lazy("Say on which day it was solved."),
            ),
            models.CheckConstraint(
                condition=Q(solved_on__isnull=True) | Q(solved_on__gte=F("found_on")),
                name="problem_solved_after_found",
                violation_error_message=gettext_lazy(
                    "It cannot have been solved before it was found. Correct the day."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["verified", "closed"], verified_on__isnull=False, verified_by__isnull=False)
                | (~Q(state__in=["verified", "closed"]) & Q(verified_on__isnull=True, verified_by__isnull=True)),
                name="problem_verified_by_somebody",
                violation_error_message=gettext_lazy("Somebody must have seen that it is solved."),
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | Q(solved_by__isnull=True) | ~Q(verified_by=F("solved_by")),
                name="problem_verifier_is_not_the_solver",
                violation_error_message=gettext_lazy("Whoever solved it cannot verify it. Ask somebody else."),
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) | (~Q(state="closed") & Q(closed_on__isnull=True)),
                name="problem_closed_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_on__isnull=True)),
                name="problem_withdrawn_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text[:40]} · {self.household or self.village}"

    @property
    def given_to(self) -> Cadre | PartnerUnit | None:
        """Who is to solve it."""
        return self.responsible or self.unit

    def can_move(self, move: str) -> bool:
        """Whether the move can be made from the present state."""
        return move in MOVES and self.state in MOVES[move][0]

    def move(self, move: str) -> None:
        """Change the state by a move. Raises IllegalMove from any other state."""
        if not self.can_move(move):
            raise IllegalMove(
                _("“%(move)s” is not possible now: the problem is “%(state)s”.")
                % {"move": Move(move).label, "state": self.get_state_display()}
            )
        self.state = MOVES[move][1] or self.state


class ProblemStepQuerySet(models.QuerySet):
    """Steps of problems."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Steps of the problems the cadre sees on that day."""
        return self.filter(problem__in=Problem.objects.visible_to(cadre, on))


class ProblemStep(models.Model):
    """A move that was made: by whom (nobody: the system), when, with which words. Never changed.

    `due_before` and `solved_before` are the deadline and the day of solution that the move took away, so that any past
    day can be told; `words` holds the former text when it was reworded.
    """

    problem = models.ForeignKey(Problem, models.PROTECT, verbose_name=gettext_lazy("problem"), related_name="steps")
    move = models.CharField(pgettext_lazy("problem", "step"), max_length=12, choices=Move)
    taken_on = models.DateField(gettext_lazy("taken on"))
    recorded_at = models.DateTimeField(gettext_lazy("entered at"))
    actor = _cadre(gettext_lazy("by"), db_index=False)
    words = Words(pgettext_lazy("problem", "in words"), max_length=500, blank=True)
    responsible = _cadre(gettext_lazy("responsible"), db_index=False)
    unit = models.ForeignKey(
        PartnerUnit,
        models.PROTECT,
        verbose_name=gettext_lazy("responsible unit"),
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    due_on = models.DateField(gettext_lazy("new deadline"), null=True, blank=True)
    due_before = models.DateField(gettext_lazy("deadline before"), null=True, blank=True)
    solved_before = models.DateField(gettext_lazy("day of solution before"), null=True, blank=True)
    level = models.CharField(gettext_lazy("new level"), max_length=10, choices=Level, blank=True)

    objects = ProblemStepQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("step of a problem")
        verbose_name_plural = gettext_lazy("steps of problems")
        ordering = ["problem", "pk"]
        indexes = [
            models.Index(fields=["taken_on"], condition=Q(due_before__isnull=False), name="deadline_moved_by_day"),
            models.Index(fields=["taken_on"], condition=Q(solved_before__isnull=False), name="problem_returned_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "level"],
                condition=Q(move="escalate"),
                name="problem_taken_up_once_per_level",
                violation_error_message=gettext_lazy("This problem stands at that level already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem} · {self.get_move_display()}"
