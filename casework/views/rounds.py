"""Open a round from a template, watch it open, read its state, close it."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casework.adjustments import around, changed_since_closing, closing_counts
from casework.coverage import BY_POST, figures
from casework.forms.rounds import RoundForm, places_to_open
from casework.loads import load_forecast
from casework.models import Round, RoundTemplate
from casework.models.rounds import RoundState
from casework.rounds import can_close_round, close_round, open_round
from casework.targets import preview_round
from casework.views.asked import sees_whole
from casework.views.figures import COLUMNS, cells_of, percent
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from villages.calendar import today

ROUNDS_A_PAGE = 30
NAMED = 50


@require_safe
def rounds(request: CadreRequest) -> HttpResponse:
    """Every round of the places in reach, the latest first."""
    day = today()
    visible = Round.objects.visible_to(request.user, day).select_related("district", "town")
    page = Paginator(visible, ROUNDS_A_PAGE).get_page(request.GET.get("page"))
    context = {"today": day, "rounds": page, "can_open": bool(places_to_open(request.user, day))}
    return render(request, "rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def round_open(request: CadreRequest) -> HttpResponse:
    """Choose a template, fill in the form; posted from the preview, open the round."""
    day = today()
    if request.method != "POST" and "template" not in request.GET:
        _places(request)
        return render(request, "round_templates.html", {"templates": RoundTemplate.objects.all()})
    template = _template(request)
    form = RoundForm(request.POST or None, places=_places(request), on=day, template=template)
    if form.is_bound and "edit" not in request.POST and form.is_valid():
        try:
            return redirect("round", open_round(form.round(), actor=request.user, on=day).pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "round_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def round_preview(request: CadreRequest) -> HttpResponse:
    """What opening would make: duties, vacancies, loads. Writes nothing."""
    day = today()
    places = _places(request)
    if request.method != "POST":
        return redirect("round_open")
    form = RoundForm(request.POST, places=places, on=day)
    if not form.is_valid():
        return render(request, "round_form.html", {"form": form})
    round = form.round()
    preview = preview_round(round, on=day)
    loads = load_forecast(round, preview, cadre=request.user, on=day)
    context = {"today": day, "form": form, "round": round, "preview": preview, "loads": loads}
    return render(request, "round_preview.html", context)


@require_safe
def round_page(request: CadreRequest, pk: int) -> HttpResponse:
    """One round: progress while it opens, then its figures and what has changed around it."""
    day = today()
    round = _visible(request, pk)
    if round.state == RoundState.OPENING:
        return render(request, "round_opening.html", {"today": day, "round": round})
    table = figures(round, cadre=request.user, on=day, by=BY_POST, **fresh_enough(request))
    large = {"most": NAMED + 1, "total": table.total.total}
    beside = around(round, cadre=request.user, on=day, **large, **fresh_enough(request))
    context = {
        "today": day,
        "round": round,
        "as_of": table.as_of,
        **moment_of(table),
        "columns": COLUMNS,
        "rows": [(row.label, cells_of(row.counts), percent(row.counts)) for row in table.rows],
        "total": (cells_of(table.total), percent(table.total)),
        "is_whole": sees_whole(request.user, round.place_code, day),
        "can_close": can_close_round(request.user, round, day),
        "joiners": beside.joiners,
        "leavers": beside.leavers,
        **_after_closing(request, round),
    }
    context["is_cut"] = any(len(context[name]) > NAMED for name in ("joiners", "leavers", "changed"))
    return render(request, "round.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def round_close(request: CadreRequest, pk: int) -> HttpResponse:
    """Ask once more, then store the closing figures."""
    day = today()
    round = _visible(request, pk)
    if round.state == RoundState.CLOSED:
        return redirect("round", round.pk)
    if not can_close_round(request.user, round, day):
        raise PermissionDenied
    if request.method == "POST":
        close_round(round=round, actor=request.user, on=day, stop_repeating="stop_repeating" in request.POST)
        return redirect("round", round.pk)
    table = figures(round, cadre=request.user, on=day, by=BY_POST)
    context = {"today": day, "round": round, "columns": COLUMNS, "total": (cells_of(table.total), percent(table.total))}
    return render(request, "round_close.html", context)


def _after_closing(request: CadreRequest, round: Round) -> dict[str, Any]:
    """Closing figures, and by name what later entries have changed."""
    if round.state != RoundState.CLOSED:
        return {"closing": None, "changed": []}
    day = today()
    closing = closing_counts(round, cadre=request.user, on=day)
    changed = list(changed_since_closing(round, cadre=request.user, on=day)[: NAMED + 1])
    return {"closing": (cells_of(closing), percent(closing)) if closing.total else None, "changed": changed}


def _template(request: CadreRequest) -> RoundTemplate | None:
    """The template the form starts from; none when the form comes back from the preview."""
    key = request.GET.get("template")
    return get_object_or_404(RoundTemplate, pk=int(key) if key.isdecimal() else None) if key else None


def _places(request: CadreRequest) -> list[tuple[str, str]]:
    """Where the cadre may open rounds. Raises PermissionDenied when nowhere."""
    places = places_to_open(request.user, today())
    if not places:
        raise PermissionDenied
    return places


def _visible(request: CadreRequest, pk: int) -> Round:
    rounds = Round.objects.visible_to(request.user, today()).select_related("district", "town", "opened_by")
    return get_object_or_404(rounds, pk=pk)
