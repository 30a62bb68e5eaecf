"""Benefit links: choose households, enter once, record each year for all of an operator's links at a time."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from households.entering import households_to_enter
from households.forms.changes import EndLink, LinkCorrection, Removal, YearsForm
from households.forms.entries import LinkForm
from households.links import (
    alike,
    can_change_link,
    can_remove_link,
    correct_link,
    end_link,
    enter_links,
    record_years,
    remove_batch,
    remove_link,
)
from households.models import BenefitLink
from households.views.entering import Act, Sort, batch_page, choose_page, new_page
from villages.calendar import today
from villages.models import Cadre
from villages.requests import CadreRequest

LINKS_A_FORM = 600
YEARS_BACK = 3
BY_OPERATOR = ("household__village", "operator", "form", "household__group__number", "household__number", "pk")


def _rows(cadre: Cadre, on: date) -> Any:
    visible = BenefitLink.objects.visible_to(cadre, on).prefetch_related("years")
    return visible.select_related("household__village__town", "household__group", "recorded_by")


def _enter(form: LinkForm, actor: Cadre, on: date) -> list[BenefitLink]:
    return enter_links(
        form.instance,
        batch_id=form.cleaned_data["id"],
        household_ids=form.ticked,
        years=form.years(),
        actor=actor,
        on=on,
    )


def _correct(_row: BenefitLink, form: LinkCorrection, actor: Cadre, on: date) -> Any:
    return correct_link(form.instance, actor=actor, on=on, reason=form.cleaned_data["reason"])


def _end(row: BenefitLink, form: EndLink, actor: Cadre, on: date) -> Any:
    return end_link(row, actor=actor, on=on, **form.cleaned_data)


def _remove(row: BenefitLink, form: Removal, actor: Cadre, on: date) -> None:
    remove_link(row, actor=actor, on=on, reason=form.cleaned_data["reason"])


LINKS = Sort(
    name="link",
    template="link.html",
    receipt="link_batch.html",
    rows=_rows,
    form=LinkForm,
    enter=_enter,
    can_change=can_change_link,
    can_remove=can_remove_link,
    acts=(
        Act("end", EndLink, _end, _("The benefit link has ended.")),
        Act("correct", LinkCorrection, _correct, _("Corrected. The earlier values stay in the history.")),
        Act("remove", Removal, _remove, _("Taken back. The values stay in the history."), is_removal=True),
    ),
    words={
        "add": _("Add a benefit link"),
        "choose": _("Which households share in the earnings?"),
        "list": _("Benefit links"),
    },
    alike=alike,
    remove_batch=remove_batch,
)


@require_http_methods(["GET", "HEAD", "POST"])
def link_choose(request: CadreRequest) -> HttpResponse:
    """Tick the households that share in the earnings."""
    return choose_page(request, LINKS)


@require_http_methods(["GET", "HEAD", "POST"])
def link_new(request: CadreRequest) -> HttpResponse:
    """One form for the households ticked."""
    return new_page(request, LINKS)


@require_http_methods(["GET", "HEAD", "POST"])
def link_batch(request: CadreRequest, pk: UUID) -> HttpResponse:
    """What one form entered; posted, all of it is taken back."""
    return batch_page(request, LINKS, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def link_years(request: CadreRequest, pk: int, year: int) -> HttpResponse:
    """What a year brought by all links with this one's operator and form in the village; the row's own among them."""
    day = today()
    like = get_object_or_404(_rows(request.user, day), pk=pk)
    if not can_change_link(request.user, like, day):
        raise PermissionDenied
    form = YearsForm(request.POST or None, links=_alongside(like, year, request.user, day), year=year)
    if form.is_bound and form.is_valid():
        try:
            changed = record_years(form.years(), actor=request.user, on=day)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            said = ngettext("%(count)s household recorded.", "%(count)s households recorded.", changed)
            messages.success(request, said % {"count": changed})
            return redirect("link_years", pk, year)
    years = range(day.year - YEARS_BACK, day.year + 1)
    return render(request, "link_years.html", {"today": day, "like": like, "year": year, "years": years, "form": form})


def _alongside(like: BenefitLink, year: int, cadre: Cadre, on: date) -> list[BenefitLink]:
    """The links of the same operator and form in the village that ran in the year and are the cadre's to enter."""
    rows = _rows(cadre, on).in_year(year).filter(household__in=households_to_enter(cadre, on))
    same = rows.filter(operator=like.operator, form=like.form, household__village=like.household.village_id)
    return list(same.order_by(*BY_OPERATOR)[:LINKS_A_FORM])
