"""Ask why, then show one number in full: in the answer to that one POST and nowhere else."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from households.forms.revealing import RevealForm
from households.models import Household, Person
from households.revealing import Bearer, can_reveal, left_today, reveal
from villages.calendar import today
from villages.requests import CadreRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person_reveal(request: CadreRequest, pk: int) -> HttpResponse:
    """A person's identity number, telephone or bank account."""
    persons = Person.objects.visible_to(request.user, today()).select_related("household__village")
    person = get_object_or_404(persons, pk=pk)
    return _page(request, person, person.household)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def household_reveal(request: CadreRequest, pk: int) -> HttpResponse:
    """A household's telephone."""
    household = get_object_or_404(Household.objects.visible_to(request.user, today()).select_related("village"), pk=pk)
    return _page(request, household, household)


def _page(request: CadreRequest, bearer: Bearer, household: Household) -> HttpResponse:
    day = today()
    if not can_reveal(request.user, household, day):
        raise PermissionDenied
    form = RevealForm(request.POST or None, bearer=bearer, initial={"field": request.GET.get("which", "")})
    context: dict[str, Any] = {"name": str(bearer), "household": household}
    if form.is_bound and form.is_valid():
        field = form.cleaned_data["field"]
        try:
            revealed = reveal(bearer, field=field, reason=form.reason, actor=request.user, on=day)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return render(request, "revealed.html", context | {"revealed": revealed})
    return render(request, "reveal.html", context | {"form": form, "left_today": left_today(request.user, day)})
