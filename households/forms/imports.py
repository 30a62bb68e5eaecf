"""The forms around an import: which file, and what is confirmed."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from households.imports import can_import
from households.models import ImportKind, RegisterImport
from villages.models import Cadre

OURS, THEIRS = "ours", "register"


class UploadForm(forms.Form):
    """A file, what it holds, and the day it was exported."""

    kind = forms.ChoiceField(label=_("What does the file hold?"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("The export as it comes, .xlsx or .csv. Title rows above the header do no harm."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty. Export or save it again, then upload it."),
        },
    )
    as_of = forms.DateField(
        label=_("Day of the export"),
        help_text=_("The household file names it as the day its facts are of."),
        widget=AdminDateWidget,
    )

    def __init__(self, *args: Any, cadre: Cadre, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.label) for kind in ImportKind if can_import(cadre, kind, on)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """What the confirming clerk decides; only what there is to decide is asked."""

    takes_conflicts = forms.ChoiceField(
        label=_("Where both the register and we have changed a value"),
        choices=[(THEIRS, _("the register's value replaces ours")), (OURS, _("ours stays"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Decide whose values stand where both sides have changed.")},
    )
    lets_leave = forms.BooleanField(required=False)

    def __init__(self, *args: Any, job: RegisterImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = job.facts
        households, persons = facts.get("gone", 0), facts.get("persons_gone", 0)
        if not facts.get("conflicts"):
            del self.fields["takes_conflicts"]
        if not households and not persons:
            del self.fields["lets_leave"]
        else:
            self.fields["lets_leave"].label = _who_would_leave(households, persons)

    def decisions(self) -> dict[str, Any]:
        """As the verb takes them."""
        taken = self.cleaned_data.get("takes_conflicts")
        return {
            "lets_leave": self.cleaned_data.get("lets_leave", False),
            "takes_conflicts": None if taken is None else taken == THEIRS,
        }


def _who_would_leave(households: int, persons: int) -> str:
    """What is decided about those who are no longer in the file; of whom there are none nothing is said."""
    homes = ngettext("%(count)s household", "%(count)s households", households) % {"count": households}
    single = ngettext("%(count)s person", "%(count)s persons", persons) % {"count": persons}
    said = [words for words, number in ((homes, households), (single, persons)) if number]
    return gettext("No longer in the file: let %(who)s leave") % {"who": gettext(" and ").join(said)}
