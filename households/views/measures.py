"""What the pages of measures show, and how their form is entered; households/views/entering.py has the pages."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from households import measures
from households.forms.changes import EndMeasure, MeasureCorrection
from households.forms.entries import MeasureForm
from households.models import Measure
from households.views.entering import Sort
from villages.models import Cadre

BY_PLACE = ("household__village", "household__group__number", "household__number", "-starts_on", "pk")


def _rows(cadre: Cadre, on: date) -> Any:
    visible = measures.measures_shown_to(cadre, on)
    return visible.select_related("household__village__town", "household__group", "person", "recorded_by")


def _enter(form: MeasureForm, actor: Cadre, on: date) -> list[Measure]:
    options: Any = {
        "batch_id": form.cleaned_data["id"],
        "household_ids": form.ticked,
        "actor": actor,
        "on": on,
    }
    return measures.enter_measures(form.instance, amounts=form.amounts(), **options)


MEASURES = Sort(
    kind=measures.MEASURES,
    template="measure.html",
    receipt="measure_batch.html",
    rows=_rows,
    form=MeasureForm,
    enter=_enter,
    end=EndMeasure,
    correction=MeasureCorrection,
    words={
        "add": _("Add a measure"),
        "choose": _("For which households is the measure?"),
        "list": _("Measures"),
        "end": _("End several measures at once"),
        "ended": _("The measure has ended."),
    },
)
