"""A cadre's own reminders, unread first in the eye."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from casework.inbox import mark_read
from casework.models import Reminder
from casework.views.requests import CadreRequest
from villages.calendar import today

DIGESTS_A_PAGE = 30


@require_safe
def inbox(request: CadreRequest) -> HttpResponse:
    """Every digest, the latest day first."""
    day = today()
    digests = Reminder.objects.visible_to(request.user, day)
    page = Paginator(digests, DIGESTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "inbox.html", {"today": day, "digests": page})


@require_safe
def reminder(request: CadreRequest, pk: int) -> HttpResponse:
    """One digest with its reasons."""
    day = today()
    digest = get_object_or_404(Reminder.objects.visible_to(request.user, day), pk=pk)
    return render(request, "reminder.html", {"today": day, "digest": digest})


@require_POST
def reminder_read(request: CadreRequest, pk: int) -> HttpResponse:
    """Note that the digest was read."""
    digest = get_object_or_404(Reminder.objects.visible_to(request.user, today()), pk=pk)
    mark_read(reminder=digest, actor=request.user, now=timezone.now())
    return redirect("inbox")
