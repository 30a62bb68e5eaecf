"""Explain from the phone what asks for a word about one's own visit."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework.flags import explain_flag, in_words
from casework.models import FlagReason, VisitFlag
from villages.calendar import today


class ExplanationSerializer(serializers.Serializer):
    """How it was."""

    reason = serializers.ChoiceField(choices=FlagReason.choices)
    words = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


def as_json(flag: VisitFlag) -> dict[str, Any]:
    """A flag as the phone shows it."""
    return {"id": flag.pk, "kind": flag.kind, "label": in_words(flag), "is_explained": flag.is_explained}


def with_flags(answer: dict[str, Any], flags: list[VisitFlag]) -> dict[str, Any]:
    """The answer about a stored visit, with what asks for an explanation in its receipt; no key when nothing does."""
    if not flags or answer["receipt"] is None:
        return answer
    return answer | {"receipt": answer["receipt"] | {"flags": [as_json(flag) for flag in flags]}}


class FlagView(APIView):
    """POST the explanation: 200 with the flag; 404 for what is not about a visit of one's own."""

    def post(self, request: Request, pk: int) -> Response:
        """Keep what was said."""
        said = ExplanationSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            flag = explain_flag(flag_id=pk, actor=request.user, on=today(), **said.validated_data)
        except (VisitFlag.DoesNotExist, PermissionDenied):
            raise exceptions.NotFound from None
        except ValidationError as refused:
            return Response(refused.message_dict, status=status.HTTP_400_BAD_REQUEST)
        return Response(as_json(flag))
