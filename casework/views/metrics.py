"""The figures for Prometheus: for this machine itself, or for whoever holds the token."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from casework.metrics import told

HERE = {"127.0.0.1", "::1"}
# A proxy on this machine also comes from 127.0.0.1, but says for whom it asks.
FOR_SOMEBODY = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via")


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All of them as text; for everybody else the page does not exist."""
    if not may_read(request):
        raise Http404
    return HttpResponse(told(timezone.now()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(request: HttpRequest) -> bool:
    """Whether the request brings the token; without a token set, whether it comes straight from this machine."""
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), wanted)
    is_passed_on = any(name in request.headers for name in FOR_SOMEBODY)
    return request.META.get("REMOTE_ADDR") in HERE and not is_passed_on
