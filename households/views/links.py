"""What the pages of benefit links show; and each year recorded for all of an operator's links at a time."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from households import links
from households.entering import can_change, households_to_enter
from households.forms.changes import EndLink, LinkCorrection, YearsForm
from households.forms.entries import LinkForm
from households.models import BenefitLink
from households.views.entering import Sort
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
    options: Any = {
        "batch_id": form.cleaned_data["id"],
        "household_ids": form.ticked,
        "actor": actor,
        "on": on,
    }
    return links.enter_links(form.instance, years=form.years(), **options)


LINKS = Sort(
    kind=links.LINKS,
    template="link.html",
    receipt="link_batch.html",
    rows=_rows,
    form=LinkForm,
    enter=_enter,
    end=EndLink,
    correction=LinkCorrection,
    words={
        "add": _("Add a benefit link"),
        "choose": _("Which households share in the earnings?"),
        "list": _("Benefit links"),
        "end": _("End several benefit links at once"),
        "ended": _("The benefit link has ended."),
    },
)


@require_http_methods(["GET", "HEAD", "POST"])
def link_years(request: CadreRequest, pk: int, year: int) -> HttpResponse:
    """What a year brought by all links with this one's operator and form in the village; the row's own among them."""
    day = today()
    like = get_object_or_404(_rows(request.user, day), pk=pk)
    if not can_change(request.user, like, day):
        raise PermissionDenied
    form = YearsForm(request.POST or None, links=_alongside(like, year, request.user, day), year=year)
    if form.is_bound and form.is_valid():
        try:
            changed = links.record_years(form.years(), actor=request.user, on=day)
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
