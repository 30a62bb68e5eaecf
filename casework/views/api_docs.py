"""The description of the API, to read: the schema shown by Swagger UI from our own server."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casework.views.requests import CadreRequest


@require_safe
def api_docs(request: CadreRequest) -> HttpResponse:
    """The page; what it shows it reads from the schema's address."""
    return render(request, "api_docs.html")
