"""A form that enters rows for many households at once is stored once, however often it is sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Batch(models.Model):
    """One form that was saved. The id was made when the form opened; the digest is of all it said.

    The rows it entered carry the id in their own `batch`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    digest = models.CharField(_("content digest"), max_length=64, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+"
    )
    entered_on = models.DateField(_("entered on"))

    objects = models.Manager()

    class Meta:
        verbose_name = _("saved form")
        verbose_name_plural = _("saved forms")

    def __str__(self) -> str:
        return f"{self.entered_on} {self.entered_by}"
