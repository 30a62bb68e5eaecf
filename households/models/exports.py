"""Workbooks somebody asked for: an outbox row each, written in the background, kept for a day in sealed pieces."""

import uuid
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models.imports import RegisterImport
from households.models.sealed import SealedBytesField
from villages.models import Cadre
from villages.models.words import Words


class ExportKind(models.TextChoices):
    """What a workbook holds."""

    REGISTER = "register", _("households and persons")
    RESULT = "result", _("result of an import")
    QUALITY = "quality", _("data-quality list")
    LIST = "list", _("list to act on")


class ExportState(models.TextChoices):
    """How far an export is."""

    QUEUED = "queued", _("waiting to be written")
    WRITING = "writing", _("being written")
    READY = "ready", _("ready for download")
    FAILED = "failed", _("could not be written")
    EXPIRED = "expired", _("expired and deleted")


UNFINISHED = (ExportState.QUEUED, ExportState.WRITING)


class ExportQuerySet(models.QuerySet):
    """Exports."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own: for everybody else an export does not exist, whatever their post."""
        return self.filter(maker=cadre)

    def unfinished(self) -> Self:
        """Those on which the background still has to do something."""
        return self.filter(state__in=UNFINISHED)


class Export(models.Model):
    """A workbook that somebody asked for: of the register, the result of an import (`job`), the households that
    contradict a `rule` of data quality, or a list to act on, whose name is its `rule`.

    `households` are the keys of what it holds, in the order of the file, frozen when it was asked for and forgotten
    when it expires: of households, or of whatever a list to act on is about. `options` is how that list was asked for,
    and the language that its maker spoke.
    `claim` is the worker that writes it, `seen_at` when it last gave a sign.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    kind = models.CharField(_("content"), max_length=10, choices=ExportKind, default=ExportKind.REGISTER)
    job = models.ForeignKey(
        RegisterImport, models.CASCADE, verbose_name=_("import"), related_name="results", null=True, blank=True
    )
    rule = models.CharField(_("rule"), max_length=40, blank=True, editable=False)
    options = models.JSONField(_("how it was asked for"), default=dict, blank=True, editable=False)
    asked_at = models.DateTimeField(_("asked for at"))
    as_of = models.DateField(_("as of"))
    households = models.JSONField(_("households"), default=list)
    households_total = models.PositiveIntegerField(_("households"))
    rows_total = models.PositiveIntegerField(_("rows"))
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    is_in_full = models.BooleanField(_("numbers in full"), default=False)
    reason = Words(_("reason"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ExportState, default=ExportState.QUEUED)
    claim = models.UUIDField(_("worker"), null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(_("worker seen at"), null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    file_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    ready_at = models.DateTimeField(_("ready at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("my exports")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["maker", "-asked_at"], name="export_by_maker")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_in_full=False) | ~Q(reason=""),
                name="export_in_full_has_a_reason",
                violation_error_message=_("Say in a few words what the file is needed for."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["register", "quality", "list"], job__isnull=True)
                | Q(kind="result", job__isnull=False),
                name="export_result_is_of_an_import",
                violation_error_message=_("A result belongs to an import, and nothing else does."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["quality", "list"], is_in_full=False) & ~Q(rule="")
                | ~Q(kind__in=["quality", "list"]) & Q(rule=""),
                name="export_of_a_list_has_its_name",
                violation_error_message=_("A list has its name and masked numbers, and nothing else has a name."),
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(expires_at__isnull=False),
                name="export_ready_expires",
                violation_error_message=_("A file that can be downloaded must expire."),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        """The name it is downloaded under: the day and a mark of this export, nothing about anybody."""
        parts = {"day": f"{self.as_of:%Y%m%d}", "mark": str(self.pk)[:8]}
        if self.kind == ExportKind.RESULT:
            return gettext("import-result-%(day)s-%(mark)s.xlsx") % parts
        if self.kind == ExportKind.QUALITY:
            return gettext("quality-%(day)s-%(mark)s.xlsx") % parts
        if self.kind == ExportKind.LIST:
            return gettext("list-%(day)s-%(mark)s.xlsx") % parts
        return gettext("register-%(day)s-%(mark)s.xlsx") % parts

    @property
    def is_unfinished(self) -> bool:
        """Whether the background still has to do something."""
        return self.state in UNFINISHED

    def can_be_taken(self, now: datetime) -> bool:
        """Whether there is a file to download at that moment."""
        return self.state == ExportState.READY and self.expires_at is not None and now < self.expires_at


class ExportPart(models.Model):
    """A sealed piece of the workbook, written by one worker; those of a worker that was given up do not count."""

    export = models.ForeignKey(Export, models.CASCADE, verbose_name=_("export"), related_name="parts")
    claim = models.UUIDField(_("worker"))
    number = models.PositiveIntegerField(_("number"))
    content = SealedBytesField(_("content"))

    class Meta:
        verbose_name = _("piece of an export")
        verbose_name_plural = _("pieces of exports")
        ordering = ["export", "number"]
        constraints = [models.UniqueConstraint(fields=["export", "claim", "number"], name="export_part_once")]
