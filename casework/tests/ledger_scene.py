"""A household whose helper has found a problem, and those whose turn it may be."""

from datetime import date, timedelta
from typing import Any

from casework.corrections import correct_visit
from casework.models import Problem, Visit
from casework.problems import assign_problem, solve_problem
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post


class LedgerScene:
    """A household whose helper has found a leaking roof; the posts of its village, town and district."""

    def __init__(self) -> None:
        self.world = world = World()
        self.household = world.household("户主")
        self.helper = world.help("帮扶人", self.household)
        self.chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
        self.secretary = world.post("村书记", Post.VILLAGE_SECRETARY, world.village)
        self.town = world.post("镇督查", Post.SUPERVISOR, world.town)
        self.district = world.post("区督查", Post.SUPERVISOR, world.district)
        self.neighbour = world.post("邻村书记", Post.VILLAGE_SECRETARY, world.sibling)
        self.visit = world.visit(self.household, TODAY - timedelta(days=3), self.helper, problem="屋顶漏雨")

    @property
    def problem(self) -> Problem:
        return Problem.objects.get(visit=self.visit)

    def by(self, actor: Cadre, on: date = TODAY) -> dict[str, Any]:
        return {"problem_id": self.visit.pk, "actor": actor, "now": at(on)}

    def assign(self, on: date = TODAY, days: int = 10) -> Problem:
        return assign_problem(**self.by(self.chief, on), due_on=on + timedelta(days=days), responsible=self.helper)

    def solve(self, on: date = TODAY) -> Problem:
        return solve_problem(**self.by(self.helper, on), solved_on=on, result="换了瓦")

    def report(self, **changed: Any) -> Any:
        return self.world.report(self.household, self.visit.visited_on, self.helper, **changed)

    def correct(self, visit: Visit, *, withdraw: bool = False, **changed: Any) -> Visit:
        report = self.report(**changed)
        return correct_visit(visit, report, actor=self.helper, now=at(TODAY), reason="写错了", withdraw=withdraw)
