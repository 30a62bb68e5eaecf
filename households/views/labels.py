"""The sheet of QR labels of a village, and where such a code leads."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from households.labels import can_make_labels, labels_of, make_labels, printed, replace_label, without_label
from households.models import Household, HouseholdLabel
from villages.calendar import today
from villages.models import Village
from villages.requests import CadreRequest


@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: CadreRequest, code: str) -> HttpResponse:
    """The labels to print; buttons make those that are missing, all anew, or the one of a household that was lost."""
    day = today()
    village = get_object_or_404(Village.objects.visible_to(request.user, day).select_related("town"), pk=code)
    if not can_make_labels(request.user, village.pk, day):
        raise PermissionDenied
    if "lost" in request.POST:
        return _replace(request, village)
    if request.method == "POST":
        made = make_labels(village=village, actor=request.user, on=day, anew="anew" in request.POST)
        messages.success(request, ngettext("%(made)s label made.", "%(made)s labels made.", made) % {"made": made})
        return redirect("labels", village.pk)
    only = request.GET.get("only", "")
    context = {
        "today": day,
        "village": village,
        "only": only,
        "missing": without_label(village, day),
        "labels": [
            printed(label, f"{settings.SITE_URL}{reverse('label', args=[label.token])}")
            for label in labels_of(village, day, only=only)
        ],
    }
    return render(request, "labels.html", context)


def _replace(request: CadreRequest, village: Village) -> HttpResponse:
    """Another label for one household, and the sheet with that one alone."""
    asked = request.POST["lost"]
    seen = Household.objects.visible_to(request.user, today()).filter(village=village)
    household = get_object_or_404(seen, pk=asked if asked.isdecimal() else None)
    replace_label(household=household, actor=request.user, on=today())
    messages.success(request, _("The label printed before leads nowhere now. Print this one."))
    return redirect(f"{reverse('labels', args=[village.pk])}?only={household.pk}")


@require_safe
def label(request: CadreRequest, token: str) -> HttpResponse:
    """Where a label leads: to the household, in the app or on its page. For who does not see it there is none."""
    found = get_object_or_404(HouseholdLabel.objects.visible_to(request.user, today()), token=token)
    if "phone" in request.GET:
        return redirect(f"/phone/?household={found.household_id}")
    return redirect("household", found.household_id)
