"""One visit of the week's sample: who asks, the household's own answer, the reply of those who went."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from casework.flags import in_words
from casework.forms.rechecks import AnswerForm, ReplyForm, ReviewerForm
from casework.models import Recheck, VisitFlag
from casework.rechecks import (
    answer_recheck,
    can_answer,
    can_name_reviewer,
    can_reply,
    name_reviewer,
    reply_to_recheck,
)
from casework.views.requests import CadreRequest
from households.models import Household
from villages.calendar import today

ACTS: dict[str, Any] = {"reviewer": name_reviewer, "answer": answer_recheck, "reply": reply_to_recheck}


@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request: CadreRequest, pk: int) -> HttpResponse:
    """The visit as it was reported, and what may be done about it now; each form calls its verb."""
    day = today()
    rows = Recheck.objects.visible_to(request.user, day).select_related(
        "visit__village__town", "household__group", "reviewer", "answered_by", "replied_by", "draw"
    )
    found = get_object_or_404(rows, pk=pk)
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    forms = _forms(request, found, asked)
    if asked:
        if asked not in forms:
            raise PermissionDenied
        if forms[asked].is_valid():
            try:
                ACTS[asked](recheck_id=pk, actor=request.user, on=day, **_values(asked, forms[asked].cleaned_data))
                return redirect("recheck", pk)
            except ValidationError as refusal:
                forms[asked].add_refusal(refusal)
    context = {
        "today": day,
        "recheck": found,
        "visit": found.visit,
        "forms": forms,
        "asked": asked,
        "questions": [in_words(flag) for flag in VisitFlag.objects.filter(visit=found.visit_id).order_by("pk")],
        "sees_household": Household.objects.visible_to(request.user, day).filter(pk=found.household_id).exists(),
    }
    return render(request, "recheck.html", context)


def _forms(request: CadreRequest, found: Recheck, asked: str) -> dict[str, Any]:
    """The forms open to this reader, by act; the one that was sent with its data."""
    day = today()
    forms: dict[str, Any] = {}

    def data(act: str) -> Any:
        return request.POST if act == asked else None

    if can_answer(request.user, found, day):
        forms["answer"] = AnswerForm(data("answer"), initial=_initial(found))
    if can_name_reviewer(request.user, found, day):
        forms["reviewer"] = ReviewerForm(data("reviewer"), recheck=found, on=day)
    if can_reply(request.user, found):
        forms["reply"] = ReplyForm(data("reply"), initial={"reply": found.reply})
    return forms


def _initial(found: Recheck) -> dict[str, Any]:
    return {"answer": found.answer, "way": found.way or "phone", "words": found.words}


def _values(act: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    return {"words": cleaned["reply"]} if act == "reply" else cleaned
