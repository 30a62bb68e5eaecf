"""Questions about visits: one's own to explain, and for supervisors those of their places with what was said."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from casework.flags import can_explain_flag, explain_flag, own_flags, supervised_flags
from casework.forms.flags import ExplainForm, told
from casework.models import VisitFlag
from casework.views.requests import CadreRequest
from villages import reach
from villages.calendar import today

FLAGS_A_PAGE = 30


@require_safe
def flags(request: CadreRequest) -> HttpResponse:
    """One's own; with ?places=1 those of the places one supervises, in order of places."""
    day = today()
    is_supervisor = reach.holds_any(request.user, reach.SUPERVISORS, day)
    is_of_places = is_supervisor and "places" in request.GET
    rows = supervised_flags(request.user, day) if is_of_places else own_flags(request.user)
    page = Paginator(rows, FLAGS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "today": day,
        "page": page,
        "rows": told(page.object_list),
        "is_of_places": is_of_places,
        "is_supervisor": is_supervisor,
    }
    return render(request, "flags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def flag_explain(request: CadreRequest, pk: int) -> HttpResponse:
    """Explain one; a tap on the receipt or in the list comes here and leads back."""
    day = today()
    rows = VisitFlag.objects.visible_to(request.user, day).select_related("visit__household", "visit__village")
    flag = get_object_or_404(rows, pk=pk)
    if not can_explain_flag(request.user, flag):
        raise PermissionDenied
    form = ExplainForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            explain_flag(flag_id=pk, actor=request.user, on=day, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect(_back(request, flag))
    [row] = told([flag], form, pk)
    return render(request, "flag.html", {"today": day, "told": row})


def _back(request: CadreRequest, flag: VisitFlag) -> str:
    """The page of ours that the tap came from, otherwise the visit."""
    came_from = request.POST.get("next", "")
    is_ours = came_from.startswith("/") and url_has_allowed_host_and_scheme(came_from, allowed_hosts=None)
    return came_from if is_ours else f"/visits/{flag.visit_id}/"
