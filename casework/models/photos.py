"""A photo that belongs to a visit; never asked for, and without anything in it but the picture."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.models.visits import Visit
from villages.models import Cadre


def path_of(photo: Any, _name: str) -> str:
    """Where the file lies, by its id alone: sent twice, it is the same file."""
    return f"photos/{str(photo.pk)[:2]}/{photo.pk}.jpg"


class VisitPhotoQuerySet(models.QuerySet):
    """Photos."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Photos of the visits the cadre sees on that day."""
        return self.filter(visit__in=Visit.objects.visible_to(cadre, on))


class VisitPhoto(models.Model):
    """A photo as it is kept: made smaller, without position, time or camera. `digest` is of what was sent.

    It stays with the version it was sent for; the pages show it with every later one.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name=_("visit"), related_name="photos")
    digest = models.CharField(_("content digest"), max_length=64, editable=False)
    file = models.FileField(_("photo"), upload_to=path_of, max_length=60)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("sent by"), related_name="+")
    received_at = models.DateTimeField(_("received at"))

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo of a visit")
        verbose_name_plural = _("photos of visits")
        ordering = ["received_at", "pk"]

    def __str__(self) -> str:
        return str(self.visit)
