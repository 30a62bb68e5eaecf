"""What is asked of a problem: which ones are looked for, a new one, and the report of each move."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from casework.models import Difficulty, Move, Problem, ProblemKind, ProblemSource, ProblemState, View
from casework.problem_list import ALL, LATE
from casework.problems import (
    assign_problem,
    close_problem,
    escalate_problem,
    extend_deadline,
    people_for,
    report_progress,
    return_problem,
    solve_problem,
    units_for,
    verify_problem,
    withdraw_problem,
)
from households.models import Household
from villages.look import PlainForm, day_field
from villages.models import Cadre, PartnerUnit, Village
from villages.models.places import short_village_name

PERSON, UNIT = "person", "unit"
REASON = gettext_lazy("Why")


def _words(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 2}), **options)


# Looking for ----------------------------------------------------------------------------------


class ProblemsQuery(PlainForm, forms.Form):
    """Which problems are looked for: by default the open ones; what makes no sense counts as not asked."""

    place = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    state = forms.ChoiceField(
        choices=[("", pgettext_lazy("problems", "open")), (LATE, ""), (ALL, ""), *ProblemState.choices],
        required=False,
        widget=forms.HiddenInput,
    )
    mine = forms.BooleanField(label=gettext_lazy("waiting for me"), required=False)

    def __init__(self, data: Any, *, places: list[tuple[str, Any]]) -> None:
        super().__init__(data)
        place: Any = self.fields["place"]
        place.choices = [("", _("all places")), *places]
        place.widget.attrs["aria-label"] = place.label

    def asked(self) -> dict[str, Any]:
        """The valid answers."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    def address(self, **changed: str) -> str:
        """The query of an address that asks the same, but for what is changed."""
        asked = {name: value for name, value in (self.asked() | changed).items() if value}
        return urlencode({name: 1 if value is True else value for name, value in asked.items()})

    @property
    def page_query(self) -> str:
        """The beginning of the address of another page of the same list."""
        return f"{self.address()}&" if self.address() else ""


def places_offered(towns: list[tuple[str, str]], villages: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """The towns when there are several, and the villages, each by code and name, as a choice field takes them."""
    return [*(towns if len(towns) > 1 else []), *((code, short_village_name(name)) for code, name in villages)]


# A new one ------------------------------------------------------------------------------------


class ProblemForm(PlainForm, forms.Form):
    """A problem that no visit found. The id is made when the form opens, so that sending twice enters one."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    where = forms.ChoiceField(label=pgettext_lazy("problem", "Where"))
    source = forms.ChoiceField(
        label=gettext_lazy("How it came to light"),
        choices=[choice for choice in ProblemSource.choices if choice[0] != ProblemSource.VISIT],
        widget=forms.RadioSelect,
    )
    found_on = day_field(gettext_lazy("Found on"))
    text = forms.CharField(label=gettext_lazy("The problem, in one line"), max_length=500)
    kind = forms.ChoiceField(
        label=pgettext_lazy("problem", "Class"),
        choices=[("", gettext_lazy("not said yet")), *ProblemKind.choices],
        required=False,
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Who can solve it"),
        choices=Difficulty,
        widget=forms.RadioSelect,
        initial=Difficulty.VILLAGE,
    )

    def __init__(self, data: Any = None, *, on: date, offered: list[tuple[str, Any]] | None = None) -> None:
        super().__init__(data, initial={"found_on": on})
        self.fields["found_on"].widget.attrs["max"] = on.isoformat()
        where: Any = self.fields["where"]
        where.choices = [("", _("choose a village or a household")), *(offered or [])]
        if offered is None:  # the address has named it
            del self.fields["where"]

    def arguments(self) -> dict[str, Any]:
        """What the verb takes beside the place. Needs a valid form."""
        names = ("source", "found_on", "text", "kind", "difficulty")
        return {"problem_id": self.cleaned_data["id"], **{name: self.cleaned_data[name] for name in names}}


def targets_offered(villages: Iterable[Village], households: Iterable[Household]) -> list[tuple[str, Any]]:
    """Villages and helped households by the way an address names them."""
    listed: list[tuple[str, Any]] = [(f"village={village.pk}", village.short_name) for village in villages]
    homes = [(f"household={home.pk}", home.head_name) for home in households]
    return [*listed, (str(_("Households")), homes)] if homes else listed


# Moves ----------------------------------------------------------------------------------------


class MoveForm(PlainForm, forms.Form):
    """The report of one move; `verb` is what takes it, `arguments()` what the verb takes."""

    kind_of_move: Move
    verb: Callable[..., Problem]
    button: Any

    def __init__(self, data: Any = None, *, problem: Problem, on: date) -> None:
        # Several forms stand on one page: each has names, and so labels, of its own.
        super().__init__(data, prefix=self.kind_of_move.value, initial=self.proposed(problem, on))
        for name in ("due_on", "solved_on"):
            if name in self.fields:
                self.fields[name].widget.attrs["max" if name == "solved_on" else "min"] = on.isoformat()
        self.prepare(problem, on)

    def proposed(self, problem: Problem, on: date) -> dict[str, Any]:
        """What the fields say before anybody has typed."""
        return {"due_on": on + timedelta(days=settings.PROBLEM_DAYS), "solved_on": on}

    def prepare(self, problem: Problem, on: date) -> None:
        """What a form offers depends on the problem."""

    def arguments(self) -> dict[str, Any]:
        """What the verb takes. Needs a valid form."""
        return dict(self.cleaned_data)

    @property
    def move(self) -> str:
        """The move's value, as it is sent."""
        return self.kind_of_move.value

    @property
    def label(self) -> str:
        """What the move is called."""
        return str(self.kind_of_move.label)


class AssignForm(MoveForm):
    """Who is to solve it, until when, and how."""

    kind_of_move, verb, button = Move.ASSIGN, staticmethod(assign_problem), gettext_lazy("Hand it over")

    given_to = forms.ChoiceField(label=gettext_lazy("Who solves it"))
    due_on = day_field(gettext_lazy("To be solved by"))
    kind = forms.ChoiceField(label=pgettext_lazy("problem", "Class"), choices=ProblemKind)
    difficulty = forms.ChoiceField(label=gettext_lazy("Who can solve it"), choices=Difficulty)
    measure = _words(gettext_lazy("What is to be done"), required=False)

    def proposed(self, problem: Problem, on: date) -> dict[str, Any]:
        """As it was given out before."""
        known = {"kind": problem.kind, "difficulty": problem.difficulty, "measure": problem.measure}
        owner = problem.given_to
        if owner is not None:
            known["given_to"] = f"{PERSON if isinstance(owner, Cadre) else UNIT}-{owner.pk}"
        return super().proposed(problem, on) | known

    def prepare(self, problem: Problem, on: date) -> None:
        """Who works in the village, and the units paired with it."""
        self.people = {f"{PERSON}-{one.pk}": one for one in people_for(problem.village_id, on)}
        self.units = {f"{UNIT}-{one.pk}": one for one in units_for(problem.village_id, on)}
        given_to: Any = self.fields["given_to"]
        given_to.choices = [
            ("", _("choose")),
            (str(_("People")), [(key, one.name) for key, one in self.people.items()]),
            (str(_("Partner units")), [(key, one.name) for key, one in self.units.items()]),
        ]

    def arguments(self) -> dict[str, Any]:
        """Person or unit apart."""
        said = super().arguments()
        key = said.pop("given_to")
        person: Cadre | None = self.people.get(key)
        unit: PartnerUnit | None = self.units.get(key)
        return said | {"responsible": person, "unit": unit}


class ProgressForm(MoveForm):
    """How it goes on."""

    kind_of_move, verb, button = Move.PROGRESS, staticmethod(report_progress), gettext_lazy("Report progress")

    words = _words(gettext_lazy("How it goes on"))


class SolveForm(MoveForm):
    """That it is solved, when and how."""

    kind_of_move, verb, button = Move.SOLVE, staticmethod(solve_problem), gettext_lazy("Report as solved")

    solved_on = day_field(gettext_lazy("Solved on"))
    result = _words(pgettext_lazy("problem", "Result"))


class VerifyForm(MoveForm):
    """That somebody else has seen it, and what the household says."""

    kind_of_move, verb, button = Move.VERIFY, staticmethod(verify_problem), gettext_lazy("It is solved")

    view = forms.ChoiceField(label=gettext_lazy("What the household says"), choices=View, widget=forms.RadioSelect)
    words = _words(gettext_lazy("What you saw"), required=False)


class CloseForm(MoveForm):
    """Off the ledger."""

    kind_of_move, verb, button = Move.CLOSE, staticmethod(close_problem), gettext_lazy("Close the problem")

    words = _words(gettext_lazy("A last word"), required=False)


class ReturnForm(MoveForm):
    """Not solved: back, with a reason and a new deadline."""

    kind_of_move, verb, button = Move.RETURN, staticmethod(return_problem), gettext_lazy("Send it back")

    words = _words(REASON)
    due_on = day_field(gettext_lazy("New deadline"))


class ExtendForm(MoveForm):
    """More time, with a reason."""

    kind_of_move, verb, button = Move.EXTEND, staticmethod(extend_deadline), gettext_lazy("Extend the deadline")

    due_on = day_field(gettext_lazy("New deadline"))
    words = _words(REASON)


class EscalateForm(MoveForm):
    """One level up, with a reason."""

    kind_of_move, verb, button = Move.ESCALATE, staticmethod(escalate_problem), gettext_lazy("Take it one level up")

    words = _words(REASON)


class WithdrawForm(MoveForm):
    """No problem at all, or entered twice."""

    kind_of_move, verb, button = Move.WITHDRAW, staticmethod(withdraw_problem), gettext_lazy("Withdraw the entry")

    words = _words(REASON)


FORMS: dict[str, type[MoveForm]] = {
    form.kind_of_move: form
    for form in (
        *(AssignForm, ProgressForm, SolveForm, VerifyForm, CloseForm, ReturnForm, ExtendForm, EscalateForm),
        WithdrawForm,
    )
}
