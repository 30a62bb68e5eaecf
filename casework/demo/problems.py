"""The problem ledger of the made-up district: what its visits found, and how far each problem has come by now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.demo.chance import insert
from casework.demo.district import Demo
from casework.demo.notes import PROBLEMS
from casework.demo.staff import Staff
from casework.models import (
    Difficulty,
    Level,
    Move,
    Problem,
    ProblemKind,
    ProblemSource,
    ProblemStep,
    View,
    Visit,
    VisitVisitor,
)
from casework.models.problems import IN_HAND, LEVEL_OF_DIFFICULTY, LEVELS
from casework.problems import level_above
from villages.models import Post, Village

# What each of the notes' problems is about.
KINDS = dict(
    zip(
        PROBLEMS,
        (
            *(ProblemKind.HOUSING, ProblemKind.WATER, ProblemKind.HEALTH, ProblemKind.SURROUNDINGS),
            *(ProblemKind.SCHOOLING, ProblemKind.INDUSTRY, ProblemKind.HOUSING, ProblemKind.INDUSTRY),
            *(ProblemKind.SECURITY, ProblemKind.ROADS, ProblemKind.EMPLOYMENT, ProblemKind.SECURITY),
            *(ProblemKind.ROADS, ProblemKind.HEALTH),
        ),
        strict=True,
    )
)
OTHERS = (
    (ProblemSource.TALK, "夜话上多户反映村口路灯不亮，盼早修。", ProblemKind.ROADS),
    (ProblemSource.INSPECTION, "督查发现监测对象的帮扶措施没有及时登记。", ProblemKind.POLICY),
    (ProblemSource.HOTLINE, "热线反映生活垃圾清运不及时。", ProblemKind.SURROUNDINGS),
    (ProblemSource.NATIONAL, "国家反馈个别户饮水水源单一，枯水期不稳定。", ProblemKind.WATER),
    (ProblemSource.TALK, "两户因田埂界线有争执，请村里调解。", ProblemKind.DISPUTE),
)
EVERY = 10  # one village in so many has a problem that no visit found
MEASURES = ("联系施工队上门维修。", "报镇里协调解决。", "帮助整理材料，陪同办理。", "列入本月村级工作安排。")
PROGRESS = ("已联系，等材料到货。", "已上报，镇里答复本周内安排。", "材料已收齐，正在办理。")
RESULTS = ("已修好，户主看过满意。", "证件已办好送到家。", "已疏通，雨天不再积水。", "已协调解决，户里知情。")
RETURNS = ("现场查看仍未完全解决，请继续办理。", "户主反映还有问题，请再上门一次。")
MORE_TIME = "雨天施工不便，延期办理。"
TWICE = "与前一次走访登记的是同一件事，撤回。"
DECIDERS = (Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TOWN_SECRETARY)


@dataclass(slots=True)
class Story:
    """One problem and the moves made with it, until the day of the demo."""

    problem: Problem
    demo: Demo
    staff: Staff
    rng: Random
    day: date
    steps: list[ProblemStep] = field(default_factory=list)

    def live(self) -> None:
        """Let it go its way as far as the days reach."""
        if self.rng.random() < 0.02:
            self.after(2, Move.WITHDRAW, words=TWICE, withdrawn_on=True)
            return
        solver = self._assign()
        if solver is None:
            return
        is_slow = self.rng.random() < 0.12
        if self.rng.random() < 0.6:
            self.after(3, Move.PROGRESS, actor=solver, words=self.rng.choice(PROGRESS))
        if is_slow:
            self._wait_past_deadline()
        elif self.rng.random() < 0.1 and self.problem.due_on:
            self.after(4, Move.EXTEND, words=MORE_TIME, due_on=self.problem.due_on + timedelta(days=10))
        if not is_slow and self._solve(solver) and self.rng.random() < 0.12:
            self.after(2, Move.RETURN, words=self.rng.choice(RETURNS), due_on=self.day + timedelta(days=10))
            self._solve(solver)
        self._end(solver)

    def after(self, days: int, move: str, *, words: str = "", actor: int | None = None, **changes: Any) -> bool:
        """Make a move some days later; False when that lies ahead, or an earlier one does."""
        problem, day = self.problem, self.day + timedelta(days=self.rng.randint(1, days))
        if day >= self.demo.on or not problem.can_move(move):
            self.day = self.demo.on
            return False
        step = ProblemStep(problem=problem, move=move, taken_on=day, recorded_at=moment(day), words=words)
        step.actor_id = None if move == Move.ESCALATE else actor or self._decider(set())
        step.due_on, step.level = changes.get("due_on"), changes["level"] if move == Move.ESCALATE else ""
        step.due_before = problem.due_on if step.due_on else None
        if move == Move.RETURN:
            step.solved_before = problem.solved_on
            changes |= {"solved_on": None, "solved_by_id": None, "handed_on": True}
        problem.move(move)
        for name, value in changes.items():
            setattr(problem, name, day if value is True else value)
        step.responsible_id, step.unit_id = (
            (problem.responsible_id, problem.unit_id) if move == Move.ASSIGN else (None, None)
        )
        self.steps.append(step)
        self.day = day
        return True

    def _assign(self) -> int | None:
        """Give it to who found it, to a post of the village or to its unit; who will report it as solved."""
        problem, unit = self.problem, self.demo.lead_unit.get(self.problem.village_id)
        poster = self._decider(set())
        to_unit = unit is not None and self.rng.random() < 0.15
        responsible = None if to_unit else self.rng.choice((problem.found_by_id, poster)) or poster
        kind = problem.kind or KINDS.get(problem.text, ProblemKind.OTHER)
        due_on = self.day + timedelta(days=self.rng.choice((10, 15, 20)))
        difficulty = Difficulty.TOWN if kind == ProblemKind.ROADS else self.rng.choice(list(Difficulty)[:2])
        level = max(problem.level, LEVEL_OF_DIFFICULTY[difficulty], key=lambda one: LEVELS.index(Level(one)))
        measure = self.rng.choice(MEASURES)
        changes: dict[str, Any] = {
            **{"kind": kind, "difficulty": difficulty, "level": level, "measure": measure, "handed_on": True},
            **{"responsible_id": responsible, "unit_id": unit.pk if unit and to_unit else None, "due_on": due_on},
        }
        is_given = (responsible is not None or to_unit) and self.after(5, Move.ASSIGN, words=measure, **changes)
        return (responsible or poster) if is_given else None

    def _wait_past_deadline(self) -> None:
        """Nobody acts: it climbs as the sweep of each minute would have let it climb."""
        problem = self.problem
        for days in (1, 9):
            if problem.due_on is None or problem.state not in IN_HAND or problem.level == Level.DISTRICT:
                return
            day = problem.due_on + timedelta(days=days)
            if day >= self.demo.on:
                return
            self.day = day - timedelta(days=1)
            self.after(1, Move.ESCALATE, level=level_above(problem.level), escalated_on=True)

    def _solve(self, solver: int) -> bool:
        result = self.rng.choice(RESULTS)
        return self.after(9, Move.SOLVE, actor=solver, words=result, solved_on=True, solved_by_id=solver, result=result)

    def _end(self, solver: int) -> None:
        verifier = self._decider({solver})
        view = self.rng.choices(list(View), (70, 15, 3, 12))[0] if self.problem.household_id else View.NOT_ASKED
        if verifier and self.after(
            4, Move.VERIFY, actor=verifier, verified_on=True, verified_by_id=verifier, view=view
        ):
            self.after(3, Move.CLOSE, closed_on=True)

    def _decider(self, but: set[int]) -> int | None:
        """Whoever holds a post over the village that day and is none of these."""
        code = self.problem.village_id
        for post in DECIDERS:
            holder = self.staff.holder(post, [code, code[:9]], self.day)
            if holder is not None and holder not in but:
                return holder
        return None


def make_problems(demo: Demo, staff: Staff) -> None:
    """Enter what the visits found, and a few that came another way, each with its way until now."""
    rng = demo.draws("problems")
    steps: list[ProblemStep] = []

    def lived() -> Iterator[Problem]:
        for problem in (*_found_on_visits(), *_found_otherwise(demo, staff, rng)):
            story = Story(problem, demo, staff, rng, problem.found_on)
            story.live()
            steps.extend(story.steps)
            yield problem

    for _problem in insert(Problem, lived()):
        pass
    for _step in insert(ProblemStep, steps):
        pass


def _found_on_visits() -> Iterator[Problem]:
    standing = Visit.objects.standing().exclude(problem="").order_by("visited_on", "pk")
    reporting: dict[UUID, int] = {}
    went = VisitVisitor.objects.filter(visit__in=standing.order_by().values("pk")).order_by("-pk")
    for visit, cadre in went.values_list("visit", "cadre"):
        reporting[visit] = cadre
    columns = ("pk", "supersedes", "household", "village", "visited_on", "received_at", "problem", "entered_by")
    for pk, first, household, village, day, received_at, text, entered_by in standing.values_list(*columns):
        yield Problem(
            id=first or pk,
            visit_id=first or pk,
            village_id=village,
            household_id=household,
            source=ProblemSource.VISIT,
            found_on=day,
            found_by_id=reporting.get(pk, entered_by),
            recorded_at=received_at,
            text=text,
        )


def _found_otherwise(demo: Demo, staff: Staff, rng: Random) -> Iterator[Problem]:
    """One in some villages: by talks, inspections, the hotline and national findings."""
    villages: list[Village] = [demo.showcase, *demo.villages[::EVERY]]
    for number, village in enumerate(dict.fromkeys(villages)):
        source, text, kind = OTHERS[number % len(OTHERS)]
        day = demo.on - timedelta(days=rng.randint(2, 60))
        finder = staff.holder(Post.CLERK, [village.pk[:9], village.pk[:6]], day)
        yield Problem(
            id=UUID(int=rng.getrandbits(128), version=4),
            village=village,
            source=source,
            found_on=day,
            found_by_id=finder,
            recorded_at=moment(day),
            text=text,
            kind=kind,
        )


def moment(day: date) -> datetime:
    """Half past four of that day."""
    return datetime.combine(day, time(16, 30), ZoneInfo(settings.TIME_ZONE))
