"""A form is saved once: sending it twice finds what the first time entered."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from households.models import Batch
from villages.models import Cadre


class OtherContent(Exception):
    """A form with this id was saved before and said something else. Carries the id."""

    def __init__(self, batch_id: UUID) -> None:
        super().__init__(str(batch_id))
        self.batch_id = batch_id


def digest_of(content: Any) -> str:
    """SHA-256 over what a form says: plain values, days and decimals in lists and dicts."""
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def claim(batch_id: UUID, digest: str, *, actor: Cadre, on: date) -> None:
    """Take the id for this form, in the caller's transaction. Raises IntegrityError when it is taken."""
    Batch(id=batch_id, digest=digest, entered_by=actor, entered_on=on).save(force_insert=True)


def require_same(batch_id: UUID, digest: str, *, actor: Cadre, refusal: Exception) -> None:
    """Return when this very form was saved before by the actor; otherwise the refusal stands.

    Raises OtherContent when the id is known and the form says something else.
    """
    saved = Batch.objects.filter(pk=batch_id).first()
    if saved is None:
        raise refusal
    if (saved.digest, saved.entered_by_id) != (digest, actor.pk):
        raise OtherContent(batch_id) from None
