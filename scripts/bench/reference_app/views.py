"""Save a visit with nothing but a checked form and two inserts; show a page with nothing on it."""

import uuid

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from casework.models import Contact, Outcome, Visit
from households.models import Household
from villages.models import AuditEntry


class PlainVisitForm(forms.Form):
    """The fields of the visit form; the household is checked to exist, and nothing else."""

    id = forms.UUIDField(initial=uuid.uuid4)
    household = forms.ModelChoiceField(Household.objects.order_by())
    visitors = forms.TypedMultipleChoiceField(coerce=int)
    visited_on = forms.DateField()
    contact = forms.ChoiceField(choices=Contact)
    outcome = forms.ChoiceField(choices=Outcome)
    note = forms.CharField(required=False, max_length=5000)
    has_problem = forms.ChoiceField(choices=[("no", "no"), ("yes", "yes")])
    problem = forms.CharField(required=False, max_length=500)


def save_visit(request: HttpRequest) -> HttpResponse:
    """Check the form, insert the visit and the audit entry, redirect. No scope, no visitors, no credit."""
    form = PlainVisitForm(request.POST)
    visitors = form.fields["visitors"]
    assert isinstance(visitors, forms.ChoiceField)
    visitors.choices = [(request.user.pk, "")]
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=422)
    values = form.cleaned_data
    with transaction.atomic():
        visit = Visit.objects.create(
            id=values["id"],
            household=values["household"],
            village_id=values["household"].village_id,
            visited_on=values["visited_on"],
            contact=values["contact"],
            outcome=values["outcome"],
            note=values["note"],
            problem=values["problem"],
            entered_by_id=request.user.pk,
            received_at=timezone.now(),
        )
        AuditEntry.objects.create(
            actor_id=request.user.pk,
            verb="visit.recorded",
            target_type="casework.Visit",
            target_id=str(visit.pk),
            village_id=visit.village_id,
        )
    return redirect("visit_receipt", visit.pk)


def empty_page(request: HttpRequest) -> HttpResponse:
    """The page's frame for somebody who is signed in."""
    return render(request, "reference_page.html")
