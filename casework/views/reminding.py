"""The office's pages about reminders: who would hear what, what was sent, whether it helped, what is not somebody's."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework.dry_run import DryRun
from casework.effects import effects
from casework.forms.reminding import DryRunForm, LogForm, SettleForm
from casework.misaddressed import settle
from casework.misaddressed_words import told
from casework.models import Delivery, Kind, Misaddressed, Round
from casework.preferences import muted_posts
from casework.send_log import entries
from casework.views.requests import CadreRequest
from villages import reach
from villages.calendar import today

HEARERS_A_PAGE = 20
ENTRIES_A_PAGE = 50
REPORTS_A_PAGE = 30


@require_safe
def reminder_run(request: CadreRequest) -> HttpResponse:
    """Who would hear what on a day, and why; nothing is written."""
    day, codes = today(), _office(request)
    form = DryRunForm({"on": day.isoformat(), **request.GET.dict()}, codes=codes)
    asked = form.day(day)
    kind = form.kind_asked
    run = DryRun(asked, form.code)
    is_digest = kind == Kind.DIGEST
    heard = run.hearers() if is_digest else run.letters(kind, timezone.now())
    page: Any = Paginator(heard, HEARERS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "today": day,
        "form": form,
        "asked": asked,
        "run": run,
        "is_digest": is_digest,
        "rules": run.rules() if is_digest else [],
        "muted": len(run.muted()) if is_digest else 0,
        "page": page,
        "hearers": run.told(page.object_list) if is_digest else page.object_list,
        "query": urlencode({"on": asked.isoformat(), "place": form.code, "kind": kind.value}) + "&",
    }
    return render(request, "reminder_run.html", context)


@require_safe
def reminder_log(request: CadreRequest) -> HttpResponse:
    """What was sent to whom on which channel; never what stood in it."""
    day = today()
    _office(request)
    form = LogForm(request.GET)
    asked = form.asked()
    page = Paginator(entries(request.user, day, **asked), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    lost = Delivery.objects.visible_to(request.user, day).lost().count()
    query = urlencode({name: request.GET[name] for name in asked})
    context = {"today": day, "form": form, "page": page, "lost": lost, "query": f"{query}&" if query else ""}
    return render(request, "reminder_log.html", context)


@require_safe
def reminder_effects(request: CadreRequest) -> HttpResponse:
    """Sums by kind of round and post."""
    day = today()
    _office(request)
    rounds = Round.objects.visible_to(request.user, day).order_by().values_list("pk", flat=True)
    return render(request, "reminder_effects.html", {"today": day, "effects": effects(rounds=rounds)})


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_reports(request: CadreRequest) -> HttpResponse:
    """“Not mine any more”: one's own, and for supervisors those of their places to settle; who rests there."""
    day = today()
    is_supervisor = reach.holds_any(request.user, reach.SUPERVISORS, day)
    form = SettleForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid() and _settled(request, form):
        return redirect("reminder_reports")
    rows = Misaddressed.objects.for_supervisor(request.user, day) if is_supervisor else Misaddressed.objects.none()
    own = Misaddressed.objects.filter(cadre=request.user)
    context = {
        "today": day,
        "is_supervisor": is_supervisor,
        "form": form,
        "open": told(rows.open()),
        "settled": told(rows.exclude(settled_on=None).order_by("-settled_on", "pk")[:REPORTS_A_PAGE]),
        "own": told(own.order_by("-reported_on", "pk")[:REPORTS_A_PAGE]),
        "muted": muted_posts(request.user, day) if is_supervisor else [],
    }
    return render(request, "reminder_reports.html", context)


def _settled(request: CadreRequest, form: SettleForm) -> bool:
    asked = form.cleaned_data
    try:
        settle(
            report_id=asked["report"],
            is_accepted=asked["decision"] == "accept",
            answer=asked["answer"],
            actor=request.user,
            on=timezone.localdate(),
        )
    except Misaddressed.DoesNotExist as error:
        raise PermissionDenied from error
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True


def _office(request: CadreRequest) -> list[str]:
    """Codes of the places whose office the cadre is. Raises PermissionDenied when there is none."""
    codes = reach.office_places(request.user, today())
    if not codes:
        raise PermissionDenied
    return codes
