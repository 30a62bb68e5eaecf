"""Keep a photo of a visit: smaller, without what the camera wrote into it, and only for who sees the visit."""

import hashlib
import io
import uuid
import warnings
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from casework.corrections import can_correct_visit
from casework.models import Visit, VisitPhoto
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre

LARGEST_FILE = 3 * 1024 * 1024
MOST_A_VISIT = 3
LONGEST_SIDE = 1600  # pixels; enough to read a notice on a wall
MOST_PIXELS = 50_000_000
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")


class NoPicture(ValidationError):
    """What was sent is no picture that we read."""


class OtherPicture(ValidationError):
    """Another picture was sent under this id before."""


def can_add_photo(cadre: Cadre, visit: Visit, on: date) -> bool:
    """Whoever may correct the visit."""
    return can_correct_visit(cadre, visit, on)


def photos_of(visits: Iterable[Visit]) -> list[VisitPhoto]:
    """The photos of these versions of a visit, in the order they came."""
    return list(VisitPhoto.objects.filter(visit__in=[visit.pk for visit in visits]))


def add_photo(*, photo_id: uuid.UUID, visit_id: uuid.UUID, content: bytes, actor: Cadre, now: datetime) -> VisitPhoto:
    """Keep the photo with the latest version of the visit; the same one again is the same row.

    Raises Visit.DoesNotExist when the visit is not here (yet), PermissionDenied, NoPicture, OtherPicture, and
    ValidationError for one too many.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = VisitPhoto.objects.filter(pk=photo_id).first()
    if known is not None:
        if (known.digest, known.sent_by_id) != (digest, actor.pk):
            raise OtherPicture(_("Another picture was sent under this id before."))
        return known
    picture = cleaned(content)
    with transaction.atomic():
        visit = _latest(visit_id, actor, day_of(now))
        _require_room(visit, actor, day_of(now))
        photo = VisitPhoto(
            id=photo_id,
            visit=visit,
            digest=digest,
            width=picture.width,
            height=picture.height,
            sent_by=actor,
            received_at=now,
        )
        photo.file.save("", ContentFile(_as_jpeg(picture)), save=False)
        photo.save(force_insert=True)
        audit.record(actor=actor, verb="visit.photo_added", target=photo, village_id=visit.village_id)
    return photo


def _latest(visit_id: uuid.UUID, actor: Cadre, on: date) -> Visit:
    """The latest version, held so that two photos at once are counted one after the other."""
    visit = Visit.objects.visible_to(actor, on).get(pk=visit_id)
    while visit.superseded_by_id:
        visit = Visit.objects.get(pk=visit.superseded_by_id)
    return Visit.objects.select_for_update(of=("self",), no_key=True).get(pk=visit.pk)


def _require_room(visit: Visit, actor: Cadre, on: date) -> None:
    if not can_add_photo(actor, visit, on):
        raise PermissionDenied(_("Only those who went, who typed it in, or the office can correct this visit."))
    if visit.photos.count() >= MOST_A_VISIT:  # type: ignore[attr-defined]
        raise ValidationError(_("At most %(most)s photos a visit.") % {"most": MOST_A_VISIT})


def cleaned(content: bytes) -> Image.Image:
    """The picture alone, upright and not larger than needed; what was written beside it is not copied.

    Raises NoPicture.
    """
    refusal = NoPicture(_("This is no picture that can be read. Send a JPEG, PNG or WebP of at most 3 MB."))
    if len(content) > LARGEST_FILE:
        raise refusal
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that unpacks to a gigabyte is a warning of Pillow
            with Image.open(io.BytesIO(content), formats=FORMATS) as sent:
                if sent.width * sent.height > MOST_PIXELS:
                    raise refusal
                sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(sent).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise refusal from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)  # the pixels, and none of the metadata
    return plain


def _as_jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
