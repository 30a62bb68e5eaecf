"""Files brought in: the import as a row with its states, what was found in it, and each row's fate."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.models.sealed import SealedBytesField
from villages import reach
from villages.models import Cadre, Village


class ImportKind(models.TextChoices):
    """What sort of table a file holds."""

    REGISTER = "register", _("national register (households and persons)")
    HOUSEHOLDS = "households", _("list of households")
    CADRES = "cadres", _("cadres")
    POSTS = "posts", _("posts")
    HELPERS = "helpers", _("helpers and their households")
    UNITS = "units", _("partner units")
    PAIRINGS = "pairings", _("units and their villages")
    EXITS = "exits", _("exits from poverty")


OF_HOUSEHOLDS = (ImportKind.REGISTER, ImportKind.HOUSEHOLDS)


class ImportState(models.TextChoices):
    """How far an import is."""

    READING = "reading", _("being read and checked")
    READY = "ready", _("waiting for confirmation")
    APPLYING = "applying", _("being written")
    APPLIED = "applied", _("written")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")
    REFUSED = "refused", _("file refused")
    DISCARDED = "discarded", _("discarded")


class Fate(models.TextChoices):
    """What becomes of a row of the file; `gone` is a household that is not in the file any more."""

    CREATED = "created", _("new in the file")
    UPDATED = "updated", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    REFUSED = "refused", pgettext_lazy("row of a file", "refused")
    GONE = "gone", _("no longer in the file")


# The only legal moves: (act, from) to.
MOVES = {
    ("preview", ImportState.READING): ImportState.READY,
    ("refuse", ImportState.READING): ImportState.REFUSED,
    ("confirm", ImportState.READY): ImportState.APPLYING,
    ("discard", ImportState.READY): ImportState.DISCARDED,
    ("discard", ImportState.READING): ImportState.DISCARDED,
    ("write", ImportState.APPLYING): ImportState.APPLIED,
    ("read again", ImportState.APPLYING): ImportState.READING,
    ("take back", ImportState.APPLIED): ImportState.UNDOING,
    ("undo", ImportState.UNDOING): ImportState.UNDONE,
    ("keep", ImportState.UNDOING): ImportState.APPLIED,
}
AT_WORK = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)


class IllegalMove(Exception):
    """The import is not in a state from which this can be done."""


class RegisterImportQuerySet(models.QuerySet):
    """Imports."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own imports while one works in an office; all of them for the district's office."""
        if reach.is_district_office(cadre, on):
            return self
        return self.filter(made_by=cadre) if reach.office_places(cadre, on) else self.none()

    def at_work(self) -> Self:
        """Imports on which the background still has to do something."""
        return self.filter(state__in=AT_WORK)

    def of_households(self) -> Self:
        """Imports that are compared with the register of households."""
        return self.filter(kind__in=OF_HOUSEHOLDS)


class RegisterImport(models.Model):
    """A file brought in by somebody (nobody: a command), and what became of it.

    `rows` = created + updated + unchanged + refused once it has been read, about how many before that. `facts` holds
    the other counts of the preview: households_created, households_updated, gone, persons_gone, moved, conflicts;
    `titles` the columns recognised, under "unknown" those that were not, and the sheets in the file's order.
    """

    kind = models.CharField(_("kind of table"), max_length=12, choices=ImportKind, default=ImportKind.REGISTER)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.READING)
    file_name = models.CharField(_("file"), max_length=200)
    file_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    as_of = models.DateField(_("as in the register of"), help_text=_("The day of the export."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("brought in by"), related_name="+", null=True
    )
    made_at = models.DateTimeField(_("brought in at"), auto_now_add=True)
    problem = models.CharField(_("why the file was refused"), max_length=500, blank=True)
    is_read_again = models.BooleanField(_("read again, because records had changed"), default=False)
    rows_done = models.PositiveIntegerField(_("rows read"), default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("new in the file"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    facts = models.JSONField(_("other counts"), default=dict)
    titles = models.JSONField(_("columns"), default=dict)
    lets_leave = models.BooleanField(_("those no longer in the file leave"), default=False)
    takes_conflicts = models.BooleanField(_("the register's values replace ours"), default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("confirmed by"), related_name="+", null=True
    )
    applied_at = models.DateTimeField(_("written at"), null=True)
    applied_on = models.DateField(_("written on"), null=True)
    last_entry = models.BigIntegerField(_("last entry of the trail"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("undone by"), related_name="+", null=True
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    claim = models.UUIDField(_("worker"), null=True)
    claimed_at = models.DateTimeField(_("worker seen at"), null=True)

    objects = RegisterImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(ImportState.READING, ImportState.REFUSED, ImportState.DISCARDED))
                | Q(rows=models.F("created") + models.F("updated") + models.F("unchanged") + models.F("refused")),
                name="import_accounts_for_every_row",
                violation_error_message=_("Every row must be new, changed, unchanged or refused."),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def move(self, act: str) -> None:
        """Go to the next state. Raises IllegalMove."""
        try:
            self.state = MOVES[act, ImportState(self.state)]
        except KeyError:
            raise IllegalMove(_("This import is %(state)s.") % {"state": self.get_state_display()}) from None

    @property
    def is_at_work(self) -> bool:
        """Whether the background still has to do something."""
        return self.state in AT_WORK

    @property
    def progress(self) -> tuple[int, int]:
        """Rows that the background has read, or written, and of about how many; 0 when nobody knows."""
        if self.state == ImportState.APPLYING:
            told = ImportProgress.objects.filter(job=self).values_list("rows_done", flat=True).first()
            return min(told or 0, self.rows), self.rows
        if self.state == ImportState.READING:
            return self.rows_done, max(self.rows, self.rows_done) if self.rows else 0
        return 0, 0

    @property
    def has_persons(self) -> bool:
        """Whether its rows are persons, grouped by household."""
        return self.kind == ImportKind.REGISTER

    @property
    def is_of_households(self) -> bool:
        """Whether it is compared with the register of households."""
        return self.kind in OF_HOUSEHOLDS


class ImportProgress(models.Model):
    """How many rows of an import have been written so far: a row of its own, which the writing does not lock."""

    job = models.OneToOneField(
        RegisterImport, models.CASCADE, primary_key=True, verbose_name=_("import"), related_name="+"
    )
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)

    class Meta:
        verbose_name = _("progress of an import")
        verbose_name_plural = _("progress of imports")


class ImportPart(models.Model):
    """A sealed piece of the file, kept until the import is written, refused or discarded."""

    job = models.ForeignKey(RegisterImport, models.CASCADE, verbose_name=_("import"), related_name="parts")
    number = models.PositiveIntegerField(_("number"))
    content = SealedBytesField(_("content"))

    class Meta:
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of files")
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_part_once")]


class ImportGroup(models.Model):
    """What belongs together in a file: a household with its persons, or one row of another table.

    `key` is its number there (户编号), `rows` a list of [sheet, row, fate, name] for each row that was not refused.
    `changes` is what the preview shows, numbers masked: see households/register_import/compare.py. `values` is
    what the file says, `before` what it replaced, both sealed JSON. `digest` recognises the same rows in the next file.
    """

    # Neither key has an index of its own: groups are asked for by import and fate, and villages are not taken away. Nor
    # does the database look for what they point to: the import that writes them, 130,000 of one file, has both at hand.
    job = models.ForeignKey(
        RegisterImport,
        models.CASCADE,
        verbose_name=_("import"),
        related_name="groups",
        db_index=False,
        db_constraint=False,
    )
    position = models.PositiveIntegerField(_("position"))
    key = models.CharField(_("number"), max_length=80)
    label = models.CharField(_("name"), max_length=120, blank=True)
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        verbose_name=_("village"),
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    fate = models.CharField(_("fate"), max_length=10, choices=Fate)
    is_moving = models.BooleanField(_("moves to another village"), default=False)
    has_conflict = models.BooleanField(_("changed here and there"), default=False)
    rows = models.JSONField(_("rows"), default=list)
    changes = models.JSONField(_("changes"), default=dict)
    values = SealedBytesField(_("values"), null=True)
    before = SealedBytesField(_("values before"), null=True)
    digest = models.CharField(_("digest"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        ordering = ["job", "position"]
        indexes = [
            models.Index(fields=["job", "fate", "position"], name="import_group_by_fate"),
            models.Index(fields=["key"], name="import_group_by_key"),
        ]


class ImportRefusalQuerySet(models.QuerySet):
    """Refused rows."""

    def of(self, job: RegisterImport) -> Self:
        """Those of an import as somebody goes through the file: sheet by sheet in its order, row by row."""
        sheets = job.titles.get("sheets", [])
        if len(sheets) < 2:
            return self.filter(job=job).order_by("sheet", "row", "pk")
        places = [When(sheet=sheet, then=place) for place, sheet in enumerate(sheets)]
        return self.filter(job=job).order_by(Case(*places, default=len(sheets)), "sheet", "row", "pk")


class ImportRefusal(models.Model):
    """A row that was refused: where it stands, which column, what was there (masked), and why.

    `code` names the remedy, `hint` completes its sentence. `cells` is the whole row by its titles, sealed, so that
    whoever brought it in can correct it; it is forgotten some weeks later.
    """

    job = models.ForeignKey(RegisterImport, models.CASCADE, verbose_name=_("import"), related_name="refusals")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=50, blank=True)
    value = models.CharField(_("value"), max_length=100, blank=True)
    code = models.CharField(_("reason"), max_length=30)
    hint = models.CharField(_("hint"), max_length=500, blank=True)
    label = models.CharField(_("name"), max_length=120, blank=True)
    cells = SealedBytesField(_("content"), null=True)

    objects = ImportRefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["job", "pk"]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}"
