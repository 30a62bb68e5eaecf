"""Open a round: freeze its targets into duties; close it with its figures; excuse a duty."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, Q, Value
from django.utils.translation import gettext as _

from casework.coverage import counts_by_village_and_seat
from casework.models import ClosingFigure, Duty, Repetition, Round, Seat, State
from casework.models.rounds import RoundState
from casework.recredit import lock_targets, recredit, wait_for_others
from casework.targets import targets_of, towns_of
from villages import audit, reach
from villages.bell import ring_after_commit
from villages.models import Cadre, Town, Village

PERIODS = {
    Repetition.MONTHLY: relativedelta(months=1),
    Repetition.QUARTERLY: relativedelta(months=3),
    Repetition.YEARLY: relativedelta(years=1),
}


class IllegalMove(Exception):
    """The round is not in a state from which this can be done."""


def can_open_round(cadre: Cadre, place_code: str, on: date) -> bool:
    """Supervisors open rounds in their own place."""
    return reach.holds_any(cadre, reach.SUPERVISORS, on, place_code)


def can_close_round(cadre: Cadre, round: Round, on: date) -> bool:
    """Supervisors close open rounds of their own place."""
    return round.state == RoundState.OPEN and can_open_round(cadre, round.place_code, on)


def can_excuse_duty(cadre: Cadre, duty: Duty, on: date) -> bool:
    """Supervisors excuse duties in their own place while the round is open."""
    return duty.round.state == RoundState.OPEN and reach.holds_any(cadre, reach.SUPERVISORS, on, duty.village_id)


def open_round(round: Round, *, actor: Cadre | None, on: date) -> Round:
    """Store the round and ring for its duties; pressing twice (same request_key) returns the first.

    Raises ValidationError, and PermissionDenied outside the actor's places.
    """
    try:
        return _store(round, actor, on)
    except (IntegrityError, ValidationError):
        # Pressed twice in the same moment, neither saw the other: the one that was stored is the first.
        first = Round.objects.filter(request_key=round.request_key).first() if round.request_key else None
        if first is None:
            raise
        return first


@transaction.atomic
def _store(round: Round, actor: Cadre | None, on: date) -> Round:
    if actor is not None and not can_open_round(actor, round.place_code, on):
        raise PermissionDenied(_("You can open rounds only in your own place."))
    if round.request_key and (first := Round.objects.filter(request_key=round.request_key).first()):
        return first
    round.opened_by, round.opened_on, round.state = actor, on, RoundState.OPENING
    round.steps_done, round.steps_total = 0, towns_of(round).count()
    round.full_clean(exclude=["last_credit_on"])
    round.save()
    audit.record(actor=actor, verb="round.opened", target=round, changes=audit.difference({}, audit.snapshot(round)))
    ring_after_commit("casework.tasks.continue_opening", round.pk)
    return round


def continue_opening(round_id: int) -> bool:
    """Make the duties that are still missing, town by town; True when the round is open.

    Each town is one transaction that holds the round's row, so that a killed worker leaves whole
    towns, and two workers take turns instead of doing a town twice.
    """
    while (state := _open_next_town(round_id)) == RoundState.OPENING:
        pass
    return state == RoundState.OPEN


def resume_openings() -> None:
    """Go on with every round whose opening was cut short, or whose bell nobody heard."""
    for round_id in list(Round.objects.filter(state=RoundState.OPENING).values_list("pk", flat=True)):
        continue_opening(round_id)


@transaction.atomic
def _open_next_town(round_id: int) -> str:
    round = Round.objects.select_for_update(of=("self",)).get(pk=round_id)
    if round.state != RoundState.OPENING:
        return round.state
    towns = list(towns_of(round))
    if round.steps_done < len(towns):
        _freeze_targets(round, towns[round.steps_done])
        round.steps_done += 1
    if round.steps_done >= len(towns):
        round.state = RoundState.OPEN
    round.steps_total = len(towns)
    round.save(update_fields=["steps_done", "steps_total", "state"])
    return round.state


def _freeze_targets(round: Round, town: Town) -> None:
    """Insert the town's duties in the database itself, then credit visits that were made already."""
    targets = targets_of(round).within(town.code)
    wait_for_others(town, targets)
    villages = Village.objects.filter(town=town)
    Seat.objects.bulk_create(
        [Seat(village=village, name=seat) for village in villages for seat in round.seats()], ignore_conflicts=True
    )
    for seat in round.seats():
        # The columns stand in the order of the SELECT below; what is left out is NULL.
        columns = "round_id, seat, village_id, household_id, excuse, closing_state"
        village, household = ("pk", "_none") if round.is_for_villages else ("village_id", "pk")
        rows = (
            targets.order_by()
            .annotate(
                _round=Value(round.pk, output_field=BigIntegerField()),
                _seat=Value(seat, output_field=CharField()),
                _none=Value(None, output_field=BigIntegerField()),
                _empty=Value("", output_field=CharField()),
                _blank=Value("", output_field=CharField()),
            )
            .values_list("_round", "_seat", village, household, "_empty", "_blank")
        )
        select, parameters = rows.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {Duty._meta.db_table} ({columns}) {select} ON CONFLICT DO NOTHING", parameters)
    made = Duty.objects.in_round(round).within(town.code)
    recredit(made.visited_in_period(round))
    recredit(made.filter(Q(household__moved_on__isnull=False) | Q(household__left_on__isnull=False)))


def open_next_periods(*, on: date) -> list[Round]:
    """Open the next period of every repeating round whose period is over. Running it twice opens nothing more."""
    opened = []
    ended = Round.objects.filter(due_on__lt=on, next__isnull=True).exclude(repetition=Repetition.ONCE)
    for round in ended.exclude(state=RoundState.OPENING):
        opened.append(_open_next(round.pk, on))
    return [round for round in opened if round is not None]


@transaction.atomic
def _open_next(round_id: int, on: date) -> Round | None:
    round = Round.objects.select_for_update(of=("self",)).get(pk=round_id)
    if Round.objects.filter(previous=round).exists():
        return None
    starts_on, due_on = next_period(round, on)
    successor = Round(
        **round.rule_fields(),
        district_id=round.district_id,
        town_id=round.town_id,
        starts_on=starts_on,
        due_on=due_on,
        grace_days=round.grace_days,
        previous=round,
        template_id=round.template_id,
    )
    return open_round(successor, actor=None, on=on)


def next_period(round: Round, on: date) -> tuple[date, date]:
    """First and last day of the period after the round's; periods that are wholly over by `on` are skipped."""
    step = PERIODS[Repetition(round.repetition)]
    count = 1
    while _period(round.starts_on, step, count)[1] < on:
        count += 1
    return _period(round.starts_on, step, count)


def _period(starts_on: date, step: relativedelta, count: int) -> tuple[date, date]:
    return starts_on + step * count, starts_on + step * (count + 1) - timedelta(days=1)


@transaction.atomic
def close_round(*, round: Round, actor: Cadre | None, on: date, stop_repeating: bool = False) -> Round:
    """Store the closing figures and every duty's state, and close. Raises IllegalMove unless open."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if actor is not None and not can_open_round(actor, round.place_code, on):
        raise PermissionDenied(_("You can close rounds only in your own place."))
    if round.state != RoundState.OPEN:
        raise IllegalMove(_("Only an open round can be closed."))
    # The figures and the states below are several statements: no visit may come between them.
    lock_targets(Duty.objects.in_round(round))
    duties = Duty.objects.in_round(round).with_state(on)
    ClosingFigure.objects.bulk_create(
        ClosingFigure(round=round, village_id=village_id, seat=seat, **counts.as_dict())
        for (village_id, seat), counts in counts_by_village_and_seat(duties).items()
    )
    for state in State.values:
        in_state = duties.filter(state=state)  # type: ignore[misc]  # annotated
        Duty.objects.filter(pk__in=in_state.values("pk")).update(closing_state=state)
    before = audit.snapshot(round)
    round.state, round.closed_on, round.closed_by = RoundState.CLOSED, on, actor
    if stop_repeating:
        round.repetition = Repetition.ONCE
    round.save(update_fields=["state", "closed_on", "closed_by", "repetition"])
    changes = audit.difference(before, audit.snapshot(round))
    audit.record(actor=actor, verb="round.closed", target=round, changes=changes)
    return round


@transaction.atomic
def excuse_duty(*, duty: Duty, actor: Cadre, on: date, reason: str) -> Duty:
    """Excuse a duty from that day on, with a reason. Raises PermissionDenied, ValidationError."""
    duty = Duty.objects.select_for_update(of=("self",)).select_related("round").get(pk=duty.pk)
    if not can_excuse_duty(actor, duty, on):
        raise PermissionDenied(_("Only a supervisor of the place can excuse a duty, while the round is open."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why the visit is not required.")})
    duty.excused_on, duty.excuse, duty.excused_by = on, reason.strip(), actor
    duty.save(update_fields=["excused_on", "excuse", "excused_by"])
    audit.record(actor=actor, verb="duty.excused", target=duty, village_id=duty.village_id, reason=reason)
    return duty
