"""What was found, what a step brought, why a record is corrected; and which cases are asked for."""

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from households.clock import earliest_end_of_notice
from households.models import CaseState, CaseStep, Channel, Clearing, MonitoringCase, MonitoringType, Risk, Step
from households.models.categories import MOST_RISKS, in_year
from households.steps import StepReport
from villages.look import PlainForm, day_field
from villages.models import Town

# What the result of each step is, for whoever writes it down.
RESULTS: dict[str, Any] = {
    Step.CHECK: gettext_lazy("What you saw and checked at the household's home."),
    Step.APPRAISE: gettext_lazy("How many took part, how many agreed, what was said."),
    Step.NOTICE: gettext_lazy("Where it hangs; may stay empty."),
    Step.REVIEW: gettext_lazy("Whether anybody objected during the notice, and what the town found."),
    Step.DECIDE: gettext_lazy("The decision, and the measures that follow."),
    Step.CLEAR: gettext_lazy("What has changed for the household."),
    Step.REJECT: gettext_lazy("Kept with the case; the household may ask for it."),
}
PEOPLE: dict[str, Any] = {
    Step.CHECK: gettext_lazy("Who went to the household's home."),
    Step.APPRAISE: gettext_lazy("Who held the meeting."),
    Step.NOTICE: gettext_lazy("Who put it up."),
}


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class FindingForm(PlainForm, forms.Form):
    """What was found at a household."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    channel = forms.ChoiceField(
        label=gettext_lazy("How it was discovered"), choices=Channel, widget=forms.RadioSelect, initial=Channel.CADRE
    )
    monitoring_type = forms.ChoiceField(
        label=gettext_lazy("Monitoring type"), choices=MonitoringType, widget=forms.RadioSelect
    )
    risks = forms.MultipleChoiceField(
        label=gettext_lazy("Risks"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("One to five. The public notice does not show them."),
        error_messages={"required": gettext_lazy("Choose one to five risks.")},
    )
    found_on = day_field(gettext_lazy("Found on"))
    description = forms.CharField(
        label=gettext_lazy("What was found"),
        required=False,
        max_length=1000,
        widget=_words(4),
        help_text=gettext_lazy("In a few words; may stay empty."),
    )

    def __init__(self, data: Any = None, *, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        risks: Any = self.fields["risks"]
        risks.choices = in_year(Risk, on.year)
        self.fields["found_on"].initial = on
        self.fields["found_on"].widget.attrs["max"] = on.isoformat()

    def clean_risks(self) -> list[str]:
        """At most five."""
        chosen: list[str] = self.cleaned_data["risks"]
        if len(chosen) > MOST_RISKS:
            raise forms.ValidationError(_("Choose one to five risks."))
        return chosen

    def finding(self) -> dict[str, Any]:
        """The arguments of the verbs. Needs a valid form."""
        names = ("channel", "monitoring_type", "risks", "found_on", "description")
        return {name: self.cleaned_data[name] for name in names}


def reason_field() -> forms.CharField:
    """Why a record is corrected."""
    return forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=200,
        help_text=gettext_lazy("Kept in the history beside the values before and after."),
    )


class FindingCorrectionForm(FindingForm):
    """A correction of what was found."""

    reason = reason_field()

    def __init__(self, data: Any = None, *, case: MonitoringCase, on: date) -> None:
        names = ("channel", "monitoring_type", "risks", "found_on", "description")
        super().__init__(data, on=on, initial={name: getattr(case, name) for name in names})
        del self.fields["request_key"]
        self.fields["found_on"].initial = case.found_on


class StepForm(PlainForm, forms.Form):
    """The report of one step; which fields it has depends on the step."""

    is_authorised = forms.BooleanField(
        label=gettext_lazy("The household has signed the authorisation to check its data"), required=False
    )
    done_on = day_field(gettext_lazy("Done on"))
    until = day_field(gettext_lazy("Last day of the notice"), required=False)
    people = forms.CharField(label=gettext_lazy("Who took part"), max_length=200)
    clearing = forms.ChoiceField(
        label=pgettext_lazy("monitoring", "How the risk was cleared"),
        choices=Clearing,
        widget=forms.RadioSelect,
        required=False,
    )
    risks_gone = forms.MultipleChoiceField(
        label=gettext_lazy("Risks that are gone"), widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label=pgettext_lazy("of a step", "Result"), max_length=500, required=False, widget=_words(3))

    def __init__(self, data: Any = None, *, case: MonitoringCase, step: str, on: date, name: str = "") -> None:
        super().__init__(
            data, prefix=None, initial={"done_on": on, "people": name, "until": earliest_end_of_notice(on)}
        )
        self.case, self.step = case, step
        self.fields["done_on"].widget.attrs["max"] = on.isoformat()
        self.fields["note"].help_text = RESULTS[step]
        self.fields["people"].help_text = PEOPLE.get(step, "")
        risks: Any = self.fields["risks_gone"]
        risks.choices = [(risk, label) for risk, label in Risk.choices if risk in case.risks]
        self._keep_fields_of(step)

    def _keep_fields_of(self, step: str) -> None:
        if step == Step.NOTICE:
            self.fields["done_on"].label = _("First day of the notice")
            del self.fields["done_on"].widget.attrs["max"]
        else:
            del self.fields["until"]
        if step != Step.CHECK:
            del self.fields["is_authorised"]
        if step != Step.CLEAR:
            del self.fields["clearing"], self.fields["risks_gone"]
        if step == Step.REJECT:
            self.fields["note"].label = _("Why it is not accepted")

    def report(self) -> StepReport:
        """What the verb takes. Needs a valid form."""
        known = {name: self.cleaned_data[name] for name in self.fields if name != "reason"}
        return StepReport(step=self.step, **known)


class StepCorrectionForm(StepForm):
    """A correction of the record of a step."""

    reason = reason_field()

    def __init__(self, data: Any = None, *, row: CaseStep, case: MonitoringCase, on: date) -> None:
        super().__init__(data, case=case, step=row.step, on=on)
        stored = {"done_on": row.done_on, "people": row.people, "note": row.note, "until": case.notice_until}
        stored["clearing"] = case.clearing
        self.initial = {**self.initial, **stored}
        for name in ("is_authorised", "risks_gone"):
            self.fields.pop(name, None)


class TakingBackForm(PlainForm, forms.Form):
    """Why a decision or a clearing is taken back."""

    step = forms.CharField(widget=forms.HiddenInput)
    reason = reason_field()

    def __init__(self, data: Any = None, *, case: MonitoringCase) -> None:
        super().__init__(data, initial={"step": case.taking_back})


class NoticeDaysForm(PlainForm, forms.Form):
    """The days a notice is printed for, before it hangs: proposed from today, changed by whoever prints it."""

    first = day_field(gettext_lazy("First day of the notice"), required=False)
    last = day_field(gettext_lazy("Last day of the notice"), required=False)

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data or None, initial={"first": on, "last": earliest_end_of_notice(on)})
        self.on = on

    def days(self) -> tuple[date, date]:
        """First and last day; a notice that would be too short ends as early as it may."""
        self.is_valid()
        known = self.cleaned_data if self.is_bound else {}
        first = known.get("first") or self.on
        earliest = earliest_end_of_notice(first)
        return first, max(known.get("last") or earliest, earliest)

    def answered(self) -> "NoticeDaysForm":
        """The form as it is shown again: with the days that are printed."""
        form = NoticeDaysForm(None, on=self.on)
        form.initial = dict(zip(("first", "last"), self.days(), strict=True))
        return form


OVERDUE = "overdue"


class CasesQuery(PlainForm, forms.Form):
    """Which cases are asked for; what makes no sense counts as not asked."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            ("", gettext_lazy("all states")),
            (OVERDUE, gettext_lazy("overdue")),
            *CaseState.choices,
        ],
        required=False,
    )
    town = forms.ChoiceField(label=gettext_lazy("Town"), required=False)

    def __init__(self, data: Any, *, towns: list[Town]) -> None:
        super().__init__(data)
        town: Any = self.fields["town"]
        town.choices = [("", _("all towns")), *((town.pk, town.name) for town in towns)]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def asked(self) -> dict[str, str]:
        """The valid answers."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    def narrowed(self, cases: Any, on: date) -> Any:
        """The cases that are asked for."""
        asked = self.asked()
        if asked["town"]:
            cases = cases.within(asked["town"])
        if asked["state"] == OVERDUE:
            return cases.overdue(on)
        return cases.filter(state=asked["state"]) if asked["state"] else cases

    @property
    def address(self) -> str:
        """The query of an address that asks the same."""
        return urlencode({name: value for name, value in self.asked().items() if value})

    @property
    def page_query(self) -> str:
        """The beginning of the address of another page of the same list."""
        return f"{self.address}&" if self.address else ""
