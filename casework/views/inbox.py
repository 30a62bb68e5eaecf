"""A cadre's own reminders, unread first in the eye; what to do with a line, and how to be reminded."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.bulletins import waiting_for
from casework.forms.reminding import ChannelForm, MuteForm, NotMineForm, NumberForm
from casework.inbox import mark_read
from casework.misaddressed import line_about, report_not_mine
from casework.models import MessageNumber, Mute, Reminder
from casework.preferences import choose_channels, kinds_for, mute, set_number, unmute
from casework.views.requests import CadreRequest
from villages.calendar import today

DIGESTS_A_PAGE = 30


@require_safe
def inbox(request: CadreRequest) -> HttpResponse:
    """Every digest, the latest day first."""
    day = today()
    digests = Reminder.objects.visible_to(request.user, day)
    page = Paginator(digests, DIGESTS_A_PAGE).get_page(request.GET.get("page"))
    muted = Mute.objects.in_force(day).filter(cadre=request.user).first()
    waiting = waiting_for(request.user, day)
    context = {"today": day, "digests": page, "muted": muted, "waiting_bulletins": waiting}
    return render(request, "inbox.html", context)


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


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_not_mine(request: CadreRequest, pk: int) -> HttpResponse:
    """Say that one line, named by ?about=, is not one's own any more."""
    day, about = today(), request.GET.get("about", "")
    digest = get_object_or_404(Reminder.objects.visible_to(request.user, day), pk=pk)
    line = line_about(digest, about)
    if line is None:
        return redirect("reminder", digest.pk)
    form = NotMineForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            words = form.cleaned_data["words"]
            report_not_mine(reminder=digest, about=about, words=words, actor=request.user, on=day)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("reminder_reports")
    query = urlencode({"about": about})
    return render(request, "reminder_not_mine.html", {"today": day, "line": line, "form": form, "query": query})


@require_http_methods(["GET", "HEAD", "POST"])
def inbox_settings(request: CadreRequest) -> HttpResponse:
    """Channels, a number for messages, and rest until a day; each with its own button."""
    day, asked = today(), request.POST.get("do", "")
    kinds = kinds_for(request.user, day)
    forms: dict[str, Any] = {
        "channels": ChannelForm(request.POST if asked == "channels" else None, cadre=request.user, kinds=kinds),
        "number": NumberForm(request.POST if asked == "number" else None),
        "mute": MuteForm(request.POST if asked == "mute" else None, on=day),
    }
    if request.method == "POST" and _done(request, asked, forms.get(asked)):
        return redirect(f"{reverse('inbox_settings')}?done={asked}")
    context = {
        "today": day,
        "forms": forms,
        "done": request.GET.get("done", ""),
        "number": MessageNumber.objects.filter(cadre=request.user, phone__isnull=False).first(),
        "muted": Mute.objects.in_force(day).filter(cadre=request.user).first(),
    }
    return render(request, "inbox_settings.html", context)


def _done(request: CadreRequest, asked: str, form: Any) -> bool:
    """Whether the verb behind the button did it; what it refused stands in the form."""
    day = today()
    if asked == "unmute":
        unmute(cadre=request.user, on=day)
        return True
    if form is None or not form.is_valid():
        return False
    try:
        if asked == "channels":
            for kind, channels in form.chosen().items():
                choose_channels(cadre=request.user, kind=kind, channels=channels)
        elif asked == "number":
            set_number(cadre=request.user, **form.cleaned_data)
        else:
            mute(cadre=request.user, on=day, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True
