"""What is asked before a phone is cut off, a held visit decided, or a file of unsent visits taken in."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.look import PlainForm
from casework.models import HeldReason, HeldVisit
from casework.unsent import LARGEST_FILE
from households.models import Household
from villages.models import Cadre

ACCEPT, DECLINE = "accept", "decline"


class CutOffForm(PlainForm, forms.Form):
    """Why a phone is cut off."""

    reason = forms.CharField(label=_("Why is the phone cut off?"), max_length=200)


class DecisionForm(PlainForm, forms.Form):
    """Accept or decline a held visit, and why."""

    number = forms.CharField(
        label=_("Number of the household that was meant"),
        max_length=30,
        required=False,
        help_text=_("Only to accept the visit; the one that was sent is not in the register."),
    )
    words = forms.CharField(
        label=_("Why do you decide so?"), max_length=200, help_text=_("Who sent the visit reads these words.")
    )
    decision = forms.ChoiceField(choices=[(ACCEPT, ""), (DECLINE, "")], widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, held: HeldVisit, cadre: Cadre, on: date) -> None:
        super().__init__(data)
        self._asked = (cadre, on)
        if held.reason != HeldReason.UNKNOWN_TARGET:
            del self.fields["number"]

    def clean_number(self) -> Household | None:
        """The household by its number, among those the decider sees."""
        number = self.cleaned_data["number"].strip()
        if not number:
            return None
        household = Household.objects.visible_to(*self._asked).filter(number=number).first()
        if household is None:
            raise forms.ValidationError(_("There is no household with this number in your places."))
        return household

    @property
    def is_acceptance(self) -> bool:
        """Whether the visit is to be stored. Needs a valid form."""
        return self.cleaned_data["decision"] == ACCEPT


class UnsentFileForm(PlainForm, forms.Form):
    """The file that a phone has saved."""

    file = forms.FileField(
        label=_("File of unsent visits"),
        help_text=_("The phone saves it when somebody logs out without a network."),
        max_length=200,
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )

    def clean_file(self) -> bytes:
        """Its content; one that is too long is cut, and then cannot be read."""
        return self.cleaned_data["file"].read(LARGEST_FILE + 1)  # type: ignore[no-any-return]
