"""Versions of the phone's app, and since when each is handed out."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppVersion(models.Model):
    """One version, by the digest of its scripts. The latest is the one that this system hands out."""

    name = models.CharField(_("version of the app"), max_length=20, primary_key=True)
    since = models.DateTimeField(_("handed out since"))

    objects = models.Manager()

    class Meta:
        verbose_name = _("version of the phone's app")
        verbose_name_plural = _("versions of the phone's app")
        ordering = ["since", "name"]

    def __str__(self) -> str:
        return self.name
