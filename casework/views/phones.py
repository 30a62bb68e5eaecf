"""The phones: which have visits waiting for days, by village, and cutting off a lost one."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from casework.forms.phones import CutOffForm
from casework.models import Phone
from casework.phones import cut_off_phone, phones_in_sight, places_of
from casework.views.requests import CadreRequest
from villages.calendar import today

PHONES_A_PAGE = 50


@require_safe
def phones(request: CadreRequest) -> HttpResponse:
    """Phones with an old queue first, then all in use; in the order of villages, never of persons."""
    day = today()
    old_before = day - timedelta(days=settings.PHONE_QUEUE_OLD_DAYS)
    in_use = phones_in_sight(request.user, day)
    page = Paginator(in_use, PHONES_A_PAGE).get_page(request.GET.get("page"))
    stuck = list(in_use.with_old_queue(old_before)[:PHONES_A_PAGE])
    places = places_of({phone.cadre_id for phone in [*stuck, *page]}, day)
    context = {
        "today": day,
        "stuck": [(phone, places.get(phone.cadre_id, [])) for phone in stuck],
        "in_use": [(phone, places.get(phone.cadre_id, [])) for phone in page],
        "page": page,
        "old_days": settings.PHONE_QUEUE_OLD_DAYS,
    }
    return render(request, "phones.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def phone_cut_off(request: CadreRequest, pk: int) -> HttpResponse:
    """Ask why, then cut the phone off."""
    day = today()
    phone = get_object_or_404(Phone.objects.visible_to(request.user, day).select_related("cadre", "cut_off_by"), pk=pk)
    form = CutOffForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            cut_off_phone(phone_id=phone.pk, actor=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The phone of %(name)s is cut off.") % {"name": phone.cadre.name})
            return redirect("phones")
    places = places_of([phone.cadre_id], day).get(phone.cadre_id, [])
    return render(request, "phone_cut_off.html", {"today": day, "phone": phone, "form": form, "places": places})
