"""Measures: tick households, enter once; what is entered, and what can be done to it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from households.forms.changes import EndMeasure, MeasureCorrection, Removal
from households.forms.entries import MeasureForm
from households.measures import (
    alike,
    can_change_measure,
    can_remove_measure,
    correct_measure,
    end_measure,
    enter_measures,
    measures_shown_to,
    remove_batch,
    remove_measure,
)
from households.models import Measure
from households.views.entering import Act, Sort, batch_page, choose_page, new_page
from villages.models import Cadre
from villages.requests import CadreRequest

BY_PLACE = ("household__village", "household__group__number", "household__number", "-starts_on", "pk")


def _rows(cadre: Cadre, on: date) -> Any:
    return measures_shown_to(cadre, on).select_related(
        "household__village__town", "household__group", "person", "recorded_by"
    )


def _enter(form: MeasureForm, actor: Cadre, on: date) -> list[Measure]:
    values = form.cleaned_data
    return enter_measures(
        form.instance,
        batch_id=values["id"],
        household_ids=form.ticked,
        amounts=form.amounts(),
        actor=actor,
        on=on,
    )


def _correct(_row: Measure, form: MeasureCorrection, actor: Cadre, on: date) -> Any:
    return correct_measure(form.instance, actor=actor, on=on, reason=form.cleaned_data["reason"])


def _end(row: Measure, form: EndMeasure, actor: Cadre, on: date) -> Any:
    return end_measure(row, actor=actor, on=on, **form.cleaned_data)


def _remove(row: Measure, form: Removal, actor: Cadre, on: date) -> None:
    remove_measure(row, actor=actor, on=on, reason=form.cleaned_data["reason"])


MEASURES = Sort(
    name="measure",
    template="measure.html",
    receipt="measure_batch.html",
    rows=_rows,
    form=MeasureForm,
    enter=_enter,
    can_change=can_change_measure,
    can_remove=can_remove_measure,
    acts=(
        Act("end", EndMeasure, _end, _("The measure has ended.")),
        Act("correct", MeasureCorrection, _correct, _("Corrected. The earlier values stay in the history.")),
        Act("remove", Removal, _remove, _("Taken back. The values stay in the history."), is_removal=True),
    ),
    words={"add": _("Add a measure"), "choose": _("For which households is the measure?"), "list": _("Measures")},
    alike=alike,
    remove_batch=remove_batch,
)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_choose(request: CadreRequest) -> HttpResponse:
    """Tick the households a measure is for."""
    return choose_page(request, MEASURES)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: CadreRequest) -> HttpResponse:
    """One form for the households ticked."""
    return new_page(request, MEASURES)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_batch(request: CadreRequest, pk: UUID) -> HttpResponse:
    """What one form entered; posted, all of it is taken back."""
    return batch_page(request, MEASURES, pk)
