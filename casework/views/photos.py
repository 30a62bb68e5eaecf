"""Photos of visits: shown to who sees the visit, added by who may correct it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casework.forms.photos import PhotoForm
from casework.models import Visit, VisitPhoto
from casework.photos import add_photo
from casework.views.requests import CadreRequest
from villages.calendar import today


@require_safe
def photo(request: CadreRequest, pk: UUID) -> HttpResponse:
    """The picture; it stays in the reader's browser and nowhere on the way."""
    found = get_object_or_404(VisitPhoto.objects.visible_to(request.user, today()), pk=pk)
    try:
        with found.file.open("rb") as opened:
            answer = HttpResponse(opened.read(), content_type="image/jpeg")
    except FileNotFoundError:  # a backup without its folder of photos
        raise Http404 from None
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def photo_new(request: CadreRequest, pk: UUID) -> HttpResponse:
    """Add a photo and go back to the receipt, which says why if it could not be."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user, today()), pk=pk)
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        chosen = {"photo_id": form.cleaned_data["id"], "content": form.cleaned_data["file"].read()}
        try:
            add_photo(**chosen, visit_id=visit.pk, actor=request.user, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        except PermissionDenied as denied:
            messages.error(request, str(denied))
    else:
        messages.error(request, _("Choose a picture first."))
    return redirect("visit_receipt", visit.pk)
