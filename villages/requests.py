"""The request of somebody who is signed in, which every page of ours demands."""

from django.http import HttpRequest

from villages.models import Cadre


class CadreRequest(HttpRequest):
    """A request whose user is a cadre: LoginRequiredMiddleware lets nobody else through."""

    user: Cadre  # type: ignore[assignment]
