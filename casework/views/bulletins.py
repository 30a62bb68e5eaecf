"""Bulletins: the list, one of them on screen, on paper and as a workbook; making, editing, releasing, withdrawing."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.bulletin_figures import digest_of
from casework.bulletin_lines import sections_of
from casework.bulletin_words import finder_of, shown_cut_off, status_of
from casework.bulletin_workbook import file_name, workbook_of
from casework.bulletins import (
    IllegalMove,
    ask_for_bulletin,
    can_change_bulletin,
    correct_bulletin,
    edit_bulletin,
    recount_bulletin,
    release_bulletin,
    withdraw_bulletin,
)
from casework.coverage import figures
from casework.forms.bulletins import BulletinForm, WithdrawForm, WordsForm, places_of_office
from casework.models import Bulletin, BulletinState
from casework.rates import percent
from casework.views.figures import COLUMNS, cells_of
from casework.views.requests import CadreRequest
from households.workbooks import XLSX
from villages import reach
from villages.calendar import today

BULLETINS_A_PAGE = 30


@require_safe
def bulletins(request: CadreRequest) -> HttpResponse:
    """Those in reach, the latest cut-off first; above them what waits for the office."""
    day = today()
    rows = Bulletin.objects.visible_to(request.user, day).select_related("district", "town")
    waiting = Bulletin.objects.of_office(request.user, day).drafts().select_related("district", "town")
    page = Paginator(rows.exclude(state=BulletinState.DRAFT), BULLETINS_A_PAGE).get_page(request.GET.get("page"))
    context = {"today": day, "page": page, "waiting": waiting, "can_make": bool(places_of_office(request.user, day))}
    return render(request, "bulletins.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_new(request: CadreRequest) -> HttpResponse:
    """Choose place, rounds and days; posted from the preview, make the draft."""
    form = _form(request)
    if form.is_bound and "edit" not in request.POST and form.is_valid():
        try:
            bulletin = ask_for_bulletin(**form.asked(), actor=request.user, now=timezone.now())
            return redirect("bulletin", bulletin.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "bulletin_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_preview(request: CadreRequest) -> HttpResponse:
    """What would stand in it now. Writes nothing."""
    day, form = today(), _form(request)
    if request.method != "POST":
        return redirect("bulletin_new")
    if not form.is_valid():
        return render(request, "bulletin_new.html", {"form": form})
    asked = form.asked()
    place = asked["place"]
    tables = []
    for round in asked["rounds"]:
        table = figures(round, cadre=request.user, on=asked["cut_off_on"], place_code=place.pk, seen_on=day)
        lines = [(row.label, cells_of(row.counts), percent(row.counts)) for row in table.rows]
        tables.append((round, lines, cells_of(table.total), percent(table.total)))
    context = {"today": day, "form": form, "asked": asked, "tables": tables, "columns": COLUMNS}
    return render(request, "bulletin_preview.html", context)


@require_safe
def bulletin(request: CadreRequest, pk: int) -> HttpResponse:
    """One bulletin as it was counted, and what may be done with it."""
    day, row = today(), _visible(request, pk)
    context = {
        **_shown(row),
        "today": day,
        "place_now": row.place_code if reach.reaches_all_of(request.user, row.place_code, day) else "",
        "can_change": can_change_bulletin(request.user, row, day),
        "correction": row.correction(),
        "correcting": row.corrections.exclude(state=BulletinState.WITHDRAWN).first(),
    }
    return render(request, "bulletin.html", context)


@require_safe
def bulletin_sheet(request: CadreRequest, pk: int) -> HttpResponse:
    """The same on A4."""
    row = _counted(request, pk)
    return render(request, "bulletin_sheet.html", {**_shown(row), "paragraphs": row.text.splitlines()})


@require_safe
def bulletin_workbook(request: CadreRequest, pk: int) -> HttpResponse:
    """The same as a workbook."""
    row = _counted(request, pk)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(row)}"'}
    return HttpResponse(workbook_of(row), content_type=XLSX, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_edit(request: CadreRequest, pk: int) -> HttpResponse:
    """The text and the signing block of a draft."""
    row = _changeable(request, pk)
    if not row.is_draft:
        return redirect("bulletin", pk)
    form = WordsForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        try:
            edit_bulletin(form.instance, actor=request.user, on=today())
            return redirect("bulletin", pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        except IllegalMove:
            return redirect("bulletin", pk)
    return render(request, "bulletin_edit.html", {"form": form, "bulletin": row})


@require_POST
def bulletin_recount(request: CadreRequest, pk: int) -> HttpResponse:
    """Count a draft again."""
    _changeable(request, pk)
    return _done(request, pk, recount_bulletin)


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_release(request: CadreRequest, pk: int) -> HttpResponse:
    """Ask once more, then let it out."""
    row = _changeable(request, pk)
    if request.method == "POST":
        return _done(request, pk, release_bulletin)
    return render(request, "bulletin_release.html", {"bulletin": row, "as_of": _as_of(row)})


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_withdraw(request: CadreRequest, pk: int) -> HttpResponse:
    """Take it back with a reason; a draft is discarded."""
    row = _changeable(request, pk)
    form = WithdrawForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            return _done(request, pk, withdraw_bulletin, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "bulletin_withdraw.html", {"bulletin": row, "form": form})


@require_POST
def bulletin_correct(request: CadreRequest, pk: int) -> HttpResponse:
    """Begin a correction of a released one."""
    _changeable(request, pk)
    return _done(request, pk, correct_bulletin)


def _done(request: CadreRequest, pk: int, verb: Any, **options: Any) -> HttpResponse:
    """Call the verb and show what came of it; what cannot be done any more shows as the bulletin stands."""
    try:
        return redirect("bulletin", verb(bulletin_id=pk, actor=request.user, now=timezone.now(), **options).pk)
    except IllegalMove:
        return redirect("bulletin", pk)


def _form(request: CadreRequest) -> BulletinForm:
    """Raises PermissionDenied for whoever is in no office of a town or district."""
    day = today()
    places = places_of_office(request.user, day)
    if not places:
        raise PermissionDenied
    return BulletinForm(request.POST or None, cadre=request.user, on=day, places=places)


def _visible(request: CadreRequest, pk: int) -> Bulletin:
    rows = Bulletin.objects.visible_to(request.user, today())
    related = ("district", "town", "made_by", "released_by", "withdrawn_by", "corrects")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _counted(request: CadreRequest, pk: int) -> Bulletin:
    row = _visible(request, pk)
    if not row.is_counted:
        raise Http404
    return row


def _changeable(request: CadreRequest, pk: int) -> Bulletin:
    row = _visible(request, pk)
    if not can_change_bulletin(request.user, row, today()):
        raise PermissionDenied
    return row


def _as_of(row: Bulletin) -> str:
    return shown_cut_off(row.counted) if row.is_counted else ""


def _shown(row: Bulletin) -> dict[str, Any]:
    """What page and sheet show of it, from the figures that were kept."""
    problems: dict[str, Any] = row.counted["problems"] if row.is_counted else {"posts": []}
    return {
        "bulletin": row,
        "as_of": _as_of(row),
        "status": status_of(row),
        "is_intact": not row.is_counted or digest_of(row.counted) == row.digest,
        "sections": sections_of(row.counted) if row.is_counted else [],
        "problems": problems,
        "finders": [(finder_of(line), line["found"], line["solved"]) for line in problems["posts"]],
    }
