"""The sheet of QR labels of a village, and where such a code leads."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from households.labels import can_make_labels, labels_of, make_labels, printed, without_label
from households.models import HouseholdLabel
from villages.calendar import today
from villages.models import Village
from villages.requests import CadreRequest


@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: CadreRequest, code: str) -> HttpResponse:
    """The labels to print; a button makes those that are missing, or all anew when a sheet was lost."""
    day = today()
    village = get_object_or_404(Village.objects.visible_to(request.user, day).select_related("town"), pk=code)
    if not can_make_labels(request.user, village.pk, day):
        raise PermissionDenied
    if request.method == "POST":
        made = make_labels(village=village, actor=request.user, on=day, anew="anew" in request.POST)
        messages.success(request, ngettext("%(made)s label made.", "%(made)s labels made.", made) % {"made": made})
        return redirect("labels", village.pk)
    context = {
        "today": day,
        "village": village,
        "missing": without_label(village, day),
        "labels": [
            printed(label, f"{settings.SITE_URL}{reverse('label', args=[label.token])}")
            for label in labels_of(village, day)
        ],
    }
    return render(request, "labels.html", context)


@require_safe
def label(request: CadreRequest, token: str) -> HttpResponse:
    """Where a label leads: to the household, in the app or on its page. For who does not see it there is none."""
    found = get_object_or_404(HouseholdLabel.objects.visible_to(request.user, today()), token=token)
    if "phone" in request.GET:
        return redirect(f"/phone/?household={found.household_id}")
    return redirect("household", found.household_id)
