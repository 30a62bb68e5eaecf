"""What a cadre reports of a visit: three fields are enough, the others are filled in already."""

import uuid
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from casework.forms.confirmations import Confirming
from casework.forms.look import PlainForm, day_field
from casework.forms.more import More
from casework.models import Contact, Outcome, Visit
from casework.people import seats_of
from casework.report import VisitReport
from casework.report_checks import colleagues_of
from casework.sight import saw, sees, unread
from households.models import Household
from villages.models import Cadre, Village

YES, NO = "yes", "no"
LATELY = timedelta(days=62)


class Target:
    """The household, or the village, a visit goes to. Read from the database when somebody looks at it.

    `seen_on` is the day of a visit that is entered late, on which the cadre saw it at the latest.
    """

    def __init__(self, row: Household | Village, seen_on: date | None = None) -> None:
        self.household = row if isinstance(row, Household) else None
        self._village = row if isinstance(row, Village) else None
        self.seen_on = seen_on

    @property
    def row(self) -> Household | Village:
        """The household or the village."""
        return self.household or self.village

    @property
    def village(self) -> Village:
        """The village itself, or the one in which the household lives."""
        return self.household.village if self.household else self._village  # type: ignore[return-value]

    @property
    def query(self) -> str:
        """How an address names the target."""
        where = f"household={self.household.pk}" if self.household else f"village={self.village.pk}"
        return f"{where}&on={self.seen_on.isoformat()}" if self.seen_on else where


class TargetQuery(forms.Form):
    """The target as an address names it, and the day of the visit for whoever enters it late."""

    household = forms.IntegerField(required=False)
    village = forms.RegexField(r"^\d{12}\Z", required=False)
    visit = forms.UUIDField(required=False)
    on = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def named(self) -> Target:
        """The target by its key alone, whoever may see it. Raises Http404 when none is named."""
        if self.is_valid():
            for model, field in ((Household, "household"), (Village, "village")):
                if pk := self.cleaned_data[field]:
                    return Target(unread(model, pk))
        raise Http404

    def target(self, cadre: Cadre, on: date, visited_on: date | None = None) -> Target:
        """The target when the cadre sees it that day, or saw it on the day of the visit. Raises Http404 otherwise.

        As the verb: whoever has handed over a post enters what was done in it. `visited_on` is the day in the form,
        which goes before the one in the address.
        """
        target, past = self.named(), self.cleaned_data["on"]
        if not sees(cadre, target.row, on):
            past = visited_on or past
            if past is None or past > on or not saw(cadre, target.row, past):
                raise Http404
        seen_on = past if past and past <= on else None
        if target.household is None:
            return Target(Village.objects.get(pk=target.village.pk), seen_on)
        found = Household.objects.select_related("village", "group").get(pk=target.household.pk)
        return Target(found, seen_on)

    def known(self, cadre: Cadre, on: date) -> Visit | None:
        """The visit being corrected, when the address names one the cadre sees."""
        key = self.cleaned_data.get("visit") if self.is_valid() else None
        return Visit.objects.visible_to(cadre, on).filter(pk=key).first() if key else None


def people_for(village_id: str, cadre: Cadre, on: date) -> list[tuple[Cadre, str]]:
    """The cadre first, then the colleagues of the village, each with the posts they hold over it."""
    posts: dict[int, list[str]] = defaultdict(list)
    for seat in seats_of(village_id, on):
        for holder in seat.holders:
            posts[holder.pk].append(seat.label)
    # A visit entered late may name who has handed over since; whether it was so that day, the verb decides.
    colleagues = colleagues_of(village_id, on - LATELY, on)
    people = [cadre, *(person for person in colleagues if person.pk != cadre.pk)]
    return [(person, " / ".join(posts[person.pk])) for person in people]


class VisitForm(PlainForm, forms.Form):
    """One visit. The id is made when the form opens, so that sending twice stores once."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    visitors = forms.TypedMultipleChoiceField(
        label=_("Who went"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Name at least one person who went.")},
    )
    visited_on = day_field(_("Day"))
    contact = forms.ChoiceField(label=_("How you met"), choices=Contact, widget=forms.RadioSelect, initial=Contact.HOME)
    outcome = forms.ChoiceField(label=_("Whom you met"), choices=Outcome, widget=forms.RadioSelect, initial=Outcome.MET)
    note = forms.CharField(
        label=_("What you saw and heard"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("One sentence is enough.")}),
    )
    has_problem = forms.ChoiceField(
        label=_("Any problem?"), choices=[(NO, _("no")), (YES, _("yes"))], widget=forms.RadioSelect, initial=NO
    )
    problem = forms.CharField(label=_("The problem, in one line"), required=False, max_length=500)

    def __init__(
        self, data: Any = None, *, target: Target, cadre: Cadre, on: date, known: Visit | None = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.target = target
        self._asked = (cadre, on)
        self._known = known
        self.confirming = Confirming(data, known)
        self.more = More(data, is_household=target.household is not None, known=known)
        # Who went alone, as most do, needs no list of colleagues before the form is shown again.
        is_alone = data is not None and set(data.getlist("visitors")) == {str(cadre.pk)}
        self._offer([(cadre, "")] if is_alone else people_for(target.village.pk, cadre, on))
        self.fields["visited_on"].widget.attrs["max"] = on.isoformat()
        self.initial.setdefault("visited_on", target.seen_on or on)
        self.initial.setdefault("visitors", [cadre.pk])

    def _offer(self, people: list[tuple[Cadre, str]]) -> None:
        """Let these people be ticked, and everybody whom the visit being corrected names."""
        if self._known is not None:
            named = {person.pk for person, _posts in people}
            people = [*people, *((person, "") for person in self._known.visitors.all() if person.pk not in named)]
        self.people = {person.pk: person for person, _posts in people}
        visitors: Any = self.fields["visitors"]
        visitors.choices = [
            (person.pk, f"{person.name} · {posts}" if posts else person.name) for person, posts in people
        ]

    def offer_everybody(self) -> None:
        """Fill in the colleagues, before the form is shown."""
        self._offer(people_for(self.target.village.pk, *self._asked))

    def clean(self) -> dict[str, Any]:
        """A problem is either named or not there."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("has_problem") != YES:
            cleaned["problem"] = ""
        elif not cleaned.get("problem") and "problem" not in self.errors:
            self.add_error("problem", _("Write the problem in one line, or choose “no”."))
        return cleaned

    @property
    def people_beside(self) -> list[Any]:
        """The checkboxes of everybody but the person who types."""
        return list(self["visitors"])[1:]

    @property
    def has_company(self) -> bool:
        """Whether somebody beside the person who types is ticked."""
        chosen = {str(value) for value in self["visitors"].value() or []}
        return bool(chosen & {str(pk) for pk in list(self.people)[1:]})

    @property
    def has_named_problem(self) -> bool:
        """Whether "yes, a problem" is chosen."""
        return self["has_problem"].value() == YES

    def report(self) -> VisitReport:
        """The report for the verbs. Needs a valid form."""
        return self._report(self.cleaned_data)

    def draft_report(self) -> VisitReport | None:
        """What would be reported as the form stands, valid or not; None while day or people are missing."""
        values = {name: self[name].initial for name in self.fields}
        if self.is_bound:
            self.is_valid()
            values = {"id": uuid.uuid4(), "visitors": [], "note": "", "problem": ""} | self.cleaned_data
        if any(not values.get(name) for name in ("visited_on", "contact", "outcome", "visitors")):
            return None
        return self._report(values)

    def as_another(self) -> Any:
        """What was typed, under a fresh id: to store it as a visit of its own."""
        typed: Any = self.data
        data = typed.copy()
        data["id"] = str(uuid.uuid4())
        return data

    def _report(self, values: dict[str, Any]) -> VisitReport:
        return VisitReport(
            id=values["id"],
            household=self.target.household,
            village=None if self.target.household else self.target.village,
            visited_on=values["visited_on"],
            contact=values["contact"],
            outcome=values["outcome"],
            visitors=[self.people[pk] for pk in values["visitors"]],
            note=values["note"] or "",
            problem=values["problem"] or "",
            confirmations=self.confirming.answers(),
            extras=self.more.extras(),
        )


class CorrectionForm(VisitForm):
    """A new version of a visit, with the reason for it."""

    reason = forms.CharField(
        label=_("Why is it corrected?"), max_length=200, help_text=_("A few words. The earlier version stays visible.")
    )
    withdraw = forms.BooleanField(
        label=_("The visit did not take place: withdraw it"), required=False, help_text=_("It then counts for nothing.")
    )

    def __init__(self, data: Any = None, *, visit: Visit, cadre: Cadre, on: date) -> None:
        initial = {
            "visited_on": visit.visited_on,
            "contact": visit.contact,
            "outcome": visit.outcome,
            "note": visit.note,
            "has_problem": YES if visit.problem else NO,
            "problem": visit.problem,
            "visitors": [person.pk for person in visit.visitors.all()],
        }
        target = Target(visit.household or visit.village)
        super().__init__(data, target=target, cadre=cadre, on=on, known=visit, initial=initial)

    def why(self) -> dict[str, Any]:
        """Reason and withdrawal, for the verb. Needs a valid form."""
        return {"reason": self.cleaned_data["reason"], "withdraw": self.cleaned_data["withdraw"]}
