"""Released bulletins and their figures as issued, as JSON."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework.models import Bulletin
from casework.models.bulletins import BulletinQuerySet
from villages.calendar import today
from villages.models import Scope

MOST_BULLETINS = 100


def released(request: Request) -> BulletinQuerySet:
    """Those in reach that were let out; drafts are nobody else's business, whoever asks."""
    return Bulletin.objects.visible_to(request.user, today()).filter(released_at__isnull=False)


def as_json(bulletin: Bulletin) -> dict[str, Any]:
    """What a list says of one; nobody is named."""
    return {
        "id": bulletin.pk,
        "title": bulletin.title,
        "number": bulletin.number,
        "place": bulletin.code,
        "kind": bulletin.kind,
        "starts_on": bulletin.starts_on,
        "cut_off_on": bulletin.cut_off_on,
        "state": bulletin.state,
        "released_at": bulletin.released_at,
        "corrects": bulletin.corrects_id,
        "digest": bulletin.digest,
    }


class BulletinsView(APIView):
    """GET the released bulletins in reach, the latest cut-off first."""

    scopes = {"GET": Scope.READ_COVERAGE}

    def get(self, request: Request) -> Response:
        """The hundred latest."""
        return Response([as_json(bulletin) for bulletin in released(request)[:MOST_BULLETINS]])


class BulletinView(APIView):
    """GET one with its text and figures, exactly as issued."""

    scopes = {"GET": Scope.READ_COVERAGE}

    def get(self, request: Request, pk: int) -> Response:
        """What was counted, whatever has been entered since."""
        bulletin = get_object_or_404(released(request), pk=pk)
        return Response({**as_json(bulletin), "text": bulletin.text, "figures": bulletin.counted})
