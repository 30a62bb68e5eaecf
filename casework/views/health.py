"""Whether the system works: the database, the broker and the background sweep; and whether it can take requests."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from casework import heartbeat
from villages import bell


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all parts work, otherwise 503; the answer names the part. One query, at most a second."""
    now, swept_at, has_database = timezone.now(), None, True
    try:
        swept_at = heartbeat.last_beat(heartbeat.SWEEP)
    except Error:
        has_database = False
    parts = {"database": has_database, "broker": bell.is_heard(), "beat": heartbeat.is_recent(swept_at, now=now)}
    words = {name: "ok" if works else "failed" for name, works in parts.items()}
    last_beat = timezone.localtime(swept_at).isoformat() if swept_at else None
    return JsonResponse(words | {"last_beat": last_beat}, status=200 if all(parts.values()) else 503)


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when this process can answer requests, which takes the database and nothing else; otherwise 503.

    For the balancer in front: a broker that is away, or a sweep that is late, is no reason to turn people away.
    """
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"database": "failed"}, status=503)
    return JsonResponse({"database": "ok"})
