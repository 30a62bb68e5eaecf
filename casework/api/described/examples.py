"""The made-up rows that the examples of the schema speak of, and how an example is written down."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

HOUSEHOLD, ROUND, CASE, FLAG, DECIDED = 17, 3, 4711, 4712, 4713
BULLETIN = 21
NUMBER = "36070410120000017"
VISITORS = (7, 12)
VILLAGE = "360704101200"
TOWN = "360704101"
VISIT = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
PHONE = "0b6c4d0e-5d0e-4a55-9f5e-7a3a5f6b1c2d"


class ProblemSerializer(serializers.Serializer):
    """Why it was not done, in the reader's language."""

    detail = serializers.CharField()


def request(name: str, value: Any) -> OpenApiExample:
    """A body to send."""
    return OpenApiExample(name, value=value, request_only=True)


def in_path(name: str, value: Any, words: Any) -> OpenApiParameter:
    """A part of the address."""
    kind = OpenApiTypes.INT if isinstance(value, int) else OpenApiTypes.STR
    return OpenApiParameter(name, kind, OpenApiParameter.PATH, description=words, examples=[_shown(value)])


def in_query(name: str, value: Any, words: Any, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    """A word behind the question mark."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=words, examples=[_shown(value)])


def _shown(value: Any) -> OpenApiExample:
    return OpenApiExample("example", value=value)


# What may go wrong at every address, and why.
NOT_READ = _("Something in it cannot be; the answer says what, by field.")
NOT_FOUND = _("There is no such row, or it is out of reach.")
REFUSED = _("Not signed in, no scope for this, or not the right post.")
