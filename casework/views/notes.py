"""Reviewers' notes: write one on a household, village or town; see one, finish it, correct it, take it back."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from casework.forms.notes import FinishForm, NoteForm, SubjectQuery, WithdrawForm
from casework.models import ReviewNote
from casework.notes import (
    TOWN_DIGITS,
    Subject,
    can_change_note,
    can_finish_note,
    can_write_note,
    code_of,
    correct_note,
    finish_note,
    withdraw_note,
    write_note,
)
from casework.views.requests import CadreRequest
from households.models import Household
from villages.calendar import today
from villages.models import Town, Village

ACTS: dict[str, Any] = {"finish": finish_note, "correct": correct_note, "withdraw": withdraw_note}


@require_http_methods(["GET", "HEAD", "POST"])
def note_new(request: CadreRequest) -> HttpResponse:
    """Write a note on what ?household= or ?place= names."""
    day = today()
    subject = _subject(request, day)
    if not can_write_note(request.user, code_of(subject), day):
        raise PermissionDenied
    form = NoteForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            write_note(subject=subject, actor=request.user, on=day, **form.cleaned_data)
            return redirect(_page_of(subject))
        except ValidationError as refusal:
            form.add_refusal(refusal)
    context = {"today": day, "form": form, "subject": _name_of(subject), "back": _page_of(subject)}
    return render(request, "note_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: CadreRequest, pk: int) -> HttpResponse:
    """One note, and what may be done with it now."""
    day = today()
    rows = ReviewNote.objects.visible_to(request.user, day).select_related(
        "author", "done_by", "household__village", "village", "town"
    )
    found = get_object_or_404(rows, pk=pk)
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    forms = _forms(request, found, asked, day)
    if asked:
        if asked not in forms:
            raise PermissionDenied
        if forms[asked].is_valid():
            try:
                ACTS[asked](note_id=pk, actor=request.user, on=day, **forms[asked].cleaned_data)
                return redirect("note", pk)
            except ValidationError as refusal:
                forms[asked].add_refusal(refusal)
    subject = found.household or found.village or found.town
    context = {"today": day, "note": found, "forms": forms, "asked": asked, "subject": _name_of(subject)}
    return render(request, "note.html", context | {"back": _page_of(subject)})


def _forms(request: CadreRequest, found: ReviewNote, asked: str, day: date) -> dict[str, Any]:
    forms: dict[str, Any] = {}

    def data(act: str) -> Any:
        return request.POST if act == asked else None

    if can_finish_note(request.user, found, day):
        forms["finish"] = FinishForm(data("finish"))
    if can_change_note(request.user, found, day):
        forms["correct"] = NoteForm(data("correct"), initial={"text": found.text, "due_on": found.due_on})
        forms["withdraw"] = WithdrawForm(data("withdraw"))
    return forms


def _subject(request: CadreRequest, day: date) -> Subject:
    """What the note is to be about, as far as the cadre sees it. Raises Http404."""
    household, place = SubjectQuery(request.GET).asked()
    if household:
        return get_object_or_404(
            Household.objects.visible_to(request.user, day).select_related("village"), pk=household
        )
    if not place:
        raise Http404
    if len(place) == TOWN_DIGITS:
        return get_object_or_404(Town.objects.visible_to(request.user, day), pk=place)
    return get_object_or_404(Village.objects.visible_to(request.user, day), pk=place)


def _name_of(subject: Any) -> str:
    return subject.short_name if isinstance(subject, Village) else str(subject)


def _page_of(subject: Any) -> str:
    """Where the note shows: the page of its household or village; a town's stands over its lists."""
    if isinstance(subject, Household):
        return reverse("household", args=[subject.pk])
    if isinstance(subject, Village):
        return reverse("village", args=[subject.pk])
    return f"{reverse('coverage_home')}?place={subject.pk}"
