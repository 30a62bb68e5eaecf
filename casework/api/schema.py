"""What the API tells of itself: its OpenAPI schema, in the reader's language."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from casework.api import described

LANGUAGES = {code for code, _name in settings.LANGUAGES}


class SchemaView(SpectacularAPIView):
    """GET the schema: YAML, or JSON with ?format=json. Any token opens it, whatever its scopes."""

    permission_classes = [IsAuthenticated]
    described = described.PARTS

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """In the language of the session, or the one that `lang` names."""
        if request.GET.get("lang", settings.LANGUAGE_CODE) not in LANGUAGES:
            raise NotFound
        return super().get(request, *args, **kwargs)
